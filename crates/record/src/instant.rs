//! A point in time: UTC, whole milliseconds.

use std::{
    borrow::Cow,
    fmt,
    ops::{Add, Sub},
    str::FromStr,
    time::Duration,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// UTC, in whole milliseconds since 1970. Read from a date or RFC 3339 with any offset, written as RFC 3339 in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// The years 1 to 9999: what RFC 3339 can write.
const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_207_199_999;

impl Instant {
    pub const EPOCH: Self = Self(0);

    /// Out-of-range values are clamped to the years 1 to 9999.
    pub const fn from_millis(millis: i64) -> Self {
        if millis < *RANGE.start() {
            Self(*RANGE.start())
        } else if millis > *RANGE.end() {
            Self(*RANGE.end())
        } else {
            Self(millis)
        }
    }

    pub const fn millis(self) -> i64 {
        self.0
    }

    pub fn timestamp(self) -> Timestamp {
        // The range above lies inside jiff's.
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The time from `earlier` to this; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }
}

impl From<Timestamp> for Instant {
    fn from(timestamp: Timestamp) -> Self {
        Self::from_millis(timestamp.as_millisecond())
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self::from_millis(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Instant {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a date (2026-11-21) or an RFC 3339 instant (2026-11-21T09:30:00+01:00)";
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Ok(timestamp.into());
        }
        // jiff reads a date out of longer texts too; only the bare date means midnight UTC.
        if text.len() != 10 {
            return Err(EXPECTED);
        }
        let date: Date = text.parse().map_err(|_| EXPECTED)?;
        let zoned = date.to_zoned(TimeZone::UTC).map_err(|_| EXPECTED)?;
        Ok(zoned.timestamp().into())
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'_, str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Instant {
    fn schema_name() -> Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "instant", "description": "A date, or RFC 3339 with any offset; answered as UTC with milliseconds."})
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_dates_and_offsets_and_writes_utc_with_milliseconds() {
        for (text, written) in [
            ("2026-11-21", Ok("2026-11-21T00:00:00.000Z")),
            ("2026-11-21T09:30:00+01:00", Ok("2026-11-21T08:30:00.000Z")),
            ("2026-11-21T09:30:00.123456Z", Ok("2026-11-21T09:30:00.123Z")),
            ("2026-11-21T09:30", Err(())),
            ("2026-13-01", Err(())),
            ("yesterday", Err(())),
            ("", Err(())),
        ] {
            let read = text.parse::<Instant>().map(|instant| instant.to_string()).map_err(|_| ());
            assert_eq!(read, written.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn arithmetic_saturates_at_the_edges_of_the_calendar() {
        let end = Instant::from_millis(i64::MAX);
        assert_eq!(end + Duration::from_secs(1), end);
        assert!(end.to_string().starts_with("9999-12-"));
    }
}
