//! `PUT /forecourt/v1/schedules/{name}`.

use forecourt_testkit::both;
use serde_json::json;

use crate::native::{at, put, waits};

both! {
    async fn another_definition_is_a_new_version_and_the_same_is_none(app) {
        for (definition, status, version) in [
            (waits(), 201, 1),
            (waits(), 200, 1),
            (json!({"actions": [{"do": "dial"}]}), 200, 2),
            (waits(), 200, 3),
        ] {
            assert_eq!(put(app, "one", &definition).await.expect(status)["version"], version, "{definition}");
        }
    }

    async fn what_is_left_out_stays_as_it_is(app) {
        let path = at("schedules/one");
        let body = json!({"description": "Winter", "active": false, "definition": waits()});
        app.put(&path).json(&body).send().await.expect(201);
        let after = app.put(&path).json(&json!({"definition": waits()})).send().await.expect(200);
        assert_eq!((&after["description"], &after["active"]), (&json!("Winter"), &json!(false)));
    }

    async fn a_change_may_be_based_on_a_version(app) {
        let path = at("schedules/one");
        let body = json!({"definition": waits()});
        let early = app.put(&path).header("if-match", "\"0\"").json(&body).send().await;
        assert_eq!(early.problem(412), "precondition_failed");
        let made = app.put(&path).json(&body).send().await;
        let tag = made.header("etag").unwrap().to_owned();
        let change = json!({"definition": {"actions": [{"do": "dial"}]}});
        app.put(&path).header("if-match", &tag).json(&change).send().await.expect(200);
        let late = app.put(&path).header("if-match", &tag).json(&body).send().await;
        assert_eq!(late.problem(412), "precondition_failed");
        assert_eq!(app.get(&path).send().await.expect(200)["version"], 2);
    }

    async fn everything_that_is_wrong_is_told_at_once_with_its_place(app) {
        let before = app.snapshot().await;
        let definition = json!({
            "actions": [
                {"do": "sms", "text": {}},
                {"do": "modify_lead", "status": "nowhere"},
                {"do": "add_to_schedule", "schedule": "none"},
                {"do": "group", "name": "missing"},
                {"do": "wait", "on": ["mon"]},
            ],
            "at_end": [{"do": "dial"}],
            "until": [{"status": ["nowhere"]}],
        });
        let answer = put(app, "wrong", &definition).await;
        assert_eq!(answer.problem(422), "invalid");
        assert_eq!(
            answer.pointers(),
            [
                "/definition/actions/0/text",
                "/definition/actions/1/status",
                "/definition/actions/2/schedule",
                "/definition/actions/3/name",
                "/definition/actions/4/on",
                "/definition/at_end/0/do",
                "/definition/until/0/status/0",
            ]
        );
        for (body, pointer) in [
            (json!({}), "/definition"),
            (json!({"definition": {"actions": []}}), "/definition/actions"),
            (json!({"definition": {"actions": [{"do": "wait", "dayz": 1}]}}), "/definition/actions/0/dayz"),
            (json!({"definition": {"actions": [{"do": "wait", "days": 367}]}}), "/definition/actions/0/days"),
        ] {
            let answer = app.put(&at("schedules/wrong")).json(&body).send().await;
            assert_eq!(answer.problem(422), "invalid", "{body}");
            assert!(answer.pointers().contains(&pointer.to_owned()), "{body}: {}", answer.json());
        }
        for name in ["%20a", "a%20", &"x".repeat(65), "a%0Ab", "%00"] {
            let answer = put(app, name, &waits()).await;
            assert_eq!(answer.problem(422), "invalid", "{name}");
            assert_eq!(answer.pointers(), ["/name"]);
        }
        assert_eq!(app.snapshot().await, before);
    }
}
