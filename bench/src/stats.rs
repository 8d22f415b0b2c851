//! From latencies to the figures of a row: requests per second, median, 99th percentile, and medians over rounds.

use std::time::Duration;

use serde::Serialize;

/// What one drive of one work gave, or the median of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    pub requests: u64,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

impl Summary {
    /// Sums up latencies in microseconds, in any order, that were gathered over `elapsed`.
    pub fn of(mut latencies_us: Vec<u32>, elapsed: Duration) -> Self {
        latencies_us.sort_unstable();
        let requests = latencies_us.len() as u64;
        let milliseconds = |share| f64::from(percentile(&latencies_us, share)) / 1_000.0;
        Self {
            requests,
            per_second: if elapsed.is_zero() { 0.0 } else { requests as f64 / elapsed.as_secs_f64() },
            p50_ms: milliseconds(0.50),
            p99_ms: milliseconds(0.99),
        }
    }

    /// Of so many done one after the other, or side by side, in a stretch of time: each is given its even share of it.
    pub fn together(many: u64, took: Duration) -> Self {
        let (count, seconds) = (many.max(1) as f64, took.as_secs_f64().max(1e-9));
        let apiece = seconds * 1e3 / count;
        Self { requests: many, per_second: many as f64 / seconds, p50_ms: apiece, p99_ms: apiece }
    }

    /// The median of each figure on its own; `requests` is the sum, it says how much stands behind them.
    pub fn median(rounds: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(&rounds.iter().map(figure).collect::<Vec<_>>());
        Self {
            requests: rounds.iter().map(|round| round.requests).sum(),
            per_second: of(|round| round.per_second),
            p50_ms: of(|round| round.p50_ms),
            p99_ms: of(|round| round.p99_ms),
        }
    }
}

/// Nearest-rank percentile of sorted values; 0 of none.
pub fn percentile(sorted: &[u32], share: f64) -> u32 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

/// The middle value, or the mean of the middle two; 0 of none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        even if even % 2 == 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_rank() {
        let values: Vec<u32> = (1..=100).collect();
        for (share, expected) in [(0.0, 1), (0.01, 1), (0.5, 50), (0.99, 99), (0.995, 100), (1.0, 100)] {
            assert_eq!(percentile(&values, share), expected, "share {share}");
        }
        assert_eq!(percentile(&[7], 0.5), 7);
        assert_eq!(percentile(&[], 0.99), 0);
    }

    #[test]
    fn medians_ignore_the_outlier() {
        for (values, expected) in
            [(&[][..], 0.0), (&[4.0], 4.0), (&[1.0, 3.0], 2.0), (&[900.0, 1.0, 2.0], 2.0), (&[4.0, 1.0, 3.0, 2.0], 2.5)]
        {
            assert!((median(values) - expected).abs() < f64::EPSILON, "{values:?}");
        }
    }

    #[test]
    fn a_summary_counts_and_divides() {
        let summary = Summary::of(vec![3_000, 1_000, 2_000, 10_000], Duration::from_secs(2));
        assert_eq!(summary, Summary { requests: 4, per_second: 2.0, p50_ms: 2.0, p99_ms: 10.0 });
        assert_eq!(Summary::of(Vec::new(), Duration::ZERO), Summary::default());
    }

    #[test]
    fn rounds_are_medians_of_each_figure() {
        let round = |per_second, p50_ms, p99_ms| Summary { requests: 10, per_second, p50_ms, p99_ms };
        let median = Summary::median(&[round(100.0, 1.0, 9.0), round(300.0, 3.0, 1.0), round(200.0, 2.0, 5.0)]);
        assert_eq!(median, Summary { requests: 30, per_second: 200.0, p50_ms: 2.0, p99_ms: 5.0 });
    }
}
