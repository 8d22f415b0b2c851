//! `/v1/analytics/*`.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    operation::{Operation, Route},
    problem::ApiResult,
    query::{Query, malformed},
};
use forecourt_record::{
    Error, FieldError, Right,
    calendar::{Days, Period},
};
use serde_json::json;

use crate::{
    convert, error,
    wire::{AnalyticsQuery, Sources, Summary},
};

pub fn summary() -> Route<App> {
    Operation::get("/v1/analytics/summary")
        .name("analytics_summary")
        .right(Right::AnalyticsRead)
        .summary("Aggregated KPIs by period and location.")
        .describes("Of the leads created in the period, in days of the dealer's time zone. `conv` is sold of all.")
        .query::<AnalyticsQuery>()
        .answers::<Summary>(200, "The figures.")
        .example(
            json!({"totalLeads": 248, "conv": 0.18, "avgScore": 54, "byStatus": {"new": 120}, "byFilter": {"A": 80},
            "byLocation": {"houston": 200}, "appointmentsSet": 40, "appointmentsShown": 31,
            "medianFirstHumanResponseSeconds": 420, "series": [{"date": "2026-11-21", "leads": 9, "sold": 1}]}),
        )
        .handler(
            async |State(app): State<App>, who: Who, Query(query): Query<AnalyticsQuery>| -> ApiResult<Json<Summary>> {
                let summary = app.crm.analytics_summary(&who.caller, asked(query)?).await.map_err(error::in_query)?;
                Ok(Json(convert::summary(summary)))
            },
        )
}

pub fn sources() -> Route<App> {
    Operation::get("/v1/analytics/sources")
        .name("analytics_sources")
        .right(Right::AnalyticsRead)
        .summary("Lead volume by source.")
        .query::<AnalyticsQuery>()
        .answers::<Sources>(200, "The figures of each source.")
        .example(json!({"data": [{"source": "website", "total": 120, "conv": 0.2, "avgScore": 57.5}]}))
        .handler(
            async |State(app): State<App>, who: Who, Query(query): Query<AnalyticsQuery>| -> ApiResult<Json<Sources>> {
                let sources = app.crm.analytics_sources(&who.caller, asked(query)?).await.map_err(error::in_query)?;
                Ok(Json(Sources { data: sources.into_iter().map(convert::source).collect() }))
            },
        )
}

fn asked(query: AnalyticsQuery) -> Result<forecourt_crm::analytics::AnalyticsQuery, Error> {
    let wrong =
        |name: &str, detail: String| malformed(vec![FieldError::new(format!("query:{name}"), "not_allowed", detail)]);
    let period = match (query.period, query.from, query.to) {
        (None, None, None) => Period::Days30,
        (Some(period), None, None) => period.parse().map_err(|_| {
            wrong("period", format!("\"{period}\" is not a period. Known: {}.", Period::NAMES.join(", ")))
        })?,
        (None, Some(from), Some(to)) => {
            Period::Range(Days::parse(&from, &to).map_err(|reason| wrong("from", format!("{reason}.")))?)
        }
        (Some(_), _, _) => return Err(wrong("period", "Give either period, or from and to.".to_owned())),
        (None, Some(_), None) => return Err(wrong("to", "from and to belong together.".to_owned())),
        (None, None, Some(_)) => return Err(wrong("from", "from and to belong together.".to_owned())),
    };
    Ok(forecourt_crm::analytics::AnalyticsQuery { period, location: query.location })
}
