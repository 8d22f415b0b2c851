//! Agents and calls.

use std::collections::BTreeMap;

use forecourt_record::{AgentState, CallStatus, Direction, Instant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an agent does.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Agent {
    /// The user: `u_3`.
    pub user: String,
    pub name: String,
    pub state: AgentState,
    /// Why, when it is a pause.
    pub pause_code: Option<String>,
    pub since: Instant,
    /// What was chosen meanwhile, and follows once the call is wrapped up.
    pub then: Option<AgentState>,
    /// The groups of calls the agent takes; all, where there is none.
    pub call_groups: Vec<String>,
    /// The call the agent rings for, talks in, or wraps up.
    pub call: Option<String>,
    /// Whom the agent looks at before calling, by the enrolment's id in the record.
    pub enrolment: Option<String>,
}

/// Agents, those at work first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AgentList {
    pub data: Vec<Agent>,
}

/// What an agent chooses.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentChoice {
    /// `ready`, `paused` or `offline`.
    pub state: AgentState,
    /// A word of the call centre's own, for a pause.
    #[schemars(length(min = 1, max = 64))]
    pub pause_code: Option<String>,
    /// The groups of calls from now on; all, for an empty list; as before, where it is left out.
    #[schemars(length(max = 100))]
    pub call_groups: Option<Vec<String>>,
}

/// A call to be made now: to a lead, to somebody on a schedule, or to a number on behalf of a schedule.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCall {
    /// `L-1042`.
    #[schemars(length(max = 40))]
    pub lead: Option<String>,
    /// `E-17`.
    #[schemars(length(max = 40))]
    pub enrolment: Option<String>,
    /// The name of a schedule, with `to`.
    #[schemars(length(max = 64))]
    pub schedule: Option<String>,
    /// A number, national or international.
    #[schemars(length(max = 40))]
    pub to: Option<String>,
    /// What the call is to know, by name; with `to` only.
    #[serde(default)]
    pub tokens: BTreeMap<String, String>,
}

/// A call.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Call {
    /// The id in the record, as in `conferences`.
    pub id: String,
    pub direction: Option<Direction>,
    pub status: Option<CallStatus>,
    /// The lead, by its id in the record.
    pub lead: Option<String>,
    /// The enrolment it is a step of, by its id in the record.
    pub enrolment: Option<String>,
    /// The user on our end: `u_3`.
    pub agent: Option<String>,
    /// E.164.
    pub client_number: Option<String>,
    /// E.164.
    pub dealer_number: Option<String>,
    pub made_at: Option<Instant>,
    /// When a person answered.
    pub answered_at: Option<Instant>,
    /// In seconds, once it is over.
    pub duration: Option<f64>,
    /// A machine answered.
    pub voicemail: bool,
    /// A person answered, and no agent was free.
    pub dropped: bool,
    /// What came of it.
    pub disposition: Option<String>,
    pub note: Option<String>,
    pub tokens: BTreeMap<String, String>,
}

/// Who a call is handed over to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// The user: `u_3`. Has to be ready.
    #[schemars(length(max = 40))]
    pub to: String,
}

/// What came of a call.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// One of the dealer's dispositions.
    #[schemars(length(min = 1, max = 64))]
    pub disposition: String,
    #[schemars(length(max = 4_000))]
    pub note: Option<String>,
    /// When the person wants to be called again: a promise, which stops the schedule until then.
    pub callback_at: Option<Instant>,
}
