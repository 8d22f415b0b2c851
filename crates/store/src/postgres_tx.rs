//! A transaction on PostgreSQL: statements that need no answer are put off and sent in one go.

use std::{borrow::Cow, collections::HashMap, mem::take, sync::Arc};

use deadpool_postgres::{Object, Pool};
use forecourt_record::{DealerId, Error, Result};
use futures::future::{BoxFuture, FutureExt, join_all, try_join_all};
use tokio_postgres::{NoTls, RowStream, error::SqlState, types::ToSql};

use crate::{
    counters::RAISE,
    postgres::failure,
    sql::{Cell, Param, Row, numbered},
    tallies::Deltas,
    together::{self, Question},
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
    ahead: Ahead,
    blocks: Blocks,
    side: Pool,
    /// Whether the failure was a lost race, so that another try may succeed.
    pub lost_race: bool,
    /// Whether a question came that had not been noted, so that the command has to run again, without noting.
    pub missed: bool,
    /// Whether the connection is in the middle of something.
    open: bool,
}

/// Questions asked before their answers are needed.
enum Ahead {
    /// Not in this transaction.
    Never,
    /// Nothing was asked yet, so they may be.
    Possible,
    Noting(Vec<Question>),
    Answered(Vec<(Question, Vec<Row>)>),
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
    pub fn new(client: Object, writable: bool, notes: bool, blocks: Blocks, side: Pool) -> Self {
        let begin = if writable { "BEGIN" } else { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
        Self {
            client: Some(client),
            begin: Some(begin),
            put_off: Vec::new(),
            ahead: if notes && !writable { Ahead::Possible } else { Ahead::Never },
            blocks,
            side,
            lost_race: false,
            missed: false,
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

    /// Sends BEGIN where it is due, everything put off, and one more statement, in one go. Gives the rows of the last.
    async fn flush(&mut self, last: Last<'_>) -> Result<Vec<Row>> {
        let result = self.flushed(last).await;
        result.map_err(|error| match error {
            Flush::Database(error) => self.failed(&error),
            Flush::Rule(error) => error,
        })
    }

    async fn flushed(&mut self, last: Last<'_>) -> std::result::Result<Vec<Row>, Flush> {
        let put_off = take(&mut self.put_off);
        let begin = self.begin.take();
        let client = self.client()?;
        let mut prepared = Vec::with_capacity(put_off.len());
        for one in &put_off {
            prepared.push(client.prepare_cached(&numbered(&one.sql)).await?);
        }
        let asked = match last {
            Last::Ask(sql, params) => Some((client.prepare_cached(&numbered(sql)).await?, dynamic(params))),
            Last::Nothing | Last::Say(_) => None,
        };
        let params: Vec<_> = put_off.iter().map(|one| dynamic(&one.params)).collect();
        let say = |sql: &'static str| async move { client.batch_execute(sql).await.map(|()| Sent::Done(0)) }.boxed();
        let mut sending: Vec<BoxFuture<'_, std::result::Result<Sent, tokio_postgres::Error>>> = Vec::new();
        sending.extend(begin.map(say));
        for (statement, params) in prepared.iter().zip(&params) {
            sending.push(async move { client.execute(statement, params).await.map(Sent::Done) }.boxed());
        }
        match (&asked, last) {
            (Some((statement, params)), _) => {
                sending.push(async move { client.query(statement, params).await.map(Sent::Answered) }.boxed());
            }
            (None, Last::Say(sql)) => sending.push(say(sql)),
            (None, _) => {}
        }
        let mut sent = Vec::with_capacity(sending.len());
        let mut sending = sending.into_iter().peekable();
        while sending.peek().is_some() {
            // join_all polls its parts in order, so the statements leave in order; and all answers are awaited, since
            // the first failure in that order is the one that says what went wrong.
            for answer in join_all(sending.by_ref().take(PIPELINE)).await {
                sent.push(answer?);
            }
        }
        let mut rows = Vec::new();
        let mut put_off = put_off.iter();
        for sent in sent.into_iter().skip(usize::from(begin.is_some())) {
            match (sent, put_off.next()) {
                (Sent::Done(count), Some(one)) => touched(count, one.must_touch).map_err(Flush::Rule)?,
                (Sent::Done(_), None) => {}
                (Sent::Answered(answer), _) => {
                    rows = answer.iter().map(cells).collect::<std::result::Result<_, _>>()?;
                }
            }
        }
        Ok(rows)
    }

    /// Whether questions are noted from now on instead of being asked.
    pub fn note(&mut self) -> bool {
        if let Ahead::Possible = self.ahead {
            self.ahead = Ahead::Noting(Vec::new());
        }
        matches!(self.ahead, Ahead::Noting(_))
    }

    pub async fn ask_noted(&mut self) -> Result<()> {
        let Ahead::Noting(questions) = &mut self.ahead else { return Ok(()) };
        let questions = take(questions);
        if questions.is_empty() {
            self.ahead = Ahead::Never;
            return Ok(());
        }
        let asked = async {
            let client = self.client.as_ref().ok_or_else(|| Error::internal("the transaction is over"))?;
            // What its columns are is known of a statement that has been prepared, once per connection.
            let alone =
                questions.iter().map(|question| async { client.prepare_cached(&numbered(&question.sql)).await });
            let shapes: Vec<_> =
                try_join_all(alone).await?.iter().map(|statement| together::shape(statement.columns())).collect();
            let sql = together::statement(questions.iter().zip(&shapes));
            let params: Vec<_> = questions.iter().flat_map(|question| dynamic(&question.params)).collect();
            let statement = client.prepare_cached(&sql).await?;
            let rows = client.query(&statement, &params).await?;
            let rows = rows.iter().map(cells).collect::<std::result::Result<Vec<_>, _>>()?;
            Ok(together::apart(rows, &shapes))
        };
        let answers = match asked.await {
            Ok(answers) => answers,
            Err(Flush::Database(error)) => return Err(self.failed(&error)),
            Err(Flush::Rule(error)) => return Err(error),
        };
        self.ahead = Ahead::Answered(questions.into_iter().zip(answers).collect());
        Ok(())
    }

    /// What is known of a question that was noted or asked ahead; none when it has to be asked now.
    fn ahead(&mut self, sql: &str, params: &[Param]) -> Option<Result<Vec<Row>>> {
        match &mut self.ahead {
            Ahead::Never => None,
            Ahead::Possible => {
                self.ahead = Ahead::Never;
                None
            }
            Ahead::Noting(questions) => {
                questions.push(Question { sql: sql.to_owned(), params: params.to_owned() });
                Some(Ok(Vec::new()))
            }
            Ahead::Answered(answers) => {
                let same = |(question, _): &(Question, _)| question.sql == sql && question.params == params;
                let Some(at) = answers.iter().position(same) else {
                    self.missed = true;
                    return Some(Err(Error::internal("a question came that had not been noted")));
                };
                Some(Ok(answers.swap_remove(at).1))
            }
        }
    }

    pub async fn rows(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        if let Some(answer) = self.ahead(sql, params) {
            return answer;
        }
        self.flush(Last::Ask(sql, params)).await
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
            self.flush(Last::Nothing).await?;
        }
        self.flush(Last::Say("COMMIT")).await?;
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

/// What leaves behind everything put off.
#[derive(Clone, Copy)]
enum Last<'a> {
    Nothing,
    Say(&'static str),
    Ask(&'a str, &'a [Param]),
}

/// What a statement came to.
enum Sent {
    /// So many rows were touched.
    Done(u64),
    Answered(Vec<tokio_postgres::Row>),
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
