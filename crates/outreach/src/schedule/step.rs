//! The job that takes an enrolment further: from action to action, until one of them takes its time.

use std::{sync::Arc, time::Duration};

use forecourt_crm::{
    Config, computed, lead,
    schedule::{Arrival, active, plan_of},
    suppression::suppress,
};
use forecourt_record::{
    Attempt, CallId, CallbackStatus, Client, ClientId, Conference, Document, EmailMessage, Enrolment, EnrolmentId,
    EnrolmentStatus, Held, Id, Instant, Kind as _, LeadType, Notification, Result, SaleLead, SessionId, Sms,
    Standstill, Task, UnderWay, WhatsappMessage,
    calendar::Zone,
    event::{Event, EventName},
    gate::{Channel, Purpose},
    pipeline::Phase,
    schedule::{Action, LONGEST_TEXT, MOST_AT_END, Next, Plan, Situation},
};
use forecourt_store::{Command, Job, Tx};
use serde_json::json;

use super::{
    Cause, Enrolled, Enrolling,
    call::{called, dial},
    end, enrol,
    enrol::happened,
    mail::{Letter, mail},
    webhook::webhook,
};
use crate::{
    Outreach, calls, carry,
    compose::{self, Composed},
    conversation::{Line, mailed_at, own_number},
    crash::{MID_STEP, crash_point},
    gate::Rule,
    message::{Draft, Queued, Recipient, queue},
    parcel::Parcel,
    worker::{LEASE, payload},
};

/// Actions carried out in one transaction; what comes behind them is the next one's.
const AT_ONCE: usize = 16;
/// An enrolment of a schedule that is not active is looked at again after so long.
const PAUSED: Duration = Duration::from_mins(5);
/// So is one whose message is under way, though whoever settles that wakes it.
const UNDER_WAY: Duration = Duration::from_hours(1);

impl Outreach {
    pub(crate) async fn enrolment_step(&self, job: &Job) -> Result<()> {
        let context = &self.crm.context;
        let command = Step {
            job: job.clone(),
            enrolment: payload(job, "enrolment")?,
            config: self.crm.config(job.dealer).await?,
            ids: (0..AT_ONCE).map(|_| context.id()).collect(),
            last: (0..MOST_AT_END).map(|_| context.id()).collect(),
            task: context.id(),
            session: context.id(),
        };
        self.crm.write(self.crm.house(job.dealer), command).await?;
        metrics::histogram!("schedule_lateness_seconds").record(self.crm.now().since(job.due_at));
        Ok(())
    }
}

struct Step {
    job: Job,
    enrolment: EnrolmentId,
    config: Arc<Config>,
    /// For what the actions make, one each.
    ids: Vec<Id<()>>,
    /// The same for those at the end.
    last: Vec<Id<()>>,
    /// For the task of a promise about to be broken.
    task: Id<Task>,
    session: SessionId,
}

/// Where the contact stands that an enrolment waits for.
enum Standing {
    /// There is none, or it has its outcome.
    Settled,
    /// Nobody was handed it yet.
    Planned,
    /// The provider is being asked.
    Leaving,
}

/// What one action came to.
pub(super) enum Done {
    /// The next one's turn.
    Further,
    /// The next one's turn, once a message has its outcome.
    Begun,
    /// An agent has to call first.
    Queue,
    /// A rule holds it back until the instant at which the enrolment's next action is due.
    Held,
    Ended(Cause),
}

impl Command for Step {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        // Held in one order: client, lead, job, enrolment. Whoever settles a message wakes the job without holding the
        // enrolment, so the job is held before the message is looked at: no waking is lost.
        let Some(seen) = tx.get::<Enrolment>(self.enrolment).await? else {
            return tx.job_done(&self.job).await;
        };
        computed::hold_client_of(tx, seen.doc.lead_id).await?;
        let Some(mut lead) = tx.get_for_update::<SaleLead>(seen.doc.lead_id).await? else {
            return tx.job_done(&self.job).await;
        };
        let now = tx.scope().now;
        tx.job_keep(&self.job, now + LEASE).await?;
        let Some(mut enrolment) = tx.get_for_update::<Enrolment>(self.enrolment).await? else {
            return tx.job_done(&self.job).await;
        };
        if !enrolment.doc.status.is_live() {
            return tx.job_done(&self.job).await;
        }
        let plan = plan_of(tx, &self.config, enrolment.doc.schedule_id, enrolment.doc.version).await?;
        let before = lead.doc.clone();
        let ended = if is_blocked(tx, &lead).await? {
            Some(Cause::Blocked)
        } else {
            match standing(tx, &mut enrolment).await? {
                Standing::Leaving => None,
                // What has not left yet need not leave any more.
                Standing::Planned => {
                    let zone = zone(&self.config, &plan, &lead);
                    plan.over(&situation(&self.config, &lead, &enrolment.doc, &zone, now)).map(Cause::Over)
                }
                Standing::Settled => self.go(tx, &plan, &mut lead, &mut enrolment).await?,
            }
        };
        if ended.is_some_and(|cause| cause != Cause::Moved) {
            for (action, id) in plan.definition.at_end.iter().zip(&self.last) {
                self.act(tx, (action, plan.definition.purpose), *id, &mut lead, &mut enrolment).await?;
            }
        }
        if lead.doc != before {
            lead::store(tx, &self.config, &before, &mut lead).await?;
            lead::wake(tx, lead.id).await?;
        }
        crash_point(MID_STEP);
        if let Some(cause) = ended {
            return end(tx, &self.config, &mut enrolment, cause).await;
        }
        let patience = match enrolment.doc.under_way {
            Some(_) => None,
            None => calls::broken(tx, &self.config, &lead, &enrolment, self.task).await?,
        };
        tx.update(&mut enrolment).await?;
        self.rest(tx, &enrolment, patience).await
    }
}

impl Step {
    /// Carries out what is due. Gives the reason if the enrolment is over.
    async fn go(
        &self,
        tx: &mut Tx,
        plan: &Plan,
        lead: &mut Document<SaleLead>,
        enrolment: &mut Document<Enrolment>,
    ) -> Result<Option<Cause>> {
        let (now, zone) = (tx.scope().now, zone(&self.config, plan, lead));
        for id in &self.ids {
            let at = situation(&self.config, lead, &enrolment.doc, &zone, now);
            if let Some(over) = plan.over(&at) {
                return Ok(Some(Cause::Over(over)));
            }
            let next = plan.next(&at);
            let doc = &mut enrolment.doc;
            let (position, action) = match next {
                // Whoever waits for a call, or for a time, was woken to see whether it is over.
                _ if doc.status == EnrolmentStatus::Queue || doc.agent_id.is_some() => return Ok(None),
                _ if doc.captured => {
                    doc.next_action_at = None;
                    return Ok(None);
                }
                _ if doc.callback_at.is_some() => {
                    if self.keep_promise(tx, lead, enrolment).await? {
                        return Ok(None);
                    }
                    continue;
                }
                _ if doc.next_action_at.is_some_and(|due| due > now) => return Ok(None),
                Next::End(over) => return Ok(Some(Cause::Over(over))),
                Next::Wait { until, position } => {
                    (doc.position, doc.next_action_at) = (place(position), Some(until));
                    stand(doc, EnrolmentStatus::Waiting, "wait", "the schedule waits", now);
                    return Ok(None);
                }
                Next::Rest { position } => {
                    (doc.position, doc.next_action_at) = (place(position), None);
                    stand(doc, EnrolmentStatus::Waiting, "await_call", "it waits for the person to call", now);
                    return Ok(None);
                }
                Next::Again => {
                    (doc.position, doc.restarts) = (0, doc.restarts + 1);
                    continue;
                }
                Next::Act { position, action } => (position, action),
            };
            if let Some(on) = self.config.schedule(doc.schedule_id)
                && active(on).is_err()
            {
                doc.next_action_at = Some(now + PAUSED);
                stand(doc, EnrolmentStatus::Waiting, "paused", "the schedule is not active", now);
                return Ok(None);
            }
            doc.standstill = None;
            match self.act(tx, (action, plan.definition.purpose), *id, lead, enrolment).await? {
                Done::Further => enrolment.doc.position = place(position + 1),
                Done::Begun => {
                    enrolment.doc.position = place(position + 1);
                    return Ok(None);
                }
                Done::Queue => {
                    (enrolment.doc.position, enrolment.doc.status) = (place(position), EnrolmentStatus::Queue);
                    return Ok(None);
                }
                Done::Held => {
                    enrolment.doc.position = place(position);
                    return Ok(None);
                }
                Done::Ended(cause) => return Ok(Some(cause)),
            }
        }
        enrolment.doc.next_action_at = Some(now);
        Ok(None)
    }

    /// A call was promised, and nothing else is done before: says whether it is waited for.
    async fn keep_promise(
        &self,
        tx: &mut Tx,
        lead: &Document<SaleLead>,
        enrolment: &mut Document<Enrolment>,
    ) -> Result<bool> {
        let now = tx.scope().now;
        if let Some(at) = enrolment.doc.callback_at.filter(|at| *at > now) {
            enrolment.doc.next_action_at = Some(at);
            return Ok(true);
        }
        enrolment.doc.standstill = None;
        match dial(tx, &self.config, lead, enrolment, (Purpose::Service, 0)).await? {
            Done::Queue => {
                enrolment.doc.status = EnrolmentStatus::Queue;
                Ok(true)
            }
            Done::Held => Ok(true),
            Done::Further | Done::Begun | Done::Ended(_) => {
                calls::settle(tx, enrolment, CallbackStatus::Missed).await?;
                enrolment.doc.next_action_at = enrolment.doc.resume_at.take().or(Some(now));
                Ok(false)
            }
        }
    }

    async fn act(
        &self,
        tx: &mut Tx,
        (action, purpose): (&Action, Purpose),
        id: Id<()>,
        lead: &mut Document<SaleLead>,
        enrolment: &mut Document<Enrolment>,
    ) -> Result<Done> {
        match action {
            Action::Dial { tier } => dial(tx, &self.config, lead, enrolment, (purpose, *tier)).await,
            Action::Callback { minutes } => {
                let at = tx.scope().now + Duration::from_mins(u64::from(*minutes));
                enrolment.doc.next_action_at = Some(tx.scope().now);
                calls::book(tx, enrolment, at, id.cast()).await?;
                Ok(Done::Further)
            }
            Action::Sms { text } => {
                let body = compose::scheduled(&self.config, lead, &enrolment.doc.tokens, text, LONGEST_TEXT);
                let from = enrolment.doc.sms_number.clone();
                let from = from.or_else(|| own_number(&self.config, lead.doc.location.as_deref()));
                let doc = Sms {
                    body: Some(body),
                    from,
                    to: enrolment.doc.caller_id.clone(),
                    direction: Some(forecourt_record::Direction::Outbound),
                    location: lead.doc.location.clone(),
                    ..Sms::default()
                };
                let id = id.cast();
                match carry::queue(tx, &self.config, id, &doc, &Recipient::of(lead), purpose, Some(enrolment.id))
                    .await?
                {
                    Ok(extra) => {
                        let message = Document::new(id, tx.scope().now, doc, extra);
                        tx.insert(&message).await?;
                        Ok(begun(enrolment, Channel::Sms, &message))
                    }
                    Err(rule) => refused(tx, enrolment, Channel::Sms, &rule).await,
                }
            }
            Action::Whatsapp { text, template } => {
                let line = Line::to(tx, &self.config, lead).await?;
                let body = compose::scheduled(&self.config, lead, &enrolment.doc.tokens, text, LONGEST_TEXT);
                let template = template.as_ref().filter(|_| !line.is_open(tx.scope().now));
                let template = template.map(|name| compose::registered(&self.config, lead, name));
                let message = Composed { body, template };
                let draft = Draft {
                    id: id.cast(),
                    session_id: self.session,
                    message,
                    automatic: true,
                    purpose,
                    enrolment: Some(enrolment.id),
                };
                match queue(tx, &self.config, lead, &line, draft).await? {
                    Queued::Message(message) => Ok(begun(enrolment, Channel::Whatsapp, &message)),
                    Queued::Refused(rule) => refused(tx, enrolment, Channel::Whatsapp, &rule).await,
                }
            }
            Action::Email { subject, text, from } => {
                let letter = Letter { subject, text, from: from.as_ref() };
                mail(tx, &self.config, lead, enrolment, (id.cast(), purpose), &letter).await
            }
            Action::AddToSchedule { schedule } => {
                let Some(on) = self.config.schedule_named(schedule).filter(|on| active(on).is_ok()) else {
                    return Ok(Done::Further);
                };
                let how = Enrolling {
                    tokens: enrolment.doc.tokens.clone(),
                    lead_priority: enrolment.doc.lead_priority,
                    ..Enrolling::default()
                };
                match enrol(tx, &self.config, lead, on, how, id.cast()).await? {
                    Enrolled::New(_) | Enrolled::Before(_) => Ok(Done::Ended(Cause::Moved)),
                    Enrolled::Refused(_) => Ok(Done::Further),
                }
            }
            Action::ModifyLead { status, tokens } => {
                enrolment.doc.tokens.0.extend(tokens.clone());
                if let Some(status) = status {
                    lead::enter(tx, &self.config, lead, status, Arrival::MovedBySchedule).await?;
                }
                Ok(Done::Further)
            }
            Action::Assign { to } => {
                match to.as_deref().and_then(|to| self.config.agent(to)) {
                    Some(agent) => {
                        lead::hand_over(tx, &self.config, lead, agent.id, "named by the schedule").await?;
                    }
                    None => drop(lead::assign_now(tx, &self.config, lead).await?),
                }
                Ok(Done::Further)
            }
            Action::Webhook { url, with } => {
                webhook(tx, &self.config, lead, enrolment, id, (url, with)).await?;
                Ok(Done::Further)
            }
            action => {
                self.aside(tx, action, id, lead, enrolment.doc.caller_id.as_deref()).await?;
                Ok(Done::Further)
            }
        }
    }

    /// What neither waits nor depends on the enrolment.
    async fn aside(
        &self,
        tx: &mut Tx,
        action: &Action,
        id: Id<()>,
        lead: &Document<SaleLead>,
        caller_id: Option<&str>,
    ) -> Result<()> {
        match action {
            Action::AddTask { description, after_minutes } => {
                let notification = Notification {
                    notify_at: Some(tx.scope().now + Duration::from_mins(u64::from(*after_minutes))),
                    notify_to: lead.doc.owner().map(|owner| owner.to_string()).into_iter().collect(),
                    done: Some(false),
                    ..Notification::default()
                };
                let task = Task {
                    notification: Some(notification),
                    description: Some(description.clone()),
                    client_id: lead.doc.client_id,
                    lead_id: Some(lead.id.cast()),
                    lead_type: Some(LeadType::SaleLead),
                    ..Task::default()
                };
                tx.insert(&Document::new(id.cast(), tx.scope().now, task, ())).await
            }
            Action::OptOut { channels } => {
                let channels = if channels.is_empty() { Channel::ALL } else { channels };
                for channel in channels {
                    let address = match channel {
                        Channel::Email => mailed_at(lead),
                        Channel::Call | Channel::Sms | Channel::Whatsapp | Channel::Chat => caller_id,
                    };
                    if let Some(address) = address {
                        suppress(tx, *channel, address, "opted out by a schedule").await?;
                    }
                }
                Ok(())
            }
            Action::Block {} => set_blocked(tx, lead.doc.client_id, true).await,
            // These are carried out with the enrolment, or are no acts.
            Action::Dial { .. }
            | Action::Callback { .. }
            | Action::Sms { .. }
            | Action::Whatsapp { .. }
            | Action::Email { .. }
            | Action::Wait(_)
            | Action::ModifyLead { .. }
            | Action::Assign { .. }
            | Action::Webhook { .. }
            | Action::AddToSchedule { .. }
            | Action::Restart { .. }
            | Action::Exit { .. }
            | Action::Group { .. }
            | Action::AwaitCall {} => Ok(()),
        }
    }

    /// Puts the job back for when something is due, or ends it until somebody wakes it.
    async fn rest(&self, tx: &mut Tx, enrolment: &Document<Enrolment>, patience: Option<Instant>) -> Result<()> {
        let doc = &enrolment.doc;
        let due = match (doc.status, &doc.under_way) {
            (EnrolmentStatus::Queue, _) => None,
            (_, None) if doc.agent_id.is_some() => None,
            (_, Some(_)) => Some(tx.scope().now + UNDER_WAY),
            (_, None) => doc.next_action_at,
        };
        match due.into_iter().chain(doc.expires_at).chain(patience).min() {
            Some(at) => tx.job_again(&self.job, at, None).await,
            None => tx.job_done(&self.job).await,
        }
    }
}

/// The zone whose clock times of the day are read by.
pub(super) fn zone(config: &Config, plan: &Plan, lead: &Document<SaleLead>) -> Zone {
    let own = plan.definition.time_zone.clone();
    own.unwrap_or_else(|| config.calendar(lead.doc.location.as_deref()).zone)
}

/// All that a plan's conditions ask about.
pub(super) fn situation<'a>(
    config: &Config,
    lead: &'a Document<SaleLead>,
    enrolment: &'a Enrolment,
    zone: &'a Zone,
    now: Instant,
) -> Situation<'a> {
    Situation {
        position: usize::try_from(enrolment.position).unwrap_or(usize::MAX),
        restarts: u32::try_from(enrolment.restarts).unwrap_or(u32::MAX),
        tokens: &enrolment.tokens,
        status: lead.doc.status_name(),
        origin: lead.doc.source(),
        location: lead.doc.location.as_deref(),
        replied: enrolment.replied_at.is_some(),
        connected: enrolment.connected_at.is_some(),
        dispositions: &enrolment.dispositions,
        converted: config.dealer.doc.pipeline.phase(lead.doc.status_name()) == Some(Phase::Won),
        expires_at: enrolment.expires_at,
        contact_attempts: u32::try_from(enrolment.contact_attempts).unwrap_or(u32::MAX),
        max_contact_attempts: enrolment.max_contact_attempts.and_then(|most| u32::try_from(most).ok()),
        now,
        zone,
    }
}

/// Where the contact stands that an enrolment waits for. One that has its outcome is counted, and waited for no more.
async fn standing(tx: &mut Tx, enrolment: &mut Document<Enrolment>) -> Result<Standing> {
    let Some(UnderWay { channel, id }) = enrolment.doc.under_way.clone() else { return Ok(Standing::Settled) };
    if channel == Channel::Call {
        return standing_call(tx, enrolment, id.cast()).await;
    }
    let message = match channel {
        Channel::Sms => tx.get::<Sms>(id.cast()).await?.map(|message| message.extra),
        Channel::Whatsapp => tx.get::<WhatsappMessage>(id.cast()).await?.map(|message| message.extra),
        Channel::Email => tx.get::<EmailMessage>(id.cast()).await?.map(|message| message.extra),
        Channel::Call | Channel::Chat => None,
    };
    let (now, doc) = (tx.scope().now, &mut enrolment.doc);
    match message.as_ref().map(|message| message.attempt) {
        Some(Attempt::Planned) => {
            held_back(doc, message.and_then(|message| message.held).as_ref(), now);
            return Ok(Standing::Planned);
        }
        Some(Attempt::Sending) => return Ok(Standing::Leaving),
        // Whether it went nobody knows: it counts, lest somebody is written to once too often.
        Some(Attempt::Sent | Attempt::Unknown) => doc.contact_attempts += 1,
        Some(Attempt::Failed) | None => {}
    }
    (doc.under_way, doc.next_action_at) = (None, Some(now));
    Ok(Standing::Settled)
}

async fn standing_call(tx: &mut Tx, enrolment: &mut Document<Enrolment>, id: CallId) -> Result<Standing> {
    let now = tx.scope().now;
    let Some(mut call) = tx.get::<Conference>(id).await? else {
        (enrolment.doc.under_way, enrolment.doc.next_action_at) = (None, Some(now));
        return Ok(Standing::Settled);
    };
    if !calls::is_closed(&call)
        && let Some(closed) = calls::silent(tx, id).await?
    {
        call = closed;
    }
    if calls::is_closed(&call) {
        called(tx, enrolment, &call).await?;
        return Ok(Standing::Settled);
    }
    if calls::is_over(&call) {
        let reason = "the agent has not said yet what came of the call";
        stand(&mut enrolment.doc, EnrolmentStatus::Running, "waiting_call_disposition", reason, now);
    }
    Ok(if call.extra.attempt == Attempt::Planned { Standing::Planned } else { Standing::Leaving })
}

pub(super) fn place(position: usize) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

/// The enrolment stands still, for a reason. One that stays the same keeps the instant it began at.
pub(super) fn stand(doc: &mut Enrolment, status: EnrolmentStatus, rule: &str, reason: &str, now: Instant) {
    doc.status = status;
    if doc.standstill.as_ref().is_none_or(|before| before.rule != rule) {
        doc.standstill = Some(Standstill { rule: rule.to_owned(), reason: reason.to_owned(), since: now });
    }
}

/// A message is on its way, or waits for its hour.
pub(super) fn begun<K: Parcel>(enrolment: &mut Document<Enrolment>, channel: Channel, message: &Document<K>) -> Done {
    let doc = &mut enrolment.doc;
    let under_way = UnderWay { channel, id: message.id.cast() };
    (doc.under_way, doc.next_action_at, doc.status) = (Some(under_way), None, EnrolmentStatus::Running);
    held_back(doc, message.extra.held.as_ref(), message.created_at);
    Done::Begun
}

/// What holds a message back is what its enrolment waits for.
fn held_back(doc: &mut Enrolment, held: Option<&Held>, now: Instant) {
    if let Some(Held { rule, reason }) = held {
        stand(doc, EnrolmentStatus::Waiting, rule, reason, now);
    }
}

/// A contact that the gate refuses is not tried again: the schedule goes on, and the timeline says why.
pub(super) async fn refused(
    tx: &mut Tx,
    enrolment: &Document<Enrolment>,
    channel: Channel,
    rule: &Rule,
) -> Result<Done> {
    if *rule == Rule::Blocked {
        return Ok(Done::Ended(Cause::Blocked));
    }
    let data = json!({"channel": channel.as_str(), "rule": rule.name(), "reason": rule.sentence()});
    happened(tx, enrolment, EventName::EnrolmentHeld, data).await?;
    Ok(Done::Further)
}

pub(crate) async fn is_blocked(tx: &mut Tx, lead: &Document<SaleLead>) -> Result<bool> {
    match lead.doc.client_id {
        Some(id) => Ok(tx.get::<Client>(id).await?.is_none_or(|client| client.extra.blocked)),
        None => Ok(false),
    }
}

/// Nobody contacts the client any more; or somebody may again.
pub(crate) async fn set_blocked(tx: &mut Tx, client: Option<ClientId>, blocked: bool) -> Result<()> {
    let Some(id) = client else { return Ok(()) };
    let Some(mut client) = tx.get_for_update::<Client>(id).await? else { return Ok(()) };
    if client.extra.blocked == blocked {
        return Ok(());
    }
    client.extra.blocked = blocked;
    tx.update(&mut client).await?;
    let data = json!({"fields": "blocked"});
    let name = EventName::ClientChanged;
    tx.event(Event { name, kind: Client::SPEC.name, id: id.cast(), lead: None, data }).await
}
