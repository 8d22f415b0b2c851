//! The only SQL. Documents, unique keys, full text, the event log, jobs and tallies, on SQLite and on PostgreSQL.
//!
//! A business transaction is a [`Command`], written once: an async function over [`Tx`]. On SQLite it is polled to its
//! end on the writer thread, inside a savepoint of a group-committed transaction; on PostgreSQL it runs in BEGIN..COMMIT
//! and is run again after a serialisation failure, so a command keeps no state outside itself. Awaiting anything but its
//! transaction is an error by construction. The store knows no business rule.

mod agents;
mod backup;
mod changes;
mod consents;
mod contacted;
mod counters;
mod credentials;
mod documents;
mod dump;
mod events;
mod groups;
mod history;
mod imports;
mod inbound;
mod jobs;
mod kept;
mod keys;
mod migrate;
mod multi;
mod pieces;
mod postgres;
mod postgres_tx;
mod published;
mod raw;
mod refill;
mod requests;
mod search;
mod secrets;
mod selling;
mod shaped;
mod snapshot;
mod sql;
mod sqlite;
mod sqlite_functions;
mod sqlite_threads;
mod statements;
mod suppressions;
mod tallies;
mod text_page;
mod texts;
mod together;
mod tx;
mod verify;

use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use forecourt_record::{Actor, DealerId, Instant, Result};
use tokio::sync::{Notify, Semaphore};

pub use agents::AgentLoad;
pub use backup::{BackupReport, restore};
pub use changes::{Change, Wanted, Which};
pub use consents::ConsentRow;
pub use documents::Parts;
pub use groups::{GroupCount, groups_lane};
pub use history::LeadKey;
pub use imports::ImportRow;
pub use inbound::Inbound;
pub use jobs::{Job, NewJob};
pub use pieces::{Forget, PIECE, Place};
pub use raw::{Found, Raw};
pub use requests::Repeat;
pub use search::{Explained, lane};
pub use shaped::Shaped;
pub use snapshot::{Encode, Progress, Selection, Snapshot, Written};
pub use sql::{Cell, Row};
pub use suppressions::Suppression;
pub use tallies::TallyRow;
pub use tx::Tx;
pub use verify::Finding;

/// A transaction, as a value: everything it needs is inside, so that it can be run again.
pub trait Command: Send + Sync + 'static {
    type Output: Send + 'static;

    /// Whether it leaves less than there was. What it writes on the way there may go a little beyond a size limit, so
    /// that a full store can be made room in.
    const TAKES_AWAY: bool = false;

    fn run(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// Whose data a transaction is about, and who asks, through which door, and when.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    pub dealer: DealerId,
    pub actor: Actor,
    pub dialect: &'static str,
    pub now: Instant,
}

/// Which readers answer: quick questions are never behind slow ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Served by a key, an index or a tally.
    Quick,
    /// May look at many rows.
    Scan,
}

/// Where the data is.
#[derive(Clone, Debug)]
pub enum Location {
    /// A folder holding the SQLite file.
    Folder(PathBuf),
    /// A `postgres://` URL.
    Url(String),
}

/// How the store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    pub location: Location,
    /// Reader threads of the quick lane, or PostgreSQL connections; half as many more of them answer quick questions only.
    pub readers: usize,
    /// SQLite page cache in MiB, of all connections together.
    pub cache_mib: usize,
    /// The longest a single question may take.
    pub statement_limit: Duration,
    /// SQLite: the file grows no larger than this many bytes, and a reserve for what takes away; 0 is no limit.
    pub size_limit: u64,
}

impl Options {
    pub fn new(location: Location) -> Self {
        Self { location, readers: 4, cache_mib: 256, statement_limit: Duration::from_secs(10), size_limit: 0 }
    }
}

/// Signals that workers listen to: a job became due, by kind of job.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    jobs: Arc<Notify>,
}

impl Signals {
    /// Wakes one waiting worker, now or when it next waits.
    pub fn job(&self) {
        self.jobs.notify_one();
    }

    /// Completes when a job was enqueued since the last time.
    pub async fn job_enqueued(&self) {
        self.jobs.notified().await;
    }
}

/// The store, on one of its two databases.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    pub signals: Signals,
    /// Places for those who hold a snapshot.
    snapshots: Arc<Semaphore>,
}

#[derive(Clone)]
enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Store {
    /// Opens the store, bringing an older one up to date; a snapshot of an older SQLite file is taken first.
    ///
    /// Errors: `Unavailable` when the database cannot be reached; `Internal` when it is newer than this program or was
    /// left half-migrated, saying which in its inside context.
    pub async fn open(options: &Options) -> Result<Self> {
        let engine = match &options.location {
            Location::Folder(folder) => Engine::Sqlite(sqlite::Sqlite::open(folder, options)?),
            Location::Url(url) => Engine::Postgres(postgres::Postgres::open(url, options).await?),
        };
        let snapshots = Arc::new(Semaphore::new(snapshot::MOST));
        let store = Self { engine, signals: Signals::default(), snapshots };
        store.refill().await?;
        Ok(store)
    }

    /// Runs a transaction that may write. It goes on to its end even when the caller stops waiting.
    pub async fn write<C: Command>(&self, scope: Scope, command: C) -> Result<C::Output> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.write(scope, command, self.signals.clone()).await,
            Engine::Postgres(postgres) => Box::pin(postgres.write(scope, command, self.signals.clone())).await,
        }
    }

    /// Runs a transaction that only reads, on one instant of the data; a write inside it is an error.
    pub async fn read<C: Command>(&self, scope: Scope, lane: Lane, command: C) -> Result<C::Output> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.read(scope, lane, command, self.signals.clone()).await,
            // On the heap: the future holds all of the command's, and would make that of every caller as large.
            Engine::Postgres(postgres) => Box::pin(postgres.read(scope, lane, command, self.signals.clone())).await,
        }
    }

    /// Whether the store can answer now.
    pub async fn ping(&self) -> Result<()> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.ping().await,
            Engine::Postgres(postgres) => postgres.ping().await,
        }
    }

    /// The name of the database it runs on, for health and logs.
    pub fn backend(&self) -> &'static str {
        match &self.engine {
            Engine::Sqlite(_) => "sqlite",
            Engine::Postgres(_) => "postgresql",
        }
    }

    /// Finishes what is queued and closes the connections.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => postgres.close().await,
        }
    }
}

/// The SQLite file inside a data folder.
pub fn file_in(folder: &Path) -> PathBuf {
    folder.join("forecourt.db")
}

/// The words of a dealer's documents begin with this in the text index, so that a search touches only its own.
/// It is unique over the dealers of a server.
fn text_scope(dealer: DealerId) -> String {
    dealer.to_string()[14..20].to_owned()
}
