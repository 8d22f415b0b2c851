//! Verdicts of the presets, and of rules around the changes of clocks.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;
use crate::{Phone, Shape, calendar::Zone, whereabouts::Clues};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Who is at a number, or, where it is no number, in some zones: `Europe/Berlin Asia/Tokyo`.
fn person(who: &str) -> Whereabouts {
    match who.parse::<Phone>() {
        Ok(phone) => Whereabouts::of(&Clues { phone: Some(&phone), ..Clues::default() }),
        Err(_) => Whereabouts {
            zones: who.split_whitespace().map(|zone| Zone::parse(zone).unwrap()).collect(),
            ..Whereabouts::default()
        },
    }
}

fn calls(recent: &[&str]) -> Vec<Contacted> {
    recent.iter().map(|text| Contacted { at: at(text), channel: Channel::Call }).collect()
}

/// A verdict in short, its instant with the offset of the first zone.
#[track_caller]
fn verdict(rules: &Rules, how: (Channel, Purpose), whereabouts: &Whereabouts, now: &str, recent: &[&str]) -> String {
    let recent = calls(recent);
    let asked = Asked { channel: how.0, purpose: how.1, whereabouts, now: at(now), recent: &recent };
    match timing(rules, &asked) {
        Timing::Now => "now".into(),
        Timing::Later { until, cause } => {
            let local = whereabouts.zones.first().map_or(until.to_string(), |zone| zone.local(until).to_string());
            format!("{local} {}", cause.rule)
        }
        Timing::Never { cause } => format!("never {}", cause.rule),
    }
}

const MARKETING: (Channel, Purpose) = (Channel::Call, Purpose::Marketing);
const SERVICE: (Channel, Purpose) = (Channel::Sms, Purpose::Service);

const TEXAS: &str = "+17135550100";
const FLORIDA: &str = "+13055550100";
const PANHANDLE: &str = "+18505550100";
const ALABAMA: &str = "+12055550100";
const NEVADA: &str = "+17025550100";
const PENNSYLVANIA: &str = "+12155550100";
const TOLL_FREE: &str = "+18005550100";
const BERLIN: &str = "+4930123456";
const MADRID: &str = "+34612345678";

#[test]
fn hours_are_those_of_the_place_and_of_the_state() {
    let check = |who, how, now, expected: &str| {
        assert_eq!(verdict(Rules::us(), how, &person(who), now, &[]), expected, "{who} {now}");
    };
    // Wednesday 18 November 2026, Houston at UTC-6, Miami at -5.
    check(TEXAS, MARKETING, "2026-11-18T15:00:00Z", "now");
    check(TEXAS, MARKETING, "2026-11-18T14:59:59.999Z", "2026-11-18T09:00:00 tx_hours");
    check(TEXAS, MARKETING, "2026-11-19T02:59:59Z", "now");
    check(TEXAS, MARKETING, "2026-11-19T03:00:00Z", "2026-11-19T09:00:00 tx_hours");
    check(TEXAS, MARKETING, "2026-11-22T03:00:00Z", "2026-11-22T12:00:00 tx_hours");
    check(FLORIDA, MARKETING, "2026-11-18T13:00:00Z", "now");
    check(FLORIDA, MARKETING, "2026-11-19T00:59:59Z", "now");
    check(FLORIDA, MARKETING, "2026-11-19T01:00:00Z", "2026-11-19T08:00:00 fl_hours");
    check(NEVADA, SERVICE, "2026-11-18T16:59:00Z", "2026-11-18T09:00:00 nv_hours");
    // The west of Florida is an hour behind: what is eight in Miami is seven in Pensacola.
    check(PANHANDLE, MARKETING, "2026-11-18T13:00:00Z", "2026-11-18T08:00:00 fl_hours");
    check(PANHANDLE, MARKETING, "2026-11-19T00:59:59Z", "now");
    check(PANHANDLE, MARKETING, "2026-11-19T01:00:00Z", "2026-11-19T08:00:00 fl_hours");
    // Nobody knows where: from eight on the Aleutians and in Honolulu until nine in New York.
    check(TOLL_FREE, MARKETING, "2026-11-18T17:59:59Z", "2026-11-18T08:00:00 federal_hours");
    check(TOLL_FREE, MARKETING, "2026-11-19T02:00:00Z", "2026-11-19T08:00:00 federal_hours");
    check(TOLL_FREE, MARKETING, "2026-11-19T01:59:59Z", "now");
    check(BERLIN, MARKETING, "2026-11-18T20:30:00Z", "2026-11-19T08:00:00 federal_hours");
}

#[test]
fn sundays_and_holidays_are_for_service_only_where_a_state_says_so() {
    let check = |who, how, now, expected: &str| {
        assert_eq!(verdict(Rules::us(), how, &person(who), now, &[]), expected, "{who} {now}");
    };
    check(ALABAMA, MARKETING, "2026-11-22T18:00:00Z", "2026-11-23T08:00:00 al_sundays");
    check(ALABAMA, SERVICE, "2026-11-22T18:00:00Z", "now");
    // Thanksgiving; Christmas on a Friday, and the days after.
    check(ALABAMA, MARKETING, "2026-11-26T18:00:00Z", "2026-11-27T08:00:00 us_holidays");
    check(ALABAMA, SERVICE, "2026-11-26T18:00:00Z", "now");
    check(ALABAMA, MARKETING, "2026-12-25T18:00:00Z", "2026-12-26T08:00:00 us_holidays");
    check(TEXAS, MARKETING, "2026-11-26T18:00:00Z", "now");
    // Independence Day 2026 is a Saturday, observed on the Friday: three days off.
    check(ALABAMA, MARKETING, "2026-07-03T18:00:00Z", "2026-07-06T08:00:00 us_holidays");
    // Pennsylvania's Sundays are open until the law of October 2026.
    check(PENNSYLVANIA, MARKETING, "2026-10-11T17:00:00Z", "now");
    check(PENNSYLVANIA, MARKETING, "2026-10-18T17:00:00Z", "2026-10-19T08:00:00 pa_sundays");
}

#[test]
fn caps_slide_and_count_all_channels() {
    let three = ["2026-11-18T15:00:00Z", "2026-11-18T14:00:00Z", "2026-11-18T16:00:00Z"];
    let check = |who, how, now, recent: &[&str], expected: &str| {
        assert_eq!(verdict(Rules::us(), how, &person(who), now, recent), expected, "{who} {now} {recent:?}");
    };
    check(FLORIDA, MARKETING, "2026-11-18T17:00:00Z", &three[..2], "now");
    check(FLORIDA, MARKETING, "2026-11-18T17:00:00Z", &three, "2026-11-19T09:00:00 fl_limit");
    check(FLORIDA, (Channel::Sms, Purpose::Marketing), "2026-11-18T17:00:00Z", &three, "2026-11-19T09:00:00 fl_limit");
    check(FLORIDA, (Channel::Email, Purpose::Marketing), "2026-11-18T17:00:00Z", &three, "now");
    check(FLORIDA, SERVICE, "2026-11-18T17:00:00Z", &three, "now");
    check(FLORIDA, MARKETING, "2026-11-19T13:59:59.999Z", &three, "2026-11-19T09:00:00 fl_limit");
    check(FLORIDA, MARKETING, "2026-11-19T14:00:00Z", &three, "now");
    check(TEXAS, MARKETING, "2026-11-18T17:00:00Z", &three, "now");
    // What the cap lets through after hours finds the next morning.
    let late = ["2026-11-18T00:30:00Z", "2026-11-18T00:40:00Z", "2026-11-18T00:50:00Z", "2026-11-18T15:00:00Z"];
    check(FLORIDA, MARKETING, "2026-11-18T17:00:00Z", &late[..3], "2026-11-18T19:30:00 fl_limit");
    check(FLORIDA, MARKETING, "2026-11-18T17:00:00Z", &late, "2026-11-18T19:40:00 fl_limit");
    let later = ["2026-11-18T01:10:00Z", "2026-11-18T15:00:00Z", "2026-11-18T16:00:00Z"];
    check(FLORIDA, MARKETING, "2026-11-18T17:00:00Z", &later, "2026-11-19T08:00:00 fl_limit");
    // Two contacts with one number keep their distance.
    check(TEXAS, MARKETING, "2026-11-18T16:00:29Z", &["2026-11-18T16:00:00Z"], "2026-11-18T10:00:30 gap");
    check(TEXAS, MARKETING, "2026-11-18T16:00:30Z", &["2026-11-18T16:00:00Z"], "now");
}

#[test]
fn answers_and_mails_are_not_held() {
    let night = "2026-11-22T08:00:00Z";
    let recent = ["2026-11-22T07:59:59Z", "2026-11-22T07:59:58Z", "2026-11-22T07:59:57Z"];
    for rules in [Rules::us(), Rules::eu()] {
        for who in [TEXAS, FLORIDA, ALABAMA, TOLL_FREE, BERLIN, ""] {
            for channel in Channel::ALL {
                let answer = (*channel, Purpose::Answer);
                assert_eq!(verdict(rules, answer, &person(who), night, &recent), "now", "{who} {answer:?}");
                let marketing = verdict(rules, (*channel, Purpose::Marketing), &person(who), night, &recent);
                let held = Channel::BY_PHONE.contains(channel);
                assert_eq!(marketing != "now", held, "{who} {channel:?}: {marketing}");
            }
        }
    }
}

#[test]
fn whose_zone_is_unknown_is_not_called() {
    for rules in [Rules::us(), &Rules::default()] {
        for how in [MARKETING, SERVICE, (Channel::Whatsapp, Purpose::Service)] {
            assert_eq!(verdict(rules, how, &person(""), "2026-11-18T17:00:00Z", &[]), "never unknown_zone");
        }
    }
    // A row that asks for the time of mails or answers cannot be kept either.
    let rules = rules(&json!({"windows": [
        {"name": "mails", "scope": {"channels": ["email"], "purposes": ["answer"]}, "hours": {}},
    ]}));
    let mail = |purpose| verdict(&rules, (Channel::Email, purpose), &person(""), "2026-11-18T17:00:00Z", &[]);
    assert_eq!((mail(Purpose::Answer), mail(Purpose::Service)), ("never unknown_zone".into(), "now".into()));
}

#[test]
fn europe_rests_on_sundays_and_germany_on_its_holidays() {
    let check = |who, now, expected: &str| {
        assert_eq!(verdict(Rules::eu(), SERVICE, &person(who), now, &[]), expected, "{who} {now}");
    };
    check(BERLIN, "2026-11-18T08:00:00Z", "now");
    check(BERLIN, "2026-11-18T07:59:59Z", "2026-11-18T09:00:00 eu_hours");
    check(BERLIN, "2026-11-21T17:00:00Z", "2026-11-23T09:00:00 eu_hours");
    check(BERLIN, "2026-12-24T19:00:00Z", "2026-12-28T09:00:00 eu_hours");
    check(MADRID, "2026-12-24T19:00:00Z", "2026-12-25T09:00:00 eu_hours");
    // A mobile of Spain may be on the Canaries, an hour behind.
    check(MADRID, "2026-11-18T08:30:00Z", "2026-11-18T09:00:00 eu_hours");
}

fn rules(value: &Value) -> Rules {
    assert_eq!(Shape::of::<Rules>().check(value), []);
    serde_json::from_value(value.clone()).unwrap()
}

/// Open on all days from one time to another.
fn daily(from: &str, to: &str) -> Rules {
    let day = json!([{"from": from, "to": to}]);
    rules(&json!({"windows": [{"name": "daily", "hours":
        {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day}}]}))
}

#[test]
fn the_clock_is_set_and_the_hours_are_what_it_shows() {
    let check = |(from, to), zone, now, expected: &str| {
        assert_eq!(verdict(&daily(from, to), MARKETING, &person(zone), now, &[]), expected, "{from}-{to} {zone} {now}");
    };
    // Chicago, 8 March 2026: from two to three at 08:00Z. An opening that never was is the jump.
    check(("02:30", "05:00"), "America/Chicago", "2026-03-08T07:59:00Z", "2026-03-08T03:00:00 daily");
    check(("02:30", "05:00"), "America/Chicago", "2026-03-08T08:00:00Z", "now");
    check(("02:10", "02:50"), "America/Chicago", "2026-03-08T07:00:00Z", "2026-03-09T02:10:00 daily");
    check(("00:00", "02:30"), "America/Chicago", "2026-03-08T08:00:00Z", "2026-03-09T00:00:00 daily");
    // 1 November 2026: from two back to one at 07:00Z. The same time is shown twice, and counts twice.
    check(("08:00", "21:00"), "America/Chicago", "2026-11-01T13:59:59Z", "2026-11-01T08:00:00 daily");
    check(("01:30", "01:40"), "America/Chicago", "2026-11-01T06:35:00Z", "now");
    check(("01:30", "01:40"), "America/Chicago", "2026-11-01T06:45:00Z", "2026-11-01T01:30:00 daily");
    check(("01:30", "01:40"), "America/Chicago", "2026-11-01T07:35:00Z", "now");
    check(("01:30", "01:40"), "America/Chicago", "2026-11-01T07:40:00Z", "2026-11-02T01:30:00 daily");
    // Closed at half past one, and open again when it is one once more.
    check(("00:00", "01:30"), "America/Chicago", "2026-11-01T06:30:00Z", "2026-11-01T01:00:00 daily");
    let twice = person("America/Chicago");
    let asked = Asked {
        channel: Channel::Call,
        purpose: Purpose::Marketing,
        whereabouts: &twice,
        now: at("2026-11-01T06:30:00Z"),
        recent: &[],
    };
    let (night, again) = (daily("00:00", "01:30"), at("2026-11-01T07:00:00Z"));
    assert!(matches!(timing(&night, &asked), Timing::Later { until, .. } if until == again));
    // Berlin, 29 March and 25 October 2026.
    check(("02:30", "05:00"), "Europe/Berlin", "2026-03-29T00:59:00Z", "2026-03-29T03:00:00 daily");
    check(("02:30", "05:00"), "Europe/Berlin", "2026-10-25T00:30:00Z", "now");
    check(("02:30", "05:00"), "Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25T02:30:00 daily");
    // Lord Howe sets its clock by half an hour: on 5 April 2026 from two back to half past one, at 15:00Z of the 4th.
    check(("01:40", "01:50"), "Australia/Lord_Howe", "2026-04-04T14:50:00Z", "2026-04-05T01:40:00 daily");
    check(("01:40", "01:50"), "Australia/Lord_Howe", "2026-04-04T15:15:00Z", "now");
    check(("02:10", "04:00"), "Australia/Lord_Howe", "2026-10-03T15:29:00Z", "2026-10-04T02:30:00 daily");
    // Havana goes from one back to midnight, on 1 November 2026 at 05:00Z; Cairo has no midnight on 24 April.
    check(("00:00", "00:30"), "America/Havana", "2026-11-01T04:30:00Z", "2026-11-01T00:00:00 daily");
    check(("00:00", "08:00"), "Africa/Cairo", "2026-04-23T21:00:00Z", "2026-04-24T01:00:00 daily");
    check(("00:00", "24:00"), "Africa/Cairo", "2026-04-23T21:59:59.999Z", "now");
    check(("00:00", "24:00"), "America/Havana", "2026-11-01T04:59:59.999Z", "now");
}

#[test]
fn a_day_off_ends_at_the_midnight_that_lasts() {
    let off = rules(&json!({"holidays": [{"name": "off", "dates": ["2026-11-01", "2010-11-06"]}]}));
    let check = |zone, now, expected: &str| {
        assert_eq!(verdict(&off, MARKETING, &person(zone), now, &[]), expected, "{zone} {now}");
    };
    check("America/Havana", "2026-11-01T04:30:00Z", "2026-11-02T00:00:00 off");
    check("Europe/Berlin", "2026-10-31T23:00:00Z", "2026-11-02T00:00:00 off");
    check("Europe/Berlin", "2026-10-31T22:59:59Z", "now");
    // Until 2011, St. John's went from one minute past midnight back into the day before.
    check("America/St_Johns", "2010-11-07T02:30:30Z", "now");
    check("America/St_Johns", "2010-11-07T03:00:00Z", "2010-11-07T00:00:00 off");
}

#[test]
fn candidates_whose_hours_never_meet_are_never_reached() {
    let check = |rules: &Rules, zones, expected: &str| {
        assert_eq!(verdict(rules, MARKETING, &person(zones), "2026-11-18T17:00:00Z", &[]), expected, "{zones}");
    };
    check(&daily("09:00", "20:00"), "Pacific/Honolulu Europe/Berlin", "never daily");
    check(&daily("08:00", "21:00"), "Pacific/Honolulu Europe/Berlin", "2026-11-18T08:00:00 daily");
    check(&daily("09:00", "12:00"), "America/New_York America/Denver", "2026-11-19T11:00:00 daily");
    let closed = rules(&json!({"windows": [{"name": "shut", "hours": {}}]}));
    check(&closed, "Europe/Berlin", "never shut");
    // Shut only from a day on.
    let soon = rules(&json!({"windows": [{"name": "shut", "scope": {"since": "2026-11-19"}}]}));
    check(&soon, "Europe/Berlin", "now");
    assert_eq!(verdict(&soon, MARKETING, &person("Europe/Berlin"), "2026-11-18T23:00:00Z", &[]), "never shut");
    // Since a day that has begun for one candidate and not for the other.
    assert_eq!(
        verdict(&soon, MARKETING, &person("Europe/Berlin Asia/Tokyo"), "2026-11-18T15:00:00Z", &[]),
        "never shut"
    );
}

#[test]
fn a_limit_of_the_longest_stretch_still_finds_its_hours() {
    let mut rules = daily("09:00", "10:00");
    rules.limits = vec![Limit {
        name: "long".into(),
        scope: Scope::default(),
        most: 1,
        seconds: 5_184_000,
        source: String::new(),
    }];
    let (now, recent) = ("2026-05-01T09:59:00+02:00", ["2026-05-01T09:58:00+02:00"]);
    let berlin = person("Europe/Berlin");
    assert_eq!(verdict(&rules, MARKETING, &berlin, now, &recent), "2026-06-30T09:58:00 long");
    let recent = ["2026-05-01T10:00:30+02:00"];
    assert_eq!(verdict(&rules, MARKETING, &berlin, now, &recent), "2026-07-01T09:00:00 long");
}

#[test]
fn rules_are_checked_when_they_are_set() {
    for (value, pointers) in [
        (json!({}), &[][..]),
        (
            json!({"windows": [{"name": "a"}], "limits": [{"name": "a", "most": 1, "seconds": 3600}]}),
            &["/limits/0/name"],
        ),
        (json!({"holidays": [{"name": "gap"}, {"name": "Big"}]}), &["/holidays/0/name", "/holidays/1/name"]),
        (
            json!({"windows": [{"name": "a", "hours": {"tue": [{"from": "09:00", "to": "09:00"}]}}]}),
            &["/windows/0/hours/tue/0/to"],
        ),
    ] {
        let found: Vec<String> = rules(&value).check().into_iter().map(|error| error.pointer).collect();
        assert_eq!(found, pointers, "{value}");
    }
    for value in [
        json!({"window": []}),
        json!({"windows": [{"name": "a", "open": "09:00"}]}),
        json!({"windows": [{"name": "a", "scope": {"places": ["FL"]}}]}),
        json!({"windows": [{"name": "a", "scope": {"channels": ["fax"]}}]}),
        json!({"limits": [{"name": "a", "most": 1}]}),
        json!({"gap": {"seconds": -1}}),
    ] {
        assert!(serde_json::from_value::<Rules>(value.clone()).is_err(), "{value}");
    }
    let shape = Shape::of::<Rules>();
    for value in [
        json!({"limits": [{"name": "a", "most": 0, "seconds": 3600}]}),
        json!({"limits": [{"name": "a", "most": 1, "seconds": 60}]}),
        json!({"windows": [{"name": "a", "scope": {"channels": []}}]}),
    ] {
        assert_eq!(shape.check(&value).len(), 1, "{value}");
    }
}

#[test]
fn a_verdict_reads_as_a_sentence() {
    let berlin = person(BERLIN);
    let asked = Asked {
        channel: Channel::Call,
        purpose: Purpose::Marketing,
        whereabouts: &berlin,
        now: at("2026-11-18T03:00:00Z"),
        recent: &[],
    };
    let rules = daily("09:00", "20:00");
    assert_eq!(timing(&rules, &asked).to_string(), "held until 2026-11-18T08:00:00.000Z by daily");
    assert!(timing(Rules::us(), &asked).to_string().contains("by federal_hours: 47 CFR 64.1200"));
}

#[test]
fn what_needs_consent_is_said_by_rows_and_how_long_an_enquiry_stands_for_it() {
    let own =
        rules(&json!({"consent": [{"name": "later", "scope": {"purposes": ["marketing"], "since": "2026-11-22"}}]}));
    let needed = |rules: &Rules, (channel, purpose), who: &str, now: &str| {
        let whereabouts = person(who);
        let asked = Asked { channel, purpose, whereabouts: &whereabouts, now: at(now), recent: &[] };
        rules.consent_needed(&asked).map(|row| row.name.clone()).collect::<Vec<_>>().join(" ")
    };
    let (us, eu, day) = (Rules::us(), Rules::eu(), "2026-11-21T18:00:00Z");
    for (rules, how, who, now, expected) in [
        (us, MARKETING, TEXAS, day, "us_consent"),
        (us, MARKETING, MADRID, day, "us_consent"),
        (us, SERVICE, TEXAS, day, ""),
        (us, (Channel::Email, Purpose::Marketing), TEXAS, day, ""),
        (us, (Channel::Whatsapp, Purpose::Answer), TEXAS, day, ""),
        (eu, (Channel::Email, Purpose::Marketing), BERLIN, day, "eu_consent"),
        (eu, MARKETING, TEXAS, day, "eu_consent"),
        (&own, MARKETING, TEXAS, "2026-11-22T05:59:59Z", ""),
        (&own, MARKETING, TEXAS, "2026-11-22T06:00:00Z", "later"),
        // In force from where the day begins first; where nobody knows where that is, at once.
        (&own, MARKETING, "America/Chicago Asia/Tokyo", "2026-11-21T15:00:00Z", "later"),
        (&own, MARKETING, "", day, "later"),
    ] {
        assert_eq!(needed(rules, how, who, now), expected, "{how:?} {who} {now}");
    }
    let row = &us.consent[0];
    let enquired = at("2026-08-01T00:00:00Z");
    assert!(
        row.is_met_by(enquired, at("2026-10-29T23:59:59Z")) && !row.is_met_by(enquired, at("2026-10-30T00:00:00Z"))
    );
    assert!(!own.consent[0].is_met_by(enquired, enquired), "no enquiry stands for it");
}
