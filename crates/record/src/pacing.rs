//! How many lines to dial now: a pure function of the agents who are free and of how the last calls went.
//!
//! The rule behind the cap on dropped calls: a person who answers must not find nobody there, in more than 3 of 100
//! answered calls (47 CFR 64.1200(a)(7), measured there over 30 days and per campaign; here over the last calls, which is
//! stricter while it goes badly).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{FieldError, kinds::tree::is_empty, shape::code};

/// How calls are begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// An agent looks at the next person and decides to call.
    Preview,
    /// A free agent gets the next call, one line each.
    #[default]
    Progressive,
    /// More lines than free agents, since not everybody answers.
    Power,
}

impl Mode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Progressive => "progressive",
            Self::Power => "power",
        }
    }
}

/// What may be said of a call by whoever made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disposition {
    /// The word: `interested`, `wrong_number`.
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
    /// The lead's status from then on.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub status: Option<String>,
    /// The person does not want to be called any more.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub opt_out: bool,
    /// The schedule ends.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub ends_schedule: bool,
}

/// How a dealer calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dialling {
    pub mode: Mode,
    /// Power: lines for one free agent, at most.
    #[schemars(range(min = 1.0, max = 5.0))]
    pub most_lines_per_agent: f64,
    /// Power: of 100 answered calls so many may find nobody; beyond that there is one line for an agent.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub drop_cap_percent: f64,
    /// Calls begun in a second, at most.
    #[schemars(range(min = 1, max = 100))]
    pub calls_per_second: u32,
    /// How long a number rings, in seconds: at least 15 seconds or four rings (47 CFR 64.1200(a)(6)).
    #[schemars(range(min = 15, max = 120))]
    pub ring_seconds: u32,
    /// How long an agent has after a call, in seconds, before the next one.
    #[schemars(range(min = 0, max = 3_600))]
    pub wrap_up_seconds: u32,
    /// A callback that nobody has made so many minutes after its time is escalated.
    #[schemars(range(min = 1, max = 1_440))]
    pub callback_patience_minutes: u32,
    /// Somebody who came in within so many minutes and was not called yet goes before the others.
    #[schemars(range(min = 0, max = 1_440))]
    pub real_time_minutes: u32,
    #[schemars(length(max = 100))]
    pub dispositions: Vec<Disposition>,
}

impl Default for Dialling {
    fn default() -> Self {
        Self {
            mode: Mode::Progressive,
            most_lines_per_agent: 3.0,
            drop_cap_percent: 3.0,
            calls_per_second: 1,
            ring_seconds: 25,
            wrap_up_seconds: 30,
            callback_patience_minutes: 15,
            real_time_minutes: 15,
            dispositions: Vec::new(),
        }
    }
}

impl Dialling {
    /// What makes no sense about it. `is_status` says whether the pipeline knows a status.
    pub fn check(&self, is_status: impl Fn(&str) -> bool) -> Vec<FieldError> {
        let mut wrong = Vec::new();
        for (at, disposition) in self.dispositions.iter().enumerate() {
            let place = |member: &str| format!("/dispositions/{at}/{member}");
            if self.dispositions[..at].iter().any(|before| before.name == disposition.name) {
                let detail = format!("\"{}\" is there twice.", disposition.name);
                wrong.push(FieldError::new(place("name"), code::NOT_ALLOWED, detail));
            }
            if let Some(status) = disposition.status.as_deref().filter(|status| !is_status(status)) {
                let detail = format!("There is no status \"{status}\".");
                wrong.push(FieldError::new(place("status"), code::NOT_ALLOWED, detail));
            }
        }
        wrong
    }

    pub fn disposition(&self, name: &str) -> Option<&Disposition> {
        self.dispositions.iter().find(|one| one.name == name)
    }
}

/// What the decision depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Agents who are free.
    pub ready: u32,
    /// Calls that nobody has answered yet and that no agent is kept for.
    pub in_flight: u32,
    /// Of the last calls: made, answered by a person, and of these dropped.
    pub made: u32,
    pub answered: u32,
    pub dropped: u32,
}

/// How many calls to begin, and why, in words that hold nothing personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paced {
    pub lines: u32,
    pub because: &'static str,
}

/// With fewer calls behind it than this, power dialling does not know how many answer.
const LEARNT: u32 = 20;

impl Dialling {
    /// How many calls to begin now.
    pub fn pace(&self, at: Lines) -> Paced {
        let paced = |lines: u32, because| Paced { lines: lines.saturating_sub(at.in_flight), because };
        if at.ready == 0 {
            return Paced { lines: 0, because: "no agent is ready" };
        }
        match self.mode {
            Mode::Preview => Paced { lines: 0, because: "agents choose whom to call" },
            Mode::Progressive => paced(at.ready, "one line for each agent who is ready"),
            Mode::Power if at.made < LEARNT => paced(at.ready, "too few calls yet to know how many answer"),
            // The next one that is dropped must still be within the cap.
            Mode::Power
                if f64::from(at.dropped + 1) * 100.0 > self.drop_cap_percent * f64::from(at.answered.max(1)) =>
            {
                paced(at.ready, "the cap on dropped calls is reached: one line for each agent")
            }
            Mode::Power => {
                let share = f64::from(at.answered.max(1)) / f64::from(at.made);
                let each = share.recip().clamp(1.0, self.most_lines_per_agent.max(1.0));
                paced((f64::from(at.ready) * each).floor() as u32, "as many lines as it takes for one answer each")
            }
        }
    }
}

/// Where somebody stands in the queue of calls: lower goes first, and among equals the newest.
///
/// First what was promised, then those who have just come in, then by the lead's priority, and last by the tier of the
/// call.
pub fn rank(is_callback: bool, is_real_time: bool, lead_priority: i64, tier: u32) -> i64 {
    const PRIORITIES: i64 = 1_000_000;
    const TIERS: i64 = 1_000;
    let class = match (is_callback, is_real_time) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    };
    let priority = lead_priority.clamp(-PRIORITIES, PRIORITIES) + PRIORITIES;
    (class * (2 * PRIORITIES + 1) + priority) * TIERS + i64::from(tier).min(TIERS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_follow_from_who_is_free_and_from_how_it_went() {
        let power = Dialling { mode: Mode::Power, ..Dialling::default() };
        let progressive = Dialling::default();
        let preview = Dialling { mode: Mode::Preview, ..Dialling::default() };
        let all = |made, answered, dropped, ready, in_flight| Lines { ready, in_flight, made, answered, dropped };
        for (dialling, lines, expected) in [
            (&preview, all(0, 0, 0, 5, 0), 0),
            (&progressive, all(0, 0, 0, 0, 0), 0),
            (&progressive, all(0, 0, 0, 5, 0), 5),
            (&progressive, all(0, 0, 0, 5, 2), 3),
            (&progressive, all(0, 0, 0, 2, 5), 0),
            (&power, all(19, 5, 0, 4, 0), 4),
            (&power, all(100, 50, 0, 4, 0), 8),
            (&power, all(100, 50, 0, 4, 3), 5),
            // Never more than the most for one agent.
            (&power, all(200, 34, 0, 4, 0), 12),
            (&power, all(100, 100, 2, 4, 0), 4),
            // Two of 100 were dropped: a third one is within the cap, a fourth is not.
            (&power, all(200, 100, 2, 4, 0), 8),
            (&power, all(200, 100, 3, 4, 0), 4),
            // So few answered that a single one dropped would be beyond the cap.
            (&power, all(100, 20, 0, 4, 0), 4),
            (&power, all(100, 50, 0, 0, 3), 0),
        ] {
            assert_eq!(dialling.pace(lines).lines, expected, "{:?} {lines:?}", dialling.mode);
        }
    }

    #[test]
    fn what_was_promised_goes_first_then_who_has_just_come_then_by_priority_and_tier() {
        let order = [
            rank(true, false, -5, 0),
            rank(true, false, 900_000_000, 999),
            rank(false, true, -1, 9),
            rank(false, true, 0, 0),
            rank(false, false, i64::MIN, 3),
            rank(false, false, 0, 0),
            rank(false, false, 0, 1),
            rank(false, false, 1, 0),
            rank(false, false, i64::MAX, u32::MAX),
        ];
        assert!(order.is_sorted_by(|a, b| a < b), "{order:?}");
    }

    #[test]
    fn dispositions_have_one_name_each_and_a_status_of_the_pipeline() {
        let one = |name: &str, status: Option<&str>| Disposition {
            name: name.into(),
            status: status.map(Into::into),
            opt_out: false,
            ends_schedule: false,
        };
        let dialling = Dialling {
            dispositions: vec![one("sold", Some("sold")), one("sold", None), one("gone", Some("vanished"))],
            ..Dialling::default()
        };
        let wrong = dialling.check(|status| status == "sold");
        let places: Vec<&str> = wrong.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(places, ["/dispositions/1/name", "/dispositions/2/status"]);
    }
}
