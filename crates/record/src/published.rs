//! The shape of a whole published document, put together from the types of its kind.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::{Shape, spec::KindSpec};

/// The shape of the kind's published document. Compiled at the first call and kept for the life of the process.
pub fn shape(spec: &KindSpec) -> &'static Shape {
    static SHAPES: RwLock<BTreeMap<&'static str, &'static Shape>> = RwLock::new(BTreeMap::new());
    // A panic between these lines leaves a map that is whole.
    if let Some(shape) = SHAPES.read().unwrap_or_else(PoisonError::into_inner).get(spec.name) {
        return shape;
    }
    let mut shapes = SHAPES.write().unwrap_or_else(PoisonError::into_inner);
    shapes.entry(spec.name).or_insert_with(|| Box::leak(Box::new(Shape::from_schema(schema(spec)))))
}

/// The JSON Schema of the kind's published document.
fn schema(spec: &KindSpec) -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_deserialize().into_generator();
    let mut schema = (spec.types.doc)(&mut generator).to_value();
    let computed = (spec.types.computed)(&mut generator).to_value();
    let id =
        json!({"type": "string", "format": "id", "description": "24 lowercase hex digits, in the order of creation."});
    let instant = json!({"type": "string", "format": "instant"});
    let mut members = Map::new();
    members.insert("_id".into(), id.clone());
    if let Some(Value::Object(own)) = schema.get_mut("properties").map(Value::take) {
        members.extend(own);
    }
    let version =
        json!({"type": "integer", "minimum": 0, "description": "Starts at 0 and rises by one with every write."});
    for (name, member) in [
        ("dealer_id", id),
        ("created_at", instant.clone()),
        ("updated_at", instant),
        ("computed", computed),
        ("__v", version),
    ] {
        members.insert(name.into(), member);
    }
    schema["properties"] = members.into();
    let definitions = generator.take_definitions(true);
    if !definitions.is_empty() {
        schema["$defs"] = definitions.into();
    }
    schema
}
