//! Playing the provider and the people on the other end of WhatsApp.

use forecourt_connect::sandbox::{Envelope, Said, Told};
use forecourt_record::Instant;

use crate::{Answer, Ask, TestApp};

/// The number the test's dealer writes from.
pub const DEALER_NUMBER: &str = "+17135550199";

const ENVELOPE: Envelope<'static> = Envelope { number: DEALER_NUMBER, phone_number_id: "17135550199" };

/// The webhook of a text that somebody wrote.
pub fn text(id: &str, from: &str, name: &str, body: &str, at: Instant) -> Vec<u8> {
    ENVELOPE.text(&Said { id, from, name, body, at, reply_to: None })
}

/// The webhook of a status of one of our messages; `reference` is our own id of it, in plain hex.
pub fn status(id: &str, status: &str, recipient: &str, reference: Option<&str>, at: Instant) -> Vec<u8> {
    let error = (status == "failed").then_some((131_026, "Message undeliverable"));
    ENVELOPE.status(&Told { id, status, recipient, reference, at, error })
}

impl TestApp {
    /// A webhook about to be delivered, with the dealer's secret.
    pub fn webhook(&self, body: Vec<u8>) -> Ask {
        let secret = self.webhook_secret().to_owned();
        self.anonymous(http::Method::POST, "/v1/whatsapp/webhook")
            .header("x-forecourt-webhook-secret", &secret)
            .raw("application/json", body)
    }

    /// Somebody writes to the dealer, now, and it is carried out.
    ///
    /// # Panics
    /// When the webhook is not taken.
    pub async fn says(&self, from: &str, body: &str) -> Answer {
        let id = format!("wamid.test.{}", self.crm().context.id::<()>());
        let answer = self.webhook(text(&id, from, "Ana Ruiz", body, self.clock.now())).send().await;
        answer.expect(200);
        self.work().await;
        answer
    }
}
