//! Cloud API webhook envelopes, as a provider would post them. Also for tests and the demo, which play a customer.

use forecourt_record::Instant;
use serde_json::{Value, json};

use super::digits;

/// The dealer's number an envelope is about.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// E.164 with `+`.
    pub number: &'a str,
    /// The provider's id of that number: what the receiver routes by.
    pub phone_number_id: &'a str,
}

/// A text that a person says.
#[derive(Clone, Copy)]
pub struct Said<'a> {
    pub id: &'a str,
    /// E.164 with `+`.
    pub from: &'a str,
    pub name: &'a str,
    pub body: &'a str,
    pub at: Instant,
    pub reply_to: Option<&'a str>,
}

/// A status of one of our messages.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    pub id: &'a str,
    /// `sent`, `delivered`, `read` or `failed`.
    pub status: &'a str,
    /// E.164 with `+`.
    pub recipient: &'a str,
    /// Our own reference, handed back.
    pub reference: Option<&'a str>,
    pub at: Instant,
    /// Code and sentence, when it failed.
    pub error: Option<(u32, &'a str)>,
}

impl Envelope<'_> {
    /// The raw body of a webhook with one text message.
    pub fn text(&self, said: &Said<'_>) -> Vec<u8> {
        let from = digits(said.from);
        let mut message = json!({
            "from": from,
            "id": said.id,
            "timestamp": seconds(said.at),
            "type": "text",
            "text": {"body": said.body},
        });
        if let Some(id) = said.reply_to {
            message["context"] = json!({"from": digits(self.number), "id": id});
        }
        self.wrap(json!({
            "contacts": [{"profile": {"name": said.name}, "wa_id": from}],
            "messages": [message],
        }))
    }

    /// The raw body of a webhook with one status.
    pub fn status(&self, told: &Told<'_>) -> Vec<u8> {
        let mut status = json!({
            "id": told.id,
            "status": told.status,
            "timestamp": seconds(told.at),
            "recipient_id": digits(told.recipient),
        });
        if let Some(reference) = told.reference {
            status["biz_opaque_callback_data"] = json!(reference);
        }
        if let Some((code, title)) = told.error {
            status["errors"] =
                json!([{"code": code, "title": title, "message": title, "error_data": {"details": title}}]);
        }
        self.wrap(json!({"statuses": [status]}))
    }

    fn wrap(&self, parts: Value) -> Vec<u8> {
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": digits(self.number), "phone_number_id": self.phone_number_id},
        });
        if let (Value::Object(value), Value::Object(parts)) = (&mut value, parts) {
            value.extend(parts);
        }
        json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": "sandbox", "changes": [{"field": "messages", "value": value}]}],
        })
        .to_string()
        .into_bytes()
    }
}

/// Epoch seconds as text, the way the Cloud API writes every instant.
fn seconds(at: Instant) -> String {
    at.millis().div_euclid(1000).to_string()
}
