//! The bodies of the dialler's API. Types are read leniently, as its document's own examples need: a flag or a number may
//! be a text.

use std::time::Duration;

use forecourt_record::{
    FieldError,
    schedule::{LONGEST_TOKEN, MOST_TOKENS, Tokens, token_name},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The longest a call may be put off.
const LONGEST_DELAY: u64 = 30 * 24 * 60 * 60;
/// The longest text of a field, in characters.
const LONGEST: usize = 255;

/// The address's parameters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keyed {
    /// The key.
    #[serde(rename = "key")]
    #[schemars(length(max = 200))]
    _key: String,
}

/// Members of a body, taken out one by one; what is wrong is gathered.
pub struct Members {
    members: Map<String, Value>,
    wrong: Vec<FieldError>,
}

impl Members {
    /// The members of a body. Errors: one that is no object.
    pub fn of(body: Value) -> Result<Self, Vec<FieldError>> {
        match body {
            Value::Object(members) => Ok(Self { members, wrong: Vec::new() }),
            _ => Err(vec![FieldError::new("", "wrong_type", "A JSON object is expected.")]),
        }
    }

    pub fn refuse(&mut self, field: &str, code: &'static str, detail: impl Into<String>) {
        self.wrong.push(FieldError::new(field, code, detail));
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    /// A text without blanks around it; numbers are read as they are written. None where there is none.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let text = match self.take(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => {
                self.refuse(name, "wrong_type", format!("{} must be a text.", shown(name)));
                return None;
            }
        };
        if text.chars().count() > LONGEST {
            self.refuse(name, "too_long", format!("{} has at most {LONGEST} characters.", shown(name)));
            return None;
        }
        if text.contains('\0') {
            self.refuse(name, "nul_character", format!("{} must not hold the character NUL.", shown(name)));
            return None;
        }
        Some(text).filter(|text| !text.is_empty())
    }

    /// A text that has to be there.
    pub fn required(&mut self, name: &str) -> String {
        let before = self.wrong.len();
        let text = self.text(name);
        if text.is_none() && self.wrong.len() == before {
            self.refuse(name, "required", format!("{} cannot be blank.", shown(name)));
        }
        text.unwrap_or_default()
    }

    /// Seconds.
    pub fn delay(&mut self, name: &str) -> Duration {
        let seconds = match self.take(name) {
            None => return Duration::ZERO,
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) if text.trim().is_empty() => return Duration::ZERO,
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        let within = seconds.filter(|seconds| (0.0..=LONGEST_DELAY as f64).contains(seconds));
        if within.is_none() {
            let detail = format!("{} must be a number of seconds from 0 to {LONGEST_DELAY}.", shown(name));
            self.refuse(name, "not_allowed", detail);
        }
        within.map_or(Duration::ZERO, |seconds| Duration::from_secs(seconds as u64))
    }

    /// `"true"` or `true`, or nothing.
    pub fn flag(&mut self, name: &str) -> bool {
        match self.take(name) {
            None | Some(Value::Bool(false)) => false,
            Some(Value::Bool(true)) => true,
            Some(Value::String(text)) if ["", "false"].contains(&text.trim()) => false,
            Some(Value::String(text)) if text.trim() == "true" => true,
            Some(_) => {
                self.refuse(name, "wrong_type", format!("{} must be \"true\", or left out.", shown(name)));
                false
            }
        }
    }

    /// Further data: a JSON document inside a text, or the object itself. Its members become tokens.
    pub fn data(&mut self, name: &str) -> Tokens {
        const WRONG: &str = "Empty or invalid content of `data` field";
        let members = match self.take(name) {
            None => return Tokens::default(),
            Some(Value::Object(members)) => Some(members),
            Some(Value::String(text)) => {
                serde_json::from_str(&text).ok().filter(|members: &Map<_, _>| !members.is_empty())
            }
            Some(_) => None,
        };
        let tokens = members.and_then(tokens);
        if tokens.is_none() {
            self.refuse(name, "bad_format", WRONG);
        }
        tokens.unwrap_or_default()
    }

    /// What was wrong, with every member that is none of this body's.
    pub fn end(mut self, known: &[&str]) -> Vec<FieldError> {
        for name in std::mem::take(&mut self.members).into_iter().map(|(name, _)| name) {
            if !known.contains(&name.as_str()) {
                self.refuse(
                    &name,
                    "unknown_member",
                    format!("There is no field `{name}`. Known: {}.", known.join(", ")),
                );
            }
        }
        self.wrong
    }
}

/// The tokens that data is made of; none when it is more than an enrolment holds.
fn tokens(members: Map<String, Value>) -> Option<Tokens> {
    let mut tokens = Tokens::default();
    for (name, value) in members {
        let Some(name) = token_name(&name) else { continue };
        let value = match value {
            Value::Null => continue,
            Value::String(text) => text,
            other => other.to_string(),
        };
        if value.len() > LONGEST_TOKEN || value.contains('\0') || name.len() > 64 {
            return None;
        }
        tokens.0.insert(name, value);
    }
    (tokens.0.len() <= MOST_TOKENS).then_some(tokens)
}

/// A field's name as a sentence begins with it: `first_name` is `First name`.
fn shown(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).map(|letter| if letter == '_' { ' ' } else { letter }).collect()
}

/// What a body of `lead/add` may hold.
pub fn added(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "email": { "type": "string", "description": "A valid e-mail address." },
            "first_name": { "type": "string", "maxLength": LONGEST },
            "surname": { "type": "string", "maxLength": LONGEST },
            "mobile": { "type": "string", "description": "The number that is called, national or international." },
            "type": { "type": "string", "description": "The name of a lead type." },
            "subtype": { "type": "string", "maxLength": LONGEST, "description": "Kept with the lead." },
            "other_phone": { "type": "string", "maxLength": LONGEST, "description": "Any other number, kept with the lead." },
            "data": {
                "anyOf": [{ "type": "string" }, { "type": "object", "additionalProperties": true }],
                "description": "Further data: a JSON object, or its text. Its members become tokens of the schedule.",
            },
            "delays": {
                "anyOf": [{ "type": "number", "minimum": 0, "maximum": LONGEST_DELAY }, { "type": "string" }],
                "description": "Seconds before which nobody is called.",
            },
            "test": {
                "anyOf": [{ "type": "boolean" }, { "type": "string" }],
                "description": "With `true` the request is checked, and nothing kept.",
            },
        },
        "required": ["email", "first_name", "surname", "mobile", "type"],
    })
}

/// What a body of `lead/cancel` may hold.
pub fn cancelled(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "mobile": { "type": "string", "description": "The number that would be called." },
            "type": { "type": "string", "description": "The name of a lead type." },
        },
        "required": ["mobile", "type"],
    })
}

/// The answers to `lead/add`.
pub fn add_answer(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            {
                "type": "object",
                "properties": {
                    "saved": { "const": true },
                    "processed": { "type": "boolean" },
                    "error": { "enum": ["Existing Contact", "Another call is already scheduled", "Unknown Type"] },
                },
                "required": ["saved", "processed"],
            },
            { "type": "object", "properties": { "test": { "const": "ok" } }, "required": ["test"] },
        ],
    })
}

/// The answers to `lead/cancel`.
pub fn cancel_answer(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "cancelled": { "type": "boolean" },
            "warning": { "enum": ["not found", "already processed", "server error (call group)", "server error (save)"] },
        },
        "required": ["cancelled"],
    })
}

/// What a refusal holds: the messages of each field by number, or one sentence under `error`.
pub fn refusal(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": {
            "anyOf": [{ "type": "string" }, { "type": "object", "additionalProperties": { "type": "string" } }],
        },
    })
}
