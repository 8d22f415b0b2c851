//! What happens around every request, whichever dialect it speaks: an id, a log line, numbers, limits, and no way to hang or crash.

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use forecourt_record::{Context, error::Error};
use http::{
    HeaderName, HeaderValue, Method, StatusCode,
    header::{self, CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS},
};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate, predicate::SizeAbove},
    cors::{AllowOrigin, CorsLayer},
};

use crate::{
    metrics,
    problem::{self, Problem},
    trace::{self, Trace},
};

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Below this a compressed answer is hardly smaller, and costs more.
const COMPRESS_FROM: u64 = 1024;

/// What an operator may set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Bytes a body may have, for every extractor that reads a whole body.
    pub body_limit: usize,
    /// Until the head of the answer; a stream may go on for as long as it likes.
    pub timeout: Duration,
    /// Origins a browser application may call from; `*` is all, none is none.
    pub cors: Vec<HeaderValue>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { body_limit: 1024 * 1024, timeout: Duration::from_secs(30), cors: Vec::new() }
    }
}

/// Wraps the whole application. Call it last: routes added afterwards are not covered.
pub fn common(router: Router, settings: &Settings, context: &Context) -> Router {
    // Read from the bottom: what is added last is met first.
    let router = router
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(DefaultBodyLimit::max(settings.body_limit))
        .layer(from_fn_with_state(settings.timeout, in_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(DefaultPredicate::new().and(SizeAbove::new(COMPRESS_FROM))),
        );
    let router = match cors(&settings.cors) {
        Some(cors) => router.layer(cors),
        None => router,
    };
    router.layer(from_fn_with_state(context.clone(), observed))
}

/// 503 for a request that takes too long. Its future is dropped; what a transaction has begun it ends by itself.
async fn in_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
        let error = Error::unavailable(format!("no answer within {} ms", limit.as_millis()));
        Problem(Error { detail: "The request took too long. Try again shortly.".into(), ..error }).into_response()
    })
}

/// A panic is a fault of ours like any other.
#[expect(clippy::needless_pass_by_value, reason = "the signature is tower-http's")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Problem(Error::internal(format!("panic: {message}"))).into_response()
}

fn cors(origins: &[HeaderValue]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let allowed = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().cloned())
    };
    let name = HeaderName::from_static;
    Some(
        CorsLayer::new()
            .allow_origin(allowed)
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                header::IF_MATCH,
                name("idempotency-key"),
                name("x-api-key"),
                name("x-authorization"),
                REQUEST_ID,
            ])
            .expose_headers([
                header::ETAG,
                header::LOCATION,
                header::RETRY_AFTER,
                name("ratelimit-limit"),
                name("ratelimit-remaining"),
                name("ratelimit-reset"),
                REQUEST_ID,
            ])
            .max_age(Duration::from_mins(10)),
    )
}

/// Gives the request its id, and writes the log line, the numbers and the headers of every answer.
async fn observed(State(context): State<Context>, request: Request, next: Next) -> Response {
    #[expect(clippy::disallowed_methods, reason = "measures this process itself")]
    let start = std::time::Instant::now();
    let id = incoming_id(&request).unwrap_or_else(|| context.id::<()>().to_string());
    let method = method_name(request.method());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let trace = Arc::new(Trace::new(id));

    let mut response = trace::scope(trace.clone(), next.run(request)).await;

    let took = start.elapsed();
    let status = response.status();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str);
    metrics::request(method, route, class(status), took);
    // A probe every second would bury the rest.
    if !matches!(route, "/health/live" | "/health/ready" | "/metrics") || status.is_server_error() {
        let code = response.extensions().get::<Arc<Error>>().map(|error| error.code.as_str());
        let dealer_id = trace.dealer().map(tracing::field::display);
        let duration_ms = took.as_secs_f64() * 1000.0;
        let request_id = trace.request_id.as_str();
        let status = status.as_u16();
        tracing::info!(
            method,
            route,
            status,
            code,
            duration_ms,
            request_id,
            dealer_id,
            "{method} {route} answered {status}"
        );
    }

    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&trace.request_id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The caller's own id for the request, when it is short and plain enough for a log line.
fn incoming_id(request: &Request) -> Option<String> {
    let id = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    ((1..=64).contains(&id.len()) && id.bytes().all(plain)).then(|| id.to_owned())
}

/// A method as a label: those nobody routes are one, so that a caller cannot invent series.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::{
        body::Body,
        routing::{get, post},
    };
    use forecourt_record::{Clock, Instant};
    use http_body_util::BodyExt;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;

    fn app(settings: &Settings) -> Router {
        let context = Context::new(Clock::virtual_at(Instant::EPOCH), 1);
        let router = Router::new()
            .route("/", get(async || "hello"))
            .route("/long", get(async || "long ".repeat(1000)))
            .route("/id", get(async || trace::request_id().unwrap_or_default()))
            .route("/panic", get(async || assert!(std::hint::black_box(false), "secret")))
            .route("/never", get(async || std::future::pending::<()>().await))
            .route("/echo", post(async |body: String| body));
        common(router, settings, &context)
    }

    async fn ask(app: Router, request: http::request::Builder) -> (http::response::Parts, String) {
        let (parts, body) = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts, String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn a_sane_request_id_is_kept_and_any_other_replaced() {
        let generated = |id: &str| id.len() == 24;
        for (sent, kept) in [("abc-1.2_3", true), ("a b", false), ("", false), (&"x".repeat(65), false)] {
            let (parts, body) = ask(app(&Settings::default()), Request::get("/id").header(REQUEST_ID, sent)).await;
            let answered = parts.headers[&REQUEST_ID].to_str().unwrap();
            assert_eq!(answered, body);
            assert!(if kept { answered == sent } else { generated(answered) }, "{sent} became {answered}");
        }
        let (parts, _) = ask(app(&Settings::default()), Request::get("/")).await;
        assert!(generated(parts.headers[&REQUEST_ID].to_str().unwrap()));
        assert_eq!(parts.headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(parts.headers[CACHE_CONTROL], "no-store");
    }

    #[tokio::test]
    async fn unknown_addresses_and_methods_are_problems() {
        for (request, status, code) in [
            (Request::get("/nowhere"), 404, "not_found"),
            (Request::delete("/"), 405, "method_not_allowed"),
            (Request::get("/panic"), 500, "internal"),
        ] {
            let (parts, body) = ask(app(&Settings::default()), request).await;
            let problem: Value = serde_json::from_str(&body).unwrap();
            assert_eq!((parts.status.as_u16(), &problem["code"]), (status, &code.into()));
            assert_eq!(problem["request_id"], parts.headers[&REQUEST_ID].to_str().unwrap());
            assert!(!body.contains("secret"));
            if status == 405 {
                assert_eq!(parts.headers[header::ALLOW], "GET,HEAD");
            }
        }
    }

    #[tokio::test]
    async fn a_request_that_hangs_is_put_off() {
        let settings = Settings { timeout: Duration::from_millis(1), ..Settings::default() };
        let (parts, _) = ask(app(&settings), Request::get("/never")).await;
        assert_eq!(parts.status, 503);
        assert_eq!(parts.headers[header::RETRY_AFTER], "2");
    }

    #[tokio::test]
    async fn bodies_are_bounded() {
        let settings = Settings { body_limit: 4, ..Settings::default() };
        for (body, status) in [("1234", 200), ("12345", 413)] {
            let request = Request::post("/echo").body(Body::from(body)).unwrap();
            assert_eq!(app(&settings).oneshot(request).await.unwrap().status(), status);
        }
    }

    #[tokio::test]
    async fn long_answers_are_compressed_for_those_who_ask() {
        let encoding = async |path: &str, accepts: &str| {
            let request = Request::get(path).header(header::ACCEPT_ENCODING, accepts);
            ask(app(&Settings::default()), request).await.0.headers.get(header::CONTENT_ENCODING).cloned()
        };
        assert_eq!(encoding("/long", "gzip").await.unwrap(), "gzip");
        assert_eq!(encoding("/long", "identity").await, None);
        assert_eq!(encoding("/", "gzip").await, None);
    }

    #[tokio::test]
    async fn browsers_may_call_from_listed_origins_only() {
        let allowed = async |cors: &[&'static str], origin: &str| {
            let cors = cors.iter().map(|origin| HeaderValue::from_static(origin)).collect();
            let request = Request::get("/").header(header::ORIGIN, origin);
            let (parts, _) = ask(app(&Settings { cors, ..Settings::default() }), request).await;
            parts.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).map(|origin| origin.to_str().unwrap().to_owned())
        };
        assert_eq!(allowed(&[], "https://a.example").await, None);
        assert_eq!(allowed(&["https://a.example"], "https://a.example").await.unwrap(), "https://a.example");
        assert_eq!(allowed(&["https://a.example"], "https://b.example").await, None);
        assert_eq!(allowed(&["*"], "https://b.example").await.unwrap(), "*");
    }
}
