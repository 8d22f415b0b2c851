//! The shape of a JSON value: compiled once from a type's schema, then checked on each request.
//!
//! Every error is reported at once, each with a JSON Pointer (RFC 6901), a code from a closed list and a sentence.

mod compile;
mod format;
mod limits;
mod nearest;
mod path;
mod walk;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value};

use crate::FieldError;
use format::Format;
use limits::{Range, Text, check_length, check_nul};
pub use nearest::nearest;
use path::Path;
pub use walk::{Leaf, Place};

/// How deep a value may nest.
const DEEPEST: usize = 32;
/// How many errors one answer carries.
const MOST: usize = 100;

/// The codes a check answers with.
pub mod code {
    pub const REQUIRED: &str = "required";
    pub const UNKNOWN_MEMBER: &str = "unknown_member";
    pub const WRONG_TYPE: &str = "wrong_type";
    pub const NOT_ALLOWED: &str = "not_allowed";
    pub const TOO_SHORT: &str = "too_short";
    pub const TOO_LONG: &str = "too_long";
    pub const TOO_SMALL: &str = "too_small";
    pub const TOO_LARGE: &str = "too_large";
    pub const BAD_FORMAT: &str = "bad_format";
    pub const NUL_CHARACTER: &str = "nul_character";
    pub const TOO_DEEP: &str = "too_deep";
}

/// A compiled JSON Schema.
#[derive(Debug)]
pub struct Shape {
    schema: Value,
    names: Vec<String>,
    nodes: Vec<Node>,
    root: Edge,
}

/// A way to a node; null may be allowed on one way and not on another.
#[derive(Clone, Copy, Debug)]
struct Edge {
    node: usize,
    nullable: bool,
}

#[derive(Debug)]
enum Node {
    /// Any JSON.
    Anything,
    /// One of a few JSON types, each with its own limits.
    Typed(Box<Typed>),
    /// One of these values.
    Values(Vec<Value>),
    /// Any of these; told apart by a constant member where they have one.
    Union(Vec<Edge>),
    /// All of these.
    All(Vec<Edge>),
}

/// Which JSON types are allowed, and within which limits.
#[derive(Debug, Default)]
struct Typed {
    boolean: bool,
    text: Option<Text>,
    number: Option<Range>,
    array: Option<Array>,
    object: Option<Object>,
}

#[derive(Debug)]
struct Array {
    items: Edge,
    min: usize,
    max: Option<usize>,
}

#[derive(Debug)]
struct Object {
    /// In the order of their names.
    members: Vec<(String, Edge)>,
    required: Vec<String>,
    /// What members without a declaration must be; none are allowed without this.
    rest: Option<Edge>,
}

impl Object {
    fn member(&self, name: &str) -> Option<Edge> {
        let at = self.members.binary_search_by(|(member, _)| member.as_str().cmp(name)).ok()?;
        Some(self.members[at].1)
    }
}

impl Shape {
    /// Compiles the shape of what `T` is read from. Objects with declared members take no others, unless their schema
    /// says `additionalProperties`.
    pub fn of<T: JsonSchema>() -> Self {
        let generator = SchemaSettings::draft2020_12().for_deserialize().into_generator();
        Self::from_schema(generator.into_root_schema_for::<T>().to_value())
    }

    /// Compiles a JSON Schema of draft 2020-12, as far as schemars writes it.
    pub fn from_schema(schema: Value) -> Self {
        compile::compile(schema)
    }

    /// The JSON schema, for the published description.
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// The members of the outermost object, in the order of their declaration.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Everything that is wrong with a value: at most 100 errors, in the order of the document.
    pub fn check(&self, value: &Value) -> Vec<FieldError> {
        let mut errors = Vec::new();
        self.walk(self.root, value, &Path::Root, 0, &mut errors);
        errors.truncate(MOST);
        errors
    }

    fn walk(&self, edge: Edge, value: &Value, path: &Path<'_>, depth: usize, errors: &mut Vec<FieldError>) {
        if errors.len() >= MOST || (edge.nullable && value.is_null()) {
            return;
        }
        if depth > DEEPEST {
            return errors.push(path.error(code::TOO_DEEP, format!("Values may be nested {DEEPEST} deep.")));
        }
        match &self.nodes[edge.node] {
            Node::Anything => self.walk_anything(edge, value, path, depth, errors),
            Node::Typed(typed) => self.walk_typed(typed, value, path, depth, errors),
            Node::Values(allowed) if allowed.contains(value) => {}
            Node::Values(allowed) => errors.push(path.error(code::NOT_ALLOWED, one_of(allowed))),
            Node::Union(ways) => self.walk_union(ways, value, path, depth, errors),
            Node::All(ways) => {
                for way in ways {
                    self.walk(*way, value, path, depth, errors);
                }
            }
        }
    }

    fn walk_anything(&self, edge: Edge, value: &Value, path: &Path<'_>, depth: usize, errors: &mut Vec<FieldError>) {
        match value {
            Value::String(text) => check_nul(text, path, errors),
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.walk(edge, item, &Path::Item(path, at), depth + 1, errors);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    let path = Path::Member(path, name);
                    check_nul(name, &path, errors);
                    self.walk(edge, member, &path, depth + 1, errors);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn walk_typed(&self, typed: &Typed, value: &Value, path: &Path<'_>, depth: usize, errors: &mut Vec<FieldError>) {
        match (value, typed) {
            (Value::Bool(_), Typed { boolean: true, .. }) => {}
            (Value::String(text), Typed { text: Some(limits), .. }) => limits.check(text, path, errors),
            (Value::Number(number), Typed { number: Some(range), .. }) if range.is_of_type(number) => {
                range.check(number, path, errors);
            }
            (Value::Array(items), Typed { array: Some(array), .. }) => {
                check_length(items.len(), array.min, array.max, ["item", "items"], path, errors);
                for (at, item) in items.iter().enumerate() {
                    self.walk(array.items, item, &Path::Item(path, at), depth + 1, errors);
                }
            }
            (Value::Object(members), Typed { object: Some(object), .. }) => {
                self.walk_object(object, members, path, depth, errors);
            }
            _ => errors.push(path.error(code::WRONG_TYPE, format!("Expected {}, not {}.", typed.says(), says(value)))),
        }
    }

    fn walk_object(
        &self,
        object: &Object,
        members: &Map<String, Value>,
        path: &Path<'_>,
        depth: usize,
        errors: &mut Vec<FieldError>,
    ) {
        for name in &object.required {
            if !members.contains_key(name) {
                errors.push(Path::Member(path, name).error(code::REQUIRED, format!("\"{name}\" is required.")));
            }
        }
        for (name, member) in members {
            let path = Path::Member(path, name);
            check_nul(name, &path, errors);
            match object.member(name).or(object.rest) {
                Some(edge) => self.walk(edge, member, &path, depth + 1, errors),
                None => errors.push(path.error(code::UNKNOWN_MEMBER, object.unknown(name))),
            }
        }
    }

    fn walk_union(&self, ways: &[Edge], value: &Value, path: &Path<'_>, depth: usize, errors: &mut Vec<FieldError>) {
        if let Some(tag) = self.tag_of(ways)
            && let Some(given) = value.get(tag)
        {
            let matches = |way: &&Edge| self.constants(**way, tag).contains(given);
            if let Some(way) = ways.iter().find(matches) {
                return self.walk(*way, value, path, depth, errors);
            }
            let allowed = ways.iter().flat_map(|way| self.constants(*way, tag));
            let allowed: Vec<Value> = allowed.cloned().collect();
            let path = Path::Member(path, tag);
            return errors.push(path.error(code::NOT_ALLOWED, one_of(&allowed)));
        }
        let mut fewest: Option<Vec<FieldError>> = None;
        for way in ways {
            let mut found = Vec::new();
            self.walk(*way, value, path, depth, &mut found);
            if found.is_empty() {
                return;
            }
            // A way of another type is no near miss, however few its errors.
            let weight = |found: &[FieldError]| {
                let here = path.pointer();
                let other_type = found.iter().any(|error| error.code == code::WRONG_TYPE && error.pointer == here);
                (other_type, found.len())
            };
            if fewest.as_ref().is_none_or(|fewest| weight(&found) < weight(fewest)) {
                fewest = Some(found);
            }
        }
        errors.extend(fewest.into_iter().flatten());
    }

    /// The member whose constant tells the ways of a union apart.
    fn tag_of(&self, ways: &[Edge]) -> Option<&str> {
        let mut parts = vec![*ways.first()?];
        while let Some(part) = parts.pop() {
            match &self.nodes[part.node] {
                Node::All(more) => parts.extend(more),
                Node::Typed(typed) => {
                    let required = typed.object.iter().flat_map(|object| &object.required);
                    let binds = |name: &&String| ways.iter().all(|way| !self.constants(*way, name).is_empty());
                    if let Some(tag) = required.into_iter().find(binds) {
                        return Some(tag);
                    }
                }
                Node::Anything | Node::Values(_) | Node::Union(_) => {}
            }
        }
        None
    }

    /// The constants a member is bound to; none when it is free.
    fn constants(&self, way: Edge, member: &str) -> &[Value] {
        match &self.nodes[way.node] {
            Node::Typed(typed) => {
                let member = typed.object.as_ref().and_then(|object| object.member(member));
                match member.map(|edge| &self.nodes[edge.node]) {
                    Some(Node::Values(values)) => values,
                    _ => &[],
                }
            }
            Node::All(parts) => {
                let bound = parts.iter().map(|part| self.constants(*part, member));
                bound.max_by_key(|values| values.len()).unwrap_or_default()
            }
            Node::Anything | Node::Values(_) | Node::Union(_) => &[],
        }
    }
}

impl Object {
    fn unknown(&self, name: &str) -> String {
        let shown: String = name.chars().take(64).collect();
        match nearest(name, self.members.iter().map(|(member, _)| member.as_str())) {
            Some(near) => format!("Unknown member \"{shown}\". Did you mean \"{near}\"?"),
            None => format!("Unknown member \"{shown}\"."),
        }
    }
}

impl Typed {
    fn says(&self) -> String {
        let number = self.number.as_ref().map(|range| if range.integer { "an integer" } else { "a number" });
        let all = [
            self.text.as_ref().map(|_| "a string"),
            number,
            self.boolean.then_some("a boolean"),
            self.array.as_ref().map(|_| "an array"),
            self.object.as_ref().map(|_| "an object"),
        ];
        let all: Vec<&str> = all.into_iter().flatten().collect();
        if all.is_empty() { "null".to_owned() } else { all.join(" or ") }
    }
}

fn says(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn one_of(allowed: &[Value]) -> String {
    let shown: Vec<String> =
        allowed.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
    match shown.as_slice() {
        [only] => format!("Must be {only}."),
        many => format!("Must be one of {}.", many.join(", ")),
    }
}

#[cfg(test)]
mod tests;
