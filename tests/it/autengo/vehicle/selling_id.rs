//! `GET /v3/vehicle/{sellingId}`.

use forecourt_record::listing::MEMBERS;
use forecourt_testkit::both;
use serde_json::{Value, json};

use crate::autengo::{add, four, named};

both! {
    async fn it_has_every_member(app) {
        four(app).await;
        let (full, bare) = (named(app, "A").await, named(app, "V").await);
        let vehicle = app.get(&format!("/v3/vehicle/{full}")).send().await.expect(200)["vehicle"].clone();
        let names: Vec<&String> = vehicle.as_object().unwrap().keys().collect();
        assert_eq!(names, MEMBERS.iter().map(|member| member.name).collect::<Vec<_>>());
        for (name, expected) in [
            ("sellingId", json!(full)),
            ("internalId", json!("A")),
            ("branchId", json!(2)),
            ("makeName", json!("Audi")),
            ("modelName", json!("A4")),
            ("modelVersion", json!("2.0 TDI quattro")),
            ("firstRegistration", json!("2017-05-01")),
            ("kilometers", json!(48000)),
            ("vehicleTypeId", json!({"key": 3, "text": "Kombi"})),
            ("colorId", json!({"key": 7, "text": "Blau"})),
            ("interiorColorId", json!({"key": 3, "text": "Beige"})),
            ("driveType", json!({"key": "all", "text": "Allradantrieb"})),
            ("climatisationType", json!({"key": "automaticClimateControl2", "text": "Auto, 2 Zonen"})),
            ("isDamaged", json!(false)),
            ("hadAccidentDamage", Value::Null),
            ("dealerPrice", json!(24990.5)),
            ("equipment", json!(["Panoramadach"])),
            ("damages", json!([])),
            ("created", json!("2026-11-21 18:00:00")),
            ("updated", json!("2026-11-21 18:00:00")),
        ] {
            assert_eq!(vehicle[name], expected, "{name}");
        }
        let vehicle = app.get(&format!("/v3/vehicle/{bare}")).send().await.expect(200)["vehicle"].clone();
        assert_eq!(vehicle.as_object().unwrap().len(), 102);
        assert_eq!((&vehicle["driveType"], &vehicle["dealerPrice"], &vehicle["ads"]), (&Value::Null, &Value::Null, &json!([])));
    }

    async fn it_speaks_the_language_asked_for(app) {
        four(app).await;
        let path = format!("/v3/vehicle/{}", named(app, "F").await);
        for (header, language, fuel) in [
            (None, "de", "Benzin"),
            (Some("en"), "en", "Petrol"),
            (Some("fr, en-GB;q=0.5, de;q=0.4"), "en", "Petrol"),
            (Some("fr"), "de", "Benzin"),
        ] {
            let ask = app.get(&path);
            let ask = match header {
                Some(header) => ask.header("accept-language", header),
                None => ask,
            };
            let answer = ask.send().await;
            assert_eq!(answer.expect(200)["vehicle"]["fuelType"], json!({"key": "gasoline", "text": fuel}));
            assert_eq!(answer.header("content-language"), Some(language));
            let varies = answer.headers.get_all("vary").iter().any(|value| value.to_str().unwrap().contains("accept-language"));
            assert!(varies, "{:?}", answer.headers);
        }
    }

    async fn it_stays_and_is_unlike_any_other(app) {
        let id = add(app, "A", json!({"make": "Audi", "model": "A4"})).await;
        let before = named(app, "A").await;
        assert_eq!(before.len(), 6);
        assert!(before.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()), "{before}");
        let patch = json!([{"op": "replace", "path": "/model", "value": "A6"}]);
        app.patch(&format!("/dealers/{}/cars/{id}", app.dealer)).json(&patch).send().await.expect(200);
        assert_eq!(named(app, "A").await, before);
        add(app, "B", json!({"make": "Audi", "model": "A4"})).await;
        assert_ne!(named(app, "B").await, before);
        app.delete(&format!("/dealers/{}/cars/{id}", app.dealer)).send().await.expect(200);
        assert_eq!(app.get(&format!("/v3/vehicle/{before}")).send().await.problem(404), "not_found");
    }

    async fn nothing_else_is_there(app) {
        for name in ["ZZZZZZ", "V-1", "%00", "%ff", "a%20b", &"X".repeat(300)] {
            let answer = app.get(&format!("/v3/vehicle/{name}")).send().await;
            assert_eq!(answer.problem(404), "not_found", "{name}");
        }
    }
}
