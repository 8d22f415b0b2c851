//! Every column of `GET /v3/vehicle`: filtered with every comparison, ordered both ways, and what is wrong named.

use forecourt_record::{
    catalogue::{make_id, model_id},
    listing::{FILTERED, Filtered, Form, MEMBERS},
    spec::Type,
};
use forecourt_testkit::{TestApp, both};
use serde_json::{Map, Value, json};

use crate::autengo::{add, list, shown};

/// What a vehicle L and a vehicle H have in a column, as a parameter says it.
fn values(column: &Filtered) -> [String; 2] {
    let form = MEMBERS.iter().find(|member| member.name == column.name).map(|member| member.form);
    let pair = |low: &str, high: &str| [low.to_owned(), high.to_owned()];
    match (column.name, form) {
        // A minute lies between one vehicle and the next.
        ("created" | "updated", _) => pair("2026-11-21 18:00:00", "2026-11-21 18:02:00"),
        ("makeId", _) => [make_id("Audi"), make_id("Ford")].map(|id| id.to_string()),
        ("modelId", _) => [model_id("Audi", "A4"), model_id("Ford", "Focus")].map(|id| id.to_string()),
        ("makeName", _) => pair("Audi", "Ford"),
        ("modelName", _) => pair("A4", "Focus"),
        ("vehicleState", _) => pair("incoming", "sold"),
        ("constructionDate", _) => pair("2016-03", "2017-11"),
        (_, Some(Form::Word(words))) => {
            let mut words = words.to_vec();
            words.sort_unstable();
            pair(words[0], words[1])
        }
        (_, Some(Form::Code(_))) => pair("1", "2"),
        (_, Some(Form::Flag)) => pair("false", "true"),
        (_, Some(Form::Date)) => pair("2019-01-01", "2020-01-01"),
        (_, Some(Form::Number)) | ("price", _) => pair("1.5", "20"),
        _ => pair("\u{c9}cole a", "Zebra b"),
    }
}

/// The same as a document says it.
fn said(column: &Filtered, text: &str) -> Value {
    match column.kind {
        Type::Flag => json!(text == "true"),
        Type::Int | Type::Hundredths => serde_json::from_str(text).unwrap(),
        _ => json!(text),
    }
}

/// L, then N, of which as little as possible is known, then H.
async fn three(app: &TestApp) {
    for (at, name) in ["L", "N", "H"].iter().enumerate() {
        let mut listing = Map::new();
        for column in
            FILTERED.iter().filter(|column| !["created", "updated", "makeId", "modelId"].contains(&column.name))
        {
            if *name != "N" {
                listing.insert(column.name.to_owned(), said(column, &values(column)[at / 2]));
            }
        }
        let mut car = json!({"custom": {"listing": listing}});
        if *name != "N" {
            let [make, model] = if *name == "L" { ["Audi", "A4"] } else { ["Ford", "Focus"] };
            (car["make"], car["model"]) = (json!(make), json!(model));
        }
        add(app, name, car).await;
        app.clock.advance(std::time::Duration::from_mins(1));
    }
}

/// Where L, N and H stand in a column; N nowhere, where it has no value.
fn places(column: &Filtered) -> [(&'static str, Option<i64>); 3] {
    let [low, high] = values(column);
    let is_turned = column.kind == Type::Int && low.parse::<i64>().unwrap() > high.parse().unwrap();
    let (l, h) = if is_turned { (3, 1) } else { (1, 3) };
    // Every vehicle has a state and was entered some time.
    let n = ["created", "updated", "vehicleState"].contains(&column.name).then_some(2);
    [("L", Some(l)), ("N", n), ("H", Some(h))]
}

fn holds(sign: &str, place: Option<i64>, wanted: i64) -> bool {
    match sign {
        "" | "=|" => place == Some(wanted),
        "<>|" => place != Some(wanted),
        "<|" => place.is_some_and(|place| place < wanted),
        "<=|" => place.is_some_and(|place| place <= wanted),
        ">|" => place.is_some_and(|place| place > wanted),
        _ => place.is_some_and(|place| place >= wanted),
    }
}

fn names(mut names: Vec<&str>) -> String {
    names.sort_unstable();
    names.join(" ")
}

#[test]
fn there_are_39_columns() {
    assert_eq!(FILTERED.len(), 39);
}

both! {
    async fn every_column_filters_with_every_comparison(app) {
        three(app).await;
        for column in FILTERED {
            let places = places(column);
            for (value, wanted) in values(column).iter().zip([places[0].1, places[2].1]) {
                for sign in ["", "=|", "<>|", "<|", "<=|", ">|", ">=|"] {
                    let passing = places.iter().filter(|(_, place)| holds(sign, *place, wanted.unwrap()));
                    let expected = names(passing.map(|(name, _)| *name).collect());
                    for block in ["and", "or"] {
                        let query = format!("{block}[{}]={sign}{value}", column.name);
                        let page = list(app, &query).await.expect(200);
                        let shown = shown(&page);
                        assert_eq!(names(shown.split_whitespace().collect()), expected, "{query}");
                        assert_eq!(page["total"], expected.split_whitespace().count(), "{query}");
                    }
                }
            }
        }
    }

    async fn every_column_orders_both_ways(app) {
        three(app).await;
        for column in FILTERED {
            let mut places = places(column).to_vec();
            places.sort_by_key(|(_, place)| *place);
            for direction in ["asc", "desc"] {
                let expected: Vec<&str> = places.iter().map(|(name, _)| *name).collect();
                let query = format!("order[field]={}&order[dir]={direction}", column.name);
                assert_eq!(shown(&list(app, &query).await.expect(200)), expected.join(" "), "{query}");
                places.reverse();
            }
        }
    }

    async fn what_no_column_can_hold_is_refused_by_name(app) {
        for column in FILTERED {
            let name = column.name;
            let mut wrong = vec![format!("~|{}", values(column)[0]), "=>|1".to_owned()];
            let is_any_text = matches!(column.kind, Type::Text | Type::Folded)
                && MEMBERS.iter().find(|member| member.name == name).is_none_or(|member| member.form == Form::Text);
            if !is_any_text {
                wrong.extend(["no such thing".to_owned(), String::new(), ">|no such thing".to_owned()]);
            }
            for value in wrong {
                for block in ["and", "or"] {
                    let answer = list(app, &format!("{block}[{name}]={value}")).await;
                    assert_eq!(answer.problem(400), "malformed_query", "{name} {value}");
                    assert_eq!(answer.pointers(), [format!("query:{block}[{name}]")], "{value}");
                }
            }
            let answer = list(app, &format!("and[{name}][a][b]=1")).await;
            assert_eq!((answer.problem(400).as_str(), answer.pointers()), ("malformed_query", vec![format!("query:and[{name}]")]));
        }
    }
}
