//! Opening: an older store is brought up to date after a copy was taken, a newer or foreign one is refused.

use forecourt_query::Filter;
use forecourt_record::{Car, Client, Note, Notification, Result, WhatsappSession};
use forecourt_store::{Location, Store, file_in};
use serde_json::{Value, json};

use crate::support::*;

both!(
    a_store_is_opened_again_as_it_was,
    a_newer_store_is_refused,
    a_store_with_another_history_is_refused,
    many_servers_may_start_at_once,
    a_start_that_is_broken_off_leaves_nothing,
    what_a_migration_asks_for_is_filled_once,
    a_store_of_the_first_version_is_brought_up_to_date,
);

async fn open(bench: &Bench) -> Result<()> {
    let store = Store::open(&bench.options).await?;
    store.close().await;
    Ok(())
}

async fn a_store_is_opened_again_as_it_was(bench: Bench) {
    let (there, _folder) = bench.elsewhere().await;
    let client = client(&["Ana"], &[], &[]);
    there.insert(&client).await.unwrap();
    there.store.close().await;
    let again = Bench { store: Store::open(&there.options).await.unwrap(), ..there };
    assert_eq!(again.get(client.id).await.unwrap().doc, client.doc);
    again.store.close().await;
}

async fn a_newer_store_is_refused(bench: Bench) {
    let (there, _folder) = bench.elsewhere().await;
    there.store.close().await;
    let insert = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) \
         VALUES (999, 'future', '2030-01-01T00:00:00Z', '1')";
    there.raw().await.run(insert).await;
    let error = open(&there).await.unwrap_err();
    assert_eq!(error.code.as_str(), "internal");
    assert!(error.inside.unwrap().contains("at version 999, newer than this program's"));
    there.raw().await.run("DELETE FROM refinery_schema_history WHERE version = 999").await;
    open(&there).await.unwrap();
}

async fn a_store_with_another_history_is_refused(bench: Bench) {
    let (there, _folder) = bench.elsewhere().await;
    there.store.close().await;
    there.raw().await.run("UPDATE refinery_schema_history SET checksum = '1' WHERE version = 1").await;
    assert_eq!(code(open(&there).await), "internal");
    // Tables without a record of how they came to be.
    there.raw().await.run("DELETE FROM refinery_schema_history").await;
    assert_eq!(code(open(&there).await), "internal");
}

async fn many_servers_may_start_at_once(bench: Bench) {
    let (options, _folder) = bench.empty_place().await;
    if bench.is_sqlite() {
        // A file has one server.
        return;
    }
    let results = at_once(0..4, |_| {
        let there = Bench { options: options.clone(), ..bench.clone() };
        async move { open(&there).await }
    });
    for result in results.await {
        result.unwrap();
    }
}

async fn a_start_that_is_broken_off_leaves_nothing(bench: Bench) {
    let (options, _folder) = bench.empty_place().await;
    let there = Bench { options, ..bench };
    // The tables can be made, but not the record of them.
    let history = "CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY CHECK (version < 0), \
         name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255))";
    there.raw().await.run(history).await;
    assert_eq!(code(open(&there).await), "internal");
    there
        .raw()
        .await
        .run("CREATE TABLE dealers (id TEXT); DROP TABLE dealers; DROP TABLE refinery_schema_history")
        .await;
    open(&there).await.unwrap();
}

async fn what_a_migration_asks_for_is_filled_once(bench: Bench) {
    let (there, _folder) = bench.elsewhere().await;
    let mut kept = note("Called José");
    kept.doc.notification = Some(Notification { done: Some(true), notify_at: Some(NOW), ..Notification::default() });
    there.insert(&kept).await.unwrap();
    // As a store of an older program has it: no such column, words or tally yet.
    let raw = there.raw().await;
    for sql in [
        "UPDATE notes SET done = NULL, notify_at = 1",
        "DELETE FROM tallies WHERE kind = 'notes'",
        if there.is_sqlite() { "DELETE FROM notes_text" } else { "UPDATE notes SET words = ''" },
    ] {
        raw.run(sql).await;
    }
    assert!(!there.verify().await.is_empty());
    there.store.close().await;
    let ask = format!("INSERT INTO counters (dealer_id, name, value) VALUES ('{}', 'refill:notes', 0)", there.dealer);
    raw.run(&ask).await;
    let again = Bench { store: Store::open(&there.options).await.unwrap(), ..there };
    assert_eq!(again.verify().await, []);
    assert_eq!(again.ids::<Note>(Filter::eq("done", forecourt_query::Value::Flag(true))).await, [kept.id]);
    assert_eq!(again.ids::<Note>(Filter::Text(vec!["jose".into()])).await, [kept.id]);
    assert_eq!(raw.texts("SELECT name FROM counters WHERE name LIKE 'refill:%'").await, [""; 0]);
    again.store.close().await;
}

mod sqlite_files {
    refinery::embed_migrations!("migrations/sqlite");
}

mod postgres_files {
    refinery::embed_migrations!("migrations/postgres");
}

/// Makes the tables as the first version had them.
async fn first_version(there: &Bench) -> Raw {
    let mut raw = there.raw().await;
    let first = refinery::Target::Version(1);
    match &mut raw {
        Raw::Sqlite(connection) => {
            sqlite_files::migrations::runner().set_target(first).run(connection).unwrap();
        }
        Raw::Postgres(client) => {
            postgres_files::migrations::runner().set_target(first).run_async(client).await.unwrap();
        }
    }
    raw
}

async fn a_store_of_the_first_version_is_brought_up_to_date(bench: Bench) {
    let (options, _folder) = bench.empty_place().await;
    let there = Bench { options, ..bench };
    let raw = first_version(&there).await;
    let dealer = there.dealer;
    let (client, note, session, car) = (id::<Client>(), id::<Note>(), id::<WhatsappSession>(), id::<Car>());
    let members = |id: String, own: Value| {
        let mut doc = json!({"_id": id, "dealer_id": dealer, "created_at": NOW, "updated_at": NOW, "__v": 0});
        doc.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        doc
    };
    let (words, none) = if there.is_sqlite() { ("", "") } else { (", words", ", ''") };
    for (table, id, own, extra, words) in [
        (
            "clients",
            client.to_string(),
            json!({"contacts_phones": ["+17135550100"]}),
            json!({"sort_name": ""}),
            (words, none),
        ),
        (
            "cars",
            car.to_string(),
            json!({"make": "Audi", "model": "A4", "custom": {"listing": {"driveType": "all", "gears": "many"}}}),
            json!({"number": 1}),
            (words, none),
        ),
        ("notes", note.to_string(), json!({"content": "Likes teal", "client_id": client}), json!(null), ("", "")),
        ("whatsappsessions", session.to_string(), json!({"made_at": NOW, "location": "berlin"}), json!({}), ("", "")),
    ] {
        let (doc, now) = (members(id.clone(), own), NOW.millis());
        // What is computed of the last two was nothing, and written so.
        let computed = if ["clients", "cars"].contains(&table) { "{}" } else { "null" };
        let insert = format!(
            "INSERT INTO {table} (dealer_id, id, version, created_at, updated_at, doc, extra, computed{}) \
             VALUES ('{dealer}', '{id}', 0, {now}, {now}, '{doc}', '{extra}', '{computed}'{})",
            words.0, words.1
        );
        raw.run(&insert).await;
    }
    let again = Bench { store: Store::open(&there.options).await.unwrap(), ..there };
    assert_eq!(again.verify().await, []);
    assert_eq!(again.get(note).await.unwrap().doc.content.as_deref(), Some("Likes teal"));
    assert_eq!(again.ids::<Note>(Filter::Text(vec!["teal".into()])).await, [note]);
    assert_eq!(again.ids::<Client>(Filter::Text(vec!["+17135550100".into()])).await, [client]);
    assert_eq!(again.ids::<WhatsappSession>(Filter::eq("location", "berlin")).await, [session]);
    assert_eq!(again.count::<WhatsappSession>(Filter::all()).await, 1);
    // What came to be known of cars since is known of this one.
    assert_eq!(again.ids::<Car>(Filter::eq("make_id", 190)).await, [car]);
    let offered = again.get(car).await.unwrap();
    let name = offered.extra.selling_id.unwrap();
    assert_eq!(again.ids::<Car>(Filter::eq("selling_id", name.as_str())).await, [car]);
    assert_eq!((&offered.extra.listing["driveType"], offered.extra.number), (&json!("all"), 1));
    assert_eq!(raw.texts("SELECT selling_id FROM selling_ids").await, [name]);
    again.store.close().await;
}

/// What a file may hold when a first start was broken off.
#[test]
fn a_broken_off_first_start_is_begun_again() {
    on_sqlite(|bench| async move {
        for begun in [
            None,
            Some(
                "CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY, name VARCHAR(255), \
             applied_on VARCHAR(255), checksum VARCHAR(255))",
            ),
        ] {
            let (options, folder) = bench.empty_place().await;
            let folder = folder.unwrap();
            std::fs::write(file_in(folder.path()), "").unwrap();
            let there = Bench { options, ..bench.clone() };
            if let Some(begun) = begun {
                there.raw().await.run(begun).await;
            }
            open(&there).await.unwrap();
            assert!(!folder.path().join("forecourt.before-1.db").exists());
        }
    });
}

#[test]
fn a_copy_is_taken_of_an_older_file_that_holds_data() {
    on_sqlite(|bench| async move {
        let (options, folder) = bench.empty_place().await;
        let folder = folder.unwrap();
        let older = Bench { options, ..bench };
        older.raw().await.run("CREATE TABLE old (name TEXT); INSERT INTO old VALUES ('kept')").await;
        open(&older).await.unwrap();
        let copy = folder.path().join("forecourt.before-1.db");
        let copied = rusqlite::Connection::open(copy).unwrap();
        let kept: String = copied.query_row("SELECT name FROM old", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, "kept");
        assert_eq!(older.raw().await.texts("SELECT name FROM old").await, ["kept"]);
    });
}

#[test]
fn what_is_no_store_is_refused() {
    on_sqlite(|bench| async move {
        let (options, folder) = bench.empty_place().await;
        let folder = folder.unwrap();
        std::fs::write(file_in(folder.path()), "no database, but longer than a header of one would be".repeat(100))
            .unwrap();
        let there = Bench { options, ..bench.clone() };
        assert_eq!(code(open(&there).await), "internal");
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let options = options_of(Location::Folder(file.join("folder")));
        assert_eq!(code(open(&Bench { options, ..bench }).await), "unavailable");
    });
}

fn options_of(location: Location) -> forecourt_store::Options {
    crate::support::options(location)
}
