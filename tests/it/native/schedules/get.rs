//! `GET /forecourt/v1/schedules`.

use forecourt_testkit::both;
use serde_json::json;

use crate::native::{at, put, waits};

both! {
    async fn all_schedules_are_listed_by_name(app) {
        assert_eq!(app.get(&at("schedules")).send().await.expect(200), json!({"data": [], "total": 0}));
        for name in ["b", "a"] {
            put(app, name, &waits()).await.expect(201);
        }
        let list = app.get(&at("schedules")).send().await.expect(200);
        assert_eq!(list["total"], 2);
        let names: Vec<_> = list["data"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["a", "b"]);
        let first = &list["data"][0];
        assert_eq!((&first["version"], &first["steps"], &first["active"]), (&json!(1), &json!(1), &json!(true)));
    }
}
