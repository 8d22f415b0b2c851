//! `PATCH /{resource}/{id}`.

use forecourt_testkit::{Answer, TestApp, both};
use serde_json::{Value, json};

use super::{at, created, each, patch, read};

/// A change in a media type of its own.
async fn send(app: &TestApp, id: &str, media: &str, change: &Value) -> Answer {
    app.patch(&at(app, &format!("notes/{id}"))).raw(media, change.to_string()).send().await
}

async fn note(app: &TestApp) -> String {
    created(app, "notes", json!({"content": "One", "file_ids": ["a", "b"], "custom": {"n": 1, "deep": {"x": "y"}}}))
        .await
}

both! {
    async fn each_kind_of_step_is_carried_out(app) {
        for (steps, pointer, expected) in [
            (json!([{"op": "replace", "path": "/content", "value": "Two"}]), "/content", json!("Two")),
            (json!([{"op": "add", "path": "/file_ids/1", "value": "x"}]), "/file_ids", json!(["a", "x", "b"])),
            (json!([{"op": "add", "path": "/file_ids/-", "value": "x"}]), "/file_ids", json!(["a", "b", "x"])),
            (json!([{"op": "remove", "path": "/file_ids/0"}]), "/file_ids", json!(["b"])),
            (json!([{"op": "move", "from": "/file_ids/0", "path": "/file_ids/1"}]), "/file_ids", json!(["b", "a"])),
            (json!([{"op": "copy", "from": "/custom/deep", "path": "/custom/more"}]), "/custom/more", json!({"x": "y"})),
            (json!([{"op": "test", "path": "/custom/n", "value": 1.0}, {"op": "remove", "path": "/custom/n"}]), "/custom", json!({"deep": {"x": "y"}})),
            (json!([{"op": "add", "path": "/custom/a~1b", "value": 1}]), "/custom/a~1b", json!(1)),
            (json!([]), "/content", json!("One")),
        ] {
            let id = note(app).await;
            for media in ["application/json", "application/json-patch+json"] {
                if media != "application/json" && steps != json!([]) {
                    continue;
                }
                let now = send(app, &id, media, &steps).await.expect(200);
                assert_eq!(now.pointer(pointer), Some(&expected), "{steps}");
                assert_eq!(read(app, "notes", &id).await, now, "{steps}");
            }
        }
        let id = note(app).await;
        let steps = json!([{"op": "replace", "path": "/content", "value": "Two"}]);
        assert_eq!(send(app, &id, "application/json-patch+json", &steps).await.expect(200)["content"], "Two");
    }

    async fn one_step_that_fails_undoes_them_all_and_is_named(app) {
        let id = note(app).await;
        let before = app.snapshot().await;
        let first = json!({"op": "replace", "path": "/content", "value": "Two"});
        for (step, status) in [
            (json!({"op": "test", "path": "/custom/n", "value": 2}), 409),
            (json!({"op": "remove", "path": "/nothing"}), 422),
            (json!({"op": "replace", "path": "/custom/none", "value": 1}), 422),
            (json!({"op": "add", "path": "/file_ids/7", "value": "x"}), 422),
            (json!({"op": "move", "from": "/custom", "path": "/custom/deep"}), 422),
            (json!({"op": "add", "path": "content", "value": "x"}), 422),
            (json!({"op": "increment", "path": "/custom/n", "value": 1}), 422),
            (json!({"op": "add", "path": "/content"}), 422),
        ] {
            let answer = patch(app, "notes", &id, json!([first, step])).await;
            let body = answer.expect(status);
            assert!(body.to_string().contains('1'), "{step}: {body}");
            if status == 422 {
                assert_eq!(answer.pointers(), ["/1"], "{step}");
            }
        }
        for change in [json!({"op": "remove", "path": "/content"}), json!("x"), json!(null)] {
            patch(app, "notes", &id, change).await.expect(422);
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn the_result_is_checked_as_if_it_had_been_put(app) {
        let id = note(app).await;
        for (steps, pointer) in [
            (json!([{"op": "add", "path": "/contnt", "value": "Two"}]), "/contnt"),
            (json!([{"op": "replace", "path": "/content", "value": 2}]), "/content"),
            (json!([{"op": "add", "path": "/client_id", "value": "0193a5d2c7f0a1b2000000ff"}]), "/client_id"),
            (json!([{"op": "replace", "path": "/_id", "value": "0193a5d2c7f0a1b2000000ff"}]), "/_id"),
            (json!([{"op": "replace", "path": "/created_at", "value": "2020-01-01"}]), "/created_at"),
            (json!([{"op": "replace", "path": "", "value": "text"}]), ""),
        ] {
            let answer = patch(app, "notes", &id, steps.clone()).await;
            assert_eq!(answer.problem(422), "invalid", "{steps}");
            assert_eq!(answer.pointers(), [pointer], "{steps}");
        }
    }

    async fn a_merge_patch_changes_some_members(app) {
        let id = note(app).await;
        let change = json!({"content": null, "custom": {"n": 2, "deep": null}, "file_ids": ["z"]});
        let now = send(app, &id, "application/merge-patch+json", &change).await.expect(200);
        assert!(now.get("content").is_none(), "{now}");
        assert_eq!((&now["custom"], &now["file_ids"]), (&json!({"n": 2}), &json!(["z"])));
        let wrong = send(app, &id, "application/merge-patch+json", &json!({"contnt": "x"})).await;
        assert_eq!(wrong.pointers(), ["/contnt"]);
        for media in ["text/plain", "application/xml", ""] {
            assert_eq!(send(app, &id, media, &change).await.problem(415), "unsupported_media_type", "{media}");
        }
    }

    async fn a_version_that_is_behind_is_refused(app) {
        let id = note(app).await;
        let steps = json!([{"op": "replace", "path": "/content", "value": "Two"}]);
        for (tag, status) in [("\"1\"", 412), ("\"0\"", 200), ("\"0\"", 412), ("*", 200)] {
            let ask = app.patch(&at(app, &format!("notes/{id}"))).header("if-match", tag).json(&steps);
            assert_eq!(ask.send().await.status.as_u16(), status, "{tag}");
        }
    }

    async fn a_status_is_kept_in_its_history(app) {
        let lead = created(app, "saleleads", json!({"status": {"status": "new"}})).await;
        for status in ["contacted", "won by phone"] {
            app.clock.advance(std::time::Duration::from_mins(1));
            let step = json!([{"op": "replace", "path": "/status/status", "value": status}]);
            let now = patch(app, "saleleads", &lead, step).await.expect(200);
            assert_eq!(now["status"]["status"], status);
        }
        let now = read(app, "saleleads", &lead).await;
        let history = each(now["status_history"].as_array().unwrap(), "/status");
        assert_eq!(history, ["new", "contacted", "won by phone"]);
        assert_eq!(now["status"]["assigned_at"], "2026-11-21T18:02:00.000Z");
    }
}
