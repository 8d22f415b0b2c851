//! Enrolments: people on schedules.

use std::collections::BTreeMap;

use forecourt_record::{EnrolmentStatus, Instant, gate::Channel};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which enrolments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentQuery {
    /// The name of a schedule.
    #[schemars(length(max = 64))]
    pub schedule: Option<String>,
    pub status: Option<EnrolmentStatus>,
    /// A lead: `L-1042`.
    #[schemars(length(max = 40))]
    pub lead: Option<String>,
    /// The number that is called and written to, in any international writing.
    #[schemars(length(max = 40))]
    pub caller_id: Option<String>,
    /// The `next` of the page before.
    #[schemars(length(max = 40))]
    pub after: Option<String>,
    /// How many a page has.
    #[schemars(range(min = 1, max = 100))]
    #[serde(default = "usual")]
    pub limit: u32,
}

const fn usual() -> u32 {
    25
}

/// Somebody to be put on a schedule.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEnrolment {
    /// The lead: `L-1042`.
    #[schemars(length(max = 40))]
    pub lead: String,
    /// The name of an active schedule.
    #[schemars(length(max = 64))]
    pub schedule: String,
    /// What its texts and conditions may ask for, by name.
    #[serde(default)]
    pub tokens: BTreeMap<String, String>,
    /// Lower goes first.
    #[schemars(range(min = 0, max = 1_000_000))]
    #[serde(default)]
    pub priority: i64,
    /// The first action is not due before.
    pub not_before: Option<Instant>,
    /// It ends then, whatever is left; without one it ends as the schedule says.
    pub expires_at: Option<Instant>,
    /// It ends after so many calls and messages; without a number it ends as the schedule says.
    #[schemars(range(min = 1, max = 999))]
    pub max_contact_attempts: Option<i64>,
}

/// Somebody on a schedule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Enrolment {
    pub id: String,
    pub lead: String,
    /// The schedule's name.
    pub schedule: String,
    /// The version that it finishes.
    pub version: i64,
    pub status: EnrolmentStatus,
    /// The action that is next, counted from 0 with the groups spelt out.
    pub position: i64,
    /// The same in words; null once every action is done.
    pub action: Option<String>,
    /// When that action is due; null while a contact is under way, and when it is over.
    pub next_action_at: Option<Instant>,
    /// Why it stands still, where it does.
    pub standstill: Option<Standstill>,
    /// The contact whose outcome it waits for.
    pub under_way: Option<Channel>,
    /// Lower goes first.
    pub priority: i64,
    pub caller_id: Option<String>,
    pub email: Option<String>,
    pub location: Option<String>,
    pub expires_at: Option<Instant>,
    pub contact_attempts: i64,
    pub max_contact_attempts: Option<i64>,
    pub restarts: i64,
    pub tokens: BTreeMap<String, String>,
    pub begun_at: Instant,
    pub replied_at: Option<Instant>,
    pub connected_at: Option<Instant>,
    /// What came of the last two calls, the newest first.
    pub dispositions: Vec<String>,
    /// When a call was promised.
    pub callback_at: Option<Instant>,
    pub ended_at: Option<Instant>,
    /// Why it ended, in words.
    pub ended_because: Option<String>,
}

/// What makes somebody wait.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Standstill {
    /// `wait`, `paused`, or the name of a rule of contact.
    pub rule: String,
    /// The rule in words.
    pub reason: String,
    pub since: Instant,
}
