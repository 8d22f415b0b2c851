//! `PATCH /v1/vehicles/{id}`.

use std::time::Duration;

use forecourt_record::{Car, Role, event::EventName};
use forecourt_testkit::{As, both};
use http::Method;
use serde_json::json;

use crate::altum::{list, vehicles::add, without};

both! {
    async fn price_status_and_miles_change(app) {
        add(app, json!({"miles": 100})).await;
        app.clock.advance(Duration::from_mins(1));
        let changed = json!({"price": 36900, "status": "reserved", "miles": 120});
        let car = app.patch("/v1/vehicles/V-1").json(&changed).send().await.expect(200);
        for (member, value) in changed.as_object().unwrap() {
            assert_eq!(car[member], *value, "{member}");
        }
        assert_eq!(car["updatedAt"], "2026-11-21T18:01:00.000Z");
        assert_eq!(list(app, "/v1/vehicles?status=reserved").await["data"][0], car);
        assert_eq!(list(app, "/v1/vehicles?status=available").await["total"], 0);
    }

    async fn every_price_it_ever_had_is_kept(app) {
        add(app, json!({})).await;
        for price in [json!(37000), json!(37000), json!(36500.50)] {
            app.clock.advance(Duration::from_hours(1));
            app.patch("/v1/vehicles/V-1").json(&json!({"price": price})).send().await.expect(200);
        }
        let car = list(app, "/v1/vehicles").await["data"][0].clone();
        assert_eq!(car["price"], 36500.5);
        assert_eq!(
            car["priceHistory"],
            json!([
                {"price": 38500, "since": "2026-11-21T18:00:00.000Z"},
                {"price": 37000, "since": "2026-11-21T19:00:00.000Z"},
            ])
        );
        let changes = app.events().await;
        assert_eq!(changes.iter().filter(|event| event.name == EventName::CarPriceChanged).count(), 2);
    }

    async fn null_empties_what_may_be_empty(app) {
        let full = json!({
            "version": "GT", "miles": 5, "vin": "WVWZZZ1JZ3W386752", "fuel": "petrol",
            "transmission": "manual", "color": "Red", "stockNumber": "S1", "licensePlate": "P1",
            "description": "D",
        });
        add(app, full.clone()).await;
        for member in full.as_object().unwrap().keys() {
            let car = app.patch("/v1/vehicles/V-1").json(&json!({member: null})).send().await.expect(200);
            assert_eq!(car[member], json!(null), "{member}");
        }
        for member in ["make", "model", "year", "price", "location", "status", "images"] {
            let answer = app.patch("/v1/vehicles/V-1").json(&json!({member: null})).send().await;
            assert_eq!(answer.problem(422), "invalid");
            assert_eq!(answer.pointers(), [format!("/{member}")]);
        }
        // Its VIN is free again.
        add(app, json!({"vin": "WVWZZZ1JZ3W386752"})).await;
    }

    async fn nothing_given_is_nothing_changed(app) {
        let before = add(app, json!({"miles": 100})).await;
        app.clock.advance(Duration::from_mins(1));
        for same in [
            json!({}),
            json!({"price": 38500}),
            json!({"status": "available"}),
            without(
                before.clone(),
                &[
                    "id",
                    "priceHistory",
                    "createdAt",
                    "updatedAt",
                    "version",
                    "vin",
                    "fuel",
                    "transmission",
                    "color",
                    "stockNumber",
                    "licensePlate",
                    "description",
                ],
            ),
        ] {
            let after = app.patch("/v1/vehicles/V-1").json(&same).send().await.expect(200);
            assert_eq!(after, before, "{same}");
        }
        assert_eq!(app.all::<Car>().await[0].version, 0);
    }

    async fn faults_are_named_and_nothing_is_changed(app) {
        add(app, json!({"vin": "WVWZZZ1JZ3W386752"})).await;
        add(app, json!({})).await;
        let before = app.snapshot().await;
        for (change, status, code) in [
            (json!({"vin": "WVWZZZ1JZ3W386752"}), 409, "duplicate_vin"),
            (json!({"vin": "nonsense", "price": 1}), 422, "invalid"),
            (json!({"location": "paris", "price": 1}), 422, "invalid"),
            (json!({"price": "1"}), 422, "invalid"),
            (json!({"prise": 1}), 422, "invalid"),
            (json!({"status": "Sold"}), 422, "invalid"),
        ] {
            let answer = app.patch("/v1/vehicles/V-2").json(&change).send().await;
            assert_eq!(answer.problem(status), code, "{change}");
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn what_is_not_a_vehicle_of_ours_is_not_found(app) {
        add(app, json!({"location": "berlin"})).await;
        for id in ["V-2", "V-0", "V-01", "v-1", "L-1", "1", "V--1"] {
            let answer = app.patch(&format!("/v1/vehicles/{id}")).json(&json!({"price": 1})).send().await;
            assert_eq!(answer.problem(404), "not_found", "{id}");
        }
        for (who, status) in [
            (As::Stranger, 404),
            (As::Role(Role::Sales), 404),
            (As::Role(Role::Bdc), 403),
            (As::Role(Role::Manager), 200),
        ] {
            let answer = app.ask(who, Method::PATCH, "/v1/vehicles/V-1").await.json(&json!({"price": 2})).send().await;
            assert_eq!(answer.status.as_u16(), status, "{who:?}");
        }
    }

    async fn statuses_are_remembered(app) {
        add(app, json!({"status": "incoming"})).await;
        for status in ["available", "reserved", "available", "sold"] {
            app.patch("/v1/vehicles/V-1").json(&json!({"status": status})).send().await.expect(200);
        }
        let car = &app.all::<Car>().await[0];
        assert_eq!(car.doc.status_history.len(), 5);
        let changes = app.events().await;
        assert_eq!(changes.iter().filter(|event| event.name == EventName::CarStatusChanged).count(), 4);
    }
}
