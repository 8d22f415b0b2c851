//! What a new lead is worth: five questions, 100 points, three filters.

use forecourt_testkit::both;
use serde_json::{Value, json};

use crate::altum::{jose, phone, with};

both! {
    async fn the_scorecard_holds_at_its_edges(app) {
        let cases: [(Value, i64, &str); 16] = [
            (json!({}), 0, "Reject"),
            (
                json!({"creditScore": "none", "downPayment": 0, "hasBank": false, "idType": "none", "tradeIn": false}),
                0,
                "Reject",
            ),
            (
                json!({
                    "creditScore": "excellent", "downPayment": 7500, "hasBank": true, "idType": "matricula",
                    "tradeIn": true,
                }),
                100,
                "A",
            ),
            (
                json!({
                    "creditScore": "excellent", "downPayment": 100_000_000, "hasBank": true,
                    "idType": "passport", "tradeIn": true,
                }),
                100,
                "A",
            ),
            (json!({"creditScore": "good"}), 30, "Reject"),
            (json!({"creditScore": "fair"}), 20, "Reject"),
            (json!({"creditScore": "poor"}), 10, "Reject"),
            (json!({"hasBank": true}), 15, "Reject"),
            (json!({"idType": "license"}), 15, "Reject"),
            (json!({"tradeIn": true}), 15, "Reject"),
            (json!({"downPayment": 3750}), 13, "Reject"),
            (json!({"downPayment": 150}), 1, "Reject"),
            (json!({"downPayment": 149.99}), 0, "Reject"),
            (json!({"creditScore": "poor", "hasBank": true, "idType": "license"}), 40, "B"),
            (json!({"creditScore": "good", "downPayment": 7349.99, "hasBank": true}), 69, "B"),
            (json!({"creditScore": "good", "downPayment": 7350, "hasBank": true}), 70, "A"),
        ];
        for (at, (answers, score, filter)) in cases.into_iter().enumerate() {
            let person = json!({"name": format!("Person {at}"), "phone": phone(at), "location": "houston"});
            let body = app.post("/v1/leads").json(&with(person, answers.clone())).send().await.expect(201);
            assert_eq!((&body["score"], &body["filter"]), (&json!(score), &json!(filter)), "{answers}");
        }
    }

    async fn a_lead_keeps_the_version_it_was_scored_with(app) {
        use forecourt_record::{SaleLead, scoring::Scorecard};
        let body = app.post("/v1/leads").json(&jose()).send().await.expect(201);
        assert_eq!(body["score"], 82);
        let before = app.all::<SaleLead>().await[0].extra.qualification.scorecard;
        let mut card = Scorecard::default();
        card.bands[0].from = 90;
        app.crm().scorecard_set(&app.caller(), card).await.unwrap();
        let other = with(jose(), json!({"phone": phone(1)}));
        let body = app.post("/v1/leads").json(&other).send().await.expect(201);
        assert_eq!((&body["score"], &body["filter"]), (&json!(82), &json!("B")));
        let leads = app.all::<SaleLead>().await;
        let versions: Vec<i64> = leads.iter().map(|lead| lead.extra.qualification.scorecard).collect();
        assert_eq!(versions, [before + 1, before]);
        assert_eq!(leads[1].extra.qualification.filter, "A");
    }
}
