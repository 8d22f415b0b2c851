//! `POST /v1/leads`.

mod identity;
mod repeat;
mod routing;
mod scoring;
mod validation;

use forecourt_testkit::both;
use serde_json::json;

use crate::altum::{create, jose, read, with};

both! {
    async fn the_published_example_scores_82_a(app) {
        let answer = app.post("/v1/leads").json(&jose()).send().await;
        let body = answer.expect(201);
        assert_eq!(body, json!({"id": "L-1000", "score": 82, "filter": "A"}));
        assert_eq!(answer.header("location"), Some("/v1/leads/L-1000"));
        let lead = app.get(answer.header("location").unwrap()).send().await.expect(200);
        for (member, value) in [
            ("id", json!("L-1000")),
            ("name", json!("Jose Garcia")),
            ("phone", json!("+17135550100")),
            ("score", json!(82)),
            ("filter", json!("A")),
            ("status", json!("new")),
            ("location", json!("houston")),
            ("creditScore", json!("good")),
            ("downPayment", json!(2000)),
            ("hasBank", json!(true)),
            ("idType", json!("license")),
            ("tradeIn", json!(true)),
            ("email", json!(null)),
            ("source", json!(null)),
            ("notes", json!(null)),
            ("vehicleId", json!(null)),
            ("language", json!("en")),
            ("createdAt", json!("2026-11-21T18:00:00.000Z")),
        ] {
            assert_eq!(lead[member], value, "{member}");
        }
    }

    async fn numbers_rise_by_one_and_belong_to_the_dealer(app) {
        assert_eq!(create(app, jose()).await, "L-1000");
        let other = with(jose(), json!({"phone": "+17135550101"}));
        assert_eq!(create(app, other.clone()).await, "L-1001");
        let theirs = app.ask(forecourt_testkit::As::Stranger, http::Method::POST, "/v1/leads").await;
        let theirs = theirs.json(&json!({"name": "Jose Garcia", "phone": "+17135550100"})).send().await.expect(201);
        assert_eq!(theirs["id"], "L-1000");
    }

    async fn every_optional_member_is_kept(app) {
        let car = json!({"make": "Ford", "model": "F-150", "year": 2022, "price": 38500, "location": "houston"});
        app.post("/v1/vehicles").json(&car).send().await.expect(201);
        let lead = with(
            jose(),
            json!({
                "email": "Jose.Garcia@Example.com",
                "source": "website",
                "notes": "Wants to come on Monday.\nSpeaks Spanish.",
                "vehicleId": "V-1",
                "assignedTo": "u_2",
                "language": "es",
            }),
        );
        let lead = read(app, &create(app, lead).await).await;
        assert_eq!(lead["email"].as_str().unwrap().to_lowercase(), "jose.garcia@example.com");
        assert_eq!(lead["source"], "website");
        assert_eq!(lead["notes"], "Wants to come on Monday.\nSpeaks Spanish.");
        assert_eq!(lead["vehicleId"], "V-1");
        assert_eq!(lead["assignedTo"], "u_2");
        assert_eq!(lead["language"], "es");
    }

    async fn the_location_may_be_left_out(app) {
        // There are two: the lead belongs to none, and whoever sees all sees it.
        let lead = json!({"name": "Ana", "phone": "+17135550100"});
        assert_eq!(read(app, &create(app, lead).await).await["location"], json!(null));
        // A user bound to one location means that one.
        let bdc = forecourt_testkit::As::Role(forecourt_record::Role::Bdc);
        let mine = app.ask(bdc, http::Method::POST, "/v1/leads").await;
        let mine = mine.json(&json!({"name": "Ben", "phone": "713-555-0101"})).send().await.expect(201);
        assert_eq!(read(app, mine["id"].as_str().unwrap()).await["location"], "houston");
    }
}
