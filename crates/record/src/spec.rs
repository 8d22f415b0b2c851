//! What a kind declares about itself, so that the store, the query and the checks need no code of their own for it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize as _;
use serde_json::Value;

use crate::{Kind, LeadType, Shape, published};

/// Which of a document's three trees a path starts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Doc,
    Extra,
    Computed,
}

/// The type of a hot column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Text,
    /// Text compared without case and accents: stored as its search tokens, joined by a space.
    Folded,
    Int,
    /// A decimal number of currency units, stored as an integer of hundredths.
    Hundredths,
    /// RFC 3339 in the tree, milliseconds in the column.
    Instant,
    Flag,
}

/// A field that is a real column, filled by the store from the document in the same statement.
#[derive(Clone, Copy, Debug)]
pub struct Hot {
    pub column: &'static str,
    pub part: Part,
    /// Dotted; a number names an array element.
    pub path: &'static str,
    pub kind: Type,
}

/// A count kept exact in every transaction: how many documents have each combination of these columns.
#[derive(Clone, Copy, Debug)]
pub struct Tally {
    /// Hot columns, the one most often given first.
    pub by: &'static [&'static str],
}

/// Which kind of document a reference leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The collection.
    Kind(&'static str),
    /// The kind of lead that `lead_type` beside the reference says; a sale lead where it says nothing.
    Lead,
}

/// How long a reference holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// The document belongs to the one it names, and is deleted with it.
    Belongs,
    /// What it names existed when it was written and may be gone since.
    Mentions,
}

/// A field that names a document of another kind.
#[derive(Clone, Copy, Debug)]
pub struct Reference {
    pub part: Part,
    /// Dotted. Where it leads through an array, each element has a reference.
    pub path: &'static str,
    pub target: Target,
    pub bond: Bond,
}

/// A field with several values, or one inside an array, that is looked up by equality.
#[derive(Clone, Copy, Debug)]
pub struct Multi {
    /// What the values are called in the table of such values, unique within the kind.
    pub field: &'static str,
    pub part: Part,
    /// Dotted; led through arrays, it stands for the values of all their elements.
    pub path: &'static str,
}

/// The types of a kind, as functions: for code that knows the kind by its declaration only.
#[derive(Clone, Copy, Debug)]
pub struct KindTypes {
    /// The schema of the kind's own members.
    pub doc: fn(&mut SchemaGenerator) -> Schema,
    pub computed: fn(&mut SchemaGenerator) -> Schema,
    /// The part that only we know, of a document nothing is known of yet.
    pub extra: fn() -> serde_json::Result<Value>,
    /// The kind's own members read and written again: instants become UTC with milliseconds, what is empty is left out.
    pub canonical: fn(Value) -> serde_json::Result<Value>,
    /// The part that only we know, from the kind's own members and as it was: see [`Kind::follow`].
    pub followed: fn(&Value, &Value) -> serde_json::Result<Value>,
}

impl KindTypes {
    pub const fn of<K: Kind>() -> Self {
        Self {
            doc: K::json_schema,
            computed: K::Computed::json_schema,
            extra: extra::<K>,
            canonical: canonical::<K>,
            followed: followed::<K>,
        }
    }
}

fn extra<K: Kind>() -> serde_json::Result<Value> {
    serde_json::to_value(K::Extra::default())
}

fn followed<K: Kind>(doc: &Value, extra: &Value) -> serde_json::Result<Value> {
    let mut followed = if extra.is_null() { K::Extra::default() } else { K::Extra::deserialize(extra)? };
    K::deserialize(doc)?.follow(&mut followed);
    serde_json::to_value(followed)
}

fn canonical<K: Kind>(doc: Value) -> serde_json::Result<Value> {
    serde_json::to_value(serde_json::from_value::<K>(doc)?)
}

/// The values a dotted path leads to, in the order of the tree: through every element of an array, unless a number in
/// the path names one.
pub fn values_at<'a>(tree: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![tree];
    for segment in path.split('.') {
        let at = segment.parse::<usize>().ok();
        let mut next = Vec::new();
        for value in found {
            match (value, at) {
                (Value::Array(items), Some(at)) => next.extend(items.get(at)),
                (Value::Array(items), None) => next.extend(items.iter().filter_map(|item| item.get(segment))),
                (value, _) => next.extend(value.get(segment)),
            }
        }
        found = next;
    }
    found.into_iter().flat_map(|value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)).collect()
}

impl Multi {
    /// The texts a document has at the path, each once.
    pub fn values<'a>(&self, tree: &'a Value) -> Vec<&'a str> {
        let mut values = Vec::new();
        for text in values_at(tree, self.path).into_iter().filter_map(Value::as_str) {
            if !values.contains(&text) {
                values.push(text);
            }
        }
        values
    }
}

impl Reference {
    /// The kind and id of every document that this one names here. `tree` is that of the reference's part.
    pub fn named<'a>(&self, tree: &'a Value) -> Vec<(&'static str, &'a str)> {
        let kind = match self.target {
            Target::Kind(kind) => kind,
            Target::Lead => LeadType::kind_of(tree.get("lead_type").and_then(Value::as_str)),
        };
        values_at(tree, self.path).into_iter().filter_map(Value::as_str).map(|id| (kind, id)).collect()
    }
}

/// Everything the store knows of a kind.
#[derive(Debug)]
pub struct KindSpec {
    /// The collection: plural, the table's name and the published resource's.
    pub name: &'static str,
    /// One of them, in a sentence.
    pub singular: &'static str,
    pub hot: &'static [Hot],
    /// Texts a person would search by.
    pub text: &'static [(Part, &'static str)],
    pub tallies: &'static [Tally],
    /// Up to two integer hot columns summed beside every tally.
    pub measures: &'static [&'static str],
    pub references: &'static [Reference],
    pub multi: &'static [Multi],
    pub types: KindTypes,
}

/// A kind is known by its name.
impl PartialEq for KindSpec {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for KindSpec {}

impl KindSpec {
    pub fn hot(&self, column: &str) -> Option<&'static Hot> {
        self.hot.iter().find(|hot| hot.column == column)
    }

    /// The hot column that holds this path.
    pub fn hot_at(&self, part: Part, path: &str) -> Option<&'static Hot> {
        self.hot.iter().find(|hot| hot.part == part && hot.path == path)
    }

    /// The shape of the whole published document: the kind's own members, those that every document has, and `computed`.
    /// Compiled once.
    pub fn published(&self) -> &'static Shape {
        published::shape(self)
    }
}

/// Shorthand for the tables of the kinds: `hot(column, part, path, type)`.
pub const fn hot(column: &'static str, part: Part, path: &'static str, kind: Type) -> Hot {
    Hot { column, part, path, kind }
}

pub const fn tally(by: &'static [&'static str]) -> Tally {
    Tally { by }
}

/// The document belongs to the one this path names: `belongs("client_id", "clients")`.
pub const fn belongs(path: &'static str, kind: &'static str) -> Reference {
    Reference { part: Part::Doc, path, target: Target::Kind(kind), bond: Bond::Belongs }
}

/// The document belongs to the lead that `lead_id` and `lead_type` name.
pub const fn belongs_to_lead() -> Reference {
    Reference { part: Part::Doc, path: "lead_id", target: Target::Lead, bond: Bond::Belongs }
}

/// The document names another, which may be deleted without it.
pub const fn mentions(path: &'static str, kind: &'static str) -> Reference {
    Reference { part: Part::Doc, path, target: Target::Kind(kind), bond: Bond::Mentions }
}

impl Reference {
    /// The same reference, out of the part that is never published.
    #[must_use]
    pub const fn in_extra(self) -> Self {
        Self { part: Part::Extra, ..self }
    }
}

/// Shorthand: `multi(field, part, path)`.
pub const fn multi(field: &'static str, part: Part, path: &'static str) -> Multi {
    Multi { field, part, path }
}
