//! Long work, killed half way: an export ends with the right bytes, an import with each row once.

use std::{fmt::Write as _, path::Path};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{Answer, Request, Server, Site, get, until};

const DYING: &str = "dying here, as FORECOURT_CRASH_AT asks";

/// A file of so many rows; every tenth cannot be taken in.
fn file(path: &Path, rows: usize) {
    let mut text = "Name,Phone,Source,Shoe size\n".to_owned();
    for row in 0..rows {
        let phone = if row % 10 == 9 { "12".to_owned() } else { format!("+1713555{row:04}") };
        let _ = writeln!(text, "Person {row},{phone},file,43");
    }
    std::fs::write(path, text).unwrap();
}

async fn leads(site: &Site, key: &str) -> i64 {
    let server = site.serve(&[]).await;
    let page = server.send(&get("/v1/leads?limit=1").bearer(key)).await.expect(200);
    server.stop().await;
    page["total"].as_i64().unwrap()
}

both! {
    async fn an_import_goes_on_where_it_was_killed(site) {
        let greeting = site.dealership().await;
        let key = greeting["keys"]["altum"].as_str().unwrap();
        let path = site.folder.path().join("leads.csv");
        let errors = site.folder.path().join("leads.csv.errors.csv");
        let name = path.to_str().unwrap();
        file(&path, 400);

        let rehearsed = site.json(&["import", name, "--dry-run"]).await;
        assert_eq!((&rehearsed["created"], &rehearsed["failed"]), (&Value::from(360), &Value::from(40)), "{rehearsed}");
        assert_eq!(leads(site, key).await, 0, "nothing is kept of a rehearsal");

        let mut dying = site.command(&["import", name]);
        dying.env("FORECOURT_CRASH_AT", "mid-import");
        let died = dying.output().await.unwrap();
        assert!(!died.status.success());
        let half = leads(site, key).await;
        assert!((1..360).contains(&half), "{half} leads came in before it died");

        let done = site.json(&["import", name]).await;
        let counts = ["rows", "imported", "repeated", "failed"].map(|count| done[count].as_i64().unwrap());
        assert_eq!(counts, [400, 360, 0, 40], "{done}");
        assert_eq!(leads(site, key).await, 360);
        let said = std::fs::read_to_string(&errors).unwrap();
        assert_eq!(said.lines().count(), 41);
        assert!(said.lines().nth(1).unwrap().starts_with("11,phone: "), "{said}");

        let again = site.run(&["import", name]).await.failure(1);
        assert!(again.contains("imported already"), "{again}");
        let id = done["id"].as_str().unwrap();
        let listed = site.json(&["import", "list"]).await;
        assert_eq!((listed[0]["id"].as_str(), listed.as_array().unwrap().len()), (Some(id), 1));
        let shown = site.json(&["import", "show", id]).await;
        assert_eq!(shown["failed"].as_array().unwrap().len(), 40);

        let undone = site.json(&["import", "undo", id]).await;
        assert_eq!((&undone["taken_back"], &undone["kept"]), (&Value::from(360), &Value::from(0)));
        assert_eq!(leads(site, key).await, 0);
        assert!(site.json(&["verify"]).await["consistent"].as_bool().unwrap());
        site.finish(&[]);
    }

    async fn an_export_is_finished_by_whoever_comes_after_a_kill(site) {
        let greeting = site.dealership().await;
        site.json(&["seed", "--leads", "300"]).await;
        let asking = Asking {
            key: greeting["keys"]["walcu"].as_str().unwrap().to_owned(),
            dealer: greeting["dealer_id"].as_str().unwrap().to_owned(),
        };
        for point in ["mid-export", "after-export-written"] {
            let mut server = site.start(&["serve"], &[("FORECOURT_CRASH_AT", point)]).await;
            server.ready().await;
            let begun = server.send(&asking.get("saleleads/all?format=ndjson")).await.expect(200);
            let job = begun[0]["_id"].as_str().unwrap().to_owned();
            server.ended().await;

            let server = site.serve(&[]).await;
            let done = until("the export to be finished", async || {
                let job = server.send(&asking.get(&format!("jobs/{job}"))).await.expect(200);
                (job["status"] == "success").then_some(job)
            })
            .await;
            check(&server, &asking, &job, &done).await;
            server.stop().await;
        }
        site.finish(&[DYING]);
    }
}

struct Asking {
    key: String,
    dealer: String,
}

impl Asking {
    fn get(&self, path: &str) -> Request {
        get(&format!("/dealers/{}/{path}", self.dealer)).bearer(&self.key)
    }
}

/// The result is whole, is what its digest says, and can be had in parts.
async fn check(server: &Server, asking: &Asking, job: &str, done: &Value) {
    let result = &done["result"];
    let path = format!("jobs/{job}/result");
    assert!(result["url"].as_str().unwrap().ends_with(&path), "{done}");
    let whole = text(server.send(&asking.get(&path)).await, 200);
    assert_eq!(result["rows"].as_u64().unwrap() as usize, whole.lines().count(), "{done}");
    assert_eq!(result["bytes"].as_u64().unwrap() as usize, whole.len(), "{done}");
    assert_eq!(whole.lines().count(), 300);
    let digest: String = Sha256::digest(whole.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    assert_eq!(result["sha256"].as_str().unwrap(), digest);
    let part = text(server.send(&asking.get(&path).header("range", "bytes=100-299")).await, 206);
    assert_eq!(part, whole[100..300]);
    let nobody = server.send(&get(&format!("/dealers/{}/{path}", asking.dealer))).await;
    assert_eq!(nobody.status, 401);
}

fn text(answer: Answer, status: u16) -> String {
    match answer.expect(status) {
        Value::String(text) => text,
        other => panic!("not lines: {other}"),
    }
}
