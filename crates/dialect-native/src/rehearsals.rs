//! `/forecourt/v1/rehearsals`.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    body::Body,
    operation::{Operation, Route},
    problem::ApiResult,
    query::Query,
};
use forecourt_outreach::rehearsal::{self as core, Cast, Person, Script};
use forecourt_record::{Error, FieldError, Right};
use serde_json::json;

use crate::{
    convert, error,
    wire::{Behaviour, NewRehearsal, Rehearsal, RehearsalQuery},
};

/// As many lines of the log as are answered.
const LINES: usize = 2_000;

pub fn create() -> Route<App> {
    Operation::post("/forecourt/v1/rehearsals")
        .name("rehearsal_create")
        .right(Right::OutreachWrite)
        .summary("Run a schedule on leads from beginning to end, with nobody contacted")
        .describes(
            "The steps, the gate with its hours and limits and the causes to end are those of the worker; the people are those \
             of the stand-in. Nothing is stored. What the house writes beside schedules is not in it, and a call is made as \
             soon as it may be, as if an agent were free.",
        )
        .query::<RehearsalQuery>()
        .body::<NewRehearsal>()
        .example(json!({"schedule": "welcome", "leads": {"count": 1000}, "seed": 7, "behaviour": "people"}))
        .answers::<Rehearsal>(200, "What it came to.")
        .example(json!({
            "leads": 1000, "from": "2026-11-21T18:00:00.000Z", "to": "2026-12-05T18:00:00.000Z",
            "contacts": {"call": 1720, "whatsapp": 1000},
            "hours": [{"hour": "2026-11-21T18:00:00.000Z", "contacts": {"whatsapp": 41}}],
            "steps": [{"schedule": "welcome", "position": 0, "action": "call", "done": 1720, "held": 310, "refused": 0}],
            "rules": [{"rule": "tx_hours", "held": 310, "refused": 0, "held_seconds": 9_000_000}],
            "ends": {"completed_attempted": 800, "opt_out": 200}, "answered": 450, "opted_out": 200,
            "agents": {"calls": 1720, "answered": 540, "hours": 64.67, "busiest_hour": "2026-11-23T16:00:00.000Z",
                "most": 4.2},
            "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        }))
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Query(query): Query<RehearsalQuery>,
                   Body(new): Body<NewRehearsal>|
                   -> ApiResult<Json<Rehearsal>> {
                let asked = asked(new).map_err(error::in_body)?;
                let (report, acts) = app.outreach.rehearse(&who.caller, asked).await.map_err(error::in_body)?;
                let log = query.log.then(|| acts.iter().take(LINES).map(ToString::to_string).collect());
                Ok(Json(convert::rehearsal(report, log)))
            },
        )
}

fn asked(new: NewRehearsal) -> Result<core::Rehearsal, Error> {
    let NewRehearsal {
        schedule,
        definition,
        leads,
        location,
        from,
        seed,
        behaviour,
        minutes_answered,
        minutes_unanswered,
    } = new;
    let mut wrong = Vec::new();
    let mut refuse = |pointer, detail| wrong.push(FieldError::new(pointer, "not_allowed", detail));
    let script = match (schedule, definition) {
        (Some(name), None) => Some(Script::Named(name)),
        (None, Some(definition)) => Some(Script::Definition(definition)),
        (Some(_), Some(_)) | (None, None) => {
            refuse("schedule", "Say which: the name of a schedule, or a definition.");
            None
        }
    };
    let cast = match (leads.count, leads.days) {
        (Some(count), None) => Some(Cast::Generated(count as usize)),
        (None, Some(days)) => Some(Cast::Recent(days)),
        (Some(_), Some(_)) | (None, None) => {
            refuse("leads", "Say which: a count, or days.");
            None
        }
    };
    let (Some(script), Some(cast)) = (script, cast) else { return Err(Error::invalid(wrong)) };
    let behaviour = match behaviour {
        Behaviour::People => core::Behaviour::People,
        Behaviour::Silent => core::Behaviour::Silent,
        Behaviour::Answers => core::Behaviour::Everybody(Person::Answers),
        Behaviour::Stops => core::Behaviour::Everybody(Person::Stops),
        Behaviour::Ignores => core::Behaviour::Everybody(Person::Ignores),
    };
    let call_seconds = [minutes_answered * 60, minutes_unanswered * 60];
    Ok(core::Rehearsal { script, cast, location, from, seed, behaviour, call_seconds })
}
