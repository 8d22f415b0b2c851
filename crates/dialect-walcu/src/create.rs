//! `POST /{resource}`.

use axum::extract::State;
use forecourt_api::{
    App, Who,
    body::Data,
    idempotency::IdempotencyKey,
    operation::{Operation, Route},
    problem::ApiResult,
};
use forecourt_record::{Code, Error, Right, shape::code};
use serde_json::Value;

use crate::{example, place, row::Row, schema, write};

pub fn create(row: &'static Row) -> Route<App> {
    Operation::post(&row.many)
        .name(&row.names.create)
        .right(Right::Write(row.collection))
        .summary(&row.says.create)
        .describes(
            "An `_id` may be proposed; what else the server keeps is passed over. An array of up to 1,000 documents creates all \
             of them or none, and answers an array.",
        )
        .path(place::DEALER.0, place::DEALER.1)
        .header("Idempotency-Key", "Repeating a request with the same key within 24 hours answers what the first one did.")
        .body_of("application/json", schema::documents(row))
        .example(example::body(row))
        .answers_with(200, "The document, or the documents in the order they were sent.", "application/json", schema::documents(row))
        .answer_header("ETag", "The version of a single document, for `If-Match`.")
        .answer_header("Location", "The address of a single document.")
        .problems(write::REFUSALS)
        .problems(&[Code::IdempotencyKeyReused])
        .handler(move |State(app): State<App>, who: Who, key: IdempotencyKey, data: Data| async move {
            let (dealer, spec) = (who.caller.dealer, row.spec);
            let request = key.of(&row.names.create, &who.caller, &data.raw);
            let documents = match data.value {
                Value::Array(documents) => documents,
                document => {
                    let raws = app.crm.resource_create(&who.caller, spec, vec![document], request).await?;
                    let raw = raws.first().ok_or_else(|| Error::internal("what was created is not there"))?;
                    return write::answer(dealer, raw, [write::location(row, dealer, raw.id)]);
                }
            };
            if documents.is_empty() {
                return Err(Error::field("", code::TOO_SHORT, "At least one document is created.").into());
            }
            let alone = documents.len() == 1;
            let created = app.crm.resource_create(&who.caller, spec, documents, request).await;
            let raws = created.map_err(|error| if alone { within_array(error) } else { error })?;
            let texts: Vec<String> =
                raws.iter().map(|raw| Ok(raw.published(dealer)?.to_string())).collect::<Result<_, Error>>()?;
            ApiResult::Ok(place::json([], format!("[{}]", texts.join(","))))
        })
}

/// The core does not know that the one document it was given came in an array.
fn within_array(mut error: Error) -> Error {
    for field in error.fields.iter_mut().filter(|field| field.pointer.is_empty() || field.pointer.starts_with('/')) {
        field.pointer.insert_str(0, "/0");
    }
    error
}
