//! What a new lead may not be, every fault at once.

use forecourt_testkit::both;
use serde_json::{Value, json};

use crate::altum::{create, jose, phone, read, with, without};

both! {
    async fn every_fault_is_named_at_once(app) {
        let body = json!({
            "name": "",
            "fone": "+17135550100",
            "creditScore": "superb",
            "downPayment": -1,
            "hasBank": "yes",
            "idType": "visa",
            "tradeIn": 1,
            "location": 7,
            "email": "x",
            "language": "fr",
        });
        let answer = app.post("/v1/leads").json(&body).send().await;
        assert_eq!(answer.problem(422), "invalid");
        let mut pointers = answer.pointers();
        pointers.sort();
        assert_eq!(
            pointers,
            [
                "/creditScore",
                "/downPayment",
                "/email",
                "/fone",
                "/hasBank",
                "/idType",
                "/language",
                "/location",
                "/name",
                "/phone",
                "/tradeIn",
            ]
        );
        assert_eq!(app.counts().await["leads"], 0);
    }

    async fn each_fault_has_its_code_and_says_what_helps(app) {
        for (change, pointer, code, said) in [
            (json!({"phoen": "1"}), "/phoen", "unknown_member", "phone"),
            (json!({"credit_score": "good"}), "/credit_score", "unknown_member", "creditScore"),
            (json!({"Name": "x"}), "/Name", "unknown_member", "name"),
            (json!({"creditScore": "Good"}), "/creditScore", "not_allowed", "excellent, good, fair, poor, none"),
            (json!({"idType": "id"}), "/idType", "not_allowed", "license, matricula, passport, none"),
            (json!({"language": "pt"}), "/language", "not_allowed", "de, en, es"),
            (json!({"name": null}), "/name", "wrong_type", "string"),
            (json!({"name": "x".repeat(201)}), "/name", "too_long", "200"),
            (json!({"name": "   "}), "/name", "required", "name"),
            (json!({"notes": "x".repeat(20_001)}), "/notes", "too_long", "20"),
            (json!({"downPayment": "2000"}), "/downPayment", "wrong_type", "number"),
            (json!({"downPayment": 100_000_001}), "/downPayment", "too_large", "100"),
            (json!({"location": "paris"}), "/location", "not_allowed", "houston"),
            (json!({"phone": "12"}), "/phone", "too_short", "3"),
            (json!({"phone": "call me"}), "/phone", "bad_format", "phone number"),
            (json!({"phone": "+999 123 456 789"}), "/phone", "bad_format", "country code"),
            (json!({"phone": "555-0100"}), "/phone", "bad_format", "phone number"),
            (json!({"email": "jose@"}), "/email", "bad_format", "e-mail"),
            (json!({"vehicleId": "V-9"}), "/vehicleId", "not_found", "vehicle"),
            (json!({"vehicleId": "9"}), "/vehicleId", "not_found", "vehicle"),
            (json!({"assignedTo": "u_99"}), "/assignedTo", "not_found", "user"),
            (json!({"assignedTo": "ana"}), "/assignedTo", "not_found", "user"),
        ] {
            let answer = app.post("/v1/leads").json(&with(jose(), change.clone())).send().await;
            assert_eq!(answer.problem(422), "invalid", "{change}");
            let errors = answer.json()["errors"].clone();
            assert_eq!(errors[0]["pointer"], pointer, "{change}: {errors}");
            assert_eq!(errors.as_array().unwrap().len(), 1, "{errors}");
            assert_eq!(errors[0]["code"], code, "{change}: {errors}");
            let detail = errors[0]["detail"].as_str().unwrap();
            assert!(detail.contains(said), "{change}: {detail}");
            assert!(!detail.contains("u_-1"), "{detail}");
        }
        assert_eq!(app.counts().await["leads"], 0);
    }

    async fn name_and_phone_are_required(app) {
        for missing in [&["name"][..], &["phone"], &["name", "phone"]] {
            let answer = app.post("/v1/leads").json(&without(jose(), missing)).send().await;
            assert_eq!(answer.problem(422), "invalid");
            let pointers: Vec<String> = missing.iter().map(|name| format!("/{name}")).collect();
            assert_eq!(answer.pointers(), pointers);
        }
        let nobody: Vec<Value> = vec![json!([]), json!("lead"), json!(null), json!(1)];
        for body in nobody {
            let answer = app.post("/v1/leads").json(&body).send().await;
            assert_eq!(answer.problem(422), "invalid", "{body}");
        }
    }

    async fn a_phone_is_read_with_the_locations_country_and_kept_as_e164(app) {
        for (at, (written, location, kept)) in [
            ("(713) 555-0111", Some("houston"), "+17135550111"),
            ("713.555.0112", Some("houston"), "+17135550112"),
            ("1 713 555 0113", Some("houston"), "+17135550113"),
            ("+1 (713) 555-0114 ext. 9", Some("houston"), "+17135550114"),
            ("011 49 30 1234567", Some("houston"), "+49301234567"),
            ("030 / 123 4568", Some("berlin"), "+49301234568"),
            ("0151 23456789", Some("berlin"), "+4915123456789"),
            ("0049 30 1234569", Some("berlin"), "+49301234569"),
            ("+34 600 12 34 56", Some("berlin"), "+34600123456"),
            // Without a location the dealer's own country counts.
            ("713 555 0115", None, "+17135550115"),
        ]
        .into_iter()
        .enumerate()
        {
            let lead = json!({"name": format!("Person {at}"), "phone": written});
            let lead = match location {
                Some(location) => with(lead, json!({"location": location})),
                None => lead,
            };
            assert_eq!(read(app, &create(app, lead).await).await["phone"], kept, "{written} at {location:?}");
        }
    }

    async fn an_assignee_must_be_able_to_see_the_lead(app) {
        let away = app.hire("Far Away", forecourt_record::Role::Sales, &["berlin"]).await;
        let gone = app.hire_with("Gone", forecourt_record::Role::Sales, &["houston"], |user| user.active = false).await;
        for (user, code) in [(&away, "not_allowed"), (&gone, "not_found")] {
            let answer = app.post("/v1/leads").json(&with(jose(), json!({"assignedTo": user.id}))).send().await;
            assert_eq!(answer.problem(422), "invalid");
            assert_eq!(answer.json()["errors"][0]["code"], code);
            assert_eq!(answer.pointers(), ["/assignedTo"]);
        }
        let berlin = with(jose(), json!({"location": "berlin", "assignedTo": away.id}));
        assert_eq!(read(app, &create(app, berlin).await).await["assignedTo"], json!(away.id));
    }

    async fn a_name_is_kept_as_written_but_for_its_spaces(app) {
        for (at, (written, kept)) in [
            ("  José   María \t García ", "José María García"),
            ("O'Brien", "O'Brien"),
            ("李小龍", "李小龍"),
            ("Robert'); DROP TABLE saleleads;--", "Robert'); DROP TABLE saleleads;--"),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ]
        .into_iter()
        .enumerate()
        {
            let lead = json!({"name": written, "phone": phone(at), "location": "houston"});
            assert_eq!(read(app, &create(app, lead).await).await["name"], kept);
        }
    }
}
