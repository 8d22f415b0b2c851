//! What is described is routed, guarded and checked.

#![allow(clippy::unwrap_used)]
use axum::body::Body as Raw;
use schemars::JsonSchema;
use serde::Deserialize;
use tower::ServiceExt;

use super::*;
use crate::{
    body::{Body, Data},
    query::{Bracketed, Query, WithBrackets},
};

#[derive(Deserialize, JsonSchema)]
struct Thing {
    #[expect(dead_code, reason = "only read")]
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Other {
    #[expect(dead_code, reason = "only read")]
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Asked {
    q: Option<String>,
}

impl Bracketed for Asked {
    const NAME: &'static str = "q";
}

fn anything() -> Declared {
    Declared::data(|_| schemars::json_schema!({ "type": "object" }))
}

fn operations() -> Operations<()> {
    let at = |method: Unnamed, name| method.name(name);
    Operations::new("test", "Test", "1")
        .route(
            at(Operation::get("/things"), "thing_list")
                .right(Right::LeadRead)
                .query::<Thing>()
                .handler(async |_: Query<Thing>| ()),
        )
        .route(
            at(Operation::post("/things"), "thing_create").public().body::<Thing>().handler(async |_: Body<Thing>| ()),
        )
        .route(at(Operation::put("/things"), "thing_put").public().body::<Thing>().handler(async |_: Body<Other>| ()))
        .route(
            at(Operation::post("/data"), "data")
                .public()
                .body_of("application/json", anything())
                .body_of("application/merge-patch+json", anything())
                .handler(async |data: Data| data.media),
        )
        .route(
            at(Operation::put("/data"), "typed_as_data")
                .public()
                .body::<Thing>()
                .handler(async |data: Data| data.media),
        )
        .route(
            at(Operation::patch("/data"), "data_as_typed")
                .public()
                .body_of("application/json", anything())
                .handler(async |_: Body<Thing>| ()),
        )
        .route(at(Operation::get("/asked"), "asked").public().query::<Asked>().handler(
            async |WithBrackets(asked, brackets): WithBrackets<Asked>| {
                format!("{}|{brackets:?}", asked.q.unwrap_or_default())
            },
        ))
        .route(at(Operation::get("/plain"), "plain").public().handler(async || ()))
        .route(at(Operation::get("/hook/{id}"), "hook").signed().handler(async || ()))
}

async fn status(router: Router, method: &str, uri: &str) -> u16 {
    let request = http::Request::builder().method(method).uri(uri).header("content-type", "application/json");
    let request = request.body(Raw::from(r#"{"name":"a"}"#)).unwrap();
    router.oneshot(request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn routes_what_it_describes() {
    for (method, uri, expected) in [
        ("GET", "/things?name=a", 200),
        ("GET", "/things", 400),
        ("POST", "/things", 200),
        ("POST", "/things?a=1", 400),
        ("PUT", "/things", 500),
        ("PATCH", "/things", 405),
        ("GET", "/plain", 200),
        ("HEAD", "/plain", 200),
        ("GET", "/plain?utm=1", 400),
        ("GET", "/hook/1?whatever=1", 200),
        ("POST", "/data", 200),
        ("PUT", "/data", 500),
        ("PATCH", "/data", 500),
        ("GET", "/asked?q[a]=1&q%5Bb%5D[]=2", 200),
        ("GET", "/asked?q[a]=1&p[b]=2", 400),
        ("GET", "/asked?q[a]=1&qb=2", 400),
        ("GET", "/asked?q[a]=%zz", 400),
    ] {
        assert_eq!(status(operations().router(), method, uri).await, expected, "{method} {uri}");
    }
}

#[tokio::test]
async fn the_guard_knows_the_operation_and_stands_before_everything_else() {
    async fn guard(request: Request, next: Next) -> Response {
        match request.extensions().get::<Arc<OperationInfo>>().map(|info| info.access) {
            Some(Access::Public | Access::Signed) => next.run(request).await,
            Some(Access::Session | Access::Right(_)) | None => http::StatusCode::UNAUTHORIZED.into_response(),
        }
    }
    let guarded = || operations().router_with(|router, _| router.route_layer(middleware::from_fn(guard)));
    for (method, uri, expected) in [
        ("GET", "/things?nonsense=1", 401),
        ("POST", "/things", 200),
        ("PATCH", "/things", 405),
        ("GET", "/nowhere", 404),
    ] {
        assert_eq!(status(guarded(), method, uri).await, expected, "{method} {uri}");
    }
}

#[test]
fn flaws_are_named() {
    let route = |name| {
        let operation = Operation::get("/things/{id}").name(name).public().path("ip", "Not there.");
        operation.body::<Thing>().example(serde_json::json!({ "nam": "a" })).handler(async || ())
    };
    let operations: Operations<()> = Operations::new("test", "Test", "1").route(route("a")).route(route("a"));
    let flaws = operations.flaws().join("\n");
    for flaw in ["no summary", "no answer", "describes `ip`", "not describe `id`", "wrong at `/nam`", "name of two"] {
        assert!(flaws.contains(flaw), "{flaw} in {flaws}");
    }
}

async fn text(request: http::Request<Raw>) -> (u16, String) {
    use http_body_util::BodyExt;
    let response = operations().router().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    (status, String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn data_comes_in_the_media_types_that_are_described() {
    for (media, status) in [
        ("application/json; charset=utf-8", 200),
        ("application/Merge-Patch+json", 200),
        ("application/json-patch+json", 415),
        ("text/plain", 415),
        ("", 415),
    ] {
        let request = http::Request::post("/data").header("content-type", media).body(Raw::from("{}")).unwrap();
        let (answered, text) = text(request).await;
        assert_eq!(answered, status, "{media}");
        if status == 200 {
            assert!(media.to_lowercase().starts_with(&text), "{media} as {text}");
        } else {
            assert!(text.contains("application/merge-patch+json"), "{text}");
        }
    }
}

#[tokio::test]
async fn brackets_are_handed_on_in_their_order() {
    let request = http::Request::get("/asked?q[a.b][$in][]=1&q=x&q%5Bc%5D=%20").body(Raw::empty()).unwrap();
    let expected = r#"x|[("q[a.b][$in][]", "1"), ("q[c]", " ")]"#.to_owned();
    assert_eq!(text(request).await, (200, expected));
}
