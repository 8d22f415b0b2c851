//! Every member of every published example goes in and comes out again; what no document has is refused with a hint.

use forecourt_dialect_walcu::rows;
use forecourt_record::Instant;
use forecourt_testkit::both;
use serde_json::{Value, json};

use super::{Stage, at, create, id, members, read};

/// Everything in `sent` that `answered` does not show, by pointer. Instants may be written in another way, and the server
/// may add members and elements.
fn missing(sent: &Value, answered: &Value, pointer: &str, found: &mut Vec<String>) {
    match (sent, answered) {
        (Value::Object(_), Value::Object(there)) => {
            for (name, value) in members(sent) {
                let answered = there.get(name).unwrap_or(&Value::Null);
                missing(value, answered, &format!("{pointer}/{name}"), found);
            }
        }
        (Value::Array(items), Value::Array(there)) => {
            for (at, item) in items.iter().enumerate() {
                let here = format!("{pointer}/{at}");
                missing(item, there.get(at).unwrap_or(&Value::Null), &here, found);
            }
        }
        (sent, answered) if sent == answered || same_instant(sent, answered) => {}
        (sent, answered) => found.push(format!("{pointer}: {sent} became {answered}")),
    }
}

fn same_instant(sent: &Value, answered: &Value) -> bool {
    let instant = |value: &Value| serde_json::from_value::<Instant>(value.clone()).ok();
    answered.is_string() && instant(sent).is_some_and(|sent| instant(answered) == Some(sent))
}

both! {
    async fn every_member_of_every_example_comes_back(app) {
        let stage = Stage::set(app).await;
        for row in rows() {
            let (name, body) = (row.spec.name, stage.body(row));
            let made = create(app, name, body.clone()).await;
            let stored = read(app, name, &id(&made)).await;
            let mut lost = Vec::new();
            missing(&body, &stored, "", &mut lost);
            // Who wrote last is kept by the server.
            lost.retain(|lost| !lost.starts_with("/updated_by: "));
            assert_eq!(lost, Vec::<String>::new(), "{name}: {stored}");
            assert_eq!(made, stored, "{name}");
            assert_eq!((&stored["dealer_id"], &stored["__v"]), (&json!(app.dealer), &json!(0)), "{name}");
            assert_eq!(stored["created_at"], "2026-11-21T18:00:00.000Z", "{name}");
        }
    }

    async fn a_member_that_no_document_has_is_refused_with_the_nearest_that_is(app) {
        let before = app.snapshot().await;
        for row in rows() {
            let name = row.spec.name;
            for (member, near) in [("custum", "custom"), ("foreign_idz", "foreign_ids"), ("created_att", "created_at")] {
                let answer = app.post(&at(app, name)).json(&json!({member: "x"})).send().await;
                assert_eq!(answer.problem(422), "invalid", "{name}");
                assert_eq!(answer.pointers(), [format!("/{member}")], "{name}");
                let said = answer.json()["errors"][0]["detail"].as_str().unwrap().to_owned();
                assert!(said.contains(near), "{name}: {said}");
            }
        }
        assert_eq!(app.snapshot().await, before);
    }
}
