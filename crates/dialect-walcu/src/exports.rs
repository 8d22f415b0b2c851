//! `/{resource}/all` and what it begins: a job, its state, its result.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use forecourt_api::{
    App, Who,
    download::{Download, Origin},
    operation::{Declared, Operation, Route},
    path::Path,
    problem::ApiResult,
};
use forecourt_record::{
    Code, Document, Error, Export, ExportFormat, ExportId, ExportQuery, Right, WorkStatus, spec::KindSpec,
};
use http::{
    HeaderMap, StatusCode,
    header::{ACCEPT, LOCATION},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A job.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Job {
    #[serde(rename = "_id")]
    id: String,
    dealer_id: String,
    /// `pending`, `running`, `success` or `error`.
    status: WorkStatus,
    /// Where to ask for the job, and to cancel it.
    #[serde(rename = "job_url")]
    url: String,
    progress: Progress,
    created_at: String,
    /// The instant whose documents the result holds: that of the job's creation, unless the server was killed since.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Outcome>,
    /// Why it could not be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Documents written so far, and how many there are.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "JobProgress")]
struct Progress {
    done: i64,
    total: i64,
}

/// What came of a job.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "JobResult")]
struct Outcome {
    /// Needs the same credential as the job.
    url: String,
    format: ExportFormat,
    bytes: i64,
    rows: i64,
    /// Lowercase hex, of the whole result.
    sha256: String,
    expires_at: String,
}

#[derive(Deserialize)]
struct At {
    job_id: String,
}

fn export_id(at: &At) -> ApiResult<ExportId> {
    Ok(at.job_id.parse().map_err(|_| Error::not_found("job"))?)
}

fn job(who: &Who, export: &Document<Export>, Origin(origin): &Origin) -> Job {
    let dealer = who.caller.dealer;
    let job_url = format!("{origin}/dealers/{dealer}/jobs/{}", export.id);
    let doc = &export.doc;
    let result = match (doc.bytes, &doc.sha256, doc.expires_at) {
        (Some(bytes), Some(sha256), Some(expires_at)) => Some(Outcome {
            url: format!("{job_url}/result"),
            format: doc.format,
            bytes,
            rows: doc.done,
            sha256: sha256.clone(),
            expires_at: expires_at.to_string(),
        }),
        _ => None,
    };
    Job {
        id: export.id.to_string(),
        dealer_id: dealer.to_string(),
        status: doc.status,
        url: job_url,
        progress: Progress { done: doc.done, total: doc.total },
        created_at: export.created_at.to_string(),
        as_of: doc.as_of.map(|at| at.to_string()),
        finished_at: doc.finished_at.map(|at| at.to_string()),
        result,
        error: doc.error.clone(),
    }
}

/// The format that `format=` names, else the first of the `Accept` header that is one.
///
/// Errors: `BadQuery` when the name is none.
pub fn format(named: Option<&str>, headers: &HeaderMap) -> ApiResult<ExportFormat> {
    let accepted = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    Ok(match named {
        Some("json") => ExportFormat::Json,
        Some("ndjson") => ExportFormat::Ndjson,
        Some("csv") => ExportFormat::Csv,
        Some(_) => {
            return Err(Error::field("query:format", "not_allowed", "The format is one of json, ndjson, csv.").into());
        }
        None => accepted.split(',').find_map(of_media_type).unwrap_or_default(),
    })
}

fn of_media_type(accepted: &str) -> Option<ExportFormat> {
    match accepted.split(';').next().unwrap_or_default().trim() {
        "application/json" => Some(ExportFormat::Json),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(ExportFormat::Ndjson),
        "text/csv" => Some(ExportFormat::Csv),
        _ => None,
    }
}

const fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Json => "application/json",
        ExportFormat::Ndjson => "application/x-ndjson",
        ExportFormat::Csv => "text/csv; charset=utf-8",
    }
}

const fn extension(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Json => "json",
        ExportFormat::Ndjson => "ndjson",
        ExportFormat::Csv => "csv",
    }
}

/// Begins an export of a resource: what `GET /{resource}/all` answers, an array of the one job.
pub async fn begin(
    app: &App,
    who: &Who,
    origin: &Origin,
    spec: &'static KindSpec,
    query: ExportQuery,
    format: ExportFormat,
) -> ApiResult<Response> {
    let export = app.crm.export_create(&who.caller, spec, query, format).await?;
    let job = job(who, &export, origin);
    Ok(([(LOCATION, job.url.clone())], Json([job])).into_response())
}

pub fn view() -> Route<App> {
    Operation::get("/dealers/{dealer_id}/jobs/{job_id}")
        .name("job_view")
        .session()
        .summary("How far a job is, and where its result is")
        .path("dealer_id", "The dealer.")
        .path("job_id", "The job's `_id`.")
        .answers::<Job>(200, "The job.")
        .example(json!({
            "_id": "691ff1a000000001000000aa",
            "dealer_id": "691ff1a000000000000000aa",
            "status": "success",
            "job_url": "https://crm.example/dealers/691ff1a000000000000000aa/jobs/691ff1a000000001000000aa",
            "progress": {"done": 1000, "total": 1000},
            "created_at": "2026-11-21T06:42:13.120Z",
            "as_of": "2026-11-21T06:42:13.120Z",
            "finished_at": "2026-11-21T06:42:14.020Z",
            "result": {
                "url": "https://crm.example/dealers/691ff1a000000000000000aa/jobs/691ff1a000000001000000aa/result",
                "format": "ndjson",
                "bytes": 2_481_120,
                "rows": 1000,
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "expires_at": "2026-11-22T06:42:14.020Z"
            }
        }))
        .problems(&[Code::NotFound])
        .handler(async |State(app): State<App>, who: Who, origin: Origin, Path(at): Path<At>| -> ApiResult<_> {
            let export = app.crm.export_view(&who.caller, export_id(&at)?).await?;
            Ok(Json(job(&who, &export, &origin)))
        })
}

pub fn cancel() -> Route<App> {
    Operation::delete("/dealers/{dealer_id}/jobs/{job_id}")
        .name("job_cancel")
        .session()
        .summary("Cancel a job, or throw its result away")
        .path("dealer_id", "The dealer.")
        .path("job_id", "The job's `_id`.")
        .answers_empty(204, "There is no such job any more.")
        .problems(&[Code::NotFound])
        .handler(async |State(app): State<App>, who: Who, Path(at): Path<At>| -> ApiResult<_> {
            app.crm.export_cancel(&who.caller, export_id(&at)?).await?;
            Ok(StatusCode::NO_CONTENT)
        })
}

pub fn result() -> Route<App> {
    Operation::get("/dealers/{dealer_id}/jobs/{job_id}/result")
        .name("job_result")
        .session()
        .summary("The result of a job")
        .describes(
            "As `application/json`, `application/x-ndjson` or `text/csv`, whatever was asked for. `Range` gives a part of \
             it, `Accept-Encoding: gzip` compresses the whole.",
        )
        .path("dealer_id", "The dealer.")
        .path("job_id", "The job's `_id`.")
        .header("Range", "One range of bytes, such as `bytes=1000-`.")
        .header("If-Range", "The `ETag` that the range is meant of.")
        .answers_with(200, "The documents.", "application/json", Declared::of::<Vec<serde_json::Value>>())
        .answers_with(200, "The documents.", "application/x-ndjson", Declared::of::<String>())
        .answers_with(200, "The documents.", "text/csv", Declared::of::<String>())
        .answer_header("ETag", "The SHA-256 of the whole result.")
        .answers_empty(206, "The range asked for.")
        .answers_empty(304, "`If-None-Match` names this very result.")
        .answers_empty(416, "There is nothing in that range.")
        .problems(&[Code::NotFound])
        .handler(
            async |State(app): State<App>, who: Who, Path(at): Path<At>, headers: HeaderMap| -> ApiResult<_> {
                let export = app.crm.export_view(&who.caller, export_id(&at)?).await?;
                // Rights may have been taken away since the job was begun.
                let may_read = |right: &&Right| right.as_str().strip_suffix(":read") == Some(&export.doc.collection);
                let may = who.rights.iter().find(may_read).is_some();
                let (Some(bytes), Some(sha256), true) = (export.doc.bytes, export.doc.sha256.clone(), may) else {
                    return Err(Error::not_found("result").into());
                };
                let format = export.doc.format;
                let download = Download {
                    bytes: bytes as u64,
                    content_type: media_type(format),
                    digest: sha256,
                    name: format!("{}-{}.{}", export.doc.collection, export.id, extension(format)),
                };
                // What is not there any more is said before anything is.
                app.crm.export_piece(&export, &who.caller, 0).await?;
                let (crm, caller) = (app.crm.clone(), who.caller.clone());
                Ok(download.respond(&headers, move |offset| {
                    let (crm, caller, export) = (crm.clone(), caller.clone(), export.clone());
                    async move { crm.export_piece(&export, &caller, offset).await }
                }))
            },
        )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_format_is_named_or_accepted() {
        for (named, accept, expected) in [
            (None, "", Some(ExportFormat::Json)),
            (None, "*/*", Some(ExportFormat::Json)),
            (None, "text/html, text/csv;q=0.9", Some(ExportFormat::Csv)),
            (None, "application/x-ndjson", Some(ExportFormat::Ndjson)),
            (Some("csv"), "application/json", Some(ExportFormat::Csv)),
            (Some("xml"), "", None),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_str(accept).unwrap())]);
            assert_eq!(format(named, &headers).ok(), expected, "{named:?} {accept}");
        }
    }
}
