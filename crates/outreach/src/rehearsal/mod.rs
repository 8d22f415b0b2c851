//! Rehearsals: a schedule is run on leads from beginning to end in a moment, and nobody is contacted.
//!
//! The clock is a queue of what is due, the people are those of the stand-in, and there is no store. What decides is the
//! very same: [`Plan::next`](forecourt_record::schedule::Plan::next), the gate's verdict with its hours and limits, the
//! causes an enrolment ends by. So what a rehearsal says is what the worker does; `tests/schedules/rehearsal.rs` holds the
//! two against each other. Two things it does not know: what the house writes by itself beside schedules, which counts
//! against limits, and agents: a call is made as soon as it may be, and what it came to is that it was answered, or not.

mod act;
mod cast;
mod going;
mod report;
mod stage;

use std::{collections::BTreeMap, sync::Arc};

use forecourt_record::{
    Instant, Whereabouts,
    calendar::Zone,
    gate::{Channel, Rules},
    pipeline::Pipeline,
    schedule::{Plan, Tokens},
};

pub use act::{Act, What};
pub use cast::{Cast, Rehearsal, Script};
pub use forecourt_connect::{Behaviour, Person};
pub use report::{Calls, Report, RuleReport, StepReport};

/// As many leads as a rehearsal may have.
pub const MOST_LEADS: usize = 10_000;
/// As much as happens in a rehearsal: what comes to more are schedules that lead to each other without end, or nearly so.
pub const MOST_ACTS: usize = 1_000_000;

/// Somebody whose lead is rehearsed.
#[derive(Clone, Debug)]
pub struct Lead {
    /// How the log names it.
    pub number: i64,
    /// When it comes in and is put on the schedule.
    pub arrives_at: Instant,
    /// E.164.
    pub phone: Option<String>,
    pub email: Option<String>,
    pub whereabouts: Whereabouts,
    /// Which of the stage's sites it belongs to.
    pub site: usize,
    /// Its source.
    pub origin: Option<String>,
    /// Its status when it comes in.
    pub status: String,
    pub tokens: Tokens,
    /// Lower goes first.
    pub priority: i64,
}

impl Lead {
    /// Where it is reached by a channel.
    fn address(&self, channel: Channel) -> Option<&str> {
        if channel == Channel::Email { self.email.as_deref() } else { self.phone.as_deref() }
    }
}

/// What a location brings along.
#[derive(Clone, Debug)]
pub struct Site {
    /// The location's code; none of those who belong to no location.
    pub code: Option<String>,
    pub rules: Rules,
    pub zone: Zone,
    /// Whether it has a number to send from.
    pub can_send: bool,
    /// The same to call from.
    pub can_call: bool,
    /// The same to mail from.
    pub can_mail: bool,
}

/// Everything that a rehearsal depends on: the same again is the same run, to the byte.
#[derive(Clone, Debug)]
pub struct Stage {
    pub leads: Vec<Lead>,
    pub sites: Vec<Site>,
    /// The active schedules by name, the rehearsed one among them.
    pub plans: BTreeMap<String, Arc<Plan>>,
    /// The name of the rehearsed one.
    pub schedule: String,
    pub pipeline: Pipeline,
    pub people: People,
}

/// The people on the other end.
#[derive(Clone, Copy, Debug)]
pub struct People {
    pub seed: u64,
    pub behaviour: Behaviour,
    /// Seconds that a call keeps somebody busy: one in which somebody answers, and one in which nobody does.
    pub call_seconds: [u32; 2],
}

impl Stage {
    /// Runs it to its end: everything that happens, in order.
    pub fn run(&self) -> Vec<Act> {
        stage::Run::of(self).finish()
    }

    /// The same with what it comes to.
    pub fn report(&self) -> (Report, Vec<Act>) {
        let acts = self.run();
        (Report::of(self, &acts), acts)
    }
}

/// The log of a run, a line per act.
pub fn log(acts: &[Act]) -> String {
    use std::fmt::Write as _;
    acts.iter().fold(String::with_capacity(acts.len() * 64), |mut log, act| {
        // Writing to a text does not fail.
        let _ = writeln!(log, "{act}");
        log
    })
}
