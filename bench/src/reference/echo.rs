//! axum alone: hello, and parse and print of the same JSON. What HTTP costs before anybody does anything.

use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use serde_json::{Value, json};

use super::Failure;

pub fn router() -> Router {
    Router::new().route("/hello", get(async || Json(json!({ "hello": "world" })))).route("/echo", post(echo))
}

async fn echo(body: Bytes) -> Result<Response, Failure> {
    let value: Value = serde_json::from_slice(&body).map_err(Failure::malformed)?;
    Ok(super::json(StatusCode::OK, value.to_string()))
}
