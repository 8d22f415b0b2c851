//! How a schedule does, and why somebody is not contacted.

use forecourt_record::{
    EnrolmentStatus, Instant,
    gate::{Channel, Purpose},
};
use schemars::JsonSchema;
use serde::Serialize;

/// How a schedule does.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Monitor {
    pub schedule: String,
    /// The version in force.
    pub version: i64,
    pub active: bool,
    /// How many are under way: exact, as every count here.
    pub live: i64,
    /// By status, those that are over included.
    pub statuses: Vec<StatusCount>,
    /// Where those under way stand.
    pub steps: Vec<MonitorStep>,
    /// What makes those wait who stand still, the most frequent first.
    pub rules: Vec<BlockedRule>,
    /// When the next action is due that waits for its time.
    pub next_due: Option<Instant>,
    /// How many actions were due and are not carried out yet.
    pub overdue: i64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct StatusCount {
    pub status: EnrolmentStatus,
    pub count: i64,
}

/// Those at one action.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MonitorStep {
    /// The version they are on.
    pub version: i64,
    /// The action that is next, counted from 0 with the groups spelt out.
    pub position: i64,
    /// The same in words.
    pub action: String,
    pub live: i64,
}

/// Those who stand still for one reason.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BlockedRule {
    /// `wait`, `paused`, or the name of a rule of contact.
    pub rule: String,
    /// The rule in words.
    pub reason: String,
    pub count: i64,
    /// Since when the one who waits the longest does.
    pub since: Instant,
    /// An enrolment that waits for it.
    pub example: String,
    /// What would change it.
    pub change: String,
}

/// Why those on a schedule are not contacted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScheduleWhyNot {
    pub schedule: String,
    pub active: bool,
    /// How many are under way.
    pub live: i64,
    /// The most frequent first.
    pub rules: Vec<BlockedRule>,
}

/// What stops a contact.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Obstacle {
    /// `wait`, `paused`, `queue`, `over`, or the name of a rule of contact.
    pub rule: String,
    /// The rule in words.
    pub reason: String,
    /// Since when, where that is known.
    pub since: Option<Instant>,
    /// When it stops the contact no more; null where it does for good, or nobody can tell.
    pub until: Option<Instant>,
    /// What would change it.
    pub change: String,
}

/// Why the next contact of an enrolment is not made now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NextContact {
    /// The enrolment: `E-17`.
    pub enrolment: String,
    pub schedule: String,
    pub status: EnrolmentStatus,
    /// The action that contacts the person next, in words; null where none does any more.
    pub action: Option<String>,
    pub channel: Option<Channel>,
    /// The first instant at which it may be made, if nothing else happens; null where it may not be made.
    pub possible_at: Option<Instant>,
    /// The rule that counts most first; none where the contact is about to be made.
    pub obstacles: Vec<Obstacle>,
}

/// Whether a lead may be contacted now on a channel.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OnChannel {
    pub channel: Channel,
    pub allowed: bool,
    /// What stops it.
    pub obstacle: Option<Obstacle>,
}

/// Why a lead is not contacted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LeadWhyNot {
    pub lead: String,
    /// What a contact would be for: the rules depend on it.
    pub purpose: Purpose,
    /// By call, text message and WhatsApp, with a template where free text may not be sent.
    pub channels: Vec<OnChannel>,
    /// Those under way, newest first.
    pub enrolments: Vec<NextContact>,
}
