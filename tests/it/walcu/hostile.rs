//! Hostile input to the one implementation behind all resources: always a problem, never a fault of ours, and the store
//! as it was.

use forecourt_testkit::{As, both};
use http::Method;
use serde_json::{Value, json};

use super::{at, created, each, encoded, id, list, patch, read};
use crate::hostile::{nasty, no_fault, refused};

both! {
    async fn an_id_that_is_none_is_not_found(app) {
        created(app, "notes", json!({})).await;
        let before = app.snapshot().await;
        let texts: Vec<String> = nasty().iter().map(|text| encoded(text)).collect();
        for id in texts.iter().map(String::as_str).chain(["%00", "%ff", "%", "%2e%2e", "0193A5D2C7F0A1B200000001", "*"]) {
            for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
                let what = format!("{method} {id}");
                let body = if method == Method::PATCH { json!([]) } else { json!({}) };
                let mut ask = app.ask(As::Key, method.clone(), &at(app, &format!("notes/{id}"))).await;
                if method != Method::GET && method != Method::DELETE {
                    ask = ask.json(&body);
                }
                let code = refused(&ask.send().await, &what);
                assert!(code == "not_found" || code == "method_not_allowed", "{what}: {code}");
            }
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn no_value_of_any_parameter_is_a_fault_of_ours(app) {
        created(app, "saleleads", json!({"status": {"status": "new"}})).await;
        let before = app.snapshot().await;
        let texts: Vec<String> = nasty().iter().map(|text| encoded(text)).collect();
        let values: Vec<&str> = texts.iter().map(String::as_str).chain(["%00", "%", "%zz", "%ff", "%26a%3D1"]).collect();
        for name in
            ["q", "q[status]", "q[$or][0][status.status]", "search", "skip", "limit", "sort", "project", "group_by", "count", "after", "explain", "shape"]
        {
            for value in &values {
                let address = at(app, &format!("saleleads?{}={value}", encoded(name)));
                no_fault(&app.get(&address).send().await, &address);
            }
            let address = at(app, &format!("saleleads?{}x=1", encoded(name)));
            let answer = app.get(&address).send().await;
            refused(&answer, &address);
            assert!(answer.status == 400 || name.starts_with("q["), "{address}");
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn bodies_that_are_none_are_refused(app) {
        let note = created(app, "notes", json!({})).await;
        let before = app.snapshot().await;
        let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
        let wide = json!({"file_ids": vec!["x"; 300_000]}).to_string();
        let many = Value::Object((0..1000).map(|at| (format!("unknown{at}"), json!(at))).collect()).to_string();
        for (body, statuses) in [
            ("", &[400][..]),
            ("{", &[400]),
            ("null", &[422]),
            ("7", &[422]),
            ("\"text\"", &[422]),
            ("{\"content\":\"a\",\"content\":\"b\"}", &[400]),
            ("{\"content\":\"a\\u0000b\"}", &[422]),
            ("{\"__proto__\":1}", &[422]),
            ("{\"_id\":{\"$oid\":\"x\"}}", &[422]),
            ("[[]]", &[422]),
            (deep.as_str(), &[400, 413]),
            (wide.as_str(), &[413]),
            (many.as_str(), &[422]),
        ] {
            for (method, rest) in [(Method::POST, "notes".to_owned()), (Method::PUT, format!("notes/{note}"))] {
                let shown: String = body.chars().take(60).collect();
                let ask = app.ask(As::Key, method.clone(), &at(app, &rest)).await;
                let answer = ask.raw("application/json", body).send().await;
                refused(&answer, &format!("{method} {shown}"));
                assert!(statuses.contains(&answer.status.as_u16()), "{method} {shown}: {}", answer.status);
            }
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn nasty_texts_are_either_refused_or_kept_as_they_are(app) {
        let mut kept = 0;
        for text in nasty() {
            let answer = app.post(&at(app, "notes")).json(&json!({"content": text, "custom": {"any": text}})).send().await;
            if answer.status != 200 {
                assert_eq!(refused(&answer, &text), "invalid");
                continue;
            }
            kept += 1;
            let made = id(&answer.json());
            let stored = read(app, "notes", &made).await;
            assert_eq!((&stored["content"], &stored["custom"]["any"]), (&json!(text), &json!(text)));
            let query = format!("q={}", encoded(&json!({"content": text}).to_string()));
            let found = list(app, "notes", &query).await;
            assert_eq!(each(&found, "/_id"), [made], "{text:?}");
        }
        assert!(kept > 40, "{kept}");
    }

    async fn patches_without_end_are_refused(app) {
        let note = created(app, "notes", json!({"custom": {"a": "x".repeat(1000)}})).await;
        let before = app.snapshot().await;
        let doubling: Vec<Value> = (0..40).map(|at| json!({"op": "copy", "from": "/custom", "path": format!("/custom/{at}")})).collect();
        let many = vec![json!({"op": "test", "path": "/custom/a", "value": "y"}); 1001];
        let deep = format!("/custom/{}", "a/".repeat(2000));
        for steps in [json!(doubling), json!(many), json!([{"op": "add", "path": deep, "value": 1}])] {
            let answer = patch(app, "notes", &note, steps).await;
            refused(&answer, "a patch");
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn a_question_that_cannot_be_read_names_the_place(app) {
        let deep = format!("{}{{\"status.status\":\"new\"}}{}", "{\"$and\":[".repeat(60), "]}".repeat(60));
        let wide = json!({"status.status": {"$in": (0..5_000).collect::<Vec<_>>()}}).to_string();
        let before = app.snapshot().await;
        for (name, value, place) in [
            ("q", "{", "query:q"),
            ("q", "[]", "query:q"),
            ("q", r#"{"stats.status":"new"}"#, "query:q/stats"),
            ("q", r#"{"status.status":{"$where":"sleep(1000)"}}"#, "query:q/status.status/$where"),
            ("q", r#"{"$or":[]}"#, "query:q/$or"),
            ("q", r#"{"$or":[{"inquiry":{"$regex":"("}}]}"#, "query:q/$or/0/inquiry/$regex"),
            ("q", r#"{"inquiry":{"$regex":"(?=a)b"}}"#, "query:q/inquiry/$regex"),
            ("q", r#"{"created_at":{"$gt":"yesterday"}}"#, "query:q/created_at/$gt"),
            ("q", &deep, "query:q"),
            ("q", &wide, "query:q"),
            ("search", "status:", "query:search"),
            ("search", "nothing:here", "query:search"),
            ("search", "(new OR", "query:search"),
            ("search", "created:2026-02-30", "query:search"),
            ("sort", "nothing", "query:sort"),
            ("sort", "-", "query:sort"),
            ("project", "status.nothing", "query:project"),
            ("project", "status,-inquiry", "query:project"),
            ("group_by", "{", "query:group_by"),
            ("group_by", r#"{"a":"nothing"}"#, "query:group_by"),
            ("group_by", r#"{"a":{"$sum":"inquiry"}}"#, "query:group_by"),
        ] {
            let address = at(app, &format!("saleleads?{name}={}", encoded(value)));
            let answer = app.get(&address).send().await;
            assert_eq!(refused(&answer, &address), "invalid", "{name}={value}");
            let places = answer.pointers();
            assert!(places.iter().any(|found| found.starts_with(place)), "{name}={value}: {places:?}");
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn no_question_reaches_another_dealer(app) {
        const SECRET: &str = "Zanzibar";
        let own = created(app, "saleleads", json!({"inquiry": "Ours", "status": {"status": "new"}})).await;
        let theirs = app.ask(As::Stranger, Method::POST, &format!("/dealers/{}/saleleads", app.stranger)).await;
        let theirs = id(&theirs.json(&json!({"inquiry": SECRET, "status": {"status": "new"}})).send().await.expect(200));
        let stranger = app.stranger.to_string();
        for (name, value) in [
            ("q", json!({"_id": theirs}).to_string()),
            ("q", json!({"dealer_id": stranger}).to_string()),
            ("q", json!({"dealer_id": {"$ne": app.dealer}}).to_string()),
            ("q", json!({"dealer_id": {"$exists": true}}).to_string()),
            ("q", json!({"$or": [{"_id": theirs}, {"dealer_id": stranger}, {"inquiry": SECRET}]}).to_string()),
            ("q", json!({"$nor": [{"_id": own}]}).to_string()),
            ("q", json!({"inquiry": {"$regex": ".*"}}).to_string()),
            ("q", json!({"_id": {"$nin": [own]}}).to_string()),
            ("search", SECRET.to_owned()),
            ("search", format!("{SECRET} OR ours")),
            ("search", "-ours".to_owned()),
            ("sort", "dealer_id".to_owned()),
            ("group_by", json!({"dealer": "dealer_id"}).to_string()),
            ("group_by", json!({"said": "inquiry"}).to_string()),
            ("after", theirs.clone()),
        ] {
            let address = at(app, &format!("saleleads?{name}={}&count=true", encoded(&value)));
            let answer = app.get(&address).send().await;
            no_fault(&answer, &address);
            let text = String::from_utf8_lossy(&answer.bytes).into_owned();
            let tells = |secret: &str| text.contains(secret) && !value.contains(secret);
            assert!(!tells(SECRET) && !tells(&theirs) && !tells(&stranger), "{name}={value}: {text}");
            let found = answer.json().as_array().cloned().unwrap_or_default();
            assert!(found.len() <= 1, "{name}={value}: {text}");
            assert!(each(&found, "/_id").iter().all(|id| *id != theirs), "{name}={value}: {text}");
            let total = answer.header("mapp-total").map_or(0, |total| total.parse().expect("a number"));
            assert!(total <= 1, "{name}={value}: {total}");
        }
    }
}
