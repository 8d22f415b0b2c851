//! `forecourt backup`, `restore` and `verify`.

use std::{fmt::Debug, sync::Arc};

use forecourt_query::Filter;
use forecourt_record::{
    ApiKey, Car, Client, Dealer, Document, Id, Instant, Location, Note, SaleLead, SaleLeadExtra, ScorecardVersion,
    Task, User, WhatsappMessage, WhatsappSession,
};
use forecourt_store::file_in;
use rand::{SeedableRng as _, rngs::SmallRng};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    crash::{Ledger, Load},
    support::{Site, Underneath, get, within},
};

/// How many documents there are of each kind, and how many events.
async fn counts(site: &Site, greeting: &Value) -> impl Debug + PartialEq {
    let store = Underneath::open(&site.location, greeting).await;
    macro_rules! count {
        ($($kind:ty),*) => { vec![$((stringify!($kind), store.count::<$kind>(Filter::all()).await)),*] };
    }
    let mut counts = count![
        Dealer,
        Location,
        User,
        ApiKey,
        ScorecardVersion,
        Client,
        SaleLead,
        Car,
        Note,
        Task,
        WhatsappMessage,
        WhatsappSession
    ];
    counts.push(("events", store.events().await.len() as i64));
    store.close().await;
    counts
}

fn clean() -> Value {
    json!({"consistent": true, "findings": []})
}

both! {
    async fn a_copy_made_under_load_is_whole(site) {
        let greeting = site.dealership().await;
        let server = site.serve(&["--rate-limit", "0"]).await;
        let ledger = Arc::new(Ledger::new(&greeting));
        let mut connections = JoinSet::new();
        for number in 0..8 {
            connections.spawn(Load::new(ledger.clone(), server.address, SmallRng::seed_from_u64(number)).run());
        }
        within("some leads", ledger.until_acknowledged(100)).await;
        let promised: Vec<String> = ledger.entries().leads.iter().filter_map(|lead| lead.id.clone()).collect();
        let file = site.folder.path().join("under-load");
        let report = site.json(&["backup", file.to_str().expect("a path of letters")]).await;
        assert_eq!(report["bytes"].as_u64(), Some(std::fs::metadata(&file).expect("it is there").len()));
        let enough = ledger.acknowledged() + 20;
        within("the load to go on", ledger.until_acknowledged(enough)).await;
        connections.shutdown().await;
        server.stop().await;

        let there = Site::on(site.backend, "restored_from_load").await.expect("there is a place");
        let restored = there.json(&["restore", file.to_str().expect("a path of letters")]).await;
        assert_eq!(restored, report);
        assert_eq!(there.json(&["verify"]).await, clean());
        let key = greeting["keys"]["altum"].as_str().expect("a key");
        let server = there.serve(&["--rate-limit", "0"]).await;
        for id in promised {
            server.send(&get(&format!("/v1/leads/{id}")).bearer(key)).await.expect(200);
        }
        server.stop().await;
        there.finish(&[]);

        // With nobody at work, the copy is the same to the last event.
        let file = site.folder.path().join("at-rest");
        let file = file.to_str().expect("a path of letters");
        site.json(&["backup", file]).await;
        let there = Site::on(site.backend, "restored_at_rest").await.expect("there is a place");
        there.json(&["restore", file]).await;
        assert_eq!(counts(&there, &greeting).await, counts(site, &greeting).await);
        assert_eq!(there.json(&["verify"]).await, clean());
        site.finish(&[]);
    }

    async fn nothing_is_overwritten(site) {
        site.dealership().await;
        let file = site.folder.path().join("backup");
        let file = file.to_str().expect("a path of letters");
        site.json(&["backup", file]).await;
        let said = site.run(&["backup", file]).await.failure(1);
        assert!(said.contains("exists already"), "{said}");
        site.run(&["restore", file]).await.failure(1);
        assert_eq!(site.json(&["verify"]).await, clean());

        // What is no backup leaves the place as empty as it was.
        let there = Site::on(site.backend, "nothing_overwritten").await.expect("there is a place");
        let broken = site.folder.path().join("broken");
        let whole = std::fs::read(file).expect("it is there");
        for part in [&b"no backup"[..], &whole[..whole.len() / 2]] {
            std::fs::write(&broken, part).expect("it can be written");
            there.run(&["restore", broken.to_str().expect("a path of letters")]).await.failure(1);
        }
        there.run(&["restore", "/nowhere/backup"]).await.failure(1);
        there.json(&["restore", file]).await;
        assert_eq!(there.json(&["verify"]).await, clean());
    }

    async fn damage_is_found(site) {
        let greeting = site.dealership().await;
        let store = Underneath::open(&site.location, &greeting).await;
        // A lead out of nowhere: it has no event of its arrival, and its client does not exist.
        let doc = SaleLead { client_id: Some(Id::from_bytes([7; 12])), ..SaleLead::default() };
        store.plant(Document::new(Id::from_bytes([8; 12]), Instant::EPOCH, doc, SaleLeadExtra::default())).await;
        store.close().await;

        let said = site.run(&["verify", "--json"]).await;
        let answer: Value = serde_json::from_str(&said.output).expect("it is JSON");
        assert_eq!((said.code, &answer["consistent"]), (Some(1), &json!(false)), "{}", said.errors);
        let problems: Vec<&str> =
            answer["findings"].as_array().expect("a list").iter().filter_map(|one| one["problem"].as_str()).collect();
        for expected in ["names a missing clients", "has no event of its arrival"] {
            assert!(problems.iter().any(|problem| problem.contains(expected)), "{expected}: {problems:?}");
        }
        assert!(said.errors.contains("not consistent"), "{}", said.errors);
    }
}

/// Bytes that the disk has changed are found, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_is_found() {
    let site = Site::on(forecourt_testkit::Backend::Sqlite, "damaged_file").await.expect("SQLite is always there");
    site.dealership().await;
    let forecourt_store::Location::Folder(folder) = &site.location else { unreachable!("it is SQLite") };
    let mut bytes = std::fs::read(file_in(folder)).expect("the store is a file");
    // The first pages say what the file holds; what they lead to is spoilt.
    let rest = bytes.len() / 2;
    bytes[rest..].iter_mut().step_by(97).for_each(|byte| *byte ^= 0x55);
    std::fs::write(file_in(folder), bytes).expect("it can be written");
    site.run(&["verify"]).await.failure(1);
}
