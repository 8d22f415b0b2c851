//! Messages that are created as documents: one that goes out is sent, one that came in opens its conversation.
//!
//! What has happened elsewhere and is only recorded here finds its conversation too, and sends nothing.

mod chat;
mod sms;
mod whatsapp;

use forecourt_crm::{
    Config,
    resource::{Carried, Carrier},
};
use forecourt_query::{Filter, Find};
use forecourt_record::{
    Attempt, ChatMessage, Client, ClientId, Conference, Context, Document, EnrolmentId, Error, Id, Instant, Kind as _,
    LeadId, MessageExtra, Result, SaleLead, Sms, WhatsappMessage,
    gate::{Channel, Purpose},
};
use forecourt_store::{Raw, Tx};
use serde::Serialize;
use serde_json::Value;

use crate::{
    gate::{Facts, Rule, Verdict, Wish},
    inbound::heard_elsewhere,
    message::{Recipient, announce},
    parcel::Parcel,
    wish::{self, Heard},
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
            match message.spec.name {
                name if name == WhatsappMessage::SPEC.name => self.whatsapp(tx, config, message, record_only).await,
                name if name == Sms::SPEC.name => sms::carry(tx, config, message, record_only).await,
                name if name == ChatMessage::SPEC.name => self.chat(tx, config, message, record_only).await,
                name if name == Conference::SPEC.name => call(tx, config, message).await,
                _ => Ok(()),
            }
        })
    }
}

/// A call that is created as a document was made elsewhere: it finds its lead, and nobody is called.
async fn call(tx: &mut Tx, config: &Config, raw: &mut Raw) -> Result<()> {
    let call: Document<Conference> = raw.read()?;
    let Known { recipient, .. } =
        whose(tx, config, &phone_of(call.doc.client_number.as_deref()), call.doc.location.clone()).await?;
    keep(raw, &known(&recipient, Attempt::Sent))
}

/// Whom an address is of, and the leads of that person, the one a message is about first.
pub(crate) struct Known {
    pub recipient: Recipient,
    pub others: Vec<LeadId>,
}

/// Looks for the client that holds one of these keys, the first that is held.
pub(crate) async fn whose(
    tx: &mut Tx,
    config: &Config,
    keys: &[(&str, &str)],
    location: Option<String>,
) -> Result<Known> {
    let held = tx.keys_find::<Client>(Client::SPEC.name, keys).await?;
    let client = keys.iter().find_map(|(field, _)| held.iter().find(|(known, _, _)| known == field));
    let client = client.map(|(_, _, client)| *client);
    of_client(tx, config, client, location).await
}

/// A number as a key.
fn phone_of(number: Option<&str>) -> Vec<(&'static str, &str)> {
    number.into_iter().map(|number| ("phone", number)).collect()
}

/// The client is held, so that neither it nor a lead of it is gone before the message is stored.
async fn of_client(tx: &mut Tx, config: &Config, client: Option<ClientId>, location: Option<String>) -> Result<Known> {
    let there = match client {
        Some(id) => tx.get_for_update(id).await?.map(|client| client.id),
        None => None,
    };
    let Some(id) = there else {
        return Ok(Known {
            recipient: Recipient { lead: None, client: None, location, asked_at: None },
            others: Vec::new(),
        });
    };
    let leads = tx.find::<SaleLead>(&Find::newest(Filter::eq("client_id", id.to_string()), MOST)).await?;
    let pipeline = &config.dealer.doc.pipeline;
    let about = leads.iter().find(|lead| pipeline.is_open(lead.doc.status_name())).or(leads.first());
    let others = leads.iter().map(|lead| lead.id).filter(|id| about.is_none_or(|about| about.id != *id)).collect();
    let location = location.or_else(|| about.and_then(|lead| lead.doc.location.clone()));
    let (lead, asked_at) = (about.map(|lead| lead.id), about.map(|lead| lead.created_at));
    Ok(Known { recipient: Recipient { lead, client: Some(id), location, asked_at }, others })
}

/// Passes the gate and puts down the job that sends a message of a channel without a window.
pub(crate) async fn queue<K: Parcel>(
    tx: &mut Tx,
    config: &Config,
    message: Id<K>,
    doc: &K,
    recipient: &Recipient,
    purpose: Purpose,
    enrolment: Option<EnrolmentId>,
) -> Result<std::result::Result<MessageExtra, Rule>> {
    let contact = K::CONTACT.ok_or_else(|| Error::internal("a channel with a window has a queue of its own"))?;
    let (address, sender, location) = (doc.to(), doc.from(), recipient.location.as_deref());
    let wish = Wish { contact, purpose, client: recipient.client, address, sender, location, reference: None };
    let (due_at, held) = match Facts::load(tx, config, wish).await?.verdict() {
        Verdict::Allow => (tx.scope().now, None),
        Verdict::Hold { until, rule } if K::WAITS => (until, Some(rule.held())),
        Verdict::Hold { rule, .. } | Verdict::Refuse { rule } => return Ok(Err(rule)),
    };
    let known = known(recipient, Attempt::Planned);
    let extra =
        MessageExtra { automatic: enrolment.is_some(), purpose: Some(purpose), enrolment_id: enrolment, held, ..known };
    announce(tx, message, &extra, due_at).await?;
    Ok(Ok(extra))
}

/// What we alone know of a message.
fn known(recipient: &Recipient, attempt: Attempt) -> MessageExtra {
    MessageExtra { lead_id: recipient.lead, client_id: recipient.client, attempt, ..MessageExtra::default() }
}

/// The person has written: the house writes no more by itself, on any of the leads.
pub(crate) async fn answered(tx: &mut Tx, leads: impl Iterator<Item = LeadId>, at: Instant) -> Result<()> {
    for lead in leads.collect::<Vec<_>>() {
        heard_elsewhere(tx, lead, at).await?;
    }
    Ok(())
}

/// A person has written, and may wish something by it.
pub(crate) async fn hear(
    tx: &mut Tx,
    config: &Config,
    channel: Channel,
    address: &str,
    text: Option<&str>,
    from: &Recipient,
) -> Result<()> {
    let (at, text) = (tx.scope().now, text.unwrap_or_default());
    let (client, lead) = (from.client, from.lead);
    wish::hear(tx, config, &Heard { channel, address, text, at, client, lead, is_obeyed: false }).await
}

/// Gives a message the members it does not have, and those that only the server knows.
fn fill(raw: &mut Raw, from: &impl Serialize) -> Result<()> {
    const OURS: [&str; 4] = ["delivery_status", "session_id", "from", "to"];
    let Value::Object(members) = serde_json::to_value(from).map_err(Error::internal)? else { return Ok(()) };
    for (name, value) in members {
        if raw.doc[&name].is_null() || OURS.contains(&name.as_str()) {
            raw.doc[&name] = value;
        }
    }
    Ok(())
}

fn keep(raw: &mut Raw, extra: &MessageExtra) -> Result<()> {
    raw.extra = serde_json::to_value(extra).map_err(Error::internal)?;
    Ok(())
}
