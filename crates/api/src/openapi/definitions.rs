//! The schemas of a document: generated once for what is read and once for what is written, then put together.

use std::collections::BTreeMap;

use forecourt_record::Shape;
use schemars::{Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::Value;

/// Where the definitions of types that are read stand until they are merged with those that are written.
const READ: &str = "/components/read";
const WRITTEN: &str = "/components/schemas";
/// Where a schema that stands alone keeps its parts.
const LOCAL: &str = "#/$defs/";

/// The two generators: a type may be read and written differently (a default is optional to send, always answered).
pub struct Schemas {
    pub read: SchemaGenerator,
    pub written: SchemaGenerator,
}

impl Schemas {
    pub fn new() -> Self {
        let at = |path: &'static str| {
            SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = path.into())
        };
        Self {
            read: at(READ).for_deserialize().into_generator(),
            written: at(WRITTEN).for_serialize().into_generator(),
        }
    }
}

/// Puts the schema of a shape into a generator's definitions under `name`, with all it holds, and refers to it. A part
/// whose name is taken by another schema gets the whole's name in front.
pub fn define(generator: &mut SchemaGenerator, name: &str, shape: &Shape) -> Schema {
    let target = |name: &str| format!("#{}/{name}", generator.settings().definitions_path);
    if !generator.definitions().contains_key(name) {
        let mut whole = shape.schema().clone();
        let parts = whole.as_object_mut().and_then(|members| {
            members.remove("$schema");
            members.remove("$defs")
        });
        let mut parts: Vec<(String, Value)> = match parts {
            Some(Value::Object(parts)) => parts.into_iter().collect(),
            _ => Vec::new(),
        };
        let clashes = |part: &str, schema: &Value| {
            let mut placed = schema.clone();
            rewrite(&mut placed, &|part| target(part));
            generator.definitions().get(part).is_some_and(|other| *other != placed)
        };
        // Parts that hold a renamed part refer to it by its new name, and so differ too.
        let mut renamed: Vec<String> = Vec::new();
        loop {
            let differs = |(part, schema): &&(String, Value)| {
                !renamed.contains(part)
                    && (clashes(part, schema)
                        || (generator.definitions().contains_key(part)
                            && local_refs(schema).iter().any(|held| renamed.contains(held))))
            };
            let found: Vec<String> = parts.iter().filter(differs).map(|(part, _)| part.clone()).collect();
            if found.is_empty() {
                break;
            }
            renamed.extend(found);
        }
        let placed =
            |part: &str| if renamed.iter().any(|one| one == part) { format!("{name}{part}") } else { part.to_owned() };
        let place = |part: &str| target(&placed(part));
        rewrite(&mut whole, &place);
        for (_, schema) in &mut parts {
            rewrite(schema, &place);
        }
        let parts: Vec<(String, Value)> = parts.into_iter().map(|(part, schema)| (placed(&part), schema)).collect();
        let definitions = generator.definitions_mut();
        definitions.extend(parts);
        definitions.insert(name.to_owned(), whole);
    }
    json_schema!({ "$ref": format!("#{}/{name}", generator.settings().definitions_path) })
}

/// Points the references to a shape's own parts elsewhere.
fn rewrite(schema: &mut Value, place: &dyn Fn(&str) -> String) {
    walk_refs(schema, &mut |target| {
        if let Some(part) = target.strip_prefix(LOCAL) {
            *target = place(part);
        }
    });
}

/// The names of the parts a schema refers to.
fn local_refs(schema: &Value) -> Vec<String> {
    let mut names = Vec::new();
    walk_refs(&mut schema.clone(), &mut |target| names.extend(target.strip_prefix(LOCAL).map(str::to_owned)));
    names
}

/// Moves all definitions to `components.schemas`. Read and written types of one name share it when they are alike;
/// otherwise the read one is called `<Name>Input`.
pub fn merge(document: &mut Value, mut schemas: Schemas) {
    let read = schemas.read.take_definitions(true);
    let written = schemas.written.take_definitions(true);

    // Alike means alike all the way down: a type that holds one of the differing types differs too, by its references.
    let as_written = |schema: &Value| {
        let mut schema = schema.clone();
        rewrite_refs(&mut schema, &|name| name.to_owned());
        schema
    };
    let mut differing: Vec<&String> = Vec::new();
    loop {
        let found: Vec<_> = read
            .iter()
            .filter(|(name, _)| !differing.contains(name))
            .filter(|(name, schema)| {
                let clashes = written.get(*name).is_some_and(|other| *other != as_written(schema));
                let holds = read_refs(schema).iter().any(|held| differing.contains(&held));
                clashes || (holds && written.contains_key(*name))
            })
            .map(|(name, _)| name)
            .collect();
        if found.is_empty() {
            break;
        }
        differing.extend(found);
    }
    let mut names = BTreeMap::new();
    for name in read.keys() {
        let mut chosen = name.clone();
        if differing.contains(&name) {
            chosen.push_str("Input");
            while read.contains_key(&chosen) || written.contains_key(&chosen) {
                chosen.push('_');
            }
        }
        names.insert(name.clone(), chosen);
    }

    let rename = |name: &str| names.get(name).cloned().unwrap_or_else(|| name.to_owned());
    rewrite_refs(document, &rename);
    if let Some(components) = document["components"]["schemas"].as_object_mut() {
        components.extend(written);
        for (name, mut schema) in read {
            rewrite_refs(&mut schema, &rename);
            components.insert(rename(&name), schema);
        }
    }
}

/// The names of the read definitions a schema refers to.
fn read_refs(schema: &Value) -> Vec<String> {
    let mut names = Vec::new();
    walk_refs(&mut schema.clone(), &mut |target| {
        names.extend(read_name(target).map(str::to_owned));
    });
    names
}

/// Points references to read definitions at their final place.
fn rewrite_refs(value: &mut Value, rename: &dyn Fn(&str) -> String) {
    walk_refs(value, &mut |target| {
        if let Some(name) = read_name(target) {
            *target = format!("#{WRITTEN}/{}", rename(name));
        }
    });
}

fn read_name(target: &str) -> Option<&str> {
    target.strip_prefix('#')?.strip_prefix(READ)?.strip_prefix('/')
}

pub fn walk_refs(value: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => visit(target),
                    member => walk_refs(member, visit),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk_refs(item, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
