//! What goes for every answer, whichever operation gave it: an id, compression, and no browser of somebody else's.

use forecourt_testkit::both;
use http::Method;
use serde_json::json;

both! {
    async fn the_request_id_is_echoed_or_made(app) {
        let answer = app.get("/v1/leads").header("x-request-id", "my-id_1.2").send().await;
        assert_eq!(answer.header("x-request-id"), Some("my-id_1.2"));
        for bad in ["a b", "a\u{e9}", "<script>", &"x".repeat(65), ""] {
            let answer = app.get("/v1/leads").header("x-request-id", bad).send().await;
            let made = answer.header("x-request-id").unwrap();
            assert_eq!(made.len(), 24, "{made}");
        }
        // A problem quotes the same one.
        let answer = app.get("/v1/leads/L-1").header("x-request-id", "abc").send().await;
        assert_eq!(answer.json()["request_id"], "abc");
        let unknown = app.get("/nowhere").send().await;
        assert_eq!(unknown.json()["request_id"], unknown.header("x-request-id").unwrap());
    }

    async fn a_long_answer_is_compressed_for_those_who_can_read_it(app) {
        for at in 0..10 {
            let lead = json!({
                "name": format!("Person {at}"), "phone": format!("+1713{:07}", 2_000_000 + at),
                "location": "houston",
            });
            app.post("/v1/leads").json(&lead).send().await.expect(201);
        }
        let plain = app.get("/v1/leads").send().await;
        assert_eq!(plain.header("content-encoding"), None);
        let packed = app.get("/v1/leads").header("accept-encoding", "gzip").send().await;
        assert_eq!(packed.header("content-encoding"), Some("gzip"));
        assert_eq!(packed.bytes[..2], [0x1f, 0x8b]);
        assert!(packed.bytes.len() < plain.bytes.len() / 2, "{} of {}", packed.bytes.len(), plain.bytes.len());
        let short = app.get("/v1/leads?limit=1").header("accept-encoding", "gzip").send().await;
        assert_eq!(short.header("content-encoding"), None);
    }

    async fn no_origin_may_call_from_a_browser_unless_it_is_listed(app) {
        for origin in ["https://evil.example", "null", "http://127.0.0.1:8080"] {
            let answer = app.get("/v1/leads").header("origin", origin).send().await;
            answer.expect(200);
            let preflight = app
                .anonymous(Method::OPTIONS, "/v1/leads")
                .header("origin", origin)
                .header("access-control-request-method", "GET")
                .send()
                .await;
            assert_eq!(preflight.status, 405);
            for answer in [&answer, &preflight] {
                let names = answer.headers.keys().map(http::HeaderName::as_str);
                assert_eq!(names.filter(|name| name.starts_with("access-control")).count(), 0);
            }
        }
    }

    async fn every_answer_is_private_and_is_taken_for_what_it_says(app) {
        for path in ["/v1/leads", "/v1/leads/L-1", "/nowhere", "/health/live"] {
            let answer = app.get(path).send().await;
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        }
    }
}
