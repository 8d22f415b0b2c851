//! Altum Drive, `/v1`: each operation by its behaviour, through the whole server.

mod analytics;
mod auth;
mod leads;
mod limit;
mod vehicles;
mod whatsapp;

use std::time::Duration;

use forecourt_record::Instant;
use forecourt_testkit::{Ask, TestApp};
use serde_json::{Value, json};

/// The published example of a new lead: 82 points, A.
pub fn jose() -> Value {
    json!({
        "name": "Jose Garcia",
        "phone": "+17135550100",
        "creditScore": "good",
        "downPayment": 2000,
        "hasBank": true,
        "idType": "license",
        "tradeIn": true,
        "location": "houston",
    })
}

/// Somebody of the middle band: 40 points, B, at nobody's hands.
pub fn bea() -> Value {
    json!({
        "name": "Bea Ortiz",
        "phone": "+17135550123",
        "creditScore": "poor",
        "hasBank": true,
        "idType": "license",
        "location": "houston",
    })
}

/// Somebody who is turned down: 0 points.
pub fn rex() -> Value {
    json!({"name": "Rex Low", "phone": "+17135550145", "creditScore": "none", "location": "houston"})
}

/// A phone number of Houston: each `at` its own.
pub fn phone(at: usize) -> String {
    format!("+1713{:07}", 2_000_000 + at)
}

/// An object with some members changed or added.
pub fn with(mut object: Value, change: Value) -> Value {
    let (Value::Object(members), Value::Object(change)) = (&mut object, change) else {
        panic!("both are objects");
    };
    members.extend(change);
    object
}

/// An object without some members.
pub fn without(mut object: Value, names: &[&str]) -> Value {
    for name in names {
        object.as_object_mut().expect("an object").remove(*name);
    }
    object
}

/// Creates a lead; its id.
pub async fn create(app: &TestApp, lead: Value) -> String {
    let created = app.post("/v1/leads").json(&lead).send().await.expect(201);
    created["id"].as_str().expect("a lead has an id").to_owned()
}

/// The lead as it is now.
pub async fn read(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/v1/leads/{id}")).send().await.expect(200)
}

/// A change of a lead about to be sent.
pub fn patch(app: &TestApp, id: &str, change: &Value) -> Ask {
    app.patch(&format!("/v1/leads/{id}")).json(change)
}

/// Changes a lead; the lead as it is then.
pub async fn change(app: &TestApp, id: &str, change: Value) -> Value {
    patch(app, id, &change).send().await.expect(200)
}

/// The page that a path answers.
pub async fn list(app: &TestApp, path: &str) -> Value {
    app.get(path).send().await.expect(200)
}

/// The last moment at which a time has not passed yet.
pub fn just_before(time: Duration) -> Duration {
    time.saturating_sub(Duration::from_millis(1))
}

/// One member of every item of a page.
pub fn each(page: &Value, member: &str) -> Vec<String> {
    let items = page["data"].as_array().expect("a page has data");
    items.iter().map(|item| text(&item[member])).collect()
}

/// A JSON value as a plain text.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// An instant of a body.
pub fn instant(value: &Value) -> Instant {
    value.as_str().expect("an instant").parse().expect("an instant")
}

/// The types of a lead's activities, oldest first.
pub fn timeline(lead: &Value) -> Vec<String> {
    let activities = lead["activities"].as_array().expect("a lead has activities");
    activities.iter().rev().map(|activity| text(&activity["type"])).collect()
}

/// `direction status` of each message, oldest first.
pub fn conversation(lead: &Value) -> Vec<String> {
    let messages = lead["messages"].as_array().expect("a lead has messages");
    messages.iter().map(|message| format!("{} {}", text(&message["direction"]), text(&message["status"]))).collect()
}
