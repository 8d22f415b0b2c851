//! Schedules and rules of contact.

use forecourt_record::{
    Instant,
    gate::{Purpose, Rules},
    schedule::Definition,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A schedule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScheduleItem {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Nobody is put on one that is not active, and those who are on it wait.
    pub active: bool,
    /// The version in force.
    pub version: i64,
    pub purpose: Purpose,
    /// How many actions it has with its groups spelt out.
    pub steps: usize,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// A schedule with the definition in force.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Schedule {
    #[serde(flatten)]
    pub item: ScheduleItem,
    pub definition: Definition,
}

/// A version of a schedule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScheduleVersion {
    pub name: String,
    pub version: i64,
    pub created_at: Instant,
    pub definition: Definition,
}

/// A schedule as it is to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutSchedule {
    /// What it is for. Left out, it stays as it is.
    #[schemars(length(max = 500))]
    pub description: Option<String>,
    /// Whether people are put on it, and those who are on it go on. Left out, it stays as it is; a new one is active.
    pub active: Option<bool>,
    /// What it does. One that is another than before is a new version; whoever is on the schedule finishes the one begun.
    pub definition: Definition,
}

/// Which location's rules.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesQuery {
    /// A location's code: shipped rules follow its country.
    #[schemars(length(max = 40))]
    pub location: Option<String>,
}

/// The rules of contact in force.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RulesInForce {
    /// Whether they are the dealer's own; else they are those shipped for the country.
    pub own: bool,
    pub rules: Rules,
}
