//! Groups as SQL, where what a document is grouped by is one value that a column or its text says exactly.

use std::fmt::Write as _;

use forecourt_record::{
    Instant,
    shape::Leaf,
    spec::{KindSpec, Type},
};

use super::{Binds, Lowering};
use crate::{Backend, FieldPath, Node, Value, group::GroupKey, path::Root};

/// A question for groups as the pieces of a statement over the kind's table.
#[derive(Clone, Debug, PartialEq)]
pub struct LoweredGroups {
    /// How each key comes back, in one column or, of a quarter of an hour, two.
    pub kept: Vec<Kept>,
    /// What is selected.
    pub columns: Vec<String>,
    /// What is grouped by.
    pub by: Vec<String>,
    pub filter: String,
    pub values: Vec<Value>,
}

/// How a key comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    Text,
    /// A text from a column, which holds the beginning only of a long one.
    Column,
    /// As milliseconds.
    Instant,
    /// As milliseconds, the first and the last of a group's within a quarter of an hour. Where both lie in the same
    /// stretch of the calendar, all of them do: local time jumps once in a quarter of an hour at most.
    Quarter,
    Integer,
    Flag,
}

/// A quarter of an hour, in milliseconds. Local days begin at a multiple of it, but where clocks jump just then.
const QUARTER: i64 = 900_000;

/// Lowers a question for groups; the dealer is at `?1`, its own first place is `?first`. None where a key may have several
/// values, or is not told exactly by what SQL sees of it: then the documents have to be looked at one by one.
pub fn lower_groups(
    filter: &Node,
    keys: &[GroupKey],
    spec: &KindSpec,
    backend: Backend,
    scope: &str,
    first: usize,
) -> Option<LoweredGroups> {
    let mut lowering = Lowering { spec, backend, scope, binds: Binds::from(first) };
    let filter = lowering.node(filter);
    let (mut kept, mut columns, mut by) = (Vec::new(), Vec::new(), Vec::new());
    for key in keys {
        let (name, how) = lowered(key, backend, &mut lowering.binds)?;
        if how == Kept::Quarter {
            columns.extend([format!("min({name})"), format!("max({name})")]);
            by.push(format!("{name} / {QUARTER}"));
        } else {
            columns.push(name.clone());
            by.push(name);
        }
        kept.push(how);
    }
    Some(LoweredGroups { kept, columns, by, filter, values: lowering.binds.values })
}

/// The columns by which a tally would have to count; none where a key is no such column.
pub fn tallied_columns(keys: &[GroupKey]) -> Option<Vec<&'static str>> {
    let column = |key: &GroupKey| {
        let column = key.path.column.filter(|column| column.kind == Type::Text && is_text(&key.path))?;
        key.by.is_none().then_some(column.name)
    };
    keys.iter().map(column).collect()
}

const fn is_text(path: &FieldPath) -> bool {
    matches!(path.leaf, Leaf::Text | Leaf::Id)
}

fn lowered(key: &GroupKey, backend: Backend, binds: &mut Binds) -> Option<(String, Kept)> {
    let path = &key.path;
    let Some(column) = path.column else {
        return text_at(path, backend, binds).filter(|_| key.by.is_none()).map(|sql| (sql, Kept::Text));
    };
    let name = column.name;
    match (&key.by, column.kind) {
        (Some(_), Type::Instant) => Some((name.into(), Kept::Quarter)),
        (None, Type::Instant) => Some((name.into(), Kept::Instant)),
        (None, Type::Text) if is_text(path) => Some((name.into(), Kept::Column)),
        (None, Type::Int) if path.leaf == Leaf::Integer => Some((name.into(), Kept::Integer)),
        (None, Type::Flag) => Some((name.into(), Kept::Flag)),
        _ => None,
    }
}

/// The text at a path of a tree, where there is one at most.
fn text_at(path: &FieldPath, backend: Backend, binds: &mut Binds) -> Option<String> {
    let tree = match path.root {
        Root::Doc => "doc",
        Root::Extra => "extra",
        Root::Computed => "computed",
        Root::Element => return None,
    };
    // Names that would have to be written in another way are left to the documents.
    let is_plain = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if path.many || path.is_indexed() || !is_text(path) || !path.segments.iter().all(is_plain) {
        return None;
    }
    let (last, before) = path.segments.split_last()?;
    Some(match backend {
        Backend::Sqlite => format!("{tree} ->> {}", binds.text(format!("$.{}", path.segments.join(".")))),
        Backend::Postgres => {
            let mut steps = String::new();
            for name in before {
                let _ = write!(steps, " -> {}", binds.cast(name, "TEXT"));
            }
            format!("{tree}{steps} ->> {}", binds.cast(last, "TEXT"))
        }
    })
}

impl GroupKey {
    /// The value of a key that came back as milliseconds.
    pub fn at(&self, millis: i64) -> serde_json::Value {
        let at = Instant::from_millis(millis);
        match &self.by {
            None => at.to_string().into(),
            Some(calendar) => calendar.first_day(at).to_string().into(),
        }
    }
}
