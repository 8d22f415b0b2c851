//! A kind's documents as a table: a column for each member of the published tree, dotted, from its schema.

use forecourt_query::project::Projection;
use forecourt_record::spec::KindSpec;
use serde_json::{Value, json};

/// How deep members are spread over columns; what is deeper is JSON in its cell.
const DEEPEST: usize = 8;

/// The columns, in the order of the schema: the way to each value.
pub struct Columns(Vec<Vec<String>>);

impl Columns {
    /// The columns of a kind's published documents, as far as they are shown.
    pub fn of(spec: &KindSpec, projection: Option<&Projection>) -> Self {
        let mut columns = Self::from_schema(spec.published().schema());
        if let Some(projection) = projection {
            columns.0.retain(|way| is_shown(way, projection));
        }
        columns
    }

    fn from_schema(schema: &Value) -> Self {
        let mut columns = Vec::new();
        spread(schema, schema, &mut Vec::new(), &mut columns);
        Self(columns)
    }

    /// Appends the line that names the columns.
    pub fn head(&self, out: &mut Vec<u8>) {
        line(self.0.iter().map(|way| way.join(".")), out);
    }

    /// Appends the line of a document. A list is JSON in its cell, as is free data; nothing is an empty cell.
    pub fn row(&self, document: &Value, out: &mut Vec<u8>) {
        line(self.0.iter().map(|way| cell(at(document, way))), out);
    }
}

fn at<'a>(document: &'a Value, way: &[String]) -> &'a Value {
    way.iter().fold(document, |value, name| &value[name.as_str()])
}

/// Whether anything is left at this place of a document that has nothing else.
fn is_shown(way: &[String], projection: &Projection) -> bool {
    let mut probe = way.iter().rev().fold(Value::Bool(true), |inner, name| json!({name.as_str(): inner}));
    projection.apply(&mut probe);
    !at(&probe, way).is_null()
}

fn spread(schema: &Value, root: &Value, way: &mut Vec<String>, columns: &mut Vec<Vec<String>>) {
    match members(schema, root, 0).filter(|_| way.len() < DEEPEST) {
        Some(members) => {
            for (name, member) in members {
                way.push(name.clone());
                spread(member, root, way, columns);
                way.pop();
            }
        }
        None => columns.push(way.clone()),
    }
}

/// The declared members of an object's schema, through references and what may be null.
fn members<'a>(schema: &'a Value, root: &'a Value, steps: usize) -> Option<&'a serde_json::Map<String, Value>> {
    if steps > DEEPEST {
        return None;
    }
    if let Some(members) = schema["properties"].as_object().filter(|members| !members.is_empty()) {
        return Some(members);
    }
    if let Some(name) = schema["$ref"].as_str() {
        return members(root.pointer(name.strip_prefix('#')?)?, root, steps + 1);
    }
    let ways = schema["anyOf"].as_array().or_else(|| schema["allOf"].as_array())?;
    let mut ways = ways.iter().filter(|way| way["type"] != "null");
    let only = ways.next()?;
    if ways.next().is_some() { None } else { members(only, root, steps + 1) }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A line of RFC 4180.
fn line(cells: impl Iterator<Item = String>, out: &mut Vec<u8>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            out.push(b'"');
            out.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        } else {
            out.extend_from_slice(cell.as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn members_become_columns() {
        let schema = json!({
            "properties": {
                "_id": {"type": "string"},
                "status": {"anyOf": [{"$ref": "#/$defs/Status"}, {"type": "null"}]},
                "phones": {"type": "array", "items": {"type": "string"}},
                "custom": true,
                "computed": {"$ref": "#/$defs/Computed"},
            },
            "$defs": {
                "Status": {"properties": {"status": {"type": "string"}, "at": {"type": "string"}}},
                "Computed": {"properties": {"notes": {"type": "integer"}}},
            },
        });
        let columns = Columns::from_schema(&schema);
        let mut out = Vec::new();
        columns.head(&mut out);
        let document = json!({"_id": "a", "status": {"status": "say \"new\""}, "phones": ["1", "2"], "custom": {"a": 1},
            "computed": {"notes": 2}});
        columns.row(&document, &mut out);
        columns.row(&json!({"_id": "b\nc"}), &mut out);
        let expected = "_id,status.status,status.at,phones,custom,computed.notes\r\n\
            a,\"say \"\"new\"\"\",,\"[\"\"1\"\",\"\"2\"\"]\",\"{\"\"a\"\":1}\",2\r\n\"b\nc\",,,,,\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
