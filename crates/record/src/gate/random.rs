//! Thousands of random people, rules and instants: the verdict agrees with the slow reading of the rules.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::{
    Asked, Channel, Contacted, DaysOff, Gap, HORIZON, Limit, Purpose, Rules, Scope, Timing, UNKNOWN_ZONE, Window,
    oracle::Oracle, timing,
};
use crate::{
    Instant, Place, Whereabouts,
    calendar::{Holidays, Hours, LocalTime, Span, Weekday, Zone},
};

/// With half hours, without summer time, with clocks that are set at midnight, by half an hour, by two, or for Ramadan.
const ZONES: [&str; 16] = [
    "America/Chicago",
    "America/New_York",
    "America/Phoenix",
    "America/St_Johns",
    "America/Havana",
    "America/Nuuk",
    "Pacific/Honolulu",
    "Pacific/Kiritimati",
    "Europe/Berlin",
    "Europe/London",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
];

const PLACES: [&str; 6] = ["US", "US-FL", "US-TX", "CA-ON", "DE", "FR"];

const CASES: u64 = 2_500;

struct Dice(StdRng);

impl Dice {
    fn below(&mut self, end: i64) -> i64 {
        self.0.random_range(0..end)
    }

    /// One time in so many.
    fn rarely(&mut self, times: i64) -> bool {
        self.below(times) == 0
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.0.random_range(0..all.len())]
    }

    fn some<T: Copy>(&mut self, all: &[T]) -> Vec<T> {
        all.iter().copied().filter(|_| self.rarely(2)).collect()
    }

    fn many<T>(&mut self, most: i64, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| make(self)).collect()
    }

    /// In two years, half of them close to when one of the clocks is set.
    fn now(&mut self, zones: &[Zone]) -> Instant {
        let year: Instant = "2026-01-01".parse().unwrap();
        let at = year + Duration::from_millis(self.below(2 * 365 * 86_400_000) as u64);
        let change = zones.first().filter(|_| self.rarely(2)).and_then(|zone| zone.next_change(at));
        let before = Duration::from_hours(if self.rarely(2) { 30 } else { 1 });
        change.map_or(at, |change| change - before + self.within(before + Duration::from_hours(1)))
    }

    fn within(&mut self, most: Duration) -> Duration {
        Duration::from_millis(self.below(most.as_millis() as i64 + 1) as u64)
    }

    fn whereabouts(&mut self) -> Whereabouts {
        let mut zones: Vec<Zone> = Vec::new();
        let most = if self.rarely(3) { 4 } else { 2 };
        for _ in 0..self.below(most) + i64::from(!self.rarely(10)) {
            let zone = Zone::parse(self.one(&ZONES)).unwrap();
            if !zones.contains(&zone) {
                zones.push(zone);
            }
        }
        let places: Vec<Place> = self.some(&PLACES).iter().map(|place| Place::parse(place).unwrap()).collect();
        let states = places.iter().copied().filter(|place| !place.is_country()).collect();
        Whereabouts { zones, country: places.first().map(|place| place.country()), states, presumed: None }
    }

    fn scope(&mut self, now: Instant) -> Scope {
        let places = if self.rarely(2) { Vec::new() } else { self.some(&PLACES) };
        let since = self.rarely(5).then(|| self.day(now));
        let mut scope = Scope {
            places: places.iter().map(|place| Place::parse(place).unwrap()).collect(),
            since,
            ..Scope::default()
        };
        if self.rarely(4) {
            scope.channels = self.some(Channel::ALL);
            scope.purposes = self.some(Purpose::ALL);
        }
        scope
    }

    /// From a week before to two after.
    fn day(&mut self, now: Instant) -> jiff::civil::Date {
        Zone::utc().date(now - Duration::from_hours(7 * 24) + self.within(Duration::from_hours(21 * 24)))
    }

    fn time(&mut self) -> LocalTime {
        let (hour, minute) = (self.below(25), self.one(&[0, 0, 15, 30, 59]));
        LocalTime::new(hour as u16, minute).unwrap_or(LocalTime::MIDNIGHT)
    }

    fn hours(&mut self) -> Hours {
        let time = |hour, minute| LocalTime::new(hour, minute).unwrap();
        if !self.rarely(4) {
            let days: Vec<Weekday> = Weekday::ALL.into_iter().filter(|_| !self.rarely(5)).collect();
            let (from, to) = (time(self.below(12) as u16, 0), time(12 + self.below(13) as u16, 0));
            return Hours::weekly(&days, from, to);
        }
        // In the night, when clocks are set, in pieces and in any order; some are none.
        let mut hours = Hours::default();
        for day in Weekday::ALL {
            let night = self.rarely(2);
            *hours.on_mut(day) = self.many(3, |dice| {
                let (from, to) = (dice.time(), dice.time());
                let (hour, minute) = (dice.below(3) as u16, dice.below(60) as u16);
                if night { Span { from: time(0, minute / 2), to: time(hour, minute) } } else { Span { from, to } }
            });
        }
        hours
    }

    fn rules(&mut self, now: Instant) -> Rules {
        match self.below(8) {
            0 => Rules::us().clone(),
            1 => Rules::eu().clone(),
            _ => Rules {
                windows: self.many(3, |dice| Window {
                    name: format!("window_{}", dice.below(1 << 40)),
                    scope: dice.scope(now),
                    hours: dice.hours(),
                    source: String::new(),
                }),
                holidays: self.many(2, |dice| DaysOff {
                    name: format!("days_{}", dice.below(1 << 40)),
                    scope: dice.scope(now),
                    dates: Holidays(dice.many(8, |dice| dice.day(now)).into_iter().collect()),
                    source: String::new(),
                }),
                limits: self.many(2, |dice| Limit {
                    name: format!("limit_{}", dice.below(1 << 40)),
                    scope: dice.scope(now),
                    most: 1 + dice.below(4) as u32,
                    seconds: dice.one(&[3_600, 86_400, 604_800, 5_184_000]),
                    source: String::new(),
                }),
                gap: Gap { scope: self.scope(now), seconds: self.one(&[0, 30, 30, 600]) },
                consent: Vec::new(),
            },
        }
    }

    fn recent(&mut self, now: Instant) -> Vec<Contacted> {
        let reach = self.one(&[40, 3_600, 86_400, 604_800]);
        self.many(6, |dice| Contacted {
            // Another server's clock may be a little ahead.
            at: now + Duration::from_millis(700) - dice.within(Duration::from_secs(reach)),
            channel: dice.one(Channel::ALL),
        })
    }
}

/// Instants to look at between two: each minute of a short time, else some of them, and the minutes before the end.
fn between(from: Instant, to: Instant, dice: &mut Dice) -> Vec<Instant> {
    let minute = Duration::from_mins(1);
    let all = to.since(from);
    let mut instants: Vec<Instant> = if all <= 400 * minute {
        (0..all.as_secs().div_ceil(60)).map(|at| from + minute * at as u32).collect()
    } else {
        let last = (1..=60).map(|at| to - minute * at);
        last.chain((0..200).map(|_| from + dice.within(to.since(from + minute)))).collect()
    };
    instants.push(to - Duration::from_millis(1));
    instants
}

#[test]
fn the_verdict_agrees_with_a_slow_reading_of_the_rules() {
    let mut seen = [0_u64; 4];
    for case in 0..CASES {
        let mut dice = Dice(StdRng::seed_from_u64(case));
        let whereabouts = dice.whereabouts();
        let now = dice.now(&whereabouts.zones);
        let (rules, recent) = (dice.rules(now), dice.recent(now));
        let purpose = if dice.rarely(8) { Purpose::Answer } else { dice.one(Purpose::ALL) };
        let channel = if dice.rarely(2) { Channel::Call } else { dice.one(Channel::ALL) };
        let asked = Asked { channel, purpose, whereabouts: &whereabouts, now, recent: &recent };
        let oracle = Oracle::new(&rules, &asked);
        let verdict = timing(&rules, &asked);
        let told = || format!("case {case}: {verdict} for {asked:?}\n{rules:?}");
        match verdict {
            Timing::Now => {
                seen[0] += 1;
                assert!(oracle.allows(now), "{}", told());
            }
            Timing::Later { until, cause } => {
                seen[1] += 1;
                assert!(until > now && until <= now + HORIZON, "{}", told());
                assert!(oracle.allows(until), "not at its end, {}", told());
                assert_eq!(timing(&rules, &Asked { now: until, ..asked }), Timing::Now, "{}", told());
                for at in between(now, until, &mut dice) {
                    assert!(!oracle.allows(at), "allowed at {at} already, {}", told());
                }
                let forbidding = oracle.forbidding(now);
                assert!(forbidding.contains(&cause.rule), "{forbidding:?} forbid it, {}", told());
            }
            Timing::Never { cause } if cause.rule == UNKNOWN_ZONE => {
                seen[2] += 1;
                assert!(whereabouts.zones.is_empty(), "{}", told());
            }
            Timing::Never { .. } => {
                seen[3] += 1;
                let every = (0..62 * 8).map(|at| now + Duration::from_hours(at * 3));
                for at in every.chain(between(now, now + HORIZON, &mut dice)) {
                    assert!(!oracle.allows(at), "allowed at {at}, {}", told());
                }
            }
        }
    }
    // Each outcome is really met.
    assert!(seen.iter().all(|count| *count > CASES / 80), "now, later, unknown, never: {seen:?}");
}
