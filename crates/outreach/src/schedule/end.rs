//! Taking somebody off a schedule: its keys are free again, and what it does at its end is due.

use forecourt_crm::Config;
use forecourt_record::{
    CallbackStatus, Document, Enrolment, EnrolmentStatus, Kind as _, Result, event::EventName, schedule::Over,
};
use forecourt_store::Tx;
use serde_json::json;

use super::{enrol::happened, step_key, wake};
use crate::calls;

/// Why an enrolment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Its schedule says so.
    Over(Over),
    /// The person does not want to be contacted.
    OptedOut,
    /// Nobody may contact the person.
    Blocked,
    /// Somebody took it off.
    Cancelled,
    /// Another enrolment takes its place.
    Replaced,
    /// The lead went on to another schedule.
    Moved,
}

impl Cause {
    /// The status it ends in.
    pub(crate) const fn status(self, attempts: i64) -> EnrolmentStatus {
        match self {
            Self::Over(Over::Converted) => EnrolmentStatus::CompletedConverted,
            Self::Over(Over::Connected) => EnrolmentStatus::CompletedConnected,
            Self::Over(Over::Exhausted) => EnrolmentStatus::ExceededMaxCalls,
            Self::Over(Over::Completed | Over::Exited | Over::Expired) | Self::Moved if attempts > 0 => {
                EnrolmentStatus::CompletedAttempted
            }
            Self::Over(Over::Completed | Over::Exited | Over::Expired) | Self::Moved => EnrolmentStatus::Completed,
            Self::OptedOut => EnrolmentStatus::OptOut,
            Self::Blocked => EnrolmentStatus::Blocked,
            Self::Cancelled | Self::Replaced => EnrolmentStatus::Disabled,
        }
    }

    /// Why, in words that hold nothing personal.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Over(Over::Completed) => "every action has been carried out",
            Self::Over(Over::Exited) => "a condition of the schedule ended it",
            Self::Over(Over::Converted) => "the lead was won",
            Self::Over(Over::Connected) => "somebody has spoken with the person",
            Self::Over(Over::Expired) => "its time is over",
            Self::Over(Over::Exhausted) => "it has had as many calls and messages as it may",
            Self::OptedOut => "the person asked not to be contacted",
            Self::Blocked => "nobody may contact this person",
            Self::Cancelled => "it was cancelled",
            Self::Replaced => "the person was put on the schedule anew",
            Self::Moved => "the lead went on to another schedule",
        }
    }
}

/// Ends an enrolment that the caller holds. A message of it that has not left by then is not sent any more.
pub(crate) async fn end(tx: &mut Tx, config: &Config, enrolment: &mut Document<Enrolment>, cause: Cause) -> Result<()> {
    calls::settle(tx, enrolment, CallbackStatus::Cancelled).await?;
    let doc = &mut enrolment.doc;
    doc.status = cause.status(doc.contact_attempts);
    (doc.ended_at, doc.ended_because) = (Some(tx.scope().now), Some(cause.sentence().to_owned()));
    (doc.next_action_at, doc.standstill, doc.under_way) = (None, None, None);
    (doc.rank, doc.agent_id, doc.resume_at) = (None, None, None);
    tx.update(enrolment).await?;
    tx.keys_release_all(Enrolment::SPEC.name, enrolment.id).await?;
    tx.job_cancel(&step_key(enrolment.id)).await?;
    let name = config.schedule(enrolment.doc.schedule_id).map(|on| on.schedule.doc.name.as_str());
    let data = json!({"schedule": name, "status": enrolment.doc.status, "reason": cause.sentence()});
    happened(tx, enrolment, EventName::EnrolmentEnded, data).await
}

/// Lets the time of an enrolment that the caller holds be over: its keys are free at once, and the next look ends it, with
/// what its schedule does at its end.
pub(crate) async fn expire(tx: &mut Tx, enrolment: &mut Document<Enrolment>) -> Result<()> {
    let now = tx.scope().now;
    enrolment.doc.expires_at = Some(now);
    tx.update(enrolment).await?;
    tx.keys_release_all(Enrolment::SPEC.name, enrolment.id).await?;
    wake(tx, enrolment.id, now, enrolment.doc.lead_priority).await
}
