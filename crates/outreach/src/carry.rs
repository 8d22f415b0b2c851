//! Messages that are created as documents: one that goes out is sent, one that came in opens its conversation.
//!
//! What has happened elsewhere and is only recorded here finds its conversation too, and sends nothing.

use forecourt_crm::{
    Config,
    resource::{Carried, Carrier},
};
use forecourt_query::{Filter, Find};
use forecourt_record::{
    Attempt, Client, ClientId, Context, Direction, Document, Error, Instant, Kind as _, MessageExtra, Result, SaleLead,
    TemplateUse, WhatsappMessage, WhatsappSession, event::EventName,
};
use forecourt_store::{Raw, Tx};
use serde_json::{Value, json};

use crate::{
    compose::Composed,
    conversation::{self, Line, Opening, Sender, own_number},
    inbound::{hear_wish, heard_elsewhere},
    message::{Draft, Recipient, announce, event_of, pass},
};

/// Of a client's leads, the newest so many are looked at.
const MOST: i64 = 50;

/// Carries the messages of a server.
pub(crate) struct Carriage {
    pub context: Context,
}

impl Carrier for Carriage {
    fn carry<'a>(&'a self, tx: &'a mut Tx, config: &'a Config, message: &'a mut Raw, record_only: bool) -> Carried<'a> {
        Box::pin(async move {
            if message.spec.name == WhatsappMessage::SPEC.name {
                self.whatsapp(tx, config, message, record_only).await
            } else {
                Ok(())
            }
        })
    }
}

/// Whom a number is, and the leads of that person, the one a message is about first.
struct Known {
    recipient: Recipient,
    others: Vec<forecourt_record::LeadId>,
}

async fn whose(tx: &mut Tx, config: &Config, number: Option<&str>, location: Option<String>) -> Result<Known> {
    let client: Option<ClientId> = match number {
        Some(number) => {
            let held = tx.keys_find::<Client>(Client::SPEC.name, &[("phone", number)]).await?;
            held.first().map(|(_, _, client)| *client)
        }
        None => None,
    };
    let Some(id) = client else {
        return Ok(Known { recipient: Recipient { lead: None, client: None, location }, others: Vec::new() });
    };
    let leads = tx.find::<SaleLead>(&Find::newest(Filter::eq("client_id", id.to_string()), MOST)).await?;
    let pipeline = &config.dealer.doc.pipeline;
    let about = leads.iter().find(|lead| pipeline.is_open(lead.doc.status_name())).or(leads.first());
    let others = leads.iter().map(|lead| lead.id).filter(|id| about.is_none_or(|about| about.id != *id)).collect();
    let location = location.or_else(|| about.and_then(|lead| lead.doc.location.clone()));
    Ok(Known { recipient: Recipient { lead: about.map(|lead| lead.id), client, location }, others })
}

impl Carriage {
    async fn whatsapp(&self, tx: &mut Tx, config: &Config, raw: &mut Raw, record_only: bool) -> Result<()> {
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
        let Known { recipient, .. } = whose(tx, config, to.as_deref(), message.doc.location.clone()).await?;
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
        };
        let passed = pass(tx, &recipient, &line, draft).await?.map_err(|rule| rule.error())?;
        fill(raw, &passed.doc)?;
        raw.extra = serde_json::to_value(&passed.extra).map_err(Error::internal)?;
        announce(tx, message.id, &passed).await
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
        let Known { recipient, others } = whose(tx, config, theirs.as_deref(), doc.location.clone()).await?;
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
        let extra = MessageExtra {
            lead_id: recipient.lead,
            client_id: recipient.client,
            attempt: Attempt::Sent,
            ..MessageExtra::default()
        };
        raw.extra = serde_json::to_value(&extra).map_err(Error::internal)?;
        if direction == Direction::Outbound || record_only {
            return Ok(());
        }
        event_of(tx, message.id, recipient.lead, EventName::MessageReceived, json!({})).await?;
        if let (Some(client), Some(number)) = (recipient.client, &theirs) {
            hear_wish(tx, doc.body.as_deref().unwrap_or_default(), number, client, recipient.lead).await?;
        }
        answered(tx, recipient.lead.into_iter().chain(others), at).await
    }
}

/// The person has written: the house writes no more by itself, on any of the leads.
async fn answered(tx: &mut Tx, leads: impl Iterator<Item = forecourt_record::LeadId>, at: Instant) -> Result<()> {
    for lead in leads.collect::<Vec<_>>() {
        heard_elsewhere(tx, lead, at).await?;
    }
    Ok(())
}

/// Gives a message the members it does not have, and those that only the server knows.
fn fill(raw: &mut Raw, from: &WhatsappMessage) -> Result<()> {
    const OURS: [&str; 4] = ["delivery_status", "session_id", "from", "to"];
    let Value::Object(members) = serde_json::to_value(from).map_err(Error::internal)? else { return Ok(()) };
    for (name, value) in members {
        if raw.doc[&name].is_null() || OURS.contains(&name.as_str()) {
            raw.doc[&name] = value;
        }
    }
    Ok(())
}
