//! `GET /forecourt/v1/schedules/{name}/versions/{version}`.

use forecourt_testkit::both;
use serde_json::json;

use crate::native::{at, put, waits};

both! {
    async fn every_version_stays_readable(app) {
        put(app, "one", &waits()).await.expect(201);
        put(app, "one", &json!({"actions": [{"do": "dial"}]})).await.expect(200);
        for (version, action) in [(1, "wait"), (2, "dial")] {
            let read = app.get(&at(&format!("schedules/one/versions/{version}"))).send().await.expect(200);
            assert_eq!((&read["version"], &read["definition"]["actions"][0]["do"]), (&json!(version), &json!(action)));
        }
        for path in ["one/versions/3", "one/versions/0", "one/versions/01", "one/versions/x", "two/versions/1"] {
            assert_eq!(app.get(&at(&format!("schedules/{path}"))).send().await.problem(404), "not_found", "{path}");
        }
    }
}
