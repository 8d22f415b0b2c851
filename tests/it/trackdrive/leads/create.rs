//! `POST /api/v1/leads`: a new lead, unless the schedule says otherwise.

use forecourt_record::Enrolment;
use forecourt_testkit::both;
use serde_json::json;

use crate::trackdrive::{OTHER, all, schedule, send};

both! {
    async fn the_rule_of_the_schedule_decides_about_a_second_one(app) {
        for (rule, status, dedupe, live) in
            [("allow", 200, "allowed", 2), ("update", 200, "updated", 1), ("expire_existing", 200, "replaced", 1), ("reject", 422, "", 1)]
        {
            let token = schedule(app, rule, json!({"actions": [{"do": "dial"}], "duplicates": rule})).await;
            let body = json!({"caller_id": OTHER, "rule": rule});
            send(app, "leads", &token, &body).await.expect(200);
            let told = send(app, "leads", &token, &body).await.expect(status);
            assert_eq!(told["metadata"]["dedupe"].as_str().unwrap_or_default(), dedupe, "{rule}");
            if status == 422 {
                assert_eq!((&told["code"], &told["errors"]["caller_id"][0]), (&json!("duplicate"), &json!("is a live lead of this schedule already")));
            }
            app.work().await;
            let mine = all::<Enrolment>(app).await;
            let mine = mine.iter().filter(|one| one.doc.status.is_live() && one.doc.tokens.get("rule") == Some(rule));
            assert_eq!(mine.count(), live, "{rule}");
        }
    }

    async fn a_schedule_that_is_stopped_takes_nobody(app) {
        let token = schedule(app, "still", json!({"actions": [{"do": "dial"}]})).await;
        let definition = app.crm().config(app.dealer).await.unwrap().schedule_named("still").unwrap().plan.definition.clone();
        let new = forecourt_crm::schedule::NewSchedule { name: "still".into(), description: None, active: Some(false), definition };
        app.crm().schedule_put(&app.caller(), new).await.unwrap();
        let told = send(app, "leads", &token, &json!({"caller_id": "1"})).await.expect(422);
        assert_eq!(told["errors"], json!({"lead_token": ["the schedule of this token is not active"], "caller_id": ["is not a valid phone number"]}));
    }
}
