//! Opening hours by weekday, and the days that are off.

use std::{borrow::Cow, collections::BTreeSet, fmt, str::FromStr};

use jiff::civil::{Date, DateTime, Time};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];
}

impl From<jiff::civil::Weekday> for Weekday {
    fn from(day: jiff::civil::Weekday) -> Self {
        use jiff::civil::Weekday as Day;
        match day {
            Day::Monday => Self::Mon,
            Day::Tuesday => Self::Tue,
            Day::Wednesday => Self::Wed,
            Day::Thursday => Self::Thu,
            Day::Friday => Self::Fri,
            Day::Saturday => Self::Sat,
            Day::Sunday => Self::Sun,
        }
    }
}

/// A time of the day on the wall clock, in minutes; `24:00` is the end of the day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(u16);

impl LocalTime {
    pub const MIDNIGHT: Self = Self(0);
    const DAY: u16 = 24 * 60;

    /// None past `24:00`.
    pub const fn new(hour: u16, minute: u16) -> Option<Self> {
        if minute < 60 && hour <= 24 && hour * 60 + minute <= Self::DAY { Some(Self(hour * 60 + minute)) } else { None }
    }

    /// The minute the wall clock shows.
    pub fn of(time: Time) -> Self {
        Self(u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs()))
    }

    /// This time on a day; `24:00` is midnight of the next.
    pub fn on(self, day: Date) -> DateTime {
        if self.0 >= Self::DAY {
            return day.tomorrow().map_or(DateTime::MAX, |day| day.at(0, 0, 0, 0));
        }
        day.at((self.0 / 60) as i8, (self.0 % 60) as i8, 0, 0)
    }
}

impl FromStr for LocalTime {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |part: &str| {
            (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok()).flatten()
        };
        let parts = text.split_once(':').and_then(|(hour, minute)| Some((digits(hour)?, digits(minute)?)));
        parts.and_then(|(hour, minute)| Self::new(hour, minute)).ok_or("expected a time of the day, such as 09:30")
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'_, str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for LocalTime {
    fn schema_name() -> Cow<'static, str> {
        "LocalTime".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "local-time", "description": "A time of the day on the wall clock: 09:30, up to 24:00."})
    }

    fn inline_schema() -> bool {
        true
    }
}

/// Open from one time to another of the same day. A night is two of them: to `24:00`, and from `00:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    pub from: LocalTime,
    pub to: LocalTime,
}

/// Opening hours: the spans of each weekday; a day without any is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hours {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mon: Vec<Span>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tue: Vec<Span>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wed: Vec<Span>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thu: Vec<Span>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fri: Vec<Span>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sat: Vec<Span>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sun: Vec<Span>,
}

impl Hours {
    /// The same span on each of some weekdays.
    pub fn weekly(days: &[Weekday], from: LocalTime, to: LocalTime) -> Self {
        let mut hours = Self::default();
        for day in days {
            hours.on_mut(*day).push(Span { from, to });
        }
        hours
    }

    pub fn on(&self, day: Weekday) -> &[Span] {
        match day {
            Weekday::Mon => &self.mon,
            Weekday::Tue => &self.tue,
            Weekday::Wed => &self.wed,
            Weekday::Thu => &self.thu,
            Weekday::Fri => &self.fri,
            Weekday::Sat => &self.sat,
            Weekday::Sun => &self.sun,
        }
    }

    pub fn on_mut(&mut self, day: Weekday) -> &mut Vec<Span> {
        match day {
            Weekday::Mon => &mut self.mon,
            Weekday::Tue => &mut self.tue,
            Weekday::Wed => &mut self.wed,
            Weekday::Thu => &mut self.thu,
            Weekday::Fri => &mut self.fri,
            Weekday::Sat => &mut self.sat,
            Weekday::Sun => &mut self.sun,
        }
    }

    /// Whether no day has any open time.
    pub fn is_empty(&self) -> bool {
        Weekday::ALL.iter().all(|day| self.on(*day).iter().all(|span| span.from >= span.to))
    }
}

/// Local days on which nobody is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Holidays(pub BTreeSet<Date>);

impl JsonSchema for Holidays {
    fn schema_name() -> Cow<'static, str> {
        "Holidays".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "array", "items": {"type": "string", "format": "date"}, "maxItems": 1000, "description": "Local days."})
    }

    fn inline_schema() -> bool {
        true
    }
}

/// The schema of a local day, for members of jiff's type.
pub(super) fn date_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "date"})
}
