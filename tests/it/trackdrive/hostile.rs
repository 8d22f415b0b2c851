//! What nobody should send: always refused in this API's own shape, never a fault of ours, and the store as it was.

use forecourt_testkit::both;
use http::Method;
use serde_json::{Value, json};

use super::{OTHER, ask, tokens};

/// Values that are out of place in any parameter.
fn odd() -> Vec<Value> {
    vec![
        json!([]),
        json!({"$gt": ""}),
        json!("a\u{0}b"),
        json!("x".repeat(100_000)),
        json!("'; DROP TABLE enrolments; --\u{0}"),
        json!([[[[[[]]]]]]),
    ]
}

both! {
    async fn odd_values_are_refused_and_nothing_is_kept(app) {
        let token = tokens(app).await.schedule;
        let before = app.snapshot().await;
        for field in [
            "caller_id", "email", "contact_field_type", "schedule_callback_at", "schedule_callback_in_seconds",
            "update_all_matching_leads", "apply_to", "unblock_contact", "blocked", "assign_trackdrive_number",
            "assign_sms_number", "expire_existing", "delete_existing", "update_only", "lead_priority", "restart_schedule",
            "auto_format_nested_fields", "next_action_at", "hours_to_expire", "expires_in", "max_contact_attempts",
        ] {
            for value in odd() {
                let mut body = json!({"caller_id": OTHER});
                body[field] = value.clone();
                let told = ask(app, "leads/create_or_update", &token).json(&body).send().await.expect(422);
                assert!(told["errors"][field][0].is_string(), "{field} {value}: {told}");
            }
        }
        for value in [json!("a\u{0}b"), json!("x".repeat(100_000))] {
            let told = ask(app, "leads", &token).json(&json!({"caller_id": OTHER, "any": value})).send().await.expect(422);
            assert!(told["errors"]["any"][0].is_string(), "{told}");
            let told = ask(app, "leads", &token).json(&json!({"caller_id": OTHER, "data": {"any": value}})).send().await.expect(422);
            assert!(told["errors"]["data"][0].is_string(), "{told}");
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn bodies_that_cannot_be_read_are_refused(app) {
        let token = tokens(app).await.schedule;
        let told = ask(app, "leads/%FF/caller_remove", &token).send().await;
        assert_eq!((told.status.as_u16(), &told.json()["success"]), (404, &json!(false)));
        let before = app.snapshot().await;
        let deep = format!("{{\"a\":{}", "[".repeat(10_000));
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(2 << 20));
        for (media, body, status) in [
            ("application/json", "{", 400),
            ("application/json", "[]", 422),
            ("application/json", "null", 422),
            ("application/json", deep.as_str(), 400),
            ("application/json", large.as_str(), 413),
            ("application/x-www-form-urlencoded", "{\"caller_id\":", 400),
            ("text/plain", "caller_id=1", 415),
            ("multipart/form-data; boundary=x", "--x--", 415),
        ] {
            for query in [format!("?lead_token={token}"), String::new()] {
                let path = format!("/api/v1/leads/create_or_update{query}");
                let answer = app.anonymous(Method::POST, &path).raw(media, body.to_owned()).send().await;
                let told = answer.expect(status);
                assert_eq!((&told["success"], &told["status"]), (&json!(false), &json!(status)), "{media}");
            }
        }
        // What a form or an address holds is never more than text.
        for odd in ["%00=1", "caller_id=%FF", "a[b]=1&caller_id[c]=2", "%", "data[x]=%00", "lead_priority[]=1"] {
            let told = ask(app, &format!("leads?{odd}"), &token).send().await;
            assert_eq!(told.status.as_u16(), 422, "{odd}");
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn paths_are_numbers(app) {
        let token = tokens(app).await.schedule;
        let before = app.snapshot().await;
        for number in ["%00", "x", "%27%20OR%201=1", "0", "%F0%9F%9A%97", &"1".repeat(500)] {
            for act in ["caller_remove", "caller_opt_out", "caller_move_to_end_of_schedule"] {
                let answer = ask(app, &format!("leads/{number}/{act}"), &token).send().await;
                assert_eq!(answer.expect(422)["errors"]["caller_id"][0], "is not a valid phone number", "{number}");
            }
        }
        assert_eq!(app.snapshot().await, before);
    }
}
