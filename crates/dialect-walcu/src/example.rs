//! The published examples with everything filled in that has to be: ids that are ids, words that are allowed.

use forecourt_record::Shape;
use serde_json::{Map, Value};

use crate::row::Row;

/// An id as an example shows it.
pub const ID: &str = "0193a5d2c7f0a1b200000001";
/// What the server alone sets.
const KEPT: [&str; 6] = ["_id", "dealer_id", "created_at", "updated_at", "computed", "__v"];

/// The whole document.
pub fn document(row: &Row) -> Value {
    let published = serde_json::from_str(row.example).unwrap_or_default();
    filled(published, row.spec.published())
}

/// What a client sends to create or replace it.
pub fn body(row: &Row) -> Value {
    let mut document = document(row);
    if let Some(members) = document.as_object_mut() {
        for name in KEPT {
            members.shift_remove(name);
        }
    }
    document
}

fn filled(mut value: Value, shape: &Shape) -> Value {
    fill(&mut value, shape.schema(), shape.schema());
    value
}

fn fill(value: &mut Value, schema: &Value, root: &Value) {
    let schema = resolve(schema, root);
    if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
        // An optional part: the way that is not null.
        let way = branches.iter().find(|way| way.get("type").is_none_or(|name| name != "null"));
        return way.into_iter().for_each(|way| fill(value, way, root));
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array) {
        if (value.is_null() || !allowed.contains(value))
            && let Some(first) = allowed.first()
        {
            *value = first.clone();
        }
        return;
    }
    match value {
        Value::String(text) if schema.get("format").is_some_and(|format| format == "id") => ID.clone_into(text),
        Value::Object(members) => {
            for (name, member) in members {
                let declared = schema.get("properties").and_then(|properties| properties.get(name));
                if let Some(declared) = declared {
                    fill(member, declared, root);
                }
            }
        }
        Value::Array(items) => {
            if let Some(declared) = schema.get("items") {
                for item in items {
                    fill(item, declared, root);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn resolve<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|target| root.pointer(target.strip_prefix('#')?));
    target.unwrap_or(schema)
}

/// The example of a patch: every kind of step that the published one has, on members that every document takes.
pub fn patch() -> Value {
    serde_json::json!([
        {"op": "add", "path": "/custom", "value": {"note": "called twice"}},
        {"op": "move", "from": "/custom/note", "path": "/custom/remark"},
        {"op": "remove", "path": "/custom"},
    ])
}

/// The same as a merge patch.
pub fn merge_patch() -> Value {
    Value::Object(Map::from_iter([("custom".to_owned(), serde_json::json!({"remark": "called twice"}))]))
}
