//! `/forecourt/v1/contact-rules`: read, put and given up again.

use forecourt_testkit::both;
use serde_json::{Value, json};

use crate::native::at;

fn names(rules: &Value) -> Vec<String> {
    let rows = rules["rules"]["windows"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

both! {
    async fn the_shipped_rules_are_those_of_the_location_s_country(app) {
        let house = app.get(&at("contact-rules")).send().await.expect(200);
        assert_eq!(house["own"], false);
        assert!(names(&house).contains(&"federal_hours".to_owned()), "{house}");
        let houston = app.get(&at("contact-rules?location=houston")).send().await.expect(200);
        assert_eq!(houston, house);
        let berlin = app.get(&at("contact-rules?location=berlin")).send().await.expect(200);
        assert!(!names(&berlin).contains(&"federal_hours".to_owned()), "{berlin}");
        let unknown = app.get(&at("contact-rules?location=nowhere")).send().await;
        assert_eq!((unknown.problem(400), unknown.pointers()), ("malformed_query".into(), vec!["query:location".into()]));
    }

    async fn rules_of_the_dealer_s_own_hold_until_they_are_given_up(app) {
        let shipped = app.get(&at("contact-rules")).send().await.expect(200);
        // What is answered may be sent back.
        app.put(&at("contact-rules")).json(&shipped["rules"]).send().await.expect(200);
        let own = json!({"limits": [{"name": "once", "most": 1, "seconds": 86400}]});
        let put = app.put(&at("contact-rules")).json(&own).send().await.expect(200);
        assert_eq!((&put["own"], &put["rules"]["limits"][0]["name"]), (&json!(true), &json!("once")));
        assert_eq!(app.get(&at("contact-rules?location=berlin")).send().await.expect(200), put);
        for _ in 0..2 {
            app.delete(&at("contact-rules")).send().await.expect(204);
        }
        assert_eq!(app.get(&at("contact-rules")).send().await.expect(200), shipped);
    }

    async fn rules_that_make_no_sense_are_refused_whole(app) {
        let before = app.snapshot().await;
        let span = json!({"name": "Hours", "hours": {"mon": [{"from": "10:00", "to": "09:00"}]}});
        let limit = json!({"name": "gap", "most": 1, "seconds": 86400});
        let answer = app.put(&at("contact-rules")).json(&json!({"windows": [span], "limits": [limit]})).send().await;
        assert_eq!(answer.problem(422), "invalid");
        assert_eq!(answer.pointers(), ["/windows/0/name", "/limits/0/name", "/windows/0/hours/mon/0/to"]);
        for (body, pointer) in [
            (json!({"gap": {"seconds": -1}}), "/gap/seconds"),
            (json!({"windows": [{}]}), "/windows/0/name"),
            (json!({"limits": [{"name": "a", "most": 0, "seconds": 86400}]}), "/limits/0/most"),
        ] {
            let answer = app.put(&at("contact-rules")).json(&body).send().await;
            assert_eq!(answer.problem(422), "invalid", "{body}");
            assert!(answer.pointers().contains(&pointer.to_owned()), "{body} {}", answer.json());
        }
        assert_eq!(app.snapshot().await, before);
    }
}
