//! Calls as steps of a schedule: queued, kept for an agent, and counted once they are over.

use std::time::Duration;

use forecourt_crm::Config;
use forecourt_record::{
    CallStatus, CallbackStatus, Conference, Document, Enrolment, EnrolmentId, EnrolmentStatus, Result, SaleLead,
    UserId,
    gate::{Channel, Purpose},
    pacing::rank,
};
use forecourt_store::Tx;

use super::{
    step::{Done, refused, stand},
    wake,
};
use crate::{
    calls,
    conversation::calling_number,
    gate::{Contact, Facts, Verdict, Wish},
};

/// An enrolment whose call is under way is looked at again after so long, though whoever settles it wakes it.
const UNDER_WAY: Duration = Duration::from_hours(1);
/// What came of so many calls is remembered.
const REMEMBERED: usize = 2;

/// Puts somebody into the queue of calls, if the gate allows a call now. The caller holds the lead and the enrolment, and
/// stores the enrolment.
pub(super) async fn dial(
    tx: &mut Tx,
    config: &Config,
    lead: &Document<SaleLead>,
    enrolment: &mut Document<Enrolment>,
    (purpose, tier): (Purpose, u32),
) -> Result<Done> {
    let now = tx.scope().now;
    let location = lead.doc.location.as_deref();
    let sender = enrolment.doc.call_number.clone().or_else(|| calling_number(config, location));
    let wish = Wish {
        contact: Contact::Call,
        purpose,
        client: lead.doc.client_id,
        address: enrolment.doc.caller_id.as_deref(),
        sender: sender.as_deref(),
        location,
        reference: None,
    };
    match Facts::load(tx, config, wish).await?.verdict() {
        Verdict::Allow => {
            let fresh = Duration::from_mins(config.dealer.doc.dialling.real_time_minutes.into());
            let doc = &mut enrolment.doc;
            let is_real_time = doc.contact_attempts == 0 && now < doc.begun_at + fresh;
            doc.rank = Some(rank(doc.callback_id.is_some(), is_real_time, doc.lead_priority, tier));
            calls::wake_pacer(tx, now).await?;
            Ok(Done::Queue)
        }
        Verdict::Hold { until, rule } => {
            enrolment.doc.next_action_at = Some(until);
            let held = rule.held();
            stand(&mut enrolment.doc, EnrolmentStatus::Waiting, &held.rule, &held.reason, now);
            Ok(Done::Held)
        }
        Verdict::Refuse { rule } => refused(tx, enrolment, Channel::Call, &rule).await,
    }
}

/// A call of the enrolment is over: it is counted, and the schedule goes on. The caller holds the enrolment and stores it.
pub(crate) async fn called(
    tx: &mut Tx,
    enrolment: &mut Document<Enrolment>,
    call: &Document<Conference>,
) -> Result<()> {
    let now = tx.scope().now;
    enrolment.doc.under_way = None;
    if call.doc.status == Some(CallStatus::Canceled) && call.extra.provider_id.is_none() {
        // Nobody was called: it is tried again, the gate first.
        enrolment.doc.status = EnrolmentStatus::Waiting;
        let resumed = if enrolment.doc.callback_at.is_some() { None } else { enrolment.doc.resume_at.take() };
        enrolment.doc.next_action_at = resumed.or(Some(now));
        return Ok(());
    }
    let facts = call.extra.call.as_deref();
    let spoken_at = facts.filter(|facts| !facts.dropped).and_then(|facts| facts.answered_at);
    let word = facts.and_then(|facts| facts.disposition.clone());
    let word = word.or_else(|| call.doc.status.map(|status| status.as_str().to_owned()));
    enrolment.doc.dispositions.splice(..0, word);
    enrolment.doc.dispositions.truncate(REMEMBERED);
    if calls::was_made(call) {
        enrolment.doc.contact_attempts += 1;
    }
    if enrolment.doc.callback_id.is_some() && facts.and_then(|facts| facts.callback_id) == enrolment.doc.callback_id {
        let kept = if spoken_at.is_some() { CallbackStatus::Kept } else { CallbackStatus::Missed };
        calls::settle(tx, enrolment, kept).await?;
    }
    let doc = &mut enrolment.doc;
    if let Some(at) = doc.resume_at.take() {
        doc.next_action_at = Some(at);
    } else {
        (doc.position, doc.next_action_at) = (doc.position + 1, Some(now));
    }
    doc.status = EnrolmentStatus::Waiting;
    Ok(())
}

/// A call was promised: until then nothing else is done. The caller holds the enrolment and stores it.
pub(crate) async fn await_promise(tx: &mut Tx, enrolment: &mut Document<Enrolment>) -> Result<()> {
    let (id, priority, now) = (enrolment.id, enrolment.doc.lead_priority, tx.scope().now);
    let doc = &mut enrolment.doc;
    let Some(at) = doc.callback_at else { return Ok(()) };
    if doc.under_way.is_none() {
        doc.resume_at = doc.resume_at.or(doc.next_action_at).or(Some(now));
        (doc.next_action_at, doc.rank, doc.agent_id) = (Some(at), None, None);
        stand(doc, EnrolmentStatus::Waiting, "callback", "a call was promised for a time to come", now);
    }
    wake(tx, id, at, priority).await
}

/// An agent looks at somebody before calling. The caller holds the enrolment.
pub(crate) async fn reserve(tx: &mut Tx, enrolment: &mut Document<Enrolment>, user: UserId) -> Result<()> {
    let now = tx.scope().now;
    enrolment.doc.agent_id = Some(user);
    stand(&mut enrolment.doc, EnrolmentStatus::Running, "preview", "an agent decides about the call", now);
    tx.update(enrolment).await
}

/// The agent lets go of somebody again.
pub(crate) async fn let_go(tx: &mut Tx, id: EnrolmentId) -> Result<()> {
    match tx.get_for_update::<Enrolment>(id).await? {
        Some(mut enrolment) if enrolment.doc.agent_id.is_some() && enrolment.doc.status.is_live() => {
            look_now(tx, &mut enrolment).await
        }
        _ => Ok(()),
    }
}

/// The enrolment's own job looks at once what is to be done. The caller holds the enrolment.
pub(crate) async fn look_now(tx: &mut Tx, enrolment: &mut Document<Enrolment>) -> Result<()> {
    let now = tx.scope().now;
    let doc = &mut enrolment.doc;
    if doc.callback_at.is_none() {
        doc.resume_at = None;
    }
    (doc.status, doc.rank, doc.agent_id, doc.next_action_at) = (EnrolmentStatus::Waiting, None, None, Some(now));
    tx.update(enrolment).await?;
    wake(tx, enrolment.id, now, enrolment.doc.lead_priority).await
}

/// The enrolment's own job looks after a call that nobody tells the end of.
pub(crate) async fn watch(tx: &mut Tx, enrolment: &Document<Enrolment>) -> Result<()> {
    let at = tx.scope().now + UNDER_WAY;
    wake(tx, enrolment.id, at, enrolment.doc.lead_priority).await
}
