//! Schedules: what a dealer does, step by step and over days, to reach somebody who has asked.
//!
//! A definition is data; running it is a pure function: where an enrolment stands, what is known of the person and what
//! time it is decide what is done next. Definitions are versioned, and an enrolment finishes on the version it began.

mod check;
mod entry;
mod plan;
#[cfg(test)]
mod tests;
mod tokens;
mod words;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use check::{Known, LONGEST_MAIL, LONGEST_SUBJECT, LONGEST_TEXT};
pub use entry::Entry;
pub use plan::{Next, Over, Plan, Situation};
pub use tokens::{LONGEST_TOKEN, MOST_TOKENS, Matches, Tokens, token_name};

use crate::{
    Email,
    calendar::{LocalTime, Weekday, Zone},
    gate::{Channel, Purpose},
    kinds::tree::is_empty,
    templates::Language,
};

/// What happens when somebody is put on a schedule that they are on already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// Another enrolment is made beside it.
    Allow,
    /// It is refused.
    Reject,
    /// What was sent is added to the enrolment there is.
    #[default]
    Update,
    /// The enrolment there is ends, and a new one begins.
    ExpireExisting,
}

/// As many actions as a schedule may have at its end.
pub const MOST_AT_END: usize = 16;

/// What a schedule does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// In their order.
    #[schemars(length(min = 1, max = 200))]
    pub actions: Vec<Action>,
    /// Leads of whom one of these is so come onto it by themselves.
    #[serde(default, skip_serializing_if = "is_empty")]
    #[schemars(length(max = 20))]
    pub enter: Vec<Entry>,
    /// Actions under a name, which `group` carries out; a group may hold others.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub groups: BTreeMap<String, Vec<Action>>,
    /// Waits under a name, which a `wait` chooses from.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub wait_rules: BTreeMap<String, Vec<WaitRule>>,
    /// The enrolment ends as soon as one of these is so. What is said here holds beside opting out, which always ends it.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub until: Vec<Condition>,
    /// Carried out when it ends by itself: neither waits nor contacts, and decides nothing.
    #[serde(default, skip_serializing_if = "is_empty")]
    #[schemars(length(max = MOST_AT_END))]
    pub at_end: Vec<Action>,
    #[serde(default)]
    pub duplicates: Duplicates,
    /// What it contacts people for: the hours and limits of the gate depend on it.
    #[serde(default = "marketing")]
    pub purpose: Purpose,
    /// It ends so many hours after it began.
    #[serde(default, skip_serializing_if = "is_empty")]
    #[schemars(range(min = 1, max = 8784))]
    pub expires_after_hours: Option<u32>,
    /// It ends after so many calls and messages together.
    #[serde(default, skip_serializing_if = "is_empty")]
    #[schemars(range(min = 1, max = 999))]
    pub max_contact_attempts: Option<u32>,
    /// The zone that `wait` reads times of the day in, where the person's own is not known; else the location's.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub time_zone: Option<Zone>,
}

const fn marketing() -> Purpose {
    Purpose::Marketing
}

/// A text in several languages. The person's language is taken, else the location's, else whichever there is.
pub type Texts = BTreeMap<Language, String>;

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Calls the person: the enrolment waits in the queue of its call group until an agent is there.
    Dial {
        /// Among people of one priority lower tiers are called first.
        #[serde(default, skip_serializing_if = "is_zero")]
        #[schemars(range(max = 999))]
        tier: u32,
    },
    /// Promises a call: in so many minutes it goes before every other, and is escalated where nobody makes it.
    Callback {
        #[schemars(range(min = 1, max = 527_040))]
        minutes: u32,
    },
    /// Sends a text message. `[name]{default}` stands for a token, or for the default where there is none.
    Sms { text: Texts },
    /// Writes on WhatsApp: the text while the person's 24 hours are open, else the template the provider has approved
    /// under this name; without a template nothing then.
    Whatsapp {
        text: Texts,
        #[serde(default, skip_serializing_if = "is_empty")]
        template: Option<String>,
    },
    /// Sends a mail, in plain text. Somebody without an address is passed over.
    Email {
        /// One line.
        subject: Texts,
        text: Texts,
        /// Whom it comes from; without one, the dealer's own address.
        #[serde(default, skip_serializing_if = "is_empty")]
        from: Option<Email>,
    },
    /// Waits.
    Wait(Wait),
    /// Changes the lead and the enrolment's tokens.
    ModifyLead {
        /// A status of the dealer's pipeline.
        #[serde(default, skip_serializing_if = "is_empty")]
        status: Option<String>,
        #[serde(default, skip_serializing_if = "is_empty")]
        tokens: BTreeMap<String, String>,
    },
    /// Gives whoever has the lead something to do.
    AddTask {
        #[schemars(length(min = 1, max = 500))]
        description: String,
        /// Minutes until the reminder.
        #[serde(default)]
        #[schemars(range(max = 525_600))]
        after_minutes: u32,
    },
    /// Hands the lead over.
    Assign {
        /// The agent, by name or id; without one, and where that agent has left, whoever is next by the routing of the
        /// lead's location.
        #[serde(default, skip_serializing_if = "is_empty")]
        to: Option<String>,
    },
    /// Calls an address: a `POST` of JSON, signed as Standard Webhooks has it, repeated until it is taken. It says who
    /// stands where by ids alone. The schedule goes on at once.
    Webhook {
        #[schemars(length(max = 2000))]
        url: String,
        /// What else it says.
        #[serde(default, skip_serializing_if = "is_empty")]
        #[schemars(length(max = 5))]
        with: Vec<Told>,
    },
    /// Puts the lead on another schedule of this name, and ends this one.
    AddToSchedule { schedule: String },
    /// Begins with the first action again, at most so many times.
    Restart {
        #[schemars(range(min = 1, max = 20))]
        at_most: u32,
    },
    /// Nobody writes to or calls the person any more by these means; by none, where none is named.
    OptOut {
        #[serde(default, skip_serializing_if = "is_empty")]
        channels: Vec<Channel>,
    },
    /// Nobody contacts the person any more, in any way.
    Block {},
    /// Ends here when one of these is so; always, where none is given.
    Exit {
        #[serde(default, skip_serializing_if = "is_empty")]
        when: Vec<Condition>,
    },
    /// Carries out the actions of this group.
    Group { name: String },
    /// Contacts nobody: the enrolment rests until the person calls.
    AwaitCall {},
}

/// What a webhook says beside ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// The tokens of the enrolment: they may say something about the person.
    Tokens,
}

/// How long: the duration first, then, where a time is given, until the wall clock shows it on one of the days.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(range(max = 31_622_400))]
    pub seconds: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(range(max = 527_040))]
    pub minutes: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(range(max = 8784))]
    pub hours: u32,
    /// Days of the calendar, at the same time of day.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(range(max = 366))]
    pub days: u32,
    /// A local time: `09:30`. One that the day has passed is meant on the next.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub until: Option<LocalTime>,
    /// The days on which that may be; any, where none is named.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub on: Vec<Weekday>,
    /// The first rule of these that holds replaces the duration.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub rules: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A wait for those of whom this holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitRule {
    /// Rules are looked at from the lowest tier on.
    #[serde(default)]
    pub tier: u32,
    #[schemars(range(max = 31_622_400))]
    pub seconds: u32,
    /// All of these; a rule without any always holds.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub when: Vec<Condition>,
}

/// Something that may be so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// A token: `name:value`, `name:!=value`, `name:>=5`, `name:<=5`.
    Token(Matches),
    /// The lead is in one of these statuses.
    Status(Vec<String>),
    /// The lead came from one of these sources.
    Origin(Vec<String>),
    /// The lead belongs to one of these locations, by their codes.
    Location(Vec<String>),
    /// The person has written or called since the enrolment began.
    Replied(bool),
    /// Somebody has spoken with the person since.
    Connected(bool),
    /// The lead was won.
    Converted(bool),
    /// What came of the last call is one of these.
    Disposition(Vec<String>),
    /// What came of the call before the last one is one of these.
    DispositionBefore(Vec<String>),
}
