//! A transaction on PostgreSQL: statements that need no answer are put off and sent in one go.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use deadpool_postgres::{Object, Pool};
use forecourt_record::{DealerId, Error, Result};
use futures::future::{BoxFuture, FutureExt, join_all};
use tokio_postgres::{NoTls, RowStream, error::SqlState, types::ToSql};

use crate::{
    counters::RAISE,
    postgres::failure,
    sql::{Cell, Param, Row, numbered},
    tallies::Deltas,
    tx::touched,
};

/// Numbers taken at a time, so that a sequence is no row to queue for.
const BLOCK: i64 = 20;
/// Statements sent before their answers are awaited; join_all keeps the order of no more than this.
const PIPELINE: usize = 30;

/// Numbers taken and not yet given out: next and end, by dealer and sequence.
pub type Blocks = Arc<tokio::sync::Mutex<HashMap<(DealerId, &'static str), (i64, i64)>>>;

struct PutOff {
    sql: Cow<'static, str>,
    params: Vec<Param>,
    must_touch: Option<u64>,
}

/// A transaction on a pooled connection.
pub struct PostgresTx {
    client: Option<Object>,
    /// What begins the transaction, until it has been sent along with the first statement.
    begin: Option<&'static str>,
    put_off: Vec<PutOff>,
    blocks: Blocks,
    side: Pool,
    /// Whether the failure was a lost race, so that another try may succeed.
    pub lost_race: bool,
    /// Whether the connection is in the middle of something.
    open: bool,
}

impl Drop for PostgresTx {
    fn drop(&mut self) {
        // Dropped half-way: the connection is in the middle of something, so it leaves the pool, and the server is
        // told to stop.
        if let (true, Some(client)) = (self.open, self.client.take()) {
            let cancel = client.cancel_token();
            drop(Object::take(client));
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(async move { cancel.cancel_query(NoTls).await });
            }
        }
    }
}

fn dynamic(params: &[Param]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

impl PostgresTx {
    pub fn new(client: Object, writable: bool, blocks: Blocks, side: Pool) -> Self {
        let begin = if writable { "BEGIN" } else { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
        Self {
            client: Some(client),
            begin: Some(begin),
            put_off: Vec::new(),
            blocks,
            side,
            lost_race: false,
            open: true,
        }
    }

    fn client(&self) -> Result<&Object> {
        self.client.as_ref().ok_or_else(|| Error::internal("the transaction is over"))
    }

    fn failed(&mut self, error: &tokio_postgres::Error) -> Error {
        if matches!(error.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED)) {
            self.lost_race = true;
        }
        failure(error)
    }

    /// Sends BEGIN where it is due, everything put off, and one more statement, in one go.
    async fn flush(&mut self, last: Option<&'static str>) -> Result<()> {
        let result = self.flushed(last).await;
        result.map_err(|error| match error {
            Flush::Database(error) => self.failed(&error),
            Flush::Rule(error) => error,
        })
    }

    async fn flushed(&mut self, last: Option<&'static str>) -> std::result::Result<(), Flush> {
        let put_off = std::mem::take(&mut self.put_off);
        let begin = self.begin.take();
        let client = self.client()?;
        let mut prepared = Vec::with_capacity(put_off.len());
        for one in &put_off {
            prepared.push(client.prepare_cached(&numbered(&one.sql)).await?);
        }
        let params: Vec<_> = put_off.iter().map(|one| dynamic(&one.params)).collect();
        let plain = |sql: &'static str| async move { client.batch_execute(sql).await.map(|()| 0) }.boxed();
        let mut sending: Vec<BoxFuture<'_, std::result::Result<u64, tokio_postgres::Error>>> = Vec::new();
        sending.extend(begin.map(plain));
        for (statement, params) in prepared.iter().zip(&params) {
            sending.push(client.execute(statement, params).boxed());
        }
        sending.extend(last.map(plain));
        let mut counts = Vec::with_capacity(sending.len());
        let mut sending = sending.into_iter().peekable();
        while sending.peek().is_some() {
            // join_all polls its parts in order, so the statements leave in order; and all answers are awaited, since
            // the first failure in that order is the one that says what went wrong.
            for answer in join_all(sending.by_ref().take(PIPELINE)).await {
                counts.push(answer?);
            }
        }
        let counts = counts.into_iter().skip(usize::from(begin.is_some()));
        for (one, count) in put_off.iter().zip(counts) {
            touched(count, one.must_touch).map_err(Flush::Rule)?;
        }
        Ok(())
    }

    pub async fn rows(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        if !self.put_off.is_empty() {
            self.flush(None).await?;
        }
        let begin = self.begin.take();
        let client = self.client()?;
        let found = async {
            let statement = client.prepare_cached(&numbered(sql)).await?;
            let params = dynamic(params);
            let starting = async { if let Some(begin) = begin { client.batch_execute(begin).await } else { Ok(()) } };
            let ((), rows) = futures::try_join!(starting, client.query(&statement, &params))?;
            rows.iter().map(cells).collect::<std::result::Result<Vec<_>, _>>()
        };
        let found = found.await;
        found.map_err(|error| self.failed(&error))
    }

    /// Rows one after the other, no faster than they are taken.
    pub async fn stream(&mut self, sql: &str, params: &[Param]) -> Result<RowStream> {
        let client = self.client()?;
        let found = async {
            let statement = client.prepare(&numbered(sql)).await?;
            client.query_raw(&statement, params).await
        };
        let found = found.await;
        found.map_err(|error| self.failed(&error))
    }

    pub fn put_off(&mut self, sql: Cow<'static, str>, params: Vec<Param>, must_touch: Option<u64>) {
        self.put_off.push(PutOff { sql, params, must_touch });
    }

    /// The next number of a sequence, from the block this server holds.
    pub async fn number(&mut self, dealer: DealerId, name: &'static str, first: i64) -> Result<i64> {
        let mut blocks = self.blocks.lock().await;
        let block = blocks.entry((dealer, name)).or_insert((0, 0));
        if block.0 >= block.1 {
            let side = self.side.get().await.map_err(|error| Error::unavailable(&error))?;
            let params: [Param; 4] = [dealer.into(), name.into(), (first + BLOCK - 1).into(), BLOCK.into()];
            let statement = side.prepare_cached(&numbered(RAISE)).await.map_err(|error| failure(&error))?;
            let row = side.query_one(&statement, &dynamic(&params)).await.map_err(|error| failure(&error))?;
            let last: i64 = row.try_get(0).map_err(|error| failure(&error))?;
            *block = (last - BLOCK + 1, last + 1);
        }
        block.0 += 1;
        Ok(block.0 - 1)
    }

    /// Sends what was put off and what the tallies change by, and commits.
    pub async fn commit(&mut self, deltas: &mut Deltas) -> Result<()> {
        const TALLIES: &str = "INSERT INTO tallies (dealer_id, kind, dimension, bucket, slot, n, m1, m2) \
             SELECT d.dealer_id, d.kind, d.dimension, d.bucket, pg_backend_pid() % 8, d.n, d.m1, d.m2 \
             FROM jsonb_to_recordset(?1) AS d (dealer_id TEXT, kind TEXT, dimension TEXT, bucket TEXT, \
             n BIGINT, m1 BIGINT, m2 BIGINT) \
             ON CONFLICT (dealer_id, kind, dimension, bucket, slot) \
             DO UPDATE SET n = tallies.n + excluded.n, m1 = tallies.m1 + excluded.m1, m2 = tallies.m2 + excluded.m2";
        let changes = deltas.drain();
        if !changes.is_empty() {
            let rows: Vec<_> = changes
                .iter()
                .map(|(bucket, [n, m1, m2])| {
                    serde_json::json!({"dealer_id": bucket.dealer, "kind": bucket.kind, "dimension": bucket.dimension,
                        "bucket": bucket.values, "n": n, "m1": m1, "m2": m2})
                })
                .collect();
            self.put_off(TALLIES.into(), vec![crate::sql::json(&rows)?.into()], None);
        }
        if self.begin.is_some() && self.put_off.is_empty() {
            self.open = false;
            return Ok(());
        }
        // Whether every statement touched what it had to is known before the commit leaves, not after.
        if self.put_off.iter().any(|one| one.must_touch.is_some()) {
            self.flush(None).await?;
        }
        self.flush(Some("COMMIT")).await?;
        self.open = false;
        Ok(())
    }

    pub async fn roll_back(&mut self) {
        if self.begin.is_some() {
            self.open = false;
        } else if let Some(client) = &self.client {
            self.open = client.batch_execute("ROLLBACK").await.is_err();
        }
    }
}

/// A flush fails in the database, or by a rule of ours.
enum Flush {
    Database(tokio_postgres::Error),
    Rule(Error),
}

impl From<tokio_postgres::Error> for Flush {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Error> for Flush {
    fn from(error: Error) -> Self {
        Self::Rule(error)
    }
}

fn cells(row: &tokio_postgres::Row) -> std::result::Result<Row, tokio_postgres::Error> {
    (0..row.len()).map(|at| row.try_get::<_, Cell>(at)).collect::<std::result::Result<_, _>>().map(Row)
}
