//! Whose documents a credential reaches: a key's dealers, the rows a role sees, what a right covers.

use forecourt_crm::access::NewKey;
use forecourt_record::{Collection, Right, Role};
use forecourt_testkit::{As, TestApp, both};
use http::Method;
use serde_json::json;

use super::{at, create, created, each, id};

async fn key(app: &TestApp, rights: &[Right], dealers: Vec<forecourt_record::DealerId>) -> String {
    let new = NewKey { dealers, ..NewKey::new("some", rights.to_vec()) };
    app.crm().key_create(&app.caller(), new).await.unwrap().1
}

both! {
    async fn another_dealer_is_not_found_known_or_not(app) {
        let note = created(app, "notes", json!({"content": "Hidden"})).await;
        let key = key(app, &Right::usual(), Vec::new()).await;
        let ask = async |dealer: &str, rest: &str| {
            let answer = app.anonymous(Method::GET, &format!("/dealers/{dealer}/{rest}")).bearer(&key).send().await;
            assert_eq!(answer.problem(404), "not_found", "{dealer}/{rest}");
            let mut body = answer.json();
            body.as_object_mut().unwrap().remove("request_id");
            body
        };
        let stranger = app.stranger.to_string();
        let known = ask(&stranger, "notes").await;
        for unknown in ["0193a5d2c7f0a1b2000000ff", "nobody", "%00", "%ff", "..%2f"] {
            assert_eq!(ask(unknown, "notes").await, known, "{unknown}");
        }
        ask(&stranger, &format!("notes/{note}")).await;
        // Not even that the key may not do it there is said.
        let answer = app.anonymous(Method::POST, &format!("/dealers/{stranger}/notes")).bearer(&key).json(&json!({})).send().await;
        assert_eq!(answer.problem(404), "not_found");
        let nobody = app.anonymous(Method::GET, &format!("/dealers/{stranger}/notes")).send().await;
        assert_eq!(nobody.problem(401), "unauthenticated");
    }

    async fn a_key_of_a_group_works_for_each_of_its_dealers(app) {
        let key = key(app, &Right::usual(), vec![app.stranger]).await;
        let mut made = Vec::new();
        for dealer in [app.dealer, app.stranger] {
            let address = format!("/dealers/{dealer}/notes");
            let note = app.anonymous(Method::POST, &address).bearer(&key).json(&json!({"content": "Mine"})).send().await;
            let note = note.expect(200);
            assert_eq!(note["dealer_id"], json!(dealer));
            made.push(id(&note));
        }
        for (dealer, own, other) in [(app.dealer, 0, 1), (app.stranger, 1, 0)] {
            let ask = async |rest: String| app.anonymous(Method::GET, &format!("/dealers/{dealer}/{rest}")).bearer(&key).send().await;
            let list = ask("notes".to_owned()).await.expect(200);
            assert_eq!(each(list.as_array().unwrap(), "/_id"), [made[own].clone()]);
            ask(format!("notes/{}", made[other])).await.expect(404);
        }
    }

    async fn each_act_takes_its_right(app) {
        let notes = Collection::Notes;
        let note = created(app, "notes", json!({"content": "One"})).await;
        let one = format!("notes/{note}");
        let calls = [
            (Right::Read(notes), Method::GET, "notes".to_owned(), None),
            (Right::Read(notes), Method::GET, one.clone(), None),
            (Right::Write(notes), Method::POST, "notes".to_owned(), Some(json!({}))),
            (Right::Write(notes), Method::PUT, one.clone(), Some(json!({}))),
            (Right::Write(notes), Method::PATCH, one.clone(), Some(json!([]))),
            (Right::Delete(notes), Method::DELETE, one, None),
        ];
        for right in [Right::Read(notes), Right::Write(notes), Right::Delete(notes), Right::Read(Collection::Tasks), Right::LeadRead] {
            let key = key(app, &[right], Vec::new()).await;
            for (wanted, method, rest, body) in &calls {
                let mut ask = app.anonymous(method.clone(), &at(app, rest)).bearer(&key);
                if let Some(body) = body {
                    ask = ask.json(body);
                }
                let answer = ask.send().await;
                if right == *wanted {
                    answer.expect(200);
                } else {
                    assert_eq!(answer.problem(403), "forbidden", "{right} {method} {rest}");
                }
            }
        }
    }

    async fn bdc_and_sales_see_what_is_at_their_locations(app) {
        let mut seen = Vec::new();
        for (location, is_seen) in [(Some("houston"), true), (Some("berlin"), false), (None, false)] {
            let mut lead = json!({"status": {"status": "new"}});
            if let Some(location) = location {
                lead["location"] = json!(location);
            }
            let lead = create(app, "saleleads", lead).await;
            let note = created(app, "notes", json!({"lead_id": id(&lead), "lead_type": "salelead"})).await;
            seen.push((id(&lead), note, is_seen));
        }
        let loose = created(app, "notes", json!({"content": "Of the whole house"})).await;
        for role in [Role::Bdc, Role::Manager] {
            let ask = async |rest: &str| app.ask(As::Role(role), Method::GET, &at(app, rest)).await.send().await;
            let leads = ask("saleleads?count=true").await;
            let notes = ask("notes?count=true").await;
            let expected = |pick: fn(&(String, String, bool)) -> &String| -> Vec<String> {
                seen.iter().filter(|one| one.2 || role == Role::Manager).map(|one| pick(one).clone()).collect()
            };
            let (visible_leads, mut visible_notes) = (expected(|one| &one.0), expected(|one| &one.1));
            visible_notes.push(loose.clone());
            assert_eq!(each(leads.expect(200).as_array().unwrap(), "/_id"), visible_leads, "{role:?}");
            assert_eq!(leads.header("mapp-total").unwrap(), visible_leads.len().to_string());
            assert_eq!(each(notes.expect(200).as_array().unwrap(), "/_id"), visible_notes, "{role:?}");
            assert_eq!(notes.header("mapp-total").unwrap(), visible_notes.len().to_string());
            for (lead, note, is_seen) in &seen {
                let status = if *is_seen || role == Role::Manager { 200 } else { 404 };
                ask(&format!("saleleads/{lead}")).await.expect(status);
                ask(&format!("notes/{note}")).await.expect(status);
            }
        }
    }
}
