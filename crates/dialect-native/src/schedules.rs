//! `/forecourt/v1/schedules`.

use axum::{Json, extract::State, response::IntoResponse as _};
use forecourt_api::{
    App, Who,
    body::Body,
    operation::{Operation, Route},
    path::Path,
    problem::ApiResult,
    version,
};
use forecourt_crm::schedule::{InForce, NewSchedule};
use forecourt_record::{Code, Error, Right};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::{
    convert, error,
    wire::{Listed, PutSchedule, Schedule, ScheduleItem, ScheduleVersion},
};

const NAME: &str = "The schedule's name.";

fn example() -> Value {
    json!({
        "actions": [
            {"do": "whatsapp", "template": "created", "text": {"en": "Hi [first_name]{there}, when may we call you?"}},
            {"do": "wait", "days": 1, "until": "10:00", "on": ["mon", "tue", "wed", "thu", "fri"]},
            {"do": "dial"},
        ],
        "until": [{"replied": true}],
        "purpose": "marketing",
        "max_contact_attempts": 12,
    })
}

fn item() -> Value {
    json!({
        "name": "welcome", "description": "Reach whoever has asked", "active": true, "version": 3, "purpose": "marketing",
        "steps": 3, "created_at": "2026-11-01T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z",
    })
}

pub fn list() -> Route<App> {
    Operation::get("/forecourt/v1/schedules")
        .name("schedule_list")
        .right(Right::OutreachRead)
        .summary("All schedules by name")
        .answers::<Listed<ScheduleItem>>(200, "The schedules.")
        .example(json!({"data": [item()], "total": 1}))
        .handler(async |State(app): State<App>, who: Who| -> ApiResult<Json<Listed<ScheduleItem>>> {
            let config = app.crm.config(who.caller.dealer).await?;
            let data: Vec<_> = config.schedules.iter().map(convert::schedule_item).collect();
            Ok(Json(Listed { total: data.len() as i64, data, next: None }))
        })
}

pub fn read() -> Route<App> {
    Operation::get("/forecourt/v1/schedules/{name}")
        .name("schedule_read")
        .right(Right::OutreachRead)
        .summary("A schedule with the definition in force")
        .path("name", NAME)
        .answers::<Schedule>(200, "The schedule.")
        .answer_header("ETag", "The version of the document, for `If-Match`.")
        .handler(async |State(app): State<App>, who: Who, Path(name): Path<String>| -> ApiResult<_> {
            answer(&app, &who, &name, StatusCode::OK).await
        })
}

async fn answer(app: &App, who: &Who, name: &str, status: StatusCode) -> ApiResult<axum::response::Response> {
    let config = app.crm.config(who.caller.dealer).await?;
    let on: &InForce = config.schedule_named(name).ok_or_else(|| Error::not_found("schedule"))?;
    let tag = [version::etag(on.schedule.version)];
    Ok((status, tag, Json(convert::schedule(on))).into_response())
}

pub fn put() -> Route<App> {
    Operation::put("/forecourt/v1/schedules/{name}")
        .name("schedule_put")
        .right(Right::OutreachWrite)
        .summary("Make a schedule, or put a new version of it in force")
        .describes(
            "The definition is checked whole, and everything that is wrong with it is told at once. Whoever is on the schedule \
             finishes the version that was begun; the same definition again is no new version.",
        )
        .path("name", "Its name: 1 to 64 characters.")
        .header("If-Match", "The `ETag` the change is based on; 412 when the schedule has changed since, or is not there.")
        .body::<PutSchedule>()
        .example(json!({"description": "Reach whoever has asked", "definition": example()}))
        .answers::<Schedule>(200, "The schedule as it is now.")
        .answer_header("ETag", "The version of the document, for `If-Match`.")
        .answers::<Schedule>(201, "The schedule is new.")
        .answer_header("ETag", "The version of the document, for `If-Match`.")
        .problems(&[Code::PreconditionFailed, Code::VersionBehind])
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Path(name): Path<String>,
                   headers: HeaderMap,
                   Body(body): Body<PutSchedule>|
                   -> ApiResult<_> {
                let PutSchedule { description, active, definition } = body;
                let config = app.crm.config(who.caller.dealer).await?;
                let is_there = config.schedule_named(&name).is_some();
                let status = if is_there { StatusCode::OK } else { StatusCode::CREATED };
                let new = NewSchedule { name: name.clone(), description, active, definition };
                let expected = version::expected(&headers);
                app.crm.schedule_put_at(&who.caller, new, expected).await.map_err(error::in_body)?;
                answer(&app, &who, &name, status).await
            },
        )
}

pub fn stop() -> Route<App> {
    let stop = Operation::post("/forecourt/v1/schedules/{name}/stop").name("schedule_stop").right(Right::OutreachWrite);
    activating(stop.summary("Put nobody on a schedule any more, and let those who are on it wait"), false)
}

pub fn start() -> Route<App> {
    let start =
        Operation::post("/forecourt/v1/schedules/{name}/start").name("schedule_start").right(Right::OutreachWrite);
    let start = start.summary("Let a stopped schedule go on");
    activating(start.describes("Those who wait on it go on within five minutes."), true)
}

fn activating(operation: Operation, active: bool) -> Route<App> {
    operation
        .path("name", NAME)
        .answers::<Schedule>(200, "The schedule as it is now.")
        .answer_header("ETag", "The version of the document, for `If-Match`.")
        .handler(async move |State(app): State<App>, who: Who, Path(name): Path<String>| -> ApiResult<_> {
            app.crm.schedule_activate(&who.caller, &name, active).await?;
            answer(&app, &who, &name, StatusCode::OK).await
        })
}

pub fn version() -> Route<App> {
    Operation::get("/forecourt/v1/schedules/{name}/versions/{version}")
        .name("schedule_version")
        .right(Right::OutreachRead)
        .summary("A version of a schedule, in force or not")
        .path("name", NAME)
        .path("version", "From 1.")
        .answers::<ScheduleVersion>(200, "The version, as it will always be.")
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Path((name, number)): Path<(String, String)>|
                   -> ApiResult<Json<ScheduleVersion>> {
                let number =
                    convert::numbered(&number, "").ok_or_else(|| Error::not_found("version of the schedule"))?;
                let stored = app.crm.schedule_version(&who.caller, &name, number).await?;
                Ok(Json(convert::version(name, stored)))
            },
        )
}
