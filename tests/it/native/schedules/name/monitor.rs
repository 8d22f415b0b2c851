//! `GET /forecourt/v1/schedules/{name}/monitor` and `/why-not`.

use std::time::Duration;

use forecourt_record::Role;
use forecourt_testkit::{As, both};
use http::Method;
use serde_json::json;

use crate::native::{at, enrol, lead, put};

both! {
    async fn who_stands_where_is_counted_exactly(app) {
        let night = json!({"actions": [{"do": "wait", "hours": 10}, {"do": "sms", "text": {"en": "Hello"}}, {"do": "dial"}]});
        put(app, "night", &night).await.expect(201);
        let empty = app.get(&at("schedules/night/monitor")).send().await.expect(200);
        assert_eq!(
            (&empty["live"], &empty["statuses"], &empty["rules"], &empty["next_due"]),
            (&json!(0), &json!([]), &json!([]), &json!(null))
        );

        for number in 0..3 {
            enrol(app, &lead(app, &format!("+1713555010{number}")).await, "night").await;
        }
        app.work().await;
        let waits = app.get(&at("schedules/night/monitor")).send().await.expect(200);
        assert_eq!(waits["statuses"], json!([{"status": "waiting", "count": 3}]));
        assert_eq!(
            waits["steps"],
            json!([{"version": 1, "position": 1, "action": "send a text message: Hello", "live": 3}])
        );
        assert_eq!((&waits["rules"][0]["rule"], &waits["rules"][0]["count"]), (&json!("wait"), &json!(3)));
        assert_eq!((&waits["next_due"], &waits["overdue"]), (&json!("2026-11-22T04:00:00.000Z"), &json!(0)));

        // Ten in the evening of a Saturday in Texas: the message waits for noon.
        app.pass(Duration::from_hours(11)).await;
        let held = app.get(&at("schedules/night/monitor")).send().await.expect(200);
        assert_eq!((&held["live"], &held["steps"][0]["position"]), (&json!(3), &json!(2)));
        let why = app.get(&at("schedules/night/why-not")).send().await.expect(200);
        assert_eq!((&why["rules"], &why["live"]), (&held["rules"], &json!(3)));
        let rule = &why["rules"][0];
        assert_eq!((&rule["rule"], &rule["count"]), (&json!("tx_hours"), &json!(3)));
        assert_eq!(rule["since"], "2026-11-22T04:00:00.000Z");
        let example = at(&format!("enrolments/{}", rule["example"].as_str().unwrap()));
        assert_eq!(app.get(&example).send().await.expect(200)["standstill"]["rule"], "tx_hours");

        app.pass(Duration::from_hours(24)).await;
        let called = app.get(&at("schedules/night/monitor")).send().await.expect(200);
        assert_eq!((&called["live"], &called["overdue"]), (&json!(3), &json!(0)));
        assert_eq!(called["steps"][0]["action"], "call");
    }

    async fn versions_are_told_apart_and_what_is_over_is_counted_by_status(app) {
        put(app, "one", &json!({"actions": [{"do": "wait", "days": 1}]})).await.expect(201);
        enrol(app, &lead(app, "+17135550100").await, "one").await;
        put(app, "one", &json!({"actions": [{"do": "add_task", "description": "x"}, {"do": "wait", "days": 2}]})).await.expect(200);
        enrol(app, &lead(app, "+17135550101").await, "one").await;
        app.work().await;
        let both = app.get(&at("schedules/one/monitor")).send().await.expect(200);
        let places: Vec<_> = both["steps"].as_array().unwrap().iter().map(|step| (&step["version"], &step["position"])).collect();
        assert_eq!(places, [(&json!(1), &json!(1)), (&json!(2), &json!(2))]);
        app.pass(Duration::from_hours(30)).await;
        let one = app.get(&at("schedules/one/monitor")).send().await.expect(200);
        assert_eq!(one["live"], 1);
        assert_eq!(one["statuses"], json!([{"status": "waiting", "count": 1}, {"status": "completed", "count": 1}]));
        assert_eq!(one["steps"].as_array().unwrap().len(), 1);
    }

    async fn users_bound_to_locations_count_those_of_theirs(app) {
        put(app, "one", &json!({"actions": [{"do": "wait", "days": 1}]})).await.expect(201);
        let berlin = json!({"name": "Jonas", "phone": "+493012345678", "location": "berlin"});
        let there = app.post("/v1/leads").json(&berlin).send().await.expect(201)["id"].as_str().unwrap().to_owned();
        enrol(app, &there, "one").await;
        enrol(app, &lead(app, "+17135550100").await, "one").await;
        app.work().await;
        for (role, expected) in [(Role::Manager, 2), (Role::Sales, 1)] {
            for path in ["schedules/one/monitor", "schedules/one/why-not"] {
                let seen = app.ask(As::Role(role), Method::GET, &at(path)).await.send().await.expect(200);
                assert_eq!((&seen["live"], &seen["rules"][0]["count"]), (&json!(expected), &json!(expected)), "{role:?}");
            }
        }
        for path in ["schedules/two/monitor", "schedules/two/why-not"] {
            assert_eq!(app.get(&at(path)).send().await.problem(404), "not_found");
        }
    }
}
