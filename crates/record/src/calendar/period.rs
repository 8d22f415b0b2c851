//! Periods of local days, for whatever is counted by day.

use std::str::FromStr;

use jiff::{ToSpan, civil::Date};

use super::Zone;
use crate::Instant;

/// A period as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Today,
    /// Today and the six days before.
    Week,
    /// Today and the 29 days before.
    Days30,
    /// Today and the 89 days before.
    Days90,
    /// From the first of this month.
    MonthToDate,
    /// From the first of this year.
    YearToDate,
    /// From one local day to another, both included.
    Range(Days),
}

/// The local days from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    first: Date,
    last: Date,
}

impl Days {
    /// The longest period: ten years and their leap days.
    pub const MOST: i32 = 3660;

    pub fn new(first: Date, last: Date) -> Result<Self, &'static str> {
        if last < first {
            return Err("expected the first day not to be after the last");
        }
        let days = Self { first, last };
        if days.count() > Self::MOST { Err("expected a period of ten years at most") } else { Ok(days) }
    }

    /// From two days as they are written: `2026-11-01`, `2026-11-21`.
    pub fn parse(first: &str, last: &str) -> Result<Self, &'static str> {
        let day = |text: &str| {
            (text.len() == 10).then(|| text.parse().ok()).flatten().ok_or("expected a date, such as 2026-11-21")
        };
        Self::new(day(first)?, day(last)?)
    }

    pub const fn first(&self) -> Date {
        self.first
    }

    pub const fn last(&self) -> Date {
        self.last
    }

    pub fn count(&self) -> i32 {
        (self.last - self.first).get_days() + 1
    }

    /// Every day of it.
    pub fn iter(&self) -> impl Iterator<Item = Date> + use<> {
        let last = self.last;
        std::iter::successors(Some(self.first), |day| day.tomorrow().ok()).take_while(move |day| *day <= last)
    }

    /// From the first instant of the first day up to, and without, the first after the last.
    pub fn bounds(&self, zone: &Zone) -> (Instant, Instant) {
        let after = self.last.tomorrow().map_or(Instant::from_millis(i64::MAX), |day| zone.start_of(day));
        (zone.start_of(self.first), after)
    }
}

impl Period {
    /// The names a period is asked for by.
    pub const NAMES: [&str; 6] = ["today", "7d", "30d", "90d", "mtd", "ytd"];

    /// The local days it means now.
    pub fn days(self, now: Instant, zone: &Zone) -> Days {
        let last = zone.date(now);
        let back = |days: i32| last.saturating_sub(days.days());
        let first = match self {
            Self::Today => last,
            Self::Week => back(6),
            Self::Days30 => back(29),
            Self::Days90 => back(89),
            Self::MonthToDate => last.first_of_month(),
            Self::YearToDate => last.first_of_year(),
            Self::Range(days) => return days,
        };
        Days { first, last }
    }
}

impl FromStr for Period {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "today" => Self::Today,
            "7d" => Self::Week,
            "30d" => Self::Days30,
            "90d" => Self::Days90,
            "mtd" => Self::MonthToDate,
            "ytd" => Self::YearToDate,
            _ => return Err("expected one of today, 7d, 30d, 90d, mtd, ytd"),
        })
    }
}
