//! `POST /lead/add`.

use forecourt_query::{Filter, Find};
use forecourt_record::{Document, Enrolment, Result};
use forecourt_store::{Command, Lane, Tx};
use forecourt_testkit::{TestApp, both};
use serde_json::{Value, json};

use crate::dialler::{MINUTE, add, john, key_of, keyed, processed, types, unprocessed};

struct Enrolments;

impl Command for Enrolments {
    type Output = Vec<Document<Enrolment>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        tx.find(&Find::newest(Filter::all(), 100)).await
    }
}

async fn enrolments(app: &TestApp) -> Vec<Document<Enrolment>> {
    let crm = app.crm();
    crm.store.read(crm.house(app.dealer), Lane::Scan, Enrolments).await.unwrap()
}

async fn leads(app: &TestApp) -> Value {
    app.get("/v1/leads").send().await.expect(200)
}

both! {
    async fn a_lead_is_saved_and_put_on_the_schedule_of_its_type(app) {
        types(app).await;
        assert_eq!(add(app, &john("motor-trade")).await.expect(200), processed());
        let list = leads(app).await;
        assert_eq!(list["total"], 1);
        let lead = &list["data"][0];
        assert_eq!(
            (&lead["name"], &lead["phone"], &lead["location"], &lead["source"]),
            (&json!("John Doe"), &json!("+17137840258"), &json!("houston"), &json!("partner of motor-trade"))
        );
        let [enrolment] = enrolments(app).await.try_into().unwrap();
        let doc = enrolment.doc;
        assert_eq!(doc.caller_id.as_deref(), Some("+17137840258"));
        let tokens: Vec<_> = doc.tokens.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(tokens, ["addresss=123 Greenacre Road", "subtype=valeter", "vehicle_make=Ford"]);
        app.work().await;
        assert_eq!(enrolments(app).await[0].doc.status.as_str(), "queue");
        // The other APIs show them with the lead.
        let shown = app.get(&format!("/dealers/{}/saleleads", app.dealer)).send().await.expect(200);
        assert_eq!(shown[0]["custom"]["tokens"]["vehicle_make"], "Ford", "{shown}");
    }

    async fn nobody_is_called_before_the_delay_is_over(app) {
        types(app).await;
        for delay in [json!(600), json!("600")] {
            let mut body = john("finance");
            body["delays"] = delay.clone();
            body["mobile"] = json!(format!("+1713784{}", if delay.is_string() { "0001" } else { "0002" }));
            body["email"] = json!(format!("{}@example.com", body["mobile"].as_str().unwrap().trim_start_matches('+')));
            assert_eq!(add(app, &body).await.expect(200), processed());
        }
        app.pass(9 * MINUTE).await;
        assert!(enrolments(app).await.iter().all(|one| one.doc.status.as_str() == "scheduled"));
        app.pass(2 * MINUTE).await;
        assert!(enrolments(app).await.iter().all(|one| one.doc.status.as_str() == "queue"));
    }

    async fn a_person_is_a_live_lead_of_a_type_once_and_is_called_once_for_a_group(app) {
        types(app).await;
        assert_eq!(add(app, &john("motor-trade")).await.expect(200), processed());
        assert_eq!(add(app, &john("motor-trade")).await.expect(200), unprocessed("Existing Contact"));
        assert_eq!(add(app, &john("finance")).await.expect(200), unprocessed("Another call is already scheduled"));
        // The schedule of this type is the one that the person is on already.
        assert_eq!(add(app, &john("service")).await.expect(200), unprocessed("Existing Contact"));
        assert_eq!(enrolments(app).await.len(), 1);
        let lead = leads(app).await["data"][0]["id"].as_str().unwrap().to_owned();
        let told = app.get(&format!("/v1/leads/{lead}")).send().await.expect(200)["activities"].to_string();
        for why in ["the person is on the schedule of this type already", "a call of the same group is due already"] {
            assert!(told.contains(why), "{told}");
        }
    }

    async fn a_type_that_is_not_known_or_not_for_the_key_keeps_the_lead_and_calls_nobody(app) {
        types(app).await;
        assert_eq!(add(app, &john("lorries")).await.expect(200), unprocessed("Unknown Type"));
        assert_eq!(leads(app).await["data"][0]["source"], "lorries");
        let key = key_of(app, "finance, service").await;
        let answer = keyed(app, "/lead/add", &key, &john("motor-trade")).await;
        assert_eq!(answer.expect(200), unprocessed("Unknown Type"));
        assert!(enrolments(app).await.is_empty());
        assert_eq!(keyed(app, "/lead/add", &key, &john("finance")).await.expect(200), processed());
    }

    async fn a_test_keeps_nothing(app) {
        types(app).await;
        let before = app.snapshot().await;
        for test in [json!(true), json!("true")] {
            let mut body = john("motor-trade");
            body["test"] = test;
            assert_eq!(add(app, &body).await.expect(200), json!({"test": "ok"}));
            body["type"] = json!("lorries");
            assert_eq!(add(app, &body).await.expect(400), json!({"type": {"0": "Unknown Type"}}));
            body["mobile"] = json!("12");
            let wrong = add(app, &body).await.expect(400);
            assert_eq!(wrong["mobile"], json!({"0": "Mobile is not a valid phone number."}));
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn what_is_wrong_is_told_field_by_field(app) {
        types(app).await;
        let before = app.snapshot().await;
        let ask = async |body: Value| add(app, &body).await.expect(400);
        let mut body = john("motor-trade");
        body["email"] = json!("");
        assert_eq!(ask(body.clone()).await, json!({"email": {"0": "Email cannot be blank."}}));
        body["email"] = json!("john@example.com");
        body["data"] = json!("{}");
        assert_eq!(ask(body.clone()).await, json!({"data": {"0": "Empty or invalid content of `data` field"}}));
        body["data"] = json!({"a": 1});
        body["mobile"] = json!("0784");
        assert_eq!(ask(body).await, json!({"mobile": {"0": "Mobile is not a valid phone number."}}));
        let all = ask(json!({"email": "x", "delays": "later"})).await;
        let fields: Vec<_> = all.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, ["first_name", "surname", "mobile", "type", "delays", "email"]);
        // Also what only the record can tell.
        let both = ask(json!({"email": "x", "first_name": "A", "surname": "B", "mobile": "12", "type": "finance", "data": "{}"})).await;
        assert_eq!(
            both,
            json!({
                "data": {"0": "Empty or invalid content of `data` field"},
                "mobile": {"0": "Mobile is not a valid phone number."},
                "email": {"0": "Email is not a valid email address."},
            })
        );
        // The document's own second example lacks a comma.
        let broken = "{\n\"first_name\":\"John\",\n\"data\": \"{}\"\n\"test\": true\n}";
        let told = app.post("/lead/add").raw("application/json", broken).send().await.expect(400);
        let told = told["body"]["0"].as_str().unwrap().to_owned();
        assert!(told.starts_with("Invalid JSON: ") && told.ends_with("at line 4 column 1"), "{told}");
        assert_eq!(app.snapshot().await, before);
    }

    async fn a_thousand_identical_adds_are_one_call(app) {
        types(app).await;
        let body = john("motor-trade");
        let tasks: Vec<_> = (0..1000).map(|_| tokio::spawn(app.post("/lead/add").json(&body).send())).collect();
        let mut answers = std::collections::BTreeMap::new();
        for task in tasks {
            *answers.entry(task.await.unwrap().expect(200).to_string()).or_insert(0) += 1;
        }
        let expected = [(unprocessed("Existing Contact").to_string(), 999), (processed().to_string(), 1)];
        assert_eq!(answers, std::collections::BTreeMap::from(expected));
        assert_eq!(enrolments(app).await.len(), 1);
        assert_eq!(leads(app).await["total"], 1);
    }

    async fn a_key_in_the_wrong_place_or_none_is_refused(app) {
        types(app).await;
        let before = app.snapshot().await;
        for key in ["", "x", "alt_sk_live_0000"] {
            let answer = keyed(app, "/lead/add", key, &john("motor-trade")).await;
            assert_eq!(answer.expect(401), json!({"error": "Invalid key"}));
        }
        assert_eq!(app.snapshot().await, before);
    }
}
