//! Messages to and from a lead: queued in one transaction with all that follows, and read as a thread.

use std::{sync::Arc, time::Duration};

use forecourt_crm::{
    Caller, Config, Ref, Sight,
    intake::RequestKey,
    lead::{self, LeadView, require_visible, require_visible_for_update},
};
use forecourt_query::{Direction as Order, Filter, Find, Op};
use forecourt_record::{
    Attempt, ClientId, Delivery, Direction, Document, EnrolmentId, Error, Held, Id, Instant, LeadId, MessageExtra,
    MessageId, Result, SaleLead, SessionId, WhatsappMessage,
    event::{Event, EventName},
    gate::Purpose,
};
use forecourt_store::{Command, Lane, NewJob, Shaped, Tx};
use serde_json::json;

use crate::{
    Outreach,
    compose::{Composed, compose},
    conversation::{self, Line, Opening},
    follow,
    gate::{Contact, Facts, Rule, Verdict, Wish},
    parcel::Parcel,
};

/// What somebody wants to send.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NewMessage {
    /// Free text, at most 4,096 characters; only while the person's 24-hour window is open.
    Text(String),
    /// A template the provider has approved.
    Template {
        name: String,
        /// A language tag as the provider knows it: `es`, `en_US`.
        language: String,
        parameters: Vec<String>,
    },
}

/// A page of the messages with a lead.
#[derive(Clone, Debug)]
pub struct Thread {
    pub lead: Document<SaleLead>,
    /// When the window closes, or closed, in which free text may be sent; none when the person never wrote.
    pub window_expires_at: Option<Instant>,
    /// Oldest first.
    pub messages: Vec<Document<WhatsappMessage>>,
    /// Where the page of older messages begins, when there are older ones.
    pub before: Option<MessageId>,
}

impl Outreach {
    /// Queues a message to a lead. It is delivered by a job, through the gate once more.
    ///
    /// Errors, with nothing queued: `NotFound`; `Invalid` in `body` or `template`; `WhatsappWindowClosed`,
    /// `Suppressed`, `NoPhone`, and `Conflict` when the dealer has no number; `IdempotencyKeyReused`.
    pub async fn message_send(
        &self,
        caller: &Caller,
        lead: Ref<SaleLead>,
        message: NewMessage,
        request: Option<RequestKey>,
    ) -> Result<Document<WhatsappMessage>> {
        let command = Send {
            caller: caller.clone(),
            config: self.crm.config(caller.dealer).await?,
            lead,
            message,
            request,
            message_id: self.crm.context.id(),
            session_id: self.crm.context.id(),
        };
        self.crm.write(self.crm.scope(caller), command).await
    }

    /// The newest `limit` messages with a lead, or those before a message of it.
    ///
    /// Errors: `NotFound`; `Invalid` in `before` when it names no message of this lead.
    pub async fn thread(
        &self,
        caller: &Caller,
        lead: Ref<SaleLead>,
        before: Option<MessageId>,
        limit: i64,
    ) -> Result<Thread> {
        let config = self.crm.config(caller.dealer).await?;
        let read = Read { sight: caller.sight.clone(), config, lead, before, limit };
        self.crm.store.read(self.crm.scope(caller), Lane::Quick, read).await
    }

    /// A lead with its history, and, when the next step is to write to the person, which rule would stop that now; put
    /// into `shape` where it was read.
    ///
    /// Errors: `NotFound`.
    pub async fn lead_read<T: std::marker::Send + 'static>(
        &self,
        caller: &Caller,
        lead: Ref<SaleLead>,
        shape: impl Fn(LeadView, Option<Rule>) -> T + std::marker::Send + Sync + 'static,
    ) -> Result<T> {
        let command = ReadLead(self.crm.lead_reading(caller, lead));
        let shape = move |(view, rule)| shape(view, rule);
        self.crm.store.read(self.crm.scope(caller), Lane::Quick, Shaped { command, shape }).await
    }
}

struct Send {
    caller: Caller,
    config: Arc<Config>,
    lead: Ref<SaleLead>,
    message: NewMessage,
    request: Option<RequestKey>,
    message_id: MessageId,
    session_id: SessionId,
}

impl Command for Send {
    type Output = Document<WhatsappMessage>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        if let Some(request) = &self.request
            && let Some(outcome) = request.begin(tx).await?
        {
            let id: MessageId = serde_json::from_value(outcome).map_err(Error::internal)?;
            return tx.require(id).await;
        }
        let sent = self.send(tx).await?;
        if let Some(request) = &self.request {
            tx.request_end(&request.key, &sent.id).await?;
        }
        Ok(sent)
    }
}

impl Send {
    async fn send(&self, tx: &mut Tx) -> Result<Document<WhatsappMessage>> {
        let mut lead = require_visible_for_update(tx, &self.caller.sight, self.lead).await?;
        let before = lead.doc.clone();
        let message = compose(&self.config, &lead, &self.message)?;
        let line = Line::to(tx, &self.config, &lead).await?;
        let draft = Draft {
            id: self.message_id,
            session_id: self.session_id,
            message,
            automatic: false,
            purpose: Recipient::of(&lead).purpose(line.is_open(tx.scope().now), tx.scope().now),
            enrolment: None,
        };
        let sent = match queue(tx, &self.config, &lead, &line, draft).await? {
            Queued::Message(sent) => *sent,
            Queued::Refused(rule) => return Err(rule.error()),
        };
        worked(&mut lead, tx.scope().now);
        lead::store(tx, &self.config, &before, &mut lead).await?;
        follow::plan(tx, &self.config, &lead).await?;
        Ok(sent)
    }
}

/// Somebody writes to the person: the lead does not lie idle.
fn worked(lead: &mut Document<SaleLead>, now: Instant) {
    (lead.extra.worked_at, lead.extra.idle_alerts) = (Some(now), 0);
    lead.extra.last_activity_at = Some(now);
}

/// The same of a lead that is not held yet.
pub(crate) async fn work(tx: &mut Tx, config: &Config, lead: Option<LeadId>) -> Result<()> {
    let Some(lead) = lead else { return Ok(()) };
    let mut lead = require_visible_for_update(tx, &Sight::All, Ref::Id(lead)).await?;
    let before = lead.doc.clone();
    worked(&mut lead, tx.scope().now);
    lead::store(tx, config, &before, &mut lead).await?;
    follow::plan(tx, config, &lead).await
}

/// A message about to be queued.
pub(crate) struct Draft {
    pub id: MessageId,
    /// For the session, when the pair of numbers has none yet.
    pub session_id: SessionId,
    pub message: Composed,
    /// Sent by the house rather than by somebody.
    pub automatic: bool,
    pub purpose: Purpose,
    /// The enrolment that it is a step of.
    pub enrolment: Option<EnrolmentId>,
}

/// What came of it.
pub(crate) enum Queued {
    Message(Box<Document<WhatsappMessage>>),
    Refused(Rule),
}

/// Whom a message is for, as far as the record knows.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    pub lead: Option<LeadId>,
    pub client: Option<ClientId>,
    pub location: Option<String>,
    /// When the person asked what the message is about.
    pub asked_at: Option<Instant>,
}

/// How long a person who has asked or written expects an answer.
const FRESH: Duration = Duration::from_hours(24);

impl Recipient {
    pub fn of(lead: &Document<SaleLead>) -> Self {
        Self {
            lead: Some(lead.id),
            client: lead.doc.client_id,
            location: lead.doc.location.clone(),
            asked_at: Some(lead.created_at),
        }
    }

    /// What a message that somebody sends is for, whichever way: an answer, while the person has asked within a day or
    /// the window of the conversation is open.
    pub fn purpose(&self, window_is_open: bool, now: Instant) -> Purpose {
        let is_fresh = self.asked_at.is_some_and(|asked| now < asked + FRESH);
        if window_is_open || is_fresh { Purpose::Answer } else { Purpose::Service }
    }

    /// What a message of the house is for, of those for `purpose`: service is an answer as long as somebody's would be.
    pub fn purpose_by_house(&self, purpose: Purpose, window_is_open: bool, now: Instant) -> Purpose {
        if purpose == Purpose::Service { self.purpose(window_is_open, now) } else { purpose }
    }
}

/// A message that has passed the gate, with its session, ready to be stored.
pub(crate) struct Passed {
    pub doc: WhatsappMessage,
    pub extra: MessageExtra,
    pub due_at: Instant,
}

/// Passes the gate and queues a message with its event and job; refused, it leaves nothing behind.
/// The caller stores what changes about the lead.
pub(crate) async fn queue(
    tx: &mut Tx,
    config: &Config,
    lead: &Document<SaleLead>,
    line: &Line,
    draft: Draft,
) -> Result<Queued> {
    let id = draft.id;
    let passed = match pass(tx, config, &Recipient::of(lead), line, draft).await? {
        Ok(passed) => passed,
        Err(rule) => return Ok(Queued::Refused(rule)),
    };
    let message = Document::new(id, tx.scope().now, passed.doc.clone(), passed.extra.clone());
    tx.insert(&message).await?;
    announce(tx, id, &passed.extra, passed.due_at).await?;
    Ok(Queued::Message(Box::new(message)))
}

/// Asks the gate, and puts the message into its session.
pub(crate) async fn pass(
    tx: &mut Tx,
    config: &Config,
    recipient: &Recipient,
    line: &Line,
    draft: Draft,
) -> Result<std::result::Result<Passed, Rule>> {
    let scope = tx.scope();
    let contact = match &draft.message.template {
        Some(_) => Contact::WhatsappTemplate,
        None => Contact::WhatsappText { window_expires_at: line.window_expires_at },
    };
    let asked = verdict(tx, config, recipient.client, recipient.location.as_deref(), line, (contact, draft.purpose));
    let (due_at, held) = match asked.await? {
        Verdict::Allow => (scope.now, None),
        Verdict::Hold { until, rule } => (until, Some(rule.held())),
        Verdict::Refuse { rule } => return Ok(Err(rule)),
    };
    let (Some(to), Some(from)) = (line.client_number.as_deref(), line.dealer_number.as_deref()) else {
        return Err(Error::internal("the gate let a message without an address pass"));
    };
    let opening = Opening {
        id: draft.session_id,
        dealer_number: from,
        client_number: to,
        client: recipient.client,
        location: recipient.location.as_deref(),
        phone_id: None,
        direction: Direction::Outbound,
    };
    let user = scope.actor.user().map(|user| user.to_string());
    let mut session = conversation::open(tx, &opening).await?;
    conversation::wrote(&mut session, scope.now, user.clone(), draft.automatic);
    tx.update(&mut session).await?;

    let template = draft.message.template;
    let doc = WhatsappMessage {
        body: Some(draft.message.body),
        from: Some(from.to_owned()),
        to: Some(to.to_owned()),
        direction: Some(Direction::Outbound),
        delivery_status: Some(Delivery::Queued),
        session_id: Some(session.id),
        made_at: Some(scope.now),
        template_id: template.as_ref().map(|template| template.name.clone()),
        user_id: user,
        location: recipient.location.clone(),
        ..WhatsappMessage::default()
    };
    let extra = MessageExtra {
        lead_id: recipient.lead,
        client_id: recipient.client,
        attempt: Attempt::Planned,
        template,
        automatic: draft.automatic,
        purpose: Some(draft.purpose),
        enrolment_id: draft.enrolment,
        held,
        ..MessageExtra::default()
    };
    Ok(Ok(Passed { doc, extra, due_at }))
}

/// Writes the event of a message that is queued, and what holds it back if anything does, and the job that sends it.
pub(crate) async fn announce<K: Parcel>(tx: &mut Tx, id: Id<K>, extra: &MessageExtra, due_at: Instant) -> Result<()> {
    let automatic = extra.automatic;
    let template = extra.template.as_ref().map(|template| template.name.as_str());
    let data = json!({"template": template, "automatic": automatic});
    event_of(tx, id, extra.lead_id, EventName::MessageQueued, data).await?;
    if let Some(Held { rule, reason }) = &extra.held {
        let data = json!({"rule": rule, "reason": reason});
        event_of(tx, id, extra.lead_id, EventName::MessageHeld, data).await?;
    }
    tx.enqueue(NewJob {
        name: K::SEND,
        payload: json!({"message": id}),
        due_at,
        // What a person wrote goes before what the house says by itself.
        priority: if automatic { 5 } else { 1 },
        dedupe: Some(format!("send:{id}")),
    })
    .await
}

async fn verdict(
    tx: &mut Tx,
    config: &Config,
    client: Option<ClientId>,
    location: Option<&str>,
    line: &Line,
    (contact, purpose): (Contact, Purpose),
) -> Result<Verdict> {
    let (address, sender) = (line.client_number.as_deref(), line.dealer_number.as_deref());
    let wish = Wish { contact, purpose, client, address, sender, location, reference: None };
    Ok(Facts::load(tx, config, wish).await?.verdict())
}

struct ReadLead(lead::ReadLead);

impl Command for ReadLead {
    type Output = (LeadView, Option<Rule>);

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let view = self.0.run(tx).await?;
        let Some(next) = view.next.filter(|next| next.step.contacts()) else { return Ok((view, None)) };
        let line = Line::to(tx, &view.config, &view.lead).await?;
        let (client, location) = (view.lead.doc.client_id, view.lead.doc.location.as_deref());
        let now = tx.scope().now;
        let purpose = Recipient::of(&view.lead).purpose_by_house(next.step.purpose(), line.is_open(now), now);
        let template = (Contact::WhatsappTemplate, purpose);
        let rule = match verdict(tx, &view.config, client, location, &line, template).await? {
            Verdict::Allow => None,
            Verdict::Hold { rule, .. } | Verdict::Refuse { rule } => Some(rule),
        };
        Ok((view, rule))
    }
}

/// Writes an event of a message, on its lead's timeline too. `data` holds nothing personal.
pub(crate) async fn event<K: Parcel>(
    tx: &mut Tx,
    message: &Document<K>,
    name: EventName,
    data: serde_json::Value,
) -> Result<()> {
    event_of(tx, message.id, message.extra.lead_id, name, data).await
}

/// The same of a message that is not stored yet.
pub(crate) async fn event_of<K: Parcel>(
    tx: &mut Tx,
    message: Id<K>,
    lead: Option<LeadId>,
    name: EventName,
    mut data: serde_json::Value,
) -> Result<()> {
    if let Some(channel) = K::CHANNEL {
        data["channel"] = json!(channel);
    }
    tx.event(Event { name, kind: K::SPEC.name, id: message.cast(), lead, data }).await
}

struct Read {
    sight: Sight,
    config: Arc<Config>,
    lead: Ref<SaleLead>,
    before: Option<MessageId>,
    limit: i64,
}

impl Command for Read {
    type Output = Thread;

    async fn run(&self, tx: &mut Tx) -> Result<Thread> {
        let lead = require_visible(tx, &self.sight, self.lead).await?;
        let mut parts = vec![Filter::eq("lead_id", lead.id.to_string())];
        if let Some(id) = self.before {
            let last = tx.get(id).await?.filter(|message| message.extra.lead_id == Some(lead.id));
            let last =
                last.ok_or_else(|| Error::field("before", "not_found", "There is no such message in this thread."))?;
            parts.push(older_than(&last));
        }
        let page = Find {
            filter: Filter::And(parts),
            sort: vec![("made_at", Order::Descending)],
            skip: 0,
            limit: self.limit.saturating_add(1),
        };
        let mut messages = tx.find::<WhatsappMessage>(&page).await?;
        let shown = usize::try_from(self.limit).unwrap_or(0);
        let has_older = messages.len() > shown;
        messages.truncate(shown);
        messages.reverse();
        let before = messages.first().filter(|_| has_older).map(|oldest| oldest.id);
        let window_expires_at = Line::to(tx, &self.config, &lead).await?.window_expires_at;
        Ok(Thread { lead, window_expires_at, messages, before })
    }
}

/// Those that stand before a message in its thread: by time, then by id.
fn older_than(message: &Document<WhatsappMessage>) -> Filter {
    let at = message.doc.made_at.unwrap_or(message.created_at).millis();
    Filter::Or(vec![
        Filter::compare("made_at", Op::Lt, at),
        Filter::And(vec![Filter::eq("made_at", at), Filter::compare("id", Op::Lt, message.id.to_string())]),
    ])
}
