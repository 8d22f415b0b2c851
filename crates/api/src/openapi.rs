//! OpenAPI 3.1 from the operations themselves, so that what is documented is what is routed.

mod definitions;

use std::{collections::BTreeMap, sync::Arc};

use forecourt_record::error::Code;
use http::StatusCode;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::{
    operation::{About, Access, Answer, KeyPlace, Media, Note, OperationInfo},
    problem::{self, ProblemDocument},
};

use definitions::Schemas;
pub use definitions::define;

/// The document of one dialect.
pub fn document(about: &About, operations: &[Arc<OperationInfo>]) -> Value {
    let mut schemas = Schemas::new();
    // First of all, so that the name is its own.
    let problem = schemas.written.subschema_for::<ProblemDocument<'static>>().to_value();
    let mut paths = Map::new();
    let mut tags = Vec::new();
    let scheme = if about.key == KeyPlace::Bearer { "bearer" } else { "key" };
    for info in operations {
        let tag = tag(info.path, about.base);
        if !tags.contains(&tag) {
            tags.push(tag.clone());
        }
        let item = paths.entry(info.path).or_insert_with(|| json!({}));
        item[info.method.as_str().to_ascii_lowercase()] = operation(info, &tag, scheme, &problem, &mut schemas);
    }
    let key = |place, name| json!({ "type": "apiKey", "in": place, "name": name, "description": "An API key." });
    let security = match about.key {
        KeyPlace::Header(name) => key("header", name),
        KeyPlace::Query(name) => key("query", name),
        // A document has one place for a key; the others are described with the body.
        KeyPlace::Sent(names) => key("query", names.first().unwrap_or(&"")),
        KeyPlace::Bearer => {
            json!({ "type": "http", "scheme": "bearer", "description": "An API key, or the token of a login." })
        }
    };
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": about.title, "version": about.version, "description": about.description },
        "servers": [{ "url": "/" }],
        "tags": tags.iter().map(|tag| json!({ "name": tag })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": {},
            "headers": rate_limit_headers(),
            "securitySchemes": { scheme: security },
        },
    });
    if about.user_tokens {
        for (name, header, description) in USER_TOKENS {
            let scheme = json!({ "type": "apiKey", "in": "header", "name": header, "description": description });
            document["components"]["securitySchemes"][name] = scheme;
        }
    }
    definitions::merge(&mut document, schemas);
    document
}

/// The first word of the path that says what it is about: `/v1/leads/{id}` is about `leads`.
fn tag(path: &str, base: &str) -> String {
    let version = |segment: &str| segment.strip_prefix('v').is_some_and(|rest| rest.parse::<u8>().is_ok());
    path.strip_prefix(base)
        .unwrap_or(path)
        .split('/')
        .find(|segment| !segment.is_empty() && !segment.starts_with('{') && !version(segment) && *segment != "api")
        .unwrap_or("root")
        .to_owned()
}

fn operation(info: &OperationInfo, tag: &str, scheme: &str, problem: &Value, schemas: &mut Schemas) -> Value {
    let mut operation = json!({
        "operationId": info.name,
        "summary": info.summary,
        "tags": [tag],
        "x-access": info.access.to_string(),
        "security": match info.access {
            Access::Public | Access::Signed => json!([]),
            Access::Session => secured(scheme, &[], info.for_user),
            Access::Right(right) => secured(scheme, &[right.as_str()], info.for_user),
        },
    });
    if !info.description.is_empty() {
        operation["description"] = info.description.into();
    }
    let parameters = parameters(info, &mut schemas.read);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if info.takes_body() {
        operation["requestBody"] = json!({ "required": true, "content": content(&info.bodies, &mut schemas.read) });
    }
    let mut responses = Map::new();
    for one in &info.answers {
        responses.insert(one.status.to_string(), answer(one, info.access, &mut schemas.written));
    }
    for (status, codes) in problems_by_status(info) {
        // A documented answer under the same status stands; its description speaks for itself.
        responses.entry(status.as_str()).or_insert_with(|| problem_response(status, &codes, problem, info.access));
    }
    operation["responses"] = responses.into();
    operation
}

/// The credentials an operation asks for: a key or login, and for a user's sake a token, in one of two headers.
fn secured(scheme: &str, rights: &[&str], for_user: bool) -> Value {
    if !for_user {
        return json!([{ scheme: rights }]);
    }
    USER_TOKENS.iter().map(|(name, ..)| json!({ scheme: rights, *name: [] })).collect()
}

/// Where a token that names a user may be: the scheme's name in the document, the header, what it holds.
const USER_TOKENS: [(&str, &str, &str); 2] = [
    ("user", "Authorization", "`JWT <token>`: narrows the key to a user."),
    ("userToken", "X-Authorization", "`Bearer <token>`: the same, where `Authorization` is not free."),
];

fn parameters(info: &OperationInfo, read: &mut SchemaGenerator) -> Vec<Value> {
    let path = info.path_parameters().map(|name| {
        let description = info.path_notes.iter().find(|note| note.name == name).map_or("", |note| note.description);
        json!({ "name": name, "in": "path", "required": true, "description": description, "schema": { "type": "string" } })
    });
    let headers = info.header_notes.iter().map(|Note { name, description }| {
        json!({ "name": name, "in": "header", "required": false, "description": description, "schema": { "type": "string" } })
    });
    let query = info.query.as_ref().map(|query| query.inline(read).to_value()).unwrap_or_default();
    let required = query.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let query = query.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, schema)| {
        let mut schema = schema.clone();
        // The description belongs to the parameter; there is no way to send a null.
        let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        drop_null(&mut schema);
        let mut parameter = json!({
            "name": name,
            "in": "query",
            "required": required.iter().any(|required| required == name),
            "description": description.unwrap_or_else(|| "".into()),
            "schema": schema,
        });
        if parameter["schema"]["type"] == "object" {
            parameter["style"] = "deepObject".into();
            parameter["explode"] = true.into();
        }
        parameter
    });
    path.chain(query.collect::<Vec<_>>()).chain(headers).collect()
}

/// Makes `["string", "null"]` a `string`, and takes null out of alternatives and enums.
fn drop_null(schema: &mut Value) {
    let is_null = |schema: &Value| schema.get("type").is_some_and(|kind| kind == "null");
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.retain(|value| !value.is_null());
    }
    if let Some(branches) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        branches.retain(|branch| !is_null(branch));
        if let [only] = branches.as_slice() {
            let only = only.clone();
            if let (Some(schema), Value::Object(only)) = (schema.as_object_mut(), only) {
                schema.remove("anyOf");
                schema.extend(only);
            }
        }
    }
}

fn answer(answer: &Answer, access: Access, written: &mut SchemaGenerator) -> Value {
    let mut response = json!({ "description": answer.description });
    if !answer.content.is_empty() {
        response["content"] = content(&answer.content, written);
    }
    let mut headers = limit_headers(access);
    for Note { name, description } in &answer.headers {
        headers.insert((*name).to_owned(), json!({ "description": description, "schema": { "type": "string" } }));
    }
    if !headers.is_empty() {
        response["headers"] = headers.into();
    }
    response
}

/// A body by its media types.
fn content(bodies: &[Media], generator: &mut SchemaGenerator) -> Value {
    let content = bodies.iter().map(|Media { media, content, example }| {
        let mut body = json!({ "schema": content.schema(generator) });
        if let Some(example) = example {
            body["example"] = example.clone();
        }
        ((*media).to_owned(), body)
    });
    Value::Object(content.collect())
}

fn problems_by_status(info: &OperationInfo) -> BTreeMap<StatusCode, Vec<Code>> {
    let mut by_status = BTreeMap::<StatusCode, Vec<Code>>::new();
    for code in info.problems() {
        by_status.entry(problem::status(code.kind())).or_default().push(code);
    }
    by_status
}

fn problem_response(status: StatusCode, codes: &[Code], problem: &Value, access: Access) -> Value {
    let lines: Vec<_> = codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), code.title())).collect();
    let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    // Who is not let in has no bucket.
    let mut headers = match status {
        StatusCode::UNAUTHORIZED => Map::new(),
        _ => limit_headers(access),
    };
    if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert("Retry-After".into(), json!({ "$ref": "#/components/headers/Retry-After" }));
    }
    let mut schema = problem.clone();
    schema["properties"] = json!({ "code": { "enum": names } });
    let mut response = json!({
        "description": lines.join("\n\n"),
        "content": { "application/problem+json": {
            "schema": schema,
        } },
    });
    if !headers.is_empty() {
        response["headers"] = headers.into();
    }
    response
}

/// Limits are per credential, so only callers with one see them.
fn limit_headers(access: Access) -> Map<String, Value> {
    match access {
        Access::Public | Access::Signed => Map::new(),
        Access::Session | Access::Right(_) => ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]
            .into_iter()
            .map(|name| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{name}") })))
            .collect(),
    }
}

fn rate_limit_headers() -> Value {
    let header = |description| json!({ "description": description, "schema": { "type": "integer", "minimum": 0 } });
    json!({
        "RateLimit-Limit": header("Requests a minute this credential may make."),
        "RateLimit-Remaining": header("Requests left at this moment."),
        "RateLimit-Reset": header("Seconds until all of them are available again."),
        "Retry-After": header("Whole seconds to wait before the next request."),
    })
}

#[cfg(test)]
mod tests;
