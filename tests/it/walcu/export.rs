//! `GET /{resource}/all`.

use forecourt_crm::access::NewKey;
use forecourt_record::{Collection, Right};
use forecourt_testkit::{As, TestApp, both};
use http::Method;
use serde_json::{Value, json};

use super::{at, created};

/// An export, once it is finished; the address of its job too.
async fn finished(app: &TestApp, query: &str) -> (Value, String) {
    let answer = app.get(&at(app, &format!("notes/all{query}"))).send().await.expect(200);
    let address = answer[0]["job_url"].as_str().expect("a job has an address").to_owned();
    let path = format!("/{}", address.splitn(4, '/').nth(3).unwrap());
    for _ in 0..2000 {
        app.work().await;
        let job = app.get(&path).send().await.expect(200);
        if job["status"] == "success" || job["status"] == "error" {
            return (job, path);
        }
        tokio::task::yield_now().await;
    }
    panic!("the export did not end");
}

fn path_of(url: &Value) -> String {
    format!("/{}", url.as_str().unwrap().splitn(4, '/').nth(3).unwrap())
}

both! {
    async fn an_export_is_a_job_whose_result_is_fetched(app) {
        for at in 0..3 {
            created(app, "notes", json!({"content": format!("Note {at}")})).await;
        }
        for (query, format) in [("", "json"), ("?format=ndjson", "ndjson"), ("?format=csv", "csv")] {
            let (job, _) = finished(app, query).await;
            assert_eq!(job["status"], "success", "{job}");
            assert_eq!((&job["progress"]["done"], &job["result"]["rows"]), (&json!(3), &json!(3)), "{job}");
            assert_eq!(job["result"]["format"], format, "{job}");
            let result = app.get(&path_of(&job["result"]["url"])).send().await;
            result.expect(200);
            let text = String::from_utf8(result.bytes.clone()).unwrap();
            assert_eq!(text.matches("Note ").count(), 3, "{text}");
            assert_eq!(job["result"]["bytes"], text.len(), "{job}");
        }
    }

    async fn a_job_is_its_owners(app) {
        created(app, "notes", json!({"content": "Mine"})).await;
        let (_, path) = finished(app, "").await;
        assert_eq!(app.ask(As::Stranger, Method::GET, &path).await.send().await.problem(404), "not_found");
        let new = NewKey::new("another", vec![Right::Read(Collection::Notes)]);
        let (_, key) = app.crm().key_create(&app.caller(), new).await.unwrap();
        assert_eq!(app.anonymous(Method::GET, &path).bearer(&key).send().await.problem(404), "not_found");
        assert_eq!(app.anonymous(Method::GET, &path).send().await.problem(401), "unauthenticated");
        app.delete(&path).send().await.expect(204);
        app.get(&path).send().await.expect(404);
    }
}
