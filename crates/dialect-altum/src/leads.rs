//! `/v1/leads`.

use axum::{Json, extract::State, response::IntoResponse};
use forecourt_api::{
    App, Who,
    body::{Body, Received},
    idempotency::IdempotencyKey,
    operation::{Operation, Route},
    page::{Page, Sort},
    path::Path,
    problem::ApiResult,
    query::Query,
    version,
    written::Written,
};
use forecourt_crm::lead::{LeadQuery, LeadSort, LeadView};
use forecourt_outreach::gate::Rule;
use forecourt_query::Direction;
use forecourt_record::{Error, Right, error::Code};
use http::{HeaderMap, StatusCode, header::LOCATION};
use serde_json::json;

use crate::{
    convert, error,
    wire::{CreatedLead, Lead, LeadChange, LeadItem, LeadListQuery, Listed, NewLead},
};

const ID: &str = "`L-1000`";

pub fn list() -> Route<App> {
    Operation::get("/v1/leads")
        .name("lead_list")
        .right(Right::LeadRead)
        .summary("List leads with filters and pagination.")
        .describes("`total` is exact. Users bound to locations see only the leads of theirs.")
        .query::<LeadListQuery>()
        .answers::<Listed<LeadItem>>(200, "A page of leads.")
        .example(json!({
            "data": [{"id": "L-1000", "name": "Jose Garcia", "score": 78, "filter": "A", "status": "new",
                "phone": "+17135550100", "email": null, "location": "houston", "source": "website",
                "assignedTo": "u_2", "createdAt": "2026-11-21T09:00:00.000Z",
                "updatedAt": "2026-11-21T09:00:00.000Z", "lastActivityAt": "2026-11-21T09:00:00.000Z"}],
            "page": 1, "limit": 25, "total": 248
        }))
        .handler(async |State(app): State<App>, who: Who, Query(query): Query<LeadListQuery>| -> ApiResult<Written> {
            let page = query.page;
            let query = lead_query(query, page)?;
            let shape = move |leads: forecourt_crm::Page<_>, config: &_| {
                let data = leads.items.into_iter().map(|lead| convert::lead_item(lead, config)).collect();
                Written::of(&Listed::<LeadItem> { data, page: page.page, limit: page.limit, total: leads.total })
            };
            Ok(app.crm.lead_list(&who.caller, query, shape).await.map_err(error::in_query)??)
        })
}

fn lead_query(query: LeadListQuery, page: Page) -> Result<LeadQuery, Error> {
    let sort = Sort::parse(query.sort.as_deref(), &["createdAt", "updatedAt", "score", "name"], "-createdAt")?;
    let column = match sort.column {
        "updatedAt" => LeadSort::UpdatedAt,
        "score" => LeadSort::Score,
        "name" => LeadSort::Name,
        _ => LeadSort::CreatedAt,
    };
    let direction = if sort.descending { Direction::Descending } else { Direction::Ascending };
    Ok(LeadQuery {
        status: query.status,
        filter: query.filter,
        location: query.location,
        source: query.source,
        assigned_to: query.assigned_to.map(|id| convert::numbered_member(&id, "u_")),
        min_score: query.min_score,
        max_score: query.max_score,
        created_from: query.created_from,
        created_to: query.created_to,
        text: query.q.filter(|text| !text.trim().is_empty()),
        sort: (column, direction),
        skip: page.offset() as i64,
        limit: i64::from(page.limit),
    })
}

pub fn create() -> Route<App> {
    Operation::post("/v1/leads")
        .name("lead_create")
        .right(Right::LeadWrite)
        .summary("Create a new lead. The scoring engine runs synchronously.")
        .describes(
            "The person is matched to a known client by phone and e-mail address. A known person gets a new lead on the \
             same client; the very same open enquiry (same client, location and vehicle within the dealer's window) \
             answers 200 with the existing id and `\"duplicate\": true`. A lead of the best filter is assigned at once.",
        )
        .header("Idempotency-Key", "Repeating a request with the same key within 24 hours answers what the first one did.")
        .body::<NewLead>()
        .example(json!({"name": "Jose Garcia", "phone": "+17135550100", "creditScore": "good", "downPayment": 2000,
            "hasBank": true, "idType": "license", "tradeIn": true, "location": "houston"}))
        .answers::<CreatedLead>(201, "The lead was created.")
        .example(json!({"id": "L-1042", "score": 82, "filter": "A"}))
        .answer_header("Location", "The address of the lead.")
        .answers::<CreatedLead>(200, "The very same enquiry was open already.")
        .example(json!({"id": "L-1042", "score": 82, "filter": "A", "duplicate": true}))
        .problems(&[Code::IdempotencyKeyReused])
        .handler(
            async |State(app): State<App>, who: Who, key: IdempotencyKey, received: Received<NewLead>| -> ApiResult<_> {
                let request = key.of("lead_create", &who.caller, &received.raw);
                let new = convert::new_lead(received.value);
                let created = app.crm.lead_receive(&who.caller, new, request).await.map_err(error::in_body)?;
                let id = convert::lead_id(created.number);
                let status = if created.duplicate { StatusCode::OK } else { StatusCode::CREATED };
                let location = [(LOCATION, format!("/v1/leads/{id}"))];
                let body = CreatedLead {
                    id,
                    score: created.score,
                    filter: created.filter,
                    duplicate: created.duplicate,
                };
                Ok((status, location, Json(body)).into_response())
            },
        )
}

pub fn read() -> Route<App> {
    Operation::get("/v1/leads/{id}")
        .name("lead_read")
        .right(Right::LeadRead)
        .summary("Fetch a lead with full history.")
        .path("id", ID)
        .answers::<Lead>(200, "The lead, its messages and activities, its score explained, and what comes next.")
        .answer_header("ETag", "The version, for `If-Match`.")
        .handler(async |State(app): State<App>, who: Who, Path(id): Path<String>| -> ApiResult<_> {
            answer(&app, &who, &id).await
        })
}

async fn answer(app: &App, who: &Who, id: &str) -> ApiResult<axum::response::Response> {
    let shape = |view: LeadView, blocked_by: Option<Rule>| {
        let written = Written::of(&convert::lead(&view, blocked_by.map(|rule| rule.sentence().to_owned())));
        (view.lead.version, written)
    };
    let (version, written) = app.outreach.lead_read(&who.caller, convert::lead_ref(id)?, shape).await?;
    Ok(([version::etag(version)], written?).into_response())
}

pub fn change() -> Route<App> {
    Operation::patch("/v1/leads/{id}")
        .name("lead_change")
        .right(Right::LeadWrite)
        .summary("Update lead fields (status, notes, etc).")
        .describes("Members left out stay as they are; new answers score the lead again. Answers the whole lead.")
        .path("id", ID)
        .header("If-Match", "The `ETag` the change is based on; 412 when the lead has changed since.")
        .body::<LeadChange>()
        .example(json!({"status": "appointment"}))
        .answers::<Lead>(200, "The lead as it is now.")
        .answer_header("ETag", "The version, for `If-Match`.")
        .problems(&[Code::PreconditionFailed, Code::VersionBehind])
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Path(id): Path<String>,
                   headers: HeaderMap,
                   Body(change): Body<LeadChange>|
                   -> ApiResult<_> {
                let change = convert::lead_change(change, version::expected(&headers));
                let lead = convert::lead_ref(&id)?;
                app.crm.lead_change(&who.caller, lead, change).await.map_err(error::in_body)?;
                answer(&app, &who, &id).await
            },
        )
}

pub fn delete() -> Route<App> {
    Operation::delete("/v1/leads/{id}")
        .name("lead_delete")
        .right(Right::LeadDelete)
        .summary("Permanently delete a lead.")
        .describes(
            "Its messages, notes and tasks go with it, and the client when nothing else is left of it. The log keeps who \
             deleted which id, and nothing personal.",
        )
        .path("id", ID)
        .answers_empty(204, "The lead is gone.")
        .handler(async |State(app): State<App>, who: Who, Path(id): Path<String>| -> ApiResult<StatusCode> {
            app.crm.lead_erase(&who.caller, convert::lead_ref(&id)?).await?;
            Ok(StatusCode::NO_CONTENT)
        })
}
