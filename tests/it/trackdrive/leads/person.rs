//! `POST /api/v1/leads/{caller_id}/...`: taken off, to the end, and the wish not to be contacted.

use forecourt_record::Task;
use forecourt_testkit::both;
use serde_json::{Value, json};

use crate::trackdrive::{OTHER, all, ask, put_lead, schedule, statuses, tokens};

both! {
    async fn a_person_is_taken_off(app) {
        let token = tokens(app).await.schedule;
        let act = async |number: &str, status: u16| ask(app, &format!("leads/{number}/caller_remove"), &token).send().await.expect(status);
        let none = act("+17137840258", 404).await;
        assert_eq!((&none["success"], &none["status"], &none["code"]), (&json!(false), &json!(404), &json!("not_found")));
        assert_eq!(act("12", 422).await["errors"], json!({"caller_id": ["is not a valid phone number"]}));
        // However the number is written.
        for number in ["%2B17137840258", "+17137840258", "17137840258", "7137840258", "%20(713)%20784-0258"] {
            let made = put_lead(app, &token, &json!({"caller_id": OTHER})).await;
            assert_eq!(made["metadata"]["created"], true);
            let told = act(number, 200).await;
            assert_eq!((&told["lead"]["id"], &told["lead"]["status"]), (&made["lead"]["id"], &json!("disabled")), "{number}");
        }
        app.work().await;
        assert!(!all::<Task>(app).await.iter().any(|task| task.doc.description.as_deref() == Some("The end has come")));
    }

    async fn a_person_goes_to_the_end(app) {
        let token = tokens(app).await.schedule;
        // A call that was promised is left out with the rest.
        put_lead(app, &token, &json!({"caller_id": OTHER, "schedule_callback_in_seconds": 7200})).await;
        app.work().await;
        ask(app, "leads/7137840258/caller_move_to_end_of_schedule", &token).send().await.expect(200);
        app.work().await;
        assert_eq!(statuses(app).await, ["completed"]);
        assert!(all::<Task>(app).await.iter().any(|task| task.doc.description.as_deref() == Some("The end has come")));
    }

    async fn a_wish_holds_for_every_schedule_and_for_whom_nobody_knows(app) {
        let all_tokens = tokens(app).await;
        let other = schedule(app, "other", json!({"actions": [{"do": "dial"}]})).await;
        for token in [&all_tokens.schedule, &all_tokens.offer, &other] {
            put_lead(app, token, &json!({"caller_id": OTHER})).await;
        }
        // Also when the schedule is stopped.
        app.crm().schedule_activate(&app.caller(), "offer", false).await.unwrap();
        let told = ask(app, "leads/17137840258/caller_opt_out", &all_tokens.offer).send().await.expect(200);
        assert_eq!((&told["lead"]["opt_out"], &told["lead"]["status"]), (&json!(true), &json!("opt_out")));
        assert_eq!(statuses(app).await, ["opt_out"; 3]);
        let unknown = ask(app, "leads/12125550199/caller_opt_out", &other).send().await.expect(200);
        assert_eq!((&unknown["success"], &unknown["lead"]), (&json!(true), &Value::Null));
        let told = put_lead(app, &other, &json!({"caller_id": "+12125550199"})).await;
        assert_eq!(told["lead"]["opt_out"], true);
    }

    async fn whoever_is_over_stands_in_nobodys_way(app) {
        let token = tokens(app).await.schedule;
        let first = put_lead(app, &token, &json!({"caller_id": OTHER, "expires_in": 1})).await;
        app.work().await;
        // Its time is over, and nobody has looked yet.
        app.clock.set(app.clock.now() + std::time::Duration::from_secs(2));
        let second = put_lead(app, &token, &json!({"caller_id": OTHER})).await;
        assert_eq!(second["metadata"]["created"], true);
        assert_ne!(first["lead"]["id"], second["lead"]["id"]);
        app.work().await;
        assert_eq!(statuses(app).await, ["waiting", "completed"]);
    }

    async fn the_token_may_be_in_the_body(app) {
        let token = tokens(app).await.schedule;
        put_lead(app, &token, &json!({"caller_id": OTHER})).await;
        let path = "/api/v1/leads/17137840258/caller_remove";
        let body = json!({"schedule_lead_token": token});
        app.anonymous(http::Method::POST, path).json(&body).send().await.expect(200);
    }
}
