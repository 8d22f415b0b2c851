//! What a run comes to: contacts by hour, what each step did, which rules held whom, how it ended, the agents' hours.

use std::collections::BTreeMap;

use forecourt_crm::access;
use forecourt_record::{Instant, gate::Channel};

use super::{Act, Stage, What, log};

const HOUR: i64 = 60 * 60 * 1_000;

/// What a rehearsal came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub leads: usize,
    /// The first act and the last one.
    pub from: Option<Instant>,
    pub to: Option<Instant>,
    /// How many contacts were made, by channel.
    pub contacts: BTreeMap<Channel, i64>,
    /// The same by the hour they were made in.
    pub hours: BTreeMap<Instant, BTreeMap<Channel, i64>>,
    /// By schedule and position.
    pub steps: Vec<StepReport>,
    /// By the rule's name.
    pub rules: BTreeMap<String, RuleReport>,
    /// How many enrolments ended in each status.
    pub ends: BTreeMap<&'static str, i64>,
    /// How many people wrote back, and how many opted out.
    pub answered: i64,
    pub opted_out: i64,
    pub calls: Calls,
    /// SHA-256 of the log, in hex.
    pub digest: String,
}

/// What an action did, for everybody it was carried out for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepReport {
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

/// What a rule held back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleReport {
    pub held: i64,
    pub refused: i64,
    /// For how long in all.
    pub held_seconds: u64,
}

/// The calls, and what they ask of the agents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    pub made: i64,
    pub answered: i64,
    /// How long they kept agents busy.
    pub seconds: u64,
    /// The same in the hour that had the most.
    pub busiest_hour_seconds: u64,
    pub busiest_hour: Option<Instant>,
}

impl Report {
    pub(super) fn of(stage: &Stage, acts: &[Act]) -> Self {
        let mut report = Self {
            leads: stage.leads.len(),
            from: acts.first().map(|act| act.at),
            to: acts.last().map(|act| act.at),
            digest: access::hash(&log(acts)),
            ..Self::default()
        };
        let (mut steps, mut busy) = (BTreeMap::<(&str, usize), [i64; 3]>::new(), BTreeMap::<Instant, u64>::new());
        for Act { at, lead: _, schedule, step, what } in acts {
            let hour = Instant::from_millis(at.millis().div_euclid(HOUR) * HOUR);
            if let Some(channel) = what.contact() {
                *report.contacts.entry(channel).or_default() += 1;
                *report.hours.entry(hour).or_default().entry(channel).or_default() += 1;
            }
            let counts = match what {
                What::Sent(_) | What::Done(_) => [1, 0, 0],
                What::Called { answered, seconds } => {
                    let calls = &mut report.calls;
                    calls.made += 1;
                    calls.answered += i64::from(*answered);
                    calls.seconds += u64::from(*seconds);
                    *busy.entry(hour).or_default() += u64::from(*seconds);
                    [1, 0, 0]
                }
                What::Held { rule, .. } => {
                    report.rule(rule).held += 1;
                    [0, 1, 0]
                }
                What::Refused { rule, .. } => {
                    report.rule(rule).refused += 1;
                    [0, 0, 1]
                }
                What::Released { rule, seconds } => {
                    report.rule(rule).held_seconds += seconds;
                    continue;
                }
                What::Answered => {
                    report.answered += 1;
                    continue;
                }
                What::OptedOut => {
                    report.opted_out += 1;
                    continue;
                }
                What::Ended(status) => {
                    *report.ends.entry(status.as_str()).or_default() += 1;
                    continue;
                }
                What::Begun | What::BegunBefore => continue,
            };
            let all = steps.entry((schedule, *step)).or_default();
            for (sum, count) in all.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        for (hour, seconds) in busy {
            if seconds > report.calls.busiest_hour_seconds {
                (report.calls.busiest_hour, report.calls.busiest_hour_seconds) = (Some(hour), seconds);
            }
        }
        report.steps = steps.into_iter().map(|(place, counts)| step(stage, place, counts)).collect();
        report
    }

    fn rule(&mut self, name: &str) -> &mut RuleReport {
        self.rules.entry(name.to_owned()).or_default()
    }
}

fn step(stage: &Stage, (schedule, position): (&str, usize), [done, held, refused]: [i64; 3]) -> StepReport {
    let action = stage.plans.get(schedule).and_then(|plan| plan.actions().get(position));
    StepReport {
        schedule: schedule.to_owned(),
        position,
        // What is done at the end stands behind the last action.
        action: action.map_or_else(|| "at the end".to_owned(), ToString::to_string),
        done,
        held,
        refused,
    }
}
