//! TrackDrive's lead API, `/api/v1`: leads that a partner puts on a schedule, or brings to an offer.

mod hostile;
mod leads;
mod make_call;
mod numbers;
mod token;

use std::time::Duration;

use forecourt_crm::access::NewKey;
use forecourt_query::{Filter, Find};
use forecourt_record::{Document, Enrolment, Kind, Right};
use forecourt_store::{Command, Lane, Tx};
use forecourt_testkit::{Answer, Ask, TestApp};
use http::Method;
use serde_json::{Value, json};

pub use crate::dialler::put;

pub const HOUR: Duration = Duration::from_hours(1);
/// The number of the published example, and another one.
pub const NUMBER: &str = "+18004506787";
pub const OTHER: &str = "+17137840258";

/// The tokens of a schedule that waits an hour, calls, and leaves a task at its end, and of an offer.
pub struct Tokens {
    pub schedule: String,
    pub offer: String,
}

pub async fn tokens(app: &TestApp) -> Tokens {
    let end = json!([{"do": "add_task", "description": "The end has come"}]);
    put(app, "welcome", json!({"actions": [{"do": "wait", "hours": 1}, {"do": "dial"}], "at_end": end})).await;
    put(app, "offer", json!({"actions": [{"do": "await_call"}]})).await;
    Tokens {
        schedule: token_of(app, "trackdrive.schedule", "welcome").await,
        offer: token_of(app, "trackdrive.offer", "offer").await,
    }
}

/// A token by the setting that makes it one.
pub async fn token_of(app: &TestApp, setting: &str, schedule: &str) -> String {
    let mut key = NewKey::new("partner", vec![Right::LeadWrite]);
    key.settings.insert(setting.into(), schedule.into());
    app.crm().key_create(&app.caller(), key).await.unwrap().1
}

/// A schedule of this definition, and a token for it.
pub async fn schedule(app: &TestApp, name: &str, definition: Value) -> String {
    put(app, name, definition).await;
    token_of(app, "trackdrive.schedule", name).await
}

pub fn ask(app: &TestApp, operation: &str, token: &str) -> Ask {
    app.anonymous(Method::POST, &format!("/api/v1/{operation}")).key_in_query("lead_token", token)
}

/// Sends a lead by one of the operations of `/leads`.
pub async fn send(app: &TestApp, operation: &str, token: &str, body: &Value) -> Answer {
    ask(app, operation, token).json(body).send().await
}

/// Puts a lead, and gives what is shown of it.
pub async fn put_lead(app: &TestApp, token: &str, body: &Value) -> Value {
    send(app, "leads/create_or_update", token, body).await.expect(200)
}

/// The fields that are wrong, with the code, of a lead that is refused.
pub async fn refused(app: &TestApp, token: &str, body: &Value) -> Value {
    let told = send(app, "leads/create_or_update", token, body).await.expect(422);
    assert_eq!((&told["success"], &told["status"]), (&json!(false), &json!(422)));
    assert!(!told["message"].as_str().unwrap().is_empty());
    told["errors"].clone()
}

struct All<K>(std::marker::PhantomData<fn() -> K>);

impl<K: Kind> Command for All<K> {
    type Output = Vec<Document<K>>;

    async fn run(&self, tx: &mut Tx) -> forecourt_record::Result<Self::Output> {
        tx.find(&Find::newest(Filter::all(), 1_000)).await
    }
}

/// Every document of a kind, newest first.
pub async fn all<K: Kind>(app: &TestApp) -> Vec<Document<K>> {
    let crm = app.crm();
    crm.store.read(crm.house(app.dealer), Lane::Scan, All(std::marker::PhantomData)).await.unwrap()
}

/// The statuses of all enrolments, newest first.
pub async fn statuses(app: &TestApp) -> Vec<&'static str> {
    all::<Enrolment>(app).await.iter().map(|one| one.doc.status.as_str()).collect()
}
