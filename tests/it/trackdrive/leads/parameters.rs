//! Every parameter of a lead, one by one, with what is wrong about each.

use std::time::Duration;

use forecourt_record::{Attempt, Client, Enrolment, Sms, Task};
use forecourt_testkit::both;
use serde_json::{Value, json};

use crate::trackdrive::{HOUR, NUMBER, OTHER, all, put_lead, refused, schedule, statuses, tokens};

/// A lead of the number with more of it.
fn with(more: Value) -> Value {
    let mut body = json!({"caller_id": OTHER});
    let Value::Object(more) = more else { panic!("{more} is no object") };
    body.as_object_mut().unwrap().extend(more);
    body
}

both! {
    async fn each_is_kept_and_shown(app) {
        let token = tokens(app).await.schedule;
        let now = app.clock.now();
        for (sent, name, expected) in [
            (json!({"contact_field_type": 77}), "contact_field_type", json!("77")),
            (json!({"lead_priority": "-5"}), "lead_priority", json!(-5)),
            (json!({"max_contact_attempts": "3"}), "max_contact_attempts", json!(3)),
            (json!({"hours_to_expire": "1.5"}), "expires_at", json!(now + Duration::from_mins(90))),
            (json!({"expires_in": 60}), "expires_at", json!(now + Duration::from_mins(1))),
            (json!({"expires_in": 60, "hours_to_expire": 1}), "expires_at", json!(now + Duration::from_mins(1))),
            (json!({"next_action_at": "2026-11-21 20:00:00 +0000"}), "next_action_at", json!("2026-11-21T20:00:00.000Z")),
            // Without an offset, in the schedule's zone: Chicago's.
            (json!({"next_action_at": "2026-11-22 08:00:00"}), "next_action_at", json!("2026-11-22T14:00:00.000Z")),
            (json!({"next_action_at": "2026-11-22T08:00:00-08:00"}), "next_action_at", json!("2026-11-22T16:00:00.000Z")),
            (json!({"blocked": "no"}), "blocked", json!(false)),
        ] {
            // Both on somebody new and on somebody who is there.
            for is_new in [true, false] {
                let mut body = with(sent.clone());
                if is_new {
                    body["delete_existing"] = json!("1");
                } else {
                    // Without the parameter, so that it comes by the change alone.
                    put_lead(app, &token, &with(json!({"delete_existing": 1}))).await;
                }
                let told = put_lead(app, &token, &body).await;
                assert_eq!(told["lead"][name], expected, "{body}: {told}");
            }
        }
    }

    async fn everything_wrong_is_told_at_once_and_nothing_is_kept(app) {
        let token = tokens(app).await.schedule;
        let before = app.snapshot().await;
        let errors = refused(app, &token, &json!({
            "caller_id": "12", "email": "x", "next_action_at": "soon", "hours_to_expire": 0, "expires_in": "never",
            "max_contact_attempts": 0, "lead_priority": 1.5, "blocked": "perhaps", "unblock_contact": 2,
            "restart_schedule": [], "assign_sms_number": "x", "assign_trackdrive_number": {}, "update_only": "maybe",
            "update_all_matching_leads": "si", "expire_existing": "oui", "delete_existing": "ja", "apply_to": "leads",
            "schedule_callback_at": "yesterday", "schedule_callback_in_seconds": -1, "data": "[]", "contact_field_type": [],
            "auto_format_nested_fields": "nested",
        })).await;
        let mut named: Vec<_> = errors.as_object().unwrap().keys().map(String::as_str).collect();
        named.sort_unstable();
        assert_eq!(named, [
            "apply_to", "assign_sms_number", "assign_trackdrive_number", "auto_format_nested_fields", "blocked", "caller_id",
            "contact_field_type", "data", "delete_existing", "email", "expire_existing", "expires_in", "hours_to_expire",
            "lead_priority", "max_contact_attempts", "next_action_at", "restart_schedule", "schedule_callback_at",
            "schedule_callback_in_seconds", "unblock_contact", "update_all_matching_leads", "update_only",
        ]);
        for (sent, field, told) in [
            (json!({"caller_id": ""}), "caller_id", "can't be blank"),
            (json!({"caller_id": "abc"}), "caller_id", "is not a valid phone number"),
            (with(json!({"email": "a@"})), "email", "is not a valid email address"),
            (with(json!({"update_only": 1})), "caller_id", "is no live lead of this schedule"),
            (with(json!({"schedule_callback_at": "2020-01-01 00:00:00 +0000"})), "schedule_callback_at", "must be in the future"),
            (with(json!({"schedule_callback_at": "2027-01-01 00:00:00 +0000", "schedule_callback_in_seconds": 5})),
                "schedule_callback_at", "cannot be sent together with schedule_callback_in_seconds"),
        ] {
            assert_eq!(refused(app, &token, &sent).await[field][0], told, "{sent}");
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn time_and_attempts_end_a_lead_with_what_the_schedule_does_then(app) {
        let texts = json!([{"do": "sms", "text": {"en": "One"}}, {"do": "wait", "hours": 2}, {"do": "sms", "text": {"en": "Two"}}]);
        let end = json!([{"do": "add_task", "description": "The end has come"}]);
        let token = schedule(app, "texts", json!({"actions": texts, "at_end": end})).await;
        let ends = async || all::<Task>(app).await.iter().filter(|task| task.doc.description.as_deref() == Some("The end has come")).count();
        put_lead(app, &token, &with(json!({"hours_to_expire": 1}))).await;
        app.pass(HOUR).await;
        assert_eq!((statuses(app).await, ends().await), (vec!["completed_attempted"], 1));
        put_lead(app, &token, &json!({"caller_id": "+17137840259", "max_contact_attempts": 1})).await;
        app.pass(3 * HOUR).await;
        assert_eq!((statuses(app).await[0], ends().await), ("exceeded_max_calls", 2));
        let sent = all::<Sms>(app).await.into_iter().filter(|one| one.extra.attempt == Attempt::Sent).count();
        assert_eq!(sent, 2);
    }

    async fn the_next_action_is_moved_and_a_schedule_restarted(app) {
        let token = tokens(app).await.schedule;
        put_lead(app, &token, &with(json!({}))).await;
        app.work().await;
        let now = put_lead(app, &token, &with(json!({"next_action_at": "2026-11-21 18:00:01 +0000"}))).await;
        assert_eq!(now["lead"]["next_action_at"], "2026-11-21T18:00:01.000Z");
        // The house has just greeted the person; nobody is contacted twice within half a minute.
        app.pass(Duration::from_mins(1)).await;
        assert_eq!(statuses(app).await, ["queue"]);
        let again = put_lead(app, &token, &with(json!({"restart_schedule": true}))).await;
        assert_eq!(again["lead"]["status"], "scheduled");
        app.work().await;
        assert_eq!(statuses(app).await, ["waiting"]);
        app.pass(HOUR).await;
        assert_eq!(statuses(app).await, ["queue"]);
        // A queue is left until the time has come.
        let later = put_lead(app, &token, &with(json!({"next_action_at": "2026-11-22 18:00:00 +0000"}))).await;
        assert_eq!(later["lead"]["status"], "scheduled");
        app.pass(23 * HOUR).await;
        assert_eq!(statuses(app).await, ["queue"]);
    }

    async fn a_message_that_has_not_left_is_not_sent_once_the_schedule_begins_anew(app) {
        let token = schedule(app, "late", json!({"actions": [{"do": "sms", "text": {"en": "Hi"}}, {"do": "wait", "hours": 1}]})).await;
        // Half past three in the morning in Houston.
        app.pass(Duration::from_mins(15 * 60 + 30)).await;
        put_lead(app, &token, &with(json!({}))).await;
        app.work().await;
        assert_eq!(statuses(app).await, ["waiting"]);
        let told = refused(app, &token, &with(json!({"next_action_at": "2026-11-22 09:31:00 +0000"}))).await;
        assert_eq!(told["next_action_at"][0], "cannot be changed while the person is being called or written to");
        put_lead(app, &token, &with(json!({"restart_schedule": 1}))).await;
        app.pass(24 * HOUR).await;
        let sent: Vec<_> = all::<Sms>(app).await.into_iter().map(|one| one.extra.attempt).collect();
        assert_eq!(sent, [Attempt::Sent, Attempt::Failed]);
    }

    async fn a_person_is_blocked_and_unblocked(app) {
        let token = tokens(app).await.schedule;
        put_lead(app, &token, &with(json!({}))).await;
        let told = put_lead(app, &token, &with(json!({"blocked": "ON"}))).await;
        assert_eq!((&told["lead"]["blocked"], &told["lead"]["status"]), (&json!(true), &json!("blocked")));
        assert!(all::<Client>(app).await[0].extra.blocked);
        // Nobody is put on a schedule meanwhile.
        let told = put_lead(app, &token, &with(json!({"x": 1}))).await;
        assert_eq!((&told["metadata"]["created"], &told["lead"]["status"]), (&json!(true), &json!("blocked")));
        let told = put_lead(app, &token, &with(json!({"unblock_contact": "true"}))).await;
        assert_eq!((&told["lead"]["blocked"], &told["lead"]["status"]), (&json!(false), &json!("scheduled")));
    }

    async fn those_who_are_there_expire_or_are_taken_away_first(app) {
        let token = tokens(app).await.schedule;
        let ends = async || all::<Task>(app).await.iter().filter(|task| task.doc.description.as_deref() == Some("The end has come")).count();
        let first = put_lead(app, &token, &with(json!({}))).await["lead"]["id"].clone();
        let told = put_lead(app, &token, &with(json!({"delete_existing": 1}))).await;
        assert_eq!(told["metadata"], json!({"root": "lead", "created": true, "dedupe": "replaced"}));
        assert_ne!(told["lead"]["id"], first);
        app.work().await;
        assert_eq!((statuses(app).await, ends().await), (vec!["waiting", "disabled"], 0));
        put_lead(app, &token, &with(json!({"expire_existing": 1}))).await;
        app.work().await;
        assert_eq!((statuses(app).await, ends().await), (vec!["waiting", "completed", "disabled"], 1));
    }

    async fn tokens_have_an_end_also_over_several_updates(app) {
        let token = tokens(app).await.schedule;
        let many = |from: usize, to: usize| (from..to).map(|at| (format!("t{at}"), json!("x"))).collect::<serde_json::Map<_, _>>();
        put_lead(app, &token, &with(json!({"data": many(0, 150)}))).await;
        let before = app.snapshot().await;
        let told = refused(app, &token, &with(json!({"data": many(150, 201)}))).await;
        assert!(told["data"][0].as_str().unwrap().contains("200"), "{told}");
        assert_eq!(app.snapshot().await, before);
        let told = put_lead(app, &token, &with(json!({"data": many(100, 200)}))).await;
        assert_eq!(told["lead"]["tokens"].as_object().unwrap().len(), 200);
    }

    async fn nested_bodies_are_understood_when_that_is_asked_for(app) {
        let token = tokens(app).await.schedule;
        let body = json!({
            "auto_format_nested_fields": "true",
            "event": {"contact": {"phone": "(800) 450-6787", "email": "a@example.com", "first_name": "Ana"}, "car": {"make": "Ford"}},
        });
        let told = put_lead(app, &token, &body).await["lead"].clone();
        assert_eq!((&told["caller_id"], &told["email"], &told["full_name"]), (&json!(NUMBER), &json!("a@example.com"), &json!("Ana")));
        assert_eq!(told["tokens"]["make"], "Ford");
        let mut plain = body;
        plain["auto_format_nested_fields"] = json!(false);
        assert_eq!(refused(app, &token, &plain).await, json!({"caller_id": ["can't be blank"]}));
    }

    async fn an_email_of_another_client_stays_that_ones(app) {
        let token = tokens(app).await.schedule;
        put_lead(app, &token, &json!({"caller_id": NUMBER, "email": "a@example.com"})).await;
        put_lead(app, &token, &with(json!({}))).await;
        let told = put_lead(app, &token, &with(json!({"email": "a@example.com"}))).await;
        assert_eq!(told["lead"]["email"], "a@example.com");
        assert_eq!((all::<Client>(app).await.len(), all::<Enrolment>(app).await.len()), (2, 2));
    }
}
