//! Dates as people write them: whole days, months and years of the dealer's calendar, moments, and distances from now.

use std::time::Duration;

use forecourt_record::{Instant, calendar::Zone};
use jiff::{ToSpan, civil::Date};

/// What a date stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// From the first instant up to, and without, the second.
    Span(Instant, Instant),
    Point(Instant),
    /// A distance from now. Beside an operator or in a range it is that point; by itself, everything from there to now.
    Distance(Instant),
}

/// What a date may look like, in the words of an error.
pub const EXPECTED: &str = "a date (2026-11-21, 2026-11, 2026, today, yesterday, tomorrow), a distance (-7d, +2h, -3w, -1m) \
                            or an RFC 3339 instant";

/// Reads a date, in any case.
pub fn read(text: &str, now: Instant, zone: &Zone) -> Option<Moment> {
    if let Some((first, after)) = days(text, zone.date(now)) {
        let start = |day: Option<Date>| day.map_or(Instant::from_millis(i64::MAX), |day| zone.start_of(day));
        return Some(Moment::Span(start(Some(first)), start(after)));
    }
    if let Some(point) = distance(text, now, zone) {
        return Some(Moment::Distance(point));
    }
    (text.len() > 10).then(|| text.parse().ok()).flatten().map(Moment::Point)
}

/// The first day of what is named, and the first one after it; none where the calendar ends.
fn days(text: &str, today: Date) -> Option<(Date, Option<Date>)> {
    let named = |word: &str| text.eq_ignore_ascii_case(word);
    let day = |date: Date| (date, date.tomorrow().ok());
    if named("today") {
        return Some(day(today));
    }
    if named("yesterday") {
        return today.yesterday().ok().map(day);
    }
    if named("tomorrow") {
        return today.tomorrow().ok().map(day);
    }
    let mut parts = text.split('-');
    let mut number = |digits: usize| -> Option<Option<i16>> {
        let Some(part) = parts.next() else {
            return Some(None);
        };
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse().ok())
    };
    let (year, month, of_month) = (number(4)??, number(2)?, number(2)?);
    if parts.next().is_some() || year == 0 {
        return None;
    }
    let date = |month: i16, day: i16| Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok();
    Some(match (month, of_month) {
        (Some(month), Some(of_month)) => day(date(month, of_month)?),
        (Some(month), None) => {
            let first = date(month, 1)?;
            (first, first.checked_add(1.month()).ok())
        }
        (None, _) => {
            let first = date(1, 1)?;
            (first, first.checked_add(1.year()).ok())
        }
    })
}

/// The point so many hours, days, weeks or months from now; days and longer keep the time of day.
fn distance(text: &str, now: Instant, zone: &Zone) -> Option<Instant> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let unit = rest.chars().next_back()?;
    let digits = &rest[..rest.len() - unit.len_utf8()];
    if digits.is_empty() || digits.len() > 5 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: i32 = digits.parse().ok()?;
    match unit.to_ascii_lowercase() {
        'h' => {
            let hours = Duration::from_secs(u64::try_from(count).ok()? * 3600);
            Some(if sign < 0 { now - hours } else { now + hours })
        }
        'd' => Some(zone.later(now, 0, sign * count)),
        'w' => Some(zone.later(now, 0, sign * count * 7)),
        'm' => Some(zone.later(now, sign * count, 0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn dates_are_those_of_the_dealers_calendar() {
        let now: Instant = "2026-11-21T16:30:00.250Z".parse().unwrap();
        let zone = Zone::parse("America/Chicago").unwrap();
        for (text, expected) in [
            ("2026-11-21", "2026-11-21T06:00:00.000Z 2026-11-22T06:00:00.000Z"),
            // The day on which summer time ends has 25 hours.
            ("2026-11-01", "2026-11-01T05:00:00.000Z 2026-11-02T06:00:00.000Z"),
            ("2026-11", "2026-11-01T05:00:00.000Z 2026-12-01T06:00:00.000Z"),
            ("2026", "2026-01-01T06:00:00.000Z 2027-01-01T06:00:00.000Z"),
            ("today", "2026-11-21T06:00:00.000Z 2026-11-22T06:00:00.000Z"),
            ("Yesterday", "2026-11-20T06:00:00.000Z 2026-11-21T06:00:00.000Z"),
            ("tomorrow", "2026-11-22T06:00:00.000Z 2026-11-23T06:00:00.000Z"),
            ("-2h", "~2026-11-21T14:30:00.250Z"),
            ("+2H", "~2026-11-21T18:30:00.250Z"),
            // The same time of day, which was an hour earlier in UTC.
            ("-30d", "~2026-10-22T15:30:00.250Z"),
            ("-3w", "~2026-10-31T15:30:00.250Z"),
            ("-1m", "~2026-10-21T15:30:00.250Z"),
            ("+3m", "~2027-02-21T16:30:00.250Z"),
            ("2026-11-21T09:30:00+01:00", "=2026-11-21T08:30:00.000Z"),
        ] {
            let found = match read(text, now, &zone).unwrap() {
                Moment::Span(from, to) => format!("{from} {to}"),
                Moment::Distance(point) => format!("~{point}"),
                Moment::Point(point) => format!("={point}"),
            };
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused_and_the_ends_of_the_calendar_hold() {
        let (now, zone) = (Instant::EPOCH, Zone::utc());
        for text in [
            "",
            "-",
            "+",
            "d",
            "-d",
            "7d",
            "-7",
            "-7y",
            "--7d",
            "-7.5d",
            "-123456d",
            "2026-13",
            "2026-02-30",
            "2026-1-1",
            "26",
            "2026-",
            "0000",
            "2026-11-21-01",
            "-2026",
            "+2026-11",
            "２０２６",
            "now",
            "2026-11-21T09:30",
            "-7é",
            "1e3",
        ] {
            assert_eq!(read(text, now, &zone), None, "{text}");
        }
        for text in ["9999", "9999-12", "9999-12-31", "-99999m", "+99999m", "-99999h", "+99999w", "0001-01-01"] {
            assert!(read(text, now, &zone).is_some(), "{text}");
        }
    }
}
