//! Query strings: as strict as bodies. A parameter that is unknown, repeated or of the wrong type is refused, all at once.

use std::{marker::PhantomData, sync::Arc};

use axum::extract::FromRequestParts;
use forecourt_query::qs;
use forecourt_record::{
    error::{Code, Error, FieldError, Result},
    shape::{code, nearest},
};
use http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use crate::{
    body::{sentence, shape},
    operation::OperationInfo,
    problem::Problem,
};

/// The query string as a `T`, whose fields are texts, numbers, flags or enums. Every fault is 400, pointed at as `query:<name>`.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned + JsonSchema + 'static,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if let Some(operation) = parts.extensions.get::<Arc<OperationInfo>>() {
            operation.reads_query::<T>()?;
        }
        Ok(Self(parse(parts.uri.query().unwrap_or_default())?))
    }
}

/// The value of a parameter, decoded, of a query string that nobody has looked at yet; the first of several.
pub(crate) fn value_of(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut named = pairs.filter(|(given, _)| decode(given).as_deref() == Some(name));
    named.next().and_then(|(_, value)| decode(value))
}

/// A query of which one parameter may be written in brackets too: `q[status]=won` beside `q={"status":"won"}`.
pub trait Bracketed {
    const NAME: &'static str;
}

/// A [`Query`] beside the pairs of its bracketed parameter, in the order they were sent and decoded.
#[derive(Debug)]
pub struct WithBrackets<T>(pub T, pub Vec<(String, String)>);

impl<T, S> FromRequestParts<S> for WithBrackets<T>
where
    T: Bracketed + DeserializeOwned + JsonSchema + 'static,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if let Some(operation) = parts.extensions.get::<Arc<OperationInfo>>() {
            operation.reads_query::<T>()?;
        }
        let (mut brackets, mut plain, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for pair in parts.uri.query().unwrap_or_default().split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(name) =
                decode(name).filter(|name| name.strip_prefix(T::NAME).is_some_and(|rest| rest.starts_with('[')))
            else {
                plain.push(pair);
                continue;
            };
            if let Some(value) = decode(value) {
                brackets.push((name, value));
            } else {
                let detail = format!("`{name}` is not valid percent-encoded text.");
                faults.push(fault(T::NAME, "encoding", detail));
            }
        }
        match parse(&plain.join("&")) {
            Ok(value) if faults.is_empty() => Ok(Self(value, brackets)),
            Ok(_) => Err(Problem(malformed(faults))),
            Err(error) => Err(Problem(malformed([error.fields, faults].concat()))),
        }
    }
}

/// A query whose parameters nest, as npm's `qs` reads it: the tree it stands for. `T` only documents it: its members are
/// the names there may be, and what they hold is the handler's affair.
#[derive(Debug)]
pub struct Nested<T>(pub Value, pub PhantomData<T>);

impl<T, S> FromRequestParts<S> for Nested<T>
where
    T: JsonSchema + 'static,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if let Some(operation) = parts.extensions.get::<Arc<OperationInfo>>() {
            operation.reads_query::<T>()?;
        }
        let tree = qs::parse(parts.uri.query().unwrap_or_default());
        let known = shape::<T>().schema().get("properties").and_then(Value::as_object);
        let names = || known.into_iter().flat_map(Map::keys).map(String::as_str);
        let given = tree.as_object().into_iter().flat_map(Map::keys);
        let mut faults: Vec<_> =
            given.filter(|name| !names().any(|known| known == *name)).map(|name| unknown(name, names())).collect();
        for (name, _) in tree.as_object().into_iter().flatten().filter(|(_, value)| holds_nul(value)) {
            faults.push(fault(name, "encoding", format!("`{name}` cannot hold the character NUL.")));
        }
        if faults.is_empty() { Ok(Self(tree, PhantomData)) } else { Err(Problem(malformed(faults))) }
    }
}

/// No document holds NUL, so nobody asks for one.
fn holds_nul(tree: &Value) -> bool {
    match tree {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Reads a `T` out of a query string, without its `?`. The error is `malformed_query`, with every failing parameter.
pub fn parse<T: DeserializeOwned + JsonSchema + 'static>(query: &str) -> Result<T> {
    let shape = shape::<T>();
    let schema = shape.schema();
    let known = schema.get("properties").and_then(Value::as_object);
    let mut values = Map::new();
    let mut faults = Vec::new();

    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (raw_name, raw_value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(name) = decode(raw_name) else {
            faults.push(fault(
                raw_name,
                "encoding",
                format!("The parameter name `{raw_name}` is not valid percent-encoded text."),
            ));
            continue;
        };
        let Some(wanted) = known.and_then(|known| known.get(&name)) else {
            faults.push(unknown(&name, known.into_iter().flat_map(Map::keys).map(String::as_str)));
            continue;
        };
        let read = match decode(raw_value) {
            _ if values.contains_key(&name) => Err(("repeated", format!("`{name}` is given more than once."))),
            Some(text) => convert(text, wanted, schema)
                .map_err(|expected| (code::WRONG_TYPE, format!("`{name}` must be {expected}."))),
            None => Err(("encoding", format!("`{name}` is not valid percent-encoded text."))),
        };
        match read {
            Ok(value) => drop(values.insert(name, value)),
            Err((code, detail)) => {
                faults.push(fault(&name, code, detail));
                // Kept as present, so that nothing further is said about it.
                values.entry(name).or_insert(Value::Null);
            }
        }
    }

    let values = Value::Object(values);
    for FieldError { pointer, code, detail } in shape.check(&values) {
        let name = pointer.trim_start_matches('/');
        let found = fault(name, code, format!("`{name}`: {detail}"));
        if !faults.iter().any(|fault| fault.pointer == found.pointer) {
            faults.push(found);
        }
    }
    if !faults.is_empty() {
        return Err(malformed(faults));
    }
    T::deserialize(values).map_err(|error| {
        // What a schema cannot say is said by the type itself, which names the field in backquotes.
        let message = error.to_string();
        let name = message.split('`').nth(1).unwrap_or_default();
        malformed(vec![fault(name, "invalid", sentence(&message))])
    })
}

/// Refuses any query string at all: for operations that take none.
pub fn none(query: Option<&str>) -> Result<()> {
    let names = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let faults: Vec<_> =
        names.map(|pair| unknown(pair.split('=').next().unwrap_or_default(), [].into_iter())).collect();
    if faults.is_empty() { Ok(()) } else { Err(malformed(faults)) }
}

/// `malformed_query` with these faults: one is said in full, more are counted.
pub fn malformed(faults: Vec<FieldError>) -> Error {
    let detail = match faults.as_slice() {
        [only] => only.detail.clone(),
        many => format!("{} query parameters are not valid.", many.len()),
    };
    Error { fields: faults, ..Error::new(Code::MalformedQuery, detail) }
}

fn fault(name: &str, code: &'static str, detail: String) -> FieldError {
    FieldError::new(format!("query:{name}"), code, detail)
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> FieldError {
    let hint = nearest(name, known).map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
    fault(name, "unknown_parameter", format!("There is no parameter `{name}`.{hint}"))
}

/// Percent-decodes a name or a value; `+` is a blank. None for a broken escape, for what is not UTF-8, and for NUL.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                (digit()? << 4 | digit()?) as u8
            }
            other => other,
        });
    }
    String::from_utf8(decoded).ok().filter(|text| !text.contains('\0'))
}

/// The JSON types a schema allows, in the order in which a text is tried against them.
#[derive(Clone, Copy, Default)]
struct Types {
    integer: bool,
    number: bool,
    boolean: bool,
    string: bool,
}

/// Turns a text into the type its schema wants; else says what was expected.
fn convert(text: String, schema: &Value, root: &Value) -> Result<Value, &'static str> {
    let mut types = Types::default();
    collect(schema, root, &mut types, 8);
    let integer = || text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok();
    let number = || integer().or_else(|| text.parse().ok().and_then(Number::from_f64));
    let read = match text.as_str() {
        "true" if types.boolean => Some(Value::Bool(true)),
        "false" if types.boolean => Some(Value::Bool(false)),
        _ if types.number => number().map(Value::Number),
        _ if types.integer => integer().map(Value::Number),
        _ => None,
    };
    match read {
        Some(value) => Ok(value),
        None if types.string => Ok(Value::String(text)),
        None if types.number => Err("a number"),
        None if types.integer => Err("a whole number"),
        None if types.boolean => Err("true or false"),
        // A schema that says nothing takes any text.
        None => Ok(Value::String(text)),
    }
}

/// Gathers the types of a schema, through references and alternatives. `depth` ends a schema that refers to itself.
fn collect(schema: &Value, root: &Value, types: &mut Types, depth: u8) {
    if depth == 0 {
        return;
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#')) {
        root.pointer(target).into_iter().for_each(|schema| collect(schema, root, types, depth - 1));
    }
    for branch in ["anyOf", "oneOf", "allOf"] {
        let branches = schema.get(branch).and_then(Value::as_array);
        branches.into_iter().flatten().for_each(|schema| collect(schema, root, types, depth - 1));
    }
    let named = match schema.get("type") {
        Some(Value::Array(names)) => names.iter().collect(),
        Some(name) => vec![name],
        None => vec![],
    };
    for name in named.into_iter().filter_map(Value::as_str) {
        match name {
            "integer" => types.integer = true,
            "number" => types.number = true,
            "boolean" => types.boolean = true,
            "string" => types.string = true,
            _ => {}
        }
    }
    let stated = schema.get("enum").and_then(Value::as_array).into_iter().flatten().chain(schema.get("const"));
    types.string |= schema.get("type").is_none() && stated.into_iter().any(Value::is_string);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Filter {
        A,
        Reject,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename_all = "camelCase")]
    #[expect(dead_code, reason = "read through Debug only")]
    struct List {
        min_score: Option<i32>,
        price: Option<f64>,
        filter: Option<Filter>,
        archived: Option<bool>,
        q: Option<String>,
    }

    fn check(query: &str, expected: &str) {
        let read = match parse::<List>(query) {
            Ok(list) => format!("{list:?}").replace("None", "-"),
            Err(error) => {
                assert_eq!(error.code, Code::MalformedQuery);
                error
                    .fields
                    .iter()
                    .map(|field| format!("{} {}", field.pointer, field.code))
                    .collect::<Vec<_>>()
                    .join(", ")
            }
        };
        assert_eq!(read, expected, "{query}");
    }

    #[test]
    fn converts_by_the_schema() {
        check("", "List { min_score: -, price: -, filter: -, archived: -, q: - }");
        check(
            "minScore=70&price=19.99&filter=reject&archived=true&q=12",
            r#"List { min_score: Some(70), price: Some(19.99), filter: Some(Reject), archived: Some(true), q: Some("12") }"#,
        );
        check("&q=a+b%20%C3%A9&&", r#"List { min_score: -, price: -, filter: -, archived: -, q: Some("a b é") }"#);
        check("price=3&q=", r#"List { min_score: -, price: Some(3.0), filter: -, archived: -, q: Some("") }"#);
    }

    #[test]
    fn names_every_fault_at_once() {
        check(
            "minScore=7.5&archived=yes&price=NaN&minscore=1",
            "query:minScore wrong_type, query:archived wrong_type, query:price wrong_type, query:minscore unknown_parameter",
        );
        check("q=a&q=b", "query:q repeated");
        check("q=%zz", "query:q encoding");
        check("q=%", "query:q encoding");
        check("q=%ff", "query:q encoding");
        check("q=a%00b", "query:q encoding");
        check("%zz=1", "query:%zz encoding");
        check("minScore=99999999999", "query:minScore too_large");
        check("minScore=", "query:minScore wrong_type");
        check("__proto__=1", "query:__proto__ unknown_parameter");
    }

    #[test]
    fn offers_the_nearest_name() {
        let error = parse::<List>("minscore=1").unwrap_err();
        assert!(error.detail.contains("Did you mean `minScore`?"), "{}", error.detail);
    }

    #[test]
    fn an_operation_without_parameters_takes_none() {
        assert!(none(None).is_ok() && none(Some("")).is_ok());
        assert_eq!(none(Some("a=1&b")).unwrap_err().fields.len(), 2);
    }
}
