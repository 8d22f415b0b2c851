//! The one place that reads the machine's clock: this program measures durations, and keeps no instant.
#![expect(
    clippy::disallowed_methods,
    reason = "elapsed time is what is measured here; nothing is stored or decided by it"
)]

use std::time::Instant;

/// A point on the monotonic clock, to subtract from a later one.
pub fn now() -> Instant {
    Instant::now()
}
