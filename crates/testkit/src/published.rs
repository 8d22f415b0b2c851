//! The published documents as a referee: every answer of every test is held against them.
//!
//! An operation that answers with a status, an error code or a body that its document does not have fails the test that
//! saw it. Debug builds only: whoever measures a release build measures the server.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, RwLock},
};

use forecourt_api::{
    App,
    operation::{OperationInfo, Operations},
};
use forecourt_record::{Shape, shape::code};
use http::{Method, header::CONTENT_TYPE};
use serde_json::{Map, Value, json};

use crate::Answer;

static PUBLISHED: LazyLock<Vec<Published>> = LazyLock::new(|| dialects().iter().map(Published::of).collect());

/// The dialects that the tests' server speaks.
pub fn dialects() -> Vec<Operations<App>> {
    vec![
        forecourt_dialect_altum::operations(),
        forecourt_dialect_walcu::operations(),
        forecourt_dialect_walcu::jobs(),
        forecourt_dialect_autengo::operations(),
        forecourt_dialect_dialler::operations(),
        forecourt_dialect_trackdrive::operations(),
        forecourt_dialect_native::operations(),
    ]
}

/// What one dialect's document says of its answers.
struct Published {
    operations: Vec<Arc<OperationInfo>>,
    definitions: Value,
    /// By operation, status and media type.
    schemas: HashMap<Answered, Value>,
    /// Those that were asked for, compiled.
    shapes: RwLock<HashMap<Answered, Arc<Shape>>>,
    /// The statuses of each operation, with a body or without one.
    statuses: HashMap<String, Vec<u16>>,
}

type Answered = (String, u16, String);

impl Published {
    fn of(dialect: &Operations<App>) -> Self {
        let document = dialect.openapi();
        let definitions = with_local_references(document["components"]["schemas"].clone());
        let (mut schemas, mut statuses) = (HashMap::new(), HashMap::<String, Vec<u16>>::new());
        for operation in members(&document["paths"]).flat_map(|(_, path)| members(path)).map(|(_, operation)| operation)
        {
            let name = operation["operationId"].as_str().expect("an operation has a name");
            for (status, answer) in members(&operation["responses"]) {
                let status: u16 = status.parse().expect("a status is a number");
                statuses.entry(name.to_owned()).or_default().push(status);
                for (media, content) in members(&answer["content"]) {
                    let schema = with_local_references(content["schema"].clone());
                    schemas.insert((name.to_owned(), status, media.clone()), schema);
                }
            }
        }
        Self { operations: dialect.describe(), definitions, schemas, shapes: RwLock::default(), statuses }
    }

    /// The operation that a path is routed to: of several that fit, the one that says most of it in words.
    fn operation(&self, method: &Method, path: &str) -> Option<&OperationInfo> {
        let fitting = self.operations.iter().filter(|one| one.method == *method && fits(one.path, path));
        fitting.min_by_key(|one| one.path_parameters().count()).map(AsRef::as_ref)
    }

    fn shape(&self, answered: Answered) -> Option<Arc<Shape>> {
        if let Some(shape) = self.shapes.read().expect("whole").get(&answered) {
            return Some(shape.clone());
        }
        let mut schema = self.schemas.get(&answered)?.clone();
        schema["$defs"] = reached(&schema, &self.definitions);
        let shape = Arc::new(Shape::from_schema(schema));
        self.shapes.write().expect("whole").insert(answered, shape.clone());
        Some(shape)
    }

    fn check(&self, operation: &OperationInfo, answer: &Answer) {
        let (name, status) = (operation.name, answer.status.as_u16());
        let shown = String::from_utf8_lossy(&answer.bytes);
        let statuses = self.statuses.get(name).map(Vec::as_slice).unwrap_or_default();
        assert!(statuses.contains(&status), "{name} answered {status}, which its document does not have: {shown}");
        // A part of a body, and a packed one, is no document.
        let is_part = status == 206 || answer.header("content-encoding").is_some();
        if answer.bytes.is_empty() || is_part {
            return;
        }
        let media = answer.headers.get(CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default();
        let Some(shape) = self.shape((name.to_owned(), status, media.to_owned())) else {
            panic!("{name} answered {status} as {media:?}, which its document does not have: {shown}");
        };
        if !media.ends_with("json") || media.ends_with("ndjson") {
            return;
        }
        let mut faults = shape.check(&answer.json());
        // An answer may repeat what it was asked, whatever that was.
        faults.retain(|fault| fault.code != code::NUL_CHARACTER);
        assert!(faults.is_empty(), "{name} answered {status} with another body than it documents: {faults:?} {shown}");
    }
}

/// Holds an answer against the document of whichever operation gave it.
///
/// # Panics
/// When the document does not have such an answer.
pub(crate) fn hold(method: &Method, path: &str, answer: &Answer) {
    for published in PUBLISHED.iter() {
        if let Some(operation) = published.operation(method, path) {
            published.check(operation, answer);
        }
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || (wanted.starts_with('{') && !given.is_empty()) => {}
            _ => return false,
        }
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// The definitions that a schema refers to, and those they refer to.
fn reached(schema: &Value, definitions: &Value) -> Value {
    let mut found = Map::new();
    let mut waiting = vec![schema];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(members) => {
                let target =
                    members.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix("#/$defs/"));
                if let Some(name) = target.filter(|name| !found.contains_key(*name)) {
                    found.insert(name.to_owned(), definitions[name].clone());
                    waiting.push(&definitions[name]);
                }
                waiting.extend(members.values());
            }
            Value::Array(items) => waiting.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    found.into()
}

/// A schema of the document as one that stands alone, beside its definitions.
fn with_local_references(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                let target = member.as_str().and_then(|target| target.strip_prefix("#/components/schemas/"));
                *member = match target.filter(|_| name == "$ref") {
                    Some(target) => json!(format!("#/$defs/{target}")),
                    None => with_local_references(member.take()),
                };
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = with_local_references(item.take())),
        _ => {}
    }
    schema
}
