//! Contact through the whole server: what people wish, whatever is under way.

mod entering;
mod gate;
mod hooks;
mod mail;
mod stop;
mod wishes;

use forecourt_connect::Found;
use forecourt_record::{
    Result,
    gate::{Gap, Rules},
};
use forecourt_store::{Command, Lane, Tx};
use forecourt_testkit::TestApp;
use http::StatusCode;
use serde_json::json;

/// The house writes to nobody by itself, and two contacts with a number are so many seconds apart at least.
pub async fn quiet(app: &TestApp, gap: u32) {
    let rules = Rules { gap: Gap { seconds: gap, ..Gap::default() }, ..Rules::default() };
    let caller = app.caller();
    let change = app.crm().dealer_change(&caller, move |dealer| {
        dealer.bot.enabled = false;
        dealer.contact_rules = Some(rules.clone());
    });
    change.await.unwrap();
}

/// Somebody writes a text message to the dealer.
pub async fn texts(app: &TestApp, from: &str, words: &str) {
    let message = json!({"direction": "inbound", "from": from, "body": words});
    app.post(&format!("/dealers/{}/sms", app.dealer)).json(&message).send().await.expect(200);
}

/// Somebody writes by WhatsApp; nobody has carried it out yet.
pub async fn writes(app: &TestApp, id: &str, from: &str, words: &str) {
    let body = forecourt_testkit::chat::text(id, from, "Ana Ruiz", words, app.clock.now());
    let answer = app.webhook(body).send().await;
    assert_eq!(answer.status, StatusCode::OK, "{words}");
}

/// Whether the provider was handed a message.
pub async fn has_gone(app: &TestApp, reference: &str) -> bool {
    matches!(app.app.outreach.chat.find(reference).await, Found::Sent { .. })
}

struct Suppressed(&'static str, String);

impl Command for Suppressed {
    type Output = Option<String>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        tx.suppressed(self.0, &self.1).await
    }
}

/// Why an address is not contacted on a channel.
pub async fn suppressed(app: &TestApp, channel: &'static str, address: &str) -> Option<String> {
    let scope = app.crm().house(app.dealer);
    app.crm().store.read(scope, Lane::Quick, Suppressed(channel, address.to_owned())).await.unwrap()
}
