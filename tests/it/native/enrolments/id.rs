//! `/forecourt/v1/enrolments/{id}` and `/end`.

use forecourt_testkit::both;
use serde_json::json;

use crate::native::{at, enrol, lead, put};

both! {
    async fn somebody_is_taken_off_and_stays_off(app) {
        put(app, "one", &json!({"actions": [{"do": "dial"}]})).await.expect(201);
        let id = enrol(app, &lead(app, "+17135550100").await, "one").await["id"].as_str().unwrap().to_owned();
        app.work().await;
        let there = app.get(&at(&format!("enrolments/{id}"))).send().await.expect(200);
        assert_eq!((&there["status"], &there["action"]), (&json!("queue"), &json!("call")));
        for _ in 0..2 {
            let ended = app.post(&at(&format!("enrolments/{id}/end"))).send().await.expect(200);
            assert_eq!((&ended["status"], &ended["ended_because"]), (&json!("disabled"), &json!("it was cancelled")));
        }
        for unknown in ["E-9999", "E-01", "17", "x"] {
            assert_eq!(app.get(&at(&format!("enrolments/{unknown}"))).send().await.problem(404), "not_found");
            let end = app.post(&at(&format!("enrolments/{unknown}/end"))).send().await;
            assert_eq!(end.problem(404), "not_found");
        }
    }
}
