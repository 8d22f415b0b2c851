//! What is known of the request being answered, for the log line and the problem body, without passing it through every function.

use std::sync::{Arc, OnceLock};

use forecourt_record::Id;

tokio::task_local! {
    static CURRENT: Arc<Trace>;
}

/// One request: its id from the start, its dealer once the caller is known.
#[derive(Debug)]
pub struct Trace {
    pub request_id: String,
    dealer: OnceLock<Id<()>>,
}

impl Trace {
    pub fn new(request_id: String) -> Self {
        Self { request_id, dealer: OnceLock::new() }
    }

    /// The dealer the caller belongs to, when authentication has got that far.
    pub fn dealer(&self) -> Option<Id<()>> {
        self.dealer.get().copied()
    }
}

/// Answers a request under its trace: inside, [`request_id`] and [`note_dealer`] know which request is meant.
pub async fn scope<F: Future>(trace: Arc<Trace>, answer: F) -> F::Output {
    CURRENT.scope(trace, answer).await
}

/// The id of the request being answered; none outside of one.
pub fn request_id() -> Option<String> {
    CURRENT.try_with(|trace| trace.request_id.clone()).ok()
}

/// Tells the log line whose request this is. Only the first word counts.
pub fn note_dealer<T: ?Sized>(dealer: Id<T>) {
    let _ = CURRENT.try_with(|trace| trace.dealer.set(dealer.cast()));
}
