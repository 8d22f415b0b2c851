//! Bodies: what is no JSON, what is the wrong JSON, what is too much of it.

use forecourt_testkit::{TestApp, both};
use serde_json::{Value, json};

use super::{Target, encoded, members, nasty, refused, resolve, stage, targets};

/// The JSON types that a schema takes.
fn types(target: &Target, schema: &Value) -> Vec<String> {
    let schema = resolve(&target.document, schema);
    let mut found = Vec::new();
    match &schema["type"] {
        Value::String(one) => found.push(one.clone()),
        Value::Array(some) => found.extend(some.iter().filter_map(|one| one.as_str().map(str::to_owned))),
        _ => {}
    }
    for ways in ["anyOf", "oneOf"] {
        for way in schema[ways].as_array().into_iter().flatten() {
            found.extend(types(target, way));
        }
    }
    found
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn with_body(app: &TestApp) -> impl Iterator<Item = (Target, Value)> {
    targets(app)
        .into_iter()
        .filter_map(|target| Some((target.body.clone()?, target)))
        .map(|(body, target)| (target, body))
}

both! {
    async fn what_is_no_json_is_malformed(app) {
        let before = stage(app).await;
        for (target, body) in with_body(app) {
            let whole = body.to_string();
            let mut bodies: Vec<Vec<u8>> =
                (0..whole.len()).step_by(7).map(|end| whole.as_bytes()[..end].to_vec()).collect();
            let member = body.as_object().unwrap().keys().next().unwrap();
            bodies.extend([
                b"   ".to_vec(),
                b"\0".to_vec(),
                b"{'a':1}".to_vec(),
                b"{\"a\":1,}".to_vec(),
                b"{a:1}".to_vec(),
                b"NaN".to_vec(),
                b"\xef\xbb\xbf{}".to_vec(),
                b"\xff\xfe{}".to_vec(),
                b"{\"a\":\"\xc3\x28\"}".to_vec(),
                b"{\"a\":\"\xed\xa0\x80\"}".to_vec(),
                b"{\"a\":\"\\ud800\"}".to_vec(),
                b"{\"a\":\"\\udc00\\ud800\"}".to_vec(),
                b"{\"a\":\"\\x41\"}".to_vec(),
                b"{\"a\":\"\n\"}".to_vec(),
                b"{\"a\":01}".to_vec(),
                b"{\"a\":1e400}".to_vec(),
                b"{\"a\":/* */1}".to_vec(),
                format!("{whole}{whole}").into_bytes(),
                format!("{whole},").into_bytes(),
                "[".repeat(100_000).into_bytes(),
                "{\"a\":".repeat(50_000).into_bytes(),
                format!("{{\"{member}\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes(),
                // A name said twice means one thing to one reader and another to the next.
                format!("{{\"{member}\":1,{}", &whole[1..]).into_bytes(),
            ]);
            for body in bodies {
                let what = format!("{} {}", target.name, String::from_utf8_lossy(&body[..body.len().min(200)]));
                let answer = target.ask(app, &target.address()).await.raw("application/json", body).send().await;
                assert_eq!(refused(&answer, &what), "malformed_json", "{what}");
                assert_eq!(answer.status, 400, "{what}");
            }
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn each_member_is_of_its_type(app) {
        let before = stage(app).await;
        let values = [
            json!(null),
            json!(true),
            json!(7),
            json!(-1.5),
            json!("a text"),
            json!([]),
            json!(["x"]),
            json!({}),
            json!({"a": 1}),
        ];
        for (target, body) in with_body(app) {
            for (name, schema) in members(&target.schema["properties"]) {
                let allowed = types(&target, schema);
                for value in &values {
                    let kind = type_of(value);
                    let fits = allowed.iter().any(|one| one == kind || (one == "number" && kind == "integer"));
                    if fits || allowed.is_empty() {
                        continue;
                    }
                    let mut body = body.clone();
                    body[name] = value.clone();
                    let what = format!("{} {body}", target.name);
                    let answer = target.ask(app, &target.address()).await.json(&body).send().await;
                    assert_eq!(refused(&answer, &what), "invalid", "{what}");
                    assert!(answer.pointers().contains(&format!("/{name}")), "{what}: {}", answer.json());
                }
            }
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn each_text_without_a_nul_and_of_bounded_length(app) {
        let before = stage(app).await;
        for (target, body) in with_body(app) {
            for (name, schema) in members(&target.schema["properties"]) {
                if !types(&target, schema).contains(&"string".to_owned()) {
                    continue;
                }
                let long = schema["maxLength"].as_u64().map_or(30_000, |most| (most as usize + 1).max(30_000));
                for text in ["a\u{0}b".to_owned(), "\u{0}".to_owned(), "x".repeat(long)] {
                    let mut body = body.clone();
                    body[name] = json!(text);
                    let what = format!("{} {name} with {} bytes", target.name, text.len());
                    let answer = target.ask(app, &target.address()).await.json(&body).send().await;
                    assert_eq!(refused(&answer, &what), "invalid", "{what}");
                    let mut pointers = answer.pointers();
                    pointers.dedup();
                    assert_eq!(pointers, [format!("/{name}")], "{what}");
                }
            }
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn each_number_within_its_range(app) {
        let before = stage(app).await;
        for (target, body) in with_body(app) {
            for (name, schema) in members(&target.schema["properties"]) {
                let kinds = types(&target, schema);
                if !kinds.iter().any(|kind| kind == "number" || kind == "integer") {
                    continue;
                }
                for number in [
                    "-1",
                    "1e300",
                    "-1e300",
                    "9223372036854775807",
                    "9223372036854775808",
                    "-9223372036854775809",
                    "99999999999999999999999999",
                ] {
                    let mut body = body.clone();
                    body[name] = json!("HERE");
                    let raw = body.to_string().replace("\"HERE\"", number);
                    let what = format!("{} {raw}", target.name);
                    let answer = target.ask(app, &target.address()).await.raw("application/json", raw).send().await;
                    assert_eq!(refused(&answer, &what), "invalid", "{what}");
                    assert_eq!(answer.pointers(), [format!("/{name}")], "{what}");
                }
            }
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn unknown_members_are_refused(app) {
        let before = stage(app).await;
        for (target, body) in with_body(app) {
            for name in [
                "__proto__",
                "constructor",
                "id",
                "dealer",
                "dealerId",
                "createdAt",
                "score",
                "filter",
                "$where",
                "",
                "a/b~c",
                "\u{0}",
            ] {
                let mut body = body.clone();
                body[name] = json!("x");
                let what = format!("{} {name:?}", target.name);
                let answer = target.ask(app, &target.address()).await.json(&body).send().await;
                assert_eq!(refused(&answer, &what), "invalid", "{what}");
                assert_eq!(
                    answer.json()["errors"][0]["code"]
                        .as_str()
                        .map(|code| code == "unknown_member" || code == "nul_character"),
                    Some(true),
                    "{what}"
                );
            }
            // A thousand of them are a hundred faults and no more.
            let mut body = body.clone();
            for at in 0..1000 {
                body[format!("unknown{at}")] = json!(at);
            }
            let answer = target.ask(app, &target.address()).await.json(&body).send().await;
            assert_eq!(answer.pointers().len(), 100);
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn a_body_is_json_by_its_media_type_and_not_too_large(app) {
        let before = stage(app).await;
        for (target, body) in with_body(app) {
            for media in [
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "application/xml",
                "json",
                "",
                "*/*",
            ] {
                let answer = target.ask(app, &target.address()).await.raw(media, body.to_string()).send().await;
                assert_eq!(refused(&answer, &format!("{} as {media}", target.name)), "unsupported_media_type");
                assert_eq!(answer.status, 415);
            }
            let huge = format!("{{\"notes\":\"{}\"}}", "x".repeat(target.too_large()));
            let answer = target.ask(app, &target.address()).await.raw("application/json", huge).send().await;
            assert_eq!(refused(&answer, &target.name), "too_large");
            assert_eq!(answer.status, 413);
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn nasty_texts_are_either_refused_or_kept_as_they_are(app) {
        stage(app).await;
        let mut kept = 0;
        for (at, text) in nasty().into_iter().enumerate() {
            let lead = json!({
                "name": text, "phone": format!("+1713{:07}", 2_000_000 + at), "location": "houston",
                "notes": text, "source": text,
            });
            let answer = app.post("/v1/leads").json(&lead).send().await;
            if answer.status != 201 {
                assert_eq!(refused(&answer, &text), "invalid");
                continue;
            }
            kept += 1;
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            let stored = app.get(&format!("/v1/leads/{id}")).send().await.expect(200);
            assert_eq!((&stored["notes"], &stored["source"]), (&json!(text), &json!(text)));
            let found = app.get(&format!("/v1/leads?source={}", encoded(&text))).send().await.expect(200);
            assert_eq!(found["total"], 1, "{text:?}");
        }
        assert!(kept > 40, "{kept}");
        app.work().await;
    }
}
