//! What is known of an operation once it is routed.

use forecourt_record::error::{Code, Error, Result};
use http::Method;
use serde_json::Value;

use super::Declared;
use crate::access::Access;

/// One documented answer.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub description: &'static str,
    /// One body, in each media type it may come in; none for an answer without one.
    pub(crate) content: Vec<Media>,
    pub(crate) headers: Vec<Note>,
}

/// A body in one of the media types it may have.
#[derive(Clone, Debug)]
pub struct Media {
    pub media: &'static str,
    pub(crate) content: Declared,
    pub(crate) example: Option<Value>,
}

impl Media {
    pub(super) fn new(media: &'static str, content: Declared) -> Self {
        Self { media, content, example: None }
    }
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
    /// Whether a token has to name a user.
    pub for_user: bool,
    /// Bytes a body may have, where it is not the usual.
    pub body_limit: Option<usize>,
    pub summary: &'static str,
    /// Markdown.
    pub description: &'static str,
    pub answers: Vec<Answer>,
    pub(crate) path_notes: Vec<Note>,
    pub(crate) header_notes: Vec<Note>,
    pub(crate) query: Option<Declared>,
    /// What it takes, in each media type it takes it in; empty for an operation without a body.
    pub(crate) bodies: Vec<Media>,
    pub(super) problems: Vec<Code>,
}

impl OperationInfo {
    /// The names in braces, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
    }

    pub fn takes_body(&self) -> bool {
        !self.bodies.is_empty()
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
        if self.takes_body() {
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
        self.promised::<T>(self.bodies.first().map(|body| &body.content), "body")
    }

    /// The media types of a body that is described by data. Refuses the same way: a body that is read as data is promised
    /// as data.
    pub(crate) fn reads_data(&self) -> Result<impl Iterator<Item = &'static str>> {
        if !self.takes_body() || self.bodies.iter().any(|body| !body.content.is_data()) {
            return Err(Error::internal(format!("{} reads a body it does not document", self.name)));
        }
        Ok(self.bodies.iter().map(|body| body.media))
    }

    /// The same for the query string.
    pub(crate) fn reads_query<T: 'static>(&self) -> Result<()> {
        self.promised::<T>(self.query.as_ref(), "query")
    }

    fn promised<T: 'static>(&self, declared: Option<&Declared>, what: &str) -> Result<()> {
        match declared {
            Some(declared) if declared.is::<T>() => Ok(()),
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
        for Media { media, content, example } in
            self.bodies.iter().chain(self.answers.iter().flat_map(|one| &one.content))
        {
            let Some(example) = example else { continue };
            let faults = content.faults(example);
            flaws.extend(
                faults.iter().map(|fault| {
                    format!("has a {media} example that is wrong at `{}`: {}", fault.pointer, fault.detail)
                }),
            );
        }
        flaws
    }
}
