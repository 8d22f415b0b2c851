//! The tree written down again: as a question of `q` and as WQL, for whoever wants to see how something would be asked.

use serde_json::{Map, Value, json};

use crate::{Element, FieldPath, JsonType, Node, Op, Root};

impl FieldPath {
    /// The path as a question names it: a column of our own by its name.
    pub fn name(&self) -> String {
        match (self.root, self.column) {
            (Root::Extra, Some(column)) => column.name.to_owned(),
            _ => self.text(),
        }
    }
}

impl Op {
    pub(crate) const fn sign(self) -> (&'static str, &'static str) {
        match self {
            Self::Eq => ("$eq", "="),
            Self::Ne => ("$ne", "!="),
            Self::Gt => ("$gt", ">"),
            Self::Gte => ("$gte", ">="),
            Self::Lt => ("$lt", "<"),
            Self::Lte => ("$lte", "<="),
        }
    }
}

impl JsonType {
    const fn alias(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Flag => "bool",
            Self::Int => "int",
            Self::Long => "long",
            Self::Double => "double",
            Self::Text => "string",
            Self::Object => "object",
            Self::Array => "array",
        }
    }
}

/// The question as `q` asks it; none where it has no words for it: for full text.
pub fn q(node: &Node) -> Option<Value> {
    Some(match node {
        Node::And(parts) if parts.is_empty() => json!({}),
        Node::And(parts) => joined(&parts.iter().map(q).collect::<Option<Vec<_>>>()?),
        Node::Or(ways) if ways.is_empty() => json!({"$nor": [{}]}),
        Node::Or(ways) => json!({"$or": ways.iter().map(q).collect::<Option<Vec<_>>>()?}),
        Node::Not(inner) => match inner.as_ref() {
            Node::Or(ways) if !ways.is_empty() => json!({"$nor": ways.iter().map(q).collect::<Option<Vec<_>>>()?}),
            inner => json!({"$nor": [q(inner)?]}),
        },
        Node::Text(_) | Node::Phrase(_) => return None,
        node => {
            let (path, operators) = operators(node)?;
            if path.root == Root::Element && path.segments.is_empty() {
                return None;
            }
            let mut question = Map::new();
            question.insert(path.name(), operators.into());
            question.into()
        }
    })
}

/// The path a node asks about, and the operators it asks with.
fn operators(node: &Node) -> Option<(&FieldPath, Map<String, Value>)> {
    let one = |path, name: &str, value: Value| {
        let mut operators = Map::new();
        operators.insert(name.to_owned(), value);
        Some((path, operators))
    };
    match node {
        Node::Compare(path, op, value) => one(path, op.sign().0, value.clone()),
        Node::In(path, values) => one(path, "$in", values.clone().into()),
        Node::Exists(path) => one(path, "$exists", true.into()),
        Node::Type(path, types) => {
            let names: Vec<&str> = types.iter().map(|kind| kind.alias()).collect();
            one(path, "$type", names.into())
        }
        Node::Regex(path, pattern) => {
            let (path, mut operators) = one(path, "$regex", pattern.source().into())?;
            if !pattern.options().is_empty() {
                operators.insert("$options".to_owned(), pattern.options().into());
            }
            Some((path, operators))
        }
        Node::Size(path, size) => one(path, "$size", (*size).into()),
        Node::Mod(path, divisor, remainder) => one(path, "$mod", json!([divisor, remainder])),
        Node::ElemMatch(path, Element::Object, inner) => one(path, "$elemMatch", q(inner)?),
        Node::ElemMatch(path, Element::Value, inner) => one(path, "$elemMatch", of_element(inner)?.into()),
        _ => None,
    }
}

/// Operators that are asked of an element itself.
fn of_element(node: &Node) -> Option<Map<String, Value>> {
    let parts = match node {
        Node::And(parts) => parts.as_slice(),
        node => std::slice::from_ref(node),
    };
    let mut all = Map::new();
    for part in parts {
        let more = match part {
            Node::Not(inner) => Map::from_iter([("$not".to_owned(), of_element(inner)?.into())]),
            part => {
                let (path, operators) = operators(part)?;
                if !path.segments.is_empty() {
                    return None;
                }
                operators
            }
        };
        for (name, value) in more {
            if all.insert(name, value).is_some() {
                return None;
            }
        }
    }
    (!all.is_empty()).then_some(all)
}

/// One document for all parts, where no two of them ask the same of the same field.
fn joined(parts: &[Value]) -> Value {
    let mut all = Map::new();
    for part in parts {
        let only = part.as_object().filter(|part| part.len() == 1).and_then(|part| part.iter().next());
        if only.is_none_or(|(name, asked)| !join(&mut all, name, asked)) {
            return json!({"$and": parts});
        }
    }
    all.into()
}

/// Adds what is asked of a field, unless that is asked already.
fn join(all: &mut Map<String, Value>, name: &str, asked: &Value) -> bool {
    match (all.get_mut(name), asked) {
        (None, asked) => all.insert(name.to_owned(), asked.clone()).is_none(),
        (Some(Value::Object(known)), Value::Object(more)) if more.keys().all(|name| !known.contains_key(name)) => {
            known.extend(more.clone());
            true
        }
        _ => false,
    }
}
