//! `/v3/contact`.

use forecourt_record::Role;
use forecourt_testkit::{Answer, Ask, TestApp, both};
use serde_json::{Value, json};

use crate::walcu;

/// The published example.
fn example() -> Value {
    serde_json::from_str(include_str!("contact.json")).unwrap()
}

/// A request in the name of the manager.
async fn by(app: &TestApp, ask: Ask) -> Ask {
    ask.header("authorization", &format!("JWT {}", app.user_token(Role::Manager).await))
}

async fn create(app: &TestApp, contact: &Value) -> Answer {
    by(app, app.post("/v3/contact")).await.json(contact).send().await
}

async fn created(app: &TestApp, contact: &Value) -> Value {
    create(app, contact).await.expect(201)["data"]["contact"].clone()
}

async fn read(app: &TestApp, which: &str) -> Answer {
    by(app, app.get(&format!("/v3/contact/{which}"))).await.send().await
}

async fn change(app: &TestApp, which: &str, contact: &Value) -> Answer {
    by(app, app.put(&format!("/v3/contact/{which}"))).await.json(contact).send().await
}

async fn changed(app: &TestApp, which: &str, contact: &Value) -> Value {
    change(app, which, contact).await.expect(200)["data"]["contact"].clone()
}

async fn delete(app: &TestApp, which: &str) -> Answer {
    by(app, app.delete(&format!("/v3/contact/{which}"))).await.send().await
}

/// The only client there is, as Walcu shows it.
async fn client(app: &TestApp) -> Value {
    let clients = app.get(&format!("/dealers/{}/clients", app.dealer)).send().await.expect(200);
    let [client] = clients.as_array().unwrap().as_slice() else { panic!("{clients}") };
    client.clone()
}

/// The members of a contact that have a value.
fn said(contact: &Value) -> Value {
    contact
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect()
}

both! {
    async fn the_published_example_is_answered_as_it_was_sent(app) {
        let answer = create(app, &example()).await.expect(201);
        assert_eq!((&answer["status"], &answer["statusText"]), (&json!("success"), &json!("Contact created successfully")));
        let contact = &answer["data"]["contact"];
        let mut expected = json!({"ID": contact["ID"]});
        expected.as_object_mut().unwrap().extend(example().as_object().unwrap().clone());
        assert_eq!(*contact, expected);
        assert_eq!(contact.as_object().unwrap().keys().next().unwrap(), "ID");
        for which in [contact["ID"].to_string(), "tecfactura/D123456789".to_owned()] {
            let answer = read(app, &which).await.expect(200);
            assert_eq!((&answer["status"], &answer["data"]["contact"]), (&json!("success"), contact), "{which}");
        }
    }

    async fn a_contact_is_a_client_of_every_dialect(app) {
        created(app, &example()).await;
        let client = client(app).await;
        for (path, expected) in [
            ("/contacts/0/name/first_name", json!("Max")),
            ("/contacts/0/name/last_name", json!("Mustermann")),
            ("/contacts/0/name/salutation", json!("Mr")),
            ("/contacts/0/name/title", json!("Dr.")),
            ("/contacts/0/phones", json!(["555-1234", "555-5678"])),
            ("/contacts/0/emails", json!(["max.mustermann@example.org"])),
            ("/contacts_names", json!(["Max Mustermann"])),
            ("/address/address_details", json!("123 Main St")),
            ("/address/postal_code", json!("12345")),
            ("/address/locality", json!("Anytown")),
            ("/address/country", json!("Germany")),
            ("/business_details/phones", json!(["555-9999", "555-9998"])),
            ("/business_details/emails", json!(["business@example.org"])),
            ("/business_details/tax_id", json!("DE123456789")),
            ("/business_details/website", json!("https://business.example.org")),
            ("/business_details/is_business", json!(true)),
        ] {
            assert_eq!(client.pointer(path), Some(&expected), "{path}");
        }
        // What only the portal knows stays there.
        assert!(!client.to_string().contains("D1234567"), "{client}");
    }

    async fn what_others_change_is_seen_here(app) {
        let contact = created(app, &json!({"lastName": "Doe", "phoneNumber": "(713) 555-0111", "city": "Houston"})).await;
        let id = contact["ID"].to_string();
        let client = client(app).await;
        let path = format!("/dealers/{}/clients/{}", app.dealer, client["_id"].as_str().unwrap());
        let patch = json!([
            {"op": "replace", "path": "/contacts/0/phones", "value": ["+17135550112", "+17135550111"]},
            {"op": "replace", "path": "/address/locality", "value": "Katy"},
        ]);
        app.patch(&path).json(&patch).send().await.expect(200);
        let now = read(app, &id).await.expect(200)["data"]["contact"].clone();
        // The number that was given keeps its place and its form, however many there are.
        assert_eq!(
            said(&now),
            json!({"ID": contact["ID"], "lastName": "Doe", "city": "Katy", "phoneNumber": "(713) 555-0111",
                "phoneNumberMobile": "+17135550112"})
        );
        let patch = json!([{"op": "replace", "path": "/contacts/0/phones", "value": ["+17135550113"]}]);
        app.patch(&path).json(&patch).send().await.expect(200);
        let now = read(app, &id).await.expect(200)["data"]["contact"].clone();
        assert_eq!((&now["phoneNumber"], &now["phoneNumberMobile"]), (&json!("+17135550113"), &Value::Null));
    }

    async fn only_what_is_sent_changes_and_null_clears(app) {
        let before = created(app, &example()).await;
        let id = before["ID"].to_string();
        let sent = json!({
            "firstName": "Moritz", "phoneNumber": "555-4321", "email": null, "notes": "", "isPrivat": null, "iban": null,
            "customerRating": 4.5, "ID": before["ID"], "licensePlate": null, "emailBusiness": "b@example.org",
        });
        let after = changed(app, &id, &sent).await;
        let mut expected = before.clone();
        for (name, value) in sent.as_object().unwrap() {
            expected[name] = if *value == json!("") { Value::Null } else { value.clone() };
        }
        assert_eq!(after, expected);
        assert_eq!(read(app, &id).await.expect(200)["data"]["contact"], expected);
        let client = client(app).await;
        assert_eq!(client["contacts"][0]["phones"], json!(["555-4321", "555-5678"]));
        assert_eq!(client["contacts_names"], json!(["Moritz Mustermann"]));
        assert_eq!(client["contacts"][0].get("emails"), None);
        // Nothing sent, nothing changed.
        assert_eq!(changed(app, &id, &json!({})).await, expected);
    }

    async fn a_number_in_the_books_is_of_one_contact(app) {
        let first = created(app, &json!({"lastName": "One", "tecfacturaId": "T 1/ä"})).await;
        let answer = create(app, &json!({"lastName": "Two", "tecfacturaId": "T 1/ä"})).await;
        assert_eq!(answer.problem(409), "conflict");
        let second = created(app, &json!({"lastName": "Two", "tecfacturaId": "T 2"})).await;
        assert_ne!(first["ID"], second["ID"]);
        assert_eq!(change(app, &second["ID"].to_string(), &json!({"tecfacturaId": "T 1/ä"})).await.problem(409), "conflict");
        let path = "tecfactura/T%201%2F%C3%A4";
        assert_eq!(read(app, path).await.expect(200)["data"]["contact"], first);
        // It moves, and is free again.
        let moved = changed(app, path, &json!({"tecfacturaId": "T 3"})).await;
        assert_eq!((&moved["ID"], &moved["tecfacturaId"]), (&first["ID"], &json!("T 3")));
        assert_eq!(read(app, path).await.problem(404), "not_found");
        changed(app, "tecfactura/T%202", &json!({"tecfacturaId": "T 1/ä"})).await;
        assert_eq!(read(app, path).await.expect(200)["data"]["contact"]["ID"], second["ID"]);
    }

    async fn whoever_is_known_already_becomes_the_contact(app) {
        let lead = json!({"name": "Ana Ruiz", "phone": "+17135550111", "email": "ana@example.com", "location": "houston"});
        app.post("/v1/leads").json(&lead).send().await.expect(201);
        let sent = json!({"firstName": "Ana", "lastName": "Ruiz", "phoneNumberMobile": "713-555-0111", "phoneNumber": "713-555-0199"});
        let contact = created(app, &sent).await;
        assert_eq!(
            said(&contact),
            json!({"ID": contact["ID"], "firstName": "Ana", "lastName": "Ruiz", "phoneNumber": "713-555-0199",
                "phoneNumberMobile": "713-555-0111", "email": "ana@example.com"})
        );
        // The same again is the same contact; what is new about it stands beside what was known.
        let again = created(app, &json!({"lastName": "Ruiz", "firstName": "Ana", "phoneNumber": "713-555-0111", "tecfacturaId": "9"})).await;
        assert_eq!((&again["ID"], &again["tecfacturaId"]), (&contact["ID"], &json!("9")));
        let known = client(app).await;
        assert_eq!(known["contacts_phones"], json!(["+17135550111", "+17135550199"]));
        // A lead with that number is hers, too.
        let lead = json!({"name": "Ana Ruiz", "phone": "+17135550199", "location": "berlin"});
        app.post("/v1/leads").json(&lead).send().await.expect(201);
        client(app).await;
    }

    async fn somebody_else_with_the_same_number_is_somebody_else(app) {
        let first = created(app, &json!({"firstName": "Max", "lastName": "Mustermann", "phoneNumber": "713-555-0111"})).await;
        let second = created(app, &json!({"firstName": "Erika", "lastName": "Mustermann", "phoneNumber": "713-555-0111",
            "email": "erika@example.org"})).await;
        assert_ne!(first["ID"], second["ID"]);
        assert_eq!(second["phoneNumber"], "713-555-0111");
        // So is whoever has another number in the books.
        created(app, &json!({"lastName": "Doe", "email": "doe@example.org", "tecfacturaId": "1"})).await;
        let other = created(app, &json!({"lastName": "Doe", "email": "doe@example.org", "tecfacturaId": "2"})).await;
        assert_eq!(other["tecfacturaId"], "2");
        let clients = app.get(&format!("/dealers/{}/clients", app.dealer)).send().await.expect(200);
        assert_eq!(clients.as_array().unwrap().len(), 4);
        // The address of the second one leads to her.
        let lead = json!({"name": "Erika Mustermann", "phone": "+17135550155", "email": "erika@example.org", "location": "houston"});
        app.post("/v1/leads").json(&lead).send().await.expect(201);
        let clients = app.get(&format!("/dealers/{}/clients", app.dealer)).send().await.expect(200);
        assert_eq!(clients.as_array().unwrap().len(), 4);
    }

    async fn everything_wrong_is_said_at_once(app) {
        let wrong = json!({
            "title": "Dr", "zipCode": "12345678901234567", "email": "nobody", "faxNumber": "1", "source": "web",
            "customerRating": 6, "isPrivat": "yes", "dateOfBirth": "1990-13-01", "ustId": "123", "type": "friend",
            "position": "x".repeat(65), "iban": "DE88370400440532013000", "bic": "COBA", "salesTaxRegulation": "none",
            "driverLicenseNumber": "x".repeat(101), "firstname": "Max", "tecfacturaId": "x".repeat(256),
        });
        let answer = create(app, &wrong).await;
        assert_eq!(answer.problem(422), "invalid");
        let mut expected: Vec<String> = wrong.as_object().unwrap().keys().map(|name| format!("/{name}")).collect();
        let mut pointers = answer.pointers();
        expected.sort();
        pointers.sort();
        assert_eq!(pointers, expected);
        for (body, pointer) in [
            (json!({}), ""),
            (json!({"lastName": null, "city": " "}), ""),
            (json!([]), ""),
            (json!("x"), ""),
            (json!({"ID": 1, "lastName": "Doe"}), "/ID"),
        ] {
            let answer = create(app, &body).await;
            answer.problem(422);
            assert_eq!(answer.pointers(), [pointer], "{body}");
        }
        let id = created(app, &json!({"lastName": "Doe"})).await["ID"].clone();
        for (body, pointer) in [(json!({"ID": id.as_i64().unwrap() + 1}), "/ID"), (json!({"ID": null}), "/ID"), (json!({"city": 1}), "/city")] {
            let answer = change(app, &id.to_string(), &body).await;
            answer.problem(422);
            assert_eq!(answer.pointers(), [pointer], "{body}");
        }
        assert_eq!(said(&read(app, &id.to_string()).await.expect(200)["data"]["contact"]), json!({"ID": id, "lastName": "Doe"}));
    }

    async fn notes_may_be_very_long(app) {
        let notes = "x".repeat(2 << 20);
        let contact = created(app, &json!({"lastName": "Doe", "notes": notes})).await;
        assert_eq!(contact["notes"].as_str().unwrap().len(), notes.len());
        let answer = create(app, &json!({"lastName": "Doe", "notes": "x".repeat(16_777_216)})).await;
        assert_eq!((answer.problem(422), answer.pointers()), ("invalid".to_owned(), vec!["/notes".to_owned()]));
    }

    async fn a_deleted_contact_is_gone_everywhere(app) {
        for which in [None, Some("tecfactura/D123456789")] {
            let contact = created(app, &example()).await;
            let id = contact["ID"].to_string();
            let answer = delete(app, which.unwrap_or(&id)).await.expect(200);
            assert_eq!(answer, json!({"status": "success", "statusText": "Contact deleted successfully"}));
            assert_eq!(read(app, &id).await.problem(404), "not_found");
            assert_eq!(delete(app, &id).await.problem(404), "not_found");
            assert_eq!(read(app, "tecfactura/D123456789").await.problem(404), "not_found");
            let clients = app.get(&format!("/dealers/{}/clients", app.dealer)).send().await.expect(200);
            assert_eq!(clients, json!([]));
        }
        // With leads it stays.
        let contact = created(app, &json!({"lastName": "Ruiz", "phoneNumber": "+17135550111"})).await;
        let client = client(app).await["_id"].clone();
        walcu::created(app, "saleleads", json!({"client_id": client, "location": "houston"})).await;
        assert_eq!(delete(app, &contact["ID"].to_string()).await.problem(409), "still_referenced");
    }

    async fn what_names_no_contact_is_not_found(app) {
        for which in ["0", "1", "-1", "abc", "99999999999999999999", "%00", "tecfactura/x", "tecfactura/%27%20OR%201%3D1", "L-1042"] {
            assert_eq!(read(app, which).await.problem(404), "not_found", "{which}");
            assert_eq!(change(app, which, &json!({"city": "x"})).await.problem(404), "not_found", "{which}");
            assert_eq!(delete(app, which).await.problem(404), "not_found", "{which}");
        }
    }

    async fn a_repeated_request_makes_no_second_contact(app) {
        let post = async |body: &Value| {
            by(app, app.post("/v3/contact")).await.header("idempotency-key", "k-1").json(body).send().await
        };
        let first = post(&json!({"lastName": "Doe"})).await.expect(201);
        assert_eq!(post(&json!({"lastName": "Doe"})).await.expect(201), first);
        assert_eq!(post(&json!({"lastName": "Roe"})).await.problem(422), "idempotency_key_reused");
        client(app).await;
    }
}
