//! Asking the server over its router, and what it answers.

use axum::{Router, body::Body};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::published;

/// A request about to be sent.
pub struct Ask {
    pub(crate) router: Router,
    pub(crate) request: http::request::Builder,
    pub(crate) body: Body,
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Ask {
    pub(crate) fn new(router: Router, method: Method, path: &str) -> Self {
        Self { router, request: Request::builder().method(method).uri(path), body: Body::empty() }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With a credential, where the dialect of the path takes it.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        if self.request.uri_ref().is_some_and(|uri| uri.path().starts_with("/v3/")) {
            return self.header("x-api-key", token);
        }
        if self.request.uri_ref().is_some_and(|uri| uri.path().starts_with("/lead/")) {
            return self.key_in_query("key", token);
        }
        if self.request.uri_ref().is_some_and(|uri| uri.path().starts_with("/api/v1/")) {
            return self.key_in_query("lead_token", token);
        }
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With a key as a parameter of the address.
    #[must_use]
    pub fn key_in_query(mut self, name: &str, key: &str) -> Self {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
        let one = |byte: u8| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        let path = self.request.uri_ref().map(ToString::to_string).unwrap_or_default();
        let between = if path.contains('?') { '&' } else { '?' };
        self.request = self.request.uri(format!("{path}{between}{name}={}", key.bytes().map(one).collect::<String>()));
        self
    }

    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    #[must_use]
    pub fn raw(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self = self.header("content-type", content_type);
        self.body = Body::from(body.into());
        self
    }

    /// Sends it.
    ///
    /// # Panics
    /// When the request cannot be built, which is a mistake of the test; when the answer is not one that the published
    /// document of the operation has.
    pub async fn send(self) -> Answer {
        let request = self.request.body(self.body).expect("a request that can be built");
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let Ok(answer) = self.router.oneshot(request).await;
        let (parts, body) = answer.into_parts();
        let bytes = body.collect().await.expect("a whole answer").to_bytes().to_vec();
        let answer = Answer { status: parts.status, headers: parts.headers, bytes };
        if cfg!(debug_assertions) {
            published::hold(&method, &path, &answer);
        }
        answer
    }
}

impl Answer {
    /// The body as JSON; null when it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let name: HeaderName = name.parse().ok()?;
        self.headers.get(name).map(HeaderValue::to_str)?.ok()
    }

    /// The body, the status being as expected.
    ///
    /// # Panics
    /// With the whole answer, when it is not.
    pub fn expect(&self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status.as_u16(), status, "{text}");
        self.json()
    }

    /// The `code` of the problem, the status being as expected.
    ///
    /// # Panics
    /// When the answer is not such a problem.
    pub fn problem(&self, status: u16) -> String {
        let body = self.expect(status);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(body["status"], status);
        body["code"].as_str().expect("a problem has a code").to_owned()
    }

    /// The pointers of the fields that are not valid, in order.
    ///
    /// # Panics
    /// When the answer is not a 422 or 400 problem.
    pub fn pointers(&self) -> Vec<String> {
        let body = self.json();
        assert!(matches!(self.status.as_u16(), 400 | 422), "{body}");
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().filter_map(|error| error["pointer"].as_str().map(str::to_owned)).collect()
    }
}
