//! What nobody should send: always refused field by field, never a fault of ours, and the store as it was.

use forecourt_testkit::both;
use serde_json::{Value, json};

use super::{john, types};

/// Values that are out of place in any field.
fn odd() -> Vec<Value> {
    vec![
        json!([]),
        json!({"$gt": ""}),
        json!(true),
        json!("a\u{0}b"),
        json!("x".repeat(100_000)),
        json!("'; DROP TABLE leads; --\u{0}"),
        json!([[[[[[]]]]]]),
    ]
}

both! {
    async fn odd_values_are_refused_and_nothing_is_kept(app) {
        types(app).await;
        let before = app.snapshot().await;
        for field in ["email", "first_name", "surname", "mobile", "type", "subtype", "other_phone", "delays"] {
            for value in odd() {
                let mut body = john("motor-trade");
                body[field] = value.clone();
                let answer = app.post("/lead/add").json(&body).send().await;
                let told = answer.expect(400);
                assert!(told[field]["0"].is_string(), "{field} {value}: {told}");
            }
        }
        for (path, body, status) in [
            ("/lead/add", "", 400),
            ("/lead/add", "[]", 400),
            ("/lead/add", "null", 400),
            ("/lead/add", "{\"email\":\"\u{0}\"}", 400),
            ("/lead/cancel", "\"x\"", 400),
        ] {
            let answer = app.post(path).raw("application/json", body).send().await;
            assert_eq!(answer.status.as_u16(), status, "{path} {body}");
            assert!(answer.json()["body"]["0"].is_string(), "{path} {body}");
        }
        let deep = "[".repeat(10_000);
        app.post("/lead/add").raw("application/json", deep).send().await.expect(400);
        app.post("/lead/add").raw("text/plain", "{}").send().await.expect(415);
        app.post("/lead/add?other=1").json(&john("motor-trade")).send().await.expect(400);
        assert_eq!(app.snapshot().await, before);
    }
}
