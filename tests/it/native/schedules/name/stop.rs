//! `POST /forecourt/v1/schedules/{name}/stop` and `/start`.

use std::time::Duration;

use forecourt_testkit::both;
use serde_json::json;

use crate::native::{at, enrol, lead, put};

both! {
    async fn whoever_is_on_a_stopped_schedule_waits_until_it_is_started(app) {
        let hello = json!({"actions": [{"do": "wait", "hours": 1}, {"do": "add_task", "description": "Look"}]});
        put(app, "one", &hello).await.expect(201);
        let id = enrol(app, &lead(app, "+17135550100").await, "one").await["id"].as_str().unwrap().to_owned();
        app.work().await;
        let stopped = app.post(&at("schedules/one/stop")).send().await.expect(200);
        assert_eq!((&stopped["active"], &stopped["version"]), (&json!(false), &json!(1)));
        let body = json!({"lead": lead(app, "+17135550101").await, "schedule": "one"});
        assert_eq!(app.post(&at("enrolments")).json(&body).send().await.problem(409), "conflict");
        app.pass(Duration::from_hours(2)).await;
        let waits = app.get(&at(&format!("enrolments/{id}"))).send().await.expect(200);
        assert_eq!((&waits["status"], &waits["standstill"]["rule"]), (&json!("waiting"), &json!("paused")));

        // Said twice it is the same.
        for _ in 0..2 {
            assert_eq!(app.post(&at("schedules/one/start")).send().await.expect(200)["active"], true);
        }
        app.pass(Duration::from_mins(6)).await;
        let done = app.get(&at(&format!("enrolments/{id}"))).send().await.expect(200);
        assert_eq!((&done["status"], &done["action"]), (&json!("completed"), &json!(null)));
        for path in ["schedules/none/stop", "schedules/none/start"] {
            assert_eq!(app.post(&at(path)).send().await.problem(404), "not_found");
        }
    }
}
