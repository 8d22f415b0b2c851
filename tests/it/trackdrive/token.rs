//! Lead tokens: which there are, where they may be, and what becomes of any other.

use forecourt_crm::access::NewKey;
use forecourt_record::Right;
use forecourt_testkit::{Setup, both};
use http::Method;
use serde_json::json;

use crate::trackdrive::{OTHER, put_lead, tokens};

const PATH: &str = "/api/v1/leads/create_or_update";

both! {
    async fn each_place_takes_its_token_and_no_other(app) {
        let all = tokens(app).await;
        let plain = app.crm().key_create(&app.caller(), NewKey::new("plain", Right::usual())).await.unwrap().1;
        let before = app.snapshot().await;
        let (schedule, offer) = (all.schedule.as_str(), all.offer.as_str());
        for (body, status) in [
            (json!({}), 401),
            (json!({"lead_token": ""}), 401),
            (json!({"lead_token": null}), 401),
            (json!({"lead_token": [schedule]}), 401),
            (json!({"lead_token": "alt_sk_live_0000000000000000000000000000000000000000"}), 401),
            (json!({"lead_token": plain}), 401),
            (json!({"schedule_lead_token": offer}), 401),
            (json!({"offer_lead_token": schedule}), 401),
            (json!({"lead_token": schedule, "offer_lead_token": offer}), 401),
            (json!({"auth_token": schedule}), 401),
            // Known, and nobody is named.
            (json!({"lead_token": schedule}), 422),
            (json!({"lead_token": format!(" {offer} ")}), 422),
            (json!({"schedule_lead_token": schedule}), 422),
            (json!({"offer_lead_token": offer, "lead_token": offer}), 422),
        ] {
            let answer = app.anonymous(Method::POST, PATH).json(&body).send().await;
            let told = answer.expect(status);
            assert_eq!((&told["success"], &told["status"]), (&json!(false), &json!(status)), "{body}");
            if status == 401 {
                assert_eq!(told["errors"], json!({"lead_token": ["is not a valid lead token"]}), "{body}");
            }
            assert_eq!(answer.header("content-type"), Some("application/json"));
        }
        // No other place is looked at.
        let ask = app.anonymous(Method::POST, PATH).header("authorization", &format!("Bearer {schedule}"));
        ask.json(&json!({"caller_id": OTHER})).send().await.expect(401);
        assert_eq!(app.snapshot().await, before);
    }

    async fn a_token_is_worth_nothing_once_it_is_revoked(app) {
        let token = tokens(app).await.schedule;
        put_lead(app, &token, &json!({"caller_id": OTHER})).await;
        let key = app.crm().key_list(&app.caller()).await.unwrap().into_iter().find(|key| key.doc.settings.contains_key("trackdrive.schedule")).unwrap();
        app.crm().key_revoke(&app.caller(), key.id).await.unwrap();
        // Keys are remembered for a second of the real clock: another server, or another second, knows.
        assert!(app.crm().authenticate(&token, "trackdrive").await.unwrap().is_none());
    }

    async fn a_token_has_its_share_of_requests(app = Setup::rate_limit(2)) {
        let token = tokens(app).await.schedule;
        for _ in 0..2 {
            put_lead(app, &token, &json!({"caller_id": OTHER})).await;
        }
        let answer = app.anonymous(Method::POST, PATH).json(&json!({"lead_token": token, "caller_id": OTHER})).send().await;
        let told = answer.expect(429);
        assert_eq!((&told["success"], &told["code"]), (&json!(false), &json!("rate_limited")));
        assert!(answer.header("retry-after").is_some());
    }
}
