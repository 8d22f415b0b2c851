//! `/api/v1/leads/{caller_id}/...`: what is done with a person's leads on the schedule of a token.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    operation::{Operation, Right, Route},
    path::Path,
    problem::ApiResult,
    sent::Sent,
};
use forecourt_outreach::partner_lead::PersonAct;
use serde_json::{Value, json};

use crate::{convert, parameters::OfToken, token, wire};

pub fn remove() -> Route<App> {
    let operation =
        Operation::post("/api/v1/leads/{caller_id}/caller_remove").name("caller_remove").right(Right::LeadWrite);
    act(operation.summary("Take a person off the schedule").describes("Nothing else happens."), PersonAct::Remove)
}

pub fn opt_out() -> Route<App> {
    let operation =
        Operation::post("/api/v1/leads/{caller_id}/caller_opt_out").name("caller_opt_out").right(Right::LeadWrite);
    act(
        operation.summary("Hear that a person wants no more calls and messages").describes(
            "Holds for everything this dealer does, also for a number nobody knows yet; `lead` is null then.",
        ),
        PersonAct::OptOut,
    )
}

pub fn move_to_end() -> Route<App> {
    let operation = Operation::post("/api/v1/leads/{caller_id}/caller_move_to_end_of_schedule")
        .name("caller_move_to_end_of_schedule")
        .right(Right::LeadWrite);
    act(
        operation
            .summary("Move a person to the end of the schedule")
            .describes("What the schedule does at its end is done."),
        PersonAct::MoveToEnd,
    )
}

fn act(operation: Operation, act: PersonAct) -> Route<App> {
    let operation = operation.path("caller_id", "The person's number: `+18004506787`, escaped, or its digits.");
    wire::refusals(wire::answers_person(wire::takes::<OfToken>(operation))).handler(
        async move |State(app): State<App>,
                    who: Who,
                    Path(number): Path<String>,
                    sent: Sent|
                    -> ApiResult<Json<Value>> {
            let token = token::of(&who, &sent)?;
            let view = app.outreach.partner_act(&who.caller, &token, &in_full(&number), act).await?;
            let lead = view.as_ref().map_or(Value::Null, convert::lead);
            Ok(Json(convert::success("lead", lead, &json!({"root": "lead"}))))
        },
    )
}

/// A number in a path: a plus sign that came as a blank is one again, and digits with a country's code need none.
fn in_full(number: &str) -> String {
    let number = number.trim();
    let is_whole = number.len() > 10 && !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole { format!("+{number}") } else { number.to_owned() }
}
