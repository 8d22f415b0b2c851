//! What goes in and out, as schemas put together from the kinds' own.

use forecourt_api::{openapi::define, operation::Declared};
use schemars::{Schema, SchemaGenerator, json_schema};

use crate::row::Row;

/// As many documents as one request may create.
pub const MOST: usize = 1000;
/// As many steps as a patch may have.
pub const STEPS: usize = 1000;

/// The document, under its own name. That begins with a small letter, those of its parts do not.
fn reference(row: &Row, generator: &mut SchemaGenerator) -> Schema {
    define(generator, &row.word, row.spec.published())
}

pub fn document(row: &'static Row) -> Declared {
    Declared::data(|generator| reference(row, generator))
}

/// One that was read: in an array, or bare.
pub fn single(row: &'static Row) -> Declared {
    Declared::data(|generator| {
        let one = reference(row, generator);
        json_schema!({ "anyOf": [{ "type": "array", "minItems": 1, "maxItems": 1, "items": one }, one] })
    })
}

/// One, or several.
pub fn documents(row: &'static Row) -> Declared {
    Declared::data(|generator| {
        let one = reference(row, generator);
        json_schema!({ "anyOf": [one, { "type": "array", "minItems": 1, "maxItems": MOST, "items": one }] })
    })
}

/// A list of documents, of groups of them, or of the one explanation.
pub fn list(row: &'static Row) -> Declared {
    Declared::data(|generator| {
        let one = reference(row, generator);
        let group = json_schema!({
            "type": "object",
            "description": "With `group_by`: how many there are of one combination of keys. Aggregates stand beside, under their own names.",
            "properties": {
                "_id": { "type": "object", "additionalProperties": true, "description": "The keys by their names." },
                "count": { "type": "integer", "minimum": 0 },
                "elements": { "type": "array", "maxItems": 10, "items": one, "description": "The newest of them." },
            },
            "required": ["_id", "count"],
            "additionalProperties": true,
        });
        let explanation = json_schema!({
            "type": "object",
            "description": "With `explain`: what the store does to find them.",
            "properties": { "explain": { "type": "object", "additionalProperties": true } },
            "required": ["explain"],
        });
        json_schema!({ "type": "array", "items": { "anyOf": [one, group, explanation] } })
    })
}

/// A JSON Patch (RFC 6902). Members that a step does not need are passed over, as the RFC has it.
pub fn patch() -> Declared {
    Declared::data(|_| {
        json_schema!({
            "type": "array",
            "maxItems": STEPS,
            "items": {
                "type": "object",
                "properties": {
                    "op": { "enum": ["add", "remove", "replace", "move", "copy", "test"] },
                    "path": { "type": "string", "description": "A JSON Pointer (RFC 6901)." },
                    "from": { "type": "string", "description": "For `move` and `copy`." },
                    "value": { "description": "For `add`, `replace` and `test`." },
                },
                "required": ["op", "path"],
                "additionalProperties": true,
            },
        })
    })
}

/// A JSON Merge Patch (RFC 7396): some of the document's members, null for one that is to go.
pub fn merge_patch() -> Declared {
    Declared::data(|_| {
        json_schema!({
            "type": "object",
            "description": "Members of the document as they shall be; null takes one away.",
            "additionalProperties": true,
        })
    })
}
