//! `/v1/vehicles`.

mod get;
mod id;
mod post;

use forecourt_testkit::TestApp;
use serde_json::{Value, json};

use super::with;

/// A car like any other, in Houston.
fn ford() -> Value {
    json!({"make": "Ford", "model": "F-150", "year": 2022, "price": 38500, "location": "houston"})
}

/// Adds a car; the car as it is then.
async fn add(app: &TestApp, change: Value) -> Value {
    app.post("/v1/vehicles").json(&with(ford(), change)).send().await.expect(201)
}
