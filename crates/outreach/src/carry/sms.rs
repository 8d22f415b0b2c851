//! Text messages created as documents.

use forecourt_crm::Config;
use forecourt_record::{Attempt, Direction, Document, Error, Result, Sms, event::EventName, gate::Channel};
use forecourt_store::{Raw, Tx};
use serde_json::json;

use super::{Known, answered, fill, hear, keep, known, phone_of, queue, whose};
use crate::{
    conversation::own_number,
    message::{event_of, work},
};

pub(super) async fn carry(tx: &mut Tx, config: &Config, raw: &mut Raw, record_only: bool) -> Result<()> {
    let message: Document<Sms> = raw.read()?;
    let Some(direction) = message.doc.direction else { return Ok(()) };
    let theirs = match direction {
        Direction::Inbound => message.doc.from.clone(),
        Direction::Outbound => message.doc.to.clone(),
    };
    let Known { recipient, others } =
        whose(tx, config, &phone_of(theirs.as_deref()), message.doc.location.clone()).await?;
    let mut doc = Sms { location: recipient.location.clone(), ..Sms::default() };
    if direction == Direction::Outbound && !record_only {
        if theirs.is_none() {
            return Err(Error::field("/to", "required", "A message needs the number it goes to."));
        }
        let given = message.doc.body.clone().filter(|body| !body.trim().is_empty());
        let body = given.or_else(|| message.doc.template_name.clone()).or_else(|| message.doc.template_id.clone());
        if body.is_none() {
            return Err(Error::field("/body", "required", "A message needs a text or a template."));
        }
        let from = message.doc.from.clone().or_else(|| own_number(config, recipient.location.as_deref()));
        doc = Sms { from, to: theirs, body, ..doc };
        doc.users.extend(tx.scope().actor.user().map(|user| user.to_string()));
        let purpose = recipient.purpose(false, tx.scope().now);
        let extra =
            queue(tx, config, message.id, &doc, &recipient, purpose, None).await?.map_err(|rule| rule.error())?;
        fill(raw, &doc)?;
        keep(raw, &extra)?;
        return work(tx, config, recipient.lead).await;
    }
    fill(raw, &doc)?;
    keep(raw, &known(&recipient, Attempt::Sent))?;
    if direction == Direction::Outbound || record_only {
        return Ok(());
    }
    event_of(tx, message.id, recipient.lead, EventName::MessageReceived, json!({})).await?;
    let now = tx.scope().now;
    if let Some(address) = &theirs {
        hear(tx, config, Channel::Sms, address, message.doc.body.as_deref(), &recipient).await?;
    }
    answered(tx, recipient.lead.into_iter().chain(others), now).await
}
