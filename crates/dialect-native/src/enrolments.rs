//! `/forecourt/v1/enrolments`.

use axum::{Json, extract::State, response::IntoResponse as _};
use forecourt_api::{
    App, Who,
    body::Received,
    idempotency::IdempotencyKey,
    operation::{Operation, Route},
    path::Path,
    problem::ApiResult,
    query::Query,
};
use forecourt_outreach::schedule::{Enrolled, EnrolmentQuery};
use forecourt_record::{Code, Error, Phone, Right};
use http::{StatusCode, header::LOCATION};
use serde_json::{Value, json};

use crate::{
    convert, error,
    wire::{self, Enrolment, Listed, NewEnrolment},
};

const ID: &str = "`E-17`";

fn example() -> Value {
    json!({
        "id": "E-17", "lead": "L-1042", "schedule": "welcome", "version": 3, "status": "waiting", "position": 2,
        "action": "call", "next_action_at": "2026-11-23T16:00:00.000Z",
        "standstill": {"rule": "wait", "reason": "the schedule waits", "since": "2026-11-21T18:00:00.000Z"},
        "under_way": null, "priority": 0, "caller_id": "+17135550100", "email": null, "location": "houston",
        "expires_at": null, "contact_attempts": 1, "max_contact_attempts": 12, "restarts": 0, "tokens": {"make": "Ford"},
        "begun_at": "2026-11-21T18:00:00.000Z", "replied_at": null, "connected_at": null, "dispositions": [], "callback_at": null,
        "ended_at": null,
        "ended_because": null,
    })
}

pub fn list() -> Route<App> {
    Operation::get("/forecourt/v1/enrolments")
        .name("enrolment_list")
        .right(Right::LeadRead)
        .summary("Who is, or was, on which schedule, newest first")
        .describes("Users bound to locations see those of theirs.")
        .query::<wire::EnrolmentQuery>()
        .answers::<Listed<Enrolment>>(200, "A page of enrolments.")
        .example(json!({"data": [example()], "total": 1}))
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Query(query): Query<wire::EnrolmentQuery>|
                   -> ApiResult<Json<Listed<Enrolment>>> {
                let query = asked(query).map_err(error::in_query)?;
                let page = app.outreach.enrolment_list(&who.caller, query).await;
                let page = page.map_err(|error| error::in_query(error::not_there(error, "lead")))?;
                Ok(Json(Listed {
                    data: page.items.into_iter().map(convert::enrolment).collect(),
                    total: page.total,
                    next: page.next.map(convert::enrolment_id),
                }))
            },
        )
}

fn asked(query: wire::EnrolmentQuery) -> Result<EnrolmentQuery, Error> {
    let wire::EnrolmentQuery { schedule, status, lead, caller_id, after, limit } = query;
    let phone = |number: String| match Phone::parse(&number, None) {
        Ok(phone) => Ok(phone.as_str().to_owned()),
        Err(reason) => Err(Error::field("caller_id", "bad_format", format!("This is not a phone number: {reason}."))),
    };
    let before = |after: String| {
        convert::numbered(&after, "E-")
            .ok_or_else(|| Error::field("after", "bad_format", "This is no `next` of a page."))
    };
    Ok(EnrolmentQuery {
        schedule,
        status,
        lead: lead.map(|id| convert::lead_ref(&id)).transpose().map_err(|error| error::not_there(error, "lead"))?,
        caller_id: caller_id.map(phone).transpose()?,
        before: after.map(before).transpose()?,
        limit: i64::from(limit),
    })
}

pub fn create() -> Route<App> {
    Operation::post("/forecourt/v1/enrolments")
        .name("enrolment_create")
        .right(Right::LeadWrite)
        .summary("Put a lead on a schedule")
        .describes(
            "A person is on a schedule once. What happens to somebody who is on it already is said by the schedule's \
             `duplicates`: `update` adds the tokens and answers 200 with the enrolment there is, `reject` answers 409, \
             `expire_existing` begins anew, and `allow` begins another one.",
        )
        .header(
            "Idempotency-Key",
            "Repeating a request with the same key within 24 hours answers what the first one did.",
        )
        .body::<NewEnrolment>()
        .example(json!({"lead": "L-1042", "schedule": "welcome", "tokens": {"make": "Ford"}, "priority": 0,
            "not_before": "2026-11-23T16:00:00Z"}))
        .answers::<Enrolment>(201, "The lead was put on the schedule.")
        .example(example())
        .answer_header("Location", "The address of the enrolment.")
        .answers::<Enrolment>(200, "The person is on it already: this is that enrolment.")
        .problems(&[Code::Conflict, Code::IdempotencyKeyReused])
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   key: IdempotencyKey,
                   received: Received<NewEnrolment>|
                   -> ApiResult<_> {
                let request = key.of("enrolment_create", &who.caller, &received.raw);
                let new = received.value;
                let lead =
                    convert::lead_ref(&new.lead).map_err(|error| error::in_body(error::not_there(error, "lead")))?;
                let schedule = new.schedule.clone();
                let config = app.crm.config(who.caller.dealer).await?;
                if config.schedule_named(&schedule).is_none() {
                    let detail = format!("There is no schedule \"{schedule}\".");
                    return Err(error::in_body(Error::field("schedule", "not_found", detail)));
                }
                let how = convert::enrolling(new);
                let enrolled = app.outreach.enrolment_begin_once(&who.caller, lead, &schedule, how, request).await;
                let enrolled = enrolled.map_err(|error| error::in_body(error::not_there(error, "lead")))?;
                let (status, enrolment) = match enrolled {
                    Enrolled::New(enrolment) => (StatusCode::CREATED, enrolment),
                    Enrolled::Before(enrolment) => (StatusCode::OK, enrolment),
                    Enrolled::Refused(_) => {
                        let detail = format!("The person is on the schedule \"{schedule}\" already.");
                        return Err(Error::new(Code::Conflict, detail).into());
                    }
                };
                let view = app.outreach.enrolment_read(&who.caller, enrolment.id.into()).await?;
                let body = convert::enrolment(view);
                let location = [(LOCATION, format!("/forecourt/v1/enrolments/{}", body.id))];
                Ok((status, location, Json(body)).into_response())
            },
        )
}

pub fn read() -> Route<App> {
    Operation::get("/forecourt/v1/enrolments/{id}")
        .name("enrolment_read")
        .right(Right::LeadRead)
        .summary("Where somebody stands on a schedule")
        .path("id", ID)
        .answers::<Enrolment>(200, "The enrolment.")
        .example(example())
        .handler(async |State(app): State<App>, who: Who, Path(id): Path<String>| -> ApiResult<Json<Enrolment>> {
            answer(&app, &who, &id).await
        })
}

async fn answer(app: &App, who: &Who, id: &str) -> ApiResult<Json<Enrolment>> {
    let view = app.outreach.enrolment_read(&who.caller, convert::enrolment_ref(id)?).await?;
    Ok(Json(convert::enrolment(view)))
}

pub fn end() -> Route<App> {
    Operation::post("/forecourt/v1/enrolments/{id}/end")
        .name("enrolment_end")
        .right(Right::LeadWrite)
        .summary("Take somebody off a schedule")
        .describes("A message of it that was handed to nobody yet is not sent. One that is over stays as it ended.")
        .path("id", ID)
        .answers::<Enrolment>(200, "The enrolment as it is now.")
        .handler(async |State(app): State<App>, who: Who, Path(id): Path<String>| -> ApiResult<Json<Enrolment>> {
            app.outreach.enrolment_end(&who.caller, convert::enrolment_ref(&id)?).await?;
            answer(&app, &who, &id).await
        })
}
