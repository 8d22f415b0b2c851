//! `POST /api/v1/schedules/make_call`, calls that are promised, and what calls are told.

use std::time::Duration;

use forecourt_record::{Conference, Enrolment, SaleLead};
use forecourt_testkit::{TestApp, both};
use serde_json::{Value, json};

use crate::trackdrive::{HOUR, OTHER, all, ask, put_lead, schedule, send, statuses, tokens};

async fn call(app: &TestApp, token: &str, body: &Value, status: u16) -> Value {
    let told = ask(app, "schedules/make_call", token).json(body).send().await.expect(status);
    assert_eq!((&told["success"], &told["status"]), (&json!(status == 200), &json!(status)), "{told}");
    told
}

async fn later(app: &TestApp) {
    app.pass(Duration::from_secs(31)).await;
}

both! {
    async fn a_number_is_called_for_whoever_has_it(app) {
        let token = tokens(app).await.schedule;
        let told = call(app, &token, &json!({"to": OTHER, "make": "Ford"}), 200).await;
        let made = &told["call"];
        assert_eq!(told["metadata"], json!({"root": "call"}));
        assert_eq!((&made["caller_id"], &made["direction"], &made["status"]), (&json!(OTHER), &json!("outbound"), &json!("queued")));
        assert_eq!((&made["lead_id"], &made["tokens"]), (&json!(null), &json!({"make": "Ford"})));
        // The person is known now, and on no schedule.
        assert_eq!((all::<SaleLead>(app).await.len(), all::<Enrolment>(app).await.len()), (1, 0));
        call(app, &token, &json!({"to": OTHER}), 429).await;
        app.pass(Duration::from_secs(2)).await;
        let told = call(app, &token, &json!({"to": OTHER}), 409).await;
        assert_eq!(told["message"], "The number was called within the last 30 seconds.");
    }

    async fn a_lead_is_called_by_its_number_or_its_id(app) {
        let own = tokens(app).await;
        let lead = put_lead(app, &own.schedule, &json!({"caller_id": OTHER, "make": "Kia"})).await["lead"].clone();
        for id in [&lead["id"], &lead["uuid"]] {
            later(app).await;
            let told = call(app, &own.schedule, &json!({"lead_id": id}), 200).await;
            assert_eq!((&told["call"]["lead_id"], &told["call"]["tokens"]["make"]), (&lead["id"], &json!("Kia")));
            app.pass(Duration::from_secs(2)).await;
            call(app, &own.schedule, &json!({"lead_id": id}), 409).await;
            let calls = all::<Conference>(app).await;
            assert_eq!(calls[0].doc.client_number.as_deref(), Some(OTHER));
            app.pass(2 * HOUR).await;
        }
        for id in [json!(999), json!("0193a5d2c7f0a1b2000000ff"), json!("nobody")] {
            call(app, &own.schedule, &json!({ "lead_id": id }), 404).await;
        }
        // Another token's lead is none.
        call(app, &own.offer, &json!({"lead_id": lead["id"]}), 404).await;
    }

    async fn whoever_may_not_be_called_is_not(app) {
        let token = tokens(app).await.schedule;
        let lead = put_lead(app, &token, &json!({"caller_id": OTHER})).await["lead"].clone();
        let before = app.snapshot().await;
        for (body, errors) in [
            (json!({}), json!({"to": ["can't be blank, where there is no lead_id"]})),
            (json!({"to": OTHER, "lead_id": 1}), json!({"to": ["cannot be sent together with lead_id"]})),
            (json!({"to": "12", "schedule_id": 99}), json!({"schedule_id": ["is not the schedule of this token"], "to": ["is not a valid phone number"]})),
        ] {
            assert_eq!(call(app, &token, &body, 422).await["errors"], errors, "{body}");
        }
        assert_eq!(app.snapshot().await, before);
        ask(app, "leads/17137840258/caller_opt_out", &token).send().await.expect(200);
        assert_eq!(call(app, &token, &json!({"to": OTHER, "schedule_id": lead["schedule_id"]}), 409).await["code"], "suppressed");
        assert_eq!(call(app, &token, &json!({"lead_id": lead["id"]}), 409).await["code"], "conflict");
        assert_eq!(all::<Conference>(app).await.len(), 0);
    }

    async fn a_call_is_promised(app) {
        let token = schedule(app, "slow", json!({"actions": [{"do": "wait", "hours": 9}, {"do": "dial"}]})).await;
        let now = app.clock.now();
        for (name, sent) in [
            ("schedule_callback_in_seconds", json!("3600")),
            ("schedule_callback_at", json!("2026-11-21 13:00:00")),
        ] {
            let mut body = json!({"caller_id": OTHER});
            body[name] = sent;
            let lead = put_lead(app, &token, &body).await["lead"].clone();
            assert_eq!((&lead["next_action_at"], &lead["human_status"]), (&json!(now + HOUR), &json!("Waiting for the call that was promised")));
            assert!(lead["scheduled_callback_id"].is_i64());
            let told = send(app, "leads/capture", &token, &body).await.expect(422);
            assert_eq!(told["errors"][name][0], "cannot be sent where nobody is to be called");
        }
        app.pass(HOUR).await;
        assert_eq!(statuses(app).await, ["queue"]);
    }

    async fn calls_are_told_what_comes_later(app) {
        let token = tokens(app).await.schedule;
        let lead = put_lead(app, &token, &json!({"caller_id": OTHER})).await["lead"].clone();
        call(app, &token, &json!({"lead_id": lead["id"]}), 200).await;
        app.work().await;
        put_lead(app, &token, &json!({"caller_id": OTHER, "quiet": 1})).await;
        put_lead(app, &token, &json!({"caller_id": OTHER, "told": 1, "apply_to": "calls"})).await;
        let known = all::<Conference>(app).await[0].extra.call.clone().unwrap().tokens;
        assert_eq!((known.get("told"), known.get("quiet")), (Some("1"), None));
    }
}
