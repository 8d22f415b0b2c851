//! What an operation reads or answers, by a type or by data: its schema in the document, and the shape that holds for it.

use std::{any::TypeId, fmt, sync::Arc};

use forecourt_record::{FieldError, Shape};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

use crate::body;

/// A type, or a schema that is put together when it is asked for.
#[derive(Clone)]
pub struct Declared(Source);

#[derive(Clone)]
enum Source {
    Type {
        id: TypeId,
        /// The schema as a reference into the generator's definitions.
        schema: fn(&mut SchemaGenerator) -> Schema,
        /// The schema spelt out, its parts still references.
        inline: fn(&mut SchemaGenerator) -> Schema,
        shape: fn() -> &'static Shape,
    },
    Data(Arc<dyn Fn(&mut SchemaGenerator) -> Schema + Send + Sync>),
}

impl Declared {
    pub fn of<T: JsonSchema + 'static>() -> Self {
        Self(Source::Type {
            id: TypeId::of::<T>(),
            schema: SchemaGenerator::subschema_for::<T>,
            inline: T::json_schema,
            shape: body::shape::<T>,
        })
    }

    /// A schema made of data. The function puts what it names into the generator's definitions, see [`crate::openapi::define`].
    pub fn data(schema: impl Fn(&mut SchemaGenerator) -> Schema + Send + Sync + 'static) -> Self {
        Self(Source::Data(Arc::new(schema)))
    }

    /// Whether this is the type `T`.
    pub(super) fn is<T: 'static>(&self) -> bool {
        matches!(&self.0, Source::Type { id, .. } if *id == TypeId::of::<T>())
    }

    pub(super) fn is_data(&self) -> bool {
        matches!(&self.0, Source::Data(_))
    }

    pub(crate) fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        match &self.0 {
            Source::Type { schema, .. } => schema(generator),
            Source::Data(schema) => schema(generator),
        }
    }

    pub(crate) fn inline(&self, generator: &mut SchemaGenerator) -> Schema {
        match &self.0 {
            Source::Type { inline, .. } => inline(generator),
            Source::Data(schema) => schema(generator),
        }
    }

    /// What is wrong with a value. The shape of data is compiled anew each time: only tests ask.
    pub(super) fn faults(&self, value: &Value) -> Vec<FieldError> {
        match &self.0 {
            Source::Type { shape, .. } => shape().check(value),
            Source::Data(schema) => {
                let mut generator = SchemaSettings::draft2020_12().for_deserialize().into_generator();
                let mut root = schema(&mut generator).to_value();
                root["$defs"] = generator.take_definitions(true).into();
                Shape::from_schema(root).check(value)
            }
        }
    }
}

impl fmt::Debug for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Source::Type { .. } => "a type",
            Source::Data(_) => "data",
        })
    }
}
