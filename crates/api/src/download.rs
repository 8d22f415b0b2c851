//! Large results on their way out: in pieces, whole or in part (RFC 9110, 14), never all in memory.

use axum::{
    body::Body,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use forecourt_record::{Error, Result};
use futures::{Stream, stream::try_unfold};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{
        ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HOST, IF_NONE_MATCH,
        IF_RANGE, RANGE,
    },
    request::Parts,
};

/// What is handed out.
#[derive(Clone, Debug)]
pub struct Download {
    pub bytes: u64,
    pub content_type: &'static str,
    /// Names these very bytes: their digest.
    pub digest: String,
    /// The file's name for whoever saves it: letters, digits, dots, dashes.
    pub name: String,
}

impl Download {
    /// Answers with the bytes that the request's headers ask for. `piece` gives the bytes from an offset on, as many as
    /// it likes and at least one.
    pub fn respond<F, P>(self, asked: &HeaderMap, piece: F) -> Response
    where
        F: Fn(u64) -> P + Send + Sync + 'static,
        P: Future<Output = Result<Option<Vec<u8>>>> + Send + 'static,
    {
        let etag = format!("\"{}\"", self.digest);
        if asked.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
            return (StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response();
        }
        // A range of something else that was there before is of no use.
        let is_same = asked.get(IF_RANGE).is_none_or(|known| known.as_bytes() == etag.as_bytes());
        let range = asked.get(RANGE).and_then(|range| range.to_str().ok()).filter(|_| is_same);
        let wanted = range.map_or(Wanted::Whole, |range| Wanted::of(range, self.bytes));
        let (status, from, to) = match wanted {
            Wanted::Whole => (StatusCode::OK, 0, self.bytes),
            Wanted::Part(from, to) => (StatusCode::PARTIAL_CONTENT, from, to),
            Wanted::Nothing => {
                let range = format!("bytes */{}", self.bytes);
                return (StatusCode::RANGE_NOT_SATISFIABLE, [(CONTENT_RANGE, range)]).into_response();
            }
        };
        let mut response = (status, Body::from_stream(pieces(from, to, piece))).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(to - from));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        let mut text = |name: HeaderName, value: String| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        };
        text(ETAG, etag);
        text(CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name));
        if status == StatusCode::PARTIAL_CONTENT {
            text(CONTENT_RANGE, format!("bytes {from}-{}/{}", to - 1, self.bytes));
        }
        response
    }
}

/// The bytes from one offset to before another.
fn pieces<F, P>(from: u64, to: u64, piece: F) -> impl Stream<Item = Result<Bytes, std::io::Error>>
where
    F: Fn(u64) -> P + Send + Sync + 'static,
    P: Future<Output = Result<Option<Vec<u8>>>> + Send + 'static,
{
    try_unfold((from, piece), move |(at, piece)| async move {
        if at >= to {
            return Ok(None);
        }
        let found = piece(at).await.and_then(|found| found.ok_or_else(|| Error::internal("a result ends too early")));
        let mut bytes = found.map_err(std::io::Error::other)?;
        bytes.truncate(usize::try_from(to - at).unwrap_or(usize::MAX));
        let next = at + bytes.len() as u64;
        Ok(Some((Bytes::from(bytes), (next, piece))))
    })
}

/// What a range asks for, of so many bytes.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    /// From an offset to before another.
    Part(u64, u64),
    Nothing,
}

impl Wanted {
    /// One range of bytes; whatever else it may be is as if nothing had been said (RFC 9110, 14.2).
    fn of(range: &str, bytes: u64) -> Self {
        let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
            return Self::Whole;
        };
        match (first.trim().parse::<u64>(), last.trim().parse::<u64>(), first.trim(), last.trim()) {
            (Ok(first), Ok(last), ..) if first <= last => Self::part(first, last.saturating_add(1), bytes),
            (Ok(first), Err(_), _, "") => Self::part(first, bytes, bytes),
            (Err(_), Ok(0), "", _) => Self::Nothing,
            (Err(_), Ok(last), "", _) => Self::part(bytes.saturating_sub(last), bytes, bytes),
            _ => Self::Whole,
        }
    }

    fn part(from: u64, to: u64, bytes: u64) -> Self {
        if from < bytes { Self::Part(from, to.min(bytes)) } else { Self::Nothing }
    }
}

/// Where the caller reached this server: `https://crm.example`, as its proxy says or as it was asked for. Only for
/// addresses in answers to the same caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Self::Rejection> {
        Ok(Self(origin(&parts.headers)))
    }
}

fn origin(headers: &HeaderMap) -> String {
    let said = |name: &str| {
        let text = headers.get(name)?.to_str().ok()?.split(',').next()?.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]_".contains(c);
        (!text.is_empty() && text.chars().all(plain)).then(|| text.to_owned())
    };
    let scheme = said("x-forwarded-proto").filter(|scheme| scheme == "https").unwrap_or_else(|| "http".to_owned());
    let host = said("x-forwarded-host").or_else(|| said(HOST.as_str())).unwrap_or_else(|| "localhost".to_owned());
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http_body_util::BodyExt as _;

    use super::*;

    #[test]
    fn ranges_are_read() {
        for (range, wanted) in [
            ("bytes=0-3", Wanted::Part(0, 4)),
            ("bytes=4-", Wanted::Part(4, 10)),
            ("bytes=-3", Wanted::Part(7, 10)),
            ("bytes=-30", Wanted::Part(0, 10)),
            ("bytes=8-100", Wanted::Part(8, 10)),
            ("bytes=0-18446744073709551615", Wanted::Part(0, 10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=3-2", Wanted::Whole),
            ("bytes=0-1,4-5", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("lines=1-2", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            assert_eq!(Wanted::of(range, 10), wanted, "{range}");
        }
        assert_eq!(Wanted::of("bytes=0-", 0), Wanted::Nothing);
    }

    async fn check(headers: &[(HeaderName, &str)], status: u16, body: &str, range: Option<&str>) {
        const TEXT: &[u8] = b"0123456789";
        let download =
            Download { bytes: 10, content_type: "text/csv", digest: "abc".to_owned(), name: "leads.csv".to_owned() };
        let asked = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect();
        // Three bytes at a time.
        let piece = |offset: u64| async move {
            let rest = &TEXT[offset as usize..];
            Ok(Some(rest[..rest.len().min(3)].to_vec()).filter(|piece| !piece.is_empty()))
        };
        let response = download.respond(&asked, piece);
        assert_eq!(response.status(), status, "{headers:?}");
        let said = response.headers().get(CONTENT_RANGE).map(|range| range.to_str().unwrap().to_owned());
        assert_eq!(said.as_deref(), range, "{headers:?}");
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(String::from_utf8_lossy(&bytes), body, "{headers:?}");
    }

    #[tokio::test]
    async fn the_bytes_asked_for_are_given() {
        check(&[], 200, "0123456789", None).await;
        check(&[(RANGE, "bytes=2-6")], 206, "23456", Some("bytes 2-6/10")).await;
        check(&[(RANGE, "bytes=-1")], 206, "9", Some("bytes 9-9/10")).await;
        check(&[(RANGE, "bytes=20-")], 416, "", Some("bytes */10")).await;
        check(&[(RANGE, "bytes=2-6"), (IF_RANGE, "\"abc\"")], 206, "23456", Some("bytes 2-6/10")).await;
        check(&[(RANGE, "bytes=2-6"), (IF_RANGE, "\"other\"")], 200, "0123456789", None).await;
        check(&[(IF_NONE_MATCH, "\"abc\"")], 304, "", None).await;
    }

    #[test]
    fn the_origin_is_where_the_caller_asked() {
        for (headers, expected) in [
            (&[][..], "http://localhost"),
            (&[("host", "127.0.0.1:8080")], "http://127.0.0.1:8080"),
            (
                &[("host", "a"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "crm.example")],
                "https://crm.example",
            ),
            (&[("host", "a\"b/c"), ("x-forwarded-proto", "javascript")], "http://localhost"),
        ] {
            let headers: HeaderMap = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
                .collect();
            assert_eq!(origin(&headers), expected);
        }
    }
}
