//! The contract, operation by operation: every one that the published document lists is called with its documented
//! example and answers the documented shape. `operations.json` is the list.

use std::collections::BTreeSet;

use forecourt_dialect_walcu::{BASE, Row, rows};
use forecourt_record::Collection;
use forecourt_testkit::{Answer, TestApp, both};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Stage, at, create, id, members, method, put, read, stage};

/// What the document says of an operation. Where it names one without details, those of the same operation elsewhere.
#[derive(Deserialize)]
struct Listed {
    method: String,
    /// Below the base: `/saleleads/{salelead_id}`.
    path: String,
    query: Vec<String>,
    headers: Vec<String>,
    answer: Shape,
    #[serde(default)]
    body: Option<Shape>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Shape {
    Array,
    Object,
}

fn listed() -> Vec<Listed> {
    serde_json::from_str(include_str!("operations.json")).expect("the list can be read")
}

/// The order in which the operations of one resource make sense.
fn turn(operation: &Listed) -> usize {
    let exported = operation.path.ends_with("/all");
    ["POST", "GET", "PATCH", "PUT", "DELETE"].iter().position(|one| *one == operation.method).unwrap_or_default() * 2
        + usize::from(exported)
}

#[test]
fn what_is_listed_is_served_and_what_is_served_is_listed() {
    let listed: BTreeSet<String> = listed().iter().map(|one| format!("{} {BASE}{}", one.method, one.path)).collect();
    let operations = forecourt_dialect_walcu::operations();
    let served: BTreeSet<String> =
        operations.describe().iter().map(|one| format!("{} {}", one.method, one.path)).collect();
    assert_eq!(listed.len(), 140);
    assert_eq!(listed, served);
}

#[test]
fn parameters_and_headers_of_the_document_are_there() {
    let document = forecourt_dialect_walcu::operations().openapi();
    for operation in listed() {
        let place = format!("{} {}", operation.method, operation.path);
        let described = &document["paths"][format!("{BASE}{}", operation.path)][operation.method.to_lowercase()];
        let parameters = described["parameters"].as_array().cloned().unwrap_or_default();
        let has = |name: &str| parameters.iter().any(|one| one["name"] == name && one["in"] == "query");
        assert!(operation.query.iter().all(|name| has(name)), "{place}: {:?}", operation.query);
        let headers = &described["responses"]["200"]["headers"];
        assert!(operation.headers.iter().all(|name| headers[name].is_object()), "{place}: {headers}");
        assert_eq!(described["requestBody"].is_object(), operation.body.is_some(), "{place}");
    }
}

/// The resource's operations one after the other, on one document made of the example.
async fn exercise(app: &TestApp, stage: &Stage, row: &'static Row) {
    let mut operations: Vec<Listed> =
        listed().into_iter().filter(|one| one.path.split('/').nth(1) == Some(row.spec.name)).collect();
    assert_eq!(operations.len(), 7, "{}", row.spec.name);
    operations.sort_by_key(turn);
    let mut made = String::new();
    for operation in operations {
        let place = format!("{} {}", operation.method, operation.path);
        let address = at(app, operation.path.trim_start_matches('/')).replace(&format!("{{{}}}", row.parameter), &made);
        let mut ask = app.ask(forecourt_testkit::As::Key, method(&operation.method), &address).await;
        ask = match operation.method.as_str() {
            "POST" | "PUT" => ask.json(&stage.body(row)),
            "PATCH" => ask.json(&forecourt_dialect_walcu::example::patch()),
            _ => ask,
        };
        let answer = ask.send().await;
        check(&operation, &answer, &place);
        if operation.method == "POST" {
            made = id(&answer.json());
        }
    }
    app.get(&at(app, &format!("{}/{made}", row.spec.name))).send().await.expect(404);
}

fn check(operation: &Listed, answer: &Answer, place: &str) {
    let body = answer.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"), "{place}");
    for name in &operation.headers {
        assert!(answer.header(name).is_some(), "{place} answers without {name}");
    }
    let one = match operation.answer {
        Shape::Array => &body[0],
        Shape::Object => &body,
    };
    assert_eq!(body.is_array(), operation.answer == Shape::Array, "{place}: {body}");
    assert!(one["_id"].is_string(), "{place}: {body}");
    if operation.path.ends_with("/all") {
        let names: Vec<&String> = members(one).map(|(name, _)| name).collect();
        for name in ["_id", "dealer_id", "status", "job_url"] {
            assert!(names.iter().any(|known| *known == name), "{place}: {body}");
        }
    }
}

both! {
    async fn every_operation_answers_as_documented(app) {
        let stage = Stage::set(app).await;
        for row in rows() {
            exercise(app, &stage, row).await;
        }
        app.pass(std::time::Duration::from_hours(25)).await;
    }

    async fn a_document_as_it_was_read_can_be_put_back(app) {
        let stage = Stage::set(app).await;
        for row in rows() {
            let name = row.spec.name;
            let made = create(app, name, stage.body(row)).await;
            let read = read(app, name, &id(&made)).await;
            assert_eq!(read["__v"], made["__v"], "{name}");
            let put = put(app, name, &id(&made), &read).await.expect(200);
            let without = |mut document: Value| {
                for member in ["updated_at", "__v"] {
                    document.as_object_mut().unwrap().shift_remove(member);
                }
                document
            };
            assert_eq!(without(put), without(read), "{name}");
        }
    }
}

#[test]
fn every_resource_has_its_rights() {
    let names: Vec<&str> = Collection::ALL.iter().map(|collection| collection.as_str()).collect();
    assert_eq!(names, rows().iter().map(|row| row.spec.name).collect::<Vec<_>>());
    assert_eq!(stage::row("sms").word, "sms");
    assert_eq!(json!(rows().len()), 20);
}
