//! `/health/live` and `/health/ready`: what is asked by whatever restarts the process or sends it traffic.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::{Map, Value, json};

/// The handler of `/health/live`: the process answers.
pub fn live() -> impl Future<Output = Json<Value>> {
    std::future::ready(Json(json!({ "status": "live" })))
}

/// What has to hold before traffic may come, one named check each.
#[derive(Clone, Debug, Default)]
pub struct Readiness {
    checks: Vec<(&'static str, Result<(), &'static str>)>,
}

impl Readiness {
    /// Adds a check. The reason is said to anyone who asks, so it is a fixed sentence without particulars.
    #[must_use]
    pub fn check(mut self, name: &'static str, outcome: Result<(), &'static str>) -> Self {
        self.checks.push((name, outcome));
        self
    }

    pub fn is_ready(&self) -> bool {
        self.checks.iter().all(|(_, outcome)| outcome.is_ok())
    }
}

impl IntoResponse for Readiness {
    /// 200 when all is well, 503 otherwise; either way every check with its outcome.
    fn into_response(self) -> Response {
        let (status, word) =
            if self.is_ready() { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready") };
        let checks: Map<_, _> = self
            .checks
            .into_iter()
            .map(|(name, outcome)| (name.to_owned(), outcome.err().unwrap_or("ok").into()))
            .collect();
        (status, Json(json!({ "status": word, "checks": checks }))).into_response()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn one_failing_check_is_enough() {
        let good = Readiness::default().check("store", Ok(()));
        assert_eq!(good.clone().into_response().status(), 200);
        let bad = good.check("migrations", Err("the store is newer than this server"));
        let (parts, body) = bad.into_response().into_parts();
        let body: Value = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap();
        assert_eq!(parts.status, 503);
        assert_eq!(body["checks"], json!({ "store": "ok", "migrations": "the store is newer than this server" }));
    }
}
