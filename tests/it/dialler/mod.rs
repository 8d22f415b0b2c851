//! The dialler's lead API, `/lead`: leads that a call centre calls.

mod hostile;
mod lead;

use std::time::Duration;

use forecourt_crm::{access::NewKey, schedule::NewSchedule};
use forecourt_record::{DiallerType, Right};
use forecourt_testkit::{Answer, TestApp};
use http::Method;
use serde_json::{Value, json};

/// Three types: two of the group `sales`, one without a group; all lead to a schedule that calls, and one to a schedule
/// that writes.
pub async fn types(app: &TestApp) {
    put(app, "calls", json!({"actions": [{"do": "dial"}]})).await;
    put(
        app,
        "writes",
        json!({"actions": [{"do": "sms", "text": {"en": "We call you, [first_name]."}}, {"do": "dial"}]}),
    )
    .await;
    for (name, schedule, group) in
        [("motor-trade", "calls", "sales"), ("finance", "writes", "sales"), ("service", "calls", "")]
    {
        let kind = DiallerType {
            name: name.into(),
            schedule: schedule.into(),
            call_group: group.into(),
            origin: format!("partner of {name}"),
            location: Some("houston".into()),
            active: true,
        };
        app.crm().lead_type_put(&app.caller(), kind).await.unwrap();
    }
}

pub async fn put(app: &TestApp, name: &str, definition: Value) {
    let definition = serde_json::from_value(definition).unwrap();
    let new = NewSchedule { name: name.into(), description: None, active: Some(true), definition };
    app.crm().schedule_put(&app.caller(), new).await.unwrap();
}

/// A key that is for these types only.
pub async fn key_of(app: &TestApp, types: &str) -> String {
    let mut key = NewKey::new("partner", vec![Right::LeadWrite]);
    key.settings.insert("dialler.types".into(), types.into());
    app.crm().key_create(&app.caller(), key).await.unwrap().1
}

pub fn john(kind: &str) -> Value {
    json!({
        "first_name": "John", "surname": "Doe", "mobile": "(713) 784-0258", "email": "john.doe@example.com", "type": kind,
        "subtype": "valeter", "data": "{\"vehicle_make\":\"Ford\",\"addresss\":\"123 Greenacre Road\"}",
    })
}

pub async fn add(app: &TestApp, body: &Value) -> Answer {
    app.post("/lead/add").json(body).send().await
}

pub async fn cancel(app: &TestApp, kind: &str) -> Value {
    let body = json!({"mobile": "+17137840258", "type": kind});
    app.post("/lead/cancel").json(&body).send().await.expect(200)
}

pub fn processed() -> Value {
    json!({"saved": true, "processed": true})
}

pub fn unprocessed(error: &str) -> Value {
    json!({"saved": true, "processed": false, "error": error})
}

/// With another key, or none.
pub async fn keyed(app: &TestApp, path: &str, key: &str, body: &Value) -> Answer {
    app.anonymous(Method::POST, path).key_in_query("key", key).json(body).send().await
}

pub const MINUTE: Duration = Duration::from_mins(1);
