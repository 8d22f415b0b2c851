//! Running a schedule: what an enrolment does next, as a pure function of where it stands and what is known.

use std::{collections::BTreeSet, time::Duration};

use super::{Action, Condition, Definition, Tokens, Wait};
use crate::{
    Instant,
    calendar::{LocalTime, Weekday, Zone},
    gate::Channel,
};

/// Groups in groups are carried out down to this depth.
pub(super) const DEEPEST: usize = 8;
/// A definition has at most so many actions with its groups spelt out, the groups counted too.
pub(super) const MOST_ACTIONS: usize = 1_000;

/// A definition with its groups spelt out, so that a position is one number.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    actions: Vec<Action>,
    pub definition: Definition,
}

/// Everything that decides what is done next.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The action that is next, counted from 0.
    pub position: usize,
    /// How often the enrolment has begun again.
    pub restarts: u32,
    pub tokens: &'a Tokens,
    /// The lead's status.
    pub status: &'a str,
    /// Its source.
    pub origin: Option<&'a str>,
    /// Its location, by its code.
    pub location: Option<&'a str>,
    pub replied: bool,
    pub connected: bool,
    pub converted: bool,
    /// What came of the last two calls, the newest first.
    pub dispositions: &'a [String],
    pub expires_at: Option<Instant>,
    pub contact_attempts: u32,
    pub max_contact_attempts: Option<u32>,
    pub now: Instant,
    pub zone: &'a Zone,
}

/// Why an enrolment is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Every action has been carried out.
    Completed,
    /// An `exit`, or a condition of the schedule's `until`.
    Exited,
    Converted,
    Connected,
    Expired,
    /// As many calls and messages as it may have.
    Exhausted,
}

/// What is done next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next<'a> {
    /// This action; once it is carried out, the one behind it is next.
    Act {
        position: usize,
        action: &'a Action,
    },
    /// Nothing until then, and then the action at this position.
    Wait {
        until: Instant,
        position: usize,
    },
    /// Nothing until the person calls, and then what is behind this position.
    Rest {
        position: usize,
    },
    /// The first action again.
    Again,
    End(Over),
}

impl Plan {
    /// The definition with its groups spelt out; what is too deep or too much of it is left out, see [`Definition::check`].
    pub fn new(definition: Definition) -> Self {
        let actions = Spelt::of(&definition).actions;
        Self { actions, definition }
    }

    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// Whether it only waits, as far as it is concerned itself: it calls nobody, writes to nobody and hands nobody on.
    pub fn contacts_nobody(&self) -> bool {
        let contacts = |action: &Action| action.channel().is_some() || matches!(action, Action::AddToSchedule { .. });
        !self.actions.iter().chain(&self.definition.at_end).any(contacts)
    }

    /// Whether somebody without a phone number can be on it: it calls nobody, writes to no number and waits for no call.
    pub fn needs_no_phone(&self) -> bool {
        let rings = |action: &Action| {
            let by_phone = action.channel().is_some_and(|channel| Channel::BY_PHONE.contains(&channel));
            by_phone || matches!(action, Action::AwaitCall {})
        };
        !self.actions.iter().any(rings)
    }

    /// The channels that it contacts people by.
    pub fn channels(&self) -> BTreeSet<Channel> {
        self.actions.iter().filter_map(Action::channel).collect()
    }

    /// Why it is over, whatever action is next.
    pub fn over(&self, at: &Situation<'_>) -> Option<Over> {
        if at.expires_at.is_some_and(|end| end <= at.now) {
            return Some(Over::Expired);
        }
        if at.max_contact_attempts.is_some_and(|most| at.contact_attempts >= most) {
            return Some(Over::Exhausted);
        }
        let met = self.definition.until.iter().find(|condition| condition.holds(at))?;
        Some(match met {
            Condition::Connected(true) => Over::Connected,
            Condition::Converted(true) => Over::Converted,
            _ => Over::Exited,
        })
    }

    /// What is done next.
    pub fn next(&self, at: &Situation<'_>) -> Next<'_> {
        if let Some(over) = self.over(at) {
            return Next::End(over);
        }
        for (position, action) in self.actions.iter().enumerate().skip(at.position) {
            match action {
                Action::Wait(wait) => {
                    let until = wait.end(&self.definition, at);
                    if until > at.now {
                        return Next::Wait { until, position: position + 1 };
                    }
                }
                Action::Exit { when } if when.is_empty() || when.iter().any(|condition| condition.holds(at)) => {
                    return Next::End(Over::Exited);
                }
                Action::Restart { at_most } if at.restarts < *at_most => return Next::Again,
                Action::AwaitCall {} if !at.connected => return Next::Rest { position },
                Action::Exit { .. } | Action::Restart { .. } | Action::AwaitCall {} => {}
                action => return Next::Act { position, action },
            }
        }
        Next::End(Over::Completed)
    }
}

impl Action {
    /// The channel it contacts people by; none where it contacts nobody.
    pub const fn channel(&self) -> Option<Channel> {
        match self {
            Self::Dial { .. } | Self::Callback { .. } => Some(Channel::Call),
            Self::Sms { .. } => Some(Channel::Sms),
            Self::Whatsapp { .. } => Some(Channel::Whatsapp),
            Self::Email { .. } => Some(Channel::Email),
            Self::Wait(_)
            | Self::AwaitCall {}
            | Self::ModifyLead { .. }
            | Self::AddTask { .. }
            | Self::Assign { .. }
            | Self::Webhook { .. }
            | Self::AddToSchedule { .. }
            | Self::Restart { .. }
            | Self::OptOut { .. }
            | Self::Block {}
            | Self::Exit { .. }
            | Self::Group { .. } => None,
        }
    }
}

/// The actions of a definition, one behind the other.
#[derive(Default)]
pub(super) struct Spelt {
    pub actions: Vec<Action>,
    pub is_too_deep: bool,
    pub is_too_long: bool,
    looked_at: usize,
}

impl Spelt {
    pub fn of(definition: &Definition) -> Self {
        let mut spelt = Self::default();
        spelt.add(&definition.actions, definition, 0);
        spelt
    }

    fn add(&mut self, actions: &[Action], definition: &Definition, depth: usize) {
        self.is_too_deep |= depth > DEEPEST;
        for action in actions {
            // Groups count as well: those that hold nothing but groups would be looked through for ever.
            self.looked_at += 1;
            if self.is_too_deep || self.looked_at > MOST_ACTIONS {
                self.is_too_long |= !self.is_too_deep;
                return;
            }
            match action {
                Action::Group { name } => {
                    if let Some(group) = definition.groups.get(name) {
                        self.add(group, definition, depth + 1);
                    }
                }
                action => self.actions.push(action.clone()),
            }
        }
    }
}

impl Condition {
    pub fn holds(&self, at: &Situation<'_>) -> bool {
        match self {
            Self::Token(question) => question.holds(at.tokens),
            Self::Status(statuses) => statuses.iter().any(|status| status == at.status),
            Self::Origin(any) => at.origin.is_some_and(|origin| any.iter().any(|one| one.eq_ignore_ascii_case(origin))),
            Self::Location(any) => at.location.is_some_and(|location| any.iter().any(|one| one == location)),
            Self::Replied(wanted) => at.replied == *wanted,
            Self::Connected(wanted) => at.connected == *wanted,
            Self::Converted(wanted) => at.converted == *wanted,
            Self::Disposition(any) => at.dispositions.first().is_some_and(|last| any.contains(last)),
            Self::DispositionBefore(any) => at.dispositions.get(1).is_some_and(|before| any.contains(before)),
        }
    }
}

impl Wait {
    /// When a wait that begins now is over.
    fn end(&self, definition: &Definition, at: &Situation<'_>) -> Instant {
        let mut rules: Vec<_> =
            self.rules.iter().filter_map(|name| definition.wait_rules.get(name)).flatten().collect();
        rules.sort_by_key(|rule| rule.tier);
        let rule = rules.into_iter().find(|rule| rule.when.iter().all(|condition| condition.holds(at)));
        let reached = if let Some(rule) = rule {
            at.now + Duration::from_secs(rule.seconds.into())
        } else {
            let seconds = u64::from(self.seconds) + u64::from(self.minutes) * 60 + u64::from(self.hours) * 3_600;
            let days = i32::try_from(self.days).unwrap_or(i32::MAX);
            at.zone.later(at.now + Duration::from_secs(seconds), 0, days)
        };
        match self.until {
            Some(time) => clock_shows(at.zone, reached, time, &self.on),
            None => reached,
        }
    }
}

/// The first instant, from one on, at which the wall clock shows a time on one of these weekdays; on any, where none is
/// named.
fn clock_shows(zone: &Zone, from: Instant, time: LocalTime, on: &[Weekday]) -> Instant {
    let days = std::iter::successors(Some(zone.date(from)), |day| day.tomorrow().ok()).take(8);
    let allowed = days.filter(|day| on.is_empty() || on.contains(&day.weekday().into()));
    allowed.map(|day| zone.opening(day, time)).find(|shown| *shown >= from).unwrap_or(from)
}
