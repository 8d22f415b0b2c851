//! WhatsApp messages created as documents.

use forecourt_crm::Config;
use forecourt_record::{
    Attempt, Direction, Document, Error, Result, TemplateUse, WhatsappMessage, WhatsappSession, event::EventName,
    gate::Channel,
};
use forecourt_store::{Raw, Tx};
use serde_json::json;

use super::{Carriage, Known, answered, fill, hear, keep, known, phone_of, whose};
use crate::{
    compose::Composed,
    conversation::{self, Line, Opening, Sender, own_number},
    message::{Draft, announce, event_of, pass, work},
};

impl Carriage {
    pub(super) async fn whatsapp(&self, tx: &mut Tx, config: &Config, raw: &mut Raw, record_only: bool) -> Result<()> {
        let message: Document<WhatsappMessage> = raw.read()?;
        let session = match message.doc.session_id {
            Some(id) => tx.get_for_update(id).await?,
            None => None,
        };
        match message.doc.direction {
            Some(Direction::Outbound) if !record_only => self.send(tx, config, raw, &message, session).await,
            Some(direction) => self.record(tx, config, raw, &message, session, direction, record_only).await,
            // Nobody said which way it went: it is kept as it is.
            None => Ok(()),
        }
    }

    /// Queues a message for the provider, through the gate.
    async fn send(
        &self,
        tx: &mut Tx,
        config: &Config,
        raw: &mut Raw,
        message: &Document<WhatsappMessage>,
        session: Option<Document<WhatsappSession>>,
    ) -> Result<()> {
        let session = session.map(|session| session.doc).unwrap_or_default();
        let (from, to) = (message.doc.from.clone(), message.doc.to.clone().or(session.client_number));
        if to.is_none() {
            return Err(Error::field("/to", "required", "A message needs the number it goes to, or its session."));
        }
        let Known { recipient, .. } = whose(tx, config, &phone_of(to.as_deref()), message.doc.location.clone()).await?;
        let named = from.or(session.dealer_number);
        let sender = if named.is_some() { Sender::Named } else { Sender::Any };
        let own = named.or_else(|| own_number(config, recipient.location.as_deref()));
        let line = Line::reaching(tx, own, to, sender).await?;
        let template = message.doc.template_id.clone().map(|name| TemplateUse {
            name,
            language: config.language(recipient.location.as_deref()).to_owned(),
            parameters: Vec::new(),
        });
        let body = message.doc.body.clone().filter(|body| !body.trim().is_empty());
        let Some(body) = body.or_else(|| template.as_ref().map(|template| template.name.clone())) else {
            return Err(Error::field("/body", "required", "A message needs a text or a template."));
        };
        let draft = Draft {
            id: message.id,
            session_id: self.context.id(),
            message: Composed { body, template },
            automatic: false,
            purpose: recipient.purpose(line.is_open(tx.scope().now), tx.scope().now),
            enrolment: None,
        };
        let passed = pass(tx, config, &recipient, &line, draft).await?.map_err(|rule| rule.error())?;
        fill(raw, &passed.doc)?;
        keep(raw, &passed.extra)?;
        announce(tx, message.id, &passed.extra, passed.due_at).await?;
        work(tx, config, recipient.lead).await
    }

    /// Puts a message that was exchanged elsewhere into its conversation.
    #[expect(clippy::too_many_arguments, reason = "a message with what was found of it")]
    async fn record(
        &self,
        tx: &mut Tx,
        config: &Config,
        raw: &mut Raw,
        message: &Document<WhatsappMessage>,
        session: Option<Document<WhatsappSession>>,
        direction: Direction,
        record_only: bool,
    ) -> Result<()> {
        let doc = &message.doc;
        let at = doc.made_at.unwrap_or(tx.scope().now).min(tx.scope().now);
        let ends = match direction {
            Direction::Inbound => (&doc.from, &doc.to),
            Direction::Outbound => (&doc.to, &doc.from),
        };
        let theirs = ends.0.clone().or_else(|| session.as_ref()?.doc.client_number.clone());
        let Known { recipient, others } = whose(tx, config, &phone_of(theirs.as_deref()), doc.location.clone()).await?;
        let ours = ends.1.clone().or_else(|| own_number(config, recipient.location.as_deref()));
        let session = match (session, &theirs, &ours) {
            (Some(session), ..) => Some(session),
            (None, Some(client_number), Some(dealer_number)) => {
                let opening = Opening {
                    id: self.context.id(),
                    dealer_number,
                    client_number,
                    client: recipient.client,
                    location: recipient.location.as_deref(),
                    phone_id: None,
                    direction,
                };
                Some(conversation::open(tx, &opening).await?)
            }
            _ => None,
        };
        let mut filled =
            WhatsappMessage { made_at: Some(at), location: recipient.location.clone(), ..WhatsappMessage::default() };
        if let Some(mut session) = session {
            match direction {
                Direction::Inbound => conversation::heard(&mut session, at),
                Direction::Outbound => conversation::wrote(&mut session, at, doc.user_id.clone(), false),
            }
            tx.update(&mut session).await?;
            filled.session_id = Some(session.id);
        }
        fill(raw, &filled)?;
        keep(raw, &known(&recipient, Attempt::Sent))?;
        if direction == Direction::Outbound || record_only {
            return Ok(());
        }
        event_of(tx, message.id, recipient.lead, EventName::MessageReceived, json!({})).await?;
        if let Some(address) = &theirs {
            hear(tx, config, Channel::Whatsapp, address, doc.body.as_deref(), &recipient).await?;
        }
        answered(tx, recipient.lead.into_iter().chain(others), at).await
    }
}
