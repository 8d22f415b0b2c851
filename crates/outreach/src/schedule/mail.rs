//! Mails as steps of a schedule.

use forecourt_crm::Config;
use forecourt_record::{
    Direction, Document, Email, EmailMessage, Enrolment, Id, LeadType, Result, SaleLead,
    gate::{Channel, Purpose},
    schedule::{LONGEST_MAIL, LONGEST_SUBJECT, Texts},
};
use forecourt_store::Tx;

use super::step::{Done, begun, refused};
use crate::{
    carry, compose,
    conversation::{mailed_at, own_address},
    message::Recipient,
};

/// What is mailed.
pub(super) struct Letter<'a> {
    pub subject: &'a Texts,
    pub text: &'a Texts,
    pub from: Option<&'a Email>,
}

/// Puts a mail into the outbox, if the gate allows that. The caller holds the lead and the enrolment, and stores the
/// enrolment.
pub(super) async fn mail(
    tx: &mut Tx,
    config: &Config,
    lead: &Document<SaleLead>,
    enrolment: &mut Document<Enrolment>,
    (id, purpose): (Id<EmailMessage>, Purpose),
    letter: &Letter<'_>,
) -> Result<Done> {
    let fill = |texts, longest| compose::scheduled(config, lead, &enrolment.doc.tokens, texts, longest);
    let to = enrolment.doc.email.clone().or_else(|| mailed_at(lead).map(str::to_owned));
    let now = tx.scope().now;
    let doc = EmailMessage {
        from: own_address(config, letter.from),
        to: to.into_iter().collect(),
        // One line, whatever a token holds: what follows would be read as another header.
        subject: Some(fill(letter.subject, LONGEST_SUBJECT).split(char::is_control).collect::<Vec<_>>().join(" ")),
        body: Some(fill(letter.text, LONGEST_MAIL)),
        direction: Some(Direction::Outbound),
        made_at: Some(now),
        location: lead.doc.location.clone(),
        lead_id: Some(lead.id.cast()),
        lead_type: Some(LeadType::SaleLead),
        client_id: lead.doc.client_id,
        ..EmailMessage::default()
    };
    match carry::queue(tx, config, id, &doc, &Recipient::of(lead), purpose, Some(enrolment.id)).await? {
        Ok(mut extra) => {
            let domain = doc.from.as_deref().and_then(|from| from.rsplit_once('@')).map_or("", |(_, domain)| domain);
            extra.message_id = Some(format!("<{id}@{domain}>"));
            let message = Document::new(id, now, doc, extra);
            tx.insert(&message).await?;
            Ok(begun(enrolment, Channel::Email, &message))
        }
        Err(rule) => refused(tx, enrolment, Channel::Email, &rule).await,
    }
}
