//! Which maintained count answers a question, so that an exact total never scans.

use std::{cmp::Reverse, collections::BTreeMap};

use forecourt_record::spec::{KindSpec, Tally, Type};

use crate::{Filter, Literal, Node, Op, Value, as_stored, column_type, search::is_whole};

/// A tally and, for each of its columns, the values wanted; `None` takes every value.
#[derive(Clone, Debug)]
pub struct TallyPlan {
    pub tally: &'static Tally,
    pub wanted: Vec<Option<Vec<String>>>,
}

/// The tally that counts exactly what passes `filter` from the fewest rows; none when the filter asks for more than
/// equality on tallied columns. A kind declares its narrow tallies before its wide ones.
pub fn tally_plan(filter: &Filter, spec: &'static KindSpec) -> Option<TallyPlan> {
    let mut wanted = BTreeMap::new();
    conjunction(filter, spec, &mut wanted)?;
    plan(&wanted, spec, &[])
}

/// The same for a question of the query tree; the tally has the columns of `also` too.
pub fn node_tally_plan(node: &Node, spec: &'static KindSpec, also: &[&str]) -> Option<TallyPlan> {
    let mut wanted = BTreeMap::new();
    node_conjunction(node, &mut wanted)?;
    plan(&wanted, spec, also)
}

fn plan(wanted: &Wanted, spec: &'static KindSpec, also: &[&str]) -> Option<TallyPlan> {
    let has = |tally: &Tally, column: &str| tally.by.contains(&column);
    let covers =
        |tally: &&Tally| wanted.keys().all(|column| has(tally, column)) && also.iter().all(|column| has(tally, column));
    // Among those that cover: the longest beginning whose values are given, then the one declared first.
    let given = |tally: &&Tally| tally.by.iter().take_while(|column| wanted.contains_key(*column)).count();
    let tally = spec.tallies.iter().filter(covers).min_by_key(|tally| Reverse(given(tally)))?;
    Some(TallyPlan { tally, wanted: tally.by.iter().map(|column| wanted.get(column).cloned()).collect() })
}

/// The values wanted of each column.
type Wanted = BTreeMap<&'static str, Vec<String>>;

/// The filter as "column is one of", or none when it is anything else.
fn conjunction(filter: &Filter, spec: &KindSpec, wanted: &mut Wanted) -> Option<()> {
    let text = |column: &str, value: &Value| match as_stored(column_type(spec, column)?, value)? {
        Value::Text(text) => Some(text),
        Value::Int(_) | Value::Flag(_) => None,
    };
    let (column, values) = match filter {
        Filter::And(parts) => {
            return parts.iter().try_for_each(|part| conjunction(part, spec, wanted));
        }
        Filter::Compare(column, Op::Eq, value) => (*column, vec![text(column, value)?]),
        Filter::In(column, values) => {
            (*column, values.iter().map(|value| text(column, value)).collect::<Option<Vec<_>>>()?)
        }
        Filter::Or(_) | Filter::Not(_) | Filter::Compare(..) | Filter::Exists(_) | Filter::Text(_) => return None,
    };
    narrow(wanted, column, values);
    Some(())
}

/// The question as "column is one of", or none when it is anything else, or a column cannot tell it exactly.
fn node_conjunction(node: &Node, wanted: &mut Wanted) -> Option<()> {
    let (path, literals) = match node {
        Node::And(parts) => return parts.iter().try_for_each(|part| node_conjunction(part, wanted)),
        Node::Compare(path, Op::Eq, literal) => (path, std::slice::from_ref(literal)),
        Node::In(path, literals) => (path, literals.as_slice()),
        _ => return None,
    };
    let column = path.column.filter(|column| column.kind == Type::Text)?;
    let text = |literal: &Literal| literal.as_str().filter(|text| is_whole(text)).map(str::to_owned);
    let values: Vec<String> = literals.iter().map(text).collect::<Option<_>>()?;
    narrow(wanted, column.name, values);
    Some(())
}

/// The column is one of these too.
fn narrow(wanted: &mut Wanted, column: &'static str, mut values: Vec<String>) {
    if let Some(earlier) = wanted.get(column) {
        values.retain(|value| earlier.contains(value));
    }
    values.sort_unstable();
    values.dedup();
    wanted.insert(column, values);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use forecourt_record::{Kind as _, SaleLead};

    use super::*;

    fn plan(filter: &Filter) -> Option<&'static [&'static str]> {
        tally_plan(filter, SaleLead::SPEC).map(|plan| plan.tally.by)
    }

    #[test]
    fn the_narrowest_covering_tally_is_taken() {
        let status = Filter::eq("status", "new");
        let location = Filter::eq("location", "houston");
        assert_eq!(plan(&Filter::all()), Some(&[][..]));
        assert_eq!(plan(&status), Some(&["status"][..]));
        assert_eq!(plan(&location), Some(&["location", "status"][..]));
        assert_eq!(plan(&Filter::And(vec![status.clone(), location.clone()])), Some(&["location", "status"][..]));
        assert_eq!(plan(&Filter::eq("filter", "A")), Some(&["filter", "status"][..]));
        assert_eq!(
            plan(&Filter::And(vec![location, Filter::eq("source", "web")])),
            Some(&["location", "status", "filter", "source", "owner"][..])
        );
        assert_eq!(plan(&Filter::compare("score", Op::Gte, 70)), None);
        assert_eq!(plan(&Filter::Not(Box::new(status))), None);
    }

    #[test]
    fn the_same_column_twice_wants_what_both_allow() {
        let both = Filter::And(vec![
            Filter::In("status", vec!["new".into(), "sold".into()]),
            Filter::In("status", vec!["sold".into(), "lost".into()]),
        ]);
        assert_eq!(tally_plan(&both, SaleLead::SPEC).unwrap().wanted, [Some(vec!["sold".to_owned()])]);
    }
}
