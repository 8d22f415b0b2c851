//! The query tree: one question over a kind's documents, with MongoDB's meaning, however it was asked.
//!
//! Every way of asking builds this tree; the evaluator and both databases answer it alike. Paths are resolved and
//! literals converted to what documents hold when the tree is built, so nothing below needs the schema again.

use serde::{Deserialize, Serialize};
pub use serde_json::Value as Literal;

use crate::{Direction, Op, path::FieldPath, pattern::Pattern};

/// A question. Several values may stand at a path; a condition holds when one of them meets it, see each node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Node {
    /// All of these; everything passes when there are none.
    And(Vec<Node>),
    /// Any of these; nothing passes when there are none.
    Or(Vec<Node>),
    /// What does not pass the other.
    Not(Box<Node>),
    /// A value at the path, or an element of an array there, stands so to the literal. Only values of the literal's type
    /// have an order with it. Null equals what is null or missing.
    Compare(FieldPath, Op, Literal),
    /// Equal to any of these.
    In(FieldPath, Vec<Literal>),
    /// There is a value, be it null.
    Exists(FieldPath),
    /// A value or element is of one of these types.
    Type(FieldPath, Vec<JsonType>),
    /// A text matches.
    Regex(FieldPath, Pattern),
    /// An array has so many elements.
    Size(FieldPath, u64),
    /// The array has an element that passes, whose paths begin in [`crate::Root::Element`].
    ElemMatch(FieldPath, Element, Box<Node>),
    /// A whole number leaves the remainder when it is divided.
    Mod(FieldPath, i64, i64),
    /// Every word stands in the document's text; one that ends in `*` begins a word of it.
    Text(Vec<String>),
    /// These words, whole, stand side by side and in this order in one of the document's texts.
    Phrase(Vec<String>),
}

/// Which elements an [`Node::ElemMatch`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Element {
    /// Objects, and arrays taken as objects whose names are numbers.
    Object,
    /// Any element, as it stands.
    Value,
}

/// A type as it can be told in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JsonType {
    Null,
    Flag,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits that does not fit 32.
    Long,
    /// Any other number.
    Double,
    Text,
    Object,
    Array,
}

impl Node {
    /// What every document passes.
    pub const fn all() -> Self {
        Self::And(Vec::new())
    }

    /// What no document passes.
    pub const fn none() -> Self {
        Self::Or(Vec::new())
    }

    /// Whether it asks the text index.
    pub fn asks_words(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::asks_words),
            Self::Not(inner) => inner.asks_words(),
            Self::Text(_) | Self::Phrase(_) => true,
            _ => false,
        }
    }

    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Both; saves a level where one of them is everything.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::And(parts), other) if parts.is_empty() => other,
            (this, Self::And(parts)) if parts.is_empty() => this,
            (Self::And(mut parts), other) => {
                parts.push(other);
                Self::And(parts)
            }
            (this, other) => Self::And(vec![this, other]),
        }
    }

    pub fn eq(path: FieldPath, literal: impl Into<Literal>) -> Self {
        Self::Compare(path, Op::Eq, literal.into())
    }
}

/// A field to sort by. An array stands where its least element would upwards, where its greatest would downwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SortKey {
    pub path: FieldPath,
    pub direction: Direction,
}

/// A page of documents: which, in what order, how many. Ties are broken by id, in the direction of the last key.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    pub filter: Node,
    pub sort: Vec<SortKey>,
    pub skip: i64,
    pub limit: i64,
    /// Go on behind this document, which was the last of the page before; `skip` counts from there.
    pub after: Option<Cursor>,
}

impl Search {
    /// The first `limit` that pass, in the order of their ids.
    pub const fn first(filter: Node, limit: i64) -> Self {
        Self { filter, sort: Vec::new(), skip: 0, limit, after: None }
    }
}

/// Where a page ended: what the last document was sorted by, and its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    pub keys: Vec<crate::Rank>,
    pub id: String,
}
