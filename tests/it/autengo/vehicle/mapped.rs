//! A vehicle through the other APIs, and every member of it here.

use forecourt_record::listing::{Form, MEMBERS};
use forecourt_testkit::{TestApp, both};
use serde_json::{Map, Value, json};

use crate::autengo::{add, named};

async fn vehicle(app: &TestApp, stock_number: &str) -> Map<String, Value> {
    let path = format!("/v3/vehicle/{}", named(app, stock_number).await);
    app.get(&path).send().await.expect(200)["vehicle"].as_object().unwrap().clone()
}

/// Compares all 102 members: those expected, and nothing else.
fn assert_all(vehicle: &Map<String, Value>, expected: &Value) {
    assert_eq!(vehicle.len(), 102);
    for member in MEMBERS {
        let none = if member.form == Form::List { json!([]) } else { Value::Null };
        assert_eq!(vehicle[member.name], *expected.get(member.name).unwrap_or(&none), "{}", member.name);
    }
}

fn keyed(key: impl Into<Value>, text: &str) -> Value {
    json!({"key": key.into(), "text": text})
}

both! {
    async fn a_car_of_walcu_has_every_member_its_document_speaks_of(app) {
        let price = |price: f64| json!({"current_price": {"price": price}});
        let mut prices = json!({"retail": price(24990.5), "wholesale": price(21000.0), "export": price(20000.0), "new": price(45000.0)});
        prices["retail"]["current_price"]["vat_substractable"] = json!(true);
        let car = json!({
            "make": "Audi", "model": "A4", "version": "2.0 TDI", "year": 2019, "month": 5, "mileage": 48000, "vin": "WAUZZZF45HA000001",
            "fuel": "plug-in hybrid", "transmission": "Automatik", "color": "Navarrablau Metallic", "body_style": "Kombi",
            "doors": 5, "seats": 4, "power": 140, "engine_size": 1968, "type": "demo", "description": "Sehr gepflegt",
            "weights": {"curb": 1650}, "warranty_months": 12, "co2_emissions": 108, "prices": prices,
            "equipment": [{"description": "Sitzheizung"}], "extras": ["Navi"], "status": {"status": "incoming"},
            "dealer_ad_url": "https://example.org/1", "ad_urls": ["https://example.org/2"],
        });
        add(app, "W-1", car).await;
        let vehicle = vehicle(app, "W-1").await;
        let expected = json!({
            "sellingId": vehicle["sellingId"], "internalId": "W-1", "branchId": 2, "makeName": "Audi", "modelName": "A4",
            "modelVersion": "2.0 TDI", "vehicleState": keyed("incoming", "Im Zulauf"), "description": "Sehr gepflegt",
            "firstRegistration": "2019-05-01", "kilometers": 48000, "vehicleTypeId": keyed(3, "Kombi"),
            "conditionType": keyed("demonstration", "Vorf\u{fc}hrwagen"), "vin": "WAUZZZF45HA000001", "powerKw": 140,
            "cubicCapacity": 1968, "doorCount": 5, "seatCount": 4, "colorId": keyed(7, "Blau"),
            "manufacturerColorName": "Navarrablau Metallic", "isMetallicColor": true,
            "fuelType": keyed("electricGasoline", "Hybrid (Benzin/Elektro)"), "transmissionType": keyed("automatic", "Automatik"),
            "isPluginHybrid": true, "weight": 1650, "created": "2026-11-21 18:00:00", "updated": "2026-11-21 18:00:00",
            "isWarrantyGranted": true, "isNetPrice": true, "dealerPrice": 21000.0, "equipment": ["Sitzheizung", "Navi"],
            "ads": ["https://example.org/1", "https://example.org/2"], "priceExport": 20000.0, "recommendedRetailPrice": 45000.0,
            "priceYard": 24990.5, "co2EmissionCombined": 108,
        });
        assert_all(&vehicle, &expected);
    }

    async fn a_car_of_altum_has_every_member_it_can_say(app) {
        let car = json!({"make": "Ford", "model": "F-150", "year": 2022, "price": 38500, "location": "houston", "miles": 1000,
            "stockNumber": "H-1", "fuel": "gasoline", "transmission": "automatic", "color": "red", "vin": "1FTFW1E51NFA00001"});
        app.post("/v1/vehicles").json(&car).send().await.expect(201);
        let vehicle = vehicle(app, "H-1").await;
        let expected = json!({
            "sellingId": vehicle["sellingId"], "internalId": "H-1", "branchId": 1, "makeName": "Ford", "modelName": "F-150",
            "vehicleState": keyed("inventory", "Im Bestand"), "firstRegistration": "2022-01-01", "kilometers": 1609,
            "vin": "1FTFW1E51NFA00001", "colorId": keyed(5, "Rot"), "manufacturerColorName": "red", "fuelType": keyed("gasoline", "Benzin"),
            "transmissionType": keyed("automatic", "Automatik"), "isPluginHybrid": false, "created": "2026-11-21 18:00:00",
            "updated": "2026-11-21 18:00:00", "dealerPrice": 38500, "priceYard": 38500,
        });
        assert_all(&vehicle, &expected);
    }

    async fn whatever_the_document_has_no_member_for_is_said_by_its_own_name(app) {
        let said = |form: &Form| match form {
            Form::Text => json!("said"),
            Form::Date => json!("2026-01-31"),
            Form::Number => json!(1.5),
            Form::Flag => json!(true),
            Form::List => json!(["one", "two"]),
            Form::Word(words) | Form::OneOf(words) => json!(words[0]),
            Form::Code(last) => json!(last),
        };
        let kept = ["sellingId", "branchId", "created", "updated"];
        let given: Map<String, Value> = MEMBERS
            .iter()
            .filter(|member| !kept.contains(&member.name))
            .map(|member| (member.name.to_owned(), said(&member.form)))
            .collect();
        add(app, "said", json!({"custom": {"listing": given}})).await;
        let page = app.get("/v3/vehicle").send().await.expect(200);
        let vehicle = &page["list"][0];
        for member in MEMBERS.iter().filter(|member| !kept.contains(&member.name)) {
            let shown = match member.form {
                Form::Word(_) | Form::Code(_) => &vehicle[member.name]["key"],
                _ => &vehicle[member.name],
            };
            assert_eq!(*shown, said(&member.form), "{}", member.name);
        }
    }
}
