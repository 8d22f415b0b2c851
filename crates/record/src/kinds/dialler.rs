//! The call centre: its agents, the calls that were promised, and what is known of a call beyond the published one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CallId, CallbackId, ClientId, EnrolmentId, LeadId, UserId, tree::is_empty};
use crate::{
    Instant,
    document::Kind,
    pacing::Mode,
    schedule::Tokens,
    spec::{
        KindSpec, KindTypes,
        Part::{Doc, Extra},
        Type, belongs, hot, tally,
    },
};

words! {
    /// What an agent of the call centre does.
    AgentState {
        /// Not at work.
        Offline = "offline",
        /// Takes the next call.
        Ready = "ready",
        /// At work, and takes no calls for now.
        Paused = "paused",
        /// Looks at somebody before calling.
        Previewing = "previewing",
        /// A call is being set up for the agent.
        Ringing = "ringing",
        Talking = "talking",
        /// Writes down what came of the last call.
        WrapUp = "wrap_up",
    }

    /// What became of a call that was promised.
    CallbackStatus {
        /// Its time has not come.
        Pending = "pending",
        /// It waits for an agent, or is being made.
        Due = "due",
        /// The person was spoken with.
        Kept = "kept",
        /// The person was called, and not reached.
        Missed = "missed",
        Cancelled = "cancelled",
    }
}

impl AgentState {
    /// Whether somebody may choose it; the others follow from calls.
    pub const fn is_chosen(self) -> bool {
        matches!(self, Self::Offline | Self::Ready | Self::Paused)
    }
}

/// Somebody who takes and makes calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallAgent {
    pub user_id: UserId,
    pub state: AgentState,
    /// Why the agent pauses: a word of the call centre's own.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub pause_code: Option<String>,
    /// Since when it has been in this state.
    pub since: Instant,
    /// What the agent chose meanwhile, and comes to once the call is wrapped up.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub then: Option<AgentState>,
    /// The groups of calls the agent is for; all, where none is named.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub call_groups: Vec<String>,
    /// The location codes the agent is for; all, where none is named.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub locations: Vec<String>,
    /// The call the agent rings for, talks in, or wraps up.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub call_id: Option<CallId>,
    /// Who is looked at before calling.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub enrolment_id: Option<EnrolmentId>,
}

impl CallAgent {
    /// Comes to another state.
    pub fn enter(&mut self, state: AgentState, now: Instant) {
        (self.state, self.since) = (state, now);
        // A pause that was chosen during a call keeps its reason until it begins.
        if matches!(state, AgentState::Ready | AgentState::Offline) {
            self.pause_code = None;
        }
        if !matches!(state, AgentState::Ringing | AgentState::Talking | AgentState::WrapUp) {
            self.call_id = None;
        }
        if state != AgentState::Previewing {
            self.enrolment_id = None;
        }
    }

    /// Whether the agent takes calls of this group and location.
    pub fn is_for(&self, call_group: Option<&str>, location: Option<&str>) -> bool {
        let one_of = |known: &[String], asked: Option<&str>| {
            known.is_empty() || asked.is_some_and(|asked| known.iter().any(|known| known == asked))
        };
        one_of(&self.call_groups, call_group) && one_of(&self.locations, location)
    }
}

impl Kind for CallAgent {
    type Extra = ();
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "callagents",
        singular: "agent",
        hot: &[hot("user_id", Doc, "user_id", Type::Text), hot("state", Doc, "state", Type::Text)],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}

/// A call that was promised to somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduledCallback {
    pub enrolment_id: EnrolmentId,
    pub lead_id: LeadId,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub client_id: Option<ClientId>,
    pub due_at: Instant,
    pub status: CallbackStatus,
    /// Who promised it, where that was a user.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub made_by: Option<UserId>,
    /// The call that was made for it.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub call_id: Option<CallId>,
    /// When somebody was told that it is overdue.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub escalated_at: Option<Instant>,
}

/// What we alone know of a promised call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScheduledCallbackExtra {
    /// The dealer's own small number.
    pub number: i64,
}

impl Kind for ScheduledCallback {
    type Extra = ScheduledCallbackExtra;
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "scheduledcallbacks",
        singular: "scheduled callback",
        hot: &[
            hot("number", Extra, "number", Type::Int),
            hot("enrolment_id", Doc, "enrolment_id", Type::Text),
            hot("lead_id", Doc, "lead_id", Type::Text),
            hot("due_at", Doc, "due_at", Type::Instant),
            hot("status", Doc, "status", Type::Text),
        ],
        text: &[],
        tallies: &[tally(&["status"])],
        measures: &[],
        references: &[belongs("lead_id", "saleleads")],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}

/// What we alone know of a call of ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallFacts {
    /// The agent on our end.
    #[serde(skip_serializing_if = "is_empty")]
    pub agent_id: Option<UserId>,
    /// How it was decided to call: the mode of dialling; none for a call that somebody asked for.
    #[serde(skip_serializing_if = "is_empty")]
    pub mode: Option<Mode>,
    /// What the caller is known by: those of the enrolment, as they were, and what came later for calls.
    #[serde(skip_serializing_if = "is_empty")]
    pub tokens: Tokens,
    /// What came of it, in a word of the call centre's own.
    #[serde(skip_serializing_if = "is_empty")]
    pub disposition: Option<String>,
    /// A person answered.
    #[serde(skip_serializing_if = "is_empty")]
    pub answered_at: Option<Instant>,
    /// When all is said about it: it has ended, and its agent has written down what came of it, or had the time to.
    #[serde(skip_serializing_if = "is_empty")]
    pub closed_at: Option<Instant>,
    /// A person answered, and no agent was free.
    #[serde(skip_serializing_if = "is_empty")]
    pub dropped: bool,
    #[serde(skip_serializing_if = "is_empty")]
    pub callback_id: Option<CallbackId>,
}
