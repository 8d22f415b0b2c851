//! The bytes of an export: a file beside a SQLite store; rows of a table in PostgreSQL, so that every server has them.
//!
//! What an attempt writes is told apart from what others write by its number. It counts once the export names it.

use std::{
    fmt::Write as _,
    fs::File,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use deadpool_postgres::Object;
use forecourt_record::{DealerId, Error, ExportId, Result};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use crate::{
    Engine, Store,
    backup::{io, partial, settle},
    postgres::failure,
    snapshot::Written,
};

/// Bytes of a piece, but for the last one.
pub const PIECE: usize = 512 << 10;

/// Where one attempt at an export writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub dealer: DealerId,
    pub export: ExportId,
    pub attempt: i64,
}

impl Place {
    pub const fn new(dealer: DealerId, export: ExportId, attempt: i64) -> Self {
        Self { dealer, export, attempt }
    }

    fn file(self, folder: &Path) -> PathBuf {
        folder.join(format!("{}-{}", self.export, self.attempt))
    }
}

/// Which attempts' bytes are taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forget {
    All,
    AllBut(i64),
    Only(i64),
}

/// The folder of the results.
fn folder_in(folder: &Path) -> PathBuf {
    folder.join("exports")
}

/// Counts and digests what goes through it.
#[derive(Default)]
struct Tally {
    bytes: i64,
    digest: Sha256,
}

impl Tally {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as i64;
        self.digest.update(bytes);
    }

    fn finish(self, documents: i64) -> Written {
        let sha256 = self.digest.finalize().iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Written { documents, bytes: self.bytes, sha256 }
    }
}

/// Writes a file that gets its name once it is whole.
pub struct FileSink {
    file: File,
    partial: PathBuf,
    target: PathBuf,
    tally: Tally,
}

impl FileSink {
    pub fn create(folder: &Path, place: Place) -> Result<Self> {
        let folder = folder_in(folder);
        std::fs::create_dir_all(&folder).map_err(io)?;
        let target = place.file(&folder);
        let partial = partial(&target)?;
        Ok(Self { file: File::create(&partial).map_err(io)?, partial, target, tally: Tally::default() })
    }

    pub fn piece(&mut self, bytes: &[u8]) -> Result<()> {
        self.tally.add(bytes);
        self.file.write_all(bytes).map_err(io)
    }

    pub fn finish(mut self, documents: i64) -> Result<Written> {
        settle(&self.partial, &self.target)?;
        Ok(std::mem::take(&mut self.tally).finish(documents))
    }
}

impl Drop for FileSink {
    fn drop(&mut self) {
        // Gone already when it has its name.
        let _ = std::fs::remove_file(&self.partial);
    }
}

/// Hands pieces over to whoever writes them as rows.
pub struct RowSink {
    send: mpsc::Sender<Vec<u8>>,
    tally: Tally,
}

impl RowSink {
    pub fn new(send: mpsc::Sender<Vec<u8>>) -> Self {
        Self { send, tally: Tally::default() }
    }

    pub async fn piece(&mut self, bytes: Vec<u8>) -> Result<()> {
        self.tally.add(&bytes);
        self.send.send(bytes).await.map_err(|_| Error::unavailable("the pieces of an export could not be written"))
    }

    pub fn finish(self, documents: i64) -> Written {
        self.tally.finish(documents)
    }
}

/// Writes pieces as they come, each durable by itself.
pub async fn write_rows(client: Object, place: Place, mut pieces: mpsc::Receiver<Vec<u8>>) -> Result<()> {
    const INSERT: &str =
        "INSERT INTO export_pieces (dealer_id, export_id, attempt, piece, bytes) VALUES ($1, $2, $3, $4, $5)";
    let (dealer, export) = (place.dealer.to_string(), place.export.to_string());
    let insert = client.prepare_cached(INSERT).await.map_err(|error| failure(&error))?;
    let mut piece = 0_i64;
    while let Some(bytes) = pieces.recv().await {
        let row = client.execute(&insert, &[&dealer, &export, &place.attempt, &piece, &bytes]).await;
        row.map_err(|error| failure(&error))?;
        piece += 1;
    }
    Ok(())
}

impl Store {
    /// The bytes of a result from `offset` to the end of the piece they are in; none when there are none.
    pub async fn piece(&self, place: Place, offset: u64) -> Result<Option<Vec<u8>>> {
        match &self.engine {
            Engine::Sqlite(sqlite) => {
                let file = place.file(&folder_in(sqlite.folder()));
                tokio::task::spawn_blocking(move || read(&file, offset)).await.map_err(Error::internal)?
            }
            Engine::Postgres(postgres) => {
                // substr() counts from one, and takes of an uncompressed value only what is asked for.
                const SELECT: &str = "SELECT substr(bytes, $5) FROM export_pieces \
                     WHERE dealer_id = $1 AND export_id = $2 AND attempt = $3 AND piece = $4";
                let (piece, within) = (offset / PIECE as u64, offset % PIECE as u64);
                let (dealer, export) = (place.dealer.to_string(), place.export.to_string());
                let client = postgres.client().await?;
                let select = client.prepare_cached(SELECT).await.map_err(|error| failure(&error))?;
                let from = within as i32 + 1;
                let row = client
                    .query_opt(&select, &[&dealer, &export, &place.attempt, &(piece as i64), &from])
                    .await
                    .map_err(|error| failure(&error))?;
                let bytes: Option<Vec<u8>> =
                    row.map(|row| row.try_get(0)).transpose().map_err(|error| failure(&error))?;
                Ok(bytes.filter(|bytes| !bytes.is_empty()))
            }
        }
    }

    /// Takes away what attempts at an export have written.
    pub async fn pieces_forget(&self, dealer: DealerId, export: ExportId, which: Forget) -> Result<()> {
        match &self.engine {
            Engine::Sqlite(sqlite) => {
                let folder = folder_in(sqlite.folder());
                let work = move || forget(&folder, export, which);
                tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
            }
            Engine::Postgres(postgres) => {
                const DELETE: &str = "DELETE FROM export_pieces WHERE dealer_id = $1 AND export_id = $2 AND attempt";
                let (which, attempt) = match which {
                    Forget::All => (">=", 0),
                    Forget::AllBut(attempt) => ("<>", attempt),
                    Forget::Only(attempt) => ("=", attempt),
                };
                let (dealer, export) = (dealer.to_string(), export.to_string());
                let client = postgres.client().await?;
                let sql = format!("{DELETE} {which} $3");
                let deleted = client.execute(&sql, &[&dealer, &export, &attempt]).await;
                deleted.map(drop).map_err(|error| failure(&error))
            }
        }
    }
}

fn read(file: &Path, offset: u64) -> Result<Option<Vec<u8>>> {
    let mut file = match File::open(file) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    file.seek(SeekFrom::Start(offset)).map_err(io)?;
    let mut bytes = Vec::new();
    let rest = PIECE as u64 - offset % PIECE as u64;
    file.take(rest).read_to_end(&mut bytes).map_err(io)?;
    Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
}

fn forget(folder: &Path, export: ExportId, which: Forget) -> Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io(error)),
    };
    let ours = format!("{export}-");
    for entry in entries {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(&ours)) else { continue };
        let attempt = rest.strip_suffix(".partial").unwrap_or(rest).parse::<i64>().ok();
        let useless = match which {
            Forget::All => true,
            Forget::AllBut(kept) => attempt != Some(kept),
            Forget::Only(one) => attempt == Some(one),
        };
        // Whoever was faster has done the same.
        if useless
            && let Err(error) = std::fs::remove_file(entry.path())
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(io(error));
        }
    }
    Ok(())
}
