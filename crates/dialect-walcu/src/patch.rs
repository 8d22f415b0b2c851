//! `PATCH /{resource}/{id}`.

use axum::extract::State;
use forecourt_api::{
    App, Who,
    body::Data,
    operation::{Operation, Route},
    path::Path,
    version,
};
use forecourt_crm::resource::Patch;
use forecourt_record::{Code, Right};
use http::HeaderMap;

use crate::{example, place, row::Row, schema, write};

const MERGE: &str = "application/merge-patch+json";

pub fn patch(row: &'static Row) -> Route<App> {
    Operation::patch(&row.one)
        .name(&row.names.patch)
        .right(Right::Write(row.collection))
        .summary(&row.says.patch)
        .describes(
            "A JSON Patch (RFC 6902): all steps or none. The result is checked as if it had been put. A step that leads nowhere \
             is 422, a `test` that fails 409; both name the step. A JSON Merge Patch (RFC 7396) is taken under its own media \
             type.",
        )
        .path(place::DEALER.0, place::DEALER.1)
        .path(&row.parameter, place::ID)
        .header("If-Match", place::IF_MATCH)
        .body_of("application/json", schema::patch())
        .example(example::patch())
        .body_of("application/json-patch+json", schema::patch())
        .example(example::patch())
        .body_of(MERGE, schema::merge_patch())
        .example(example::merge_patch())
        .answers_with(200, "The document as it is now.", "application/json", schema::document(row))
        .answer_header("ETag", "The version, for `If-Match`.")
        .problems(write::REFUSALS)
        .problems(&[Code::PatchTestFailed, Code::VersionBehind, Code::PreconditionFailed])
        .handler(
            move |State(app): State<App>,
                  who: Who,
                  Path((_, id)): Path<(String, String)>,
                  headers: HeaderMap,
                  data: Data| async move {
                let id = place::id(row.spec, &id)?;
                let expected = version::expected(&headers);
                let patch = if data.media == MERGE { Patch::Merge(data.value) } else { Patch::Json(data.value) };
                let raw = app.crm.resource_patch(&who.caller, row.spec, id, patch, expected).await?;
                write::answer(who.caller.dealer, &raw, [])
            },
        )
}
