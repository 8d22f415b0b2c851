//! `POST /v3/opportunity`.

use forecourt_crm::access::NewKey;
use forecourt_record::Right;
use forecourt_testkit::{Answer, As, TestApp, both};
use http::Method;
use serde_json::{Value, json};

use super::{add, four, named};

/// The published example, about this vehicle.
fn example(selling_id: &str) -> Value {
    json!({
        "sellingId": selling_id, "requestText": "I'm interested in this vehicle. Please contact me.", "sourceType": 6,
        "customer": {
            "lastName": "Doe", "firstName": "John", "streetAddress": "123 Main St", "zipCode": "12345", "city": "Anytown",
            "phoneNumber": "555-1234", "email": "max.mustermann@example.org",
        },
    })
}

async fn ask(app: &TestApp, body: &Value) -> Answer {
    app.post("/v3/opportunity").json(body).send().await
}

/// The number of the lead that came of it.
async fn number(app: &TestApp, body: &Value) -> i64 {
    let answer = ask(app, body).await.expect(200);
    assert_eq!(answer["status"], "success");
    answer["data"]["opportunityId"].as_i64().unwrap()
}

async fn lead(app: &TestApp, number: i64) -> Value {
    app.get(&format!("/v1/leads/L-{number}")).send().await.expect(200)
}

/// The documents of a resource.
async fn all(app: &TestApp, resource: &str) -> Value {
    app.get(&format!("/dealers/{}/{resource}", app.dealer)).send().await.expect(200)
}

both! {
    async fn it_is_a_lead_of_every_dialect(app) {
        four(app).await;
        let number = number(app, &example(&named(app, "A").await)).await;
        let altum = lead(app, number).await;
        for (member, expected) in [
            ("name", json!("John Doe")),
            ("email", json!("max.mustermann@example.org")),
            ("location", json!("berlin")),
            ("source", json!("autengo")),
            ("status", json!("new")),
            ("phone", json!("+495551234")),
            ("notes", Value::Null),
        ] {
            assert_eq!(altum[member], expected, "{member}");
        }
        assert!(altum["score"].is_number() && altum["vehicleId"].is_string(), "{altum}");
        let walcu = all(app, "saleleads").await;
        assert_eq!(walcu.as_array().unwrap().len(), 1);
        assert_eq!(walcu[0]["inquiry"], "I'm interested in this vehicle. Please contact me.");
        assert_eq!(walcu[0]["car_list"][0]["car"]["stock_number"], "A");
        let clients = all(app, "clients").await;
        assert_eq!(
            clients[0]["address"],
            json!({"postal_code": "12345", "locality": "Anytown", "address_details": "123 Main St"})
        );
    }

    async fn a_number_is_read_as_one_of_the_location(app) {
        four(app).await;
        let mut body = example(&named(app, "F").await);
        body["customer"] = json!({"lastName": "Mustermann", "phoneNumber": "030 901820"});
        assert_eq!(lead(app, number(app, &body).await).await["phone"], "+4930901820");
    }

    async fn a_number_that_cannot_be_read_turns_nobody_away_who_can_be_written_to(app) {
        four(app).await;
        let mut body = example(&named(app, "A").await);
        body["customer"]["phoneNumber"] = json!("12");
        let lead = lead(app, number(app, &body).await).await;
        assert_eq!((&lead["phone"], &lead["notes"]), (&Value::Null, &json!("Phone number as given: 12")));
        body["customer"].as_object_mut().unwrap().remove("email");
        let answer = ask(app, &body).await;
        answer.problem(422);
        assert_eq!(answer.pointers(), ["/customer/phoneNumber"]);
    }

    async fn the_same_again_is_the_same_lead(app) {
        four(app).await;
        let (audi, ford) = (example(&named(app, "A").await), example(&named(app, "F").await));
        let first = number(app, &audi).await;
        assert_eq!(number(app, &audi).await, first);
        assert_ne!(number(app, &ford).await, first);
        assert_eq!(all(app, "clients").await.as_array().unwrap().len(), 1);
        let keyed = async |body: &Value| {
            app.post("/v3/opportunity").header("idempotency-key", "k-1").json(body).send().await
        };
        assert_eq!(keyed(&audi).await.expect(200)["data"]["opportunityId"], first);
        assert_eq!(keyed(&audi).await.expect(200)["data"]["opportunityId"], first);
        assert_eq!(keyed(&ford).await.problem(422), "idempotency_key_reused");
    }

    async fn what_is_sold_or_not_there_is_not_found(app) {
        four(app).await;
        for selling_id in [named(app, "C").await, "000000".to_owned(), "' OR 1=1 --".to_owned()] {
            assert_eq!(ask(app, &example(&selling_id)).await.problem(404), "not_found", "{selling_id}");
        }
        assert_eq!(all(app, "saleleads").await, json!([]));
    }

    async fn a_repeated_request_is_answered_the_same_also_when_the_vehicle_is_sold_since(app) {
        four(app).await;
        let body = example(&named(app, "A").await);
        let keyed = async |key: &str| app.post("/v3/opportunity").header("idempotency-key", key).json(&body).send().await;
        let first = keyed("k-1").await.expect(200);
        let vehicle = lead(app, first["data"]["opportunityId"].as_i64().unwrap()).await["vehicleId"].clone();
        let path = format!("/v1/vehicles/{}", vehicle.as_str().unwrap());
        app.patch(&path).json(&json!({"status": "sold"})).send().await.expect(200);
        assert_eq!(keyed("k-1").await.expect(200), first);
        assert_eq!(keyed("k-2").await.problem(404), "not_found");
    }

    async fn everything_wrong_is_said_at_once(app) {
        four(app).await;
        let right = example(&named(app, "A").await);
        let with = |changes: &[(&str, Value)]| {
            let mut body = right.clone();
            for &(place, ref value) in changes {
                let (parent, name) = place.rsplit_once('/').unwrap();
                let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
                if value.is_null() { parent.remove(name) } else { parent.insert(name.to_owned(), value.clone()) };
            }
            body
        };
        for (changes, pointers) in [
            (vec![("/customer", Value::Null), ("/sourceType", json!(5))], vec!["/customer", "/sourceType"]),
            (
                vec![("/customer/lastName", Value::Null), ("/customer/zipCode", json!(12)), ("/selingId", json!("A"))],
                vec!["/customer/lastName", "/customer/zipCode", "/selingId"],
            ),
            (
                vec![("/customer/phoneNumber", Value::Null), ("/customer/email", Value::Null)],
                vec!["/customer/phoneNumber"],
            ),
            (
                vec![
                    ("/customer/lastName", json!(" ")),
                    ("/customer/phoneNumber", json!("12")),
                    ("/customer/email", json!("nobody")),
                ],
                vec!["/customer/email", "/customer/lastName", "/customer/phoneNumber"],
            ),
        ] {
            let answer = ask(app, &with(&changes)).await;
            answer.problem(422);
            let mut found = answer.pointers();
            found.sort_unstable();
            assert_eq!(found, pointers, "{changes:?}");
        }
        assert_eq!(all(app, "clients").await, json!([]));
    }

    async fn it_goes_to_the_dealer_who_offers_the_vehicle(app) {
        add(app, "HERE", json!({"make": "Audi", "model": "A4"})).await;
        let token = app.token(As::Stranger).await.unwrap();
        let path = format!("/dealers/{}/cars", app.stranger);
        let car = json!({"make": "Ford", "model": "Ka", "stock_number": "THERE"});
        app.anonymous(Method::POST, &path).bearer(&token).json(&car).send().await.expect(200);
        let rights = vec![Right::VehicleRead, Right::LeadWrite];
        let new = NewKey { dealers: vec![app.stranger], ..NewKey::new("partner", rights) };
        let key = app.crm().key_create(&app.caller(), new).await.unwrap().1;
        let page = app.anonymous(Method::GET, "/v3/vehicle").header("x-api-key", &key).send().await.expect(200);
        let list = page["list"].as_array().unwrap();
        let there = list.iter().find(|one| one["internalId"] == "THERE").unwrap()["sellingId"].as_str().unwrap();
        let ask = app.anonymous(Method::POST, "/v3/opportunity").header("x-api-key", &key).json(&example(there));
        ask.send().await.expect(200);
        assert_eq!(all(app, "saleleads").await, json!([]));
        let path = format!("/dealers/{}/saleleads", app.stranger);
        let leads = app.anonymous(Method::GET, &path).bearer(&token).send().await.expect(200);
        assert_eq!(leads.as_array().unwrap().len(), 1);
        // The same vehicle is not there for a key of the first dealer alone.
        assert_eq!(app.post("/v3/opportunity").json(&example(there)).send().await.problem(404), "not_found");
    }
}
