//! The data as it was at one instant, held while others write on: for reading that is too long for a question.
//!
//! What a snapshot holds is a connection of its own with a transaction open on it. On SQLite the log cannot be taken
//! over into the file for as long as one is held, on PostgreSQL nothing can be cleaned up, so there are only a few.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use forecourt_query::{Search, lower_node, lower_search};
use forecourt_record::{Error, Result, spec::KindSpec};
use futures::TryStreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::{
    Engine, Scope, Store, Tx,
    pieces::{self, PIECE, Place},
    postgres::failure as postgres_failure,
    sql::{JsonText, Param},
    sqlite::failure as sqlite_failure,
    tx::TxEngine,
};

/// Snapshots held at once by one server.
pub(crate) const MOST: usize = 8;
/// How long a further one is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The documents of one dealer at one instant.
pub struct Snapshot {
    tx: Tx,
    store: Store,
    _place: OwnedSemaphorePermit,
}

/// Which documents are read, and in what order.
#[derive(Clone, Debug)]
pub struct Selection {
    pub spec: &'static KindSpec,
    /// All of its pages.
    pub search: Search,
}

/// How far the reading is, for whoever watches, and whether it is to stop.
#[derive(Debug, Default)]
pub struct Progress {
    pub done: AtomicI64,
    pub total: AtomicI64,
    pub stop: AtomicBool,
}

impl Progress {
    fn one_more(&self) -> Result<()> {
        self.done.fetch_add(1, Relaxed);
        if self.stop.load(Relaxed) { Err(Error::unavailable("the reading was told to stop")) } else { Ok(()) }
    }
}

/// Turns documents into the bytes of a result, one after the other.
pub trait Encode: Send + 'static {
    /// Appends a document, given by its stored texts.
    fn document(&mut self, doc: &str, computed: &str, out: &mut Vec<u8>) -> Result<()>;

    /// Appends what comes after the last one.
    fn end(&mut self, out: &mut Vec<u8>) -> Result<()>;
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub documents: i64,
    pub bytes: i64,
    /// Lowercase hex.
    pub sha256: String,
}

impl Store {
    /// Holds the data as it is now: whatever is committed before this returns may be seen, what comes later is not.
    ///
    /// Errors: `Unavailable` when too many are held.
    pub async fn snapshot(&self, scope: Scope) -> Result<Snapshot> {
        let place = tokio::time::timeout(PATIENCE, self.snapshots.clone().acquire_owned()).await;
        let place = place.map_err(|_| Error::unavailable("too many snapshots are held"))?.map_err(Error::internal)?;
        let engine = match &self.engine {
            Engine::Sqlite(sqlite) => TxEngine::Sqlite(sqlite.snapshot().await?),
            Engine::Postgres(postgres) => TxEngine::Postgres(Box::new(postgres.snapshot().await?)),
        };
        let mut tx = Tx::new(engine, scope, false);
        // The first look is what fixes the instant, on both databases.
        tx.rows("SELECT 1 FROM counters LIMIT 1", &[]).await?;
        Ok(Snapshot { tx, store: self.clone(), _place: place })
    }
}

impl Snapshot {
    /// Writes the wanted documents to `place`, in memory that does not depend on how many there are. A broken-off
    /// attempt leaves nothing that could be taken for a whole result; [`Store::pieces_forget`] takes it away.
    pub async fn write_out(
        mut self,
        wanted: Selection,
        place: Place,
        encode: impl Encode,
        progress: Arc<Progress>,
    ) -> Result<Written> {
        let select = Select::new(&self.tx, &wanted);
        match (&self.tx.engine, &self.store.engine) {
            (TxEngine::Sqlite(_), Engine::Sqlite(sqlite)) => {
                let sink = pieces::FileSink::create(sqlite.folder(), place)?;
                let work = move || self.through_sqlite(&select, sink, encode, &progress);
                tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
            }
            (TxEngine::Postgres(_), Engine::Postgres(postgres)) => {
                let (send, receive) = mpsc::channel(2);
                let sink = pieces::RowSink::new(send);
                let writing = pieces::write_rows(postgres.client().await?, place, receive);
                let reading = self.through_postgres(&select, sink, encode, &progress);
                let (written, ()) = futures::try_join!(reading, writing)?;
                Ok(written)
            }
            _ => Err(Error::internal("a snapshot of another store")),
        }
    }

    fn through_sqlite(
        &mut self,
        select: &Select,
        mut sink: pieces::FileSink,
        mut encode: impl Encode,
        progress: &Progress,
    ) -> Result<Written> {
        let TxEngine::Sqlite(tx) = &mut self.tx.engine else {
            return Err(Error::internal("a snapshot of another store"));
        };
        let connection = tx.connection();
        let (count, params) = &select.count;
        let total = connection.query_row(count, rusqlite::params_from_iter(params), |row| row.get(0));
        let total = total.map_err(sqlite_failure)?;
        progress.total.store(total, Relaxed);
        progress.done.store(0, Relaxed);
        let (rows, params) = &select.rows;
        let mut statement = connection.prepare(rows).map_err(sqlite_failure)?;
        let mut rows = statement.query(rusqlite::params_from_iter(params)).map_err(sqlite_failure)?;
        let mut out = Vec::with_capacity(2 * PIECE);
        let mut documents = 0;
        while let Some(row) = rows.next().map_err(sqlite_failure)? {
            let text = |at| row.get_ref(at).map_err(sqlite_failure)?.as_str().map_err(Error::internal);
            encode.document(text(0)?, text(1)?, &mut out)?;
            documents += 1;
            progress.one_more()?;
            if out.len() >= PIECE {
                sink.piece(&out)?;
                out.clear();
            }
        }
        encode.end(&mut out)?;
        sink.piece(&out)?;
        sink.finish(documents)
    }

    async fn through_postgres(
        &mut self,
        select: &Select,
        mut sink: pieces::RowSink,
        mut encode: impl Encode,
        progress: &Progress,
    ) -> Result<Written> {
        let TxEngine::Postgres(tx) = &mut self.tx.engine else {
            return Err(Error::internal("a snapshot of another store"));
        };
        tx.rows("SET LOCAL statement_timeout = 0", &[]).await?;
        let total = tx.rows(&select.count.0, &select.count.1).await?.into_iter().next();
        progress.total.store(total.map_or(Ok(0), |mut row| row.int(0))?, Relaxed);
        progress.done.store(0, Relaxed);
        let rows = tx.stream(&select.rows.0, &select.rows.1).await?;
        futures::pin_mut!(rows);
        let mut out = Vec::with_capacity(2 * PIECE);
        let mut documents = 0;
        while let Some(row) = rows.try_next().await.map_err(|error| postgres_failure(&error))? {
            let text = |at| row.try_get::<_, JsonText<'_>>(at).map_err(|error| postgres_failure(&error));
            encode.document(text(0)?.0, text(1)?.0, &mut out)?;
            documents += 1;
            progress.one_more()?;
            while out.len() >= PIECE {
                let rest = out.split_off(PIECE);
                sink.piece(std::mem::replace(&mut out, rest)).await?;
            }
        }
        encode.end(&mut out)?;
        while !out.is_empty() {
            let rest = out.split_off(out.len().min(PIECE));
            sink.piece(std::mem::replace(&mut out, rest)).await?;
        }
        tx.roll_back().await;
        Ok(sink.finish(documents))
    }
}

/// The two statements of a reading, with what goes into them.
struct Select {
    count: (String, Vec<Param>),
    rows: (String, Vec<Param>),
}

impl Select {
    fn new(tx: &Tx, wanted: &Selection) -> Self {
        let Selection { spec, search } = wanted;
        let (backend, scope) = (tx.backend(), tx.text_scope());
        let bound = |values: Vec<forecourt_query::Value>| {
            std::iter::once(tx.dealer_param()).chain(values.into_iter().map(Param::from)).collect::<Vec<_>>()
        };
        let counted = lower_node(&search.filter, spec, backend, scope, 2);
        let read = lower_search(search, spec, backend, scope, 2);
        let name = spec.name;
        Self {
            count: (
                format!("SELECT count(*) FROM {name} WHERE dealer_id = ?1 AND {}", counted.sql),
                bound(counted.values),
            ),
            rows: (
                format!(
                    "SELECT doc, computed FROM {name}{} WHERE dealer_id = ?1 AND {} ORDER BY {}",
                    read.joins, read.filter, read.order
                ),
                bound(read.values),
            ),
        }
    }
}
