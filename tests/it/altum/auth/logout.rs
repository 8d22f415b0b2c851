//! `POST /v1/auth/logout`.

use std::time::Duration;

use forecourt_crm::access::NewKey;
use forecourt_record::{Right, Role};
use forecourt_testkit::{As, both};
use http::Method;
use serde_json::json;

both! {
    async fn the_token_is_dead_at_once(app) {
        let token = app.token(As::Role(Role::Sales)).await.unwrap();
        let ask = |method, path| app.anonymous(method, path).bearer(&token);
        ask(Method::GET, "/v1/leads").send().await.expect(200);
        let answer = ask(Method::POST, "/v1/auth/logout").send().await.expect(200);
        assert_eq!(answer, json!({"ok": true}));
        for (method, path) in [(Method::GET, "/v1/leads"), (Method::POST, "/v1/auth/logout")] {
            assert_eq!(ask(method, path).send().await.problem(401), "unauthenticated");
        }
    }

    async fn other_sessions_of_the_same_user_go_on(app) {
        let agent = app.hire("Two Screens", Role::Sales, &["houston"]).await;
        let (first, second) = (app.session(&agent.email).await, app.session(&agent.email).await);
        app.anonymous(Method::POST, "/v1/auth/logout").bearer(&second).send().await.expect(200);
        app.anonymous(Method::GET, "/v1/leads").bearer(&first).send().await.expect(200);
    }

    async fn an_api_key_is_not_a_session(app) {
        assert_eq!(app.post("/v1/auth/logout").send().await.problem(403), "forbidden");
        app.get("/v1/leads").send().await.expect(200);
    }

    async fn a_revoked_key_is_worth_nothing(app) {
        let rights = vec![Right::LeadRead];
        let (key, token) = app.crm().key_create(&app.caller(), NewKey::new("short-lived", rights)).await.unwrap();
        app.crm().key_revoke(&app.caller(), key.id).await.unwrap();
        let answer = app.anonymous(Method::GET, "/v1/leads").bearer(&token).send().await;
        assert_eq!(answer.problem(401), "unauthenticated");
    }

    async fn a_key_does_what_its_rights_say_and_ends_when_it_is_said_to(app) {
        let rights = vec![Right::VehicleRead];
        let until = app.clock.now() + Duration::from_hours(1);
        let (_, lasting) = app.crm().key_create(&app.caller(), NewKey::new("stock", rights.clone())).await.unwrap();
        let today = NewKey { expires_at: Some(until), ..NewKey::new("stock today", rights) };
        let (_, ending) = app.crm().key_create(&app.caller(), today).await.unwrap();
        let ask = |token: &str, path| app.anonymous(Method::GET, path).bearer(token);
        ask(&lasting, "/v1/vehicles").send().await.expect(200);
        assert_eq!(ask(&lasting, "/v1/leads").send().await.problem(403), "forbidden");
        app.clock.set(until);
        assert_eq!(ask(&ending, "/v1/vehicles").send().await.problem(401), "unauthenticated");
        ask(&lasting, "/v1/vehicles").send().await.expect(200);
    }
}
