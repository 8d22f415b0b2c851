//! `/docs`: an API browser of our own, without a script, font or style from anywhere else; `/docs/errors`; `/openapi/<dialect>.json`.

use std::{
    fmt::Write as _,
    sync::{Arc, LazyLock},
};

use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use bytes::Bytes;
use forecourt_record::error::Code;
use http::{
    HeaderValue,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
};
use serde_json::json;

use crate::{
    openapi,
    operation::{About, OperationInfo, Operations},
    problem,
};

const INDEX: &str = include_str!("docs/index.html");
const ERRORS: &str = include_str!("docs/errors.html");
const STYLE: &str = include_str!("docs/docs.css");
const SCRIPT: &str = include_str!("docs/docs.js");

/// Only our own files, nothing inline, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The dialects the documentation shows, in order.
#[derive(Default)]
pub struct Docs {
    dialects: Vec<(About, Vec<Arc<OperationInfo>>)>,
}

impl Docs {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a dialect.
    #[must_use]
    pub fn dialect<S: Clone + Send + Sync + 'static>(mut self, operations: &Operations<S>) -> Self {
        self.dialects.push((operations.about, operations.describe()));
        self
    }

    /// The pages and documents. A dialect's is rendered when it is first asked for, and then kept.
    pub fn router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let names: Vec<_> =
            self.dialects.iter().map(|(about, _)| json!({ "name": about.dialect, "title": about.title })).collect();
        let index = json!(names).to_string();
        let router = Router::new()
            .route("/docs", file("text/html; charset=utf-8", INDEX))
            .route("/docs/", get(async || Redirect::permanent("/docs")))
            .route("/docs/errors", file("text/html; charset=utf-8", ERRORS.replace("<!-- rows -->", &error_rows())))
            .route("/docs/docs.css", file("text/css; charset=utf-8", STYLE))
            .route("/docs/docs.js", file("text/javascript; charset=utf-8", SCRIPT))
            .route("/docs/dialects.json", file("application/json", index));
        self.dialects.into_iter().fold(router, |router, (about, operations)| {
            let document =
                Arc::new(LazyLock::new(move || Bytes::from(openapi::document(&about, &operations).to_string())));
            let path = format!("/openapi/{}.json", about.dialect);
            router.route(&path, get(async move || content("application/json", LazyLock::force(&document).clone())))
        })
    }
}

/// A route that answers the same bytes to everyone.
fn file<S: Clone + Send + Sync + 'static>(
    media: &'static str,
    content: impl Into<Bytes>,
) -> axum::routing::MethodRouter<S> {
    let bytes = content.into();
    get(async move || self::content(media, bytes))
}

fn content(media: &'static str, bytes: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(media)),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ];
    (headers, bytes).into_response()
}

/// The table of all codes; each row is what a problem's `type` points at.
fn error_rows() -> String {
    let mut rows = String::new();
    for code in Code::ALL {
        let name = escape(code.as_str());
        let status = problem::status(code.kind());
        let title = escape(code.title());
        let reason = escape(status.canonical_reason().unwrap_or_default());
        let _ = writeln!(
            rows,
            r##"<tr id="{name}"><td><a href="#{name}"><code>{name}</code></a></td><td>{} {reason}</td><td>{title}.</td></tr>"##,
            status.as_u16()
        );
    }
    rows
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::body::Body;
    use http_body_util::BodyExt;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;
    use crate::operation::Operation;

    async fn fetch(path: &str) -> (http::response::Parts, String) {
        let operations: Operations<()> = Operations::new("altum", "Altum Drive", "1.4").route(
            Operation::get("/v1/hello")
                .name("hello")
                .public()
                .summary("Hello")
                .answers::<String>(200, "Hello.")
                .handler(async || "hello"),
        );
        let app: Router = Docs::new().dialect(&operations).router();
        let request = http::Request::get(path).body(Body::empty()).unwrap();
        let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
        (parts, String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn everything_a_page_names_is_served_here() {
        for page in ["/docs", "/docs/errors"] {
            let (parts, html) = fetch(page).await;
            assert_eq!(parts.status, 200);
            assert_eq!(parts.headers[CONTENT_SECURITY_POLICY], POLICY);
            assert!(!html.contains("<style") && !html.contains(" style=") && !html.contains("http"), "{page}");
            for source in html.split("src=\"").chain(html.split("<link rel=\"stylesheet\" href=\"")).skip(1) {
                let source = source.split('"').next().unwrap();
                if source.starts_with('/') {
                    assert_eq!(fetch(source).await.0.status, 200, "{source}");
                }
            }
        }
    }

    #[tokio::test]
    async fn the_error_table_has_every_code() {
        let (_, html) = fetch("/docs/errors").await;
        for code in Code::ALL {
            assert!(html.contains(&format!("id=\"{}\"", code.as_str())), "{code:?}");
        }
    }

    #[tokio::test]
    async fn dialects_are_listed_and_served() {
        let (_, list) = fetch("/docs/dialects.json").await;
        assert_eq!(list, r#"[{"name":"altum","title":"Altum Drive"}]"#);
        let (parts, document) = fetch("/openapi/altum.json").await;
        assert_eq!(parts.headers[CONTENT_TYPE], "application/json");
        let document: Value = serde_json::from_str(&document).unwrap();
        assert_eq!(document["paths"]["/v1/hello"]["get"]["operationId"], "hello");
        assert_eq!(fetch("/openapi/other.json").await.0.status, 404);
    }
}
