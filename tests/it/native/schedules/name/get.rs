//! `GET /forecourt/v1/schedules/{name}`.

use forecourt_testkit::both;

use crate::native::{at, put, waits};

both! {
    async fn a_schedule_is_read_as_it_was_put(app) {
        put(app, "welcome%20back", &waits()).await.expect(201);
        let read = app.get(&at("schedules/welcome%20back")).send().await;
        assert_eq!(read.expect(200)["definition"]["actions"], waits()["actions"]);
        assert_eq!(read.json()["name"], "welcome back");
        assert!(read.header("etag").is_some());
        assert_eq!(app.get(&at("schedules/welcome")).send().await.problem(404), "not_found");
    }
}
