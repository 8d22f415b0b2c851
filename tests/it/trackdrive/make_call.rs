//! `POST /api/v1/schedules/make_call`.

use forecourt_testkit::both;
use serde_json::json;

use crate::trackdrive::{OTHER, ask, tokens};

both! {
    async fn whoever_is_meant_is_checked(app) {
        let token = tokens(app).await.schedule;
        let before = app.snapshot().await;
        for (body, errors) in [
            (json!({}), json!({"to": ["can't be blank, where there is no lead_id"]})),
            (json!({"to": OTHER, "lead_id": 1}), json!({"to": ["cannot be sent together with lead_id"]})),
            (json!({"to": OTHER}), json!({"base": ["Calls are not available yet."]})),
        ] {
            let told = ask(app, "schedules/make_call", &token).json(&body).send().await.expect(422);
            assert_eq!(told["errors"], errors, "{body}");
        }
        assert_eq!(app.snapshot().await, before);
    }
}
