//! Numbers set aside from the pools of a schedule.

use std::collections::BTreeSet;

use forecourt_record::{Sms, pool::Pool};
use forecourt_testkit::{TestApp, both};
use serde_json::{Value, json};

use crate::trackdrive::{HOUR, OTHER, all, ask, put_lead, schedule, send};

async fn pool(app: &TestApp, name: &str, value: Value) {
    let pool: Pool = serde_json::from_value(value).unwrap();
    app.crm().pool_put(&app.caller(), name, pool).await.unwrap();
}

fn numbers(count: usize) -> Value {
    (0..count).map(|at| json!({"number": format!("+1713555{:04}", 100 + at)})).collect()
}

both! {
    async fn a_lead_keeps_its_number_and_is_written_to_from_it(app) {
        let token = schedule(app, "texts", json!({"actions": [{"do": "sms", "text": {"en": "Hi"}}, {"do": "dial"}]})).await;
        let near = json!([{"number": "+12125550100"}, {"number": "+17135550101"}]);
        pool(app, "both", json!({"channels": ["sms", "call"], "schedules": ["texts"], "numbers": near, "hold_seconds": 3600})).await;
        let sent = json!({"caller_id": OTHER, "assign_sms_number": "1", "assign_trackdrive_number": true});
        for _ in 0..2 {
            let lead = put_lead(app, &token, &sent).await["lead"].clone();
            assert_eq!(lead["sms_number_plain"], "+17135550101", "the one of the same area");
            assert_eq!(lead["trackdrive_number_plain"], "+17135550101");
        }
        app.work().await;
        assert_eq!(all::<Sms>(app).await[0].doc.from.as_deref(), Some("+17135550101"));
        let plain = put_lead(app, &token, &json!({"caller_id": "+17137840259"})).await;
        assert_eq!(plain["lead"]["sms_number_plain"], Value::Null);
    }

    async fn an_empty_pool_refuses_the_whole_of_it(app) {
        let token = schedule(app, "texts", json!({"actions": [{"do": "dial"}]})).await;
        let other = schedule(app, "other", json!({"actions": [{"do": "dial"}]})).await;
        pool(app, "one", json!({"channels": ["sms"], "schedules": ["texts"], "numbers": numbers(1), "hold_seconds": 3600, "cooldown_seconds": 600})).await;
        put_lead(app, &token, &json!({"caller_id": OTHER, "assign_sms_number": 1})).await;
        let before = app.snapshot().await;
        for (token, field) in [(&token, "assign_sms_number"), (&token, "assign_trackdrive_number"), (&other, "assign_sms_number")] {
            let mut body = json!({"caller_id": "+17137840259", "make": "Ford"});
            body[field] = json!(true);
            let told = send(app, "leads", token, &body).await.expect(422);
            assert_eq!(told["code"], "no_number_available");
            assert_eq!(told["errors"], json!({field: ["no number is free just now"]}));
        }
        assert_eq!(app.snapshot().await, before);
        // Held for an hour, at rest for ten minutes.
        for (minutes, status) in [(60, 422), (9, 422), (1, 200)] {
            app.pass(std::time::Duration::from_mins(minutes)).await;
            send(app, "leads", &token, &json!({"caller_id": "+17137840259", "assign_sms_number": 1})).await.expect(status);
        }
        app.pass(HOUR).await;
    }

    async fn of_a_hundred_at_once_each_has_a_number_of_its_own(app) {
        let token = schedule(app, "texts", json!({"actions": [{"do": "dial"}]})).await;
        pool(app, "many", json!({"channels": ["call"], "schedules": ["texts"], "numbers": numbers(60)})).await;
        let tasks: Vec<_> = (0..100)
            .map(|at| {
                let body = json!({"caller_id": format!("+1713784{:04}", 1000 + at), "assign_trackdrive_number": true});
                tokio::spawn(ask(app, "leads/create_or_update", &token).json(&body).send())
            })
            .collect();
        let (mut given, mut refused) = (Vec::new(), 0);
        for task in tasks {
            let answer = task.await.unwrap();
            match answer.status.as_u16() {
                200 => given.push(answer.json()["lead"]["trackdrive_number_plain"].as_str().unwrap().to_owned()),
                _ => refused += usize::from(answer.expect(422)["code"] == "no_number_available"),
            }
        }
        let different: BTreeSet<_> = given.iter().collect();
        assert_eq!((given.len(), different.len(), refused), (60, 60, 40));
    }
}
