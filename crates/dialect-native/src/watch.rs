//! `/forecourt/v1/.../monitor` and `/forecourt/v1/.../why-not`.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    operation::{Operation, Route},
    path::Path,
    problem::ApiResult,
};
use forecourt_record::Right;
use serde_json::{Value, json};

use crate::{
    convert,
    wire::{LeadWhyNot, Monitor, NextContact, ScheduleWhyNot},
};

fn rule() -> Value {
    json!({
        "rule": "tx_hours", "reason": "Texas: 9:00 to 21:00, Sundays from noon", "count": 12,
        "since": "2026-11-22T03:00:00.000Z", "example": "E-17",
        "change": "It goes on by itself at that time; which hours and limits hold is said by the rules of contact.",
    })
}

fn next() -> Value {
    json!({
        "enrolment": "E-17", "schedule": "welcome", "status": "waiting", "action": "send a text message: Hello",
        "channel": "sms", "possible_at": "2026-11-22T18:00:00.000Z",
        "obstacles": [{
            "rule": "tx_hours", "reason": "Texas: 9:00 to 21:00, Sundays from noon", "since": "2026-11-22T03:00:00.000Z",
            "until": "2026-11-22T18:00:00.000Z",
            "change": "It goes on by itself at that time; which hours and limits hold is said by the rules of contact.",
        }],
    })
}

pub fn monitor() -> Route<App> {
    Operation::get("/forecourt/v1/schedules/{name}/monitor")
        .name("schedule_monitor")
        .right(Right::OutreachRead)
        .summary("How a schedule does: who stands where, what holds them, what is due")
        .describes("Users bound to locations see those of theirs.")
        .path("name", "The schedule's name.")
        .answers::<Monitor>(200, "Exact counts.")
        .example(json!({
            "schedule": "welcome", "version": 3, "active": true, "live": 40,
            "statuses": [{"status": "queue", "count": 28}, {"status": "waiting", "count": 12}],
            "steps": [{"version": 3, "position": 2, "action": "call", "live": 40}],
            "rules": [rule()], "next_due": "2026-11-22T18:00:00.000Z", "overdue": 0,
        }))
        .handler(async |State(app): State<App>, who: Who, Path(name): Path<String>| -> ApiResult<Json<Monitor>> {
            Ok(Json(convert::monitor(app.outreach.schedule_monitor(&who.caller, &name).await?)))
        })
}

pub fn of_schedule() -> Route<App> {
    Operation::get("/forecourt/v1/schedules/{name}/why-not")
        .name("schedule_why_not")
        .right(Right::OutreachRead)
        .summary("Which rules stop those on a schedule, with an example each")
        .path("name", "The schedule's name.")
        .answers::<ScheduleWhyNot>(200, "The rules, the most frequent first.")
        .example(json!({"schedule": "welcome", "active": true, "live": 40, "rules": [rule()]}))
        .handler(
            async |State(app): State<App>, who: Who, Path(name): Path<String>| -> ApiResult<Json<ScheduleWhyNot>> {
                let Monitor { schedule, active, live, rules, .. } =
                    convert::monitor(app.outreach.schedule_monitor(&who.caller, &name).await?);
                Ok(Json(ScheduleWhyNot { schedule, active, live, rules }))
            },
        )
}

pub fn of_enrolment() -> Route<App> {
    Operation::get("/forecourt/v1/enrolments/{id}/why-not")
        .name("enrolment_why_not")
        .right(Right::LeadRead)
        .summary("Why the next contact of an enrolment is not made now")
        .describes("The gate is asked for the contact that the plan comes to next, as if its hour had come.")
        .path("id", "`E-17`")
        .answers::<NextContact>(200, "The next contact, and what stops it.")
        .example(next())
        .handler(async |State(app): State<App>, who: Who, Path(id): Path<String>| -> ApiResult<Json<NextContact>> {
            let found = app.outreach.enrolment_why_not(&who.caller, convert::enrolment_ref(&id)?).await?;
            Ok(Json(convert::next_contact(found)))
        })
}

pub fn of_lead() -> Route<App> {
    Operation::get("/forecourt/v1/leads/{id}/why-not")
        .name("lead_why_not")
        .right(Right::LeadRead)
        .summary("Why a lead is not contacted: by channel now, and by schedule")
        .path("id", "`L-1042`")
        .answers::<LeadWhyNot>(200, "What stops a contact.")
        .example(json!({
            "lead": "L-1042", "purpose": "marketing",
            "channels": [{"channel": "call", "allowed": true, "obstacle": null}], "enrolments": [next()],
        }))
        .handler(async |State(app): State<App>, who: Who, Path(id): Path<String>| -> ApiResult<Json<LeadWhyNot>> {
            let found = app.outreach.lead_why_not(&who.caller, convert::lead_ref(&id)?).await?;
            Ok(Json(convert::lead_why_not(found)))
        })
}
