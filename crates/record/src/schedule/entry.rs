//! Who comes onto a schedule without being put there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Condition, Situation};
use crate::kinds::tree::is_empty;

/// A way onto a schedule: what happens to a lead, and what has to be so then.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The lead comes in, by whichever door.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub new_lead: bool,
    /// The lead comes into one of these statuses, or comes in with one.
    #[serde(default, skip_serializing_if = "is_empty")]
    #[schemars(length(max = 50))]
    pub status: Vec<String>,
    /// All of these, too.
    #[serde(default, skip_serializing_if = "is_empty")]
    #[schemars(length(max = 20))]
    pub when: Vec<Condition>,
}

impl Entry {
    /// Whether it is about what has happened: a lead is in this status now, and has just come in, or not.
    pub fn is_about(&self, is_new: bool, status: &str) -> bool {
        (is_new && self.new_lead) || self.status.iter().any(|one| one == status)
    }

    /// Whether everything that has to be so is.
    pub fn admits(&self, at: &Situation<'_>) -> bool {
        self.when.iter().all(|condition| condition.holds(at))
    }
}
