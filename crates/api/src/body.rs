//! Request bodies: strict JSON, checked as a whole against the type's own schema before it becomes the type.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use forecourt_record::{
    Shape,
    error::{Code, Error, Result},
};
use http::{HeaderMap, header::CONTENT_TYPE};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{json, operation::OperationInfo, problem::Problem};

/// A JSON body, read and checked: 415 without a JSON content type, 413 past the body limit, 400 for what is not JSON,
/// 422 with every failing field for what is not a `T`.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// A [`Body`] together with the bytes it was read from, for the fingerprint of an idempotency key.
#[derive(Debug)]
pub struct Received<T> {
    pub value: T,
    pub raw: Bytes,
}

impl<T, S> FromRequest<S> for Body<T>
where
    T: DeserializeOwned + JsonSchema + 'static,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let received = Received::from_request(request, state).await?;
        Ok(Self(received.value))
    }
}

impl<T, S> FromRequest<S> for Received<T>
where
    T: DeserializeOwned + JsonSchema + 'static,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if let Some(operation) = request.extensions().get::<Arc<OperationInfo>>() {
            operation.reads_body::<T>()?;
        }
        require_json(request.headers())?;
        let raw = bytes(request, state).await?;
        Ok(Self { value: parse(&raw)?, raw })
    }
}

/// Any JSON that its operation describes by data (see `Operation::body_of`): whoever it is handed to checks it. 415 for a
/// media type that is not described, 413 and 400 as for any body.
#[derive(Debug)]
pub struct Data {
    /// The one it came as, of those that are described.
    pub media: &'static str,
    pub value: Value,
    pub raw: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Data {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let operation = request.extensions().get::<Arc<OperationInfo>>().cloned();
        let operation = operation.ok_or_else(|| Error::internal("a body was read outside of an operation"))?;
        let described: Vec<&'static str> = operation.reads_data()?.collect();
        let stated = essence(request.headers());
        let media = described.iter().find(|media| **media == stated).copied().ok_or_else(|| {
            let detail = format!("Send the body with `Content-Type: {}`.", described.join("` or `"));
            Error::new(Code::UnsupportedMedia, detail)
        })?;
        let raw = bytes(request, state).await?;
        Ok(Self { media, value: json(&raw)?, raw })
    }
}

/// The whole body within the body limit. For handlers with a format of their own: a signed webhook, another dialect.
pub async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
            Error::new(Code::TooLarge, "The body is larger than this server accepts.")
        } else {
            Error::new(Code::MalformedJson, "The body ended before it was complete.").inside(rejection.body_text())
        }
    })
}

/// Reads a `T` out of JSON text. `malformed_json` when it is no JSON, `invalid` with every failing field when it is no `T`.
pub fn parse<T: DeserializeOwned + JsonSchema + 'static>(raw: &[u8]) -> Result<T> {
    let value = json(raw)?;
    let fields = shape::<T>().check(&value);
    if !fields.is_empty() {
        return Err(Error::invalid(fields));
    }
    // What a schema cannot say is said by the type itself.
    T::deserialize(value).map_err(|error| Error::field("", "invalid", sentence(&error.to_string())))
}

/// Any JSON value, as it stands: what is in it is checked by the shape of the type that it shall become.
pub fn json(raw: &[u8]) -> Result<Value> {
    let malformed = |detail: String| Error::new(Code::MalformedJson, detail);
    let text = std::str::from_utf8(raw)
        .map_err(|error| malformed(format!("The body is not UTF-8 at byte {}.", error.valid_up_to())))?;
    if text.trim_ascii().is_empty() {
        return Err(malformed("The body is empty; JSON is expected.".into()));
    }
    json::read(text).map_err(|error| malformed(format!("The body is not valid JSON: {error}.")))
}

/// The compiled shape of `T`: made at first use, kept for good. There are as many as there are types.
pub fn shape<T: JsonSchema + 'static>() -> &'static Shape {
    static SHAPES: LazyLock<RwLock<HashMap<TypeId, &'static Shape>>> = LazyLock::new(RwLock::default);
    let id = TypeId::of::<T>();
    if let Some(shape) = SHAPES.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return shape;
    }
    // Compiled outside the lock; two first users may both do it, and only one result is kept.
    let made = Shape::of::<T>();
    SHAPES.write().unwrap_or_else(PoisonError::into_inner).entry(id).or_insert_with(|| Box::leak(Box::new(made)))
}

/// `application/json`, or any `+json`; a body of an unstated type is not taken for JSON.
fn require_json(headers: &HeaderMap) -> Result<()> {
    if is_json(&essence(headers)) {
        Ok(())
    } else {
        Err(Error::new(Code::UnsupportedMedia, "Send the body as JSON, with `Content-Type: application/json`."))
    }
}

pub(crate) fn is_json(essence: &str) -> bool {
    essence == "application/json" || (essence.contains('/') && essence.ends_with("+json"))
}

/// The media type of a body, without its parameters, in lower case.
pub(crate) fn essence(headers: &HeaderMap) -> String {
    let stated = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    stated.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A library's message as a sentence of ours.
pub(crate) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::{Router, extract::DefaultBodyLimit, routing::post};
    use http::StatusCode;
    use serde::Deserialize;
    use tower::ServiceExt;

    use super::*;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct NewThing {
        #[schemars(length(min = 1))]
        name: String,
        count: Option<u8>,
    }

    fn code(raw: &[u8]) -> Result<String, (Code, Vec<String>)> {
        parse::<NewThing>(raw)
            .map(|thing| format!("{} {:?}", thing.name, thing.count))
            .map_err(|error| (error.code, error.fields.into_iter().map(|field| field.pointer).collect()))
    }

    #[test]
    fn tells_malformed_from_invalid() {
        assert_eq!(code(br#"{"name":"a","count":3}"#).unwrap(), "a Some(3)");
        let deep = "[".repeat(100_000);
        for malformed in [
            &b""[..],
            b"  ",
            b"{",
            b"{\"name\":\"\xff\"}",
            b"{'name':1}",
            b"{\"name\":\"a\",}",
            b"{} {}",
            b"NaN",
            deep.as_bytes(),
        ] {
            assert_eq!(code(malformed).unwrap_err(), (Code::MalformedJson, vec![]));
        }
        for (invalid, pointers) in [
            (&br#"{"name":1,"count":"x"}"#[..], &["/name", "/count"][..]),
            (br#"{"name":"a\u0000b"}"#, &["/name"]),
            (br#"{"nam":"a"}"#, &["/name", "/nam"]),
        ] {
            let (code, mut found) = code(invalid).unwrap_err();
            found.sort();
            let mut expected = pointers.to_vec();
            expected.sort_unstable();
            assert_eq!((code, found), (Code::Invalid, expected.into_iter().map(str::to_owned).collect()));
        }
    }

    #[test]
    fn a_syntax_error_has_a_position() {
        let error = parse::<NewThing>(b"{\n \"name\": ,}").unwrap_err();
        assert!(error.detail.contains("line 2 column"), "{}", error.detail);
    }

    #[test]
    fn each_type_has_its_own_shape() {
        assert!(std::ptr::eq(shape::<NewThing>(), shape::<NewThing>()));
        assert!(!std::ptr::eq(shape::<NewThing>(), shape::<String>()));
    }

    #[tokio::test]
    async fn insists_on_the_media_type_and_the_limit() {
        let send = async |media: Option<&str>, body: String| {
            let app = Router::new()
                .route("/", post(async |_: Body<NewThing>| StatusCode::NO_CONTENT))
                .layer(DefaultBodyLimit::max(64));
            let mut request = http::Request::post("/").body(axum::body::Body::from(body)).unwrap();
            if let Some(media) = media {
                request.headers_mut().insert(CONTENT_TYPE, media.parse().unwrap());
            }
            app.oneshot(request).await.unwrap().status().as_u16()
        };
        let body = || r#"{"name":"a"}"#.to_owned();
        for (media, status) in [
            (Some("application/json"), 204),
            (Some("Application/JSON; charset=utf-8"), 204),
            (Some("application/merge-patch+json"), 204),
            (Some("text/plain"), 415),
            (Some("application/x-www-form-urlencoded"), 415),
            (Some("+json"), 415),
            (None, 415),
        ] {
            assert_eq!(send(media, body()).await, status, "{media:?}");
        }
        assert_eq!(send(Some("application/json"), format!(r#"{{"name":"{}"}}"#, "a".repeat(64))).await, 413);
    }
}
