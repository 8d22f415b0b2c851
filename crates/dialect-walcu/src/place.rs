//! What an address names, and how its answer is put.

use axum::response::{IntoResponse, Response};
use forecourt_api::{
    Who,
    problem::{ApiResult, Problem},
};
use forecourt_record::{Error, Id, spec::KindSpec};
use http::{HeaderName, HeaderValue, header::CONTENT_TYPE};

use crate::wire::Single;

/// The setting of a key that says how it reads a single document: `array`, as published, or `object`.
pub const SINGLE: &str = "walcu.single";

pub const DEALER: (&str, &str) = ("dealer_id", "The dealer: 24 lowercase hex digits.");
pub const ID: &str = "The document's `_id`: 24 lowercase hex digits.";
pub const IF_MATCH: &str = "The `ETag` the change is based on; 412 when the document has changed since.";

/// The document that a path names; what cannot be an id names nothing.
pub fn id(spec: &KindSpec, text: &str) -> ApiResult<Id<()>> {
    text.parse().map_err(|_| Problem(Error::not_found(spec.singular)))
}

/// JSON text as an answer, under some headers.
pub fn json(headers: impl IntoIterator<Item = (HeaderName, String)>, text: String) -> Response {
    let mut response = ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response();
    for (name, value) in headers {
        // What we put into a header is ids, numbers and addresses of our own: always plain.
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// One document as the caller wants one: the query decides, else the key, else the published document.
pub fn single(asked: Option<Single>, who: &Who, document: String) -> String {
    let usual = || who.settings.get(SINGLE).is_some_and(|usual| usual == "object");
    if asked.map_or_else(usual, |asked| asked == Single::Object) { document } else { format!("[{document}]") }
}
