//! `/health/live`, `/health/ready` and `/metrics`: for whatever watches the process.

use forecourt_testkit::{Backend, TestApp, both};
use http::Method;
use serde_json::json;

both! {
    async fn it_lives_and_is_ready(app) {
        let ask = async |path: &str| app.anonymous(Method::GET, path).send().await.expect(200);
        assert_eq!(ask("/health/live").await, json!({"status": "live"}));
        assert_eq!(ask("/health/ready").await, json!({"status": "ready", "checks": {"store": "ok"}}));
    }

    async fn numbers_are_counted_by_route_and_not_by_address(app) {
        forecourt_api::metrics::install();
        for id in ["L-1", "L-2", "L-3"] {
            app.get(&format!("/v1/leads/{id}")).send().await.expect(404);
        }
        app.anonymous(Method::GET, "/nowhere/at/all").send().await.expect(404);
        let answer = app.anonymous(Method::GET, "/metrics").send().await;
        answer.expect(200);
        assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        let text = String::from_utf8(answer.bytes).unwrap();
        assert!(text.contains(r#"http_requests_total{method="GET",route="/v1/leads/{id}",status="4xx"}"#), "{text}");
        assert!(text.contains(r#"route="unmatched""#), "{text}");
        assert!(text.contains("http_request_duration_seconds_bucket"), "{text}");
        assert!(!text.contains("L-1") && !text.contains("/nowhere"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_store_it_lives_and_is_not_ready() {
    let app = TestApp::start(Backend::Sqlite).await.expect("SQLite is always there");
    app.crm().store.close().await;
    let ask = |path: &str| app.anonymous(Method::GET, path).send();
    ask("/health/live").await.expect(200);
    let ready = ask("/health/ready").await.expect(503);
    assert_eq!(ready, json!({"status": "not ready", "checks": {"store": "the store does not answer"}}));
    // And says so to whoever asks for data, with the time to come back.
    let answer = app.get("/v1/leads").send().await;
    assert_eq!(answer.problem(503), "unavailable");
    assert!(answer.header("retry-after").is_some());
}
