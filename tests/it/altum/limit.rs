//! The rate limit: so many requests a minute per credential, and every answer says where the caller stands.

use std::time::Duration;

use forecourt_record::Role;
use forecourt_testkit::{As, Setup, both};
use http::Method;
use serde_json::json;

use crate::altum::jose;

both! {
    async fn the_request_too_many_is_told_when_to_come_back(app = Setup::rate_limit(10)) {
        for left in (0..10).rev() {
            let answer = app.get("/v1/vehicles").send().await;
            answer.expect(200);
            assert_eq!(answer.header("ratelimit-limit"), Some("10"));
            assert_eq!(answer.header("ratelimit-remaining"), Some(left.to_string().as_str()));
            let reset: u64 = answer.header("ratelimit-reset").unwrap().parse().unwrap();
            assert_eq!(reset, (10 - left) * 6);
        }
        let answer = app.get("/v1/vehicles").send().await;
        assert_eq!(answer.problem(429), "rate_limited");
        assert_eq!(answer.header("ratelimit-remaining"), Some("0"));
        // One request in six seconds comes back.
        assert_eq!(answer.header("retry-after"), Some("6"));
        app.clock.advance(Duration::from_secs(6));
        app.get("/v1/vehicles").send().await.expect(200);
        assert_eq!(app.get("/v1/vehicles").send().await.problem(429), "rate_limited");
    }

    async fn errors_count_and_carry_the_headers_too(app = Setup::rate_limit(10)) {
        let answer = app.get("/v1/leads/L-1").send().await;
        assert_eq!(answer.problem(404), "not_found");
        assert_eq!(answer.header("ratelimit-remaining"), Some("9"));
        let answer = app.post("/v1/leads").json(&json!({})).send().await;
        assert_eq!(answer.problem(422), "invalid");
        assert_eq!(answer.header("ratelimit-remaining"), Some("8"));
        let answer = app.get("/v1/leads?limit=0").send().await;
        assert_eq!(answer.problem(400), "malformed_query");
        assert_eq!(answer.header("ratelimit-remaining"), Some("7"));
    }

    async fn each_credential_has_its_own(app = Setup::rate_limit(3)) {
        for _ in 0..3 {
            app.get("/v1/leads").send().await.expect(200);
        }
        app.get("/v1/leads").send().await.expect(429);
        for who in [As::Role(Role::Manager), As::Role(Role::Bdc), As::Stranger] {
            app.ask(who, Method::GET, "/v1/leads").await.send().await.expect(200);
        }
    }

    async fn a_refused_request_does_nothing(app = Setup::rate_limit(1)) {
        app.get("/v1/leads").send().await.expect(200);
        app.post("/v1/leads").json(&jose()).send().await.expect(429);
        assert_eq!(app.counts().await["leads"], 0);
    }

    async fn the_limit_is_a_thousand_unless_set(app) {
        assert_eq!(forecourt_api::Settings::default().rate_limit, 1000);
        // Without a limit there is nothing to say about one.
        assert_eq!(app.get("/v1/leads").send().await.header("ratelimit-limit"), None);
    }
}
