//! Calls that were promised for a time: nothing else is done for the person before, and somebody is told when it is overdue.

use std::time::Duration;

use forecourt_crm::Config;
use forecourt_record::{
    CallbackId, CallbackStatus, Document, Enrolment, Id, Instant, Kind as _, LeadType, Notification, Result, SaleLead,
    ScheduledCallback, ScheduledCallbackExtra, Task,
    event::{Event, EventName},
};
use forecourt_store::Tx;
use serde_json::json;

use crate::schedule;

/// Promises a call to somebody on a schedule. A promise that was made before gives way. The caller holds the enrolment
/// and stores it.
pub(crate) async fn book(
    tx: &mut Tx,
    enrolment: &mut Document<Enrolment>,
    at: Instant,
    id: CallbackId,
) -> Result<Document<ScheduledCallback>> {
    let now = tx.scope().now;
    settle(tx, enrolment, CallbackStatus::Cancelled).await?;
    let doc = ScheduledCallback {
        enrolment_id: enrolment.id,
        lead_id: enrolment.doc.lead_id,
        client_id: enrolment.doc.client_id,
        due_at: at.max(now),
        status: CallbackStatus::Pending,
        made_by: tx.scope().actor.user(),
        call_id: None,
        escalated_at: None,
    };
    let extra = ScheduledCallbackExtra { number: tx.number("scheduledcallbacks", 1).await? };
    let callback = Document::new(id, now, doc, extra);
    tx.insert(&callback).await?;
    (enrolment.doc.callback_id, enrolment.doc.callback_at) = (Some(id), Some(callback.doc.due_at));
    schedule::await_promise(tx, enrolment).await?;
    event(tx, &callback, EventName::ScheduledCallbackBooked, json!({"due_at": callback.doc.due_at})).await?;
    Ok(callback)
}

/// A promise comes to its end, if there is one. The caller holds the enrolment and stores it.
pub(crate) async fn settle(tx: &mut Tx, enrolment: &mut Document<Enrolment>, status: CallbackStatus) -> Result<()> {
    enrolment.doc.callback_at = None;
    let Some(id) = enrolment.doc.callback_id.take() else { return Ok(()) };
    let Some(mut callback) = tx.get_for_update::<ScheduledCallback>(id).await? else { return Ok(()) };
    callback.doc.status = status;
    tx.update(&mut callback).await?;
    event(tx, &callback, EventName::ScheduledCallbackEnded, json!({"status": status.as_str()})).await
}

/// Looks whether a promise is about to be broken: then whoever has the lead gets a task, once. Says when to look again.
/// `task` is the id of that task.
pub(crate) async fn broken(
    tx: &mut Tx,
    config: &Config,
    lead: &Document<SaleLead>,
    enrolment: &Document<Enrolment>,
    task: Id<Task>,
) -> Result<Option<Instant>> {
    let (Some(id), Some(at), now) = (enrolment.doc.callback_id, enrolment.doc.callback_at, tx.scope().now) else {
        return Ok(None);
    };
    let patience = Duration::from_mins(config.dealer.doc.dialling.callback_patience_minutes.into());
    if now < at + patience {
        return Ok(Some(at + patience));
    }
    let Some(mut callback) = tx.get_for_update::<ScheduledCallback>(id).await? else { return Ok(None) };
    if callback.doc.escalated_at.is_some() {
        return Ok(None);
    }
    callback.doc.escalated_at = Some(now);
    tx.update(&mut callback).await?;
    let notification = Notification {
        notify_at: Some(now),
        notify_to: lead.doc.owner().map(|owner| owner.to_string()).into_iter().collect(),
        done: Some(false),
        ..Notification::default()
    };
    let doc = Task {
        notification: Some(notification),
        description: Some("A call was promised, and nobody has made it".to_owned()),
        client_id: lead.doc.client_id,
        lead_id: Some(lead.id.cast()),
        lead_type: Some(LeadType::SaleLead),
        ..Task::default()
    };
    tx.insert(&Document::new(task, now, doc, ())).await?;
    event(tx, &callback, EventName::ScheduledCallbackOverdue, json!({"due_at": at})).await?;
    Ok(None)
}

async fn event(
    tx: &mut Tx,
    callback: &Document<ScheduledCallback>,
    name: EventName,
    data: serde_json::Value,
) -> Result<()> {
    let (kind, id, lead) = (ScheduledCallback::SPEC.name, callback.id.cast(), Some(callback.doc.lead_id));
    tx.event(Event { name, kind, id, lead, data }).await
}
