//! Errors as the outside sees them: RFC 9457 `application/problem+json`.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use forecourt_record::error::{Code, Error, FieldError, Kind};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{operation::Answered, trace};

/// What a handler gives back.
pub type ApiResult<T> = Result<T, Problem>;

/// An error on its way out. It travels in the response's extensions too: for the log line, and for a dialect that has a
/// shape of its own for it.
#[derive(Debug)]
pub struct Problem(pub Error);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        log(&self.0);
        let mut response = (status(self.0.code.kind()), axum::Json(document(&self.0))).into_response();
        headers(&self.0, response.headers_mut());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.extensions_mut().insert(Arc::new(self.0));
        response
    }
}

/// Gives a refusal the shape that a dialect's own document has for it; its headers stay as they are.
pub(crate) async fn as_documented(State(answered): State<Answered>, response: Response) -> Response {
    let Some(error) = response.extensions().get::<Arc<Error>>().cloned() else { return response };
    let (mut parts, _) = response.into_parts();
    let (status, body) = answered(&error);
    parts.status = status;
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body.to_string()))
}

/// The status of a family of errors, shared by every dialect whose document is silent.
pub const fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The headers an error calls for, whatever body a dialect gives it: `Retry-After` in whole seconds, `WWW-Authenticate`.
pub fn headers(error: &Error, headers: &mut HeaderMap) {
    match error.code.kind() {
        Kind::TooMany | Kind::Unavailable => {
            headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(error.retry_after.unwrap_or_default())));
        }
        Kind::Unauthenticated => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        Kind::Malformed
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::MethodNotAllowed
        | Kind::Conflict
        | Kind::PreconditionFailed
        | Kind::TooLarge
        | Kind::UnsupportedMedia
        | Kind::Invalid
        | Kind::Internal => {}
    }
}

/// Writes the inside of an error to the log, once, where it is answered: faults of ours loudly, the rest for the curious.
pub fn log(error: &Error) {
    let code = error.code.as_str();
    let request_id = trace::request_id();
    let inside = error.inside.as_deref();
    match error.code.kind() {
        Kind::Internal => {
            let inside = inside.unwrap_or(&error.detail);
            tracing::error!(code, request_id, inside, "request failed: {code}");
        }
        Kind::Unavailable => tracing::warn!(code, request_id, inside, "request put off: {code}"),
        Kind::Malformed
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::MethodNotAllowed
        | Kind::Conflict
        | Kind::PreconditionFailed
        | Kind::TooLarge
        | Kind::UnsupportedMedia
        | Kind::Invalid
        | Kind::TooMany => tracing::debug!(code, request_id, inside, "request refused: {code}"),
    }
}

/// Rounded up, and at least one: a caller that comes back too early is only refused again.
pub fn whole_seconds(duration: Duration) -> u64 {
    (duration.as_millis().div_ceil(1000) as u64).max(1)
}

/// An error (RFC 9457).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct ProblemDocument<'a> {
    /// Where the code is explained.
    #[serde(rename = "type")]
    about: String,
    /// The same for every occurrence of the code.
    title: &'a str,
    status: u16,
    /// What happened this time.
    detail: &'a str,
    /// Stable and machine-readable.
    code: &'a str,
    /// Every field or parameter that is not valid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemField<'a>>,
    /// The `x-request-id` of the answer; quote it when asking about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// One field or parameter that is not valid.
#[derive(Serialize, JsonSchema)]
struct ProblemField<'a> {
    /// A JSON Pointer into the body, or `query:<name>`.
    pointer: &'a str,
    /// Stable and machine-readable.
    code: &'a str,
    /// What is wrong with it.
    detail: &'a str,
}

impl<'a> From<&'a FieldError> for ProblemField<'a> {
    fn from(FieldError { pointer, code, detail }: &'a FieldError) -> Self {
        Self { pointer, code, detail }
    }
}

fn document(error: &Error) -> ProblemDocument<'_> {
    let code = error.code;
    ProblemDocument {
        about: format!("/docs/errors#{}", code.as_str()),
        title: code.title(),
        status: status(code.kind()).as_u16(),
        // Whoever wrote the detail of a fault of ours wrote it for the log.
        detail: if code == Code::Internal { "The request could not be carried out." } else { &error.detail },
        code: code.as_str(),
        errors: error.fields.iter().map(ProblemField::from).collect(),
        request_id: trace::request_id(),
    }
}

/// The handler of every address nobody answers.
pub async fn not_found() -> Problem {
    Problem(Error::new(Code::NotFound, "There is nothing at this address."))
}

/// The handler of every address asked with a method it does not take.
pub async fn method_not_allowed() -> Problem {
    Problem(Error::new(Code::MethodNotAllowed, "This address does not take that method; `Allow` names those it takes."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http_body_util::BodyExt;
    use serde_json::Value;

    use super::*;

    async fn answered(error: Error) -> (StatusCode, HeaderMap, Value) {
        let (parts, body) = Problem(error).into_response().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status, parts.headers, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn carries_every_field_at_once() {
        let error = Error::invalid(vec![
            FieldError::new("/name", "required", "`name` is required."),
            FieldError::new("/credit", "enum", "`credit` must be one of good, bad."),
        ]);
        let (status, headers, body) = answered(error).await;
        assert_eq!(status, 422);
        assert_eq!(headers[CONTENT_TYPE], "application/problem+json");
        assert_eq!(body["type"], "/docs/errors#invalid");
        assert_eq!(body["status"], 422);
        assert_eq!(body["errors"][1]["pointer"], "/credit");
        assert_eq!(body["errors"].as_array().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn never_tells_the_inside() {
        let error = Error::new(Code::Internal, "table leads is locked").inside("the leads table was locked");
        let (status, _, body) = answered(error).await;
        assert_eq!(status, 500);
        assert!(!body.to_string().contains("leads"), "{body}");
    }

    #[tokio::test]
    async fn says_when_to_come_back_in_whole_seconds() {
        for (millis, seconds) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2"), (59_999, "60")] {
            let error = Error::new(Code::RateLimited, "").retry_after(Duration::from_millis(millis));
            assert_eq!(answered(error).await.1[RETRY_AFTER], seconds, "{millis} ms");
        }
        assert_eq!(answered(Error::unavailable("gone")).await.1[RETRY_AFTER], "2");
    }

    #[tokio::test]
    async fn asks_for_a_bearer_token() {
        let (status, headers, _) = answered(Error::new(Code::Unauthenticated, "Who are you?")).await;
        assert_eq!(status, 401);
        assert_eq!(headers[WWW_AUTHENTICATE], "Bearer");
    }

    #[tokio::test]
    async fn every_code_of_the_table_is_an_error_status() {
        for code in Code::ALL {
            let (status, _, body) = answered(Error::new(*code, "detail")).await;
            assert!(status.is_client_error() || status.is_server_error(), "{code:?}");
            assert_eq!(body["code"], code.as_str());
            assert!(body.get("errors").is_none());
        }
    }
}
