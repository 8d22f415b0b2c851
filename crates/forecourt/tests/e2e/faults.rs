//! A disk that is full, a database that is gone, a store from the future: said so, nothing half done, and well again after.

use std::sync::Arc;

use forecourt_store::file_in;
use forecourt_testkit::{Backend, run_sql};
use hyper::Method;
use rand::{SeedableRng as _, rngs::SmallRng};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    crash::{Ledger, Load, proof},
    support::{Answer, Cluster, Connection, LIMIT, Request, Server, Site, get, post, until, within},
};

/// Room that is left for the leads of a story about a full disk, in bytes.
const ROOM: u64 = 512 << 10;
/// What makes a store newer than this program.
const NEWER: &str = include_str!("newer.sql");

fn key(greeting: &Value) -> String {
    greeting["keys"]["altum"].as_str().expect("the demo's handle is whole").to_owned()
}

/// A lead of somebody new, under a key of its own.
fn lead(key: &str, number: usize) -> Request {
    let body = json!({
        "name": format!("Person {number}"),
        "phone": format!("+49151{number:08}"),
        "location": "berlin",
        "notes": "What somebody wrote at length. ".repeat(40),
    });
    post("/v1/leads", &body).bearer(key).idempotent(&format!("lead-{number}"))
}

/// The refusal of a server that cannot answer just now, and says when to come back.
#[track_caller]
fn check_unavailable(answer: &Answer) {
    assert_eq!((answer.status, &answer.body["code"]), (503, &json!("unavailable")), "{}", answer.body);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let seconds: u64 = answer.header("retry-after").and_then(|text| text.parse().ok()).expect("when to come back");
    assert!((1..=60).contains(&seconds), "{seconds}");
}

async fn total(server: &Server, key: &str) -> u64 {
    let leads = server.send(&get("/v1/leads?limit=1").bearer(key)).await.expect(200);
    leads["total"].as_u64().expect("a list has a total")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_what_it_cannot_keep_and_shows_what_it_has() {
    let site = Site::on(Backend::Sqlite, "full").await.expect("SQLite is always there");
    let key = key(&site.dealership().await);
    let forecourt_store::Location::Folder(folder) = &site.location else { unreachable!("it is SQLite") };
    let limit = std::fs::metadata(file_in(folder)).expect("the store is a file").len() + ROOM;

    let server = site.serve(&["--rate-limit", "0", "--size-limit", &limit.to_string()]).await;
    let mut connection = Connection::open(server.address).await.expect("the server listens");
    let mut created = Vec::new();
    let refused = loop {
        let number = created.len();
        assert!(number < 10_000, "the limit does not hold");
        let answer = connection.send(&lead(&key, number)).await.expect("an answer");
        match answer.status {
            201 => created.push(answer.body["id"].as_str().expect("a lead has an id").to_owned()),
            _ => break answer,
        }
    };
    check_unavailable(&refused);
    assert!(created.len() > 10, "only {} leads fitted in", created.len());
    let left_out = created.len();

    // What is there can be read, and nothing of what was refused is there.
    assert_eq!(total(&server, &key).await, created.len() as u64);
    let last = get(&format!("/v1/leads/{}", created[left_out - 1])).bearer(&key);
    assert_eq!(server.send(&last).await.expect(200)["name"], json!(format!("Person {}", left_out - 1)));
    let phone = get(&format!("/v1/leads?q=49151{left_out:08}")).bearer(&key);
    assert_eq!(server.send(&phone).await.expect(200)["total"], 0);
    server.send(&get("/health/live")).await.expect(200);
    server.send(&get("/health/ready")).await.expect(200);

    // Room is made by what is taken away, with nobody restarting anything.
    let mut gone = 0;
    for id in &created {
        let taken = Request::new(Method::DELETE, &format!("/v1/leads/{id}")).bearer(&key);
        let answer = connection.send(&taken).await.expect("an answer");
        assert!(matches!(answer.status, 204 | 503), "{}: {}", answer.status, answer.body);
        gone += usize::from(answer.status == 204);
        if gone == 10 {
            break;
        }
    }
    assert_eq!(gone, 10, "leads cannot be deleted when the disk is full");
    let kept = created.len() - gone + 1;
    server.send(&lead(&key, left_out)).await.expect(201);
    assert_eq!(total(&server, &key).await, kept as u64);
    server.stop().await;

    assert_eq!(site.json(&["verify"]).await, json!({"consistent": true, "findings": []}));
    let server = site.serve(&["--rate-limit", "0"]).await;
    assert_eq!(total(&server, &key).await, kept as u64);
    // The same request again is the same lead; and there is room for as many as before.
    server.send(&lead(&key, left_out)).await.expect(201);
    assert_eq!(total(&server, &key).await, kept as u64);
    for number in 1..=created.len() {
        server.send(&lead(&key, left_out + number)).await.expect(201);
    }
    assert_eq!(total(&server, &key).await, (kept + created.len()) as u64);
    server.stop().await;
    assert_eq!(site.json(&["verify"]).await["consistent"], true);
    site.finish(&["database or disk is full", "the database ended the transaction", "request put off"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_is_waited_for() {
    let Some(cluster) = Cluster::start().await else { return };
    let site = Site::at(Backend::Postgres, cluster.location());
    let key = key(&site.dealership().await);
    let server = site.serve(&["--rate-limit", "0"]).await;
    server.send(&lead(&key, 0)).await.expect(201);

    // Gone while it is served.
    cluster.stop().await;
    check_unavailable(&server.send(&lead(&key, 1)).await);
    check_unavailable(&server.send(&get("/v1/leads").bearer(&key)).await);
    check_not_ready(&server, "answer").await;
    cluster.again().await;
    server.ready().await;
    server.send(&lead(&key, 1)).await.expect(201);
    assert_eq!(total(&server, &key).await, 2);

    // Not there when the server starts.
    server.stop().await;
    cluster.stop().await;
    let server = site.start(&["serve", "--rate-limit", "0"], &[]).await;
    until("the server to be alive", async || {
        server.try_send(&get("/health/live")).await.ok().filter(|answer| answer.status == 200)
    })
    .await;
    check_not_ready(&server, "not open").await;
    check_unavailable(&server.send(&lead(&key, 2)).await);
    cluster.again().await;
    server.ready().await;
    server.send(&lead(&key, 2)).await.expect(201);
    assert_eq!(total(&server, &key).await, 3);
    server.stop().await;
    assert_eq!(site.json(&["verify"]).await, json!({"consistent": true, "findings": []}));
    let provoked =
        ["put off", "no jobs could be claimed", "a job failed", "the database cannot be reached", "deadpool"];
    site.finish(&provoked);
}

/// A database that dies takes nothing along that was acknowledged, and its return is enough for all to go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_dies_under_load_loses_nothing() {
    let Some(cluster) = Cluster::start().await else { return };
    let site = Site::at(Backend::Postgres, cluster.location());
    let greeting = site.dealership().await;
    let ledger = Arc::new(Ledger::new(&greeting));
    let server = site.serve(&["--rate-limit", "0"]).await;
    for round in 1..=3 {
        let mut connections = JoinSet::new();
        for number in 0..16 {
            let chance = SmallRng::seed_from_u64(100 * round + number);
            connections.spawn(Load::new(ledger.clone(), server.address, chance).run());
        }
        within("some leads", ledger.until_acknowledged(60 * round)).await;
        cluster.stop().await;
        while let Some(ended) = connections.join_next().await {
            ended.expect("every connection is told to come back later");
        }
        cluster.again().await;
        server.ready().await;
        ledger.recover(&server).await;
    }
    proof::settled(&site, &greeting, &ledger).await;
    server.stop().await;
    proof::check(&site, &greeting, &ledger).await;
    site.finish(&["put off", "no jobs could be claimed", "a job failed", "deadpool"]);
}

/// Alive, not ready, and it says why.
async fn check_not_ready(server: &Server, why: &str) {
    server.send(&get("/health/live")).await.expect(200);
    let ready = server.send(&get("/health/ready")).await.expect(503);
    assert_eq!(ready["status"], "not ready");
    let reason = ready["checks"]["store"].as_str().expect("a reason");
    assert!(reason.contains(why), "{reason}");
}

both! {
    async fn a_newer_store_is_left_alone(site) {
        let key = key(&site.dealership().await);
        run_sql(&site.location, NEWER).await;

        let mut server = site.start(&["serve"], &[]).await;
        until("the server to have looked at the store", async || {
            let ready = server.try_send(&get("/health/ready")).await.ok()?;
            let reason = ready.body["checks"]["store"].as_str()?;
            reason.contains("newer").then_some(())
        })
        .await;
        check_not_ready(&server, "newer than this program").await;
        for request in [lead(&key, 0), get("/v1/leads").bearer(&key), get("/docs"), get("/")] {
            check_unavailable(&server.send(&request).await);
        }
        server.tell_to_stop().await;
        assert_eq!(server.ended().await.code(), Some(1), "{}", server.log());
        assert!(server.log().contains("newer than this program"), "{}", server.log());

        for words in [&["verify"][..], &["migrate"], &["key", "list"], &["demo", "--empty"]] {
            let said = tokio::time::timeout(LIMIT, site.run(words)).await.expect("it ends").failure(1);
            assert!(said.contains("newer than this program"), "{words:?}: {said}");
        }
        site.finish(&["the store may not be served", "request put off"]);
    }
}
