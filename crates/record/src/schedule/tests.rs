//! Definitions as JSON, and what is made of them.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::{Instant, Shape, pipeline::Pipeline};

fn definition(value: Value) -> Definition {
    let wrong = Shape::of::<Definition>().check(&value);
    assert!(wrong.is_empty(), "{wrong:?} in {value}");
    serde_json::from_value(value).unwrap()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// A situation at the beginning of a schedule, on a Saturday morning in Chicago.
fn situation<'a>(tokens: &'a Tokens, zone: &'a Zone) -> Situation<'a> {
    Situation {
        position: 0,
        restarts: 0,
        tokens,
        status: "new",
        origin: Some("website"),
        location: Some("houston"),
        replied: false,
        connected: false,
        converted: false,
        dispositions: &[],
        expires_at: None,
        contact_attempts: 0,
        max_contact_attempts: None,
        now: at("2026-03-07T15:00:00Z"),
        zone,
    }
}

fn tokens(pairs: &[(&str, &str)]) -> Tokens {
    Tokens(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

/// What is next under `change`, in a line: `act 3`, `wait 2026-... 4`, `again`, `Completed`.
fn next(value: Value, held: &[(&str, &str)], change: impl FnOnce(&mut Situation<'_>)) -> String {
    let (plan, tokens) = (Plan::new(definition(value)), tokens(held));
    let zone = Zone::parse("America/Chicago").unwrap();
    let mut situation = situation(&tokens, &zone);
    change(&mut situation);
    match plan.next(&situation) {
        Next::Act { position, .. } => format!("act {position}"),
        Next::Wait { until, position } => format!("wait {until} {position}"),
        Next::Rest { position } => format!("rest {position}"),
        Next::Again => "again".to_owned(),
        Next::End(over) => format!("{over:?}"),
    }
}

#[test]
fn actions_come_in_their_order_and_groups_are_spelt_out() {
    let value = json!({
        "actions": [{"do": "group", "name": "greet"}, {"do": "dial"}, {"do": "group", "name": "greet"}],
        "groups": {
            "greet": [{"do": "sms", "text": {"en": "Hello"}}, {"do": "group", "name": "pause"}],
            "pause": [{"do": "wait", "hours": 1}],
        },
    });
    let names: Vec<Value> = Plan::new(definition(value.clone()))
        .actions()
        .iter()
        .map(|action| serde_json::to_value(action).unwrap()["do"].clone())
        .collect();
    assert_eq!(names, ["sms", "wait", "dial", "sms", "wait"]);
    for (position, expected) in [
        (0, "act 0"),
        (1, "wait 2026-03-07T16:00:00.000Z 2"),
        (2, "act 2"),
        (3, "act 3"),
        (5, "Completed"),
        (9, "Completed"),
    ] {
        assert_eq!(next(value.clone(), &[], |at| at.position = position), expected, "at {position}");
    }
}

#[test]
fn a_call_is_awaited_until_it_comes() {
    let value = json!({"actions": [{"do": "await_call"}, {"do": "add_task", "description": "Thank for the call"}]});
    assert_eq!(next(value.clone(), &[], |_| {}), "rest 0");
    assert_eq!(next(value.clone(), &[], |at| at.connected = true), "act 1");
    assert_eq!(next(value, &[], |at| at.expires_at = Some(at.now)), "Expired");
    for (action, expected) in [
        (json!({"do": "dial"}), false),
        (json!({"do": "sms", "text": {"en": "Hello"}}), false),
        (json!({"do": "await_call"}), false),
        (json!({"do": "email", "subject": {"en": "Hello"}, "text": {"en": "Hello"}}), true),
        (json!({"do": "group", "name": "calls"}), false),
        (json!({"do": "add_task", "description": "Write"}), true),
    ] {
        let value = json!({"actions": [action], "groups": {"calls": [{"do": "dial"}]}});
        assert_eq!(Plan::new(definition(value.clone())).needs_no_phone(), expected, "{value}");
    }
}

#[test]
fn tokens_are_added_up_to_as_many_as_there_may_be() {
    let many = |from: usize, to: usize| Tokens((from..to).map(|at| (format!("t{at}"), at.to_string())).collect());
    assert_eq!(many(0, 199).with(&many(198, 200)).map(|all| all.0.len()), Some(200));
    assert_eq!(many(0, 199).with(&many(199, 201)), None);
    assert_eq!(
        many(0, 200).with(&tokens(&[("t5", "new")])).and_then(|all| all.get("t5").map(str::to_owned)).as_deref(),
        Some("new")
    );
}

#[test]
fn waits_end_when_they_say() {
    let wait = |wait: Value| {
        let mut action = wait;
        action["do"] = "wait".into();
        next(json!({"actions": [action, {"do": "dial"}]}), &[], |_| {})
    };
    for (value, expected) in [
        (json!({"seconds": 90}), "wait 2026-03-07T15:01:30.000Z 1"),
        (json!({"minutes": 5, "hours": 2}), "wait 2026-03-07T17:05:00.000Z 1"),
        // The clocks of Chicago go forward in the night to the 8th: a day is 23 hours long.
        (json!({"days": 1}), "wait 2026-03-08T14:00:00.000Z 1"),
        // It is nine in the morning there: half past nine is still to come, eight is tomorrow's.
        (json!({"until": "09:30"}), "wait 2026-03-07T15:30:00.000Z 1"),
        (json!({"until": "08:00"}), "wait 2026-03-08T13:00:00.000Z 1"),
        // 02:30 does not come that night: the clock jumps over it at three.
        (json!({"until": "02:30"}), "wait 2026-03-08T08:00:00.000Z 1"),
        (json!({"until": "09:30", "on": ["mon", "tue"]}), "wait 2026-03-09T14:30:00.000Z 1"),
        (json!({"days": 1, "until": "10:00"}), "wait 2026-03-08T15:00:00.000Z 1"),
        // What is over already is no wait.
        (json!({"until": "09:00"}), "act 1"),
    ] {
        assert_eq!(wait(value.clone()), expected, "{value}");
    }
}

#[test]
fn the_first_wait_rule_that_holds_replaces_the_duration() {
    let value = json!({
        "actions": [{"do": "wait", "hours": 1, "rules": "after"}, {"do": "dial"}],
        "wait_rules": {"after": [
            {"tier": 2, "seconds": 20, "when": [{"token": "score:>=50"}]},
            {"tier": 1, "seconds": 10, "when": [{"token": "score:>=80"}, {"replied": false}]},
        ]},
    });
    for (score, expected) in [
        (Some("90"), "wait 2026-03-07T15:00:10.000Z 1"),
        (Some("50"), "wait 2026-03-07T15:00:20.000Z 1"),
        (Some("many"), "wait 2026-03-07T16:00:00.000Z 1"),
        (None, "wait 2026-03-07T16:00:00.000Z 1"),
    ] {
        let held: Vec<_> = score.map(|score| ("score", score)).into_iter().collect();
        assert_eq!(next(value.clone(), &held, |_| {}), expected, "{score:?}");
    }
}

#[test]
fn an_enrolment_ends_for_the_first_reason_there_is() {
    let value = json!({
        "actions": [{"do": "exit", "when": [{"token": "state:tx"}]}, {"do": "dial"}, {"do": "exit"}, {"do": "dial"}],
        "until": [{"replied": true}, {"connected": true}, {"converted": true}, {"status": ["lost", "archived"]}],
    });
    let check = |held: &[(&str, &str)], change: fn(&mut Situation<'_>), expected: &str| {
        assert_eq!(next(value.clone(), held, change), expected);
    };
    check(&[], |_| {}, "act 1");
    check(&[("state", "TX")], |_| {}, "Exited");
    check(&[], |at| at.position = 2, "Exited");
    check(&[], |at| at.replied = true, "Exited");
    check(&[], |at| at.connected = true, "Connected");
    check(&[], |at| at.converted = true, "Converted");
    check(&[], |at| at.status = "lost", "Exited");
    check(&[], |at| at.expires_at = Some(at.now), "Expired");
    check(&[], |at| at.expires_at = Some(at.now + Duration::from_secs(1)), "act 1");
    check(&[], |at| (at.contact_attempts, at.max_contact_attempts) = (3, Some(3)), "Exhausted");
    check(&[], |at| (at.contact_attempts, at.max_contact_attempts) = (2, Some(3)), "act 1");
}

#[test]
fn it_begins_again_as_often_as_it_may() {
    let value = json!({"actions": [{"do": "dial"}, {"do": "restart", "at_most": 2}, {"do": "block"}]});
    for (restarts, expected) in [(0, "again"), (1, "again"), (2, "act 2")] {
        assert_eq!(next(value.clone(), &[], |at| (at.position, at.restarts) = (1, restarts)), expected);
    }
}

#[test]
fn tokens_are_put_into_texts() {
    let tokens = tokens(&[("make", "Ford"), ("empty", "")]);
    let known = |name: &str| (name == "first_name").then(|| "Ana".to_owned());
    for (text, expected) in [
        ("Hi [first_name], the [make] is here", "Hi Ana, the Ford is here"),
        ("Hi [first_name]{you}, about [model]{your car}!", "Hi Ana, about your car!"),
        ("[empty]{none}[nothing]", "none"),
        ("[make][make]{x}", "FordFord"),
        ("a [ b ] [Make] [] [make", "a [ b ] [Make] [] [make"),
        ("[make]{unfinished", "Ford{unfinished"),
        ("ñ[make]ñ", "ñFordñ"),
        ("", ""),
    ] {
        assert_eq!(tokens.fill(text, known), expected, "{text}");
    }
}

#[test]
fn names_of_tokens_are_folded() {
    for (name, expected) in [
        ("Loan Amount", Some("loan_amount")),
        ("vehicle_make", Some("vehicle_make")),
        (" x-1 ", Some("x_1")),
        ("", None),
        ("---", None),
    ] {
        assert_eq!(token_name(name).as_deref(), expected, "{name}");
    }
}

#[test]
fn questions_about_tokens_are_read_and_answered() {
    let tokens = tokens(&[("state", "Tx"), ("amount", "501"), ("name", "a:b")]);
    for (question, expected) in [
        ("state:tx", Some(true)),
        ("state:!=ca", Some(true)),
        ("state:!=TX", Some(false)),
        ("amount:>=501", Some(true)),
        ("amount:<=500.5", Some(false)),
        ("state:>=1", Some(false)),
        ("missing:x", Some(false)),
        ("missing:!=x", Some(true)),
        ("name:a:b", Some(true)),
        ("amount:>=many", None),
        ("amount", None),
        (":x", None),
        ("Amount:1", None),
    ] {
        let read = Matches::parse(question).ok();
        assert_eq!(read.as_ref().map(|read| read.holds(&tokens)), expected, "{question}");
        if let Some(read) = read {
            assert_eq!(read.to_string(), question);
        }
    }
}

/// The pointers and codes of everything wrong.
fn wrong(value: Value) -> Vec<String> {
    let shape = Shape::of::<Definition>().check(&value);
    let errors = if shape.is_empty() {
        let pipeline = Pipeline::default();
        serde_json::from_value::<Definition>(value).unwrap().check(&Known {
            pipeline: &pipeline,
            schedules: &["other"],
            locations: &["houston"],
            agents: &["Kim", "Kim", "Lee"],
        })
    } else {
        shape
    };
    errors.into_iter().map(|error| format!("{} {}", error.pointer, error.code)).collect()
}

#[test]
fn what_makes_no_sense_is_refused_with_everything_at_once() {
    for (value, expected) in [
        (json!({"actions": [{"do": "dial"}]}), vec![]),
        (json!({"actions": []}), vec!["/actions too_short"]),
        (
            json!({"actions": [{"do": "sms", "text": {}}, {"do": "whatsapp", "text": {"en": " "}}]}),
            vec!["/actions/0/text required", "/actions/1/text/en too_short"],
        ),
        (
            json!({"actions": [
                {"do": "email", "subject": {}, "text": {"en": " "}},
                {"do": "email", "subject": {"en": "x".repeat(201)}, "text": {"en": "x".repeat(20_001)}, "from": "a@example.com"},
            ]}),
            vec![
                "/actions/0/subject required",
                "/actions/0/text/en too_short",
                "/actions/1/subject/en too_long",
                "/actions/1/text/en too_long",
            ],
        ),
        (
            json!({"actions": [{"do": "email", "subject": {"en": "a"}, "text": {"en": "b"}, "from": "me"}]}),
            vec!["/actions/0/from bad_format"],
        ),
        (
            json!({"actions": [{"do": "wait"}, {"do": "wait", "hours": 1, "on": ["mon"]}, {"do": "wait", "rules": "x"}]}),
            vec!["/actions/0 required", "/actions/1/on not_allowed", "/actions/2/rules not_allowed"],
        ),
        (
            json!({
                "actions": [{"do": "modify_lead", "status": "sold!", "tokens": {"A b": "1"}}],
                "until": [{"status": ["new", "gone"]}],
            }),
            vec!["/actions/0/status not_allowed", "/actions/0/tokens/A b bad_format", "/until/0/status/1 not_allowed"],
        ),
        (
            json!({"actions": [{"do": "add_to_schedule", "schedule": "none"}, {"do": "add_to_schedule", "schedule": "other"}]}),
            vec!["/actions/0/schedule not_allowed"],
        ),
        (
            json!({"actions": [{"do": "group", "name": "a"}], "groups": {"a": [{"do": "group", "name": "b"}], "b": [{"do": "group", "name": "a"}]}}),
            vec!["/groups/a not_allowed"],
        ),
        (json!({"actions": [{"do": "group", "name": "a"}]}), vec!["/actions/0/name not_allowed"]),
        (
            json!({"actions": [{"do": "assign"}, {"do": "assign", "to": "Lee"}, {"do": "assign", "to": "Kim"}, {"do": "assign", "to": "Ann"}]}),
            vec!["/actions/2/to not_allowed", "/actions/3/to not_allowed"],
        ),
        (
            json!({
                "actions": [{"do": "dial"}],
                "enter": [
                    {"new_lead": true, "when": [{"token": "a:1"}, {"origin": ["web"]}, {"location": ["houston", "rome"]}]},
                    {"when": [{"replied": true}]},
                    {"status": ["new", "gone"], "when": [{"status": ["gone"]}]},
                ],
            }),
            vec![
                "/enter/0/when/2/location/1 not_allowed",
                "/enter/1 required",
                "/enter/1/when/0 not_allowed",
                "/enter/2/status/1 not_allowed",
                "/enter/2/when/0/status/0 not_allowed",
            ],
        ),
        (
            json!({"actions": [
                {"do": "webhook", "url": "https://example.com/hook?token=1", "with": ["tokens"]},
                {"do": "webhook", "url": "example.com"},
                {"do": "webhook", "url": "ftp://example.com"},
                {"do": "webhook", "url": "https:///hook"},
                {"do": "webhook", "url": "https://example.com/a b"},
                {"do": "webhook", "url": "https://me:word@example.com"},
            ]}),
            vec![
                "/actions/1/url bad_format",
                "/actions/2/url bad_format",
                "/actions/3/url bad_format",
                "/actions/4/url bad_format",
                "/actions/5/url bad_format",
            ],
        ),
        (
            json!({"actions": [{"do": "webhook", "url": "https://example.com", "with": ["name"]}]}),
            vec!["/actions/0/with/0 not_allowed"],
        ),
        (
            json!({"actions": [{"do": "dial"}], "at_end": [{"do": "dial"}, {"do": "block"}, {"do": "exit"}]}),
            vec!["/at_end/0/do not_allowed", "/at_end/2/do not_allowed"],
        ),
    ] {
        assert_eq!(wrong(value.clone()), expected, "{value}");
    }
}

#[test]
fn groups_that_grow_without_end_are_refused_at_once() {
    let many = |name: &str| -> Vec<Value> { (0..200).map(|_| json!({"do": "group", "name": name})).collect() };
    let mut groups = serde_json::Map::new();
    for depth in 0..7 {
        groups.insert(format!("g{depth}"), many(&format!("g{}", depth + 1)).into());
    }
    groups.insert("g7".to_owned(), json!([]));
    let value = json!({"actions": many("g0"), "groups": groups});
    assert_eq!(wrong(value.clone()), ["/actions not_allowed"]);
    assert_eq!(Plan::new(definition(value)).actions().len(), 0);
}

#[test]
fn a_lead_enters_by_what_happens_to_it_and_what_is_so() {
    let entry: Entry = serde_json::from_value(json!({"new_lead": true, "status": ["no_show"]})).unwrap();
    for (is_new, status, expected) in [(true, "new", true), (false, "new", false), (false, "no_show", true)] {
        assert_eq!(entry.is_about(is_new, status), expected, "{is_new} {status}");
    }
    let (none, zone) = (Tokens::default(), Zone::parse("America/Chicago").unwrap());
    for (when, expected) in [
        (json!([]), true),
        (json!([{"origin": ["Website", "radio"]}, {"location": ["houston"]}]), true),
        (json!([{"origin": ["radio"]}]), false),
        (json!([{"location": ["berlin"]}, {"status": ["new"]}]), false),
    ] {
        let entry: Entry = serde_json::from_value(json!({"new_lead": true, "when": when})).unwrap();
        assert_eq!(entry.admits(&situation(&none, &zone)), expected, "{entry:?}");
    }
}
