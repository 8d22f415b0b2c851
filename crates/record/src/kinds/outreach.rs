//! Schedules with their versions, the lead types that lead onto them, and the enrolments of those who are on one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CallbackId, ClientId, LeadId, ScheduleId, UserId, tree::is_empty};
use crate::{
    Id, Instant,
    document::Kind,
    gate::Channel,
    schedule::{Definition, Tokens},
    spec::{
        KindSpec, KindTypes,
        Part::{Doc, Extra},
        Type, belongs, hot, tally,
    },
};

/// A schedule: what is done for those who are put on it stands in its versions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Unique: other schedules and lead types name it so.
    pub name: String,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub description: Option<String>,
    /// Nobody is put on one that is not active, and those who are on it wait.
    pub active: bool,
    /// The version that whoever is put on it now begins.
    pub version: i64,
}

/// What we alone know of a schedule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScheduleExtra {
    /// The dealer's own small number.
    pub number: i64,
}

impl Kind for Schedule {
    type Extra = ScheduleExtra;
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "schedules",
        singular: "schedule",
        hot: &[hot("name", Doc, "name", Type::Text), hot("number", Extra, "number", Type::Int)],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}

/// A version of a schedule. It is never changed: those who began it finish it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleVersion {
    pub schedule_id: ScheduleId,
    /// From 1.
    pub version: i64,
    pub definition: Definition,
}

impl Kind for ScheduleVersion {
    type Extra = ();
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "scheduleversions",
        singular: "version of a schedule",
        hot: &[hot("schedule_id", Doc, "schedule_id", Type::Text), hot("version_number", Doc, "version", Type::Int)],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[belongs("schedule_id", "schedules")],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}

/// A lead type of the dialler: what a partner's word for a kind of lead means here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiallerType {
    /// The word partners send: `motor-trade`.
    pub name: String,
    /// The name of the schedule that its leads are put on.
    pub schedule: String,
    /// Types of one group call a person once, whichever of them was sent; one without a group stands alone, and its calls
    /// cannot be cancelled.
    pub call_group: String,
    /// What its leads have as their source.
    pub origin: String,
    /// The location its leads are for, by its code.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub location: Option<String>,
    /// What is sent of one that is not active is kept, and nobody called.
    pub active: bool,
}

impl Kind for DiallerType {
    type Extra = ();
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "leadtypes",
        singular: "lead type",
        hot: &[hot("name", Doc, "name", Type::Text)],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}

words! {
    /// Where an enrolment is. The words are TrackDrive's for a lead of theirs.
    EnrolmentStatus {
        /// Waits for somebody to call.
        Queue = "queue",
        /// Has not begun yet.
        Scheduled = "scheduled",
        /// Waits for a time to come, or is held back by a rule.
        Waiting = "waiting",
        /// Somebody is being called or written to.
        Running = "running",
        Completed = "completed",
        CompletedAttempted = "completed_attempted",
        CompletedConnected = "completed_connected",
        CompletedConverted = "completed_converted",
        ExceededMaxCalls = "exceeded_max_calls",
        Dnc = "dnc",
        Failure = "failure",
        Disabled = "disabled",
        Blocked = "blocked",
        OptOut = "opt_out",
    }
}

impl EnrolmentStatus {
    /// Whether it is still under way.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Queue | Self::Scheduled | Self::Waiting | Self::Running)
    }

    /// Those under way.
    pub const LIVE: [Self; 4] = [Self::Queue, Self::Scheduled, Self::Waiting, Self::Running];
}

/// Why an enrolment stands still.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Standstill {
    /// The rule's name: `federal_hours`, `wait`, `paused`.
    pub rule: String,
    /// The rule in words that hold nothing personal.
    pub reason: String,
    pub since: Instant,
}

/// A contact that an enrolment waits for the outcome of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnderWay {
    pub channel: Channel,
    /// The message or call.
    pub id: Id<()>,
}

/// Somebody on a schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    pub schedule_id: ScheduleId,
    pub version: i64,
    pub lead_id: LeadId,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub client_id: Option<ClientId>,
    /// The lead type it came by.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub lead_type: Option<Id<DiallerType>>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub call_group: Option<String>,
    /// Who is called and written to, E.164.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub caller_id: Option<String>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub location: Option<String>,
    /// The numbers it is called and written to from, where some were set aside for it, E.164.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub call_number: Option<String>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub sms_number: Option<String>,
    /// It holds data only: nothing begins until somebody sends it to its schedule.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub captured: bool,
    pub status: EnrolmentStatus,
    /// The action that is next, counted from 0 with the groups spelt out.
    pub position: i64,
    /// How often it has begun again.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub restarts: i64,
    /// When that action is due; none while a contact is under way, or when it is over.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub next_action_at: Option<Instant>,
    /// Lower goes first.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub lead_priority: i64,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub expires_at: Option<Instant>,
    /// Calls and messages so far.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub contact_attempts: i64,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub max_contact_attempts: Option<i64>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub tokens: Tokens,
    /// Since when answers count.
    pub begun_at: Instant,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub replied_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub connected_at: Option<Instant>,
    /// What came of the last two calls, the newest first.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub dispositions: Vec<String>,
    /// Where it stands in the queue of calls, lower first; none where it is not queued.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub rank: Option<i64>,
    /// The agent who looks at it, before calling.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub agent_id: Option<UserId>,
    /// A call that was promised; until it is made, nothing else is done.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub callback_id: Option<CallbackId>,
    /// When that is.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub callback_at: Option<Instant>,
    /// When the action that is next is due, once a call beside the schedule is over.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub resume_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub under_way: Option<UnderWay>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub standstill: Option<Standstill>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub ended_at: Option<Instant>,
    /// Why, in words that hold nothing personal.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub ended_because: Option<String>,
}

/// What we alone know of an enrolment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnrolmentExtra {
    /// The dealer's own small number.
    pub number: i64,
    /// It came by the token of an offer, not of a schedule.
    pub by_offer: bool,
    /// What a partner says its fields are laid out by; kept as it came.
    pub contact_field_type: Option<String>,
}

impl Kind for Enrolment {
    type Extra = EnrolmentExtra;
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "enrolments",
        singular: "enrolment",
        hot: &[
            hot("number", Extra, "number", Type::Int),
            hot("schedule_id", Doc, "schedule_id", Type::Text),
            hot("lead_id", Doc, "lead_id", Type::Text),
            hot("client_id", Doc, "client_id", Type::Text),
            hot("lead_type", Doc, "lead_type", Type::Text),
            hot("caller_id", Doc, "caller_id", Type::Text),
            hot("status", Doc, "status", Type::Text),
            hot("next_action_at", Doc, "next_action_at", Type::Instant),
            hot("call_group", Doc, "call_group", Type::Text),
            hot("location", Doc, "location", Type::Text),
            hot("rank", Doc, "rank", Type::Int),
            hot("schedule_version", Doc, "version", Type::Int),
            hot("position", Doc, "position", Type::Int),
            hot("standstill_rule", Doc, "standstill.rule", Type::Text),
            hot("standstill_since", Doc, "standstill.since", Type::Instant),
        ],
        text: &[],
        // What a monitor shows, from one row per combination.
        tallies: &[
            tally(&[]),
            tally(&["schedule_id", "status", "schedule_version", "position", "standstill_rule", "location"]),
        ],
        measures: &[],
        references: &[belongs("lead_id", "saleleads")],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}

impl Enrolment {
    /// Begins an enrolment that is due at once.
    pub fn begin(schedule_id: ScheduleId, version: i64, lead_id: LeadId, now: Instant) -> Self {
        Self {
            schedule_id,
            version,
            lead_id,
            client_id: None,
            lead_type: None,
            call_group: None,
            caller_id: None,
            email: None,
            location: None,
            call_number: None,
            sms_number: None,
            captured: false,
            status: EnrolmentStatus::Scheduled,
            position: 0,
            restarts: 0,
            next_action_at: Some(now),
            lead_priority: 0,
            expires_at: None,
            contact_attempts: 0,
            max_contact_attempts: None,
            tokens: Tokens::default(),
            begun_at: now,
            replied_at: None,
            connected_at: None,
            dispositions: Vec::new(),
            rank: None,
            agent_id: None,
            callback_id: None,
            callback_at: None,
            resume_at: None,
            under_way: None,
            standstill: None,
            ended_at: None,
            ended_because: None,
        }
    }
}
