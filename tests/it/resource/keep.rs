//! What the server keeps when a caller sets something.

use std::time::Duration;

use forecourt_crm::Caller;
use forecourt_record::Actor;
use forecourt_testkit::both;
use serde_json::json;

use super::*;

both! {
    async fn statuses_are_remembered(app) {
        for name in ["saleleads", "appraisalleads", "aftersaleleads", "cars"] {
            let user = app.crm().config(app.dealer).await.unwrap().users[0].id;
            let caller = Caller { actor: Actor::User(user), ..app.caller() };
            let made = try_create(app, &caller, name, json!({"status": {"status": "won"}})).await.unwrap();
            let now = json!(app.clock.now());
            assert_eq!(made.doc["status"]["assigned_at"], now, "{name}");
            assert_eq!(made.doc["status"]["user"], json!(user), "{name}");
            assert!(made.doc["status"]["_id"].is_string(), "{name}");
            assert_eq!(made.doc["status_history"][0]["status"], "won", "{name}");

            app.clock.advance(Duration::from_mins(5));
            let later = json!(app.clock.now());
            let substatus = json!([{"op": "add", "path": "/status/substatus", "value": {"substatus": "paid"}}]);
            let changed = patch(app, name, made.id, substatus).await.unwrap();
            assert_eq!(changed.doc["status"]["assigned_at"], now, "{name}");
            let entry = &changed.doc["status_history"][0];
            assert_eq!(entry["substatus_history"][0]["substatus"], "paid", "{name}");
            assert_eq!(entry["substatus_history"][0]["assigned_at"], later, "{name}");

            let changed = merge(app, name, made.id, json!({"status": {"status": "lost", "substatus": null}})).await.unwrap();
            let history = changed.doc["status_history"].as_array().unwrap();
            assert_eq!((history.len(), &history[1]["status"]), (2, &json!("lost")), "{name}");
            assert_eq!(changed.doc["status"]["assigned_at"], later, "{name}");
            // Left out, a history and a status stay.
            let replaced = replace(app, name, made.id, json!({"custom": "x"})).await.unwrap();
            assert_eq!(replaced.doc["status_history"], changed.doc["status_history"], "{name}");
            assert_eq!(replaced.doc["status"], changed.doc["status"], "{name}");
        }
    }

    async fn whoever_was_assigned_last_is_the_current_one(app) {
        for name in ["saleleads", "appraisalleads", "aftersaleleads"] {
            let made = create(app, name, json!({"assigned": [{"to": "u1"}, {"to": "u2"}]})).await;
            assert_eq!(made.doc["current_assigned"]["to"], "u2", "{name}");
            let changed = merge(app, name, made.id, json!({"current_assigned": {"to": "u3"}})).await.unwrap();
            let assigned = changed.doc["assigned"].as_array().unwrap();
            assert_eq!((assigned.len(), &assigned[2]["to"]), (3, &json!("u3")), "{name}");
            assert_eq!(assigned[2]["by"], "system", "{name}");
            let appended = json!([{"op": "add", "path": "/assigned/-", "value": {"to": "u1"}}]);
            let changed = patch(app, name, made.id, appended).await.unwrap();
            assert_eq!(changed.doc["current_assigned"]["to"], "u1", "{name}");
            assert_eq!(changed.doc["current_assigned"]["at"], json!(app.clock.now()), "{name}");
            let nobody = patch(app, name, made.id, json!([{"op": "remove", "path": "/current_assigned"}])).await.unwrap();
            assert_eq!((&nobody.doc["current_assigned"], &nobody.doc["assigned"]), (&json!(null), &changed.doc["assigned"]));
        }
    }

    async fn prices_are_remembered(app) {
        let price = |price: i64| json!({"prices": {"retail": {"current_price": {"price": price, "currency": "EUR"}}}});
        let made = create(app, "cars", price(20_000)).await;
        assert_eq!(made.doc["prices"]["retail"]["current_price"]["created_at"], json!(app.clock.now()));
        assert_eq!(made.computed["price"], 20_000);
        app.clock.advance(Duration::from_mins(1));
        let changed = merge(app, "cars", made.id, price(19_000)).await.unwrap();
        let retail = &changed.doc["prices"]["retail"];
        assert_eq!(retail["previous_prices"], json!([made.doc["prices"]["retail"]["current_price"]]));
        assert_eq!(retail["current_price"]["created_at"], json!(app.clock.now()));
        let same = merge(app, "cars", made.id, json!({"prices": {"retail": {"current_price": {"price": 19_000.0}}}})).await;
        assert_eq!(same.unwrap().doc["prices"]["retail"]["previous_prices"], retail["previous_prices"]);
    }

    async fn what_is_done_was_done_by_somebody(app) {
        for name in ["tasks", "notes", "dates", "offers", "saleleads", "conferences", "sms"] {
            let made = create(app, name, json!({"notification": {"notify_at": "2026-12-01"}})).await;
            assert_eq!(made.doc["notification"]["notify_at"], "2026-12-01T00:00:00.000Z", "{name}");
            let done = merge(app, name, made.id, json!({"notification": {"done": true}})).await.unwrap();
            assert_eq!(done.doc["notification"]["done_at"], json!(app.clock.now()), "{name}");
            assert_eq!(done.doc["notification"]["done_by"], "system", "{name}");
            let undone = merge(app, name, made.id, json!({"notification": {"done": false}})).await.unwrap();
            assert_eq!(undone.doc["notification"].get("done_at"), None, "{name}");
        }
    }

    async fn a_vehicle_remembers_its_mileage_and_owners(app) {
        let (ana, bo) = (ana(app, "+17135550101").await, ana(app, "+17135550102").await);
        let owner = json!([{"client_id": ana.id, "from_date": "2020-01-01"}]);
        let made = create(app, "clientvehicles", json!({"mileage": 1000, "owner_history": owner})).await;
        assert_eq!(made.doc["declared_mileage_history"][0]["mileage"], 1000);
        let changed = merge(app, "clientvehicles", made.id, json!({"mileage": 2000})).await.unwrap();
        assert_eq!(changed.doc["declared_mileage_history"][1]["mileage"], 2000);
        let next = json!([{"op": "add", "path": "/owner_history/-", "value": {"client_id": bo.id, "from_date": "2024-01-01"}}]);
        let changed = patch(app, "clientvehicles", made.id, next).await.unwrap();
        assert_eq!(changed.doc["owner_history"][0]["to_date"], "2024-01-01T00:00:00.000Z");
        assert_eq!(changed.doc["owner_history"][1].get("to_date"), None);
    }
}
