//! `PATCH /v1/leads/{id}`.

use std::time::Duration;

use forecourt_record::{Client, Role, SaleLead};
use forecourt_testkit::{As, both};
use http::Method;
use serde_json::json;

use crate::altum::{bea, change, create, instant, jose, list, patch, phone, read, text, timeline, with};

both! {
    async fn the_published_example_moves_the_lead(app) {
        let id = create(app, jose()).await;
        app.clock.advance(Duration::from_secs(1));
        let lead = change(app, &id, json!({"status": "appointment"})).await;
        assert_eq!(lead["status"], "appointment");
        assert_eq!(lead, read(app, &id).await);
        assert_eq!(instant(&lead["updatedAt"]), app.clock.now());
        assert_eq!(timeline(&lead).last().unwrap(), "status_changed");
    }

    async fn every_status_of_the_pipeline_may_be_set_and_no_other(app) {
        let id = create(app, jose()).await;
        for status in ["contacted", "qualified", "appointment", "no-show", "sold", "lost", "archived", "new"] {
            assert_eq!(change(app, &id, json!({"status": status})).await["status"], status);
            app.work().await;
        }
        for status in ["won", "New", "no_show", "' OR 1=1"] {
            let answer = patch(app, &id, &json!({"status": status})).send().await;
            assert_eq!(answer.problem(422), "invalid");
            assert_eq!(answer.pointers(), ["/status"]);
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            let allowed = "new, contacted, qualified, appointment, no-show, sold, lost, archived";
            assert!(detail.contains(allowed), "{detail}");
        }
        assert_eq!(read(app, &id).await["status"], "new");
    }

    async fn answers_are_scored_again_with_those_that_stand(app) {
        let id = create(app, jose()).await;
        let lead = change(app, &id, json!({"downPayment": 7500})).await;
        assert_eq!((&lead["score"], &lead["filter"]), (&json!(100), &json!("A")));
        let lead = change(app, &id, json!({"creditScore": "none", "tradeIn": false})).await;
        assert_eq!((&lead["score"], &lead["filter"]), (&json!(55), &json!("B")));
        assert_eq!(lead["scoreBreakdown"][0]["points"], 0);
        assert_eq!(lead["downPayment"], 7500);
        assert_eq!(timeline(&lead).iter().filter(|kind| *kind == "scored").count(), 2);
        assert_eq!(list(app, "/v1/leads?filter=B").await["total"], 1);
        assert_eq!(list(app, "/v1/leads?filter=A").await["total"], 0);
    }

    async fn a_change_that_changes_nothing_leaves_no_trace(app) {
        let id = create(app, jose()).await;
        app.work().await;
        let before = read(app, &id).await;
        app.clock.advance(Duration::from_mins(1));
        for same in [
            json!({}),
            json!({"status": "new"}),
            json!({"creditScore": "good"}),
            json!({"name": "Jose Garcia"}),
            json!({"notes": null}),
            json!({"phone": "713 555 0100"}),
            json!({"email": null, "source": null, "vehicleId": null}),
        ] {
            assert_eq!(change(app, &id, same.clone()).await, before, "{same}");
        }
    }

    async fn null_empties_what_may_be_empty(app) {
        let car = json!({"make": "Ford", "model": "F-150", "year": 2022, "price": 38500, "location": "houston"});
        app.post("/v1/vehicles").json(&car).send().await.expect(201);
        let full = json!({
            "email": "jose@example.com", "source": "website", "notes": "Tall", "vehicleId": "V-1",
            "assignedTo": "u_4",
        });
        let id = create(app, with(jose(), full)).await;
        // What is absent stays.
        let lead = change(app, &id, json!({"status": "contacted"})).await;
        assert_eq!((&lead["email"], &lead["notes"]), (&json!("jose@example.com"), &json!("Tall")));
        for member in ["email", "source", "notes", "vehicleId", "assignedTo"] {
            let lead = change(app, &id, json!({member: null})).await;
            assert_eq!(lead[member], json!(null), "{member}");
        }
        for member in [
            "name",
            "phone",
            "creditScore",
            "downPayment",
            "hasBank",
            "idType",
            "tradeIn",
            "location",
            "status",
            "language",
        ] {
            let answer = patch(app, &id, &json!({member: null})).send().await;
            assert_eq!(answer.problem(422), "invalid", "{member}");
            assert_eq!(answer.pointers(), [format!("/{member}")]);
        }
        assert_eq!(app.client_of("email", "jose@example.com").await, None);
    }

    async fn every_fault_is_named_at_once_and_nothing_is_changed(app) {
        let id = create(app, jose()).await;
        let before = app.snapshot().await;
        let wrong = json!({
            "status": "won", "phone": "call me", "email": "no", "location": "paris", "assignedTo": "u_77",
            "vehicleId": "V-77", "notes": "changed",
        });
        let answer = patch(app, &id, &wrong).send().await;
        assert_eq!(answer.problem(422), "invalid");
        let mut pointers = answer.pointers();
        pointers.sort();
        // An e-mail address of two characters is refused by its length, before anything is looked up.
        assert_eq!(pointers, ["/email"]);
        let answer = patch(app, &id, &with(wrong, json!({"email": "nobody@"}))).send().await;
        let mut pointers = answer.pointers();
        pointers.sort();
        assert_eq!(pointers, ["/assignedTo", "/email", "/location", "/phone", "/status", "/vehicleId"]);
        assert_eq!(patch(app, &id, &json!({"name": " \t"})).send().await.pointers(), ["/name"]);
        let unknown = patch(app, &id, &json!({"stauts": "sold"})).send().await;
        assert_eq!(unknown.pointers(), ["/stauts"]);
        assert!(unknown.json()["detail"].as_str().unwrap().contains("status"));
        assert_eq!(app.snapshot().await, before);
    }

    async fn notes_are_one_text_that_is_searched(app) {
        let id = create(app, jose()).await;
        change(app, &id, json!({"notes": "Wants a Thunderbird"})).await;
        assert_eq!(list(app, "/v1/leads?q=thunderbird").await["total"], 1);
        let lead = change(app, &id, json!({"notes": "Wants a Mustang"})).await;
        assert_eq!(lead["notes"], "Wants a Mustang");
        assert_eq!(list(app, "/v1/leads?q=thunderbird").await["total"], 0);
        assert_eq!(list(app, "/v1/leads?q=mustang").await["total"], 1);
        assert_eq!(app.counts().await["notes"], 1);
    }

    async fn the_lead_is_handed_over_and_taken_back(app) {
        let id = create(app, jose()).await;
        for (to, shown) in [(json!("u_2"), json!("u_2")), (json!("u_3"), json!("u_3")), (json!(null), json!(null))] {
            assert_eq!(change(app, &id, json!({"assignedTo": to})).await["assignedTo"], shown);
        }
        let lead = read(app, &id).await;
        let told: Vec<String> = lead["activities"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|activity| activity["type"] == "assigned")
            .map(|activity| text(&activity["text"]))
            .collect();
        assert_eq!(
            told[..3],
            ["Assignment removed", "Assigned to The bdc: handed over", "Assigned to The manager: handed over"]
        );
        let stored = &app.all::<SaleLead>().await[0];
        assert_eq!(stored.doc.assigned.len(), 3);
        assert!(stored.doc.current_assigned.is_none());
    }

    async fn loads_follow_the_owner(app) {
        app.dismiss_agents().await;
        let ana = app.hire("Ana", Role::Sales, &["houston"]).await;
        let ben = app.hire("Ben", Role::Sales, &["houston"]).await;
        let first = create(app, with(jose(), json!({"phone": phone(1), "assignedTo": ana.id}))).await;
        app.clock.advance(Duration::from_secs(1));
        change(app, &first, json!({"assignedTo": ben.id})).await;
        app.clock.advance(Duration::from_secs(1));
        let second = create(app, with(jose(), json!({"phone": phone(2)}))).await;
        assert_eq!(read(app, &second).await["assignedTo"], json!(ana.id));
    }

    async fn a_new_phone_is_who_the_person_is_from_now_on(app) {
        let id = create(app, jose()).await;
        let lead =
            change(app, &id, json!({"phone": "(713) 555-0166", "name": "José García", "email": "jg@example.com"}))
                .await;
        assert_eq!((&lead["phone"], &lead["name"]), (&json!("+17135550166"), &json!("José García")));
        let client = &app.all::<Client>().await[0];
        assert_eq!(client.doc.contacts_phones, ["+17135550166"]);
        assert_eq!(client.doc.contacts_names, ["José García"]);
        assert_eq!(app.client_of("phone", "+17135550100").await, None);
        assert_eq!(app.client_of("phone", "+17135550166").await, Some(client.id));
        assert_eq!(app.client_of("email", "jg@example.com").await, Some(client.id));
        let again =
            app.post("/v1/leads").json(&with(jose(), json!({"phone": "+17135550166"}))).send().await.expect(200);
        assert_eq!(again["id"], json!(id));
        // The old number is somebody else's now.
        create(app, with(jose(), json!({"name": "New Owner"}))).await;
        assert_eq!(app.counts().await["clients"], 2);
        assert_eq!(list(app, "/v1/leads?q=7135550166").await["total"], 1);
    }

    async fn a_phone_of_somebody_else_is_not_stolen(app) {
        let one = create(app, jose()).await;
        create(app, bea()).await;
        let lead = change(app, &one, json!({"phone": "+17135550123"})).await;
        assert_eq!(lead["phone"], "+17135550123");
        let clients = app.all::<Client>().await;
        assert_eq!(clients.len(), 2);
        let bea = clients.iter().find(|client| client.doc.contacts_names == ["Bea Ortiz"]).unwrap();
        assert_eq!(app.client_of("phone", "+17135550123").await, Some(bea.id));
        let jose = clients.iter().find(|client| client.id != bea.id).unwrap();
        assert_eq!(jose.extra.merge_suggestions.len(), 1);
    }

    async fn the_other_leads_of_the_person_show_the_same_person(app) {
        let one = create(app, jose()).await;
        create(app, with(jose(), json!({"location": "berlin"}))).await;
        change(app, &one, json!({"email": "shared@example.com"})).await;
        assert_eq!(list(app, "/v1/leads?q=shared@example.com").await["total"], 2);
    }

    async fn if_match_keeps_two_people_from_overwriting_each_other(app) {
        let id = create(app, jose()).await;
        app.work().await;
        let path = format!("/v1/leads/{id}");
        let etag = app.get(&path).send().await.header("etag").unwrap().to_owned();
        let with_tag = |tag: &str, change| app.patch(&path).header("if-match", tag).json(&change).send();
        let first = with_tag(&etag, json!({"notes": "mine"})).await;
        first.expect(200);
        let second = with_tag(&etag, json!({"notes": "yours"})).await;
        assert_eq!(second.problem(412), "precondition_failed");
        assert_eq!(read(app, &id).await["notes"], "mine");
        let fresh = first.header("etag").unwrap().to_owned();
        with_tag(&fresh, json!({"notes": "yours"})).await.expect(200);
        with_tag("*", json!({"notes": "anybody's"})).await.expect(200);
        for tag in ["\"x\"", "garbage", "", "W/\"1\"", "\"-1\"", "\"99999999999999999999\""] {
            assert_eq!(with_tag(tag, json!({"notes": "no"})).await.problem(412), "precondition_failed", "{tag}");
        }
        assert_eq!(read(app, &id).await["notes"], "anybody's");
    }

    async fn a_user_may_not_move_a_lead_out_of_sight_nor_reach_into_another_domain(app) {
        let houston = create(app, jose()).await;
        let berlin = create(app, with(bea(), json!({"location": "berlin"}))).await;
        let ask = async |id: &str| app.ask(As::Role(Role::Sales), Method::PATCH, &format!("/v1/leads/{id}")).await;
        ask(&berlin).await.json(&json!({"status": "sold"})).send().await.expect(404);
        let answer = ask(&houston).await.json(&json!({"location": "berlin"})).send().await;
        assert_eq!(answer.pointers(), ["/location"]);
        assert!(!answer.json().to_string().contains("Known: houston, berlin"));
        ask(&houston).await.json(&json!({"status": "contacted"})).send().await.expect(200);
    }

    async fn vehicle_language_and_source_change_too(app) {
        for (make, vin) in [("Ford", "1HGCM82633A004352"), ("Seat", "WVWZZZ1JZ3W386752")] {
            let car = json!({"make": make, "model": "M", "year": 2022, "price": 1, "location": "houston", "vin": vin});
            app.post("/v1/vehicles").json(&car).send().await.expect(201);
        }
        let id = create(app, with(jose(), json!({"vehicleId": "V-1"}))).await;
        let lead =
            change(app, &id, json!({"vehicleId": "V-2", "language": "es", "source": "walk-in", "location": "berlin"}))
                .await;
        assert_eq!((&lead["vehicleId"], &lead["language"]), (&json!("V-2"), &json!("es")));
        assert_eq!((&lead["source"], &lead["location"]), (&json!("walk-in"), &json!("berlin")));
        let told = text(&lead["activities"][0]["text"]);
        assert_eq!(told, "Changed: location, source, vehicle, language");
        assert_eq!(app.all::<SaleLead>().await[0].doc.car_list.len(), 1);
    }
}
