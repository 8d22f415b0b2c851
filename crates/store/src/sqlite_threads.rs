//! The threads of a SQLite store: one that writes, committing in groups, and those that read.

use std::{
    collections::VecDeque,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant as Stopwatch},
};

use crossbeam_channel::Receiver;
use forecourt_record::{Error, Instant, Result};
use rusqlite::Connection;
use tracing::error;

use crate::{
    Command, Scope, Tx,
    sql::Param,
    sqlite::{SqliteTx, limit_size},
    tallies::{Deltas, UPSERT},
    tx::TxEngine,
};

/// At most this many requests share a commit: enough to hide the cost of a flush, few enough to keep waits short.
const GROUP: usize = 256;
/// How far beyond the size limit the file may grow for what takes away, in bytes: the log and the text index write down
/// what goes before its pages are free.
const RESERVE: u64 = 256 << 10;

/// Answers the one who asked, once it is known whether the group was committed.
pub type Finish = Box<dyn FnOnce(Result<()>) + Send>;
/// Runs a command: whether its savepoint stays, and how to answer.
pub type Work = Box<dyn FnOnce(&mut Tx) -> (bool, Finish) + Send>;

/// A command for the writer. Dropping it tells whoever asked that it could not begin.
pub struct Request {
    pub scope: Scope,
    pub work: Work,
    pub takes_away: bool,
}

/// How large the file may become in the group at work.
struct Room {
    /// In bytes; 0 is no limit, and then nothing here matters.
    size_limit: u64,
    /// Whether the reserve is open: then the group is of requests that take away only, otherwise of others only.
    reserve: bool,
}

impl Room {
    /// Opens or closes the reserve, as the first of the waiting requests needs it.
    fn make(&mut self, tx: &mut SqliteTx, waiting: &VecDeque<Request>) -> Result<()> {
        let reserve = waiting.front().is_some_and(|request| request.takes_away);
        if self.size_limit > 0 && self.reserve != reserve {
            let bytes = if reserve { self.size_limit.saturating_add(RESERVE) } else { self.size_limit };
            limit_size(tx.connection(), bytes)?;
            self.reserve = reserve;
        }
        Ok(())
    }

    /// The next request, if it may be in the group.
    fn admit(&self, waiting: &mut VecDeque<Request>) -> Option<Request> {
        let next = waiting.front()?;
        if self.size_limit > 0 && self.reserve != next.takes_away {
            return None;
        }
        waiting.pop_front()
    }
}

/// A command for a reader.
pub struct Question {
    pub scope: Scope,
    pub work: Box<dyn FnOnce(&mut Tx) + Send>,
    pub abandoned: Arc<AtomicBool>,
}

/// Polls a command once: every call of a transaction completes at once here, so a command that is not finished
/// awaited something else, which is not allowed while a transaction is open.
pub fn polled_once<C: Command>(command: &C, tx: &mut Tx) -> Result<C::Output> {
    let polled = catch_unwind(AssertUnwindSafe(|| {
        let future = pin!(command.run(tx));
        future.poll(&mut Context::from_waker(Waker::noop()))
    }));
    let result = match polled {
        Ok(Poll::Ready(result)) => result,
        Ok(Poll::Pending) => Err(Error::internal("a command awaited something that is not its transaction")),
        Err(_) => Err(Error::internal("a command panicked")),
    };
    tx.outcome(result)
}

fn engine(tx: &mut Tx) -> &mut SqliteTx {
    match &mut tx.engine {
        TxEngine::Sqlite(tx) => tx,
        TxEngine::Postgres(_) => unreachable!("the threads of this file make SQLite transactions only"),
    }
}

/// Carries out requests until nobody can send any more.
pub fn write_loop(connection: Connection, size_limit: u64, requests: &Receiver<Request>) {
    let nobody = Scope::system(Instant::EPOCH);
    let mut tx = Tx::new(TxEngine::Sqlite(SqliteTx::new(connection)), nobody, true);
    let mut room = Room { size_limit, reserve: false };
    let mut waiting = VecDeque::with_capacity(GROUP);
    while let Ok(first) = requests.recv() {
        waiting.push_back(first);
        waiting.extend(requests.try_iter().take(GROUP - 1));
        // What a group left behind, broken off or of the other sort, is carried out in the next one.
        while !waiting.is_empty() {
            commit_group(&mut tx, &mut room, &mut waiting);
        }
    }
    let _ = engine(&mut tx).connection().execute_batch("PRAGMA wal_checkpoint(TRUNCATE);");
}

/// Carries out the waiting requests, each in its own savepoint, and commits them together: all of them stand, but those
/// that failed by themselves, or none.
fn commit_group(tx: &mut Tx, room: &mut Room, waiting: &mut VecDeque<Request>) {
    let begun = room.make(engine(tx), waiting).and_then(|()| engine(tx).say("BEGIN IMMEDIATE"));
    if let Err(error) = begun {
        error!(inside = error.inside.as_deref().unwrap_or_default(), "a group of writes could not begin");
        waiting.clear();
        return;
    }
    let mut finishes: Vec<Finish> = Vec::with_capacity(waiting.len());
    let committed = carry_out(tx, room, waiting, &mut finishes).and_then(|mut tallies| {
        store_tallies(engine(tx), &mut tallies)?;
        let mut texts = std::mem::take(&mut tx.group_texts);
        texts.store(engine(tx))?;
        engine(tx).say("COMMIT")
    });
    if let Err(error) = &committed {
        error!(inside = error.inside.as_deref().unwrap_or_default(), "a group of writes was not committed");
        if !engine(tx).is_outside() {
            let _ = engine(tx).say("ROLLBACK");
        }
    }
    for finish in finishes {
        finish(committed.clone());
    }
}

/// Runs each request in a savepoint. Gives what those that stay change the tallies by, and into `finishes` how each of
/// them is answered; `tx` keeps what they do to the text indexes. Fails when the transaction can no longer be committed.
fn carry_out(tx: &mut Tx, room: &Room, waiting: &mut VecDeque<Request>, finishes: &mut Vec<Finish>) -> Result<Deltas> {
    let mut tallies = Deltas::default();
    tx.group_texts.clear();
    while let Some(request) = room.admit(waiting) {
        tx.reset(request.scope);
        engine(tx).say("SAVEPOINT request")?;
        let (keep, finish) = (request.work)(tx);
        if engine(tx).is_outside() {
            // A full disk ends the whole transaction.
            let ended = Error::unavailable("the database ended the transaction");
            finish(Err(ended.clone()));
            return Err(ended);
        }
        if keep {
            finishes.push(finish);
            tallies.absorb(&mut tx.deltas);
            tx.group_texts.absorb(&mut tx.texts);
        } else {
            let undone = engine(tx).say("ROLLBACK TO request");
            finish(Ok(()));
            undone?;
        }
        engine(tx).say("RELEASE request")?;
    }
    Ok(tallies)
}

fn store_tallies(tx: &mut SqliteTx, tallies: &mut Deltas) -> Result<()> {
    for (bucket, [n, m1, m2]) in tallies.drain() {
        let params: [Param; 7] = [
            bucket.dealer.into(),
            bucket.kind.into(),
            bucket.dimension.into(),
            bucket.values.into(),
            n.into(),
            m1.into(),
            m2.into(),
        ];
        tx.execute(UPSERT, &params)?;
    }
    Ok(())
}

/// Answers questions until nobody can ask any more.
#[expect(clippy::disallowed_methods, reason = "measures how long a question of this process takes")]
pub fn read_loop(connection: Connection, questions: &Receiver<Question>, limit: Duration) {
    /// Steps of SQLite's machine between two looks at the bound: well under a millisecond.
    const STEPS: i32 = 20_000;
    let nobody = Scope::system(Instant::EPOCH);
    let mut tx = Tx::new(TxEngine::Sqlite(SqliteTx::new(connection)), nobody, false);
    while let Ok(question) = questions.recv() {
        if question.abandoned.load(Relaxed) {
            continue;
        }
        tx.reset(question.scope);
        // One instant of the data for the whole question, however many statements it takes.
        if let Err(error) = engine(&mut tx).say("BEGIN") {
            error!(inside = error.inside.as_deref().unwrap_or_default(), "a question could not begin");
            continue;
        }
        let (abandoned, deadline) = (question.abandoned, Stopwatch::now() + limit);
        let over = move || abandoned.load(Relaxed) || Stopwatch::now() > deadline;
        let _ = engine(&mut tx).connection().progress_handler(STEPS, Some(over));
        (question.work)(&mut tx);
        let _ = engine(&mut tx).without_limit();
        if !engine(&mut tx).is_outside() {
            let _ = engine(&mut tx).say("ROLLBACK");
        }
    }
}
