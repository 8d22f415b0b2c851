//! Business time over nights, weekends, holidays and both changes of the clock.
#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn calendar(zone: &str, value: &serde_json::Value) -> BusinessCalendar {
    let mut whole = json!({"zone": zone});
    whole.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
    assert_eq!(crate::Shape::of::<BusinessCalendar>().check(&whole), []);
    serde_json::from_value(whole).unwrap()
}

/// Monday to Friday nine to six, Saturday ten to two with a break, Thanksgiving off.
fn houston() -> BusinessCalendar {
    let day = json!([{"from": "09:00", "to": "18:00"}]);
    let saturday = json!([{"from": "10:00", "to": "12:00"}, {"from": "12:30", "to": "14:00"}]);
    calendar(
        "America/Chicago",
        &json!({"hours": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": saturday}, "holidays": ["2026-11-26"]}),
    )
}

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}

#[test]
fn open_and_closed() {
    for (instant, open, next) in [
        // Saturday 21 November 2026, 10:00 local is 16:00 UTC.
        ("2026-11-21T10:00:00-06:00", true, "2026-11-21T10:00:00-06:00"),
        ("2026-11-21T09:59:59-06:00", false, "2026-11-21T10:00:00-06:00"),
        ("2026-11-21T12:00:00-06:00", false, "2026-11-21T12:30:00-06:00"),
        ("2026-11-21T14:00:00-06:00", false, "2026-11-23T09:00:00-06:00"),
        ("2026-11-22T12:00:00-06:00", false, "2026-11-23T09:00:00-06:00"),
        ("2026-11-23T17:59:59.999-06:00", true, "2026-11-23T17:59:59.999-06:00"),
        ("2026-11-25T18:00:00-06:00", false, "2026-11-27T09:00:00-06:00"),
        ("2026-11-26T12:00:00-06:00", false, "2026-11-27T09:00:00-06:00"),
    ] {
        assert_eq!(houston().is_open(at(instant)), open, "{instant}");
        assert_eq!(houston().next_open(at(instant)), at(next), "{instant}");
    }
}

#[test]
fn business_time_passes_only_while_open() {
    for (from, duration, to) in [
        ("2026-11-23T10:00:00-06:00", hours(2), "2026-11-23T12:00:00-06:00"),
        ("2026-11-23T17:00:00-06:00", hours(2), "2026-11-24T10:00:00-06:00"),
        ("2026-11-23T16:00:00-06:00", hours(2), "2026-11-23T18:00:00-06:00"),
        ("2026-11-20T17:00:00-06:00", hours(4), "2026-11-21T13:30:00-06:00"),
        ("2026-11-21T13:00:00-06:00", hours(2), "2026-11-23T10:00:00-06:00"),
        ("2026-11-25T17:00:00-06:00", hours(2), "2026-11-27T10:00:00-06:00"),
        ("2026-11-22T03:00:00-06:00", hours(1), "2026-11-23T10:00:00-06:00"),
        ("2026-11-23T10:00:00-06:00", Duration::ZERO, "2026-11-23T10:00:00-06:00"),
    ] {
        let reached = houston().add_business(at(from), duration);
        assert_eq!(reached, at(to), "{from} + {duration:?}");
        assert_eq!(houston().business_between(at(from), reached), duration, "{from} to {to}");
        assert_eq!(houston().business_between(reached + hours(1), at(from)), Duration::ZERO);
    }
}

#[test]
fn the_clock_jumps_and_business_time_does_not() {
    // Berlin: summer time begins 2026-03-29 at 02:00 and ends 2026-10-25 at 03:00.
    let nights = calendar("Europe/Berlin", &json!({"hours": {"sun": [{"from": "00:00", "to": "24:00"}]}}));
    let day = |day: &str| {
        nights.business_between(at(&format!("{day}T00:00:00Z")) - hours(6), at(&format!("{day}T00:00:00Z")) + hours(30))
    };
    assert_eq!((day("2026-03-29"), day("2026-10-25"), day("2026-11-01")), (hours(23), hours(25), hours(24)));
    assert_eq!(nights.add_business(at("2026-03-29T00:00:00+01:00"), hours(3)), at("2026-03-29T04:00:00+02:00"));
    assert_eq!(nights.add_business(at("2026-10-25T00:00:00+02:00"), hours(4)), at("2026-10-25T03:00:00+01:00"));

    // Times that never were: the opening moves to the jump, a span inside it is none.
    let early = calendar("Europe/Berlin", &json!({"hours": {"sun": [{"from": "02:30", "to": "05:00"}]}}));
    assert_eq!(early.next_open(at("2026-03-28T12:00:00Z")), at("2026-03-29T03:00:00+02:00"));
    let inside = calendar("Europe/Berlin", &json!({"hours": {"sun": [{"from": "02:10", "to": "02:50"}]}}));
    assert_eq!(inside.next_open(at("2026-03-28T12:00:00Z")), at("2026-04-05T02:10:00+02:00"));
    // Times that were twice: open from the first to the last.
    assert!(inside.is_open(at("2026-10-25T02:20:00+02:00")) && inside.is_open(at("2026-10-25T02:20:00+01:00")));
    assert_eq!(inside.next_open(at("2026-10-25T00:00:00+02:00")), at("2026-10-25T02:10:00+02:00"));
}

#[test]
fn a_calendar_that_never_opens_is_always_open() {
    for hours_of in [json!({}), json!({"mon": []}), json!({"mon": [{"from": "18:00", "to": "09:00"}]})] {
        let calendar = calendar("Europe/Madrid", &json!({"hours": hours_of, "holidays": ["2026-11-21"]}));
        let now = at("2026-11-21T05:00:00Z");
        assert!(calendar.is_open(now));
        assert_eq!(calendar.next_open(now), now);
        assert_eq!(calendar.add_business(now, hours(5)), now + hours(5));
        assert_eq!(calendar.business_between(now, now + hours(5)), hours(5));
    }
    // Counting ends, whatever is asked.
    let far = houston().add_business(at("2026-11-21"), Duration::MAX);
    assert!(far > at("2036-01-01") && far < at("2037-01-01"));
    assert!(houston().next_open(at("9999-12-29")) >= at("9999-12-29"));
}

#[test]
fn overlapping_spans_count_once() {
    let calendar = calendar(
        "UTC",
        &json!({"hours": {"mon": [{"from": "10:00", "to": "12:00"}, {"from": "09:00", "to": "11:00"}]}}),
    );
    assert_eq!(calendar.business_between(at("2026-11-23"), at("2026-11-24")), hours(3));
}

#[test]
fn the_local_day_is_the_zones() {
    for (zone, instant, day) in [
        ("America/Chicago", "2026-11-21T05:59:59Z", "2026-11-20"),
        ("America/Chicago", "2026-11-21T06:00:00Z", "2026-11-21"),
        ("Europe/Berlin", "2026-11-20T23:00:00Z", "2026-11-21"),
        ("Pacific/Auckland", "2026-11-20T12:00:00Z", "2026-11-21"),
    ] {
        assert_eq!(Zone::parse(zone).unwrap().local_day(at(instant)), day, "{zone} {instant}");
    }
    for name in ["Mars/Olympus", "", "+02:00", "EST5EDT,M3.2.0,M11.1.0"] {
        assert!(Zone::parse(name).is_err(), "{name}");
    }
}

#[test]
fn periods_are_local_days() {
    let (zone, now) = (Zone::parse("America/Chicago").unwrap(), at("2026-11-21T03:00:00Z"));
    for (name, first, last, count) in [
        ("today", "2026-11-20", "2026-11-20", 1),
        ("7d", "2026-11-14", "2026-11-20", 7),
        ("30d", "2026-10-22", "2026-11-20", 30),
        ("90d", "2026-08-23", "2026-11-20", 90),
        ("mtd", "2026-11-01", "2026-11-20", 20),
        ("ytd", "2026-01-01", "2026-11-20", 324),
    ] {
        let days = name.parse::<Period>().unwrap().days(now, &zone);
        assert_eq!(
            (days.first().to_string(), days.last().to_string(), days.count()),
            (first.into(), last.into(), count),
            "{name}"
        );
        assert_eq!(i32::try_from(days.iter().count()).unwrap(), count, "{name}");
    }
    assert!(Period::NAMES.iter().all(|name| name.parse::<Period>().is_ok()));
    assert!("fortnight".parse::<Period>().is_err());
    // A day of 25 hours.
    let (from, to) = Days::parse("2026-11-01", "2026-11-01").unwrap().bounds(&zone);
    assert_eq!((from, to), (at("2026-11-01T05:00:00Z"), at("2026-11-02T06:00:00Z")));
    for (first, last) in
        [("2026-11-02", "2026-11-01"), ("2026-11-2", "2026-11-03"), ("2000-01-01", "2026-01-01"), ("", "")]
    {
        assert!(Days::parse(first, last).is_err(), "{first} {last}");
    }
}

#[test]
fn shifts_and_leave() {
    let zone = Zone::parse("America/Chicago").unwrap();
    let day: Vec<Shift> =
        serde_json::from_value(json!([{"days": ["mon", "tue"], "from": "09:00", "to": "17:00"}])).unwrap();
    let night: Vec<Shift> = serde_json::from_value(json!([{"days": ["sun"], "from": "22:00", "to": "06:00"}])).unwrap();
    let leave: Vec<Leave> = serde_json::from_value(json!([{"from": "2026-11-24", "to": "2026-11-25"}])).unwrap();
    for (instant, shifts, leave, expected) in [
        ("2026-11-23T09:00:00-06:00", &day[..], &[][..], true),
        ("2026-11-23T17:00:00-06:00", &day, &[], false),
        ("2026-11-25T10:00:00-06:00", &day, &[], false),
        ("2026-11-24T10:00:00-06:00", &day, &leave, false),
        ("2026-11-22T23:00:00-06:00", &night, &[], true),
        ("2026-11-23T05:59:00-06:00", &night, &[], true),
        ("2026-11-23T06:00:00-06:00", &night, &[], false),
        ("2026-11-22T05:00:00-06:00", &night, &[], false),
        ("2026-11-22T03:00:00-06:00", &[], &[], true),
        ("2026-11-25T23:59:00-06:00", &[], &leave, false),
        ("2026-11-26T00:00:00-06:00", &[], &leave, true),
    ] {
        assert_eq!(on_shift(at(instant), &zone, shifts, leave), expected, "{instant} {shifts:?}");
    }
}

#[test]
fn data_is_checked_when_read() {
    for value in [
        json!({"zone": "UTC", "hours": {"mon": [{"from": "25:00", "to": "26:00"}]}}),
        json!({"zone": "UTC", "hours": {"mon": [{"from": "9:00", "to": "10:00"}]}}),
        json!({"zone": "UTC", "hours": {"monday": []}}),
        json!({"zone": "Nowhere"}),
        json!({"zone": "UTC", "holidays": ["soon"]}),
    ] {
        assert!(serde_json::from_value::<BusinessCalendar>(value.clone()).is_err(), "{value}");
    }
    let text = serde_json::to_value(houston()).unwrap();
    assert_eq!(text["hours"]["sat"][1], json!({"from": "12:30", "to": "14:00"}));
    assert_eq!(text["holidays"], json!(["2026-11-26"]));
    assert_eq!(serde_json::from_value::<BusinessCalendar>(text).unwrap(), houston());
}

#[test]
fn times_are_read_as_they_are_written() {
    let zone = Zone::parse("America/Chicago").unwrap();
    for (text, expected) in [
        ("2021-07-23 14:26:43 +0000", "2021-07-23T14:26:43Z"),
        ("2021-07-23 14:26:43 -0500", "2021-07-23T19:26:43Z"),
        ("2021-07-23 14:26:43 +05:30", "2021-07-23T08:56:43Z"),
        // As it comes out of a query string whose plus sign nobody escaped.
        ("2021-07-23 14:26:43  0000", "2021-07-23T14:26:43Z"),
        ("2021-07-23 14:26:43 UTC", "2021-07-23T14:26:43Z"),
        ("2021-07-23T14:26:43Z", "2021-07-23T14:26:43Z"),
        ("2021-07-23T14:26:43.5+02:00", "2021-07-23T12:26:43.5Z"),
        ("2021-07-23 14:26:43", "2021-07-23T19:26:43Z"),
        ("2021-07-23T14:26", "2021-07-23T19:26:00Z"),
        (" 2021-07-23 ", "2021-07-23T05:00:00Z"),
        // The clocks jump over it.
        ("2021-03-14 02:30:00", "2021-03-14T08:00:00Z"),
    ] {
        assert_eq!(zone.read(text), Ok(at(expected)), "{text}");
    }
    for text in
        ["", "soon", "2021-13-01 00:00:00", "2021-07-23 25:00:00", "1627050403", "2021-07-23 14:26:43 +9999", "14:26"]
    {
        assert!(zone.read(text).is_err(), "{text}: {:?}", zone.read(text));
    }
}
