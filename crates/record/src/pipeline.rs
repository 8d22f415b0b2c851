//! The pipeline: the statuses a dealer's leads go through, and the phase each stands for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Appointment;

/// What a status means to the rules, whatever the dealer calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// To be worked.
    Open,
    Won,
    Lost,
    /// Put away without having been worked.
    Archived,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub status: String,
    pub phase: Phase,
}

/// The dealer's statuses, in order. The first is where a lead begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Pipeline(pub Vec<Stage>);

pub const NEW: &str = "new";
pub const QUALIFIED: &str = "qualified";
pub const APPOINTMENT: &str = "appointment";
pub const NO_SHOW: &str = "no-show";
pub const SOLD: &str = "sold";
pub const LOST: &str = "lost";
pub const ARCHIVED: &str = "archived";

impl Default for Pipeline {
    fn default() -> Self {
        let stage = |status: &str, phase| Stage { status: status.to_owned(), phase };
        Self(vec![
            stage(NEW, Phase::Open),
            stage("contacted", Phase::Open),
            stage(QUALIFIED, Phase::Open),
            stage(APPOINTMENT, Phase::Open),
            stage(NO_SHOW, Phase::Open),
            stage(SOLD, Phase::Won),
            stage(LOST, Phase::Lost),
            stage(ARCHIVED, Phase::Archived),
        ])
    }
}

impl Pipeline {
    pub fn phase(&self, status: &str) -> Option<Phase> {
        self.0.iter().find(|stage| stage.status == status).map(|stage| stage.phase)
    }

    pub fn is_open(&self, status: &str) -> bool {
        self.phase(status) == Some(Phase::Open)
    }

    /// The status names, for a list of what is allowed.
    pub fn statuses(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|stage| stage.status.as_str())
    }

    /// The status of the first stage in a phase.
    pub fn first(&self, phase: Phase) -> &str {
        self.0.iter().find(|stage| stage.phase == phase).map_or(NEW, |stage| stage.status.as_str())
    }
}

/// How far the appointment of a lead has come once it enters `status`: reaching `appointment` sets one,
/// `no-show` misses it, and any further work on it means the person came.
pub fn appointment_after(before: Option<Appointment>, status: &str) -> Option<Appointment> {
    match (before, status) {
        (_, APPOINTMENT) => Some(Appointment::Set),
        (_, NO_SHOW) => Some(Appointment::Missed),
        (Some(Appointment::Set), status) if status != LOST && status != ARCHIVED => Some(Appointment::Shown),
        (before, _) => before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appointment_is_set_then_kept_or_missed() {
        let walk = |statuses: &[&str]| statuses.iter().fold(None, |state, status| appointment_after(state, status));
        assert_eq!(walk(&["new", "contacted"]), None);
        assert_eq!(walk(&["new", "appointment"]), Some(Appointment::Set));
        assert_eq!(walk(&["appointment", "sold"]), Some(Appointment::Shown));
        assert_eq!(walk(&["appointment", "no-show"]), Some(Appointment::Missed));
        assert_eq!(walk(&["appointment", "no-show", "appointment", "qualified"]), Some(Appointment::Shown));
        assert_eq!(walk(&["appointment", "lost"]), Some(Appointment::Set));
        assert_eq!(walk(&["appointment", "sold", "lost"]), Some(Appointment::Shown));
    }
}
