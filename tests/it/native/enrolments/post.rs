//! `POST /forecourt/v1/enrolments`.

use forecourt_testkit::both;
use serde_json::json;

use crate::native::{at, lead, put, waits};

both! {
    async fn a_lead_is_put_on_a_schedule_with_what_was_sent(app) {
        put(app, "one", &waits()).await.expect(201);
        let lead = lead(app, "+17135550100").await;
        let body = json!({
            "lead": lead, "schedule": "one", "tokens": {"make": "Ford"}, "priority": 7,
            "not_before": "2026-11-22T18:00:00Z", "expires_at": "2026-12-01T00:00:00Z", "max_contact_attempts": 3,
        });
        let answer = app.post(&at("enrolments")).json(&body).send().await;
        let made = answer.expect(201);
        let id = made["id"].as_str().unwrap();
        assert_eq!(answer.header("location"), Some(at(&format!("enrolments/{id}")).as_str()));
        assert_eq!(app.get(&at(&format!("enrolments/{id}"))).send().await.expect(200), made);
        for (member, value) in [
            ("lead", json!(lead)),
            ("schedule", json!("one")),
            ("status", json!("scheduled")),
            ("action", json!("wait 30 days")),
            ("tokens", json!({"make": "Ford"})),
            ("priority", json!(7)),
            ("next_action_at", json!("2026-11-22T18:00:00.000Z")),
            ("expires_at", json!("2026-12-01T00:00:00.000Z")),
            ("max_contact_attempts", json!(3)),
            ("caller_id", json!("+17135550100")),
            ("location", json!("houston")),
        ] {
            assert_eq!(made[member], value, "{member}");
        }
    }

    async fn what_happens_to_somebody_who_is_on_it_already_is_the_schedule_s_to_say(app) {
        let lead = lead(app, "+17135550100").await;
        for (rule, status) in [("update", 200), ("reject", 409), ("expire_existing", 201), ("allow", 201)] {
            put(app, rule, &json!({"actions": [{"do": "dial"}], "duplicates": rule})).await.expect(201);
            let body = json!({"lead": lead, "schedule": rule, "tokens": {"a": "1"}});
            let first = app.post(&at("enrolments")).json(&body).send().await.expect(201);
            let second = app.post(&at("enrolments")).json(&body).send().await;
            assert_eq!(second.status.as_u16(), status, "{rule}");
            assert_eq!(second.json()["id"] == first["id"], rule == "update", "{rule}");
        }
    }

    async fn a_request_with_a_key_is_carried_out_once(app) {
        put(app, "one", &json!({"actions": [{"do": "dial"}], "duplicates": "allow"})).await.expect(201);
        let body = json!({"lead": lead(app, "+17135550100").await, "schedule": "one"});
        let ask = async |body| app.post(&at("enrolments")).header("idempotency-key", "k1").json(body).send().await;
        let first = ask(&body).await.expect(201);
        assert_eq!(ask(&body).await.expect(201), first);
        let mut other = body.clone();
        other["priority"] = json!(1);
        assert_eq!(ask(&other).await.problem(422), "idempotency_key_reused");
        assert_eq!(app.get(&at("enrolments")).send().await.expect(200)["total"], 1);
    }

    async fn what_is_wrong_is_told_at_its_place(app) {
        put(app, "one", &waits()).await.expect(201);
        let lead = lead(app, "+17135550100").await;
        let before = app.snapshot().await;
        for (member, value, pointer) in [
            ("lead", json!("L-9999"), "/lead"),
            ("lead", json!("nobody"), "/lead"),
            ("schedule", json!("none"), "/schedule"),
            ("tokens", json!({"Make": "Ford"}), "/tokens/Make"),
            ("tokens", json!({"make": "x".repeat(4097)}), "/tokens/make"),
            ("tokens", json!((0..201).map(|at| (format!("t{at}"), "1")).collect::<std::collections::BTreeMap<_, _>>()), "/tokens"),
            ("expires_at", json!("2026-11-21T18:00:00Z"), "/expires_at"),
            ("not_before", json!("soon"), "/not_before"),
            ("max_contact_attempts", json!(0), "/max_contact_attempts"),
            ("color", json!("red"), "/color"),
        ] {
            let mut body = json!({"lead": lead, "schedule": "one"});
            body[member] = value;
            let answer = app.post(&at("enrolments")).json(&body).send().await;
            assert_eq!(answer.problem(422), "invalid", "{member}");
            assert_eq!(answer.pointers(), [pointer], "{member}");
        }
        assert_eq!(app.snapshot().await, before);
    }
}
