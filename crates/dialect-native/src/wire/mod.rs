//! The shapes of this API. A schedule's definition and the rules of contact are their own shapes, the same as in a file.

mod call;
mod consent;
mod enrolment;
mod rehearsal;
mod schedule;
mod watch;

pub use call::*;
pub use consent::*;
pub use enrolment::*;
pub use rehearsal::*;
pub use schedule::*;
pub use watch::*;

use schemars::JsonSchema;
use serde::Serialize;

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Listed<T> {
    pub data: Vec<T>,
    /// How many there are in all: exact.
    pub total: i64,
    /// Where the next page begins, as the parameter `after`; not there on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
