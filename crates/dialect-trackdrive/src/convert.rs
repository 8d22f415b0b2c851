//! A lead on a schedule as TrackDrive shows it.

use forecourt_outreach::partner_lead::{CallView, Dedupe, PartnerView};
use forecourt_record::{Enrolment, EnrolmentExtra, EnrolmentStatus, Place, Whereabouts};
use serde_json::{Value, json};

/// The answer about a lead.
pub fn answer(view: &PartnerView) -> Value {
    let (created, dedupe) = match view.dedupe {
        Dedupe::None => (true, "none"),
        Dedupe::Updated => (false, "updated"),
        Dedupe::Replaced => (true, "replaced"),
        Dedupe::Allowed => (true, "allowed"),
    };
    success("lead", lead(view), &json!({"root": "lead", "created": created, "dedupe": dedupe}))
}

/// What is done, and what was done it to.
pub fn success(root: &str, shown: Value, metadata: &Value) -> Value {
    let mut body = json!({"success": true, "status": 200, "errors": {}});
    body[root] = shown;
    body["metadata"] = metadata.clone();
    body
}

/// A lead. What it is made of is taken apart whole, so that something new is shown or left out on purpose.
pub fn lead(view: &PartnerView) -> Value {
    let PartnerView { enrolment, lead, schedule, callback, blocked, opted_out, whereabouts, dedupe: _ } = view;
    let Enrolment {
        schedule_id: _,
        version: _,
        lead_id: _,
        client_id: _,
        lead_type: _,
        call_group: _,
        caller_id,
        email,
        location: _,
        call_number,
        sms_number,
        captured,
        status,
        position: _,
        restarts: _,
        next_action_at,
        lead_priority,
        expires_at,
        contact_attempts,
        max_contact_attempts,
        tokens,
        begun_at: _,
        replied_at: _,
        connected_at: _,
        dispositions: _,
        rank: _,
        agent_id: _,
        callback_id: _,
        callback_at: _,
        resume_at: _,
        under_way: _,
        standstill,
        ended_at,
        ended_because: _,
    } = &enrolment.doc;
    let EnrolmentExtra { number, by_offer, contact_field_type } = &enrolment.extra;
    let (schedule_id, offer_id) = if *by_offer { (None, Some(schedule)) } else { (Some(schedule), None) };
    let email = lead.extra.email.as_ref().or(email.as_ref());
    // Who was never named is known by number or address.
    let nameless = [caller_id.as_ref(), email].into_iter().flatten().any(|address| *address == lead.extra.name);
    let full_name = Some(&lead.extra.name).filter(|name| !nameless && !name.is_empty());
    let rule = standstill.as_ref().map(|standstill| standstill.rule.as_str());
    let Whereabouts { zones, country, states, presumed: _ } = whereabouts;
    json!({
        "id": number,
        "uuid": enrolment.id,
        "caller_id": caller_id,
        "email": email,
        "full_name": full_name,
        "status": status,
        "human_status": human(*status, *captured, rule),
        "schedule_id": schedule_id,
        "offer_id": offer_id,
        "contact_field_type": contact_field_type,
        "lead_priority": lead_priority,
        "next_action_at": next_action_at,
        "expires_at": expires_at,
        "ended_at": ended_at,
        "contact_attempts": contact_attempts,
        "max_contact_attempts": max_contact_attempts,
        "opt_out": opted_out,
        "blocked": blocked,
        "scheduled_callback_id": callback,
        "trackdrive_number_plain": call_number,
        "sms_number_plain": sms_number,
        "time_zone": only(zones).map(ToString::to_string),
        "state_province": only(states).copied().map(state),
        "country": country.map(|country| country.to_string()),
        "tokens": tokens,
        "created_at": enrolment.created_at,
        "updated_at": enrolment.updated_at,
    })
}

/// A call that was begun.
pub fn call(view: &CallView) -> Value {
    let CallView { call, lead } = view;
    json!({
        "uuid": call.id,
        "lead_id": lead,
        "status": call.doc.status,
        "direction": call.doc.direction,
        "caller_id": call.doc.client_number,
        "number_plain": call.doc.dealer_number,
        "tokens": call.extra.call.as_ref().map(|facts| &facts.tokens),
        "created_at": call.created_at,
    })
}

/// What is known for certain: of several that are possible none.
fn only<T>(all: &[T]) -> Option<&T> {
    match all {
        [only] => Some(only),
        _ => None,
    }
}

/// `US-TX` is `TX` of its country.
fn state(place: Place) -> String {
    place.as_str().rsplit('-').next().unwrap_or_default().to_owned()
}

/// A status for people, with what it waits for.
fn human(status: EnrolmentStatus, captured: bool, rule: Option<&str>) -> &'static str {
    match (status, rule) {
        _ if captured && status.is_live() => "Data captured, nothing begun",
        (EnrolmentStatus::Queue, _) => "Waiting to be called",
        (EnrolmentStatus::Scheduled, _) => "Scheduled",
        (EnrolmentStatus::Waiting, Some("await_call")) => "Waiting for the person to call",
        (EnrolmentStatus::Waiting, Some("wait")) => "Waiting for the next action",
        (EnrolmentStatus::Waiting, Some("callback")) => "Waiting for the call that was promised",
        (EnrolmentStatus::Waiting, Some("paused")) => "Waiting, the schedule is paused",
        (EnrolmentStatus::Waiting, Some(_)) => "Held back by a rule of contact",
        (EnrolmentStatus::Waiting, None) => "Waiting",
        (EnrolmentStatus::Running, _) => "Being contacted",
        (EnrolmentStatus::Completed, _) => "Completed",
        (EnrolmentStatus::CompletedAttempted, _) => "Completed, contact attempted",
        (EnrolmentStatus::CompletedConnected, _) => "Completed, spoken with",
        (EnrolmentStatus::CompletedConverted, _) => "Completed, converted",
        (EnrolmentStatus::ExceededMaxCalls, _) => "Exceeded maximum contact attempts",
        (EnrolmentStatus::Dnc, _) => "On a do-not-call list",
        (EnrolmentStatus::Failure, _) => "Failed",
        (EnrolmentStatus::Disabled, _) => "Removed from the schedule",
        (EnrolmentStatus::Blocked, _) => "Blocked",
        (EnrolmentStatus::OptOut, _) => "Opted out",
    }
}
