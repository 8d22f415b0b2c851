//! `GET /{resource}/{id}`.

use std::collections::BTreeMap;

use forecourt_crm::access::NewKey;
use forecourt_record::Right;
use forecourt_testkit::both;
use http::Method;
use serde_json::json;

use super::{at, client, create, created, id, patch, read};

both! {
    async fn one_comes_in_an_array_or_bare(app) {
        let made = create(app, "clients", client("Ana Ruiz", "+17135550101")).await;
        let address = at(app, &format!("clients/{}", id(&made)));
        for (query, expected) in [
            ("", json!([made])),
            ("?shape=array", json!([made])),
            ("?shape=object", made.clone()),
        ] {
            let answer = app.get(&format!("{address}{query}")).send().await;
            assert_eq!(answer.expect(200), expected, "{query}");
            assert_eq!(answer.header("etag"), Some("\"0\""), "{query}");
        }
        // A key may prefer the document itself; the query still decides.
        let settings = BTreeMap::from([("walcu.single".to_owned(), "object".to_owned())]);
        let new = NewKey { settings, ..NewKey::new("bare", Right::usual()) };
        let (_, key) = app.crm().key_create(&app.caller(), new).await.unwrap();
        for (query, expected) in [("", made.clone()), ("?shape=array", json!([made]))] {
            let ask = app.anonymous(Method::GET, &format!("{address}{query}")).bearer(&key);
            assert_eq!(ask.send().await.expect(200), expected, "{query}");
        }
    }

    async fn members_can_be_chosen(app) {
        let made = created(app, "tasks", json!({"description": "Call back", "custom": {"a": 1, "b": 2}})).await;
        for (project, expected) in [
            ("description", json!({"_id": made, "description": "Call back"})),
            ("description,-_id", json!({"description": "Call back"})),
            ("custom.a", json!({"_id": made, "custom": {"a": 1}})),
            ("%7B%22description%22%3A1%7D", json!({"_id": made, "description": "Call back"})),
        ] {
            let answer = app.get(&at(app, &format!("tasks/{made}?project={project}"))).send().await.expect(200);
            assert_eq!(answer, json!([expected]), "{project}");
        }
        let without = app.get(&at(app, &format!("tasks/{made}?project=-custom"))).send().await.expect(200);
        assert!(without[0]["custom"].is_null() && without[0]["description"] == "Call back", "{without}");
        let wrong = app.get(&at(app, &format!("tasks/{made}?project=descripton"))).send().await;
        assert_eq!(wrong.problem(422), "invalid");
        assert_eq!(wrong.pointers(), ["query:project"]);
        assert!(wrong.json()["detail"].as_str().unwrap().contains("description"), "{}", wrong.json());
    }

    async fn what_is_not_there_is_not_found(app) {
        let note = created(app, "notes", json!({"content": "Hello"})).await;
        for rest in [
            "notes/0193a5d2c7f0a1b2000000ff".to_owned(),
            // An id of another resource.
            format!("tasks/{note}"),
            format!("notes/{}", note.to_uppercase()),
            "notes/1".to_owned(),
            "notes/%00".to_owned(),
        ] {
            let answer = app.get(&at(app, &rest)).send().await;
            assert_eq!(answer.problem(404), "not_found", "{rest}");
        }
        assert_eq!(app.get(&at(app, "nothing")).send().await.problem(404), "not_found");
    }

    async fn the_version_rises_with_every_write(app) {
        let made = created(app, "notes", json!({"content": "One"})).await;
        for at in 1..=3 {
            let changed = patch(app, "notes", &made, json!([{"op": "replace", "path": "/content", "value": at.to_string()}]));
            let changed = changed.await;
            assert_eq!(changed.header("etag").unwrap(), format!("\"{at}\""));
            assert_eq!(changed.expect(200)["__v"], at);
        }
        assert_eq!(read(app, "notes", &made).await["content"], "3");
    }
}
