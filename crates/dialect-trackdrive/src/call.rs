//! `/api/v1/schedules/make_call`: somebody is called now.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    operation::{Operation, Right, Route},
    problem::ApiResult,
    sent::Sent,
};
use forecourt_record::{Error, shape::code};
use serde_json::{Value, json};

use crate::{given::Given, parameters::OfCall, token, wire};

pub fn make() -> Route<App> {
    let operation = Operation::post("/api/v1/schedules/make_call")
        .name("schedule_make_call")
        .right(Right::LeadWrite)
        .summary("Call somebody now")
        .describes("A lead by its `lead_id`, or the number `to`. Not available yet: whoever is meant is checked, and nobody called.");
    let operation = wire::takes::<OfCall>(operation).example(json!({"to": "+18004506787"}));
    wire::refusals(wire::answers_lead(operation)).handler(
        async move |State(app): State<App>, who: Who, sent: Sent| -> ApiResult<Json<Value>> {
            let token = token::of(&who, &sent)?;
            let zone = app.outreach.partner_zone(&who.caller, &token).await?;
            let mut given = Given::of(sent, zone);
            match (given.text("lead_id"), given.number_of_phone("to")) {
                (None, None) => given.refuse("to", code::REQUIRED, "can't be blank, where there is no lead_id"),
                (Some(_), Some(_)) => given.refuse("to", code::NOT_ALLOWED, "cannot be sent together with lead_id"),
                (Some(_), None) | (None, Some(_)) => {
                    given.refuse("base", "not_available", "Calls are not available yet.")
                }
            }
            Err(Error::invalid(given.wrong).into())
        },
    )
}
