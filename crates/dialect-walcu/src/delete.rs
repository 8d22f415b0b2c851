//! `DELETE /{resource}/{id}`.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    operation::{Operation, Route},
    path::Path,
    problem::ApiResult,
    query::Query,
    version,
};
use forecourt_record::{Code, Right};
use http::HeaderMap;
use serde_json::json;

use crate::{
    example, place,
    row::Row,
    wire::{DeleteQuery, Deleted},
};

pub fn delete(row: &'static Row) -> Route<App> {
    Operation::delete(&row.one)
        .name(&row.names.delete)
        .right(Right::Delete(row.collection))
        .summary(&row.says.delete)
        .describes(
            "What cannot be without it goes in the same transaction, such as the notes, tasks, dates and offers of a lead. A \
             client that still has leads is 409, unless `cascade=true`.",
        )
        .path(place::DEALER.0, place::DEALER.1)
        .path(&row.parameter, place::ID)
        .header("If-Match", place::IF_MATCH)
        .query::<DeleteQuery>()
        .answers::<Deleted>(200, "It is gone.")
        .example(json!({ "_id": example::ID }))
        .problems(&[Code::StillReferenced, Code::VersionBehind, Code::PreconditionFailed])
        .handler(
            move |State(app): State<App>,
                  who: Who,
                  Path((_, id)): Path<(String, String)>,
                  headers: HeaderMap,
                  Query(query): Query<DeleteQuery>| async move {
                let id = place::id(row.spec, &id)?;
                let expected = version::expected(&headers);
                app.crm.resource_delete(&who.caller, row.spec, id, query.cascade, expected).await?;
                ApiResult::Ok(Json(Deleted { id }))
            },
        )
}
