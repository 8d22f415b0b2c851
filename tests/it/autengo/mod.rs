//! Autengo v3, `/v3`: the stock as partners see it.

mod auth;
mod contact;
mod dealers;
mod opportunity;
mod vehicle;

use forecourt_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use crate::walcu;

/// A percent-encoded text.
pub fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~[]=&".contains(byte);
    let one = |byte: u8| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

/// The list that a query string, not encoded yet, asks for.
pub async fn list(app: &TestApp, query: &str) -> Answer {
    app.get(&format!("/v3/vehicle?{}", encoded(query))).send().await
}

/// The stock numbers of the vehicles of a list, in its order.
pub fn shown(list: &Value) -> String {
    let names = list["list"].as_array().unwrap().iter().map(|one| one["internalId"].as_str().unwrap_or("-"));
    names.collect::<Vec<_>>().join(" ")
}

/// What the vehicle with this stock number is offered under.
pub async fn named(app: &TestApp, stock_number: &str) -> String {
    let page = list(app, "").await.expect(200);
    let one = page["list"].as_array().unwrap().iter().find(|one| one["internalId"] == stock_number).unwrap().clone();
    one["sellingId"].as_str().unwrap().to_owned()
}

/// Adds a car under a stock number, described as a Walcu document.
pub async fn add(app: &TestApp, stock_number: &str, mut car: Value) -> String {
    car["stock_number"] = json!(stock_number);
    if car["location"].is_null() {
        car["location"] = json!("berlin");
    }
    walcu::created(app, "cars", car).await
}

/// Four cars, a minute apart: A an Audi, F a Ford, C a Citroën that is sold, V a van that is hardly described.
pub async fn four(app: &TestApp) {
    for (name, car) in [
        (
            "A",
            json!({
                "make": "Audi", "model": "A4", "version": "2.0 TDI quattro", "year": 2017, "month": 5, "mileage": 48000,
                "fuel": "diesel", "transmission": "automatic", "color": "blau", "body_style": "Kombi", "doors": 5,
                "seats": 5, "power": 140, "engine_size": 1968, "type": "used", "vin": "WAUZZZF45HA000001",
                "description": "Sehr gepflegt", "equipment": [{"description": "Panoramadach"}],
                "prices": {"retail": {"current_price": {"price": 24990.5}}},
                "custom": {"listing": {
                    "driveType": "all", "climatisationType": "automaticClimateControl2", "interiorType": "fullLeather",
                    "interiorColorId": 3, "previousOwnerCount": 1, "isDamaged": false, "pollutionBadge": 4,
                    "trimLine": "S line", "cylinders": 4, "constructionDate": "2017-03",
                }},
            }),
        ),
        (
            "F",
            json!({
                "make": "Ford", "model": "Focus", "version": "1.0 EcoBoost Titanium", "year": 2019, "mileage": 25000,
                "fuel": "Benzin", "transmission": "manual", "color": "red", "body_style": "Limousine", "type": "demo",
                "prices": {"retail": {"current_price": {"price": 15000}}},
                "custom": {"listing": {"driveType": "front", "isDamaged": true, "previousOwnerCount": 2}},
            }),
        ),
        (
            "C",
            json!({
                "make": "Citroën", "model": "C3", "year": 2021, "mileage": 9000, "fuel": "electric", "color": "white",
                "status": {"status": "sold"}, "prices": {"retail": {"current_price": {"price": 13444}}},
            }),
        ),
        ("V", json!({"make": "Veilmobile", "model": "X"})),
    ] {
        add(app, name, car).await;
        app.clock.advance(std::time::Duration::from_mins(1));
    }
}
