//! Work in bulk: an export of everything and an import of a file, each beside the bare way of doing it.

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::child::Server;
use crate::export::{Export, Exported};
use crate::stats::Summary;
use crate::subject::{Store, Subject};
use crate::{Result, clock, database, person};

/// Rows of one imported file.
pub const ROWS: u64 = 5_000;

/// Both sides of a work in bulk, round by round.
#[derive(Default)]
pub struct Sides {
    pub ours: Vec<Summary>,
    pub bare: Vec<Summary>,
}

/// So many units a second: a work in bulk is one request, which takes as long as it takes.
fn rate(units: f64, took: Duration) -> Summary {
    let ms = took.as_secs_f64() * 1e3;
    Summary { requests: 1, per_second: units / took.as_secs_f64().max(1e-9), p50_ms: ms, p99_ms: ms }
}

/// Exports all sale leads, and pipes the same texts from the same store to a file, in turn. MB (10^6 bytes) a second;
/// and the most resident memory of the server above what it had before, in MB.
pub async fn export(
    subject: &Subject,
    server: &Server,
    leads: u64,
    scratch: &Path,
    rounds: usize,
) -> Result<(Sides, f64)> {
    let (mut sides, mut above) = (Sides::default(), 0.0_f64);
    for _ in 0..rounds {
        let before = server.memory()?.resident_mb;
        let export = Export::begin(server.address, &subject.access, "").await?;
        let Exported { rows, bytes, took, most_mb, .. } = export.done(Some(server)).await?;
        export.forget().await?;
        if rows != leads {
            return Err(format!("{rows} of {leads} sale leads were exported").into());
        }
        above = above.max(most_mb - before);
        sides.ours.push(rate(bytes as f64 / 1e6, took));

        let file = scratch.join("piped");
        let begun = clock::now();
        let bytes = pipe(&subject.store, &file).await?;
        sides.bare.push(rate(bytes as f64 / 1e6, begun.elapsed()));
        std::fs::remove_file(file)?;
    }
    Ok((sides, above))
}

/// What a sale lead is stored as, but for the part that is never shown: what an export is made of.
const TEXTS: &str = "SELECT doc, computed FROM saleleads ORDER BY id";

/// Writes the stored texts of all sale leads to a file, and the file to the disk. Gives its bytes.
async fn pipe(store: &Store, file: &Path) -> Result<u64> {
    match store {
        Store::Folder(folder) => {
            let (database, file) = (folder.join("forecourt.db"), file.to_owned());
            tokio::task::spawn_blocking(move || pipe_sqlite(&database, &file)).await?
        }
        Store::Database(url) => pipe_postgres(url, file).await,
    }
}

fn pipe_sqlite(database: &Path, file: &Path) -> Result<u64> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    let mut statement = connection.prepare(TEXTS)?;
    let mut rows = statement.query([])?;
    let mut out = BufWriter::with_capacity(1 << 19, std::fs::File::create(file)?);
    while let Some(row) = rows.next()? {
        for at in 0..2 {
            out.write_all(row.get_ref(at)?.as_bytes()?)?;
            out.write_all(b"\n")?;
        }
    }
    settled(out)
}

async fn pipe_postgres(url: &str, file: &Path) -> Result<u64> {
    let client = database::connect(url).await?;
    let mut out = BufWriter::with_capacity(1 << 19, std::fs::File::create(file)?);
    let stream = client.copy_out(&format!("COPY ({TEXTS}) TO STDOUT")).await?;
    let mut stream = std::pin::pin!(stream);
    while let Some(bytes) = stream.next().await {
        out.write_all(&bytes?)?;
    }
    settled(out)
}

fn settled(out: BufWriter<std::fs::File>) -> Result<u64> {
    let file = out.into_inner().map_err(|error| error.to_string())?;
    file.sync_data()?;
    Ok(file.metadata()?.len())
}

/// Imports files of [`ROWS`] invented people, and brings as many in by `forecourt seed`, in turn: both are whole
/// processes without HTTP. Rows a second. `people` numbers the persons.
pub async fn import(subject: &Subject, scratch: &Path, rounds: usize, people: &AtomicU64) -> Result<Sides> {
    let mut sides = Sides::default();
    for _ in 0..rounds {
        let file = file(scratch, people.fetch_add(ROWS, Ordering::Relaxed))?;
        let begun = clock::now();
        let told = subject.import(&file).await?;
        sides.ours.push(rate(ROWS as f64, begun.elapsed()));
        if told["imported"] != ROWS {
            return Err(format!("not every row was imported: {told}").into());
        }
        std::fs::remove_file(file)?;

        let begun = clock::now();
        subject.seed(ROWS).await?;
        sides.bare.push(rate(ROWS as f64, begun.elapsed()));
    }
    Ok(sides)
}

/// A table of the people from `first` on.
fn file(scratch: &Path, first: u64) -> Result<PathBuf> {
    let mut text = "name,phone,email,location,source,inquiry\n".to_owned();
    for n in first..first + ROWS {
        let lead: Value = serde_json::from_str(&person::altum_lead(n))?;
        let of = |name: &str| lead[name].as_str().unwrap_or_default();
        let cells = ["name", "phone", "email", "location", "source", "notes"].map(|name| format!("\"{}\"", of(name)));
        let _ = writeln!(text, "{}", cells.join(","));
    }
    let file = scratch.join(format!("people-{first}.csv"));
    std::fs::write(&file, text)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_has_a_line_for_each_person() {
        let folder = tempfile::tempdir().unwrap();
        let text = std::fs::read_to_string(file(folder.path(), 7).unwrap()).unwrap();
        assert_eq!(text.lines().count() as u64, ROWS + 1);
        let second = text.lines().nth(1).unwrap();
        assert!(second.contains("\"bench.7@example.com\",\"houston\""), "{second}");
    }

    #[test]
    fn the_stored_texts_are_piped_in_full() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("forecourt.db");
        let connection = Connection::open(&database).unwrap();
        let made = "CREATE TABLE saleleads (id TEXT, doc TEXT, computed TEXT);
            INSERT INTO saleleads VALUES ('2', 'two', '{}'), ('1', 'one', '{}')";
        connection.execute_batch(made).unwrap();
        let out = folder.path().join("out");
        assert_eq!(pipe_sqlite(&database, &out).unwrap(), 14);
        assert_eq!(std::fs::read_to_string(out).unwrap(), "one\n{}\ntwo\n{}\n");
    }
}
