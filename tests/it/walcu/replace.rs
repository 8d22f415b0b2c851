//! `PUT /{resource}/{id}`.

use forecourt_testkit::both;
use serde_json::json;

use super::{at, created, put, read};

both! {
    async fn members_left_out_are_emptied(app) {
        let made = created(app, "notes", json!({"content": "One", "custom": {"a": 1}, "file_ids": ["f1"]})).await;
        app.clock.advance(std::time::Duration::from_secs(1));
        let put = put(app, "notes", &made, &json!({"content": "Two"})).await;
        assert_eq!(put.header("etag"), Some("\"1\""));
        let now = put.expect(200);
        assert_eq!((&now["content"], &now["__v"]), (&json!("Two"), &json!(1)));
        assert!(now.get("custom").is_none() && now.get("file_ids").is_none(), "{now}");
        assert_eq!(now["created_at"], "2026-11-21T18:00:00.000Z");
        assert_eq!(now["updated_at"], "2026-11-21T18:00:01.000Z");
        assert_eq!(read(app, "notes", &made).await, now);
    }

    async fn what_the_server_keeps_is_not_changed(app) {
        let made = created(app, "notes", json!({"content": "One"})).await;
        for (member, value) in [
            ("_id", json!("0193a5d2c7f0a1b2000000ff")),
            ("dealer_id", json!(app.stranger)),
            ("created_at", json!("2020-01-01")),
            ("updated_at", json!("2020-01-01")),
        ] {
            let answer = put(app, "notes", &made, &json!({"content": "Two", member: value})).await;
            assert_eq!(answer.problem(422), "invalid", "{member}");
            assert_eq!(answer.pointers(), [format!("/{member}")], "{member}");
        }
        assert_eq!(read(app, "notes", &made).await["content"], "One");
    }

    async fn a_version_that_is_behind_is_refused(app) {
        let made = created(app, "notes", json!({"content": "One"})).await;
        put(app, "notes", &made, &json!({"content": "Two", "__v": 0})).await.expect(200);
        let answer = put(app, "notes", &made, &json!({"content": "Three", "__v": 0})).await;
        assert_eq!(answer.problem(409), "version_behind");
        for (tag, status) in [("\"0\"", 412), ("\"9\"", 412), ("nonsense", 412), ("\"1\"", 200), ("*", 200)] {
            let ask = app.put(&at(app, &format!("notes/{made}"))).header("if-match", tag);
            let answer = ask.json(&json!({"content": tag})).send().await;
            assert_eq!(answer.status.as_u16(), status, "{tag}: {}", answer.json());
        }
    }

    async fn it_is_checked_like_a_new_one(app) {
        let made = created(app, "notes", json!({"content": "One"})).await;
        for (document, pointer) in [
            (json!({"contnt": "Two"}), "/contnt"),
            (json!({"content": 2}), "/content"),
            (json!({"client_id": "0193a5d2c7f0a1b2000000ff"}), "/client_id"),
        ] {
            assert_eq!(put(app, "notes", &made, &document).await.pointers(), [pointer]);
        }
        let none = put(app, "notes", "0193a5d2c7f0a1b2000000ff", &json!({"content": "Two"})).await;
        assert_eq!(none.problem(404), "not_found");
        assert_eq!(put(app, "notes", &made, &json!([{"content": "Two"}])).await.problem(422), "invalid");
    }
}
