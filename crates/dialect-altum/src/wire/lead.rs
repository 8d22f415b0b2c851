//! Leads.

use forecourt_api::page::Page;
use forecourt_record::Instant;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Number, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CreditScore {
    Excellent,
    Good,
    Fair,
    Poor,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IdType {
    License,
    Matricula,
    Passport,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    De,
    En,
    Es,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewLead {
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// In any writing; a national number is read with the location's country.
    #[schemars(length(min = 3, max = 40))]
    pub phone: String,
    #[schemars(length(min = 3, max = 320))]
    pub email: Option<String>,
    pub credit_score: Option<CreditScore>,
    /// In the dealer's currency.
    #[schemars(range(min = 0, max = 100_000_000))]
    pub down_payment: Option<Number>,
    pub has_bank: Option<bool>,
    pub id_type: Option<IdType>,
    pub trade_in: Option<bool>,
    /// A location's code. May be left out where there is only one.
    #[schemars(length(min = 1, max = 40))]
    pub location: Option<String>,
    #[schemars(length(min = 1, max = 100))]
    pub source: Option<String>,
    #[schemars(length(max = 20_000))]
    pub notes: Option<String>,
    /// `V-17`.
    #[schemars(length(min = 1, max = 40))]
    pub vehicle_id: Option<String>,
    /// `u_1`.
    #[schemars(length(min = 1, max = 40))]
    pub assigned_to: Option<String>,
    /// What the person is written to in.
    pub language: Option<Language>,
}

/// Any field of a new lead and the status; `null` empties a field that may be empty, an absent one stays.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LeadChange {
    #[schemars(length(min = 1, max = 200), with = "String")]
    pub name: Option<String>,
    #[schemars(length(min = 3, max = 40), with = "String")]
    pub phone: Option<String>,
    #[serde(deserialize_with = "some")]
    #[schemars(length(min = 3, max = 320), with = "Option<String>")]
    pub email: Option<Option<String>>,
    #[schemars(with = "CreditScore")]
    pub credit_score: Option<CreditScore>,
    #[schemars(range(min = 0, max = 100_000_000), with = "f64")]
    pub down_payment: Option<Number>,
    #[schemars(with = "bool")]
    pub has_bank: Option<bool>,
    #[schemars(with = "IdType")]
    pub id_type: Option<IdType>,
    #[schemars(with = "bool")]
    pub trade_in: Option<bool>,
    #[schemars(length(min = 1, max = 40), with = "String")]
    pub location: Option<String>,
    #[serde(deserialize_with = "some")]
    #[schemars(length(min = 1, max = 100), with = "Option<String>")]
    pub source: Option<Option<String>>,
    #[serde(deserialize_with = "some")]
    #[schemars(length(max = 20_000), with = "Option<String>")]
    pub notes: Option<Option<String>>,
    /// One of the dealer's pipeline.
    #[schemars(length(min = 1, max = 60), with = "String")]
    pub status: Option<String>,
    #[serde(deserialize_with = "some")]
    #[schemars(length(min = 1, max = 40), with = "Option<String>")]
    pub vehicle_id: Option<Option<String>>,
    #[serde(deserialize_with = "some")]
    #[schemars(length(min = 1, max = 40), with = "Option<String>")]
    pub assigned_to: Option<Option<String>>,
    #[schemars(with = "Language")]
    pub language: Option<Language>,
}

/// Tells a member that is `null` from one that is absent.
pub fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeadListQuery {
    #[serde(flatten)]
    pub page: Page,
    pub status: Option<String>,
    /// `A`, `B` or `Reject` on the standard scorecard.
    pub filter: Option<String>,
    pub location: Option<String>,
    pub source: Option<String>,
    /// `u_1`.
    pub assigned_to: Option<String>,
    pub min_score: Option<i64>,
    pub max_score: Option<i64>,
    pub created_from: Option<Instant>,
    /// Not included.
    pub created_to: Option<Instant>,
    /// Words of the lead's name, phone, e-mail address or notes; the last may be the beginning of one.
    #[schemars(length(max = 200))]
    pub q: Option<String>,
    /// `createdAt`, `updatedAt`, `score` or `name`; with `-` in front, descending. Default `-createdAt`.
    pub sort: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct CreatedLead {
    pub id: String,
    /// 0 to 100.
    pub score: i64,
    pub filter: String,
    /// Present and true when the very same enquiry was open already: `id` is that lead.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub duplicate: bool,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeadItem {
    pub id: String,
    pub name: String,
    pub score: i64,
    pub filter: String,
    pub status: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub location: Option<String>,
    pub source: Option<String>,
    pub assigned_to: Option<String>,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub last_activity_at: Option<Instant>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Lead {
    #[serde(flatten)]
    pub item: LeadItem,
    pub credit_score: Option<CreditScore>,
    pub down_payment: Option<Number>,
    pub has_bank: Option<bool>,
    pub id_type: Option<IdType>,
    pub trade_in: Option<bool>,
    pub notes: Option<String>,
    pub vehicle_id: Option<String>,
    pub language: Option<String>,
    pub score_breakdown: Vec<ScoreLine>,
    /// Single answers that would lift the lead into a better filter.
    pub would_change: Vec<WouldChange>,
    /// Oldest first.
    pub messages: Vec<LeadMessage>,
    /// Newest first.
    pub activities: Vec<Activity>,
    /// What the house does next by itself.
    pub next_action: Option<NextAction>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ScoreLine {
    pub input: String,
    pub value: Option<Value>,
    pub points: Number,
    pub max: i64,
    /// Not answered yet.
    pub missing: bool,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct WouldChange {
    pub input: String,
    pub answer: Value,
    pub score: i64,
    pub filter: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LeadMessage {
    pub id: String,
    pub direction: String,
    pub from: Option<String>,
    pub body: Option<String>,
    pub at: Option<Instant>,
    pub status: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Activity {
    pub id: String,
    pub r#type: String,
    pub text: String,
    pub at: Instant,
    /// A user, a key, `system` or `client`.
    pub by: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NextAction {
    pub at: Instant,
    pub what: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub blocked_by: Option<String>,
}
