//! The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header): read here, honoured in the transaction of the work.

use axum::extract::FromRequestParts;
use forecourt_crm::{Caller, intake::RequestKey};
use forecourt_record::error::{Error, Result};
use http::{HeaderMap, request::Parts};

use crate::problem::Problem;

pub const HEADER: &str = "idempotency-key";

/// The longest key that is kept.
const MAX_LENGTH: usize = 255;

/// The key of a request that carries one. Extracting it refuses a key that cannot be honoured, rather than ignoring it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

impl IdempotencyKey {
    /// The key as the core keeps it: each caller's own, for one operation, together with what was asked.
    pub fn of(self, operation: &str, caller: &Caller, body: &[u8]) -> Option<RequestKey> {
        self.0.map(|key| RequestKey {
            key: format!("{operation}:{}:{key}", caller.actor.label()),
            fingerprint: forecourt_crm::access::hash(&String::from_utf8_lossy(body)),
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(read(&parts.headers)?))
    }
}

/// The key in `headers`: 1 to 255 printable ASCII characters, bare or in the double quotes of the draft.
pub fn read(headers: &HeaderMap) -> Result<Option<String>> {
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let refuse = |code, detail: String| Err(Error::field(format!("header:{HEADER}"), code, detail));
    if values.next().is_some() {
        return refuse("repeated", "`Idempotency-Key` is given more than once.".into());
    }
    let text = value.to_str().unwrap_or_default().trim();
    let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let printable = key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if key.is_empty() || key.len() > MAX_LENGTH || !printable {
        return refuse("format", format!("`Idempotency-Key` must be 1 to {MAX_LENGTH} printable ASCII characters."));
    }
    Ok(Some(key.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::HeaderValue;

    use super::*;

    #[test]
    fn reads_bare_and_quoted_keys() {
        for (value, expected) in [
            ("8e03978e-40d5-43e8-bc93-6894a57f9324", Ok(Some("8e03978e-40d5-43e8-bc93-6894a57f9324"))),
            ("\"abc\"", Ok(Some("abc"))),
            (" abc ", Ok(Some("abc"))),
            ("", Err(())),
            ("\"\"", Err(())),
            ("\u{e9}", Err(())),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            assert_eq!(read(&headers).map_err(|_| ()), expected.map(|key| key.map(str::to_owned)), "{value}");
        }
        assert_eq!(read(&HeaderMap::new()).unwrap(), None);
    }

    #[test]
    fn refuses_two_keys_and_endless_ones() {
        let mut headers = HeaderMap::new();
        headers.append(HEADER, HeaderValue::from_static("a"));
        headers.append(HEADER, HeaderValue::from_static("b"));
        assert!(read(&headers).is_err());
        headers.insert(HEADER, "a".repeat(255).parse().unwrap());
        assert!(read(&headers).is_ok());
        headers.insert(HEADER, "a".repeat(256).parse().unwrap());
        assert!(read(&headers).is_err());
    }
}
