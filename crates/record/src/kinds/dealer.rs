//! The dealer, its locations, and the settings its rules run on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tree::is_empty;
use crate::{
    Email,
    calendar::{BusinessCalendar, Zone},
    document::Kind,
    gate::Rules,
    pacing::Dialling,
    pipeline::Pipeline,
    spec::{
        KindSpec, KindTypes,
        Part::{Doc, Extra},
        Type, hot,
    },
    templates::Templates,
};

/// The unit a dealer reads distances in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DistanceUnit {
    #[default]
    Km,
    Mi,
}

/// When a lead that nobody works raises an alert, in minutes of business time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IdleAlert {
    pub after_minutes: u32,
    /// Again after this many minutes; 0 alerts once.
    pub repeat_minutes: u32,
    /// At most this many alerts for one stretch of idleness.
    pub at_most: u32,
}

impl Default for IdleAlert {
    fn default() -> Self {
        Self { after_minutes: 120, repeat_minutes: 240, at_most: 3 }
    }
}

/// The messages that go out until the person answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Bot {
    /// Whether status changes and arrivals send templates at all.
    pub enabled: bool,
    /// Minutes from the lead's arrival to each re-engagement.
    pub reengage_after_minutes: Vec<u32>,
}

impl Default for Bot {
    fn default() -> Self {
        Self { enabled: true, reengage_after_minutes: vec![24 * 60, 72 * 60] }
    }
}

/// What a wish not to be contacted covers that somebody has written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OptOut {
    /// The channel it was written on, at the address it came from.
    #[default]
    Channel,
    /// Every channel, at every number and address of the person.
    All,
}

/// A dealer: the tenant everything belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dealer {
    pub name: String,
    /// IANA zone that days and periods are counted in.
    pub time_zone: Zone,
    /// ISO 3166 alpha-2, where a location names none.
    pub country: String,
    /// ISO 4217.
    pub currency: String,
    #[serde(default)]
    pub distance_unit: DistanceUnit,
    /// `en`, `es` or `de`: what a lead is written to in when nothing better is known.
    pub language: String,
    /// The very same enquiry within this many minutes is the same lead.
    #[serde(default = "a_day_of_minutes")]
    pub duplicate_window_minutes: u32,
    #[serde(default)]
    pub pipeline: Pipeline,
    #[serde(default)]
    pub idle_alert: IdleAlert,
    #[serde(default)]
    pub bot: Bot,
    /// Texts that replace the shipped ones.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub templates: Templates,
    /// When people may be contacted; the rules shipped for the country, where the dealer has none of its own.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub contact_rules: Option<Rules>,
    /// How agents are given calls.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub dialling: Dialling,
    /// What a wish not to be contacted covers. It ends every schedule, whichever this is.
    #[serde(default)]
    pub opt_out: OptOut,
    /// The WhatsApp number messages go out from, where a location has none. E.164.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub whatsapp_number: Option<String>,
    /// The address that mails come from.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub email: Option<Email>,
    /// The number that Autengo's partners know the dealer by: a token is asked for with it.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub alzura_id: Option<i64>,
}

fn a_day_of_minutes() -> u32 {
    24 * 60
}

impl Kind for Dealer {
    type Extra = ();
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "dealers",
        singular: "dealer",
        hot: &[hot("name", Doc, "name", Type::Text)],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}

/// A branch: its own address, hours and, for bdc and sales users, its own domain of data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// The word every dialect names it by: `houston`.
    pub code: String,
    pub name: String,
    /// ISO 3166 alpha-2: how national phone numbers are read.
    pub country: String,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub phone: Option<String>,
    /// Zone, opening hours and holidays.
    pub calendar: BusinessCalendar,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub whatsapp_number: Option<String>,
    /// The provider's id of that number, by which its webhooks are told apart.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub whatsapp_phone_number_id: Option<String>,
}

/// What we alone know of a location.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LocationExtra {
    pub number: i64,
}

impl Kind for Location {
    type Extra = LocationExtra;
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "locations",
        singular: "location",
        hot: &[hot("code", Doc, "code", Type::Text), hot("number", Extra, "number", Type::Int)],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}
