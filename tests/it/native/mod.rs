//! Our own API, `/forecourt/v1`.

mod calls;
mod consents;
mod contact_rules;
mod enrolments;
mod rehearsals;
mod schedules;
mod why_not;

use forecourt_testkit::{Answer, TestApp};
use serde_json::{Value, json};

/// A path of the API.
pub fn at(path: &str) -> String {
    format!("/forecourt/v1/{path}")
}

/// Puts a schedule.
pub async fn put(app: &TestApp, name: &str, definition: &Value) -> Answer {
    app.put(&at(&format!("schedules/{name}"))).json(&json!({ "definition": definition })).send().await
}

/// A lead of Houston with this number; its id.
pub async fn lead(app: &TestApp, phone: &str) -> String {
    let lead = json!({"name": "Ana Ruiz", "phone": phone, "location": "houston"});
    app.post("/v1/leads").json(&lead).send().await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// Puts a lead on a schedule.
pub async fn enrol(app: &TestApp, lead: &str, schedule: &str) -> Value {
    let body = json!({"lead": lead, "schedule": schedule});
    app.post(&at("enrolments")).json(&body).send().await.expect(201)
}

/// A schedule that does nothing for a month.
pub fn waits() -> Value {
    json!({"actions": [{"do": "wait", "days": 30}]})
}
