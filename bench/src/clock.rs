//! The one place that reads the machine's clock and waits on it: this program measures durations, and keeps no instant.
#![expect(
    clippy::disallowed_methods,
    reason = "elapsed time is what is measured here, and other processes are waited for; nothing is stored or decided by it"
)]

use std::time::Instant;

/// A point on the monotonic clock, to subtract from a later one.
pub fn now() -> Instant {
    Instant::now()
}

/// Waits, so that whoever is measured has the processor.
pub async fn rest(length: std::time::Duration) {
    tokio::time::sleep(length).await;
}
