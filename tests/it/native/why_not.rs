//! `GET /forecourt/v1/leads/{id}/why-not` and `/forecourt/v1/enrolments/{id}/why-not`.

use std::time::Duration;

use forecourt_testkit::{TestApp, both};
use serde_json::{Value, json};

use crate::native::{at, enrol, lead, put};

const HOUR: Duration = Duration::from_hours(1);

async fn of_enrolment(app: &TestApp, id: &Value) -> Value {
    app.get(&at(&format!("enrolments/{}/why-not", id.as_str().unwrap()))).send().await.expect(200)
}

async fn of_lead(app: &TestApp, id: &str) -> Value {
    app.get(&at(&format!("leads/{id}/why-not"))).send().await.expect(200)
}

fn rules(of: &Value) -> Vec<&str> {
    of["obstacles"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect()
}

both! {
    async fn the_rule_that_will_stop_the_next_contact_is_named_before_it_does(app) {
        let actions = json!([{"do": "wait", "hours": 10}, {"do": "sms", "text": {"en": "Hello"}}]);
        put(app, "night", &json!({"actions": actions})).await.expect(201);
        let lead = lead(app, "+17135550100").await;
        let id = enrol(app, &lead, "night").await["id"].clone();
        app.work().await;
        let before = of_enrolment(app, &id).await;
        // At ten in the evening Texas is closed, and on Sundays it opens at noon.
        assert_eq!((&before["channel"], &before["possible_at"]), (&json!("sms"), &json!("2026-11-22T18:00:00.000Z")));
        assert_eq!(rules(&before), ["tx_hours", "wait"]);
        assert_eq!(before["obstacles"][1]["until"], "2026-11-22T04:00:00.000Z");

        app.pass(11 * HOUR).await;
        let held = of_enrolment(app, &id).await;
        assert_eq!((rules(&held), &held["possible_at"]), (vec!["tx_hours"], &before["possible_at"]));
        assert_eq!(held["obstacles"][0]["since"], "2026-11-22T04:00:00.000Z");
        let of_lead = of_lead(app, &lead).await;
        assert_eq!((&of_lead["enrolments"], &of_lead["purpose"]), (&json!([held]), &json!("marketing")));
        let channels = of_lead["channels"].as_array().unwrap();
        let (mail, by_phone) = channels.split_last().unwrap();
        assert_eq!((&mail["channel"], &mail["obstacle"]["rule"]), (&json!("email"), &json!("no_email")));
        for channel in by_phone {
            assert_eq!((&channel["allowed"], &channel["obstacle"]["rule"]), (&json!(false), &json!("tx_hours")), "{channel}");
        }

        // It is sent at that very instant.
        app.pass(13 * HOUR).await;
        let sent = app.events().await.into_iter().find(|event| event.name.as_str() == "message.sent").unwrap();
        assert_eq!(json!(sent.at), before["possible_at"]);
        let over = of_enrolment(app, &id).await;
        assert_eq!((rules(&over), &over["action"]), (vec!["over"], &json!(null)));
    }

    async fn what_a_person_does_not_want_is_said_and_what_would_change_it(app) {
        put(app, "one", &json!({"actions": [{"do": "wait", "hours": 1}, {"do": "sms", "text": {"en": "Hello"}}, {"do": "dial"}]})).await.expect(201);
        let lead = lead(app, "+17135550100").await;
        let free = of_lead(app, &lead).await;
        let allowed = |of: &Value| of["channels"].as_array().unwrap().iter().map(|one| one["allowed"] == json!(true)).collect::<Vec<_>>();
        assert_eq!((allowed(&free), &free["enrolments"]), (vec![true, true, true, false], &json!([])));
        app.crm().dealer_change(&app.caller(), |dealer| dealer.email = Some("us@example.com".parse().unwrap())).await.unwrap();
        app.patch(&format!("/v1/leads/{lead}")).json(&json!({"email": "ana@example.com"})).send().await.expect(200);
        assert_eq!(allowed(&of_lead(app, &lead).await), [true; 4]);
        let id = enrol(app, &lead, "one").await["id"].clone();
        app.work().await;
        app.suppress("+17135550100").await;
        let stopped = of_lead(app, &lead).await;
        let whatsapp = stopped["channels"].as_array().unwrap().iter().find(|one| one["channel"] == "whatsapp").unwrap();
        assert_eq!(whatsapp["obstacle"]["rule"], "suppressed");
        assert!(whatsapp["obstacle"]["change"].as_str().unwrap().contains("START"), "{whatsapp}");

        app.post(&at("schedules/one/stop")).send().await.expect(200);
        let paused = of_enrolment(app, &id).await;
        assert_eq!((rules(&paused)[0], &paused["possible_at"]), ("paused", &json!(null)));
        app.post(&at("schedules/one/start")).send().await.expect(200);
        app.pass(2 * HOUR).await;
        let queue = of_enrolment(app, &id).await;
        assert_eq!((rules(&queue), &queue["channel"]), (vec!["queue"], &json!("call")));
    }

    async fn the_same_gate_is_asked_with_the_dealer_s_own_rules(app) {
        let rules_of = json!({"limits": [{"name": "once_a_day", "most": 1, "seconds": 86400}]});
        app.put(&at("contact-rules")).json(&rules_of).send().await.expect(200);
        let text = json!({"do": "sms", "text": {"en": "Hello"}});
        put(app, "twice", &json!({"actions": [text, text]})).await.expect(201);
        let id = enrol(app, &lead(app, "+17135550100").await, "twice").await["id"].clone();
        app.work().await;
        let held = of_enrolment(app, &id).await;
        assert_eq!((rules(&held), &held["possible_at"]), (vec!["once_a_day"], &json!("2026-11-22T18:00:00.000Z")));
    }

    async fn nobody_s_is_not_found(app) {
        for path in ["leads/L-9999/why-not", "leads/x/why-not", "enrolments/E-9999/why-not", "enrolments/x/why-not"] {
            assert_eq!(app.get(&at(path)).send().await.problem(404), "not_found", "{path}");
        }
    }
}
