//! One person is one client; the very same enquiry is one lead.

use std::time::Duration;

use forecourt_record::{Client, SaleLead};
use forecourt_testkit::both;
use serde_json::json;

use crate::altum::{bea, change, create, jose, just_before, phone, read, rex, timeline, with};

const HOUR: Duration = Duration::from_hours(1);

both! {
    async fn the_very_same_enquiry_is_the_same_lead(app) {
        let id = create(app, jose()).await;
        for written in ["+17135550100", "713-555-0100", "(713) 555 0100", "1.713.555.0100"] {
            let answer = app.post("/v1/leads").json(&with(jose(), json!({"phone": written}))).send().await;
            assert_eq!(answer.expect(200), json!({"id": id, "score": 82, "filter": "A", "duplicate": true}));
            assert_eq!(answer.header("location"), Some(format!("/v1/leads/{id}").as_str()));
        }
        let counts = app.counts().await;
        assert_eq!((counts["clients"], counts["leads"]), (1, 1));
        let repeated = timeline(&read(app, &id).await).iter().filter(|kind| *kind == "repeated").count();
        assert_eq!(repeated, 4);
    }

    async fn the_duplicate_answers_what_the_lead_is_worth_now(app) {
        let id = create(app, jose()).await;
        change(app, &id, json!({"creditScore": "none", "tradeIn": false})).await;
        let again = app.post("/v1/leads").json(&jose()).send().await.expect(200);
        assert_eq!(again, json!({"id": id, "score": 37, "filter": "Reject", "duplicate": true}));
    }

    async fn the_window_ends_to_the_millisecond(app) {
        let id = create(app, jose()).await;
        app.clock.advance(just_before(24 * HOUR));
        let again = app.post("/v1/leads").json(&jose()).send().await.expect(200);
        assert_eq!(again["id"], json!(id));
        app.clock.advance(Duration::from_millis(1));
        let fresh = app.post("/v1/leads").json(&jose()).send().await.expect(201);
        assert_ne!(fresh["id"], json!(id));
        assert_eq!(app.counts().await["clients"], 1);
    }

    async fn the_window_is_the_dealers_own(app) {
        app.crm().dealer_change(&app.caller(), |dealer| dealer.duplicate_window_minutes = 5).await.unwrap();
        create(app, jose()).await;
        app.clock.advance(Duration::from_mins(5));
        create(app, jose()).await;
    }

    async fn another_location_or_vehicle_is_another_enquiry(app) {
        let car = json!({"make": "Ford", "model": "F-150", "year": 2022, "price": 38500, "location": "houston"});
        app.post("/v1/vehicles").json(&car).send().await.expect(201);
        create(app, jose()).await;
        create(app, with(jose(), json!({"location": "berlin"}))).await;
        create(app, with(jose(), json!({"vehicleId": "V-1"}))).await;
        let counts = app.counts().await;
        assert_eq!((counts["clients"], counts["leads"]), (1, 3));
        // Each of them has its own repetition.
        let again = app.post("/v1/leads").json(&with(jose(), json!({"vehicleId": "V-1"}))).send().await.expect(200);
        assert_eq!(again["id"], "L-1002");
        let client = &app.all::<Client>().await[0];
        assert_eq!(client.computed.client_number_of_sale_leads, Some(3));
    }

    async fn a_closed_lead_does_not_swallow_a_new_enquiry(app) {
        for (at, status) in ["sold", "lost", "archived"].iter().enumerate() {
            let lead = with(jose(), json!({"phone": phone(at)}));
            let id = create(app, lead.clone()).await;
            change(app, &id, json!({"status": status})).await;
            let fresh = app.post("/v1/leads").json(&lead).send().await.expect(201);
            assert_ne!(fresh["id"], json!(id), "{status}");
        }
    }

    async fn a_rejected_enquiry_repeated_is_still_the_same(app) {
        let id = create(app, rex()).await;
        let again = app.post("/v1/leads").json(&rex()).send().await.expect(200);
        assert_eq!((&again["id"], &again["duplicate"]), (&json!(id), &json!(true)));
    }

    async fn a_known_person_gets_a_new_lead_on_the_same_client(app) {
        create(app, jose()).await;
        app.clock.advance(25 * HOUR);
        create(app, with(jose(), json!({"email": "jose@example.com"}))).await;
        app.clock.advance(25 * HOUR);
        // Known by the e-mail address alone now, under a new number.
        create(app, with(jose(), json!({"phone": "+17135550177", "email": "JOSE@example.com"}))).await;
        app.clock.advance(25 * HOUR);
        create(app, with(jose(), json!({"phone": "713 555 0177"}))).await;
        let clients = app.all::<Client>().await;
        assert_eq!(clients.len(), 1);
        assert_eq!(clients[0].computed.client_number_of_sale_leads, Some(4));
        assert_eq!(clients[0].doc.contacts_phones, ["+17135550100", "+17135550177"]);
        let leads = app.all::<SaleLead>().await;
        assert!(leads.iter().all(|lead| lead.doc.client_id == Some(clients[0].id)));
        app.pass(72 * HOUR).await;
    }

    async fn another_name_under_the_same_number_is_a_further_contact(app) {
        create(app, jose()).await;
        app.clock.advance(25 * HOUR);
        let maria = create(app, with(jose(), json!({"name": "Maria Garcia"}))).await;
        assert_eq!(read(app, &maria).await["name"], "Maria Garcia");
        let clients = app.all::<Client>().await;
        assert_eq!(clients.len(), 1);
        assert_eq!(clients[0].doc.contacts.len(), 2);
    }

    async fn two_known_people_are_never_merged_silently(app) {
        create(app, with(jose(), json!({"email": "jose@example.com"}))).await;
        create(app, with(bea(), json!({"email": "bea@example.com"}))).await;
        // The phone of one and the address of the other: the phone decides, the rest is a suggestion.
        app.clock.advance(25 * HOUR);
        create(app, with(jose(), json!({"email": "bea@example.com"}))).await;
        let clients = app.all::<Client>().await;
        assert_eq!(clients.len(), 2);
        let jose =
            clients.iter().find(|client| client.doc.contacts_phones.contains(&"+17135550100".to_owned())).unwrap();
        assert_eq!(jose.computed.client_number_of_sale_leads, Some(2));
        assert_eq!(jose.extra.merge_suggestions.len(), 1);
        assert_ne!(jose.extra.merge_suggestions[0].client, jose.id);
    }

    async fn another_dealers_person_is_nobody_here(app) {
        create(app, jose()).await;
        let theirs = app.ask(forecourt_testkit::As::Stranger, http::Method::POST, "/v1/leads").await;
        let body = json!({"name": "Jose Garcia", "phone": "+17135550100"});
        theirs.json(&body).send().await.expect(201);
        assert_eq!(app.counts().await["clients"], 1);
    }
}
