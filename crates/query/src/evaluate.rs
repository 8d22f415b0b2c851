//! The same tree over a document in memory: the oracle the databases are tested against.

use std::cmp::Ordering;

use forecourt_record::spec::KindSpec;

use crate::{Filter, Op, Value, as_stored, column_type, lower::terms};

/// Whether a document of the kind passes. `column` gives the value a column holds; `words` are the document's search
/// tokens, none for a kind that is not searched.
pub fn matches(filter: &Filter, spec: &KindSpec, column: &impl Fn(&str) -> Option<Value>, words: &[String]) -> bool {
    let stored = |name: &str, value: &Value| column_type(spec, name).and_then(|kind| as_stored(kind, value));
    match filter {
        Filter::And(parts) => parts.iter().all(|part| matches(part, spec, column, words)),
        Filter::Or(parts) => parts.iter().any(|part| matches(part, spec, column, words)),
        Filter::Not(inner) => !matches(inner, spec, column, words),
        Filter::Compare(name, op, value) => {
            let order = column(name).zip(stored(name, value)).and_then(|(found, value)| compare(&found, &value));
            match op {
                Op::Eq => order == Some(Ordering::Equal),
                Op::Ne => order != Some(Ordering::Equal),
                Op::Gt => order == Some(Ordering::Greater),
                Op::Gte => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
                Op::Lt => order == Some(Ordering::Less),
                Op::Lte => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            }
        }
        Filter::In(name, values) => {
            column(name).is_some_and(|found| values.iter().any(|value| stored(name, value).as_ref() == Some(&found)))
        }
        Filter::Exists(name) => column(name).is_some(),
        Filter::Text(asked) => {
            let asked: Vec<(String, bool)> = asked.iter().flat_map(|word| terms(word)).collect();
            let found = |(token, begins): &(String, bool)| {
                words.iter().any(|word| if *begins { word.starts_with(token.as_str()) } else { word == token })
            };
            !asked.is_empty() && asked.iter().all(found)
        }
    }
}

fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Flag(left), Value::Flag(right)) => Some(left.cmp(right)),
        _ => None,
    }
}
