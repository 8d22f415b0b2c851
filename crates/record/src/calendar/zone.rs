//! A time zone by its IANA name, and where its wall clock stands.

use std::{borrow::Cow, fmt, str::FromStr};

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::LocalTime;
use crate::Instant;

/// An IANA time zone: `America/Chicago`.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    pub fn parse(name: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "expected an IANA time zone, such as America/Chicago";
        let zone = TimeZone::get(name).map_err(|_| EXPECTED)?;
        if zone.iana_name().is_some() { Ok(Self(zone)) } else { Err(EXPECTED) }
    }

    pub fn as_str(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What the wall clock and the calendar show.
    pub fn local(&self, at: Instant) -> DateTime {
        self.0.to_datetime(at.timestamp())
    }

    pub fn date(&self, at: Instant) -> Date {
        self.local(at).date()
    }

    /// The day of the calendar: `2026-11-21`.
    pub fn local_day(&self, at: Instant) -> String {
        self.date(at).to_string()
    }

    /// An instant as people and their programs write it: a date, perhaps with a time of day, perhaps with an offset, which
    /// may stand apart (`2026-11-21 09:30:00 +0100`). What has no offset is read by this zone's wall clock.
    pub fn read(&self, text: &str) -> Result<Instant, &'static str> {
        const EXPECTED: &str = "expected a time, such as 2026-11-21 09:30:00 +0000";
        let text = text.trim();
        let is_offset = |text: &str| {
            let digits = text.trim_start_matches(['+', '-']).replace(':', "");
            digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        let joined = match text.rsplit_once(' ') {
            Some((wall, "Z" | "UTC" | "GMT")) => format!("{}Z", wall.trim_end()),
            // A plus sign that came through a query string unescaped is a blank.
            Some((wall, offset)) if wall.contains(':') && is_offset(offset) && !offset.starts_with(['+', '-']) => {
                format!("{}+{offset}", wall.trim_end())
            }
            Some((wall, offset)) if is_offset(offset) && offset.starts_with(['+', '-']) => {
                format!("{}{offset}", wall.trim_end())
            }
            _ => text.to_owned(),
        };
        if let Ok(timestamp) = joined.parse::<Timestamp>() {
            return Ok(timestamp.into());
        }
        let wall: DateTime = joined.parse().map_err(|_| EXPECTED)?;
        Ok(self.resolve(wall, |earlier, _| earlier))
    }

    /// The first instant of a local day.
    pub fn start_of(&self, day: Date) -> Instant {
        self.opening(day, LocalTime::MIDNIGHT)
    }

    /// When the wall clock first shows this time on that day or has jumped over it (the change to summer time).
    pub fn opening(&self, day: Date, time: LocalTime) -> Instant {
        self.resolve(time.on(day), |earlier, _| earlier)
    }

    /// When the wall clock last shows this time on that day (twice at the end of summer time), or jumps over it.
    pub fn closing(&self, day: Date, time: LocalTime) -> Instant {
        self.resolve(time.on(day), |_, later| later)
    }

    /// The next instant after this one at which the wall clock is set anew, forward or back, if there is one.
    pub fn next_change(&self, at: Instant) -> Option<Instant> {
        self.0.following(at.timestamp()).next().map(|change| change.timestamp().into())
    }

    /// So many months and days of the calendar later, earlier where they are negative, at the same time of day. The ends of
    /// the calendar hold.
    pub fn later(&self, at: Instant, months: i32, days: i32) -> Instant {
        let span = jiff::Span::new().try_months(months).and_then(|span| span.try_days(days));
        let shifted = span.and_then(|span| at.timestamp().to_zoned(self.0.clone()).checked_add(span));
        let end = if months < 0 || days < 0 { i64::MIN } else { i64::MAX };
        shifted.map_or(Instant::from_millis(end), |shifted| shifted.timestamp().into())
    }

    fn resolve(&self, wall: DateTime, choose: fn(Timestamp, Timestamp) -> Timestamp) -> Instant {
        let at = |offset: jiff::tz::Offset| {
            offset.to_timestamp(wall).unwrap_or(if wall.year() > 0 { Timestamp::MAX } else { Timestamp::MIN })
        };
        let instant = match self.0.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => at(offset),
            AmbiguousOffset::Fold { before, after } => choose(at(before), at(after)),
            // Read with the later offset, a time that never was lies just before the jump.
            AmbiguousOffset::Gap { before, after } => match self.0.following(at(after)).next() {
                Some(jump) => jump.timestamp(),
                None => at(before),
            },
        };
        instant.into()
    }
}

impl FromStr for Zone {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::parse(name)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Cow::<'_, str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for Zone {
    fn schema_name() -> Cow<'static, str> {
        "Zone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "zone", "description": "An IANA time zone, such as America/Chicago."})
    }

    fn inline_schema() -> bool {
        true
    }
}
