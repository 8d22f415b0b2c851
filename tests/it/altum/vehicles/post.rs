//! `POST /v1/vehicles`.

use forecourt_record::{Car, Role};
use forecourt_testkit::{As, both};
use http::Method;
use serde_json::json;

use crate::altum::{list, text, with, without};

use super::{add, ford};

both! {
    async fn the_documented_example_is_added(app) {
        let example = with(ford(), json!({"miles": 21000}));
        let answer = app.post("/v1/vehicles").json(&example).send().await;
        let body = answer.expect(201);
        assert_eq!(answer.header("location"), Some("/v1/vehicles/V-1"));
        for (member, value) in [
            ("id", json!("V-1")),
            ("make", json!("Ford")),
            ("model", json!("F-150")),
            ("year", json!(2022)),
            ("price", json!(38500)),
            ("miles", json!(21000)),
            ("location", json!("houston")),
            ("status", json!("available")),
            ("vin", json!(null)),
            ("images", json!([])),
            ("priceHistory", json!([])),
            ("createdAt", json!("2026-11-21T18:00:00.000Z")),
        ] {
            assert_eq!(body[member], value, "{member}");
        }
        assert_eq!(list(app, "/v1/vehicles").await["data"][0], body);
        // Kept in kilometres, as every dialect reads it.
        assert_eq!(app.all::<Car>().await[0].doc.mileage, Some(33796.into()));
    }

    async fn every_member_is_kept(app) {
        let full = json!({
            "version": "Lariat 5.0", "miles": 0, "status": "incoming", "vin": "1FTFW1E50NFA00001", "fuel": "petrol",
            "transmission": "automatic", "color": "Stone Grey", "stockNumber": "S-9", "licensePlate": "TX 123",
            "description": "As new.\nOne owner.", "images": ["https://cdn.example/1.jpg", "https://cdn.example/2.jpg"],
        });
        let answer = app.post("/v1/vehicles").json(&with(ford(), full.clone())).send().await;
        let body = if answer.status == 422 {
            // That VIN's check digit is made up: one that holds.
            add(app, with(full.clone(), json!({"vin": "1HGCM82633A004352"}))).await
        } else {
            answer.expect(201)
        };
        for (member, value) in full.as_object().unwrap().iter().filter(|(member, _)| *member != "vin") {
            assert_eq!(body[member], *value, "{member}");
        }
    }

    async fn what_is_required_and_what_is_wrong_is_said_at_once(app) {
        for (body, pointers) in [
            (json!({}), &["/location", "/make", "/model", "/price", "/year"][..]),
            (without(ford(), &["price", "location"]), &["/location", "/price"]),
            (with(ford(), json!({"year": 1884})), &["/year"]),
            (with(ford(), json!({"year": 2101, "price": -1, "miles": -1})), &["/miles", "/price", "/year"]),
            (with(ford(), json!({"year": "2022", "price": "38500"})), &["/price", "/year"]),
            (with(ford(), json!({"year": 2022.5})), &["/year"]),
            (with(ford(), json!({"status": "gone"})), &["/status"]),
            (with(ford(), json!({"location": "paris"})), &["/location"]),
            (with(ford(), json!({"vin": "short", "location": "paris"})), &["/location", "/vin"]),
            (with(ford(), json!({"images": "https://cdn.example"})), &["/images"]),
            (with(ford(), json!({"images": vec!["x"; 101]})), &["/images"]),
            (with(ford(), json!({"modell": "x"})), &["/modell"]),
            (with(ford(), json!({"make": ""})), &["/make"]),
        ] {
            let answer = app.post("/v1/vehicles").json(&body).send().await;
            assert_eq!(answer.problem(422), "invalid", "{body}");
            let mut found = answer.pointers();
            found.sort();
            assert_eq!(found, pointers, "{body}");
        }
        assert_eq!(app.counts().await["cars"], 0);
    }

    async fn a_vin_is_checked_as_its_maker_writes_it(app) {
        for (vin, good) in [
            ("1HGCM82633A004352", true),
            // Lower case and dashes are writing.
            ("1m8gd-m9ax-kp042788", true),
            // European: no check digit.
            ("WVWZZZ1JZ3W386752", true),
            ("1HGCM82643A004352", false),
            ("WVWZZZ1JZ3W38675", false),
            ("WVWZZZ1JZ3W3867521", false),
            ("WVWZZZ1JZ3W38675O", false),
            ("IVWZZZ1JZ3W386752", false),
            ("QVWZZZ1JZ3W386752", false),
        ] {
            let answer = app.post("/v1/vehicles").json(&with(ford(), json!({"vin": vin}))).send().await;
            if good {
                let kept = vin.to_uppercase().replace('-', "");
                assert_eq!(answer.expect(201)["vin"], kept);
            } else {
                assert_eq!(answer.problem(422), "invalid", "{vin}");
                assert_eq!(answer.pointers(), ["/vin"]);
            }
        }
    }

    async fn a_vin_belongs_to_one_unsold_vehicle(app) {
        let vin = json!({"vin": "WVWZZZ1JZ3W386752"});
        add(app, vin.clone()).await;
        let answer = app.post("/v1/vehicles").json(&with(ford(), json!({"vin": "wvwzzz1jz3w386752"}))).send().await;
        assert_eq!(answer.problem(409), "duplicate_vin");
        assert!(answer.json()["detail"].as_str().unwrap().contains("V-1"));
        assert_eq!(app.counts().await["cars"], 1);
        app.patch("/v1/vehicles/V-1").json(&json!({"status": "sold"})).send().await.expect(200);
        let second = text(&add(app, vin.clone()).await["id"]);
        // The sold one cannot come back while its VIN is on another.
        let answer = app.patch("/v1/vehicles/V-1").json(&json!({"status": "available"})).send().await;
        assert_eq!(answer.problem(409), "duplicate_vin");
        // Sold ones may share it: the same car comes and goes.
        app.patch(&format!("/v1/vehicles/{second}")).json(&json!({"status": "sold"})).send().await.expect(200);
        add(app, with(vin, json!({"status": "sold"}))).await;
    }

    async fn a_vin_is_unique_to_the_dealer_not_to_the_server(app) {
        add(app, json!({"vin": "WVWZZZ1JZ3W386752"})).await;
        let stranger = app.ask(As::Stranger, Method::POST, "/v1/vehicles").await;
        let body = stranger.json(&with(ford(), json!({"vin": "WVWZZZ1JZ3W386752"}))).send().await;
        // The stranger has no location: refused for that alone.
        assert_eq!(body.pointers(), ["/location"]);
    }

    async fn a_user_adds_to_their_own_locations(app) {
        let ask =
            async |body| app.ask(As::Role(Role::Sales), Method::POST, "/v1/vehicles").await.json(&body).send().await;
        ask(ford()).await.expect(201);
        assert_eq!(ask(with(ford(), json!({"location": "berlin"}))).await.pointers(), ["/location"]);
    }

    async fn simultaneous_additions_of_one_vin_leave_one(app) {
        let body = with(ford(), json!({"vin": "WVWZZZ1JZ3W386752"}));
        let asks = (0..50).map(|_| app.post("/v1/vehicles").json(&body).send());
        let answers = futures::future::join_all(asks).await;
        let added = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(added, 1);
        assert!(answers.iter().all(|answer| matches!(answer.status.as_u16(), 201 | 409)));
        assert_eq!(app.counts().await["cars"], 1);
    }
}
