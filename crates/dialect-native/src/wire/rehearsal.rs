//! Rehearsals.

use std::collections::BTreeMap;

use forecourt_record::{Instant, gate::Channel, schedule::Definition};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is answered beside the report.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RehearsalQuery {
    /// With `true` the beginning of the log as well.
    #[serde(default)]
    pub log: bool,
}

/// Whose leads: one of the two.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Leads {
    /// So many that are made up, coming in over a day.
    #[schemars(range(min = 1, max = 10_000))]
    pub count: Option<u32>,
    /// Those of so many last days, as they came in; 10,000 at the most.
    #[schemars(range(min = 1, max = 90))]
    pub days: Option<u32>,
}

/// How people behave.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Behaviour {
    /// A mix: of 100 about 45 answer, 30 read, 10 do not even read, 10 opt out, 5 cannot be reached.
    #[default]
    People,
    /// Everybody reads, and nobody answers.
    Silent,
    /// Everybody answers.
    Answers,
    /// Everybody opts out with the first message.
    Stops,
    /// Nobody reads anything.
    Ignores,
}

/// A schedule to be rehearsed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRehearsal {
    /// The name of a schedule; else `definition`.
    #[schemars(length(max = 64))]
    pub schedule: Option<String>,
    /// A definition that need not be in force anywhere.
    pub definition: Option<Definition>,
    pub leads: Leads,
    /// Only this location, by its code.
    #[schemars(length(max = 40))]
    pub location: Option<String>,
    /// When it begins; with the dealer's day, where nothing is said.
    pub from: Option<Instant>,
    /// Chance: the same seed is the same run.
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_i64))]
    #[serde(default)]
    pub seed: u64,
    #[serde(default)]
    pub behaviour: Behaviour,
    /// How many minutes a call keeps an agent busy in which somebody answers.
    #[schemars(range(min = 0, max = 240))]
    #[serde(default = "five")]
    pub minutes_answered: u32,
    /// The same of one in which nobody does.
    #[schemars(range(min = 0, max = 240))]
    #[serde(default = "one")]
    pub minutes_unanswered: u32,
}

const fn five() -> u32 {
    5
}

const fn one() -> u32 {
    1
}

/// What a rehearsal came to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Rehearsal {
    pub leads: usize,
    /// The first act and the last one.
    pub from: Option<Instant>,
    pub to: Option<Instant>,
    /// How many contacts were made, by channel.
    pub contacts: BTreeMap<Channel, i64>,
    /// The same by the hour they were made in.
    pub hours: Vec<Hour>,
    pub steps: Vec<RehearsedStep>,
    /// Which rules held contacts back, or forbade them.
    pub rules: Vec<RehearsedRule>,
    /// How many enrolments ended in each status.
    pub ends: BTreeMap<String, i64>,
    /// How many times somebody wrote back.
    pub answered: i64,
    pub opted_out: i64,
    pub agents: Agents,
    /// SHA-256 of the log: the same for the same run.
    pub digest: String,
    /// The first 2,000 lines of the log, where it was asked for: instant, lead, schedule, action, what happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Vec<String>>,
}

/// The contacts of an hour.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Hour {
    /// When it begins.
    pub hour: Instant,
    pub contacts: BTreeMap<Channel, i64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct RehearsedStep {
    pub schedule: String,
    /// Counted from 0 with the groups spelt out.
    pub position: usize,
    /// The action in words.
    pub action: String,
    /// How often it was carried out.
    pub done: i64,
    /// How often a rule held it back, and how often one forbade it.
    pub held: i64,
    pub refused: i64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct RehearsedRule {
    pub rule: String,
    pub held: i64,
    pub refused: i64,
    /// For how long it held contacts back, in all.
    pub held_seconds: u64,
}

/// What the calls ask of the agents, if each is made as soon as it may be.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Agents {
    pub calls: i64,
    pub answered: i64,
    /// Hours on the phone, to two places.
    pub hours: f64,
    /// The hour with the most to do, and how many agents that takes, to two places.
    pub busiest_hour: Option<Instant>,
    pub most: f64,
}
