//! Figures of a period.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnalyticsQuery {
    /// `today`, `7d`, `30d` (default), `90d`, `mtd` or `ytd`, in days of the dealer's time zone.
    pub period: Option<String>,
    /// With `to`, instead of `period`: the first day.
    pub from: Option<String>,
    /// The last day, included.
    pub to: Option<String>,
    pub location: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Leads created in the period.
    pub total_leads: i64,
    /// Sold of those, to four places.
    pub conv: f64,
    pub avg_score: f64,
    pub by_status: BTreeMap<String, i64>,
    pub by_filter: BTreeMap<String, i64>,
    pub by_location: BTreeMap<String, i64>,
    pub appointments_set: i64,
    pub appointments_shown: i64,
    /// To two significant digits.
    pub median_first_human_response_seconds: Option<i64>,
    /// Every day of the period, in order.
    pub series: Vec<Day>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Day {
    pub date: String,
    pub leads: i64,
    /// Of the leads created that day, how many have been sold to.
    pub sold: i64,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Sources {
    /// Most leads first.
    pub data: Vec<Source>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the published member is called so")]
pub struct Source {
    /// Null for leads that named none.
    pub source: Option<String>,
    pub total: i64,
    pub conv: f64,
    pub avg_score: f64,
    /// In the dealer's currency, where costs are known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cost: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cost_per_sale: Option<f64>,
}
