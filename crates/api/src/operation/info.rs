//! What is known of an operation once it is routed.

use std::any::TypeId;

use forecourt_record::{
    Shape,
    error::{Code, Error, Result},
};
use http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use crate::{access::Access, body};

/// A type that an operation reads or answers, by what can be asked of it later.
#[derive(Clone, Copy)]
pub struct Declared {
    id: TypeId,
    /// The schema as a reference into the generator's definitions.
    pub(crate) schema: fn(&mut SchemaGenerator) -> Schema,
    /// The schema spelt out, its parts still references.
    pub(crate) inline: fn(&mut SchemaGenerator) -> Schema,
    shape: fn() -> &'static Shape,
}

impl Declared {
    pub(super) fn of<T: JsonSchema + 'static>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            schema: SchemaGenerator::subschema_for::<T>,
            inline: T::json_schema,
            shape: body::shape::<T>,
        }
    }
}

/// One documented answer.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub description: &'static str,
    pub(crate) content: Option<Declared>,
    pub(crate) example: Option<Value>,
    pub(crate) headers: Vec<Note>,
}

/// The description of a parameter or a header.
#[derive(Clone, Copy, Debug)]
pub struct Note {
    pub name: &'static str,
    pub description: &'static str,
}

/// What is known of a routed operation. A reference to it travels in the extensions of every request it answers.
#[derive(Clone)]
pub struct OperationInfo {
    pub method: Method,
    /// In axum's and OpenAPI's common syntax: `/v1/leads/{id}`.
    pub path: &'static str,
    /// Unique within the dialect, resource first: `lead_list`.
    pub name: &'static str,
    pub access: Access,
    pub summary: &'static str,
    /// Markdown.
    pub description: &'static str,
    pub answers: Vec<Answer>,
    pub(crate) path_notes: Vec<Note>,
    pub(crate) header_notes: Vec<Note>,
    pub(crate) query: Option<Declared>,
    pub(crate) body: Option<Declared>,
    pub(crate) body_example: Option<Value>,
    pub(super) problems: Vec<Code>,
}

impl OperationInfo {
    /// The names in braces, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
    }

    pub fn takes_body(&self) -> bool {
        self.body.is_some()
    }

    /// Every error it may answer with: those it names, and those that follow from what it is.
    pub fn problems(&self) -> Vec<Code> {
        let mut problems = self.problems.clone();
        problems.extend_from_slice(match self.access {
            Access::Public => &[],
            Access::Session => &[Code::Unauthenticated, Code::RateLimited],
            Access::Right(_) => &[Code::Unauthenticated, Code::Forbidden, Code::RateLimited],
            Access::Signed => &[Code::BadSignature],
        });
        if self.access != Access::Signed {
            problems.push(Code::MalformedQuery);
        }
        if self.body.is_some() {
            problems.extend([Code::MalformedJson, Code::TooLarge, Code::UnsupportedMedia, Code::Invalid]);
        }
        if self.path_parameters().next().is_some() {
            problems.push(Code::NotFound);
        }
        problems.extend([Code::Internal, Code::Unavailable]);
        let order = |code: &Code| Code::ALL.iter().position(|known| known == code);
        problems.sort_by_key(order);
        problems.dedup();
        problems
    }

    /// Refuses to read a body that the documentation does not promise: a handler and its description cannot drift apart.
    pub(crate) fn reads_body<T: 'static>(&self) -> Result<()> {
        self.promised::<T>(self.body, "body")
    }

    /// The same for the query string.
    pub(crate) fn reads_query<T: 'static>(&self) -> Result<()> {
        self.promised::<T>(self.query, "query")
    }

    fn promised<T: 'static>(&self, declared: Option<Declared>, what: &str) -> Result<()> {
        match declared {
            Some(declared) if declared.id == TypeId::of::<T>() => Ok(()),
            _ => Err(Error::internal(format!(
                "{} reads a {what} it does not document: {}",
                self.name,
                std::any::type_name::<T>()
            ))),
        }
    }

    /// What is wrong with the description itself.
    pub(super) fn flaws(&self) -> Vec<String> {
        let mut flaws = Vec::new();
        if self.summary.is_empty() {
            flaws.push("has no summary".into());
        }
        if self.answers.is_empty() {
            flaws.push("documents no answer".into());
        }
        for note in &self.path_notes {
            if !self.path_parameters().any(|name| name == note.name) {
                flaws.push(format!("describes `{}`, which is not in its path", note.name));
            }
        }
        for name in self.path_parameters() {
            if !self.path_notes.iter().any(|note| note.name == name) {
                flaws.push(format!("does not describe `{name}` of its path"));
            }
        }
        let body = self.body.zip(self.body_example.as_ref());
        let answers = self.answers.iter().filter_map(|answer| answer.content.zip(answer.example.as_ref()));
        for (declared, example) in body.into_iter().chain(answers) {
            let faults = (declared.shape)().check(example);
            flaws.extend(
                faults
                    .iter()
                    .map(|fault| format!("has an example that is wrong at `{}`: {}", fault.pointer, fault.detail)),
            );
        }
        flaws
    }
}
