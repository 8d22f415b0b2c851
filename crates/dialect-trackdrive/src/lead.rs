//! `/api/v1/leads`: leads sent by a partner.

use std::time::Duration;

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    operation::{Operation, Right, Route},
    problem::ApiResult,
    sent::Sent,
};
use forecourt_outreach::partner_lead::{Existing, PartnerLead, Wanted};
use forecourt_record::{Error, Instant, shape::code};
use serde_json::{Value, json};

use crate::{
    convert,
    given::Given,
    parameters::OfLead,
    token,
    tokens::{name_in, read as read_tokens, unnest},
    wire,
};

/// The most hours a lead may have.
const HOURS: f64 = 8784.0;
/// The same in seconds.
const SECONDS: i64 = 8784 * 3600;

pub fn create_or_update() -> Route<App> {
    put(Operation::post("/api/v1/leads/create_or_update").name("lead_create_or_update").right(Right::LeadWrite))
}

pub fn create_or_update_put() -> Route<App> {
    put(Operation::put("/api/v1/leads/create_or_update").name("lead_create_or_update_put").right(Right::LeadWrite))
}

fn put(operation: Operation) -> Route<App> {
    lead(
        operation.summary("Create or update a lead").describes(
            "The live lead of this schedule or offer and `caller_id` is changed, the newest of several; where there is none it \
             is made. A schedule that refuses duplicates refuses this one, too, unless `update_only` is said.",
        ),
        Wanted::Put,
    )
}

pub fn create() -> Route<App> {
    lead(
        Operation::post("/api/v1/leads").name("lead_submit").right(Right::LeadWrite).summary("Create a lead").describes(
            "A new lead, unless the schedule has a rule for somebody who is on it already: it is refused, changed, or \
             begins anew.",
        ),
        Wanted::Add,
    )
}

pub fn capture() -> Route<App> {
    lead(
        Operation::post("/api/v1/leads/capture")
            .name("lead_capture")
            .right(Right::LeadWrite)
            .summary("Attach data to a lead")
            .describes(
                "Nobody is called or written to: a lead that is made so waits until it is sent to its schedule by another \
                 operation. `dedupe` says what became of one that was there.",
            ),
        Wanted::Capture,
    )
}

fn lead(operation: Operation, wanted: Wanted) -> Route<App> {
    let operation =
        wire::takes::<OfLead>(operation).example(json!({"caller_id": "+18004506787", "data": {"loan_amount": "501"}}));
    wire::refusals(wire::answers_lead(operation)).handler(
        async move |State(app): State<App>, who: Who, sent: Sent| -> ApiResult<Json<Value>> {
            let token = token::of(&who, &sent)?;
            let zone = app.outreach.partner_zone(&who.caller, &token).await?;
            let mut given = Given::of(sent, zone);
            let (lead, wanted) = read(&mut given, wanted, app.crm.now());
            for found in app.outreach.partner_check(&who.caller, &token, &lead).await? {
                // Of a field that is wrong already nothing more is said.
                if given.wrong.iter().all(|known| known.pointer != found.pointer) {
                    given.wrong.push(found);
                }
            }
            if !given.wrong.is_empty() {
                return Err(Error::invalid(given.wrong).into());
            }
            let view = app.outreach.partner_put(&who.caller, &token, lead, wanted).await?;
            Ok(Json(convert::answer(&view)))
        },
    )
}

/// What a request says of a lead.
fn read(given: &mut Given, wanted: Wanted, now: Instant) -> (PartnerLead, Wanted) {
    if given.flag("auto_format_nested_fields") == Some(true) {
        unnest(&mut given.members);
    }
    let tokens = read_tokens(given);
    let expires = [
        given.positive("hours_to_expire", HOURS).map(|hours| Duration::from_secs_f64(hours * 3600.0)),
        given.whole("expires_in", 1, SECONDS).map(|seconds| Duration::from_secs(seconds.unsigned_abs())),
    ];
    let blocked = given.flag("blocked");
    let unblocked = (given.flag("unblock_contact") == Some(true)).then_some(false);
    let existing = match (given.flag("delete_existing"), given.flag("expire_existing")) {
        (Some(true), _) => Existing::Delete,
        (_, Some(true)) => Existing::Expire,
        _ => Existing::Stay,
    };
    let update_only = given.flag("update_only") == Some(true);
    if update_only && existing != Existing::Stay {
        given.refuse(
            "update_only",
            code::NOT_ALLOWED,
            "leaves nothing to do beside expire_existing and delete_existing",
        );
    }
    let callback_at = callback(given, wanted, now);
    let applied_to = given.text("apply_to");
    if applied_to.as_ref().is_some_and(|what| what != "calls") {
        given.refuse("apply_to", code::NOT_ALLOWED, "must be one of: calls");
    }
    let lead = PartnerLead {
        caller_id: given.number_of_phone("caller_id"),
        email: given.text("email"),
        name: name_in(&tokens),
        contact_field_type: given.text("contact_field_type"),
        lead_priority: given.whole("lead_priority", -1_000_000, 1_000_000),
        next_action_at: given.time("next_action_at"),
        expires_in: expires.into_iter().flatten().min(),
        max_contact_attempts: given.whole("max_contact_attempts", 1, 999),
        restart: given.flag("restart_schedule") == Some(true),
        blocked: blocked.or(unblocked),
        existing,
        callback_at,
        onto_calls: applied_to.is_some(),
        all_matching: given.flag("update_all_matching_leads") == Some(true),
        call_number: given.flag("assign_trackdrive_number") == Some(true),
        sms_number: given.flag("assign_sms_number") == Some(true),
        tokens,
    };
    if wanted == Wanted::Capture {
        let hastens = [("restart_schedule", lead.restart), ("next_action_at", lead.next_action_at.is_some())];
        for (name, _) in hastens.into_iter().filter(|(_, is_said)| *is_said) {
            given.refuse(name, code::NOT_ALLOWED, "cannot be sent where nobody is to be called");
        }
    }
    (lead, if update_only { Wanted::Update } else { wanted })
}

/// When the person is to be called back.
fn callback(given: &mut Given, wanted: Wanted, now: Instant) -> Option<Instant> {
    let (at, seconds) = ("schedule_callback_at", "schedule_callback_in_seconds");
    let when = given.time(at);
    let after = given.whole(seconds, 0, SECONDS).map(|seconds| now + Duration::from_secs(seconds.unsigned_abs()));
    if when.is_some() && after.is_some() {
        for (name, other) in [(at, seconds), (seconds, at)] {
            given.refuse(name, code::NOT_ALLOWED, format!("cannot be sent together with {other}"));
        }
        return None;
    }
    if when.is_some_and(|when| when <= now) {
        given.refuse(at, code::NOT_ALLOWED, "must be in the future");
        return None;
    }
    if let Some(name) = when.map(|_| at).or(after.map(|_| seconds)).filter(|_| wanted == Wanted::Capture) {
        given.refuse(name, code::NOT_ALLOWED, "cannot be sent where nobody is to be called");
    }
    when.or(after)
}
