//! `/api/v1/schedules/make_call`: somebody is called now.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    operation::{Declared, Operation, Right, Route},
    problem::ApiResult,
    sent::Sent,
};
use forecourt_outreach::partner_lead::{CallOf, PartnerLead};
use forecourt_record::{Error, FieldError, shape::code};
use serde_json::{Value, json};

use crate::{convert, given::Given, parameters::OfCall, token, tokens, wire};

pub fn make() -> Route<App> {
    let operation = Operation::post("/api/v1/schedules/make_call")
        .name("schedule_make_call")
        .right(Right::LeadWrite)
        .summary("Call somebody now")
        .describes(
            "A lead of the token's schedule by its `lead_id`, or the number `to`: whoever is on the schedule with it, else \
             somebody new, who is not put on it. Refused with 409 unless the schedule is active, the person may be called now, \
             is not being contacted, and was not called within 30 seconds; with 429 beyond the calls a second that are allowed.",
        );
    let operation = wire::takes::<OfCall>(operation).example(json!({"to": "+18004506787"}));
    let operation = operation
        .answers_with(200, "The call, which is about to be made.", wire::JSON, Declared::data(wire::call_answer))
        .example(wire::call_example());
    wire::refusals(operation).handler(
        async move |State(app): State<App>, who: Who, sent: Sent| -> ApiResult<Json<Value>> {
            let token = token::of(&who, &sent)?;
            let zone = app.outreach.partner_zone(&who.caller, &token).await?;
            let mut given = Given::of(sent, zone);
            let (lead, to) = (given.text("lead_id"), given.number_of_phone("to"));
            let known = tokens::read_beside(&mut given, &["lead_id", "schedule_id", "to"]);
            match (&lead, &to) {
                (None, None) if given.wrong.iter().all(|known| known.pointer != "to" && known.pointer != "lead_id") => {
                    given.refuse("to", code::REQUIRED, "can't be blank, where there is no lead_id");
                }
                (Some(_), Some(_)) => given.refuse("to", code::NOT_ALLOWED, "cannot be sent together with lead_id"),
                _ => {}
            }
            if let Some(number) = given.text("schedule_id")
                && app.outreach.partner_schedule(&who.caller, &token).await?.is_none_or(|own| own.to_string() != number)
            {
                given.refuse("schedule_id", code::NOT_ALLOWED, "is not the schedule of this token");
            }
            if to.is_some() {
                let lead = PartnerLead { caller_id: to.clone(), ..PartnerLead::default() };
                // That its schedule is stopped is told by the call itself.
                let found = app.outreach.partner_check(&who.caller, &token, &lead).await?;
                for found in found.into_iter().filter(|found| found.pointer == "caller_id") {
                    given.wrong.push(FieldError { pointer: "to".to_owned(), ..found });
                }
            }
            if !given.wrong.is_empty() {
                return Err(Error::invalid(given.wrong).into());
            }
            let of = match (lead, to) {
                (Some(lead), _) => match (lead.parse(), lead.parse()) {
                    (Ok(number), _) => CallOf::Lead(number),
                    (_, Ok(id)) => CallOf::Id(id),
                    _ => return Err(Error::not_found("lead").into()),
                },
                (None, to) => CallOf::Number(to.unwrap_or_default(), known),
            };
            let view = app.outreach.partner_call(&who.caller, &token, of).await?;
            Ok(Json(convert::success("call", convert::call(&view), &json!({"root": "call"}))))
        },
    )
}
