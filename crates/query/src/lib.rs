//! The query tree: one meaning for every way of asking, lowered to the SQL of both databases.
//!
//! No I/O and no database: text in, text and values out. Every value is bound, never spliced.

mod asked;
mod eval;
mod evaluate;
pub mod group;
pub mod lhs;
mod literal;
mod lower;
mod path;
mod pattern;
mod print;
pub mod project;
pub mod q;
pub mod qs;
mod rank;
mod search;
pub mod sort;
mod tally;
mod tree;
pub mod wql;

use forecourt_record::{
    spec::{KindSpec, Type},
    text,
};
use serde::{Deserialize, Serialize};

pub use eval::{Compiled, Subject, rank_of, values_at};
pub use evaluate::matches;
pub use literal::Written;
pub use lower::{Backend, Lowered, lower, order, phrase_query, text_query};
pub use path::{Base, Column, FieldPath, Resolved, Root, UnknownPath};
pub use pattern::Pattern;
pub use print::q as as_q;
pub use rank::Rank;
pub use search::{
    Kept, LoweredGroups, LoweredSearch, PASSES, RANK, cursor, is_whole, lower_groups, lower_node, lower_search,
    tallied_columns,
};
pub use tally::{TallyPlan, node_tally_plan, tally_plan};
pub use tree::{Cursor, Element, JsonType, Literal, Node, Search, SortKey};
pub use wql::WqlContext;

/// A value a column is compared with. Instants are milliseconds, hundredths are integers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Text(String),
    Int(i64),
    Flag(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// How a column is compared with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    Eq,
    Ne,
    Gt,
    Gte,
    Lt,
    Lte,
}

/// A question over the hot columns and the text of a kind. `id`, `created_at` and `updated_at` are columns of every kind.
///
/// A missing value equals nothing, differs from everything and stands in no order; so does a value of another type
/// than the column's. A text is compared by the beginning that a column holds, see [`column_text`].
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Compare(&'static str, Op, Value),
    In(&'static str, Vec<Value>),
    Exists(&'static str),
    /// Every word stands in the document's text; one that ends in `*` begins a word of it.
    Text(Vec<String>),
}

impl Filter {
    /// The filter that everything passes.
    pub const fn all() -> Self {
        Self::And(Vec::new())
    }

    pub fn eq(column: &'static str, value: impl Into<Value>) -> Self {
        Self::Compare(column, Op::Eq, value.into())
    }

    pub fn compare(column: &'static str, op: Op, value: impl Into<Value>) -> Self {
        Self::Compare(column, op, value.into())
    }

    /// Whether it asks the text index.
    pub fn asks_words(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::asks_words),
            Self::Not(inner) => inner.asks_words(),
            Self::Text(_) => true,
            Self::Compare(..) | Self::In(..) | Self::Exists(_) => false,
        }
    }
}

/// Which way a column is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    Ascending,
    Descending,
}

/// A page of documents: which, in what order, how many. Ties are broken by id, in the direction of the last column.
#[derive(Clone, Debug)]
pub struct Find {
    pub filter: Filter,
    pub sort: Vec<(&'static str, Direction)>,
    pub skip: i64,
    pub limit: i64,
}

impl Find {
    /// The first `limit` that pass, newest first.
    pub fn newest(filter: Filter, limit: i64) -> Self {
        Self { filter, sort: vec![("created_at", Direction::Descending)], skip: 0, limit }
    }
}

/// The type of a column, when the kind has such a column.
pub(crate) fn column_type(spec: &KindSpec, column: &str) -> Option<Type> {
    match column {
        "id" => Some(Type::Text),
        "created_at" | "updated_at" => Some(Type::Instant),
        other => spec.hot(other).map(|hot| hot.kind),
    }
}

/// Bytes of a text that a column holds: what an index of PostgreSQL can carry, five of them in one key.
const LONGEST: usize = 256;

/// A text as a column holds it: a longer one is told apart by its beginning.
pub fn column_text(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// Whether a column's text may be the beginning of a longer one. A character has four bytes at most.
pub fn may_be_cut(text: &str) -> bool {
    text.len() > LONGEST - 4
}

/// The value as a column of this type holds it; none when it cannot hold such a value, which then equals nothing in it.
pub(crate) fn as_stored(kind: Type, value: &Value) -> Option<Value> {
    match (kind, value) {
        (Type::Text, Value::Text(text)) => Some(column_text(text).into()),
        (Type::Folded, Value::Text(text)) => Some(column_text(&text::folded(text)).into()),
        (Type::Int | Type::Hundredths | Type::Instant, Value::Int(_)) | (Type::Flag, Value::Flag(_)) => {
            Some(value.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_compared_as_its_column_holds_it() {
        let long = "é".repeat(200);
        for (kind, value, stored) in [
            (Type::Text, "Ana".into(), Some("Ana".into())),
            (Type::Text, long.as_str().into(), Some("é".repeat(128).into())),
            (Type::Folded, "Citroën C3".into(), Some("citroen c3".into())),
            (Type::Text, Value::Int(1), None),
            (Type::Flag, Value::Int(1), None),
            (Type::Flag, Value::Flag(true), Some(Value::Flag(true))),
            (Type::Instant, Value::Int(-1), Some(Value::Int(-1))),
            (Type::Hundredths, "1".into(), None),
        ] {
            assert_eq!(as_stored(kind, &value), stored, "{kind:?} {value:?}");
        }
    }
}
