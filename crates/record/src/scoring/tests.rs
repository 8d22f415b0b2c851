//! The published example, the edges of each rule, and cards that make no sense.
#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn answers(value: Value) -> Answers {
    serde_json::from_value(value).unwrap()
}

#[test]
fn scores_by_the_standard_card() {
    for (given, score_expected, band) in [
        // The example the contract publishes.
        (
            json!({"credit_score": "good", "down_payment": 2000, "has_bank": true, "id_type": "license", "trade_in": true}),
            82,
            "A",
        ),
        (
            json!({"credit_score": "excellent", "down_payment": 7500, "has_bank": true, "id_type": "passport", "trade_in": true}),
            100,
            "A",
        ),
        (
            json!({"credit_score": "excellent", "down_payment": 1e9, "has_bank": true, "id_type": "matricula", "trade_in": true}),
            100,
            "A",
        ),
        (json!({}), 0, "Reject"),
        (
            json!({"credit_score": "none", "down_payment": 0, "has_bank": false, "id_type": "none", "trade_in": false}),
            0,
            "Reject",
        ),
        (json!({"credit_score": "fair", "has_bank": true}), 35, "Reject"),
        (json!({"credit_score": "poor", "has_bank": true, "id_type": "license"}), 40, "B"),
        (json!({"credit_score": "good", "down_payment": 7500, "has_bank": true}), 70, "A"),
        // 0.5 of a point is 150 of 7,500: a half rounds up.
        (json!({"down_payment": 150}), 1, "Reject"),
        (json!({"down_payment": 149.99}), 0, "Reject"),
        (json!({"credit_score": "good", "down_payment": 7349.99, "has_bank": true}), 69, "B"),
        (json!({"credit_score": "good", "down_payment": 7350, "has_bank": true}), 70, "A"),
        (json!({"down_payment": -500}), 0, "Reject"),
    ] {
        let scored = score(&Scorecard::default(), &answers(given.clone()));
        assert_eq!((scored.score, scored.band.as_str()), (score_expected, band), "{given}");
    }
}

#[test]
fn the_breakdown_explains_each_input() {
    let scored = score(
        &Scorecard::default(),
        &answers(json!({"credit_score": "good", "down_payment": 2000, "has_bank": false})),
    );
    let lines: Vec<_> = scored
        .breakdown
        .iter()
        .map(|line| format!("{} {:?} {}/{} {}", line.input.as_str(), line.value, line.points, line.max, line.missing))
        .collect();
    assert_eq!(
        lines,
        [
            "credit_score Some(String(\"good\")) 30/30 false",
            "down_payment Some(Number(2000)) 6.67/25 false",
            "has_bank Some(Bool(false)) 0/15 false",
            "id_type None 0/15 true",
            "trade_in None 0/15 true",
        ]
    );
}

#[test]
fn says_which_single_answer_would_change_the_band() {
    for (given, expected) in [
        (
            json!({"credit_score": "fair", "down_payment": 7500, "has_bank": true}),
            vec![
                "answering credit_score with excellent gives +10 -> A",
                "answering id_type with license gives +15 -> A",
                "answering trade_in with yes gives +15 -> A",
            ],
        ),
        (
            json!({"credit_score": "good", "has_bank": true, "id_type": "license"}),
            vec!["answering down_payment with 2850 gives +9.5 -> A", "answering trade_in with yes gives +15 -> A"],
        ),
        (
            json!({"credit_score": "good", "down_payment": 2000, "has_bank": true, "id_type": "license", "trade_in": true}),
            vec![],
        ),
        (json!({}), vec![]),
        (
            json!({"credit_score": "poor", "has_bank": true}),
            vec![
                "answering credit_score with excellent gives +20 -> B",
                "answering down_payment with 4350 gives +14.5 -> B",
                "answering id_type with license gives +15 -> B",
                "answering trade_in with yes gives +15 -> B",
            ],
        ),
    ] {
        let scored = score(&Scorecard::default(), &answers(given.clone()));
        let found: Vec<String> = scored.what_would_change.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected, "{given}");
        for change in scored.what_would_change {
            assert_eq!(Scorecard::default().band(change.score).map(|(_, band)| band.name.clone()), Some(change.band));
        }
    }
}

#[test]
fn a_card_travels_as_json() {
    let card = Scorecard::default();
    let text = serde_json::to_value(&card).unwrap();
    assert_eq!(
        text["inputs"][1],
        json!({"name": "down_payment", "max": 25, "rule": {"kind": "linear", "from": 0, "to": 7500}})
    );
    assert_eq!(serde_json::from_value::<Scorecard>(text.clone()).unwrap(), card);
    assert_eq!(crate::Shape::of::<Scorecard>().check(&text), []);
    assert_eq!(card.check(), []);
}

#[test]
fn every_fault_of_a_card_is_told() {
    let card: Scorecard = serde_json::from_value(json!({
        "version": 2,
        "inputs": [
            {"name": "credit_score", "max": 30, "rule": {"kind": "choice", "points": {"good": 40, "superb": 1}}},
            {"name": "down_payment", "max": 25, "rule": {"kind": "linear", "from": -1, "to": -1}},
            {"name": "has_bank", "max": 15, "rule": {"kind": "linear", "from": 0, "to": 1}},
            {"name": "has_bank", "max": -1, "rule": {"kind": "flag"}},
        ],
        "bands": [{"name": "A", "from": 40}, {"name": "A", "from": 70}, {"name": " ", "from": 10}],
    }))
    .unwrap();
    let found: Vec<_> = card.check().into_iter().map(|error| (error.pointer, error.code)).collect();
    let found: Vec<_> = found.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect();
    assert_eq!(
        found,
        [
            ("/inputs", "not_allowed"),
            ("/inputs/0/rule/points/good", "not_allowed"),
            ("/inputs/0/rule/points/superb", "unknown_member"),
            ("/inputs/1/rule/from", "not_allowed"),
            ("/inputs/1/rule/to", "not_allowed"),
            ("/inputs/1/rule/to", "too_small"),
            ("/inputs/2/rule/kind", "not_allowed"),
            ("/inputs/3/name", "not_allowed"),
            ("/inputs/3/max", "not_allowed"),
            ("/bands/1/name", "not_allowed"),
            ("/bands/1/from", "not_allowed"),
            ("/bands/2/name", "too_short"),
            ("/bands/2/from", "not_allowed"),
        ]
    );
    let empty = Scorecard { version: 1, inputs: vec![], bands: vec![] };
    assert_eq!(empty.check().len(), 2);
    assert_eq!(score(&empty, &Answers::default()).score, 0);
}
