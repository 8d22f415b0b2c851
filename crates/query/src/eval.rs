//! The tree over documents in memory: the meaning that both databases are held to.

use std::cmp::Ordering;

use forecourt_record::spec::Type;
use regex::Regex;
use serde_json::{Number, Value};

use crate::{
    Direction, Op, column_text,
    lower::terms,
    path::{Column, FieldPath, Root, index},
    rank::{self, Decimal, Rank},
    tree::{Element, JsonType, Node, SortKey},
};

/// A document to be asked: its three trees and its words.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub doc: &'a Value,
    pub extra: &'a Value,
    pub computed: &'a Value,
    /// The document's search words, see [`forecourt_record::text::words`].
    pub words: &'a [String],
}

/// What stands at a path.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// An object on the way lacks the name, or something else than an object or array stands there.
    Missing,
    Value(&'a Value),
    /// An element named by its number, or looked at by itself: an array here is not taken apart.
    Whole(&'a Value),
}

impl Node {
    /// Whether a document passes.
    pub fn passes(&self, subject: Subject<'_>) -> bool {
        Compiled::new(self.clone()).passes(subject)
    }
}

/// A node with its patterns ready, for asking many documents.
pub struct Compiled {
    /// Without its parts.
    node: Node,
    regex: Option<Regex>,
    parts: Vec<Compiled>,
}

impl Compiled {
    pub fn new(mut node: Node) -> Self {
        let (mut regex, mut parts) = (None, Vec::new());
        match &mut node {
            Node::And(nodes) | Node::Or(nodes) => parts.extend(nodes.drain(..).map(Self::new)),
            Node::Not(inner) | Node::ElemMatch(_, _, inner) => {
                parts.push(Self::new(std::mem::replace(inner, Node::all())));
            }
            // It was compiled when it was checked.
            Node::Regex(_, pattern) => regex = pattern.compile().ok(),
            _ => {}
        }
        Self { node, regex, parts }
    }

    pub fn passes(&self, subject: Subject<'_>) -> bool {
        self.test(Scope { subject, element: &Value::Null })
    }

    /// The names at the top of each tree that are looked at: a reader need not take in the others.
    pub fn names(&self) -> Vec<(Root, String)> {
        let mut names: Vec<_> = self.parts.iter().flat_map(Self::names).collect();
        names.extend(crate::search::path_of(&self.node).and_then(FieldPath::top));
        names
    }

    fn test(&self, scope: Scope<'_>) -> bool {
        match &self.node {
            Node::And(_) => self.parts.iter().all(|part| part.test(scope)),
            Node::Or(_) => self.parts.iter().any(|part| part.test(scope)),
            Node::Not(_) => !self.parts.iter().any(|part| part.test(scope)),
            Node::Compare(path, Op::Ne, literal) => !compare(scope, path, Op::Eq, literal),
            Node::Compare(path, op, literal) => compare(scope, path, *op, literal),
            Node::In(path, literals) => literals.iter().any(|literal| compare(scope, path, Op::Eq, literal)),
            Node::Exists(path) => scope.any(path, &|found| !matches!(found, Found::Missing)),
            Node::Type(path, types) => scope.any_value(path, &|value| types.iter().any(|kind| kind.holds(value))),
            Node::Regex(path, _) => {
                let matches = |text: &str| self.regex.as_ref().is_some_and(|regex| regex.is_match(text));
                scope.any_value(path, &|value| value.as_str().is_some_and(matches))
            }
            Node::Size(path, size) => scope.any(path, &|found| match found {
                Found::Value(Value::Array(items)) | Found::Whole(Value::Array(items)) => items.len() as u64 == *size,
                _ => false,
            }),
            Node::Mod(path, divisor, remainder) => scope.any_value(path, &|value| match value {
                Value::Number(number) => {
                    let whole = Decimal::of(number).truncated();
                    whole.is_some_and(|whole| whole.wrapping_rem(*divisor) == *remainder)
                }
                _ => false,
            }),
            Node::ElemMatch(path, element, _) => scope.any(path, &|found| match found {
                Found::Value(Value::Array(items)) | Found::Whole(Value::Array(items)) => {
                    let looks_at = |item: &&Value| *element == Element::Value || item.is_object() || item.is_array();
                    let passes =
                        |item: &Value| self.parts.iter().all(|part| part.test(Scope { element: item, ..scope }));
                    items.iter().filter(looks_at).any(passes)
                }
                _ => false,
            }),
            Node::Text(asked) => {
                let asked: Vec<(String, bool)> = asked.iter().flat_map(|word| terms(word)).collect();
                let found = |(token, begins): &(String, bool)| {
                    let words = &mut scope.subject.words.iter();
                    words.any(|word| if *begins { word.starts_with(token.as_str()) } else { word == token })
                };
                !asked.is_empty() && asked.iter().all(found)
            }
            Node::Phrase(words) => {
                !words.is_empty() && scope.subject.words.windows(words.len()).any(|window| window == words)
            }
        }
    }
}

fn compare(scope: Scope<'_>, path: &FieldPath, op: Op, literal: &Value) -> bool {
    match op {
        Op::Eq if literal.is_null() => scope.any(path, &|found| match found {
            Found::Missing => true,
            found => values_of(found, &|value| value.is_null()),
        }),
        Op::Eq => scope.any_value(path, &|value| rank::equal(value, literal)),
        Op::Ne => !compare(scope, path, Op::Eq, literal),
        Op::Gt | Op::Gte | Op::Lt | Op::Lte => {
            scope.any_value(path, &|value| rank::order(value, literal).is_some_and(|order| op.allows(order)))
        }
    }
}

impl Op {
    fn allows(self, order: Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Gt => order.is_gt(),
            Self::Gte => order.is_ge(),
            Self::Lt => order.is_lt(),
            Self::Lte => order.is_le(),
        }
    }
}

impl JsonType {
    fn holds(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null)
            | (Self::Flag, Value::Bool(_))
            | (Self::Text, Value::String(_))
            | (Self::Object, Value::Object(_))
            | (Self::Array, Value::Array(_)) => true,
            (Self::Int | Self::Long | Self::Double, Value::Number(number)) => self == number_type(number),
            _ => false,
        }
    }
}

/// By value, not by writing: 1.0 is a whole number.
fn number_type(number: &Number) -> JsonType {
    let decimal = Decimal::of(number);
    match decimal.truncated().filter(|_| decimal.is_whole()) {
        Some(whole) if i32::try_from(whole).is_ok() => JsonType::Int,
        Some(_) => JsonType::Long,
        None => JsonType::Double,
    }
}

/// What paths begin in.
#[derive(Clone, Copy)]
struct Scope<'a> {
    subject: Subject<'a>,
    element: &'a Value,
}

impl<'a> Scope<'a> {
    /// Whether something at the path passes.
    fn any(self, path: &FieldPath, test: &dyn Fn(Found<'a>) -> bool) -> bool {
        let mut passed = false;
        self.each(path, &mut |found| passed = passed || test(found));
        passed
    }

    /// Whether a value at the path passes, or an element of an array there.
    fn any_value(self, path: &FieldPath, test: &dyn Fn(&'a Value) -> bool) -> bool {
        self.any(path, &|found| values_of(found, test))
    }

    fn each(self, path: &FieldPath, act: &mut dyn FnMut(Found<'a>)) {
        let start = match path.root {
            Root::Doc => self.subject.doc,
            Root::Extra => self.subject.extra,
            Root::Computed => self.subject.computed,
            Root::Element => self.element,
        };
        match (path.root, path.segments.is_empty()) {
            (Root::Element, true) => act(Found::Whole(start)),
            _ => numbered(start, &path.segments, act),
        }
    }
}

fn values_of<'a>(found: Found<'a>, test: &dyn Fn(&'a Value) -> bool) -> bool {
    match found {
        Found::Missing => false,
        Found::Whole(value) => test(value),
        Found::Value(value) => test(value) || value.as_array().is_some_and(|items| items.iter().any(test)),
    }
}

/// Everything at a path, in MongoDB's way: a name is looked up in an object; in an array it is looked up in every object
/// there, and a number names an element too. Arrays inside arrays are entered by number only.
fn walk<'a>(value: &'a Value, segments: &[String], act: &mut dyn FnMut(Found<'a>)) {
    let Some((name, rest)) = segments.split_first() else {
        return act(Found::Value(value));
    };
    let Value::Array(items) = value else {
        return match value.get(name) {
            Some(member) => walk(member, rest, act),
            None => act(Found::Missing),
        };
    };
    for item in items.iter().filter(|item| item.is_object()) {
        walk(item, segments, act);
    }
    match index(name).and_then(|at| items.get(at)) {
        Some(item) if rest.is_empty() => act(Found::Whole(item)),
        Some(item) if item.is_object() || item.is_array() => numbered(item, rest, act),
        _ => {}
    }
}

/// The same where an array stands for an object whose names are its numbers.
fn numbered<'a>(value: &'a Value, segments: &[String], act: &mut dyn FnMut(Found<'a>)) {
    match (value, segments.split_first()) {
        (Value::Array(items), Some((name, rest))) => match index(name).and_then(|at| items.get(at)) {
            Some(item) => walk(item, rest, act),
            None => act(Found::Missing),
        },
        _ => walk(value, segments, act),
    }
}

/// What a document is sorted by, for one key.
pub fn rank_of(key: &SortKey, subject: Subject<'_>) -> Rank {
    let scope = Scope { subject, element: &Value::Null };
    let mut best: Option<Rank> = None;
    let mut offer = |rank: Rank| {
        let better = best.as_ref().is_none_or(|best| match key.direction {
            Direction::Ascending => rank.compare(best).is_lt(),
            Direction::Descending => rank.compare(best).is_gt(),
        });
        if better {
            best = Some(rank);
        }
    };
    scope.each(&key.path, &mut |found| match found {
        Found::Missing => offer(Rank::Null),
        Found::Value(Value::Array(items)) if items.is_empty() => offer(Rank::Nothing),
        Found::Value(Value::Array(items)) => items.iter().for_each(|item| offer(Rank::of(item))),
        Found::Value(value) | Found::Whole(value) => offer(Rank::of(value)),
    });
    match (best, key.path.column) {
        // A column that holds texts tells long ones apart by their beginnings.
        (Some(Rank::Text(text)), Some(Column { kind: Type::Text, .. })) => Rank::Text(column_text(&text).to_owned()),
        (best, _) => best.unwrap_or(Rank::Null),
    }
}

/// The different values of a document at a path, elements of arrays one by one; none where nothing stands there.
pub fn values_at<'a>(path: &FieldPath, subject: Subject<'a>) -> Vec<&'a Value> {
    let mut found: Vec<&Value> = Vec::new();
    let mut add = |value: &'a Value| {
        if !found.iter().any(|known| rank::equal(known, value)) {
            found.push(value);
        }
    };
    let scope = Scope { subject, element: &Value::Null };
    scope.each(path, &mut |at| match at {
        Found::Missing => {}
        Found::Value(Value::Array(items)) => items.iter().for_each(&mut add),
        Found::Value(value) | Found::Whole(value) => add(value),
    });
    found
}
