//! Backups: taken while the store is in use, whole or not there, and put back into an empty place only.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use forecourt_query::Filter;
use forecourt_record::{CredentialKind, Note, Result, SaleLead};
use forecourt_store::{ConsentRow, NewJob, Options, Store, restore};
use serde_json::json;
use tempfile::TempDir;

use crate::support::*;

both!(
    a_backup_under_way_of_writing_is_one_instant,
    a_restored_store_is_the_same,
    a_store_is_never_restored_over_another,
    a_broken_backup_is_not_restored,
    a_backup_never_replaces_a_file,
);

async fn restored(bench: &Bench, file: &Path) -> (Bench, Option<TempDir>) {
    let (options, folder) = bench.empty_place().await;
    let report = restore(&options, file).await.unwrap();
    assert_eq!((report.backend, report.bytes), (bench.store.backend(), std::fs::metadata(file).unwrap().len()));
    (Bench { store: Store::open(&options).await.unwrap(), options, dealer: bench.dealer }, folder)
}

async fn pair(bench: &Bench, number: i64) {
    let leads = [number, number + 1].map(|number| Lead { number, status: Some("new"), ..Lead::default() }.document());
    let act = bench.write(leads, |leads, tx| {
        Box::pin(async move {
            for lead in leads {
                tx.insert(lead).await?;
                tx.event(arrival(lead.id)).await?;
            }
            Ok(())
        })
    });
    act.await.unwrap();
}

async fn a_backup_under_way_of_writing_is_one_instant(bench: Bench) {
    let (there, _folder) = bench.elsewhere().await;
    pair(&there, 1).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (there, stop) = (there.clone(), stop.clone());
        async move {
            let mut number = 3;
            while !stop.load(SeqCst) {
                pair(&there, number).await;
                number += 2;
            }
        }
    });
    let files = TempDir::new().unwrap();
    for at in 0..3 {
        let file = files.path().join(format!("{at}.backup"));
        there.store.backup(&there.options, &file).await.unwrap();
        let (copy, _copy_folder) = restored(&there, &file).await;
        let count = copy.count_by_scan::<SaleLead>(Filter::all()).await;
        assert!(count >= 2 && count % 2 == 0, "{count}");
        assert_eq!(copy.verify().await, []);
        assert_eq!(copy.store.verify(NOW).await.unwrap(), []);
        copy.store.close().await;
    }
    stop.store(true, SeqCst);
    writing.await.unwrap();
    there.store.close().await;
}

/// Everything of every table, but for what SQLite keeps to itself.
async fn contents(bench: &Bench) -> Vec<String> {
    let raw = bench.raw().await;
    let mut rows = Vec::new();
    for (table, columns) in [
        ("saleleads", "id || version || CAST(doc AS TEXT) || CAST(extra AS TEXT) || status"),
        ("clients", "id || CAST(doc AS TEXT)"),
        ("notes", "id || CAST(doc AS TEXT) || CAST(extra AS TEXT) || CAST(computed AS TEXT)"),
        ("keys", "dealer_id || kind || field || value || id"),
        ("events", "sequence || name || CAST(data AS TEXT)"),
        ("jobs", "number || name || due_at || attempts || claims"),
        ("dead_jobs", "number || failure"),
        ("tallies", "kind || dimension || bucket || slot || n || m1"),
        ("counters", "name || value"),
        ("agents", "user_id || open_leads"),
        ("credentials", "hash || kind"),
        ("logins", "email || user_id"),
        ("requests", "request_key || CAST(outcome AS TEXT)"),
        ("inbound", "number || body"),
        ("suppressions", "address || reason"),
        ("consents", "number || channel || address || at || entry || hash"),
    ] {
        let found = raw.texts(&format!("SELECT {columns} AS one FROM {table} ORDER BY one")).await;
        assert!(!found.is_empty(), "{table} is not tried");
        rows.extend(found);
    }
    rows
}

async fn fill(bench: &Bench) -> Result<()> {
    pair(bench, 1).await;
    let ana = client(&["José García"], &["+17135550100"], &[]);
    bench.insert(&ana).await?;
    // Of a kind with nothing beside its published tree: that is a null, which is not nothing.
    bench.insert(&note("Called")).await?;
    let act = bench.write(ana.id, |ana, tx| {
        Box::pin(async move {
            for at in 0..3 {
                tx.enqueue(NewJob {
                    name: "test@1",
                    payload: json!({"ü": at}),
                    due_at: NOW,
                    priority: 0,
                    dedupe: None,
                })
                .await?;
            }
            tx.key_claim("clients", "phone", "+17135550100", *ana).await?;
            tx.number("lead", 1).await?;
            tx.agent_count(id(), 1, true).await?;
            tx.credential_add("hash", CredentialKind::ApiKey, id(), None).await?;
            tx.login_claim("ana@example.com", id()).await?;
            tx.request_begin("key", "print", Duration::from_mins(1)).await?;
            tx.request_end("key", &json!({"n": 1.0})).await?;
            tx.inbound_store("dialog360", "{\"a\":\n1}").await?;
            let (channel, address) = ("whatsapp".to_owned(), "+17135550100".to_owned());
            let (entry, hash) = ("{ \"kept\":  1.0}".to_owned(), "0".to_owned());
            tx.consents_put(ConsentRow { number: 1, channel, address, at: NOW, entry, hash }).await?;
            tx.suppress("whatsapp", "+17135550100", "STOP").await
        })
    });
    act.await?;
    let job = bench.store.jobs_claim(NOW, Duration::from_secs(9), 1, None).await?.remove(0);
    bench.write(job, |job, tx| Box::pin(tx.job_dead(job, "gave up"))).await
}

async fn a_restored_store_is_the_same(bench: Bench) {
    let (there, _folder) = bench.elsewhere().await;
    fill(&there).await.unwrap();
    let files = TempDir::new().unwrap();
    let file = files.path().join("backup");
    let report = there.store.backup(&there.options, &file).await.unwrap();
    assert_eq!((report.backend, report.bytes), (there.store.backend(), std::fs::metadata(&file).unwrap().len()));
    let (copy, _copy_folder) = restored(&there, &file).await;
    assert_eq!(contents(&copy).await, contents(&there).await);
    assert_eq!(copy.verify().await, []);

    // It goes on from there: no number is given twice, and what is searched is found.
    let numbers = |bench: Bench| async move {
        let act = bench.write((), |(), tx| {
            Box::pin(async move { Ok((tx.inbound_store("dialog360", "x").await?, tx.number("lead", 1).await?)) })
        });
        act.await.unwrap()
    };
    let (inbound, number) = numbers(copy.clone()).await;
    assert!(inbound > 1 && number > 1, "{inbound} {number}");
    pair(&copy, 3).await;
    let text = Filter::Text(vec!["garcia".into()]);
    assert_eq!(copy.ids::<forecourt_record::Client>(text).await.len(), 1);
    assert_eq!(copy.verify().await, []);
    copy.store.close().await;
    there.store.close().await;
}

async fn a_store_is_never_restored_over_another(bench: Bench) {
    let (there, _folder) = bench.elsewhere().await;
    there.insert(&note("kept")).await.unwrap();
    let files = TempDir::new().unwrap();
    let file = files.path().join("backup");
    there.store.backup(&there.options, &file).await.unwrap();
    assert_eq!(code(restore(&there.options, &file).await), "internal");
    assert_eq!(there.count::<Note>(Filter::all()).await, 1);
    there.store.close().await;
    assert_eq!(code(restore(&there.options, &file).await), "internal");
    if let forecourt_store::Location::Folder(folder) = bench.empty_place().await.0.location {
        // A log that is left of another store would be taken for the restored one's.
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("forecourt.db-wal"), "left").unwrap();
        let options = Options { location: forecourt_store::Location::Folder(folder.clone()), ..there.options };
        assert_eq!(code(restore(&options, &file).await), "internal");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

async fn a_broken_backup_is_not_restored(bench: Bench) {
    let (there, _folder) = bench.elsewhere().await;
    fill(&there).await.unwrap();
    let files = TempDir::new().unwrap();
    let whole = files.path().join("backup");
    there.store.backup(&there.options, &whole).await.unwrap();
    there.store.close().await;
    let bytes = std::fs::read(&whole).unwrap();
    let lines = String::from_utf8_lossy(&bytes).lines().count();
    let (options, _empty) = bench.empty_place().await;
    let broken_off = if bench.is_sqlite() {
        vec![bytes[..bytes.len() / 2].to_vec()]
    } else {
        // At the end of any line, or within one.
        let upto = |count: usize| {
            String::from_utf8_lossy(&bytes).lines().take(count).collect::<Vec<_>>().join("\n").into_bytes()
        };
        vec![upto(1), upto(lines / 2), upto(lines - 1), bytes[..bytes.len() / 2].to_vec()]
    };
    for (at, bytes) in broken_off.into_iter().chain([b"".to_vec(), b"{\"a\": 1}\n".to_vec()]).enumerate() {
        let file = files.path().join(at.to_string());
        std::fs::write(&file, bytes).unwrap();
        assert_eq!(code(restore(&options, &file).await), "internal", "{at}");
    }
    assert_eq!(code(restore(&options, &files.path().join("missing")).await), "unavailable");
    // Nothing of them is there, so the place is still empty.
    restore(&options, &whole).await.unwrap();
}

async fn a_backup_never_replaces_a_file(bench: Bench) {
    let files = TempDir::new().unwrap();
    let file = files.path().join("backup");
    std::fs::write(&file, "kept").unwrap();
    assert_eq!(code(bench.store.backup(&bench.options, &file).await), "internal");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "kept");
    let nowhere = files.path().join("missing/backup");
    assert_eq!(code(bench.store.backup(&bench.options, &nowhere).await), "unavailable");
    assert_eq!(std::fs::read_dir(files.path()).unwrap().count(), 1);
}
