//! What the check says of right and wrong values.
#![allow(clippy::unwrap_used)]
#![allow(dead_code, reason = "members that only the schema looks at")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::{Email, Id, Instant, Phone, Vin};

/// Words for the record.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Credit {
    /// As good as it gets.
    Excellent,
    Good,
    /// Not so good.
    Poor,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Plain {
    Buy,
    Lease,
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Rule {
    Flag,
    Linear { from: f64, to: f64 },
}

/// Tagged, with its parts declared elsewhere.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Party {
    Person(Address),
    Firm(Address),
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize, JsonSchema)]
struct Address {
    city: String,
    zip: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct Tree {
    name: String,
    #[serde(default)]
    children: Vec<Tree>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Lead {
    #[schemars(length(min = 1, max = 5))]
    name: String,
    phone: Option<Phone>,
    email: Option<Email>,
    vin: Option<Vin>,
    seen_at: Option<Instant>,
    car_id: Option<Id<()>>,
    #[schemars(extend("format" = "date"))]
    birthday: Option<String>,
    #[schemars(url)]
    link: Option<String>,
    credit_score: Option<Credit>,
    plan: Option<Plain>,
    has_bank: Option<bool>,
    #[schemars(range(min = 0, max = 100))]
    score: Option<i64>,
    #[schemars(range(min = 0.5))]
    rate: Option<f64>,
    doors: Option<u8>,
    year: Option<u32>,
    #[schemars(length(max = 2))]
    tags: Option<Vec<String>>,
    address: Option<Address>,
    rule: Option<Rule>,
    to: Option<OneOrMany>,
    party: Option<Party>,
    counts: Option<BTreeMap<String, i64>>,
    custom: Option<Value>,
    tree: Option<Tree>,
}

#[track_caller]
fn check(members: &Value, expected: &[(&str, &str, &str)]) {
    let shape = Shape::of::<Lead>();
    let mut value = json!({"name": "Ana"});
    value.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let errors = shape.check(&value);
    let found: Vec<_> =
        errors.iter().map(|error| (error.pointer.as_str(), error.code, error.detail.as_str())).collect();
    assert_eq!(found, expected, "{value}");
    // What passes the check is readable.
    if expected.is_empty() {
        serde_json::from_value::<Lead>(value).map(drop).unwrap();
    }
}

#[test]
fn right_values_pass() {
    for members in [
        json!({}),
        json!({"phone": "+17135550100", "email": "a@b.co", "vin": "1HGCM82633A004352", "seenAt": "2026-11-21T09:30:00+01:00"}),
        json!({"phone": null, "creditScore": null, "address": null, "rule": null, "to": null, "tags": null}),
        json!({"creditScore": "good", "plan": "buy", "hasBank": true, "score": 100, "rate": 0.5, "doors": 255, "year": 0}),
        json!({"tags": ["a", "b"], "address": {"city": "Bonn", "zip": null}, "counts": {"a": 1, "b": -1}}),
        json!({"rule": {"kind": "flag"}, "to": "a"}),
        json!({"party": {"type": "firm", "city": "Bonn"}}),
        json!({"rule": {"kind": "linear", "from": 0, "to": 7500}, "to": ["a", "b"]}),
        json!({"custom": {"any": [1, "thing", null, {"at": "all"}]}, "birthday": "1990-02-28", "link": "https://example.com/a?b=c"}),
        json!({"tree": {"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}]}, "carId": "0123456789abcdef01234567"}),
    ] {
        check(&members, &[]);
    }
}

#[test]
fn wrong_values_are_told_with_place_code_and_sentence() {
    // Variants without a comment of their own come first in the schema.
    let one_of = "Must be one of good, excellent, poor.";
    for (members, expected) in [
        (json!({"name": 7}), ("/name", "wrong_type", "Expected a string, not a number.")),
        (json!({"name": null}), ("/name", "wrong_type", "Expected a string, not null.")),
        (json!({"name": ""}), ("/name", "too_short", "Must have at least 1 character.")),
        (json!({"name": "ßßßßßß"}), ("/name", "too_long", "Must have at most 5 characters.")),
        (json!({"name": "a\0b"}), ("/name", "nul_character", "Must not hold the character NUL.")),
        (
            json!({"creditscore": "good"}),
            ("/creditscore", "unknown_member", "Unknown member \"creditscore\". Did you mean \"creditScore\"?"),
        ),
        (json!({"zzzzzz": 1}), ("/zzzzzz", "unknown_member", "Unknown member \"zzzzzz\".")),
        (json!({"a/b~c": 1}), ("/a~1b~0c", "unknown_member", "Unknown member \"a/b~c\".")),
        (json!({"creditScore": "superb"}), ("/creditScore", "not_allowed", one_of)),
        (json!({"creditScore": 3}), ("/creditScore", "not_allowed", one_of)),
        (json!({"plan": "rent"}), ("/plan", "not_allowed", "Must be one of buy, lease.")),
        (json!({"hasBank": "yes"}), ("/hasBank", "wrong_type", "Expected a boolean, not a string.")),
        (json!({"score": 101}), ("/score", "too_large", "Must be at most 100.")),
        (json!({"score": -1}), ("/score", "too_small", "Must be at least 0.")),
        (json!({"score": 1.5}), ("/score", "wrong_type", "Expected an integer, not a fraction.")),
        (json!({"rate": 0.4}), ("/rate", "too_small", "Must be at least 0.5.")),
        (json!({"doors": 256}), ("/doors", "too_large", "Must be at most 255.")),
        (json!({"year": 4_294_967_296_u64}), ("/year", "too_large", "Must be at most 4294967295.")),
        (json!({"tags": ["a", "b", "c"]}), ("/tags", "too_long", "Must have at most 2 items.")),
        (json!({"tags": ["a", 2]}), ("/tags/1", "wrong_type", "Expected a string, not a number.")),
        (json!({"address": {"zip": "1"}}), ("/address/city", "required", "\"city\" is required.")),
        (
            json!({"address": {"city": "Bonn", "zap": "1"}}),
            ("/address/zap", "unknown_member", "Unknown member \"zap\". Did you mean \"zip\"?"),
        ),
        (json!({"address": []}), ("/address", "wrong_type", "Expected an object, not an array.")),
        (json!({"rule": {"kind": "cubic"}}), ("/rule/kind", "not_allowed", "Must be one of flag, linear.")),
        (json!({"rule": {"kind": "linear", "from": 0}}), ("/rule/to", "required", "\"to\" is required.")),
        (
            json!({"party": {"type": "crowd", "city": "Bonn"}}),
            ("/party/type", "not_allowed", "Must be one of person, firm."),
        ),
        (json!({"party": {"type": "firm"}}), ("/party/city", "required", "\"city\" is required.")),
        (json!({"to": ["a", 1]}), ("/to/1", "wrong_type", "Expected a string, not a number.")),
        (json!({"counts": {"a": "1"}}), ("/counts/a", "wrong_type", "Expected an integer, not a string.")),
        (json!({"custom": {"deep": ["x\0"]}}), ("/custom/deep/0", "nul_character", "Must not hold the character NUL.")),
        (
            json!({"tree": {"name": "a", "children": [{"nam": "b", "name": "c"}]}}),
            ("/tree/children/0/nam", "unknown_member", "Unknown member \"nam\". Did you mean \"name\"?"),
        ),
        (
            json!({"phone": "713 555 0100"}),
            ("/phone", "bad_format", "Expected the country code too, such as +1 713 555 0100."),
        ),
        (json!({"email": "ana"}), ("/email", "bad_format", "Expected an e-mail address, such as jane@example.com.")),
        (
            json!({"vin": "1HGCM82643A004352"}),
            ("/vin", "bad_format", "The check digit (9th character) does not match the others."),
        ),
        (json!({"carId": "ABC"}), ("/carId", "bad_format", "Expected 24 lowercase hex digits.")),
        (json!({"birthday": "1990-02-30"}), ("/birthday", "bad_format", "Expected a date, such as 2026-11-21.")),
        (
            json!({"link": "example com"}),
            ("/link", "bad_format", "Expected an address, such as https://example.com/path."),
        ),
    ] {
        check(&members, &[expected]);
    }
    let errors = Shape::of::<Lead>().check(&json!({"a\0": 1, "name": "x"}));
    assert_eq!(errors.iter().map(|error| error.code).collect::<Vec<_>>(), [code::NUL_CHARACTER, code::UNKNOWN_MEMBER]);
}

#[test]
fn every_error_is_reported_at_once_up_to_a_hundred() {
    let errors = Shape::of::<Lead>().check(&json!({"phone": 1, "email": "x", "score": "9", "adress": {}}));
    let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/name", "/phone", "/email", "/score", "/adress"]);
    let many: Map<String, Value> = (0..500).map(|at| (format!("member{at}"), json!(1))).collect();
    assert_eq!(Shape::of::<Lead>().check(&Value::Object(many)).len(), 100);
    assert_eq!(Shape::of::<Lead>().check(&json!([]))[0].pointer, "");
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    let shape = Shape::of::<Value>();
    assert_eq!(shape.check(&nested(32)), []);
    let errors = shape.check(&nested(33));
    assert_eq!((errors.len(), errors[0].code, errors[0].pointer.len()), (1, code::TOO_DEEP, 66));
}

#[test]
fn the_schema_is_published_closed() {
    let shape = Shape::of::<Lead>();
    assert_eq!(shape.schema()["additionalProperties"], json!(false));
    assert_eq!(shape.names()[..3], ["name", "phone", "email"]);
}

#[test]
fn the_nearest_name_is_near() {
    let names = ["creditScore", "hasBank", "phone", "id"];
    for (name, expected) in [
        ("credit_score", Some("creditScore")),
        ("CREDITSCORE", Some("creditScore")),
        ("phoen", Some("phone")),
        ("fone", None),
        ("ids", Some("id")),
        ("x", None),
        ("", None),
    ] {
        assert_eq!(nearest(name, names), expected, "{name}");
    }
}
