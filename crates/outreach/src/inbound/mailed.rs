//! A mail from a person, and a mail of ours that came back.

use std::sync::Arc;

use forecourt_connect::received::{Bounce, Mail};
use forecourt_crm::{Config, suppression::suppress};
use forecourt_query::Filter;
use forecourt_record::{
    Attempt, Direction, Document, Email, EmailMessage, Id, Instant, Kind as _, LeadId, LeadType, MessageExtra, Result,
    event::EventName, gate::Channel,
};
use forecourt_store::Tx;
use serde_json::json;

use crate::{
    carry::{answered, hear, whose},
    message::event,
    outbox::PROVIDER_ID,
};

/// A mail with everything needed to carry it out.
pub(super) struct Mailed {
    pub mail: Mail,
    /// When it was sent, and no later than it was received.
    pub at: Instant,
    pub id: Id<EmailMessage>,
    pub config: Arc<Config>,
}

impl Mailed {
    /// Keeps the mail with the lead it answers, else with the one of whoever has the address; of what nobody knows, only
    /// the wish is heard.
    pub async fn apply(&self, tx: &mut Tx) -> Result<()> {
        let mail = &self.mail;
        let first = tx.key_claim(EmailMessage::SPEC.name, PROVIDER_ID, &mail.provider_id, self.id).await?;
        if first != self.id {
            return Ok(());
        }
        let from = Email::parse(&mail.from).map_or_else(|_| mail.from.to_string(), |from| from.as_str().to_owned());
        let known = whose(tx, &self.config, &[("email", from.as_str())], None).await?;
        let answers = self.answers(tx).await?;
        let (recipient, others) = (known.recipient, known.others);
        let lead = answers.filter(|lead| others.contains(lead)).or(recipient.lead);
        let doc = EmailMessage {
            from: Some(from.clone()),
            to: vec![mail.to.clone()],
            subject: Some(mail.subject.to_string()),
            body: Some(mail.body.to_string()),
            direction: Some(Direction::Inbound),
            made_at: Some(self.at),
            location: recipient.location.clone(),
            lead_id: lead.map(LeadId::cast),
            lead_type: lead.map(|_| LeadType::SaleLead),
            client_id: recipient.client,
            ..EmailMessage::default()
        };
        let extra = MessageExtra {
            lead_id: lead,
            client_id: recipient.client,
            provider_id: Some(mail.provider_id.clone()),
            message_id: Some(mail.provider_id.clone()),
            attempt: Attempt::Sent,
            ..MessageExtra::default()
        };
        let message = Document::new(self.id, tx.scope().now, doc, extra);
        tx.insert(&message).await?;
        event(tx, &message, EventName::MessageReceived, json!({})).await?;
        hear(tx, &self.config, Channel::Email, &from, Some(said(mail)), &recipient).await?;
        answered(tx, recipient.lead.into_iter().chain(others), self.at).await
    }

    /// The lead of the mail that it answers.
    async fn answers(&self, tx: &mut Tx) -> Result<Option<LeadId>> {
        let Some(id) = &self.mail.reply_to else { return Ok(None) };
        let original = tx.find_one::<EmailMessage>(Filter::eq("message_id", id.as_str())).await?;
        Ok(original.and_then(|original| original.extra.lead_id))
    }
}

/// What somebody says in a mail: the lines before those it quotes, or its subject where there are none.
fn said(mail: &Mail) -> &str {
    let text = mail.body.as_str();
    let quoted = if text.starts_with('>') { Some(0) } else { text.find("\n>") };
    let own = text[..quoted.unwrap_or(text.len())].trim();
    // The line that leads over to what is quoted: "On Monday, ... wrote:".
    let own = match own.rsplit_once('\n') {
        Some((before, last)) if quoted.is_some() && last.trim_end().ends_with(':') => before.trim(),
        _ => own,
    };
    if own.is_empty() { mail.subject.trim() } else { own }
}

/// A mail came back: it did not go, and nobody writes to that address any more.
pub(super) async fn returned(tx: &mut Tx, bounce: &Bounce) -> Result<()> {
    let Ok(id) = bounce.reference.parse::<Id<EmailMessage>>() else { return Ok(()) };
    let Some(mut message) = tx.get_for_update(id).await? else { return Ok(()) };
    if message.extra.attempt == Attempt::Failed {
        return Ok(());
    }
    message.extra.attempt = Attempt::Failed;
    tx.update(&mut message).await?;
    if let Some(to) = message.doc.to.first() {
        suppress(tx, Channel::Email, to, "mail to it came back").await?;
    }
    let data = json!({"code": bounce.code, "reason": bounce.detail});
    event(tx, &message, EventName::MessageFailed, data).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_was_not_said() {
        for (subject, body, expected) in [
            ("Re: News", "STOP", "STOP"),
            ("Re: News", "Stop\n\nOn Monday, Demo Motors wrote:\n> Reply STOP to end this.\n", "Stop"),
            ("Re: News", "I like it: red.\nAnd you?\n> quoted", "I like it: red.\nAnd you?"),
            ("unsubscribe", "\n> News", "unsubscribe"),
            ("unsubscribe", " ", "unsubscribe"),
            ("Re: News", "The colours are:\nred", "The colours are:\nred"),
        ] {
            let mail = Mail {
                provider_id: "<1@example.com>".into(),
                from: "ana@example.com".into(),
                to: "sales@example.com".into(),
                subject: subject.into(),
                body: body.into(),
                at: Instant::EPOCH,
                reply_to: None,
            };
            assert_eq!(said(&mail), expected, "{body}");
        }
    }
}
