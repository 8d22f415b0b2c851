//! `/v3/auth`: tokens that narrow a key to a user.

use std::time::Duration;

use forecourt_crm::access::NewKey;
use forecourt_record::{Right, Role};
use forecourt_testkit::{Answer, As, TestApp, alzura, both};
use http::Method;
use serde_json::{Value, json};

use super::{add, shown as names};

/// A request with a key and whatever names a user.
async fn ask(app: &TestApp, method: Method, path: &str, key: &str, header: &str, value: &str) -> Answer {
    app.anonymous(method, path).header("x-api-key", key).header(header, value).send().await
}

/// Whether a token is good, asked of an operation that needs one.
async fn is_good(app: &TestApp, token: &str) -> bool {
    let key = app.token(As::Key).await.unwrap();
    let answer = ask(app, Method::GET, "/v3/auth/refresh", &key, "authorization", &format!("JWT {token}")).await;
    if answer.status == 200 {
        return true;
    }
    assert_eq!(answer.problem(401), "unauthenticated");
    false
}

/// What a token says.
fn claims(token: &str) -> Value {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

both! {
    async fn a_token_is_answered_as_published_and_taken_in_either_header(app) {
        let about = json!({"dealerAlzuraId": app.alzura_id, "userAlzuraId": alzura(Role::Manager)});
        let answer = app.post("/v3/auth/token").json(&about).send().await.expect(200);
        let token = answer["token"].as_str().unwrap();
        assert_eq!(answer, json!({"token": token, "expires_in": 86400, "token_type": "Bearer", "scope": "AutengoApiV3"}));
        let said = claims(token);
        assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 86400);
        let key = app.token(As::Key).await.unwrap();
        for (header, value) in [
            ("authorization", format!("JWT {token}")),
            ("authorization", format!("jwt {token}")),
            ("x-authorization", format!("Bearer {token}")),
        ] {
            ask(app, Method::GET, "/v3/auth/refresh", &key, header, &value).await.expect(200);
        }
    }

    async fn a_credential_that_is_no_token_is_refused_also_where_none_is_needed(app) {
        let (key, token) = (app.token(As::Key).await.unwrap(), app.user_token(Role::Manager).await);
        for (header, value) in [
            ("authorization", format!("Bearer {token}")),
            ("authorization", token.clone()),
            ("authorization", "JWT ".to_owned()),
            ("authorization", "Basic dXNlcjpwYXNz".to_owned()),
            ("authorization", format!("JWT {key}")),
            ("authorization", format!("JWT {token}x")),
            ("x-authorization", format!("JWT {token}")),
            ("x-authorization", format!("Bearer {}", "x".repeat(5000))),
            ("x-authorization", "Bearer a.b.c".to_owned()),
        ] {
            let answer = ask(app, Method::GET, "/v3/vehicle", &key, header, &value).await;
            assert_eq!(answer.problem(401), "unauthenticated", "{header}: {value}");
        }
        // A token alone opens nothing.
        let answer = app.anonymous(Method::GET, "/v3/vehicle").header("authorization", &format!("JWT {token}")).send().await;
        assert_eq!(answer.problem(401), "unauthenticated");
        let answer = app.get("/v3/auth/refresh").send().await;
        assert_eq!(answer.problem(401), "unauthenticated");
    }

    async fn numbers_that_nobody_has_are_named(app) {
        for (dealer, user, pointer) in [
            (app.alzura_id, 77, "/userAlzuraId"),
            (app.alzura_id + 1, alzura(Role::Admin), "/dealerAlzuraId"),
            (1, 1, "/dealerAlzuraId"),
        ] {
            let answer = app.post("/v3/auth/token").json(&json!({"dealerAlzuraId": dealer, "userAlzuraId": user})).send().await;
            assert_eq!(answer.problem(422), "invalid");
            assert_eq!(answer.pointers(), [pointer]);
        }
        let answer = app.post("/v3/auth/token").json(&json!({"dealerAlzuraId": "1", "user": 1})).send().await;
        answer.problem(422);
        assert_eq!(answer.pointers(), ["/userAlzuraId", "/dealerAlzuraId", "/user"]);
    }

    async fn a_number_belongs_to_one_dealer_of_the_server_and_one_user_of_a_dealer(app) {
        let taken = app.alzura_id + 1;
        let crm = app.crm();
        let refused = crm.dealer_change(&app.caller(), move |dealer| dealer.alzura_id = Some(taken)).await.unwrap_err();
        assert_eq!(refused.code.as_str(), "duplicate_name");
        let email = app.email(Role::Sales);
        let refused = crm.user_alzura(&app.caller(), email, Some(alzura(Role::Admin))).await.unwrap_err();
        assert_eq!(refused.code.as_str(), "duplicate_name");
        // One that was given back is free again.
        crm.user_alzura(&app.caller(), app.email(Role::Admin), None).await.unwrap();
        crm.user_alzura(&app.caller(), email, Some(alzura(Role::Admin))).await.unwrap();
    }

    async fn a_token_ends_after_a_day_and_is_refreshed_before(app) {
        let first = app.user_token(Role::Sales).await;
        app.clock.advance(Duration::from_hours(20));
        let key = app.token(As::Key).await.unwrap();
        let answer = ask(app, Method::GET, "/v3/auth/refresh", &key, "x-authorization", &format!("Bearer {first}")).await;
        let second = answer.expect(200)["token"].as_str().unwrap().to_owned();
        app.clock.advance(Duration::from_hours(4));
        assert!(!is_good(app, &first).await);
        assert!(is_good(app, &second).await);
        app.clock.advance(Duration::from_hours(20));
        assert!(!is_good(app, &second).await);
    }

    async fn a_token_ends_with_its_user_and_with_its_key(app) {
        let token = app.user_token(Role::Sales).await;
        assert!(is_good(app, &token).await);
        app.crm().user_activate(&app.caller(), app.email(Role::Sales), false).await.unwrap();
        assert!(!is_good(app, &token).await);
        let about = json!({"dealerAlzuraId": app.alzura_id, "userAlzuraId": alzura(Role::Sales)});
        assert_eq!(app.post("/v3/auth/token").json(&about).send().await.problem(422), "invalid");

        let rights = Right::usual();
        let (key, secret) = app.crm().key_create(&app.caller(), NewKey::new("p", rights.clone())).await.unwrap();
        let token = app.narrowed(&secret, app.alzura_id, alzura(Role::Admin)).await;
        let refresh = async |key: &str| {
            ask(app, Method::GET, "/v3/auth/refresh", key, "authorization", &format!("JWT {token}")).await
        };
        refresh(&secret).await.expect(200);
        // It was made for that key, and is nothing with another one.
        let (_, other) = app.crm().key_create(&app.caller(), NewKey::new("q", rights)).await.unwrap();
        assert_eq!(refresh(&other).await.problem(401), "unauthenticated");
        app.crm().key_revoke(&app.caller(), key.id).await.unwrap();
        assert_eq!(refresh(&secret).await.problem(401), "unauthenticated");
    }

    async fn signing_keys_rotate_without_ending_tokens_unless_that_is_meant(app) {
        let caller = app.caller();
        let first = app.user_token(Role::Admin).await;
        app.clock.advance(Duration::from_hours(1));
        app.crm().token_key_rotate(&caller, false).await.unwrap();
        let second = app.user_token(Role::Admin).await;
        assert!(is_good(app, &first).await && is_good(app, &second).await);
        app.clock.advance(Duration::from_hours(1));
        app.crm().token_key_rotate(&caller, true).await.unwrap();
        assert!(!is_good(app, &first).await && !is_good(app, &second).await);
        assert!(is_good(app, &app.user_token(Role::Admin).await).await);
    }

    async fn a_token_narrows_to_its_dealer_and_user(app) {
        add(app, "here", json!({"make": "Audi", "model": "A4", "location": "berlin", "mileage": 1})).await;
        add(app, "there", json!({"make": "Audi", "model": "A4", "location": "houston", "mileage": 2})).await;
        let elsewhere = app.token(As::Stranger).await.unwrap();
        let car = json!({"make": "Ford", "model": "Ka", "stock_number": "elsewhere", "mileage": 0});
        let path = format!("/dealers/{}/cars", app.stranger);
        app.anonymous(Method::POST, &path).bearer(&elsewhere).json(&car).send().await.expect(200);

        let new = NewKey { dealers: vec![app.stranger], ..NewKey::new("partner", vec![Right::VehicleRead]) };
        let (_, key) = app.crm().key_create(&app.caller(), new).await.unwrap();
        let home = app.narrowed(&key, app.alzura_id, alzura(Role::Manager)).await;
        let seller = app.narrowed(&key, app.alzura_id, alzura(Role::Sales)).await;
        let away = app.narrowed(&key, app.alzura_id + 1, alzura(Role::Admin)).await;
        let shown = async |token: Option<&str>| {
            let ask = app.anonymous(Method::GET, "/v3/vehicle?order[field]=kilometers&order[dir]=asc").header("x-api-key", &key);
            let ask = match token {
                Some(token) => ask.header("authorization", &format!("JWT {token}")),
                None => ask,
            };
            names(&ask.send().await.expect(200))
        };
        assert_eq!(shown(None).await, "elsewhere here there");
        assert_eq!(shown(Some(&home)).await, "here there");
        // Whoever sells works in Houston.
        assert_eq!(shown(Some(&seller)).await, "there");
        assert_eq!(shown(Some(&away)).await, "elsewhere");
        // No user lends a key a right that it does not have.
        let answer = ask(app, Method::GET, "/v3/contact/1", &key, "authorization", &format!("JWT {home}")).await;
        assert_eq!(answer.problem(403), "forbidden");
    }
}
