//! What goes in and out: parameters, and vehicles member by member.

use forecourt_api::{operation::Declared, problem::Problem, query::malformed};
use forecourt_crm::stock::Offered;
use forecourt_record::{
    CarExtra, Code, Error, FieldError, Instant, Result,
    listing::{Form, MEMBERS, Member},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::language::Language;

/// The parameters of a list of vehicles.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "described here, read as a tree")]
pub struct VehicleListQuery {
    /// Words that must all be there: in make, model, version, trim, range, description, VIN, colour, equipment,
    /// `internalId` or `sellingId`. The last one may be the beginning of a word.
    search: Option<String>,
    /// Columns that must all hold, `and[makeName]=Ford`; `and[kilometers][]=>=|25000` compares.
    and: Option<Map<String, Value>>,
    /// Columns of which one must hold, `or[colorId][]=3&or[colorId][]=4`.
    or: Option<Map<String, Value>>,
    /// `order[field]=price&order[dir]=asc`; both or none. Newest first where nothing is said.
    order: Option<Map<String, Value>>,
    /// Vehicles to skip.
    #[schemars(range(min = 0))]
    offset: Option<u32>,
    /// Vehicles to answer, 25 where nothing is said.
    #[schemars(range(min = 1, max = 250))]
    limit: Option<u32>,
}

/// The parameters of a question for values.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "described here, read as a tree")]
pub struct ValuesQuery {
    /// The columns whose values are wanted, `fields[]=makeId`; `makeId` where nothing is said.
    fields: Option<Vec<String>>,
    /// As for the list of vehicles.
    search: Option<String>,
    /// As for the list of vehicles.
    and: Option<Map<String, Value>>,
    /// As for the list of vehicles.
    or: Option<Map<String, Value>>,
}

/// A text parameter. Empty ones say nothing.
///
/// Errors: `MalformedQuery`.
pub fn text<'a>(parameters: &'a Value, name: &str) -> Result<Option<&'a str>> {
    match parameters.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(_) => Err(wrong(name, "wrong_type", format!("`{name}` is one text."))),
    }
}

/// A whole number among the parameters, within bounds.
///
/// Errors: `MalformedQuery`.
pub fn number(parameters: &Value, name: &str, usual: i64, least: i64, most: i64) -> Result<i64> {
    let Some(value) = parameters.get(name) else { return Ok(usual) };
    let number = value.as_str().and_then(|text| text.parse().ok()).filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| wrong(name, "wrong_type", format!("`{name}` is a whole number from {least} to {most}.")))
}

pub fn wrong(name: &str, code: &'static str, detail: String) -> Error {
    malformed(vec![FieldError::new(format!("query:{name}"), code, detail)])
}

/// Everything wrong with the parameters that the core says is a query that cannot be read.
pub fn in_query(error: Error) -> Problem {
    Problem(if error.code == Code::Invalid { malformed(error.fields) } else { error })
}

/// A vehicle as it is answered: every member, null where there is no value.
pub fn vehicle(offered: &Offered, language: Language) -> Value {
    let car = &offered.car;
    let CarExtra { selling_id, listing, .. } = &car.extra;
    let branch = car.doc.location.as_deref().and_then(|code| offered.config.branch(code));
    let mut shown = Map::new();
    for Member { name, form } in MEMBERS {
        let value = match *name {
            "sellingId" => selling_id.as_deref().into(),
            "branchId" => branch.into(),
            "created" => second(car.created_at).into(),
            "updated" => second(car.updated_at).into(),
            name => listing.get(name).cloned().unwrap_or_default(),
        };
        let value = match form {
            Form::Word(_) | Form::Code(_) if !value.is_null() => keyed(name, &value, language),
            Form::List if value.is_null() => json!([]),
            _ => value,
        };
        shown.insert((*name).to_owned(), value);
    }
    shown.into()
}

fn keyed(member: &str, key: &Value, language: Language) -> Value {
    let spelt = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
    json!({"key": key, "text": language.text(member, &spelt)})
}

/// `YYYY-MM-DD HH:MM:SS` in UTC.
fn second(instant: Instant) -> String {
    let text = instant.to_string();
    text.get(..19).unwrap_or(&text).replace('T', " ")
}

/// The schema of a vehicle.
fn vehicle_schema(_: &mut SchemaGenerator) -> Schema {
    let properties: Map<String, Value> =
        MEMBERS.iter().map(|member| (member.name.to_owned(), member_schema(member))).collect();
    let names: Vec<&str> = MEMBERS.iter().map(|member| member.name).collect();
    schema(json!({"type": "object", "properties": properties, "required": names, "additionalProperties": false}))
}

fn member_schema(member: &Member) -> Value {
    let keyed = |key: Value| {
        json!({
            "type": ["object", "null"],
            "properties": {"key": key, "text": {"type": "string"}},
            "required": ["key", "text"],
            "additionalProperties": false,
        })
    };
    match member.form {
        Form::Text => json!({"type": ["string", "null"]}),
        Form::Date => json!({"type": ["string", "null"], "description": "YYYY-MM-DD"}),
        Form::Number => json!({"type": ["number", "null"]}),
        Form::Flag => json!({"type": ["boolean", "null"]}),
        Form::List => json!({"type": "array"}),
        Form::OneOf(words) => {
            json!({"type": ["string", "null"], "enum": words.iter().map(|word| Value::from(*word)).chain([Value::Null]).collect::<Vec<_>>()})
        }
        Form::Word(words) => keyed(json!({"type": "string", "enum": words})),
        Form::Code(last) => keyed(json!({"type": "integer", "minimum": 1, "maximum": last})),
    }
}

fn schema(value: Value) -> Schema {
    Schema::try_from(value).unwrap_or_default()
}

/// `{total, limit, offset, list}` of vehicles.
pub fn vehicles() -> Declared {
    Declared::data(|generator| {
        let one = vehicle_schema(generator);
        schema(json!({
            "type": "object",
            "properties": {
                "total": {"type": "integer", "minimum": 0},
                "limit": {"type": "integer", "minimum": 1},
                "offset": {"type": "integer", "minimum": 0},
                "list": {"type": "array", "items": one},
            },
            "required": ["total", "limit", "offset", "list"],
            "additionalProperties": false,
        }))
    })
}

/// `{vehicle}`.
pub fn one_vehicle() -> Declared {
    Declared::data(|generator| {
        let one = vehicle_schema(generator);
        schema(
            json!({"type": "object", "properties": {"vehicle": one}, "required": ["vehicle"], "additionalProperties": false}),
        )
    })
}

/// `{total, list}` of numbers with names.
pub fn named(number: &'static str, name: &'static str) -> Declared {
    Declared::data(move |_| {
        let one = json!({
            "type": "object",
            "properties": {number: {"type": "integer"}, name: {"type": "string"}},
            "required": [number, name],
            "additionalProperties": false,
        });
        schema(json!({
            "type": "object",
            "properties": {"total": {"type": "integer", "minimum": 0}, "list": {"type": "array", "items": one}},
            "required": ["total", "list"],
            "additionalProperties": false,
        }))
    })
}

/// Values by column.
pub fn values() -> Declared {
    Declared::data(|_| {
        let values = json!({"type": "array", "items": {"type": ["string", "integer", "boolean"]}});
        schema(json!({"type": "object", "additionalProperties": values}))
    })
}
