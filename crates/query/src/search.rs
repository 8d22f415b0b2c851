//! The tree as SQL: columns where they say exactly what is asked, the documents themselves elsewhere.
//!
//! SQLite asks the documents through a function of ours that runs the evaluator; PostgreSQL asks them in its own JSON
//! paths and operators. Every value is bound, and so is every name that comes from a caller.

mod columns;
mod groups;
mod order;
mod postgres;

use forecourt_record::spec::KindSpec;

use crate::{
    Backend, Lowered, Op, Value,
    lower::{phrase_query, text_query},
    path::Root,
    tree::{Node, Search, SortKey},
};
pub use columns::is_whole;
pub(crate) use columns::rounded;
use columns::{Column, beside};
pub use groups::{Kept, LoweredGroups, lower_groups, tallied_columns};
pub use order::cursor;

/// Our functions in SQLite: whether a document passes, and what it is sorted by. Each takes JSON and the three trees,
/// null for those it does not look at.
pub const PASSES: &str = "forecourt_passes";
pub const RANK: &str = "forecourt_rank";

/// A search as the pieces of a statement over the kind's table.
#[derive(Clone, Debug, PartialEq)]
pub struct LoweredSearch {
    /// Behind the table's name in FROM.
    pub joins: String,
    /// The condition, the cursor's place included.
    pub filter: String,
    pub order: String,
    pub values: Vec<Value>,
}

/// Lowers a question to a condition; the dealer is at `?1`, its own first place is `?first`. `scope` is the prefix of the dealer's words in the text
/// index.
pub fn lower_node(node: &Node, spec: &KindSpec, backend: Backend, scope: &str, first: usize) -> Lowered {
    let mut lowering = Lowering { spec, backend, scope, binds: Binds::from(first) };
    let sql = lowering.node(node);
    Lowered { sql, values: lowering.binds.values }
}

/// Lowers a page; its first place is `?first`.
pub fn lower_search(search: &Search, spec: &KindSpec, backend: Backend, scope: &str, first: usize) -> LoweredSearch {
    let mut lowering = Lowering { spec, backend, scope, binds: Binds::from(first) };
    let filter = lowering.node(&search.filter);
    let ordered = order::lower(search, backend, &mut lowering.binds);
    let filter = match ordered.after {
        Some(after) => format!("{filter} AND {after}"),
        None => filter,
    };
    LoweredSearch { joins: ordered.joins, filter, order: ordered.by, values: lowering.binds.values }
}

/// What SQLite's functions are handed: a question or a key as JSON, for the trees it looks at.
pub(crate) fn sqlite_call(name: &str, asked: &impl serde::Serialize, roots: &[Root], binds: &mut Binds) -> String {
    // What is made of texts, numbers and lists always has a JSON form.
    let asked = serde_json::to_string(asked).unwrap_or_default();
    let tree = |root: Root, column: &'static str| if roots.contains(&root) { column } else { "NULL" };
    let trees = [tree(Root::Doc, "doc"), tree(Root::Extra, "extra"), tree(Root::Computed, "computed")];
    format!("{name}({}, {})", binds.text(asked), trees.join(", "))
}

/// The values bound so far.
pub(crate) struct Binds {
    first: usize,
    values: Vec<Value>,
    /// Names given to parts of the statement.
    names: usize,
}

impl Binds {
    const fn from(first: usize) -> Self {
        Self { first, values: Vec::new(), names: 0 }
    }

    pub fn value(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.first + self.values.len() - 1)
    }

    pub fn text(&mut self, text: impl Into<String>) -> String {
        self.value(Value::Text(text.into()))
    }

    /// A place for a value of a type that PostgreSQL is told.
    pub fn cast(&mut self, text: impl Into<String>, kind: &str) -> String {
        format!("CAST({} AS {kind})", self.text(text))
    }

    pub fn name(&mut self) -> String {
        self.names += 1;
        format!("s{}", self.names)
    }
}

struct Lowering<'a> {
    spec: &'a KindSpec,
    backend: Backend,
    scope: &'a str,
    binds: Binds,
}

impl Lowering<'_> {
    fn node(&mut self, node: &Node) -> String {
        if self.backend == Backend::Sqlite && is_for_documents(node, self.spec) {
            return self.documents(node);
        }
        match node {
            Node::And(parts) => self.list(parts, Node::And, " AND ", "TRUE"),
            Node::Or(parts) => self.list(parts, Node::Or, " OR ", "FALSE"),
            // Three-valued logic: what is unknown does not match, so its opposite does.
            Node::Not(inner) => format!("(NOT COALESCE({}, FALSE))", self.node(inner)),
            Node::Text(words) => self.text(text_query(words, self.backend, self.scope)),
            Node::Phrase(words) => self.text(phrase_query(words, self.backend, self.scope)),
            leaf => match beside(leaf, self.spec, &mut self.binds) {
                Column::Exact(sql) => sql,
                Column::Narrows(sql) => format!("({sql} AND {})", self.documents(leaf)),
                Column::No => self.documents(leaf),
            },
        }
    }

    /// A condition that the documents themselves decide.
    fn documents(&mut self, node: &Node) -> String {
        match self.backend {
            Backend::Sqlite => {
                let mut roots = Vec::new();
                roots_of(node, &mut roots);
                sqlite_call(PASSES, node, &roots, &mut self.binds)
            }
            Backend::Postgres => postgres::condition(node, &mut self.binds),
        }
    }

    /// On SQLite, parts that only the documents decide are asked in one go, so that a document is read once.
    fn list(&mut self, parts: &[Node], join: fn(Vec<Node>) -> Node, joint: &str, empty: &str) -> String {
        let (together, mut parts): (Vec<&Node>, Vec<&Node>) =
            parts.iter().partition(|part| self.backend == Backend::Sqlite && is_for_documents(part, self.spec));
        let joined = match together.as_slice() {
            [] | [_] => None,
            many => Some(join(many.iter().map(|part| (*part).clone()).collect())),
        };
        // Last, so that what an index knows is asked first.
        match &joined {
            Some(joined) => parts.push(joined),
            None => parts.extend(together),
        }
        match parts.as_slice() {
            [] => empty.to_owned(),
            [only] => self.node(only),
            many => format!("({})", many.iter().map(|part| self.node(part)).collect::<Vec<_>>().join(joint)),
        }
    }

    fn text(&mut self, query: String) -> String {
        if query.is_empty() || self.spec.text.is_empty() {
            // Words without a letter or digit ask for nothing that any document has, and a kind without searched
            // fields has no words.
            return "FALSE".into();
        }
        let place = self.binds.text(query);
        let name = self.spec.name;
        match self.backend {
            Backend::Sqlite => format!("row IN (SELECT rowid FROM {name}_text WHERE {name}_text MATCH {place})"),
            Backend::Postgres => format!("words @@ CAST(CAST({place} AS TEXT) AS TSQUERY)"),
        }
    }
}

/// Whether nothing but the documents has a say in it.
fn is_for_documents(node: &Node, spec: &KindSpec) -> bool {
    match node {
        Node::And(parts) | Node::Or(parts) => {
            !parts.is_empty() && parts.iter().all(|part| is_for_documents(part, spec))
        }
        Node::Not(inner) => is_for_documents(inner, spec),
        Node::Text(_) | Node::Phrase(_) => false,
        leaf => matches!(beside(leaf, spec, &mut Binds::from(1)), Column::No),
    }
}

impl Node {
    /// Whether documents have to be looked into, for all that columns and the text index know.
    pub fn looks_into_documents(&self, spec: &KindSpec) -> bool {
        match self {
            // What an index narrows leaves few documents to look into.
            Self::And(parts) => {
                let narrows = |part: &Self| match part {
                    Self::Text(_) | Self::Phrase(_) => true,
                    Self::Compare(_, Op::Eq, _) | Self::In(..) => {
                        !matches!(beside(part, spec, &mut Binds::from(1)), Column::No)
                    }
                    _ => false,
                };
                !parts.iter().any(narrows) && parts.iter().any(|part| part.looks_into_documents(spec))
            }
            Self::Or(parts) => parts.iter().any(|part| part.looks_into_documents(spec)),
            Self::Not(inner) => inner.looks_into_documents(spec),
            Self::Text(_) | Self::Phrase(_) => false,
            leaf => matches!(beside(leaf, spec, &mut Binds::from(1)), Column::No),
        }
    }
}

/// The path a leaf looks at.
pub(crate) const fn path_of(node: &Node) -> Option<&crate::FieldPath> {
    match node {
        Node::Compare(path, ..)
        | Node::In(path, _)
        | Node::Exists(path)
        | Node::Type(path, _)
        | Node::Regex(path, _)
        | Node::Size(path, _)
        | Node::ElemMatch(path, ..)
        | Node::Mod(path, ..) => Some(path),
        Node::And(_) | Node::Or(_) | Node::Not(_) | Node::Text(_) | Node::Phrase(_) => None,
    }
}

/// The trees a question looks at.
fn roots_of(node: &Node, roots: &mut Vec<Root>) {
    match node {
        Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|part| roots_of(part, roots)),
        Node::Not(inner) => roots_of(inner, roots),
        leaf => roots.extend(path_of(leaf).map(|path| path.root)),
    }
}

/// The keys of a sort, for the functions of SQLite.
pub(crate) fn rank_call(key: &SortKey, binds: &mut Binds) -> String {
    sqlite_call(RANK, key, &[key.path.root], binds)
}

#[cfg(test)]
mod tests;
