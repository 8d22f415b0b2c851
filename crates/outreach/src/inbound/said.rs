//! A message from a person: it finds its lead or makes one, opens the window, stops the bot and hands over.

use std::sync::Arc;

use forecourt_connect::received::Message;
use forecourt_crm::{Config, computed, intake, lead};
use forecourt_query::{Filter, Find};
use forecourt_record::{
    Attempt, Client, ClientId, Direction, Document, Instant, Kind as _, LeadId, Media, MessageExtra, MessageId, Phone,
    Result, SaleLead, SessionId, WhatsappMessage, event::EventName, gate::Channel, templates::Template,
};
use forecourt_store::Tx;
use serde_json::json;

use super::orphan;
use crate::{
    conversation::{self, Opening, normal, own_number},
    follow,
    gate::WHATSAPP,
    message::event,
    outbox::PROVIDER_ID,
    schedule,
    wish::{self, Heard},
};

/// Of a client's leads, the newest so many are looked at.
const MOST: i64 = 50;

/// A message with everything needed to carry it out.
pub(super) struct Said {
    pub message: Message,
    pub phone: Phone,
    /// When it was sent, and no later than it was received.
    pub at: Instant,
    /// It is a wish that was obeyed when it came in.
    pub is_obeyed: bool,
    /// What it is taken in as when nobody knows the person.
    pub enquiry: intake::Receive,
    pub config: Arc<Config>,
    pub message_id: MessageId,
    pub session_id: SessionId,
}

impl Said {
    pub async fn apply(&self, tx: &mut Tx) -> Result<()> {
        let provider_id = self.message.provider_id.as_str();
        let first = tx.key_claim(WhatsappMessage::SPEC.name, PROVIDER_ID, provider_id, self.message_id).await?;
        if first != self.message_id {
            return Ok(());
        }
        let (mut lead, others) = self.leads(tx).await?;
        let client = lead.doc.client_id.ok_or_else(|| orphan("a lead"))?;
        let message = self.keep(tx, &lead, client).await?;
        event(tx, &message, EventName::MessageReceived, json!({})).await?;
        let heard = Heard {
            channel: Channel::Whatsapp,
            address: self.phone.as_str(),
            text: &self.message.body,
            at: self.at,
            client: Some(client),
            lead: Some(lead.id),
            is_obeyed: self.is_obeyed,
        };
        wish::hear(tx, &self.config, &heard).await?;

        let before = lead.doc.clone();
        let now = tx.scope().now;
        if hear(&mut lead, self.at) {
            lead::event(tx, lead.id, EventName::LeadAnswered, json!({})).await?;
        }
        lead.extra.last_activity_at = Some(now);
        if lead.doc.owner().is_none() {
            lead::assign_now(tx, &self.config, &mut lead).await?;
        }
        lead::store(tx, &self.config, &before, &mut lead).await?;
        follow::plan(tx, &self.config, &lead).await?;
        schedule::answered(tx, lead.id, self.at).await?;
        for id in others {
            heard_elsewhere(tx, id, self.at).await?;
        }
        Ok(())
    }

    /// The lead it belongs to, held against other writers: the person's newest open one, else the newest, else a new
    /// one. And the person's others.
    async fn leads(&self, tx: &mut Tx) -> Result<(Document<SaleLead>, Vec<LeadId>)> {
        let known = tx.keys_find::<Client>(Client::SPEC.name, &[("phone", self.phone.as_str())]).await?;
        if let Some((_, _, client)) = known.first() {
            let of_client = Find::newest(Filter::eq("client_id", client.to_string()), MOST);
            let leads = tx.find::<SaleLead>(&of_client).await?;
            let pipeline = &self.config.dealer.doc.pipeline;
            let open = leads.iter().find(|lead| pipeline.is_open(lead.doc.status_name()));
            if let Some(id) = open.or(leads.first()).map(|lead| lead.id) {
                let others = leads.iter().map(|lead| lead.id).filter(|other| *other != id).collect();
                computed::hold_client_of(tx, id).await?;
                return Ok((tx.require_for_update(id).await?, others));
            }
        }
        let received = Box::pin(self.enquiry.receive(tx)).await?;
        Ok((tx.require_for_update(received.lead).await?, Vec::new()))
    }

    /// Stores the message, in the session whose window it opens.
    async fn keep(
        &self,
        tx: &mut Tx,
        lead: &Document<SaleLead>,
        client: ClientId,
    ) -> Result<Document<WhatsappMessage>> {
        let location = lead.doc.location.as_deref();
        let theirs = self.message.to_number.as_deref().map(normal);
        let dealer_number = theirs.or_else(|| own_number(&self.config, location));
        let session_id = match &dealer_number {
            Some(dealer_number) => {
                let opening = Opening {
                    id: self.session_id,
                    dealer_number,
                    client_number: self.phone.as_str(),
                    client: Some(client),
                    location,
                    phone_id: self.message.phone_number_id.as_deref(),
                    direction: Direction::Inbound,
                };
                let mut session = conversation::open(tx, &opening).await?;
                conversation::heard(&mut session, self.at);
                tx.update(&mut session).await?;
                Some(session.id)
            }
            None => None,
        };
        let media = self.message.media.iter().map(|media| Media {
            // Fetched from the provider by its id when somebody looks at it.
            url: Some(format!("{WHATSAPP}:{}", media.id)),
            content_type: Some(media.content_type.clone()).filter(|kind| !kind.is_empty()),
            ..Media::default()
        });
        let doc = WhatsappMessage {
            body: Some(self.message.body.to_string()),
            from: Some(self.phone.as_str().to_owned()),
            to: dealer_number,
            direction: Some(Direction::Inbound),
            session_id,
            made_at: Some(self.at),
            media: media.collect(),
            location: lead.doc.location.clone(),
            ..WhatsappMessage::default()
        };
        let extra = MessageExtra {
            lead_id: Some(lead.id),
            client_id: Some(client),
            provider_id: Some(self.message.provider_id.clone()),
            attempt: Attempt::Sent,
            ..MessageExtra::default()
        };
        let message = Document::new(self.message_id, tx.scope().now, doc, extra);
        tx.insert(&message).await?;
        Ok(message)
    }
}

/// The person has answered, also on this lead: the bot keeps still.
pub(crate) async fn heard_elsewhere(tx: &mut Tx, id: LeadId, at: Instant) -> Result<()> {
    computed::hold_client_of(tx, id).await?;
    let Some(mut lead) = tx.get_for_update::<SaleLead>(id).await? else { return Ok(()) };
    if hear(&mut lead, at) {
        lead::event(tx, lead.id, EventName::LeadAnswered, json!({})).await?;
    }
    tx.update(&mut lead).await?;
    schedule::answered(tx, id, at).await
}

/// The person wrote: the bot keeps still from now on. Says whether it was the first time.
fn hear(lead: &mut Document<SaleLead>, at: Instant) -> bool {
    lead.extra.templates_due.retain(|template| !matches!(template, Template::Created | Template::Reengagement));
    let is_first = lead.extra.answered_at.is_none();
    lead.extra.answered_at.get_or_insert(at);
    is_first
}

#[cfg(test)]
mod tests {
    use forecourt_record::{Id, SaleLeadExtra};

    use super::*;

    #[test]
    fn the_first_message_stops_the_bot_and_keeps_what_a_status_asks_for() {
        let at = Instant::from_millis;
        let extra = SaleLeadExtra {
            templates_due: vec![Template::Created, Template::Appointment, Template::Reengagement],
            ..SaleLeadExtra::default()
        };
        let mut lead = Document::new(Id::from_bytes([1; 12]), at(0), SaleLead::default(), extra);
        assert!(hear(&mut lead, at(50)));
        assert!(!hear(&mut lead, at(40)));
        assert_eq!(lead.extra.templates_due, [Template::Appointment]);
        assert_eq!(lead.extra.answered_at, Some(at(50)));
    }
}
