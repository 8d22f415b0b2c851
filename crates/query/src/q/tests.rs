//! What is read, what is refused, and where.

use forecourt_record::{Car, Kind as _, SaleLead};
use serde_json::json;

use super::*;
use crate::Subject;

/// The cases of one document: questions that find it, and such that do not.
fn check(doc: &Value, finds: &[Value], misses: &[Value]) {
    let nothing = json!({});
    for (questions, expected) in [(finds, true), (misses, false)] {
        for question in questions {
            let node =
                parse(SaleLead::SPEC, &question.to_string()).unwrap_or_else(|error| panic!("{question}: {error}"));
            let subject = Subject { doc, extra: &nothing, computed: &nothing, words: &[] };
            assert_eq!(node.passes(subject), expected, "{question} on {doc}");
        }
    }
}

#[test]
fn fields_are_typed_by_the_schema() {
    let doc = json!({"status": {"status": "won", "assigned_at": "2026-11-21T08:30:00.000Z"}, "cost": 10.0,
        "foreign_ids": ["a", "b"], "car_list": [{"car": {"year": 2020, "make": "Ford"}}, {"car": {"make": "Kia"}}]});
    check(
        &doc,
        &[
            json!({"status.status": "won"}),
            json!({"status.assigned_at": "2026-11-21T09:30:00+01:00"}),
            json!({"status.assigned_at": {"$gt": "2026-11-21", "$lt": "2026-11-22"}}),
            json!({"cost": 10}),
            json!({"foreign_ids": "b"}),
            json!({"foreign_ids": ["a", "b"]}),
            json!({"foreign_ids.1": "b"}),
            json!({"car_list.car.make": {"$in": ["Kia"]}}),
            json!({"car_list.0.car.year": {"$gte": 2020}}),
            json!({"car_list": {"$elemMatch": {"car.make": "Ford", "car.year": 2020}}}),
            json!({"status": {"status": "won", "assigned_at": "2026-11-21T08:30:00Z"}}),
            json!({"client_id": null}),
            json!({"status.assigned_at": {"$type": "date"}}),
        ],
        &[
            json!({"status.status": "Won"}),
            json!({"car_list.1.car.year": {"$gte": 2020}}),
            json!({"car_list": {"$elemMatch": {"car.make": "Kia", "car.year": 2020}}}),
            json!({"foreign_ids": ["b", "a"]}),
            json!({"status.assigned_at": {"$type": "string"}}),
            json!({"status.assigned_at": {"$regex": "2026"}}),
        ],
    );
}

#[test]
fn what_cannot_be_asked_is_refused_with_its_place() {
    for (question, errors) in [
        ("{", "query:q: q is not valid JSON: EOF while parsing an object at line 1 column 1."),
        (r#"["a"]"#, "query:q: Expected an object of fields, not a list."),
        (r#"{"statu.status": 1}"#, r#"query:q/statu.status: Unknown field "statu.status". Did you mean "status"?"#),
        (
            r#"{"cost": "10", "status.status": {"$gt": 4}}"#,
            "query:q/cost: Expected a number, not text.; query:q/status.status/$gt: Expected text, not a number.",
        ),
        (r#"{"$where": "1"}"#, r#"query:q/$where: The operator "$where" is not supported here."#),
        (r#"{"cost": {"$expr": 1}}"#, r#"query:q/cost/$expr: The operator "$expr" is not supported here."#),
        (
            r#"{"cost": {"$gt": {"$function": 1}}}"#,
            r#"query:q/cost/$gt: "$function" cannot stand in a value to compare with."#,
        ),
        (r#"{"$or": []}"#, "query:q/$or: Expected a list of at least one question."),
        (r#"{"cost": {"$not": 5}}"#, r#"query:q/cost/$not: "$not" takes operators: {"$not": {"$gt": 1}}."#),
        (r#"{"cost": {"$not": {}}}"#, r#"query:q/cost/$not: "$not" takes operators: {"$not": {"$gt": 1}}."#),
        (
            r#"{"cost": {"$mod": [0, 1]}}"#,
            "query:q/cost/$mod: Expected a divisor other than 0 and a remainder: [4, 0].",
        ),
        (r#"{"links": {"$size": 1.5}}"#, "query:q/links/$size: Expected a whole number of elements, 0 or more."),
        (
            r#"{"type": {"$options": "i"}}"#,
            r#"query:q/type/$options: "$options" belongs to a "$regex", which is missing."#,
        ),
        (
            r#"{"type": {"$ne": {"$regex": "a"}}}"#,
            r#"query:q/type/$ne: "$regex" cannot stand in a value to compare with."#,
        ),
        (
            r#"{"cost": {"$gt": 1, "lt": 2}}"#,
            r#"query:q/cost/lt: "lt" stands among operators; every name there begins with $."#,
        ),
        (
            r#"{"created_at": "soon"}"#,
            r#"query:q/created_at: Expected a date (2026-11-21) or an RFC 3339 instant (2026-11-21T09:30:00+01:00), not "soon"."#,
        ),
    ] {
        let error = parse(SaleLead::SPEC, question).expect_err(question);
        let said: Vec<_> = error.fields.iter().map(|field| format!("{}: {}", field.pointer, field.detail)).collect();
        assert_eq!(said.join("; "), errors, "{question}");
    }
}

#[test]
fn depth_and_size_are_bounded() {
    let nested = |deep: usize| format!("{}{{}}{}", r#"{"$and": ["#.repeat(deep), "]}".repeat(deep));
    assert!(parse(SaleLead::SPEC, &nested(9)).is_ok());
    for long in [nested(10), nested(60), nested(1000), format!(r#"{{"type": "{}"}}"#, "a".repeat(17 << 10))] {
        assert_eq!(parse(SaleLead::SPEC, &long).expect_err("too much").fields.len(), 1);
    }
}

#[test]
fn brackets_say_the_same() {
    for (pairs, json) in [
        (vec![("q[status.status]", "won")], json!({"status.status": "won"})),
        (vec![("q[cost][$gte]", "10"), ("q[cost][$lt]", "20.5")], json!({"cost": {"$gte": 10, "$lt": 20.5}})),
        (vec![("q[type][$in][]", "a"), ("q[type][$in][]", "b")], json!({"type": {"$in": ["a", "b"]}})),
        (vec![("q[type][$in]", "a")], json!({"type": {"$in": ["a"]}})),
        (vec![("q[type]", "a"), ("q[type]", "b")], json!({"type": ["a", "b"]})),
        (vec![("q[$or][0][type]", "a"), ("q[$or][1][cost]", "1")], json!({"$or": [{"type": "a"}, {"cost": 1}]})),
        (vec![("q[cost][$exists]", "false")], json!({"cost": {"$exists": false}})),
        (vec![("q[cost][$mod][]", "4"), ("q[cost][$mod][]", "1")], json!({"cost": {"$mod": [4, 1]}})),
    ] {
        let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let read = |result: Result<Node>| result.map_err(|error| error.to_string());
        let expected = read(parse(Car::SPEC, &json.to_string()).or_else(|_| parse(SaleLead::SPEC, &json.to_string())));
        let written = read(parse_brackets(Car::SPEC, &pairs).or_else(|_| parse_brackets(SaleLead::SPEC, &pairs)));
        assert_eq!(written, expected, "{pairs:?}");
    }
    for name in ["q", "q[", "q[a", "q[a]b", "q[a]]"] {
        let pairs = [(name.to_owned(), "x".to_owned())];
        assert!(parse_brackets(Car::SPEC, &pairs).is_err(), "{name}");
    }
}
