//! One description per operation: it is routed, documented and tested for authorisation from the same lines.
//!
//! An operation states, in this order, where it is, what it is called and who may call it; only then does it take a handler:
//!
//! ```
//! # use forecourt_api::operation::{Operation, Operations, Right};
//! let operations: Operations<()> = Operations::new("altum", "Altum Drive", "1.4").route(
//!     Operation::get("/v1/leads/{id}")
//!         .name("lead_view")
//!         .right(Right::LeadRead)
//!         .summary("One lead, with its messages and activities")
//!         .path("id", "A lead's id, such as `L-1042`.")
//!         .answers::<String>(200, "The lead.")
//!         .handler(async || "a lead"),
//! );
//! let router: axum::Router = operations.router();
//! ```

mod declared;
mod info;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    handler::Handler,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use forecourt_record::error::{Code, Error};
use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde_json::Value;

use crate::{openapi, problem::Problem, query};

pub use self::{
    declared::Declared,
    info::{Answer, Media, Note, OperationInfo},
};
pub use crate::access::{Access, Right};

const JSON: &str = "application/json";

/// An operation with a place, before it has a name.
pub struct Unnamed(Method, &'static str);

/// An operation with a name, before it is said who may call it.
pub struct Undecided(Unnamed, &'static str);

/// An operation that may be described further and given its handler.
pub struct Operation(OperationInfo);

impl Operation {
    pub fn get(path: &'static str) -> Unnamed {
        Unnamed(Method::GET, path)
    }

    pub fn post(path: &'static str) -> Unnamed {
        Unnamed(Method::POST, path)
    }

    pub fn put(path: &'static str) -> Unnamed {
        Unnamed(Method::PUT, path)
    }

    pub fn patch(path: &'static str) -> Unnamed {
        Unnamed(Method::PATCH, path)
    }

    pub fn delete(path: &'static str) -> Unnamed {
        Unnamed(Method::DELETE, path)
    }
}

impl Unnamed {
    /// Resource first: `lead_list`, not `list_leads`.
    pub fn name(self, name: &'static str) -> Undecided {
        Undecided(self, name)
    }
}

impl Undecided {
    /// For callers whose credential carries `right`.
    pub fn right(self, right: Right) -> Operation {
        self.access(Access::Right(right))
    }

    /// For any caller with a valid credential.
    pub fn session(self) -> Operation {
        self.access(Access::Session)
    }

    /// For anyone.
    pub fn public(self) -> Operation {
        self.access(Access::Public)
    }

    /// For a provider whose secret or signature the handler checks. Its query string is its own affair.
    pub fn signed(self) -> Operation {
        self.access(Access::Signed)
    }

    pub fn access(self, access: Access) -> Operation {
        let Self(Unnamed(method, path), name) = self;
        Operation(OperationInfo {
            method,
            path,
            name,
            access,
            for_user: false,
            body_limit: None,
            summary: "",
            description: "",
            answers: Vec::new(),
            path_notes: Vec::new(),
            header_notes: Vec::new(),
            query: None,
            bodies: Vec::new(),
            problems: Vec::new(),
        })
    }
}

impl Operation {
    /// The caller has to name a user by a token, where the dialect's keys are narrowed so.
    #[must_use]
    pub fn for_user(mut self) -> Self {
        self.0.for_user = true;
        self
    }

    /// Takes bodies of so many bytes, whatever the server's usual limit is.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.0.body_limit = Some(bytes);
        self
    }

    /// A line without a full stop.
    #[must_use]
    pub fn summary(mut self, summary: &'static str) -> Self {
        self.0.summary = summary;
        self
    }

    /// Whatever else a caller has to know, in markdown.
    #[must_use]
    pub fn describes(mut self, description: &'static str) -> Self {
        self.0.description = description;
        self
    }

    /// Describes a parameter of the path.
    #[must_use]
    pub fn path(mut self, name: &'static str, description: &'static str) -> Self {
        self.0.path_notes.push(Note { name, description });
        self
    }

    /// Describes a request header, never required.
    #[must_use]
    pub fn header(mut self, name: &'static str, description: &'static str) -> Self {
        self.0.header_notes.push(Note { name, description });
        self
    }

    /// The type read by [`crate::query::Query`]. Without it, any query string is refused.
    #[must_use]
    pub fn query<T: JsonSchema + 'static>(mut self) -> Self {
        self.0.query = Some(Declared::of::<T>());
        self
    }

    /// The type read by [`crate::body::Body`].
    #[must_use]
    pub fn body<T: JsonSchema + 'static>(mut self) -> Self {
        self.0.bodies = vec![Media::new(JSON, Declared::of::<T>())];
        self
    }

    /// What [`crate::body::Data`] reads when it comes as `media`.
    #[must_use]
    pub fn body_of(mut self, media: &'static str, content: Declared) -> Self {
        self.0.bodies.push(Media::new(media, content));
        self
    }

    /// An example of the last thing described: of the latest answer, else of the body.
    #[must_use]
    pub fn example(mut self, example: Value) -> Self {
        let described = match self.0.answers.last_mut() {
            Some(answer) => answer.content.last_mut(),
            None => self.0.bodies.last_mut(),
        };
        if let Some(described) = described {
            described.example = Some(example);
        }
        self
    }

    /// A JSON answer.
    #[must_use]
    pub fn answers<T: JsonSchema + 'static>(self, status: u16, description: &'static str) -> Self {
        self.answers_with(status, description, JSON, Declared::of::<T>())
    }

    /// An answer in a media type. Said again of the same status, it is another media type of the same answer.
    #[must_use]
    pub fn answers_with(
        mut self,
        status: u16,
        description: &'static str,
        media: &'static str,
        content: Declared,
    ) -> Self {
        let media = Media::new(media, content);
        match self.0.answers.iter_mut().find(|answer| answer.status == status) {
            Some(answer) => answer.content.push(media),
            None => self.0.answers.push(Answer { status, description, content: vec![media], headers: Vec::new() }),
        }
        self
    }

    /// An answer without a body.
    #[must_use]
    pub fn answers_empty(mut self, status: u16, description: &'static str) -> Self {
        self.0.answers.push(Answer { status, description, content: Vec::new(), headers: Vec::new() });
        self
    }

    /// A header of the latest answer.
    #[must_use]
    pub fn answer_header(mut self, name: &'static str, description: &'static str) -> Self {
        if let Some(answer) = self.0.answers.last_mut() {
            answer.headers.push(Note { name, description });
        }
        self
    }

    /// Errors of its own; those of access, body, query and path are documented by themselves.
    #[must_use]
    pub fn problems(mut self, problems: &[Code]) -> Self {
        self.0.problems.extend_from_slice(problems);
        self
    }

    /// Gives it the handler, which makes it ready to be routed.
    pub fn handler<H, T, S>(self, handler: H) -> Route<S>
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        let Self(info) = self;
        let filter = MethodFilter::try_from(info.method.clone()).unwrap_or(MethodFilter::GET);
        let mut method_router = on(filter, handler);
        if info.query.is_none() && info.access != Access::Signed {
            method_router = method_router.route_layer(middleware::from_fn(without_query));
        }
        if let Some(limit) = info.body_limit {
            method_router = method_router.route_layer(DefaultBodyLimit::max(limit));
        }
        Route { info: Arc::new(info), method_router }
    }
}

/// Stands before the handlers of operations that document no query.
async fn without_query(request: Request, next: Next) -> Response {
    match query::none(request.uri().query()) {
        Ok(()) => next.run(request).await,
        Err(error) => Problem(error).into_response(),
    }
}

/// An operation and its handler.
pub struct Route<S> {
    info: Arc<OperationInfo>,
    method_router: MethodRouter<S>,
}

/// The status and body that an error is answered with.
pub type Answered = fn(&Error) -> (StatusCode, Value);

/// Where a dialect's callers send their key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyPlace {
    /// `Authorization: Bearer <key>`, or the token of a login.
    #[default]
    Bearer,
    Header(&'static str),
    /// A parameter of the query string.
    Query(&'static str),
    /// Under the first of these names that has one, in the query string or the body, see [`crate::sent::Sent`].
    Sent(&'static [&'static str]),
}

/// What a dialect says of itself.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The word in `/openapi/<dialect>.json`.
    pub dialect: &'static str,
    pub title: &'static str,
    pub version: &'static str,
    /// Markdown.
    pub description: &'static str,
    /// What all paths begin with and no tag is made of, such as `/dealers/{dealer_id}`.
    pub base: &'static str,
    /// Where a key is sent.
    pub key: KeyPlace,
    /// How an error is answered, where that is not a problem of RFC 9457.
    pub errors: Option<Answered>,
    /// Whether a token beside the key may name a user.
    pub user_tokens: bool,
}

/// The operations of one dialect.
pub struct Operations<S> {
    pub about: About,
    routes: Vec<Route<S>>,
}

impl<S: Clone + Send + Sync + 'static> Operations<S> {
    /// `dialect` is the word in `/openapi/<dialect>.json`.
    pub fn new(dialect: &'static str, title: &'static str, version: &'static str) -> Self {
        Self {
            about: About {
                dialect,
                title,
                version,
                description: "",
                base: "",
                key: KeyPlace::Bearer,
                errors: None,
                user_tokens: false,
            },
            routes: Vec::new(),
        }
    }

    #[must_use]
    pub fn describes(mut self, description: &'static str) -> Self {
        self.about.description = description;
        self
    }

    #[must_use]
    pub fn base(mut self, base: &'static str) -> Self {
        self.about.base = base;
        self
    }

    /// Callers send their key there.
    #[must_use]
    pub fn keyed_by(mut self, key: KeyPlace) -> Self {
        self.about.key = key;
        self
    }

    /// Errors are answered so, whoever finds them.
    #[must_use]
    pub fn errors(mut self, answered: Answered) -> Self {
        self.about.errors = Some(answered);
        self
    }

    /// A token beside the key narrows it to a user: `Authorization: JWT <token>` or `X-Authorization: Bearer <token>`.
    #[must_use]
    pub fn with_user_tokens(mut self) -> Self {
        self.about.user_tokens = true;
        self
    }

    #[must_use]
    pub fn route(mut self, route: Route<S>) -> Self {
        self.routes.push(route);
        self
    }

    /// All routes as they are, with nobody watching the door: for tests.
    pub fn router(&self) -> Router<S> {
        self.router_with(|method_router, _| method_router)
    }

    /// All routes, each first handed to `guard`, which wraps it in what its access calls for (use `route_layer`, so that a
    /// method it does not take stays a plain 405). Inside the guard, `Arc<OperationInfo>` is in the request's extensions.
    pub fn router_with(&self, guard: impl Fn(MethodRouter<S>, &OperationInfo) -> MethodRouter<S>) -> Router<S> {
        self.routes.iter().fold(Router::new(), |router, Route { info, method_router }| {
            let guarded = guard(method_router.clone(), info);
            router.route(info.path, guarded.route_layer(axum::Extension(info.clone())))
        })
    }

    /// What there is, for the table of the authorisation test.
    pub fn describe(&self) -> Vec<Arc<OperationInfo>> {
        self.routes.iter().map(|route| route.info.clone()).collect()
    }

    /// The OpenAPI 3.1 document.
    pub fn openapi(&self) -> Value {
        openapi::document(&self.about, &self.describe())
    }

    /// Everything wrong with the descriptions: missing summaries, undescribed parameters, examples that their own
    /// schema refuses, names used twice. A dialect's test expects none.
    pub fn flaws(&self) -> Vec<String> {
        let mut flaws = Vec::new();
        for (at, Route { info, .. }) in self.routes.iter().enumerate() {
            flaws.extend(info.flaws().into_iter().map(|flaw| format!("{} {flaw}", info.name)));
            if self.routes[..at].iter().any(|earlier| earlier.info.name == info.name) {
                flaws.push(format!("{} is the name of two operations", info.name));
            }
        }
        flaws
    }
}

#[cfg(test)]
mod tests;
