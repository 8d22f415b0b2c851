//! Copies of a whole store: taken while it is in use, consistent, and put back whole or not at all.
//!
//! SQLite: the file itself, by the online backup interface. PostgreSQL: one JSON line per row, of one snapshot.

use std::{fs::File, path::Path, time::Duration};

use forecourt_record::{Error, Result};
use rusqlite::{Connection, OpenFlags, backup::Backup};
use serde::Serialize;

use crate::{Engine, Location, Options, Store, dump, file_in, postgres::Postgres, sqlite};

/// What a backup or a restore came to.
#[derive(Clone, Debug, Serialize)]
pub struct BackupReport {
    pub backend: &'static str,
    pub bytes: u64,
}

impl Store {
    /// Writes a consistent copy of the store to `file`, which must not exist yet. `options` are those it was opened with.
    ///
    /// Errors: `Internal` when the file exists; `Unavailable` when it cannot be written.
    pub async fn backup(&self, options: &Options, file: &Path) -> Result<BackupReport> {
        if file.exists() {
            return Err(Error::internal(format!("{} exists already", file.display())));
        }
        match (&self.engine, &options.location) {
            (Engine::Sqlite(_), Location::Folder(folder)) => {
                let (source, target) = (file_in(folder), file.to_owned());
                blocking(move || copy(&source, &target)).await?;
            }
            (Engine::Postgres(postgres), Location::Url(_)) => dump::write(postgres, file).await?,
            (Engine::Sqlite(_), Location::Url(_)) | (Engine::Postgres(_), Location::Folder(_)) => {
                return Err(Error::internal("the store and its options differ"));
            }
        }
        Ok(BackupReport { backend: self.backend(), bytes: size(file)? })
    }
}

/// Puts a backup back into an empty place: a folder without a store, or a database without rows.
///
/// Errors: `Internal` when the place is not empty, or the file is no whole backup of this kind of store; then nothing
/// is put back.
pub async fn restore(options: &Options, file: &Path) -> Result<BackupReport> {
    let bytes = size(file)?;
    let backend = match &options.location {
        Location::Folder(folder) => {
            let (source, target) = (file.to_owned(), file_in(folder));
            // A write-ahead log without its store would be taken for the restored one's.
            let log = target.with_extension("db-wal");
            if target.exists() || log.exists() {
                return Err(Error::internal(format!("{} holds a store already", folder.display())));
            }
            std::fs::create_dir_all(folder).map_err(io)?;
            blocking(move || copy(&source, &target)).await?;
            "sqlite"
        }
        Location::Url(url) => {
            let postgres = Postgres::open(url, options).await?;
            let loaded = dump::read(&postgres, file).await;
            postgres.close().await;
            loaded?;
            "postgresql"
        }
    };
    Ok(BackupReport { backend, bytes })
}

fn size(file: &Path) -> Result<u64> {
    Ok(std::fs::metadata(file).map_err(|error| Error::unavailable(format!("{}: {error}", file.display())))?.len())
}

async fn blocking(work: impl FnOnce() -> Result<()> + Send + 'static) -> Result<()> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

pub fn io(error: std::io::Error) -> Error {
    Error::unavailable(error)
}

/// Writes a file under a name of its own first, so that a broken-off one is never taken for a whole one. What `write`
/// makes is durable before it gets its name.
fn copy(source: &Path, target: &Path) -> Result<()> {
    let partial = partial(target)?;
    if let Err(error) = copy_to(source, &partial) {
        let _ = std::fs::remove_file(&partial);
        return Err(error);
    }
    settle(&partial, target)
}

/// Where a file is written until it is whole. What an earlier attempt left there is taken away.
pub fn partial(target: &Path) -> Result<std::path::PathBuf> {
    let mut name = target.as_os_str().to_owned();
    name.push(".partial");
    let partial = std::path::PathBuf::from(name);
    match std::fs::remove_file(&partial) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io(error)),
        _ => Ok(partial),
    }
}

/// Gives a whole file its name, once it would survive a loss of power.
pub fn settle(partial: &Path, target: &Path) -> Result<()> {
    File::open(partial).and_then(|file| file.sync_all()).map_err(io)?;
    std::fs::rename(partial, target).map_err(io)?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)
}

fn copy_to(source: &Path, target: &Path) -> Result<()> {
    let from = Connection::open_with_flags(source, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(sqlite::failure)?;
    let mut to = Connection::open(target).map_err(sqlite::failure)?;
    {
        let backup = Backup::new(&from, &mut to).map_err(sqlite::failure)?;
        // All pages in one step: one instant, and a busy writer cannot make it begin again.
        backup.run_to_completion(i32::MAX, Duration::from_millis(10), None).map_err(sqlite::failure)?;
    }
    let verdict: String = to.pragma_query_value(None, "integrity_check", |row| row.get(0)).map_err(sqlite::failure)?;
    if verdict != "ok" {
        return Err(Error::internal(format!("the copy is broken: {verdict}")));
    }
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name IN ('dealers', 'refinery_schema_history')";
    let tables: i64 = to.query_row(sql, [], |row| row.get(0)).map_err(sqlite::failure)?;
    if tables != 2 {
        return Err(Error::internal("this is not a SQLite store"));
    }
    // One file that can be read anywhere; the store takes its log up again when it is opened.
    to.pragma_update(None, "journal_mode", "DELETE").map_err(sqlite::failure)?;
    to.close().map_err(|(_, error)| sqlite::failure(error))
}
