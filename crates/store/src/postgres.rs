//! All that differs on PostgreSQL: a pool, pipelined statements, and another try after a serialisation failure.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use forecourt_record::{Code, Error, Result};
use futures::FutureExt;
use tokio::sync::{OwnedRwLockReadGuard, RwLock};
use tokio_postgres::{Config, NoTls, error::SqlState};
use tracing::{debug, warn};

use crate::{
    Command, Lane, Options, Scope, Signals, Tx, migrate,
    postgres_tx::{Blocks, PostgresTx},
    snapshot::MOST,
    tx::{TxEngine, after_commit},
};

/// A transaction that loses a race is run again this often.
const TRIES: u32 = 8;
/// Prepared statements a connection keeps before it begins afresh: questions put together from filters are many.
const PREPARED: usize = 500;

#[derive(Clone)]
pub struct Postgres {
    pool: Pool,
    /// Answers quick questions: never behind a slow one, and few, since more than the machine has cores only get in each
    /// other's way.
    quick: Pool,
    blocks: Blocks,
    /// Takes blocks: not from the pool, whose every connection may be waiting for one.
    side: Pool,
    /// Connections that hold snapshots, for as long as they like.
    long: Pool,
    /// Whether the store is closed. Held by whatever is under way, so that closing waits for it.
    closed: Arc<RwLock<bool>>,
}

/// What a failure of PostgreSQL means to whoever asked.
pub fn failure(error: &tokio_postgres::Error) -> Error {
    // The server's own words, without the values it quotes in its detail.
    let inside =
        error.as_db_error().map_or_else(|| error.to_string(), |db| format!("{} {}", db.code().code(), db.message()));
    match error.code() {
        Some(&SqlState::QUERY_CANCELED) => {
            Error::new(Code::QueryTooSlow, "The question took longer than it may. Narrow it and ask again.")
                .retry_after(Duration::from_secs(1))
                .inside(inside)
        }
        Some(&SqlState::UNIQUE_VIOLATION) => {
            Error::new(Code::Conflict, "Something with the same key exists already.").inside(inside)
        }
        Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => Error::unavailable(inside),
        // Out of a resource, shutting down, read only, or a broken connection.
        Some(state) if ["53", "57P", "58", "08", "25006"].iter().any(|class| state.code().starts_with(class)) => {
            Error::unavailable(inside)
        }
        None if error.is_closed() || is_network(error) => Error::unavailable(inside),
        _ => Error::internal(inside),
    }
}

fn is_network(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

impl Postgres {
    pub async fn open(url: &str, options: &Options) -> Result<Self> {
        let mut config: Config = url.parse().map_err(|_| Error::internal("the database URL cannot be read"))?;
        config.application_name("forecourt");
        config.connect_timeout(Duration::from_secs(5));
        let limit = format!(
            "-c statement_timeout={} -c timezone=UTC -c enable_parallel_append=off",
            options.statement_limit.as_millis()
        );
        config.options(match config.get_options() {
            Some(given) => format!("{given} {limit}"),
            None => limit,
        });
        let pool = |size: usize| {
            let manager =
                Manager::from_config(config.clone(), NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
            Pool::builder(manager)
                .max_size(size)
                .wait_timeout(Some(Duration::from_secs(10)))
                .create_timeout(Some(Duration::from_secs(5)))
                .runtime(deadpool_postgres::Runtime::Tokio1)
                .build()
                .map_err(Error::internal)
        };
        let opened = Self {
            pool: pool(options.readers.max(2))?,
            quick: pool((options.readers / 2).max(2))?,
            blocks: Blocks::default(),
            side: pool(1)?,
            long: pool(MOST)?,
            closed: Arc::default(),
        };
        let mut client = opened.pool.get().await.map_err(|error| Error::unavailable(&error))?;
        migrate::postgres(&mut client).await?;
        Ok(opened)
    }

    /// Says that something is under way, unless the store is closed.
    async fn open_for(&self) -> Result<OwnedRwLockReadGuard<bool>> {
        let closed = self.closed.clone().read_owned().await;
        if *closed { Err(Error::unavailable("the store is closed")) } else { Ok(closed) }
    }

    async fn begin(&self, pool: &Pool, scope: Scope, writable: bool, notes: bool) -> Result<Tx> {
        let client = taken(pool).await?;
        if client.statement_cache.size() > PREPARED {
            client.statement_cache.clear();
        }
        let engine = PostgresTx::new(client, writable, notes, self.blocks.clone(), self.side.clone());
        Ok(Tx::new(TxEngine::Postgres(Box::new(engine)), scope, writable))
    }

    pub async fn write<C: Command>(&self, scope: Scope, command: C, signals: Signals) -> Result<C::Output> {
        let (this, under_way) = (self.clone(), self.open_for().await?);
        // On its own task: a caller that leaves does not tear a transaction in two.
        let running = tokio::spawn(async move {
            let result = this.write_here(scope, &command, &signals).await;
            drop(under_way);
            result
        });
        running.await.map_err(|error| Error::internal(format!("a command did not end: {error}")))?
    }

    async fn write_here<C: Command>(&self, scope: Scope, command: &C, signals: &Signals) -> Result<C::Output> {
        for attempt in 1.. {
            let mut tx = self.begin(&self.pool, scope, true, false).await?;
            let result = run(command, &mut tx).await;
            let mut deltas = std::mem::take(&mut tx.deltas);
            let acts = tx.take_after_commit();
            let engine = engine(&mut tx);
            let result = match result {
                Ok(output) => engine.commit(&mut deltas).await.map(|()| output),
                Err(error) => Err(error),
            };
            match result {
                Ok(output) => {
                    drop(tx);
                    after_commit(acts, signals);
                    return Ok(output);
                }
                Err(error) => {
                    let again = engine.lost_race && attempt < TRIES;
                    engine.roll_back().await;
                    if !again {
                        return Err(error);
                    }
                    debug!(attempt, "a transaction lost a race and is run again");
                    drop(tx);
                    pause(attempt).await;
                }
            }
        }
        unreachable!("the loop ends by returning")
    }

    pub async fn read<C: Command>(&self, scope: Scope, lane: Lane, command: C, signals: Signals) -> Result<C::Output> {
        let _under_way = self.open_for().await?;
        let pool = match lane {
            Lane::Quick => &self.quick,
            Lane::Scan => &self.pool,
        };
        let mut notes = true;
        loop {
            let mut tx = self.begin(pool, scope, false, notes).await?;
            let result = run(&command, &mut tx).await;
            let acts = tx.take_after_commit();
            let engine = engine(&mut tx);
            engine.roll_back().await;
            if engine.missed {
                notes = false;
                continue;
            }
            if result.is_ok() {
                after_commit(acts, &signals);
            }
            return result;
        }
    }

    pub async fn ping(&self) -> Result<()> {
        let _under_way = self.open_for().await?;
        self.client().await?.batch_execute("SELECT 1").await.map_err(|error| failure(&error))
    }

    pub async fn close(&self) {
        *self.closed.write().await = true;
        self.pool.close();
        self.quick.close();
        self.side.close();
        self.long.close();
    }

    /// A transaction on a connection of its own, for long reading.
    pub async fn snapshot(&self) -> Result<PostgresTx> {
        let client = self.long.get().await.map_err(|error| Error::unavailable(&error))?;
        Ok(PostgresTx::new(client, false, false, self.blocks.clone(), self.side.clone()))
    }

    pub async fn client(&self) -> Result<Object> {
        taken(&self.pool).await
    }
}

async fn taken(pool: &Pool) -> Result<Object> {
    pool.get().await.map_err(|error| Error::unavailable(&error))
}

/// Runs a command to its end; a panic in it is an error like any other.
async fn run<C: Command>(command: &C, tx: &mut Tx) -> Result<C::Output> {
    let result = AssertUnwindSafe(command.run(tx)).catch_unwind().await;
    let result = result.unwrap_or_else(|_| Err(Error::internal("a command panicked")));
    tx.outcome(result)
}

fn engine(tx: &mut Tx) -> &mut PostgresTx {
    match &mut tx.engine {
        TxEngine::Postgres(tx) => tx,
        TxEngine::Sqlite(_) => unreachable!("this file makes PostgreSQL transactions only"),
    }
}

/// Waits a little longer after each lost race, and not the same for two losers.
#[expect(clippy::disallowed_methods, reason = "a pause before another try, not a wait for a state")]
async fn pause(attempt: u32) {
    static TURN: Mutex<u64> = Mutex::new(0);
    let turn = {
        let mut turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        *turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *turn >> 33
    };
    let most = 4_u64 << attempt.min(6);
    tokio::time::sleep(Duration::from_millis(1 + turn % most)).await;
    if attempt > 4 {
        warn!(attempt, "a transaction keeps losing races");
    }
}
