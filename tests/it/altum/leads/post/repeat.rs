//! `Idempotency-Key`: a request repeated with its key is answered as it was, and does nothing.

use std::time::Duration;

use forecourt_testkit::{As, Ask, TestApp, both};
use http::Method;
use serde_json::json;

use crate::altum::{bea, change, jose, with};

fn keyed(app: &TestApp, key: &str) -> Ask {
    app.post("/v1/leads").header("idempotency-key", key)
}

both! {
    async fn the_same_request_gets_the_same_answer(app) {
        let first = keyed(app, "a-1").json(&jose()).send().await;
        let body = first.expect(201);
        // What happened since does not show in the repeated answer.
        change(app, "L-1000", json!({"creditScore": "none"})).await;
        for _ in 0..3 {
            let again = keyed(app, "a-1").json(&jose()).send().await;
            assert_eq!(again.expect(201), body);
            assert_eq!(again.header("location"), first.header("location"));
        }
        assert_eq!(app.counts().await["leads"], 1);
        let events = app.events().await;
        assert!(!events.iter().any(|event| event.name.as_str() == "lead.repeated"));
    }

    async fn another_body_under_the_same_key_is_refused(app) {
        keyed(app, "a-1").json(&jose()).send().await.expect(201);
        let answer = keyed(app, "a-1").json(&with(jose(), json!({"downPayment": 2001}))).send().await;
        assert_eq!(answer.problem(422), "idempotency_key_reused");
        let counts = app.counts().await;
        assert_eq!((counts["leads"], counts["clients"]), (1, 1));
    }

    async fn a_key_is_kept_for_a_day(app) {
        keyed(app, "a-1").json(&jose()).send().await.expect(201);
        app.clock.advance(Duration::from_hours(24));
        assert_eq!(keyed(app, "a-1").json(&jose()).send().await.expect(201)["id"], "L-1000");
        app.clock.advance(Duration::from_millis(1));
        // Forgotten: another request may have it now.
        assert_eq!(keyed(app, "a-1").json(&bea()).send().await.expect(201)["id"], "L-1001");
    }

    async fn a_request_that_failed_leaves_its_key_free(app) {
        let wrong = with(jose(), json!({"vehicleId": "V-404"}));
        keyed(app, "a-1").json(&wrong).send().await.expect(422);
        keyed(app, "a-1").json(&jose()).send().await.expect(201);
    }

    async fn a_key_belongs_to_the_credential_and_the_operation(app) {
        keyed(app, "a-1").json(&jose()).send().await.expect(201);
        let manager = app.ask(As::Role(forecourt_record::Role::Manager), Method::POST, "/v1/leads").await;
        manager.header("idempotency-key", "a-1").json(&bea()).send().await.expect(201);
        let stranger = app.ask(As::Stranger, Method::POST, "/v1/leads").await;
        let body = json!({"name": "Somebody", "phone": "+17135550188"});
        stranger.header("idempotency-key", "a-1").json(&body).send().await.expect(201);
        let send = json!({"leadId": "L-1000", "template": {"name": "offer", "language": "en"}});
        app.post("/v1/whatsapp/messages").header("idempotency-key", "a-1").json(&send).send().await.expect(202);
    }

    async fn a_duplicate_is_repeated_as_a_duplicate(app) {
        app.post("/v1/leads").json(&jose()).send().await.expect(201);
        let first = keyed(app, "a-1").json(&jose()).send().await.expect(200);
        assert_eq!(keyed(app, "a-1").json(&jose()).send().await.expect(200), first);
    }

    async fn a_key_that_cannot_be_honoured_is_refused(app) {
        for key in ["", "\"\"", &"k".repeat(256)] {
            let answer = keyed(app, key).json(&jose()).send().await;
            assert_eq!(answer.problem(422), "invalid", "{key:?}");
            assert_eq!(answer.pointers(), ["header:idempotency-key"]);
        }
        let twice = keyed(app, "a").header("idempotency-key", "b").json(&jose()).send().await;
        assert_eq!(twice.problem(422), "invalid");
        assert_eq!(app.counts().await["leads"], 0);
        // Bare and in quotes it is the same key.
        keyed(app, "\"q-1\"").json(&jose()).send().await.expect(201);
        keyed(app, "q-1").json(&jose()).send().await.expect(201);
        assert_eq!(app.counts().await["leads"], 1);
    }
}
