//! What a request says in its address and its body together: for dialects whose callers put anything in either, their key
//! included.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
};
use forecourt_query::qs;
use forecourt_record::{
    FieldError,
    error::{Code, Error, Result},
    shape::code,
};
use http::{HeaderMap, request::Parts};
use serde_json::{Map, Value};

use crate::{body, operation::OperationInfo, problem::Problem};

const FORM: &str = "application/x-www-form-urlencoded";

/// The members of the query and of the body, which wins; form fields in brackets make a tree, as npm's `qs` reads them.
///
/// A body is JSON or a form by its content type; one that begins with `{` is JSON whatever it is called, since that is
/// what `curl -d` sends. 415 for any other type, 413 and 400 as for any body, 422 for JSON that is no object.
#[derive(Clone, Debug)]
pub struct Sent(pub Map<String, Value>);

/// What came of reading it, as it travels from the guard to the handler.
#[derive(Clone)]
struct Read(Arc<Result<Sent>>);

impl<S: Send + Sync> FromRequestParts<S> for Sent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if let Some(operation) = parts.extensions.get::<Arc<OperationInfo>>() {
            drop(operation.reads_data()?);
        }
        let missing = || Problem(Error::internal("a dialect whose keys are elsewhere reads query and body as one"));
        let Read(read) = parts.extensions.get::<Read>().ok_or_else(missing)?;
        Ok(Result::clone(read)?)
    }
}

/// Reads a request before anybody is let in, within the body limit, and hands it on with what it says. Gives the key,
/// under the first of these names that has one.
///
/// Errors: a body that cannot be read, when no key is in the address; with one, whoever it is is told later.
pub(crate) async fn key_of(request: Request, names: &[&str]) -> (Request, Result<Option<String>>) {
    let (parts, content) = request.into_parts();
    let query = members(qs::parse(parts.uri.query().unwrap_or_default()));
    let raw = body::bytes(Request::from_parts(parts.clone(), content), &()).await;
    let read = raw.and_then(|raw| of_body(&parts.headers, &raw)).map(|sent| {
        let mut all = query.clone();
        all.extend(sent);
        Sent(all)
    });
    let key = match &read {
        Ok(Sent(all)) => Ok(named(all, names)),
        Err(error) => named(&query, names).map(Some).ok_or_else(|| error.clone()),
    };
    let mut request = Request::from_parts(parts, Body::empty());
    request.extensions_mut().insert(Read(Arc::new(read)));
    (request, key)
}

fn named(members: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let given = names.iter().filter_map(|name| members.get(*name)?.as_str());
    given.map(str::trim).find(|key| !key.is_empty()).map(str::to_owned)
}

fn of_body(headers: &HeaderMap, raw: &[u8]) -> Result<Map<String, Value>> {
    let essence = body::essence(headers);
    let text = raw.trim_ascii_start();
    if text.trim_ascii_end().is_empty() {
        return Ok(Map::new());
    }
    if text.starts_with(b"{") || body::is_json(&essence) {
        return match body::json(raw)? {
            Value::Object(members) => Ok(members),
            _ => Err(Error::invalid(vec![FieldError::new("", code::WRONG_TYPE, "A JSON object is expected.")])),
        };
    }
    if essence == FORM {
        let text = std::str::from_utf8(raw).map_err(|error| {
            let detail = format!("The body is not UTF-8 at byte {}.", error.valid_up_to());
            Error::new(Code::MalformedJson, detail)
        })?;
        return Ok(members(qs::parse(text)));
    }
    Err(Error::new(Code::UnsupportedMedia, format!("Send the body as `application/json` or `{FORM}`.")))
}

fn members(tree: Value) -> Map<String, Value> {
    match tree {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::extract::FromRequestParts;
    use serde_json::json;

    use super::*;

    const NAMES: &[&str] = &["token", "other_token"];

    /// What a request says and which key it has, each or the error's code.
    async fn read(uri: &str, media: &str, body: &str) -> (Result<Value, Code>, Result<Option<String>, Code>) {
        let mut request = http::Request::post(uri).body(Body::from(body.to_owned())).unwrap();
        if !media.is_empty() {
            request.headers_mut().insert(http::header::CONTENT_TYPE, media.parse().unwrap());
        }
        let (request, key) = key_of(request, NAMES).await;
        let (mut parts, _) = request.into_parts();
        let sent = Sent::from_request_parts(&mut parts, &()).await;
        (sent.map(|sent| sent.0.into()).map_err(|problem| problem.0.code), key.map_err(|error| error.code))
    }

    #[tokio::test]
    async fn query_and_body_are_one_and_the_body_wins() {
        const JSON: &str = "application/json; charset=utf-8";
        for (uri, media, body, expected, key) in [
            ("/?token=a&x=1", JSON, r#"{"x":2,"y":[3]}"#, json!({"token": "a", "x": 2, "y": [3]}), Some("a")),
            ("/?token=a", JSON, r#"{"token":"b"}"#, json!({"token": "b"}), Some("b")),
            ("/?other_token=%20a%20", "", "", json!({"other_token": " a "}), Some("a")),
            ("/?token=&other_token=a", "", " \n", json!({"token": "", "other_token": "a"}), Some("a")),
            (
                "/",
                FORM,
                "token=a+b&data%5Bx%5D=1&data[y]=2",
                json!({"token": "a b", "data": {"x": "1", "y": "2"}}),
                Some("a b"),
            ),
            // As `curl -d` sends it.
            ("/", FORM, r#"{"token":"a","x":"="}"#, json!({"token": "a", "x": "="}), Some("a")),
            ("/", "", r#" {"token":["a"]}"#, json!({"token": ["a"]}), None),
            ("/", "application/vnd.x+json", "{}", json!({}), None),
        ] {
            let (sent, found) = read(uri, media, body).await;
            assert_eq!((sent, found), (Ok(expected), Ok(key.map(str::to_owned))), "{uri} {media} {body}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_told_to_whoever_is_known() {
        for (media, body, code) in [
            ("application/json", "{", Code::MalformedJson),
            ("application/json", "[1]", Code::Invalid),
            ("text/plain", "token=a", Code::UnsupportedMedia),
            ("", "token=a", Code::UnsupportedMedia),
        ] {
            let (sent, key) = read("/?token=a", media, body).await;
            assert_eq!((sent, key), (Err(code), Ok(Some("a".to_owned()))), "{media} {body}");
            let (_, key) = read("/", media, body).await;
            assert_eq!(key, Err(code), "{media} {body}");
        }
    }
}
