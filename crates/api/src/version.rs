//! Versions of documents in headers: `ETag` and `If-Match` (RFC 9110, sections 8.8.3 and 13.1.1).

use http::{
    HeaderMap, HeaderName,
    header::{ETAG, IF_MATCH},
};

/// The header that says which version an answer shows.
pub fn etag(version: i64) -> (HeaderName, String) {
    (ETAG, format!("\"{version}\""))
}

/// The version an `If-Match` header asks for; `*` and none ask for no particular one.
pub fn expected(headers: &HeaderMap) -> Option<i64> {
    let tag = headers.get(IF_MATCH).filter(|value| *value != "*")?.to_str().unwrap_or_default();
    let version = tag.trim().strip_prefix('"').and_then(|tag| tag.strip_suffix('"')?.parse().ok());
    // A tag we never gave is behind any version there is.
    Some(version.unwrap_or(-1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_tag_is_a_quoted_version() {
        for (tag, version) in [
            ("\"3\"", Some(3)),
            (" \"0\" ", Some(0)),
            ("*", None),
            ("3", Some(-1)),
            ("W/\"3\"", Some(-1)),
            ("\"x\"", Some(-1)),
            ("", Some(-1)),
        ] {
            let headers = HeaderMap::from_iter([(IF_MATCH, tag.parse().unwrap())]);
            assert_eq!(expected(&headers), version, "{tag}");
        }
        assert_eq!(expected(&HeaderMap::new()), None);
        assert_eq!(etag(7), (ETAG, "\"7\"".to_owned()));
    }
}
