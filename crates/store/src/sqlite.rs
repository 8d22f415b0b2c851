//! All that differs on SQLite: one writer thread with group commit, reader threads off the async ones.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::Duration,
};

use crossbeam_channel::{Sender, bounded};
use forecourt_record::{Code, Error, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig, ffi, types::ValueRef};
use tokio::sync::oneshot;

use crate::{
    Command, Lane, Options, Scope, Signals, Tx, file_in, migrate,
    sql::{Cell, Param, Row},
    sqlite_functions,
    sqlite_threads::{Finish, Question, Request, Work, polled_once, read_loop, write_loop},
    tx::after_commit,
};

/// Requests that may wait for the writer before a new one is told to come back.
const WAITING: usize = 8192;
/// Questions that may wait for a lane's readers: a queue of fixed length needs no memory for each.
const ASKING: usize = 2048;

/// The connection of a thread, inside a transaction.
pub struct SqliteTx {
    /// Never locked: a mutex is what lets a transaction be looked at from several places without being used there.
    connection: Mutex<Connection>,
}

impl SqliteTx {
    pub fn new(connection: Connection) -> Self {
        Self { connection: Mutex::new(connection) }
    }

    pub fn connection(&mut self) -> &mut Connection {
        self.connection.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn rows(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        let mut statement = self.connection().prepare_cached(sql).map_err(failure)?;
        let columns = statement.column_count();
        let mut found = Vec::new();
        let mut rows = statement.query(rusqlite::params_from_iter(params)).map_err(failure)?;
        while let Some(row) = rows.next().map_err(failure)? {
            let cells = (0..columns).map(|at| row.get_ref(at).map_err(failure).and_then(cell));
            found.push(Row(cells.collect::<Result<_>>()?));
        }
        Ok(found)
    }

    pub fn execute(&mut self, sql: &str, params: &[Param]) -> Result<u64> {
        let mut statement = self.connection().prepare_cached(sql).map_err(failure)?;
        let touched = statement.execute(rusqlite::params_from_iter(params)).map_err(failure)?;
        Ok(touched as u64)
    }

    pub fn say(&mut self, sql: &str) -> Result<()> {
        self.execute(sql, &[]).map(drop)
    }

    /// Whether the connection is outside of any transaction: where it ought to be inside, the database has ended it.
    pub fn is_outside(&mut self) -> bool {
        self.connection().is_autocommit()
    }

    /// Lets what runs now go on without a bound.
    pub fn without_limit(&mut self) -> Result<()> {
        self.connection().progress_handler(0, None::<fn() -> bool>).map_err(failure)
    }
}

fn cell(value: ValueRef<'_>) -> Result<Cell> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Text(text) => Cell::Text(std::str::from_utf8(text).map_err(Error::internal)?.to_owned()),
        ValueRef::Real(_) | ValueRef::Blob(_) => return Err(Error::internal("a column type the store does not use")),
    })
}

/// What a failure of SQLite means to whoever asked.
pub fn failure(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::ReadOnly
            | ErrorCode::OutOfMemory,
        ) => Error::unavailable(error),
        Some(ErrorCode::OperationInterrupted) => {
            Error::new(Code::QueryTooSlow, "The question took longer than it may. Narrow it and ask again.")
                .retry_after(Duration::from_secs(1))
        }
        Some(ErrorCode::ConstraintViolation)
            if error.sqlite_error().is_some_and(|inner| {
                matches!(inner.extended_code, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY)
            }) =>
        {
            Error::new(Code::Conflict, "Something with the same key exists already.").inside(error)
        }
        _ => Error::internal(error),
    }
}

#[derive(Clone)]
pub struct Sqlite {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    options: Options,
    writer: Mutex<Option<Sender<Request>>>,
    quick: Mutex<Option<Sender<Question>>>,
    scan: Mutex<Option<Sender<Question>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Tells a reader that nobody waits for its answer any more.
struct Abandon(Arc<AtomicBool>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

impl Sqlite {
    pub fn open(folder: &Path, options: &Options) -> Result<Self> {
        std::fs::create_dir_all(folder)
            .map_err(|error| Error::unavailable(format!("{}: {error}", folder.display())))?;
        let file = file_in(folder);
        migrate::sqlite(&file)?;
        let writer = connect(&file, options, false)?;
        let (send, requests) = bounded::<Request>(WAITING);
        let size_limit = options.size_limit;
        let mut threads = vec![spawn("store-writer", move || write_loop(writer, size_limit, &requests))?];
        let mut lane = |name: &str, count: usize| -> Result<Sender<Question>> {
            let (send, questions) = bounded::<Question>(ASKING);
            for at in 0..count.max(1) {
                let connection = connect(&file, options, true)?;
                let (questions, limit) = (questions.clone(), options.statement_limit);
                threads.push(spawn(&format!("store-{name}-{at}"), move || read_loop(connection, &questions, limit))?);
            }
            Ok(send)
        };
        let quick = lane("quick", options.readers)?;
        let scan = lane("scan", slow_readers(options))?;
        let inner = Inner {
            folder: folder.to_owned(),
            options: options.clone(),
            writer: Mutex::new(Some(send)),
            quick: Mutex::new(Some(quick)),
            scan: Mutex::new(Some(scan)),
            threads: Mutex::new(threads),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub async fn write<C: Command>(&self, scope: Scope, command: C, signals: Signals) -> Result<C::Output> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |tx| {
            let result = polled_once(&command, tx);
            let (keep, acts) = (result.is_ok(), tx.take_after_commit());
            let finish: Finish = Box::new(move |committed| {
                let result = result.and_then(|output| committed.map(|()| output));
                if result.is_ok() {
                    after_commit(acts, &signals);
                }
                // Whoever asked may have stopped waiting; the work stands all the same.
                let _ = answer.send(result);
            });
            (keep, finish)
        });
        let full = |_| Error::unavailable("the writer's queue is full");
        sender(&self.inner.writer)?.try_send(Request { scope, work, takes_away: C::TAKES_AWAY }).map_err(full)?;
        answered.await.map_err(|_| Error::unavailable("the writer could not begin"))?
    }

    pub async fn read<C: Command>(&self, scope: Scope, lane: Lane, command: C, signals: Signals) -> Result<C::Output> {
        let (answer, answered) = oneshot::channel();
        let work = Box::new(move |tx: &mut Tx| {
            let result = polled_once(&command, tx);
            if result.is_ok() {
                after_commit(tx.take_after_commit(), &signals);
            }
            let _ = answer.send(result);
        });
        let lane = match lane {
            Lane::Quick => &self.inner.quick,
            Lane::Scan => &self.inner.scan,
        };
        let abandoned = Arc::new(AtomicBool::new(false));
        let question = Question { scope, work, abandoned: abandoned.clone() };
        let full = |_| Error::unavailable("the readers' queue is full");
        sender(lane)?.try_send(question).map_err(full)?;
        let _guard = Abandon(abandoned);
        answered.await.map_err(|_| Error::unavailable("a reader could not begin"))?
    }

    /// The folder of the store.
    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }

    /// A connection of its own with a transaction open on it, for long reading.
    pub async fn snapshot(&self) -> Result<SqliteTx> {
        let inner = self.inner.clone();
        let open = move || {
            let connection = connect(&file_in(&inner.folder), &inner.options, true)?;
            // Whatever has to be sorted goes to the disk, however much it is.
            connection.pragma_update(None, "temp_store", "FILE").map_err(failure)?;
            connection.pragma_update(None, "cache_size", -8192).map_err(failure)?;
            let mut tx = SqliteTx::new(connection);
            tx.say("BEGIN")?;
            Ok(tx)
        };
        tokio::task::spawn_blocking(open).await.map_err(Error::internal)?
    }

    pub async fn ping(&self) -> Result<()> {
        struct Ping;
        impl Command for Ping {
            type Output = ();

            async fn run(&self, tx: &mut Tx) -> Result<()> {
                tx.rows("SELECT 1 FROM counters LIMIT 1", &[]).await.map(drop)
            }
        }
        let scope = Scope::system(forecourt_record::Instant::EPOCH);
        self.read(scope, Lane::Quick, Ping, Signals::default()).await
    }

    pub async fn close(&self) {
        for lane in [&self.inner.quick, &self.inner.scan] {
            lane.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let threads = std::mem::take(&mut *self.inner.threads.lock().unwrap_or_else(PoisonError::into_inner));
        // Threads end once their queue is empty; joining them blocks, so not on an async thread.
        let _ = tokio::task::spawn_blocking(move || threads.into_iter().for_each(|thread| drop(thread.join()))).await;
    }
}

/// The way to a thread, unless the store is closed. Not to be held while waiting: the thread ends with the last one.
fn sender<T>(way: &Mutex<Option<Sender<T>>>) -> Result<Sender<T>> {
    way.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)
}

fn closed() -> Error {
    Error::unavailable("the store is closed")
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(body).map_err(Error::unavailable)
}

/// Readers of the slow lane: half as many as of the quick one.
fn slow_readers(options: &Options) -> usize {
    (options.readers / 2).max(1)
}

/// All connections that only read.
fn readers(options: &Options) -> usize {
    options.readers.max(1) + slow_readers(options)
}

/// A connection set up for the store.
pub fn connect(file: &Path, options: &Options, read_only: bool) -> Result<Connection> {
    let flags = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX
    };
    let connection = Connection::open_with_flags(file, flags).map_err(failure)?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(failure)?;
    connection.set_prepared_statement_cache_capacity(256);
    sqlite_functions::teach(&connection).map_err(failure)?;
    // Plans do not depend on the values bound: otherwise every binding prepares its statement anew.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failure)?;
    // A quarter is the writer's, the rest the readers'; SQLite takes KiB as a negative number.
    let share = if read_only { options.cache_mib * 3 / 4 / readers(options) } else { options.cache_mib / 4 };
    let cache = -i64::try_from(share.max(2) * 1024).unwrap_or(65_536);
    connection.pragma_update(None, "cache_size", cache).map_err(failure)?;
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(failure)?;
    if !read_only {
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failure)?;
        // What has been acknowledged survives a loss of power.
        connection.pragma_update(None, "synchronous", "FULL").map_err(failure)?;
        connection.pragma_update(None, "wal_autocheckpoint", 8192).map_err(failure)?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20).map_err(failure)?;
        if options.size_limit > 0 {
            limit_size(&connection, options.size_limit)?;
        }
    }
    Ok(connection)
}

/// Lets the file of a connection grow to so many bytes; one that is larger already grows no more.
pub fn limit_size(connection: &Connection, bytes: u64) -> Result<()> {
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(failure)?;
    let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
    connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).map_err(failure)
}
