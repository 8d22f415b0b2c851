//! Chat messages of other providers created as documents, and the sessions they stand in.

use forecourt_crm::Config;
use forecourt_record::{
    Attempt, ChatMessage, ChatParticipant, ChatSession, Delivery, Direction, Document, Error, Id, Instant, Kind as _,
    LastMessage, Result, event::EventName, gate::Channel,
};
use forecourt_store::{Raw, Tx};
use serde_json::json;

use super::{Carriage, Known, answered, fill, hear, keep, known, of_client, queue, whose};
use crate::{
    message::{event_of, work},
    parcel::address,
};

impl Carriage {
    pub(super) async fn chat(&self, tx: &mut Tx, config: &Config, raw: &mut Raw, record_only: bool) -> Result<()> {
        let message: Document<ChatMessage> = raw.read()?;
        let Some(direction) = message.doc.direction else { return Ok(()) };
        let now = tx.scope().now;
        let at = message.doc.sent_at.unwrap_or(now).min(now);
        let mut session = match message.doc.session_id {
            Some(id) => tx.get_for_update(id).await?,
            None => None,
        };
        let of_session = session.as_ref().map(|session| session.doc.clone()).unwrap_or_default();
        let (from, to) = (message.doc.from.clone(), message.doc.to.clone());
        let (theirs, ours) = match direction {
            Direction::Inbound => (from, to),
            Direction::Outbound => (to, from),
        };
        let theirs = theirs.or(of_session.client_info).unwrap_or_default();
        let ours = ours.or(of_session.dealer_info).unwrap_or_default();
        let Known { recipient, others } = self.participant(tx, config, &theirs).await?;
        if session.is_none() && address(&theirs).is_some() {
            session = Some(self.session(tx, &message, direction, &theirs, &ours, at).await?);
        }
        let (from, to) = match direction {
            Direction::Inbound => (theirs, ours),
            Direction::Outbound => (ours, theirs),
        };
        let user = tx.scope().actor.user().map(|user| user.to_string());
        let is_sent = direction == Direction::Outbound && !record_only;
        let mut doc = ChatMessage {
            from: Some(from).filter(|from| *from != ChatParticipant::default()),
            to: Some(to).filter(|to| *to != ChatParticipant::default()),
            sent_at: Some(at),
            user_id: user.filter(|_| is_sent),
            body: message.doc.body.clone(),
            ..ChatMessage::default()
        };
        if let Some(mut session) = session {
            spoke(&mut session, direction, at, doc.user_id.clone(), self.context.id());
            tx.update(&mut session).await?;
            doc.session_id = Some(session.id);
            doc.provider_id = message.doc.provider_id.or(session.doc.provider_id);
        }
        if is_sent {
            if doc.to.as_ref().and_then(address).is_none() {
                return Err(Error::field("/to", "required", "A message needs whom it goes to, or its session."));
            }
            if doc.body.as_deref().is_none_or(|body| body.trim().is_empty()) {
                return Err(Error::field("/body", "required", "A message needs a text."));
            }
            doc.delivery_status = Some(Delivery::Queued);
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
        if let Some(address) = doc.from.as_ref().and_then(address) {
            hear(tx, config, Channel::Chat, address, doc.body.as_deref(), &recipient).await?;
        }
        answered(tx, recipient.lead.into_iter().chain(others), at).await
    }

    /// The client a participant is: the one named, else the one that has its number or address.
    async fn participant(&self, tx: &mut Tx, config: &Config, who: &ChatParticipant) -> Result<Known> {
        if who.client_id.is_some() {
            return of_client(tx, config, who.client_id, None).await;
        }
        let phone = who.phone.as_deref().map(|phone| ("phone", phone));
        let email = who.email.as_deref().map(|email| ("email", email));
        let keys: Vec<_> = phone.into_iter().chain(email).collect();
        whose(tx, config, &keys, None).await
    }

    /// The session of a person with a provider, held against other writers; made when there is none.
    async fn session(
        &self,
        tx: &mut Tx,
        message: &Document<ChatMessage>,
        direction: Direction,
        theirs: &ChatParticipant,
        ours: &ChatParticipant,
        at: Instant,
    ) -> Result<Document<ChatSession>> {
        let provider = message.doc.provider_id.map(|id| id.to_string()).unwrap_or_default();
        let pair = format!("{provider}|{}|{}", address(ours).unwrap_or_default(), address(theirs).unwrap_or_default());
        let id = self.context.id();
        let holder = tx.key_claim(ChatSession::SPEC.name, "pair", &pair, id).await?;
        if holder != id {
            return tx.require_for_update(holder).await;
        }
        let doc = ChatSession {
            provider_id: message.doc.provider_id,
            client_info: Some(theirs.clone()),
            dealer_info: Some(ours.clone()).filter(|ours| *ours != ChatParticipant::default()),
            direction: Some(direction),
            made_at: Some(at),
            ..ChatSession::default()
        };
        let session = Document::new(id, tx.scope().now, doc, ());
        tx.insert(&session).await?;
        Ok(session)
    }
}

/// Messages come in any order; the newest counts.
fn spoke(session: &mut Document<ChatSession>, direction: Direction, at: Instant, user: Option<String>, part: Id<()>) {
    let doc = &mut session.doc;
    let last = doc.last_message.as_ref().and_then(|last| last.date);
    if last.is_none_or(|last| last <= at) {
        let id = doc.last_message.as_ref().and_then(|last| last._id).or(Some(part));
        doc.last_message = Some(LastMessage { date: Some(at), direction: Some(direction), _id: id });
    }
    doc.users.extend(user.filter(|user| !doc.users.contains(user)));
}
