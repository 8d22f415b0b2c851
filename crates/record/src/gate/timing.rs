//! The verdict: now, later, or never, by all rows at once.

use std::{fmt, time::Duration};

use jiff::civil::DateTime;

use super::{Asked, Channel, DaysOff, GAP, Gap, Limit, Purpose, Rules, Scope, UNKNOWN_ZONE, Window};
use crate::{
    Instant,
    calendar::{LocalTime, Zone},
};

/// How far ahead an allowed instant is looked for: the longest limit, and two days in which it finds open hours.
pub const HORIZON: Duration = Duration::from_hours(62 * 24);

/// Days on which an opening is looked for, those that the horizon cuts included.
const DAYS: usize = 64;

const UNKNOWN: &str = "No zone of this person is known, so nobody can tell what time it is there.";
const CLOSE: &str = "Two contacts with one number do not follow each other so closely.";

/// When a contact may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing<'r> {
    /// Nothing holds it.
    Now,
    /// At `until`, which is after now, and not before it, all rows allow it, if nothing else is sent meanwhile.
    Later {
        until: Instant,
        /// The row that forbids it now; of several, the one that does so the longest.
        cause: Cause<'r>,
    },
    /// All rows allow it at no instant within [`HORIZON`].
    Never {
        /// A row that allows it at none by itself, else the one that forbids it now and the longest.
        cause: Cause<'r>,
    },
}

/// The row behind a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause<'r> {
    /// Its name; [`GAP`] and [`UNKNOWN_ZONE`] are those of what is no row.
    pub rule: &'r str,
    /// Its source.
    pub source: &'r str,
}

impl fmt::Display for Timing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cause = match self {
            Self::Now => return f.write_str("allowed now"),
            Self::Later { until, cause } => {
                write!(f, "held until {until} by {}", cause.rule)?;
                cause
            }
            Self::Never { cause } => {
                write!(f, "not allowed by {}", cause.rule)?;
                cause
            }
        };
        if cause.source.is_empty() { Ok(()) } else { write!(f, ": {}", cause.source) }
    }
}

/// When a contact may be made by these rules: pure, with `asked.now` for the time.
///
/// A row for a country or state holds for whoever may be there; its hours and days are those of every zone the person may
/// be in. People of whom no zone is known are neither called nor texted, answers apart.
pub fn timing<'r>(rules: &'r Rules, asked: &Asked<'_>) -> Timing<'r> {
    if let Some(cause) = unknown(rules, asked) {
        return Timing::Never { cause };
    }
    let end = asked.now + HORIZON;
    let mut held: Option<(Instant, Cause<'r>)> = None;
    for row in rows(rules, asked) {
        match row.first(asked.now, end, asked) {
            None => return Timing::Never { cause: row.cause() },
            // Of two that end together the later is named: general rows come before those of a state.
            Some(first) if first > asked.now && held.is_none_or(|(last, _)| last <= first) => {
                held = Some((first, row.cause()));
            }
            Some(_) => {}
        }
    }
    let Some((mut at, cause)) = held else { return Timing::Now };
    // Each row moves the instant on to the first it allows itself. When none moves it, all allow it, and none before it.
    loop {
        match rows(rules, asked).try_fold(at, |at, row| row.first(at, end, asked)) {
            None => return Timing::Never { cause },
            Some(next) if next == at => return Timing::Later { until: at, cause },
            Some(next) => at = next,
        }
    }
}

/// Without a zone there is no time of day, and what asks for one is not answered.
fn unknown(rules: &Rules, asked: &Asked<'_>) -> Option<Cause<'static>> {
    if !asked.whereabouts.zones.is_empty() {
        return None;
    }
    let reaches = asked.purpose != Purpose::Answer && Channel::BY_PHONE.contains(&asked.channel);
    let clock = |row: Row<'_>| matches!(row, Row::Window(_) | Row::DaysOff(_));
    (reaches || rows(rules, asked).any(clock)).then_some(Cause { rule: UNKNOWN_ZONE, source: UNKNOWN })
}

/// A row of any sort.
#[derive(Clone, Copy)]
enum Row<'r> {
    Limit(&'r Limit),
    Gap(&'r Gap),
    DaysOff(&'r DaysOff),
    Window(&'r Window),
}

/// The rows that are about what is asked. What moves far comes first.
fn rows<'r>(rules: &'r Rules, asked: &Asked<'_>) -> impl Iterator<Item = Row<'r>> {
    let all = rules.limits.iter().map(Row::Limit);
    let all = all.chain([Row::Gap(&rules.gap)]).chain(rules.holidays.iter().map(Row::DaysOff));
    all.chain(rules.windows.iter().map(Row::Window)).filter(|row| row.scope().is_about(asked))
}

impl<'r> Row<'r> {
    fn scope(self) -> &'r Scope {
        match self {
            Self::Limit(Limit { scope, .. })
            | Self::Gap(Gap { scope, .. })
            | Self::DaysOff(DaysOff { scope, .. })
            | Self::Window(Window { scope, .. }) => scope,
        }
    }

    fn cause(self) -> Cause<'r> {
        let (rule, source) = match self {
            Self::Limit(limit) => (&*limit.name, &*limit.source),
            Self::Gap(_) => (GAP, CLOSE),
            Self::DaysOff(off) => (&*off.name, &*off.source),
            Self::Window(window) => (&*window.name, &*window.source),
        };
        Cause { rule, source }
    }

    /// The first instant from `at` to `end` at which the row allows what is asked.
    fn first(self, at: Instant, end: Instant, asked: &Asked<'_>) -> Option<Instant> {
        let zones = &asked.whereabouts.zones;
        let first = match self {
            Self::Limit(limit) => first_of_fewer(limit.most, limit.seconds, &limit.scope, at, asked),
            Self::Gap(gap) => first_of_fewer(1, gap.seconds, &gap.scope, at, asked),
            Self::DaysOff(off) => first_in_all(zones, at, end, |zone, at| off.first(zone, at)),
            Self::Window(window) => first_in_all(zones, at, end, |zone, at| window.first(zone, at)),
        };
        first.filter(|first| *first <= end)
    }
}

/// The first instant from `at` to `end` that every zone allows.
fn first_in_all(
    zones: &[Zone],
    at: Instant,
    end: Instant,
    first: impl Fn(&Zone, Instant) -> Option<Instant>,
) -> Option<Instant> {
    let next = |at, zone| first(zone, at).filter(|next| at <= *next && *next <= end);
    let mut at = at;
    loop {
        match zones.iter().try_fold(at, next)? {
            same if same == at => return Some(at),
            later => at = later,
        }
    }
}

/// The first instant at which fewer than so many contacts lie within the seconds before it.
fn first_of_fewer(most: u32, seconds: u32, scope: &Scope, at: Instant, asked: &Asked<'_>) -> Option<Instant> {
    if !scope.has_begun(&asked.whereabouts.zones, at) {
        return Some(at);
    }
    let stretch = Duration::from_secs(seconds.into());
    let counted = || asked.recent.iter().filter(|one| one.at + stretch > at && scope.channels.contains(&one.channel));
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if counted().count() < most {
        return Some(at);
    }
    let place = most.checked_sub(1)?;
    let mut ends: Vec<Instant> = counted().map(|one| one.at + stretch).collect();
    let (_, end, _) = ends.select_nth_unstable_by(place, |one, other| other.cmp(one));
    Some(*end)
}

impl Scope {
    /// Whether a row with this scope is in force: from where its day begins first; where no zone is known, at once.
    pub(super) fn has_begun(&self, zones: &[Zone], at: Instant) -> bool {
        self.since.is_none_or(|day| zones.is_empty() || zones.iter().any(|zone| at >= zone.start_of(day)))
    }
}

impl DaysOff {
    fn first(&self, zone: &Zone, at: Instant) -> Option<Instant> {
        let off = |day| self.scope.since.is_none_or(|since| since <= day) && self.dates.0.contains(&day);
        let mut day = zone.date(at);
        if !off(day) {
            return Some(at);
        }
        while off(day) {
            day = day.tomorrow().ok()?;
        }
        // Midnight may come twice; what counts is the one ahead.
        Some(zone.start_of(day)).filter(|start| *start > at).or_else(|| Some(zone.closing(day, LocalTime::MIDNIGHT)))
    }
}

impl Window {
    /// Whether the wall clock shows a time at which contacts may be made.
    fn allows(&self, local: DateTime) -> bool {
        let time = LocalTime::of(local.time());
        self.scope.since.is_some_and(|since| local.date() < since)
            || self.hours.on(local.weekday().into()).iter().any(|span| span.from <= time && time < span.to)
    }

    fn first(&self, zone: &Zone, at: Instant) -> Option<Instant> {
        let local = zone.local(at);
        if self.allows(local) {
            return Some(at);
        }
        let opens = |at: &Instant| self.allows(zone.local(*at));
        let ahead = |next: &Instant| *next > at && opens(next);
        let days = std::iter::successors(Some(local.date()), |day| day.tomorrow().ok()).take(DAYS);
        let opening = days.into_iter().find_map(|day| {
            let spans = self.hours.on(day.weekday().into()).iter();
            // The clock may show the time of opening twice. A day that a jump swallowed has none.
            let start = |time| {
                let shown = Some(zone.opening(day, time)).filter(ahead);
                shown.or_else(|| Some(zone.closing(day, time)).filter(ahead))
            };
            spans.filter_map(|span| start(span.from)).min()
        });
        // A clock that is set back may go back into the hours.
        let set_back = zone.next_change(at).filter(|change| opening.is_none_or(|opening| *change < opening));
        set_back.filter(opens).or(opening)
    }
}
