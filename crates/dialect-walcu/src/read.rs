//! `GET /{resource}/{id}`.

use axum::extract::State;
use forecourt_api::{
    App, Who,
    operation::{Operation, Route},
    path::Path,
    problem::ApiResult,
    query::Query,
    version,
};
use forecourt_query::project;
use forecourt_record::{Error, Right};
use serde_json::{Value, json};

use crate::{example, place, row::Row, schema, wire::ReadQuery};

pub fn read(row: &'static Row) -> Route<App> {
    Operation::get(&row.one)
        .name(&row.names.read)
        .right(Right::Read(row.collection))
        .summary(&row.says.read)
        .path(place::DEALER.0, place::DEALER.1)
        .path(&row.parameter, place::ID)
        .query::<ReadQuery>()
        .answers_with(
            200,
            "An array of one document; the document itself with `shape=object`.",
            "application/json",
            schema::single(row),
        )
        .example(json!([example::document(row)]))
        .answer_header("ETag", "The version, for `If-Match`.")
        .problems(&[forecourt_record::Code::Invalid])
        .handler(
            move |State(app): State<App>,
                  who: Who,
                  Path((_, id)): Path<(String, String)>,
                  Query(query): Query<ReadQuery>| async move {
                let projection = query.project.as_deref().map(|text| project::parse(row.spec, text)).transpose()?;
                let id = place::id(row.spec, &id)?;
                let found = app.crm.resource_read(&who.caller, row.spec, id).await?;
                // Nothing is taken apart that is answered whole.
                let text = match projection {
                    None => found.published(),
                    Some(projection) => {
                        let mut document: Value = serde_json::from_str(&found.published()).map_err(Error::internal)?;
                        projection.apply(&mut document);
                        document.to_string()
                    }
                };
                let body = place::single(query.shape, &who, text);
                ApiResult::Ok(place::json([version::etag(found.version)], body))
            },
        )
}
