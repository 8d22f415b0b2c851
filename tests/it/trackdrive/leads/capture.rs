//! `POST /api/v1/leads/capture`: data is attached, and nobody called or written to.

use forecourt_record::Sms;
use forecourt_testkit::both;
use serde_json::json;

use crate::trackdrive::{HOUR, OTHER, all, put_lead, schedule, send, statuses};

both! {
    async fn nothing_begins_until_the_lead_is_sent(app) {
        let token = schedule(app, "texts", json!({"actions": [{"do": "sms", "text": {"en": "Hi"}}, {"do": "dial"}]})).await;
        let told = send(app, "leads/capture", &token, &json!({"caller_id": OTHER, "make": "Ford"})).await.expect(200);
        assert_eq!(told["metadata"], json!({"root": "lead", "created": true, "dedupe": "none"}));
        let lead = &told["lead"];
        assert_eq!((&lead["status"], &lead["human_status"]), (&json!("waiting"), &json!("Data captured, nothing begun")));
        app.pass(192 * HOUR).await;
        let told = send(app, "leads/capture", &token, &json!({"caller_id": OTHER, "model": "Rio"})).await.expect(200);
        assert_eq!((&told["metadata"]["dedupe"], &told["lead"]["id"]), (&json!("updated"), &lead["id"]));
        app.pass(HOUR).await;
        assert_eq!((statuses(app).await, all::<Sms>(app).await.len()), (vec!["waiting"], 0));
        let told = put_lead(app, &token, &json!({"caller_id": OTHER})).await;
        assert_eq!(told["lead"]["tokens"], json!({"make": "Ford", "model": "Rio"}));
        app.pass(HOUR).await;
        assert_eq!((statuses(app).await, all::<Sms>(app).await.len()), (vec!["queue"], 1));
    }

    async fn a_lead_that_has_begun_goes_on(app) {
        let token = schedule(app, "calls", json!({"actions": [{"do": "wait", "hours": 1}, {"do": "dial"}]})).await;
        put_lead(app, &token, &json!({"caller_id": OTHER})).await;
        let told = send(app, "leads/capture", &token, &json!({"caller_id": OTHER, "model": "Rio"})).await.expect(200);
        assert_eq!(told["lead"]["human_status"], "Scheduled");
        app.pass(HOUR).await;
        assert_eq!(statuses(app).await, ["queue"]);
    }
}
