//! Who is at work: shifts and leave.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LocalTime, Weekday, Zone, hours::date_schema};
use crate::Instant;

/// At work on these weekdays from one time to another; past midnight when `to` is not after `from`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    #[schemars(length(min = 1, max = 7))]
    pub days: Vec<Weekday>,
    pub from: LocalTime,
    pub to: LocalTime,
}

/// Away from the first to the last of these local days, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Leave {
    #[schemars(schema_with = "date_schema")]
    pub from: Date,
    #[schemars(schema_with = "date_schema")]
    pub to: Date,
}

impl Shift {
    fn covers(&self, today: Weekday, yesterday: Weekday, time: LocalTime) -> bool {
        let starts = self.days.contains(&today) && time >= self.from;
        if self.from < self.to {
            return starts && time < self.to;
        }
        starts || (self.days.contains(&yesterday) && time < self.to)
    }
}

/// Whether somebody with these shifts and leave is at work. Without any shift a person always is, leave apart.
/// A day of leave begins and ends at midnight; a night shift that began before it is cut there.
pub fn on_shift(at: Instant, zone: &Zone, shifts: &[Shift], leave: &[Leave]) -> bool {
    let local = zone.local(at);
    let (day, time) = (local.date(), LocalTime::of(local.time()));
    if leave.iter().any(|leave| (leave.from..=leave.to).contains(&day)) {
        return false;
    }
    let weekday = day.weekday();
    shifts.is_empty() || shifts.iter().any(|shift| shift.covers(weekday.into(), weekday.previous().into(), time))
}
