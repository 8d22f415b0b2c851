//! What the rules say of one instant, slowly and in other words: what the verdict is held to.
#![allow(clippy::unwrap_used)]

use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};

use super::{Asked, Rules, Scope};
use crate::{
    Instant, Place,
    calendar::{LocalTime, Weekday},
};

/// Somebody's clocks, and what is asked of them.
pub struct Oracle<'a> {
    pub rules: &'a Rules,
    pub asked: &'a Asked<'a>,
    clocks: Vec<TimeZone>,
}

impl<'a> Oracle<'a> {
    pub fn new(rules: &'a Rules, asked: &'a Asked<'a>) -> Self {
        let clocks = asked.whereabouts.zones.iter().map(|zone| TimeZone::get(zone.as_str()).unwrap()).collect();
        Self { rules, asked, clocks }
    }

    /// Whether every row allows the contact at this instant.
    pub fn allows(&self, at: Instant) -> bool {
        self.forbidding(at).is_empty()
    }

    /// The names of all rows that forbid it at this instant.
    pub fn forbidding(&self, at: Instant) -> Vec<&'a str> {
        // Day since 1970 and minute of the day, by each clock.
        let shown: Vec<(i64, i64)> = self
            .clocks
            .iter()
            .map(|clock| {
                let utc = at.millis().div_euclid(1000);
                let offset = clock.to_offset(Timestamp::from_second(utc).unwrap());
                let local = utc + i64::from(offset.seconds());
                (local.div_euclid(86_400), local.rem_euclid(86_400) / 60)
            })
            .collect();
        let mut names = Vec::new();
        for row in self.rules.windows.iter().filter(|row| self.is_meant(&row.scope)) {
            let closed = shown.iter().any(|(day, minute)| {
                // 1970 began on a Thursday.
                let weekday = Weekday::ALL[usize::try_from((day + 3).rem_euclid(7)).unwrap()];
                let within = |from, to| minutes(from) <= *minute && *minute < minutes(to);
                let open = row.hours.on(weekday).iter().any(|span| within(span.from, span.to));
                !open && row.scope.since.is_none_or(|since| *day >= number(since))
            });
            names.extend(closed.then_some(row.name.as_str()));
        }
        for row in self.rules.holidays.iter().filter(|row| self.is_meant(&row.scope)) {
            let days = row.dates.0.iter().map(|day| number(*day));
            let mut days = days.filter(|day| row.scope.since.is_none_or(|since| *day >= number(since)));
            if days.any(|off| shown.iter().any(|(day, _)| *day == off)) {
                names.push(&row.name);
            }
        }
        for row in &self.rules.limits {
            if self.is_full(&row.scope, row.most, row.seconds, at, &shown) {
                names.push(&row.name);
            }
        }
        if self.is_full(&self.rules.gap.scope, 1, self.rules.gap.seconds, at, &shown) {
            names.push(super::GAP);
        }
        names
    }

    fn is_full(&self, scope: &Scope, most: u32, seconds: u32, at: Instant, shown: &[(i64, i64)]) -> bool {
        let mut count = 0;
        for one in self.asked.recent {
            let age = at.millis() - one.at.millis();
            if age < i64::from(seconds) * 1000 && scope.channels.contains(&one.channel) {
                count += 1;
            }
        }
        let begun = scope.since.is_none_or(|since| shown.iter().any(|(day, _)| *day >= number(since)));
        count >= most && begun && self.is_meant(scope)
    }

    fn is_meant(&self, scope: &Scope) -> bool {
        let somewhere = &self.asked.whereabouts;
        let here = scope.places.iter().map(Place::as_str).any(|place| {
            let country = somewhere.country.is_some_and(|country| country.as_str() == place);
            country || somewhere.states.iter().any(|state| state.as_str() == place || state.as_str()[..2] == *place)
        });
        let everyone = scope.places.is_empty();
        let channel = scope.channels.contains(&self.asked.channel);
        channel && scope.purposes.contains(&self.asked.purpose) && (everyone || here)
    }
}

fn minutes(time: LocalTime) -> i64 {
    let text = time.to_string();
    let (hour, minute) = text.split_once(':').unwrap();
    hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap()
}

fn number(day: Date) -> i64 {
    i64::from((day - date(1970, 1, 1)).get_days())
}
