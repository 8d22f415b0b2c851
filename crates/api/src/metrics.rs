//! Numbers for Prometheus: recorded anywhere through the `metrics` macros, gathered and shown here.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{Router, response::IntoResponse, routing::get};
use http::header::CONTENT_TYPE;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper bounds of the buckets of every duration, in seconds.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Samples between two clearings of the recorder's buffers, which otherwise grow while nobody scrapes.
const UPKEEP_EVERY: u32 = 8192;

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
static SAMPLES: AtomicU32 = AtomicU32::new(0);

/// Makes this process record its numbers. Again is nothing; without it, recording costs next to nothing and shows nothing.
pub fn install() {
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        let recorder = match builder.set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS) {
            Ok(builder) => builder.build_recorder(),
            // Only an empty list of buckets is refused.
            Err(_) => PrometheusBuilder::new().build_recorder(),
        };
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another recorder is installed: /metrics stays empty");
        }
        metrics::describe_counter!("http_requests_total", "Requests answered, by method, route and status class.");
        metrics::describe_histogram!(
            "http_request_duration_seconds",
            metrics::Unit::Seconds,
            "Time to the head of the answer."
        );
        for (name, what) in [
            ("transaction_command_duration_seconds", "Time in the commands of business transactions."),
            ("transaction_computed_duration_seconds", "Of it, time spent on what is computed from other documents."),
            (
                "gate_verdict_duration_seconds",
                "Of it, time spent on whether a contact may be made, what it asks included.",
            ),
            (
                "schedule_lateness_seconds",
                "From the instant a step of a schedule was due until what it did was recorded.",
            ),
        ] {
            metrics::describe_histogram!(name, metrics::Unit::Seconds, what);
        }
        handle
    });
}

/// All numbers in the Prometheus text format; empty before [`install`].
pub fn render() -> String {
    HANDLE.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// `/metrics`.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let show = async || ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render()).into_response();
    Router::new().route("/metrics", get(show))
}

/// Counts one answered request. `route` is the pattern, never the path: ids would make a series each.
pub fn request(method: &'static str, route: &str, class: &'static str, took: Duration) {
    if HANDLE.get().is_none() {
        return;
    }
    let route = route.to_owned();
    metrics::counter!("http_requests_total", "method" => method, "route" => route.clone(), "status" => class)
        .increment(1);
    metrics::histogram!("http_request_duration_seconds", "method" => method, "route" => route, "status" => class)
        .record(took);
    if SAMPLES.fetch_add(1, Relaxed) % UPKEEP_EVERY == UPKEEP_EVERY - 1
        && let Some(handle) = HANDLE.get()
    {
        handle.run_upkeep();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_was_counted() {
        install();
        install();
        request("GET", "/v1/things/{id}", "2xx", Duration::from_millis(3));
        let shown = render();
        assert!(
            shown.contains(r#"http_requests_total{method="GET",route="/v1/things/{id}",status="2xx"} 1"#),
            "{shown}"
        );
        assert!(shown.contains(r#"le="0.005"} 1"#), "{shown}");
        assert!(shown.contains(r#"le="0.0025"} 0"#), "{shown}");
    }
}
