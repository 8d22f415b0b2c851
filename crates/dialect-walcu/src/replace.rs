//! `PUT /{resource}/{id}`.

use axum::extract::State;
use forecourt_api::{
    App, Who,
    body::Data,
    operation::{Operation, Route},
    path::Path,
    version,
};
use forecourt_record::{Code, Right};
use http::HeaderMap;

use crate::{example, place, row::Row, schema, write};

pub fn replace(row: &'static Row) -> Route<App> {
    Operation::put(&row.one)
        .name(&row.names.replace)
        .right(Right::Write(row.collection))
        .summary(&row.says.replace)
        .describes(
            "Members left out are emptied. A document may be sent back as it was read: what the server keeps (`_id`, \
             `dealer_id`, `created_at`, `updated_at`, `computed`) is passed over when it is the same and 422 when it is not; a \
             `__v` that is behind is 409.",
        )
        .path(place::DEALER.0, place::DEALER.1)
        .path(&row.parameter, place::ID)
        .header("If-Match", place::IF_MATCH)
        .body_of("application/json", schema::document(row))
        .example(example::body(row))
        .answers_with(200, "The document as it is now.", "application/json", schema::document(row))
        .answer_header("ETag", "The version, for `If-Match`.")
        .problems(write::REFUSALS)
        .problems(&[Code::VersionBehind, Code::PreconditionFailed])
        .handler(
            move |State(app): State<App>,
                  who: Who,
                  Path((_, id)): Path<(String, String)>,
                  headers: HeaderMap,
                  data: Data| async move {
                let id = place::id(row.spec, &id)?;
                let expected = version::expected(&headers);
                let raw = app.crm.resource_replace(&who.caller, row.spec, id, data.value, expected).await?;
                write::answer(who.caller.dealer, &raw, [])
            },
        )
}
