//! `GET /{resource}/all`: begins an export. What becomes of it is asked at its job, see [`crate::exports`].

use axum::extract::State;
use forecourt_api::{
    App, Who,
    download::Origin,
    operation::{Operation, Route},
    query::WithBrackets,
};
use forecourt_query::{as_q, q};
use forecourt_record::{Code, Error, ExportFormat, ExportQuery as Wanted, Right};
use http::HeaderMap;

use crate::{
    exports::{self, Job},
    place,
    row::Row,
    wire::{Asked, ExportQuery, Format},
};

pub fn all(row: &'static Row) -> Route<App> {
    Operation::get(&row.all)
        .name(&row.names.export)
        .right(Right::Read(row.collection))
        .summary(&row.says.export)
        .describes(
            "The result is what there is at this instant, as far as the caller sees it. Ask `job_url` how far it is, with the \
             same credential; at the end it says where the result is, which is kept for 24 hours. `DELETE job_url` ends it.",
        )
        .path(place::DEALER.0, place::DEALER.1)
        .header("Accept", "`application/json`, `application/x-ndjson` or `text/csv`, where `format` does not say it.")
        .query::<ExportQuery>()
        .answers::<Vec<Job>>(200, "An array of one: the job.")
        .answer_header("Location", "The job's address: its `job_url`.")
        .problems(&[Code::Invalid])
        .handler(
            move |State(app): State<App>,
                  who: Who,
                  origin: Origin,
                  headers: HeaderMap,
                  WithBrackets(query, brackets): WithBrackets<ExportQuery>| async move {
                let ExportQuery { asked: Asked { q, search, sort, project }, format } = query;
                let q = match (q, brackets.as_slice()) {
                    (q, []) => q,
                    // What is kept with the job is one form of it.
                    (None, pairs) => {
                        let question = as_q(&q::parse_brackets(row.spec, pairs)?);
                        let question = question.ok_or_else(|| Error::internal("a question without words for it"))?;
                        Some(question.to_string())
                    }
                    (Some(_), _) => {
                        let detail = "q is given as JSON and in brackets: one of them is enough.";
                        return Err(Error::field("query:q", "repeated", detail).into());
                    }
                };
                let format = match format {
                    Some(Format::Json) => ExportFormat::Json,
                    Some(Format::Ndjson) => ExportFormat::Ndjson,
                    Some(Format::Csv) => ExportFormat::Csv,
                    None => exports::format(None, &headers)?,
                };
                let wanted = Wanted { q, search, sort, project };
                exports::begin(&app, &who, &origin, row.spec, wanted, format).await
            },
        )
}
