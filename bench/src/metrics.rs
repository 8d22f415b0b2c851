//! What the subject counts about itself at `/metrics`, as far as the bench reads it.

use std::net::SocketAddr;

use http::StatusCode;

use crate::Result;
use crate::client::{Connection, get};

/// Time in the commands of business transactions; and of it in what is computed from other documents, and in the gate.
pub const COMMANDS: &str = "transaction_command_duration_seconds";
pub const COMPUTED: &str = "transaction_computed_duration_seconds";
pub const GATE: &str = "gate_verdict_duration_seconds";
/// From the instant a step of a schedule was due until it was recorded.
pub const LATENESS: &str = "schedule_lateness_seconds";

/// Everything a running subject has counted so far.
#[derive(Clone, Debug, Default)]
pub struct Counted(String);

/// A histogram: upper bounds of its buckets in seconds, with how many samples are no larger.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    pub count: f64,
    pub sum: f64,
    buckets: Vec<(f64, f64)>,
}

impl Counted {
    pub async fn of(address: SocketAddr) -> Result<Self> {
        match Connection::open(address).await?.send(get("/metrics", None)).await? {
            (StatusCode::OK, text) => Ok(Self(String::from_utf8_lossy(&text).into_owned())),
            (status, _) => Err(format!("GET /metrics answers {status}").into()),
        }
    }

    /// A histogram without labels; an empty one where nothing was counted yet.
    pub fn histogram(&self, name: &str) -> Histogram {
        let mut histogram = Histogram::default();
        for line in self.0.lines() {
            let Some((what, value)) = line.strip_prefix(name).and_then(|rest| rest.rsplit_once(' ')) else { continue };
            let Ok(value) = value.parse() else { continue };
            match what {
                "_count" => histogram.count = value,
                "_sum" => histogram.sum = value,
                what => {
                    let bound = what.strip_prefix("_bucket{le=\"").and_then(|rest| rest.strip_suffix("\"}"));
                    histogram.buckets.extend(bound.and_then(|bound| Some((bound.parse().ok()?, value))));
                }
            }
        }
        histogram
    }

    /// The share, in percent, that one sum of seconds had of another since `before`; nothing where that did not grow.
    pub fn share_since(&self, before: &Self, part: &str, whole: &str) -> Option<f64> {
        let grown = |name| self.histogram(name).sum - before.histogram(name).sum;
        let (part, whole) = (grown(part), grown(whole));
        (whole > 0.0).then(|| 100.0 * part / whole)
    }
}

impl Histogram {
    /// The value that so much of the samples is not above, in seconds: between two bounds as if they lay evenly there.
    pub fn quantile(&self, share: f64) -> f64 {
        let wanted = share * self.count;
        let (mut below, mut there) = (0.0, 0.0);
        for (bound, count) in &self.buckets {
            if *count >= wanted && *count > there {
                // Beyond the last bound nobody knows.
                let width = if bound.is_finite() { bound - below } else { return f64::INFINITY };
                return below + width * (wanted - there) / (count - there);
            }
            (below, there) = (*bound, *count);
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> Counted {
        Counted(text.to_owned())
    }

    #[test]
    fn shares_are_of_what_was_added() {
        let before = counted(&format!("{COMMANDS}_sum 1.5\n{COMPUTED}_sum 0.25\n"));
        let now = counted(&format!("# TYPE {COMMANDS} histogram\n{COMMANDS}_sum 3.5\n{COMPUTED}_sum 0.75\n"));
        assert_eq!(now.share_since(&before, COMPUTED, COMMANDS), Some(25.0));
        assert_eq!(now.share_since(&now, COMPUTED, COMMANDS), None);
        assert_eq!(counted("").histogram(COMMANDS), Histogram::default());
    }

    #[test]
    fn quantiles_lie_between_the_bounds_of_their_bucket() {
        let buckets = [("0.1", 50), ("0.5", 90), ("1", 99), ("+Inf", 100)];
        let lines = buckets.map(|(bound, count)| format!("{LATENESS}_bucket{{le=\"{bound}\"}} {count}\n")).concat();
        let histogram = counted(&format!("{lines}{LATENESS}_sum 20\n{LATENESS}_count 100\n")).histogram(LATENESS);
        for (share, expected) in [(0.25, 0.05), (0.5, 0.1), (0.7, 0.3), (0.99, 1.0), (0.995, f64::INFINITY)] {
            let found = histogram.quantile(share);
            assert!(found.total_cmp(&expected).is_eq() || (found - expected).abs() < 1e-9, "{share}: {found}");
        }
        assert_eq!((histogram.count, histogram.sum, Histogram::default().quantile(0.5)), (100.0, 20.0, 0.0));
    }
}
