//! Literals as documents hold them: read by the type of the field they are compared with.

use forecourt_record::{
    Instant,
    shape::{Leaf, Place},
};
use serde_json::{Map, Number, Value};

use crate::{path::Resolved, tree::Literal};

/// How a literal was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// As JSON: its type is what it says.
    Json,
    /// As plain text, which is read as the type of its field.
    Text,
}

impl Resolved<'_> {
    /// The literal as a document holds it at this path: an instant in UTC with milliseconds, a plain text as the field's
    /// type. Null and, where an array may stand, a list of such literals are taken too.
    ///
    /// Errors: a sentence that says what is expected.
    pub fn literal(&self, value: Value, written: Written) -> Result<Literal, String> {
        if holds_nul(&value) {
            return Err("A value cannot hold the character NUL.".into());
        }
        match value {
            Value::Array(items) if self.path.many && self.path.leaf != Leaf::Free => {
                let items = items.into_iter().map(|item| scalar(self.path.leaf, self.item(), item, written));
                items.collect::<Result<_, _>>().map(Value::Array)
            }
            value => scalar(self.path.leaf, self.item(), value, written),
        }
    }

    fn item(&self) -> Option<Place<'_>> {
        self.place().map(|place| place.item().unwrap_or(place))
    }
}

/// No document holds NUL, and PostgreSQL will not hear of it.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn scalar(leaf: Leaf, place: Option<Place<'_>>, value: Value, written: Written) -> Result<Literal, String> {
    match (leaf, value) {
        (_, Value::Null) => Ok(Value::Null),
        (Leaf::Free, value)
        | (Leaf::Text | Leaf::Id, value @ Value::String(_))
        | (Leaf::Number | Leaf::Integer, value @ Value::Number(_))
        | (Leaf::Flag, value @ Value::Bool(_))
        | (Leaf::Array, value @ Value::Array(_)) => Ok(value),
        (Leaf::Instant, Value::String(text)) => match text.parse::<Instant>() {
            Ok(instant) => Ok(instant.to_string().into()),
            Err(expected) => Err(format!("{}, not \"{}\".", capital(expected), shown(&text))),
        },
        (Leaf::Number | Leaf::Integer, Value::String(text)) if written == Written::Text => {
            let number = serde_json::from_str::<Number>(text.trim()).map(Value::Number);
            number.map_err(|_| format!("Expected a number, not \"{}\".", shown(&text)))
        }
        (Leaf::Flag, Value::String(text)) if written == Written::Text => match text.as_str() {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(format!("Expected true or false, not \"{}\".", shown(&text))),
        },
        (Leaf::Object, Value::Object(members)) => object(place, members, written),
        (leaf, value) => Err(format!("Expected {}, not {}.", says(leaf), kind(&value))),
    }
}

fn object(place: Option<Place<'_>>, members: Map<String, Value>, written: Written) -> Result<Literal, String> {
    let Some(place) = place else { return Ok(members.into()) };
    let mut converted = Map::new();
    for (name, value) in members {
        let Some(member) = place.member(&name) else {
            return Err(format!("\"{}\" is no member of this field.", shown(&name)));
        };
        let value = match (member.item(), value) {
            (Some(item), Value::Array(items)) => {
                let items = items.into_iter().map(|value| scalar(item.leaf(), Some(item), value, written));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            (_, value) => scalar(member.leaf(), Some(member), value, written)?,
        };
        converted.insert(name, value);
    }
    Ok(converted.into())
}

const fn says(leaf: Leaf) -> &'static str {
    match leaf {
        Leaf::Text => "text",
        Leaf::Instant => "a date or an instant",
        Leaf::Id => "an id",
        Leaf::Number | Leaf::Integer => "a number",
        Leaf::Flag => "true or false",
        Leaf::Object => "an object",
        Leaf::Array => "a list",
        Leaf::Free => "any JSON",
    }
}

/// What a value is, in a sentence.
pub const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// As much of a text from outside as a sentence quotes.
pub fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}
