//! Lengths of time and sizes as an operator writes them: `30s`, `250ms`, `1MiB`.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

/// A length of time. A bare number is seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
pub struct Span(pub Duration);

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
pub struct Size(pub u64);

/// What a configuration file may hold: a bare number or text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(u64),
    Text(String),
}

/// The units of time in milliseconds and of size in bytes, the largest first.
const TIMES: &[(&str, u64)] = &[("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
const SIZES: &[(&str, u64)] = &[("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// A number and its unit; `bare` is the unit of a number without one.
fn read(text: &str, units: &[(&str, u64)], bare: u64) -> Option<u64> {
    let text = text.trim();
    let unit_at = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let factor = match unit.trim() {
        "" => bare,
        unit => units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?.1,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// The number in the largest unit in which it is whole.
fn show(value: u64, units: &[(&str, u64)], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let whole = units.iter().find(|(_, factor)| value >= *factor && value.is_multiple_of(*factor)).or(units.last());
    whole.map_or(Ok(()), |(name, factor)| write!(f, "{}{name}", value / factor))
}

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let millis = read(text, TIMES, 1000).ok_or("expected a length of time, such as 30s, 250ms or 2m")?;
        Ok(Self(Duration::from_millis(millis)))
    }
}

impl FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text, SIZES, 1).map(Self).ok_or("expected a size, such as 1MiB, 512KiB or 1048576")
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX), TIMES, f)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self.0, SIZES, f)
    }
}

impl TryFrom<Written> for Span {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match written {
            Written::Number(seconds) => Ok(Self(Duration::from_secs(seconds))),
            Written::Text(text) => text.parse(),
        }
    }
}

impl TryFrom<Written> for Size {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match written {
            Written::Number(bytes) => Ok(Self(bytes)),
            Written::Text(text) => text.parse(),
        }
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl From<Size> for String {
    fn from(size: Size) -> Self {
        size.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_shown_in_its_largest_whole_unit() {
        for (text, millis, shown) in [
            ("30", 30_000, "30s"),
            ("250ms", 250, "250ms"),
            ("120s", 120_000, "2m"),
            ("1 h", 3_600_000, "1h"),
            ("0", 0, "0ms"),
        ] {
            let span = text.parse::<Span>().map(|span| (span.0.as_millis(), span.to_string()));
            assert_eq!(span, Ok((millis, shown.to_owned())), "{text}");
        }
        for (text, bytes, shown) in
            [("1MiB", 1 << 20, "1MiB"), ("1536kib", 1536 << 10, "1536KiB"), ("1000", 1000, "1000B")]
        {
            let size = text.parse::<Size>().map(|size| (size.0, size.to_string()));
            assert_eq!(size, Ok((bytes, shown.to_owned())), "{text}");
        }
        for wrong in ["", "s", "-1s", "1.5s", "10 years", "99999999999999999999"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
    }
}
