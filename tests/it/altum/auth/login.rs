//! `POST /v1/auth/login`.

use std::time::Duration;

use forecourt_record::Role;
use forecourt_testkit::{As, Ask, PASSWORD, Setup, TestApp, both};
use http::Method;
use serde_json::json;

fn attempt(app: &TestApp, email: &str, password: &str) -> Ask {
    let body = json!({"email": email, "password": password});
    app.anonymous(Method::POST, "/v1/auth/login").json(&body)
}

async fn whoami(app: &TestApp, token: &str) -> u16 {
    app.anonymous(Method::GET, "/v1/leads").bearer(token).send().await.status.as_u16()
}

both! {
    async fn a_user_of_any_role_gets_a_token(app = Setup::passwords()) {
        for (role, number) in Role::ALL.iter().zip(1..) {
            let body = attempt(app, app.email(*role), PASSWORD).send().await.expect(200);
            assert_eq!(body["user"]["id"], format!("u_{number}"));
            assert_eq!(body["user"]["role"], role.as_str());
            assert_eq!(body["user"]["locations"], json!(["houston"]));
            let token = body["token"].as_str().unwrap();
            assert!(token.starts_with("alt_sk_"), "{token}");
            assert_eq!(whoami(app, token).await, 200, "{role:?}");
        }
    }

    async fn the_address_is_taken_in_any_writing(app = Setup::passwords()) {
        let email = format!("  {} ", app.email(Role::Bdc).to_uppercase());
        attempt(app, &email, PASSWORD).send().await.expect(200);
    }

    async fn a_wrong_pair_is_one_error_whichever_half_is_wrong(app = Setup::passwords()) {
        let email = app.email(Role::Bdc);
        let mut answers = Vec::new();
        for (email, password) in
            [(email, "wrong password"), ("nobody@nowhere.example", PASSWORD), ("not an address", "x")]
        {
            let answer = attempt(app, email, password).send().await;
            assert_eq!(answer.problem(401), "wrong_password");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            let mut body = answer.json();
            body.as_object_mut().unwrap().remove("request_id");
            answers.push(body);
        }
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    }

    async fn both_members_are_required_and_no_others_are_known(app = Setup::passwords()) {
        let ask = |body| app.anonymous(Method::POST, "/v1/auth/login").json(&body);
        let answer = ask(json!({"emial": "a@b.example"})).send().await;
        assert_eq!(answer.problem(422), "invalid");
        let mut pointers = answer.pointers();
        pointers.sort();
        assert_eq!(pointers, ["/email", "/emial", "/password"]);
        let detail = answer.json()["errors"].to_string();
        assert!(detail.contains("email"), "{detail}");
        assert_eq!(ask(json!({"email": "", "password": ""})).send().await.pointers(), ["/email", "/password"]);
        assert_eq!(ask(json!([])).send().await.problem(422), "invalid");
    }

    async fn five_failures_a_minute_close_the_account(app = Setup::passwords()) {
        let email = app.email(Role::Manager);
        for _ in 0..5 {
            assert_eq!(attempt(app, email, "wrong password").send().await.problem(401), "wrong_password");
            app.clock.advance(Duration::from_secs(5));
        }
        // Not even the right password helps now.
        let answer = attempt(app, email, PASSWORD).send().await;
        assert_eq!(answer.problem(429), "too_many_attempts");
        assert_eq!(answer.header("retry-after"), Some("35"));
        app.clock.advance(Duration::from_secs(35));
        attempt(app, email, PASSWORD).send().await.expect(200);
    }

    async fn five_failures_a_minute_close_the_address_they_came_from(app = Setup::passwords()) {
        for at in 0..5 {
            let email = format!("guess{at}@nowhere.example");
            assert_eq!(attempt(app, &email, "wrong password").send().await.problem(401), "wrong_password");
        }
        let answer = attempt(app, "guess5@nowhere.example", "wrong password").send().await;
        assert_eq!(answer.problem(429), "too_many_attempts");
        assert_eq!(answer.header("retry-after"), Some("60"));
    }

    async fn logging_in_often_is_no_failure(app = Setup::passwords()) {
        for _ in 0..8 {
            attempt(app, app.email(Role::Sales), PASSWORD).send().await.expect(200);
        }
    }

    async fn a_session_lives_twelve_hours_from_its_last_use(app = Setup::passwords()) {
        let token = app.token(As::Role(Role::Manager)).await.unwrap();
        // Used every eleven hours, it goes on for days.
        for _ in 0..4 {
            app.clock.advance(Duration::from_hours(11));
            assert_eq!(whoami(app, &token).await, 200);
        }
        app.clock.advance(Duration::from_hours(12));
        let answer = app.anonymous(Method::GET, "/v1/leads").bearer(&token).send().await;
        assert_eq!(answer.problem(401), "unauthenticated");
    }

    async fn a_user_who_is_switched_off_is_out_at_once(app = Setup::passwords()) {
        let token = app.token(As::Role(Role::Bdc)).await.unwrap();
        assert_eq!(whoami(app, &token).await, 200);
        let email = app.email(Role::Bdc);
        app.crm().user_activate(&app.caller(), email, false).await.unwrap();
        assert_eq!(whoami(app, &token).await, 401);
        assert_eq!(attempt(app, email, PASSWORD).send().await.problem(401), "wrong_password");
        app.crm().user_activate(&app.caller(), email, true).await.unwrap();
        // The old session stays dead; a new one may be opened.
        assert_eq!(whoami(app, &token).await, 401);
        attempt(app, email, PASSWORD).send().await.expect(200);
    }

    async fn a_user_without_a_password_cannot_log_in(app = Setup::passwords()) {
        let agent = app.hire("No Login", Role::Sales, &["houston"]).await;
        assert_eq!(attempt(app, &agent.email, "").send().await.problem(422), "invalid");
        assert_eq!(attempt(app, &agent.email, PASSWORD).send().await.problem(401), "wrong_password");
    }
}
