//! Schedules at work: people are put on them, taken one step further when it is due, and taken off again.
//!
//! Each enrolment has one job, known by its key. It is given the enrolment and nothing else: what is next follows from
//! where the enrolment stands. A step and the place of the next one are written in one transaction, so a step is neither
//! lost nor done twice. A contact is a message in the outbox: the enrolment waits until that one is settled, and the
//! outbox wakes it.

mod call;
mod end;
mod enrol;
mod entry;
mod hear;
mod list;
mod mail;
mod monitor;
mod step;
mod webhook;
mod why_not;

use forecourt_record::{EnrolmentId, Instant, Result};
use forecourt_store::{NewJob, Tx};
use serde_json::json;

pub(crate) use call::{await_promise, called, let_go, look_now, reserve, watch};
pub use end::Cause;
pub(crate) use end::{end, expire};
pub use enrol::{Enrolled, Enrolling, enrol};
pub(crate) use enrol::{check_tokens, happened, keep_tokens, with_tokens};
pub(crate) use hear::{answered, connected, end_all, is_over, look_again, opted_out, settled};
pub use list::{EnrolmentPage, EnrolmentQuery, EnrolmentView};
pub use monitor::{Blocked, Monitor, MonitorStep};
pub(crate) use step::{is_blocked, set_blocked};
pub(crate) use webhook::WEBHOOK;
pub use why_not::{NextContact, Obstacle, OnChannel, WhyNot};

/// The job that takes an enrolment one step further: `{"enrolment": id}`.
pub(crate) const STEP: &str = "enrolment.step@1";

/// The job of an enrolment is known by it.
fn step_key(enrolment: EnrolmentId) -> String {
    format!("enrolment:{enrolment}")
}

/// Makes sure that somebody looks at an enrolment at `at`. `priority` is the lead's: lower goes first.
pub(crate) async fn wake(tx: &mut Tx, enrolment: EnrolmentId, at: Instant, priority: i64) -> Result<()> {
    tx.job_wake(NewJob {
        name: STEP,
        payload: json!({"enrolment": enrolment}),
        due_at: at,
        // Behind what people write and what they have asked for.
        priority: priority.clamp(-1_000_000, 1_000_000).saturating_add(20),
        dedupe: Some(step_key(enrolment)),
    })
    .await
}
