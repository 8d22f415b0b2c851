//! Brings a store up to date, and refuses one that is newer or has another history.

use std::path::Path;

use forecourt_record::{Error, Result};
use refinery::{Migration, Runner};
use rusqlite::Connection;
use tracing::info;

mod sqlite_files {
    refinery::embed_migrations!("migrations/sqlite");
}

mod postgres_files {
    refinery::embed_migrations!("migrations/postgres");
}

fn careful(runner: Runner) -> Runner {
    // A migration we do not know was made by a newer program; one that differs, by another history. All of them are one
    // transaction with the record of them: a start that is broken off leaves what was there before.
    runner.set_abort_missing(true).set_abort_divergent(true).set_grouped(true)
}

fn refused(error: &refinery::Error) -> Error {
    Error::internal(format!("the store was not brought up to date: {error}"))
}

fn newest(runner: &Runner) -> refinery::SchemaVersion {
    runner.get_migrations().iter().map(Migration::version).max().unwrap_or(0)
}

/// The version this program writes on PostgreSQL.
pub fn postgres_version() -> refinery::SchemaVersion {
    newest(&postgres_files::migrations::runner())
}

/// Migrates a SQLite file; one that holds data is copied beside itself first.
pub fn sqlite(file: &Path) -> Result<()> {
    let mut connection = Connection::open(file).map_err(crate::sqlite::failure)?;
    connection.busy_timeout(std::time::Duration::from_secs(30)).map_err(crate::sqlite::failure)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(crate::sqlite::failure)?;
    let runner = careful(sqlite_files::migrations::runner());
    let newest = newest(&runner);
    let tables = |condition: &str| {
        let sql = format!("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND {condition}");
        connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).map_err(crate::sqlite::failure)
    };
    let has_history = tables("name = 'refinery_schema_history'")? > 0;
    let has_data = tables("name <> 'refinery_schema_history'")? > 0;
    let applied = if has_history {
        runner.get_last_applied_migration(&mut connection).map_err(|error| refused(&error))?
    } else {
        None
    };
    let version = applied.map_or(0, |migration| migration.version());
    if version > newest {
        return Err(newer(version, newest));
    }
    if has_data && version < newest {
        snapshot(&connection, file, version)?;
    }
    // Run even when nothing is to be applied: it also compares the histories.
    runner.run(&mut connection).map_err(|error| refused(&error))?;
    info!(version = newest, "the store is up to date");
    Ok(())
}

fn newer(version: refinery::SchemaVersion, newest: refinery::SchemaVersion) -> Error {
    Error::internal(format!("the store is at version {version}, newer than this program's {newest}"))
}

fn snapshot(connection: &Connection, file: &Path, version: refinery::SchemaVersion) -> Result<()> {
    let copy = file.with_extension(format!("before-{}.db", version + 1));
    if copy.exists() {
        std::fs::remove_file(&copy).map_err(Error::unavailable)?;
    }
    let target = copy.to_string_lossy().into_owned();
    connection.execute("VACUUM INTO ?1", [&target]).map_err(crate::sqlite::failure)?;
    info!(file = target, "a snapshot was taken before migrating");
    Ok(())
}

/// Migrates a PostgreSQL database; one server at a time.
pub async fn postgres(client: &mut deadpool_postgres::Object) -> Result<()> {
    /// Waiting for another server, and changing large tables, may take longer than a question.
    const NO_LIMIT: &str = "SET statement_timeout = 0";
    /// Any number will do as long as nobody else uses it: "FORE" in ASCII.
    const LOCK: &str = "SELECT pg_advisory_lock(1179603525)";
    const END: &str = "SELECT pg_advisory_unlock(1179603525); RESET statement_timeout";
    let failure = |error: tokio_postgres::Error| crate::postgres::failure(&error);
    client.batch_execute(NO_LIMIT).await.map_err(failure)?;
    client.batch_execute(LOCK).await.map_err(failure)?;
    let result = run(client).await;
    client.batch_execute(END).await.map_err(failure)?;
    result
}

async fn run(client: &mut tokio_postgres::Client) -> Result<()> {
    const HISTORY: &str = "SELECT to_regclass('refinery_schema_history') IS NOT NULL";
    let failure = |error: tokio_postgres::Error| crate::postgres::failure(&error);
    let runner = careful(postgres_files::migrations::runner());
    let newest = newest(&runner);
    let has_history: bool = client.query_one(HISTORY, &[]).await.and_then(|row| row.try_get(0)).map_err(failure)?;
    if has_history {
        let applied = runner.get_last_applied_migration_async(client).await.map_err(|error| refused(&error))?;
        match applied.map_or(0, |migration| migration.version()) {
            version if version > newest => return Err(newer(version, newest)),
            _ => {}
        }
    }
    runner.run_async(client).await.map(drop).map_err(|error| refused(&error))
}
