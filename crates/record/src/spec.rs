//! What a kind declares about itself, so that the store, the query and the checks need no code of their own for it.

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

/// A field that names a document of another kind.
#[derive(Clone, Copy, Debug)]
pub struct Reference {
    pub column: &'static str,
    pub kind: &'static str,
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
}

impl KindSpec {
    pub fn hot(&self, column: &str) -> Option<&'static Hot> {
        self.hot.iter().find(|hot| hot.column == column)
    }
}

/// Shorthand for the tables of the kinds: `hot(column, part, path, type)`.
pub const fn hot(column: &'static str, part: Part, path: &'static str, kind: Type) -> Hot {
    Hot { column, part, path, kind }
}

pub const fn tally(by: &'static [&'static str]) -> Tally {
    Tally { by }
}

pub const fn reference(column: &'static str, kind: &'static str) -> Reference {
    Reference { column, kind }
}
