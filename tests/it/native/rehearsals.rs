//! `POST /forecourt/v1/rehearsals`.

use std::time::Duration;

use forecourt_testkit::both;
use serde_json::{Value, json};

use crate::native::{at, lead, put};

fn two_weeks() -> Value {
    let text = json!({"do": "sms", "text": {"en": "Hello"}});
    json!({
        "actions": [
            {"do": "whatsapp", "template": "created", "text": {"en": "Hi"}}, {"do": "wait", "hours": 9}, text,
            {"do": "dial"}, {"do": "wait", "days": 3}, {"do": "dial"},
        ],
        "until": [{"replied": true}, {"connected": true}],
    })
}

both! {
    async fn a_rehearsal_says_what_would_come_of_it_and_changes_nothing(app) {
        put(app, "plan", &two_weeks()).await.expect(201);
        let before = app.snapshot().await;
        let body = json!({"schedule": "plan", "leads": {"count": 300}, "seed": 7});
        let ask = async |query: &str, body: &Value| app.post(&at(&format!("rehearsals{query}"))).json(body).send().await;
        let report = ask("", &body).await.expect(200);
        assert_eq!(report["leads"], 300);
        let sum = |values: &Value| values.as_object().unwrap().values().map(|one| one.as_i64().unwrap()).sum::<i64>();
        assert_eq!(sum(&report["ends"]), 300, "{report}");
        assert_eq!(report["contacts"]["whatsapp"], 300);
        let hours = report["hours"].as_array().unwrap();
        assert_eq!(hours.iter().map(|hour| sum(&hour["contacts"])).sum::<i64>(), sum(&report["contacts"]));
        assert!(report["rules"].as_array().unwrap().iter().any(|rule| rule["held_seconds"].as_i64() > Some(0)), "{report}");
        assert!(report["agents"]["hours"].as_f64() > Some(0.0) && report["agents"]["most"].as_f64() > Some(0.0));
        assert_eq!(report["steps"][0]["action"], "write on WhatsApp, or send the template created");

        app.pass(Duration::from_hours(1)).await;
        assert_eq!(ask("", &body).await.expect(200), report, "the same again is the same");
        let with_log = ask("?log=true", &body).await.expect(200);
        assert_eq!(with_log["digest"], report["digest"]);
        let log = with_log["log"].as_array().unwrap();
        assert!(log.len() > 300 && log[0].as_str().unwrap().ends_with(" plan 0 begun"), "{}", log[0]);
        // A definition that is in force nowhere.
        let loose = json!({"definition": two_weeks(), "leads": {"count": 300}, "seed": 7});
        assert_eq!(ask("", &loose).await.expect(200)["ends"], report["ends"]);
        assert_eq!(app.snapshot().await, before);
    }

    async fn last_month_s_leads_come_in_as_they_did(app) {
        put(app, "plan", &two_weeks()).await.expect(201);
        for number in 0..3 {
            lead(app, &format!("+1713555010{number}")).await;
        }
        app.work().await;
        let body = json!({"schedule": "plan", "leads": {"days": 30}, "behaviour": "silent", "from": "2026-12-01T18:00:00Z"});
        let report = app.post(&at("rehearsals")).json(&body).send().await.expect(200);
        assert_eq!((&report["leads"], &report["contacts"]["whatsapp"]), (&json!(3), &json!(3)));
        // They came in today at seven in the evening by the dealer's clock, behind the thirty days.
        assert_eq!(report["from"], "2027-01-01T13:00:00.000Z");
        let mut there = body.clone();
        there["location"] = json!("berlin");
        assert_eq!(app.post(&at("rehearsals")).json(&there).send().await.expect(200)["leads"], 0);
    }

    async fn what_cannot_be_rehearsed_is_told_at_its_place(app) {
        put(app, "plan", &two_weeks()).await.expect(201);
        for (body, pointers) in [
            (json!({"leads": {"count": 1}}), vec!["/schedule"]),
            (json!({"schedule": "plan", "definition": two_weeks(), "leads": {}}), vec!["/schedule", "/leads"]),
            (json!({"schedule": "plan", "leads": {"count": 1, "days": 1}}), vec!["/leads"]),
            (json!({"schedule": "none", "leads": {"count": 1}, "location": "nowhere"}), vec!["/schedule", "/location"]),
            (json!({"schedule": "plan", "leads": {"count": 10_001}}), vec!["/leads/count"]),
            (json!({"schedule": "plan", "leads": {"days": 91}}), vec!["/leads/days"]),
            (json!({"definition": {"actions": [{"do": "group", "name": "x"}]}, "leads": {"count": 1}}), vec!["/definition/actions/0/name"]),
        ] {
            let answer = app.post(&at("rehearsals")).json(&body).send().await;
            assert_eq!(answer.problem(422), "invalid", "{body}");
            assert_eq!(answer.pointers(), pointers, "{body}");
        }
    }
}
