//! When a person may be contacted: hours, holidays, caps and the gap between two contacts, as data, and the verdict; and what
//! needs consent.
//!
//! These rules say *when*. Whether at all, by suppression, consent or a block, is decided elsewhere and before. Nothing
//! here is legal advice: every row carries its source and its date, and a dealer may change them.

mod check;
#[cfg(test)]
mod oracle;
mod preset;
#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;
mod timing;

use std::time::Duration;

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

pub use timing::{HORIZON, Timing, timing};

use crate::{
    Instant, Place, Whereabouts,
    calendar::{Holidays, Hours},
};

/// The name that the gap goes by in answers.
pub const GAP: &str = "gap";

/// The name in answers of what holds a contact with somebody of whom no zone is known.
pub const UNKNOWN_ZONE: &str = "unknown_zone";

/// The name in answers of what forbids a contact with somebody who has withdrawn the consent to it.
pub const WITHDRAWN: &str = "consent_withdrawn";

/// What carries a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A phone call, by a person or a machine.
    Call,
    /// A text message.
    Sms,
    /// A WhatsApp message.
    Whatsapp,
    /// A mail.
    Email,
    /// A chat on a site.
    Chat,
}

impl Channel {
    pub const ALL: &[Self] = &[Self::Call, Self::Sms, Self::Whatsapp, Self::Email, Self::Chat];

    /// Those that reach a person on the phone, at whatever time it is there.
    pub const BY_PHONE: &[Self] = &[Self::Call, Self::Sms, Self::Whatsapp];

    /// Whether somebody can be reached on the channel at this address: an E.164 number, an e-mail address, or what a chat
    /// knows somebody by.
    pub fn reaches(self, address: &str) -> bool {
        match self {
            Self::Call | Self::Sms | Self::Whatsapp => address.starts_with('+'),
            Self::Email => address.contains('@'),
            Self::Chat => true,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Sms => "sms",
            Self::Whatsapp => "whatsapp",
            Self::Email => "email",
            Self::Chat => "chat",
        }
    }
}

/// What a contact is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// The person has asked or written just now.
    Answer,
    /// What an agreement brings with it: the reminder of an appointment, a car that is ready.
    Service,
    /// Everything else.
    Marketing,
}

impl Purpose {
    pub const ALL: &[Self] = &[Self::Answer, Self::Service, Self::Marketing];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Service => "service",
            Self::Marketing => "marketing",
        }
    }
}

/// Which contacts a row is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// The countries and states whose people it is for; without any it is for everyone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// The channels it is for: calls, SMS and WhatsApp unless said otherwise.
    #[schemars(length(min = 1, max = 5))]
    pub channels: Vec<Channel>,
    /// The purposes it is for: service and marketing unless said otherwise.
    #[schemars(length(min = 1, max = 3))]
    pub purposes: Vec<Purpose>,
    /// The first local day on which it holds; without one it holds already.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "day")]
    pub since: Option<Date>,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            channels: Channel::BY_PHONE.to_vec(),
            purposes: vec![Purpose::Service, Purpose::Marketing],
            since: None,
        }
    }
}

impl Scope {
    /// Whether a row with this scope is about what is asked, now or from a later day on.
    fn is_about(&self, asked: &Asked<'_>) -> bool {
        self.channels.contains(&asked.channel)
            && self.purposes.contains(&asked.purpose)
            && (self.places.is_empty() || self.places.iter().any(|place| asked.whereabouts.may_be_in(*place)))
    }
}

/// Hours of the day in which a contact may be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// How answers call it: `fl_hours`.
    #[schemars(length(min = 1, max = 40))]
    pub name: String,
    /// Which contacts it is for.
    #[serde(default)]
    pub scope: Scope,
    /// When the wall clock of the person allows a contact: from the first minute of a span to before its last. A weekday
    /// without any span is closed, and so is all of it where no day has one.
    #[serde(default)]
    pub hours: Hours,
    /// The law or custom behind it, and how it was read.
    #[serde(default)]
    #[schemars(length(max = 500))]
    pub source: String,
}

/// Days on which no contact may be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DaysOff {
    /// How answers call it: `us_holidays`.
    #[schemars(length(min = 1, max = 40))]
    pub name: String,
    /// Which contacts it is for.
    #[serde(default)]
    pub scope: Scope,
    /// Days by the calendar of the person, from midnight to midnight.
    #[serde(default)]
    pub dates: Holidays,
    /// The law or custom behind it, and how it was read.
    #[serde(default)]
    #[schemars(length(max = 500))]
    pub source: String,
}

/// At most so many contacts with the same number in a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How answers call it: `fl_limit`.
    #[schemars(length(min = 1, max = 40))]
    pub name: String,
    /// Which contacts it is for. Contacts on any of its channels are counted together, whatever they were for.
    #[serde(default)]
    pub scope: Scope,
    /// How many may lie within the stretch, the one that is asked for included.
    #[schemars(range(min = 1, max = 999))]
    pub most: u32,
    /// How long the stretch is that slides over time, in seconds: from one hour to 60 days.
    #[schemars(range(min = 3_600, max = 5_184_000))]
    pub seconds: u32,
    /// The law or custom behind it, and how it was read.
    #[serde(default)]
    #[schemars(length(max = 500))]
    pub source: String,
}

/// Contacts that need the consent of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentNeeded {
    /// How answers call it: `us_consent`.
    #[schemars(length(min = 1, max = 40))]
    pub name: String,
    /// Which contacts it is for.
    #[serde(default)]
    pub scope: Scope,
    /// For so many days of 24 hours from its arrival an enquiry of the person counts as consent; 0 is not at all.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000))]
    pub enquiry_days: u32,
    /// The law or custom behind it, and how it was read.
    #[serde(default)]
    #[schemars(length(max = 500))]
    pub source: String,
}

/// The shortest time between two contacts with the same number: against two that cross each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Gap {
    /// Which contacts it is for; only contacts on these channels count.
    pub scope: Scope,
    /// In seconds, a day at most; 0 is none.
    #[schemars(range(min = 0, max = 86_400))]
    pub seconds: u32,
}

impl Default for Gap {
    /// Half a minute.
    fn default() -> Self {
        Self { scope: Scope::default(), seconds: 30 }
    }
}

/// When contacts may be made. Every row has to allow one; where there is none, only the gap is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Hours of the day.
    #[schemars(length(max = 200))]
    pub windows: Vec<Window>,
    /// Days off.
    #[schemars(length(max = 200))]
    pub holidays: Vec<DaysOff>,
    /// How many contacts in which time.
    #[schemars(length(max = 200))]
    pub limits: Vec<Limit>,
    /// The shortest time between two contacts.
    pub gap: Gap,
    /// What needs consent. A consent that was withdrawn is kept to, whatever stands here.
    #[schemars(length(max = 200))]
    pub consent: Vec<ConsentNeeded>,
}

impl Rules {
    /// The rules by which a contact needs consent.
    pub fn consent_needed<'a>(&'a self, asked: &Asked<'_>) -> impl Iterator<Item = &'a ConsentNeeded> {
        let has_begun = |row: &&ConsentNeeded| row.scope.has_begun(&asked.whereabouts.zones, asked.now);
        self.consent.iter().filter(|row| row.scope.is_about(asked)).filter(has_begun)
    }
}

impl ConsentNeeded {
    /// Whether an enquiry of then stands for consent.
    pub fn is_met_by(&self, enquired_at: Instant, now: Instant) -> bool {
        now.since(enquired_at) < Duration::from_hours(u64::from(self.enquiry_days) * 24)
    }
}

/// A contact that was made with the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contacted {
    pub at: Instant,
    pub channel: Channel,
}

/// A contact that somebody would like to make.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub channel: Channel,
    pub purpose: Purpose,
    /// Where the person may be: every candidate has to allow the contact.
    pub whereabouts: &'a Whereabouts,
    pub now: Instant,
    /// What was sent to the same number on any channel, in any order; as far back as the longest limit reaches.
    pub recent: &'a [Contacted],
}

/// The schema of a local day.
fn day(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "date"})
}
