//! Business time: zones, opening hours, holidays, and durations counted only while somebody is there.

mod hours;
mod period;
mod shift;
#[cfg(test)]
mod tests;
mod zone;

use std::time::Duration;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use hours::{Holidays, Hours, LocalTime, Span, Weekday};
pub use period::{Days, Period};
pub use shift::{Leave, Shift, on_shift};
pub use zone::Zone;

use crate::Instant;

/// How far ahead business time is counted: days without end are a mistake, not a plan.
const HORIZON_DAYS: usize = 3660;

/// When a location is open.
///
/// A calendar without any opening hours is taken as open always, holidays included: nothing could ever become due in
/// one that is never open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BusinessCalendar {
    pub zone: Zone,
    #[serde(default)]
    pub hours: Hours,
    #[serde(default)]
    pub holidays: Holidays,
}

impl BusinessCalendar {
    /// Open around the clock in a zone.
    pub fn always(zone: Zone) -> Self {
        Self { zone, hours: Hours::default(), holidays: Holidays::default() }
    }

    pub fn is_open(&self, at: Instant) -> bool {
        self.hours.is_empty() || self.open_on(self.zone.date(at)).iter().any(|open| open.0 <= at && at < open.1)
    }

    /// The instant itself when open, else the next opening.
    pub fn next_open(&self, at: Instant) -> Instant {
        self.openings(at).next().map_or(at, |(from, _)| from)
    }

    /// The instant at which so much business time has passed since `at`. Counted ten years ahead at most.
    pub fn add_business(&self, at: Instant, duration: Duration) -> Instant {
        if self.hours.is_empty() {
            return at + duration;
        }
        let mut left = duration;
        let mut reached = at;
        for (from, to) in self.openings(at) {
            let open = to.since(from);
            if left <= open {
                return from + left;
            }
            left -= open;
            reached = to;
        }
        reached
    }

    /// How much business time lies between two instants, in the first ten years; none when `to` is not after `from`.
    pub fn business_between(&self, from: Instant, to: Instant) -> Duration {
        if self.hours.is_empty() {
            return to.since(from);
        }
        let open = self.openings(from).take_while(|(start, _)| *start < to);
        open.map(|(start, end)| end.min(to).since(start)).sum()
    }

    /// The day of the calendar it is in the zone: `2026-11-21`.
    pub fn local_day(&self, at: Instant) -> String {
        self.zone.local_day(at)
    }

    /// The stretches of open time from an instant on, in order, each cut to what lies after it.
    fn openings(&self, at: Instant) -> impl Iterator<Item = (Instant, Instant)> {
        let days = std::iter::successors(Some(self.zone.date(at)), |day| day.tomorrow().ok());
        let most = if self.hours.is_empty() { 0 } else { HORIZON_DAYS };
        let open = days.take(most).flat_map(|day| self.open_on(day));
        open.filter(move |(_, to)| *to > at).map(move |(from, to)| (from.max(at), to))
    }

    /// The open stretches of a local day, in order and without overlap.
    fn open_on(&self, day: Date) -> Vec<(Instant, Instant)> {
        if self.holidays.0.contains(&day) {
            return Vec::new();
        }
        let spans = self.hours.on(day.weekday().into()).iter();
        let mut open: Vec<_> =
            spans.map(|span| (self.zone.opening(day, span.from), self.zone.closing(day, span.to))).collect();
        open.sort_unstable();
        // What overlaps is one stretch; what a change to summer time swallowed is none.
        let mut joined: Vec<(Instant, Instant)> = Vec::with_capacity(open.len());
        for (from, to) in open.into_iter().filter(|(from, to)| from < to) {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        joined
    }
}
