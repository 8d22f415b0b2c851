//! Clients, their contacts, and the leads of nobody.

use forecourt_crm::{Ref, lead::LeadChange};
use forecourt_record::{Client, SaleLead};
use forecourt_testkit::both;
use serde_json::json;

use super::*;

both! {
    async fn a_client_and_its_contacts_are_one_record(app) {
        let ana = ana(app, "(713) 555-0101").await;
        let contact: Id<()> = ana.doc["contacts"][0]["_id"].as_str().unwrap().parse().unwrap();
        assert_eq!(ana.doc["contacts_phones"], json!(["+17135550101"]));
        assert_eq!(ana.doc["primary_contact"], ana.doc["contacts"][0]);
        assert_eq!(app.client_of("phone", "+17135550101").await, Some(ana.id.cast()));
        assert_eq!(app.client_of("email", "ana@example.com").await, Some(ana.id.cast()));
        let shown = read(app, "contacts", contact).await.unwrap();
        assert_eq!((&shown["phones"], &shown["client_id"]), (&json!(["+17135550101"]), &json!(ana.id)));

        // Seen from the contact.
        merge(app, "contacts", contact, json!({"phones": ["+17135550102"]})).await.unwrap();
        let client = read(app, "clients", ana.id).await.unwrap();
        assert_eq!(client["contacts_phones"], json!(["+17135550102"]));
        assert_eq!(client["primary_contact"]["phones"], json!(["+17135550102"]));
        assert_eq!(app.client_of("phone", "+17135550101").await, None);
        assert_eq!(app.client_of("phone", "+17135550102").await, Some(ana.id.cast()));
        let second = create(app, "contacts", json!({"client_id": ana.id, "name": {"raw_name": "Bo"}})).await;
        let client = read(app, "clients", ana.id).await.unwrap();
        assert_eq!(client["contacts_names"], json!(["Ana Ruiz", "Bo"]));
        assert_eq!(client["contacts"][1]["_id"], json!(second.id));

        // Seen from the client.
        merge(app, "clients", ana.id, json!({"primary_contact": {"_id": second.id, "name": {"raw_name": "Bo Li"}}})).await.unwrap();
        assert_eq!(read(app, "contacts", second.id).await.unwrap()["name"]["raw_name"], "Bo Li");
        patch(app, "clients", ana.id, json!([{"op": "remove", "path": "/contacts/1"}])).await.unwrap();
        assert_eq!(wrong(read(app, "contacts", second.id).await).0, "not_found");
        delete(app, "contacts", contact, false).await.unwrap();
        let client = read(app, "clients", ana.id).await.unwrap();
        assert_eq!((client.get("contacts"), client.get("contacts_phones")), (None, None));
        assert_eq!(app.client_of("phone", "+17135550102").await, None);
    }

    async fn a_number_two_clients_have_is_a_suggestion(app) {
        let first = ana(app, "+17135550101").await;
        let second = ana(app, "+17135550101").await;
        let all = app.all::<Client>().await;
        let second = all.iter().find(|client| client.id == second.id.cast()).unwrap();
        assert!(second.extra.merge_suggestions.iter().all(|one| one.client == first.id.cast()));
        assert!(!second.extra.merge_suggestions.is_empty());
        assert_eq!(app.client_of("phone", "+17135550101").await, Some(first.id.cast()));
    }

    async fn whoever_comes_by_another_door_has_contacts_too(app) {
        let body = json!({"name": "Ana Ruiz", "phone": "+17135550101", "location": "houston"});
        app.post("/v1/leads").json(&body).send().await.expect(201);
        let client = app.all::<Client>().await.pop().unwrap();
        let contact = client.doc.contacts[0]._id.unwrap();
        assert_eq!(read(app, "contacts", contact).await.unwrap()["client_id"], json!(client.id));
        let body = json!({"name": "Ana Ruiz", "phone": "+17135550101", "email": "ana@example.com", "location": "berlin"});
        app.post("/v1/leads").json(&body).send().await.expect(201);
        assert_eq!(read(app, "contacts", contact).await.unwrap()["emails"], json!(["ana@example.com"]));
    }

    async fn a_contact_that_came_by_another_door_is_changed_in_its_client(app) {
        let body = json!({"name": "Ana Ruiz", "phone": "+17135550101", "location": "houston"});
        app.post("/v1/leads").json(&body).send().await.expect(201);
        let id = app.all::<Client>().await.pop().unwrap().id;
        for number in ["+17135550102", "+17135550103"] {
            let change = json!([{"op": "replace", "path": "/contacts/0/phones", "value": [number]}]);
            patch(app, "clients", id.cast(), change).await.unwrap();
            let client = read(app, "clients", id.cast()).await.unwrap();
            assert_eq!((&client["contacts_phones"], &client["primary_contact"]["phones"]), (&json!([number]), &json!([number])));
        }
    }

    async fn a_lead_of_nobody_is_a_lead(app) {
        let lead = create(app, "saleleads", json!({"location": "houston", "inquiry": "A red one"})).await;
        let typed = app.all::<SaleLead>().await.pop().unwrap();
        assert_eq!((typed.doc.status_name(), typed.extra.number > 0), ("new", true));
        app.work().await;
        app.get("/v1/leads").send().await.expect(200);
        app.get(&format!("/v1/leads/L-{}", typed.extra.number)).send().await.expect(200);
        let change = LeadChange { name: Some("Ana Ruiz".into()), phone: Some("+17135550101".into()), ..LeadChange::default() };
        app.crm().lead_change(&app.caller(), Ref::Id(lead.id.cast()), change).await.unwrap();
        let typed = app.all::<SaleLead>().await.pop().unwrap();
        assert_eq!(app.client_of("phone", "+17135550101").await, typed.doc.client_id);
        assert_eq!((typed.extra.name.as_str(), typed.extra.phone.as_deref()), ("Ana Ruiz", Some("+17135550101")));
    }

    async fn a_lead_counts_for_its_agent_and_is_followed(app) {
        let ana = ana(app, "+17135550101").await;
        let user = app.crm().config(app.dealer).await.unwrap().users[0].id;
        let lead = json!({"client_id": ana.id, "location": "houston", "current_assigned": {"to": user}});
        let lead = create(app, "saleleads", lead).await;
        assert_eq!(app.jobs_waiting().await, 2, "the house looks at it, and cleans up once a day");
        let quiet = create(app, "saleleads", json!({"client_id": ana.id, "custom": {"imported": true}})).await;
        assert_eq!(app.jobs_waiting().await, 2);
        app.work().await;
        let client = read(app, "clients", ana.id).await.unwrap();
        assert_eq!(client["computed"]["client_number_of_sale_leads"], 2);
        delete(app, "saleleads", lead.id, false).await.unwrap();
        delete(app, "saleleads", quiet.id, false).await.unwrap();
        let client = read(app, "clients", ana.id).await.unwrap();
        assert_eq!(client["computed"]["client_number_of_sale_leads"], 0);
    }

    async fn a_vin_belongs_to_one_unsold_car(app) {
        let car = |status: &str| json!({"vin": "1hgcm82633a004352", "status": {"status": status}});
        let first = create(app, "cars", car("available")).await;
        assert_eq!(first.doc["vin"], "1HGCM82633A004352");
        assert_eq!(wrong(try_create(app, &app.caller(), "cars", car("available")).await).0, "duplicate_vin");
        create(app, "cars", car("sold")).await;
        merge(app, "cars", first.id, json!({"status": {"status": "sold"}})).await.unwrap();
        create(app, "cars", car("available")).await;
        for _ in 0..2 {
            create(app, "cars", json!({"vin": "string"})).await;
        }
    }
}
