//! `/forecourt/v1/contact-rules`.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    body::Body,
    operation::{Operation, Route},
    problem::ApiResult,
    query::Query,
};
use forecourt_record::{Error, Right, gate::Rules};
use http::StatusCode;
use serde_json::json;

use crate::{
    error,
    wire::{RulesInForce, RulesQuery},
};

const PATH: &str = "/forecourt/v1/contact-rules";

pub fn read() -> Route<App> {
    Operation::get(PATH)
        .name("contact_rules_read")
        .right(Right::OutreachRead)
        .summary("The rules of when and how often people may be contacted")
        .describes(
            "Those shipped for the country of the location, or of the dealer, unless the dealer has rules of its own.",
        )
        .query::<RulesQuery>()
        .answers::<RulesInForce>(200, "The rules in force.")
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Query(query): Query<RulesQuery>|
                   -> ApiResult<Json<RulesInForce>> {
                let config = app.crm.config(who.caller.dealer).await?;
                if let Some(code) = query.location.as_deref().filter(|code| config.location(code).is_none()) {
                    let detail = format!("There is no location \"{code}\".");
                    return Err(error::in_query(Error::field("location", "not_allowed", detail)));
                }
                let rules = config.contact_rules(query.location.as_deref()).clone();
                Ok(Json(RulesInForce { own: config.dealer.doc.contact_rules.is_some(), rules }))
            },
        )
}

pub fn put() -> Route<App> {
    Operation::put(PATH)
        .name("contact_rules_put")
        .right(Right::OutreachWrite)
        .summary("Put rules of the dealer's own in the place of those shipped")
        .describes(
            "They hold for all locations from the next contact on, also for what waits already. Every row has to allow a \
             contact; where there is none, only the gap is kept. None of this is legal advice.",
        )
        .body::<Rules>()
        .example(json!({
            "windows": [{"name": "office_hours", "hours": {"mon": [{"from": "09:00", "to": "18:00"}]},
                "source": "what the house thinks decent"}],
            "limits": [{"name": "three_a_day", "most": 3, "seconds": 86400}],
            "gap": {"seconds": 60},
        }))
        .answers::<RulesInForce>(200, "The rules in force now.")
        .handler(async |State(app): State<App>, who: Who, Body(rules): Body<Rules>| -> ApiResult<Json<RulesInForce>> {
            app.crm.contact_rules_put(&who.caller, Some(rules.clone())).await.map_err(error::in_body)?;
            Ok(Json(RulesInForce { own: true, rules }))
        })
}

pub fn delete() -> Route<App> {
    Operation::delete(PATH)
        .name("contact_rules_delete")
        .right(Right::OutreachWrite)
        .summary("Give up the dealer's own rules for those shipped")
        .answers_empty(204, "The shipped rules are in force.")
        .handler(async |State(app): State<App>, who: Who| -> ApiResult<StatusCode> {
            app.crm.contact_rules_put(&who.caller, None).await?;
            Ok(StatusCode::NO_CONTENT)
        })
}
