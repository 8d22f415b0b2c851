//! Work to be done later: a name, a key and a due time, put in the transaction that makes it necessary.
//!
//! A lease is a due time in the future: a worker that dies simply lets its job become due again. The number of claims
//! is the fence: what a worker records counts only while nobody has claimed the job after it.

use std::time::Duration;

use forecourt_record::{DealerId, Instant, Result};
use serde_json::Value;

use crate::{
    Command, Scope, Signals, Store, Tx,
    sql::{Param, Row, json},
    tx::TxEngine,
};

/// A job to be enqueued.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// With the version of its payload: `whatsapp.send@1`.
    pub name: &'static str,
    pub payload: Value,
    pub due_at: Instant,
    /// Lower goes first among jobs due at the same time.
    pub priority: i64,
    /// While a job with this key waits, another one is not added.
    pub dedupe: Option<String>,
}

/// A job as a worker holds it.
#[derive(Clone, Debug)]
pub struct Job {
    pub number: i64,
    pub dealer: DealerId,
    pub name: String,
    pub payload: Value,
    /// When it became due; of a job that waits, when it becomes due.
    pub due_at: Instant,
    /// Counts this attempt; afresh once the job was put back without a failure.
    pub attempts: i64,
    /// How often it was claimed, ever: the fence.
    pub(crate) claims: i64,
}

impl Job {
    /// How often it has been claimed, ever: tells the attempts at it apart.
    pub fn claims(&self) -> i64 {
        self.claims
    }
}

const COLUMNS: &str = "number, dealer_id, name, payload, due_at, attempts, claims";

fn read(mut row: Row) -> Result<Job> {
    Ok(Job {
        number: row.int(0)?,
        dealer: row.id(1)?,
        name: row.text(2)?,
        payload: row.json(3)?,
        due_at: row.instant(4)?,
        attempts: row.int(5)?,
        claims: row.int(6)?,
    })
}

impl Tx {
    /// Enqueues a job; workers are woken once the transaction is durable.
    pub async fn enqueue(&mut self, job: NewJob) -> Result<()> {
        const INSERT: &str = "INSERT INTO jobs (dealer_id, due_at, priority, name, payload, dedupe, attempts, claims) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0) \
             ON CONFLICT (dealer_id, dedupe) WHERE dedupe IS NOT NULL DO NOTHING";
        self.enqueue_with(INSERT, job).await
    }

    async fn enqueue_with(&mut self, sql: &'static str, job: NewJob) -> Result<()> {
        let params: Vec<Param> = vec![
            self.dealer_param(),
            job.due_at.into(),
            job.priority.into(),
            job.name.into(),
            json(&job.payload)?.into(),
            job.dedupe.into(),
        ];
        self.later(sql, params, None).await?;
        self.after_commit(Signals::job);
        Ok(())
    }

    /// Enqueues a job with a key, or makes the one that waits under it due no later than this one.
    pub async fn job_wake(&mut self, job: NewJob) -> Result<()> {
        const UPSERT: &str = "INSERT INTO jobs (dealer_id, due_at, priority, name, payload, dedupe, attempts, claims) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0) ON CONFLICT (dealer_id, dedupe) WHERE dedupe IS NOT NULL \
             DO UPDATE SET due_at = CASE WHEN excluded.due_at < jobs.due_at THEN excluded.due_at ELSE jobs.due_at END";
        self.enqueue_with(UPSERT, job).await
    }

    /// The waiting job with this key.
    pub async fn job_waiting(&mut self, dedupe: &str) -> Result<Option<Job>> {
        let sql = format!("SELECT {COLUMNS} FROM jobs WHERE dealer_id = ?1 AND dedupe = ?2");
        self.row(&sql, &[self.dealer_param(), dedupe.into()]).await?.map(read).transpose()
    }

    /// Takes a waiting job away.
    pub async fn job_cancel(&mut self, dedupe: &str) -> Result<()> {
        const DELETE: &str = "DELETE FROM jobs WHERE dealer_id = ?1 AND dedupe = ?2";
        let params = vec![self.dealer_param(), dedupe.into()];
        self.later(DELETE, params, None).await
    }

    /// Ends a job, in the transaction that records what it did.
    ///
    /// Errors: `VersionBehind` when the job was claimed again since, or cancelled: then nothing of this transaction
    /// counts.
    pub async fn job_done(&mut self, job: &Job) -> Result<()> {
        const DELETE: &str = "DELETE FROM jobs WHERE number = ?1 AND claims = ?2";
        self.later(DELETE, vec![job.number.into(), job.claims.into()], Some(1)).await
    }

    /// Puts a job back for later, with a reason when it failed. `attempts` starts afresh when it did not.
    ///
    /// Errors: as of [`Tx::job_done`].
    pub async fn job_again(&mut self, job: &Job, due_at: Instant, failure: Option<String>) -> Result<()> {
        const UPDATE: &str =
            "UPDATE jobs SET due_at = ?3, failure = ?4, attempts = ?5 WHERE number = ?1 AND claims = ?2";
        let attempts = if failure.is_some() { job.attempts } else { 0 };
        let params: Vec<Param> =
            vec![job.number.into(), job.claims.into(), due_at.into(), failure.into(), attempts.into()];
        self.later(UPDATE, params, Some(1)).await?;
        self.after_commit(Signals::job);
        Ok(())
    }

    /// Keeps a job for longer: its lease, or what it waits for, ends at `due_at`. Nothing else of it changes.
    ///
    /// Errors: as of [`Tx::job_done`].
    pub async fn job_keep(&mut self, job: &Job, due_at: Instant) -> Result<()> {
        const UPDATE: &str = "UPDATE jobs SET due_at = ?3 WHERE number = ?1 AND claims = ?2";
        self.later(UPDATE, vec![job.number.into(), job.claims.into(), due_at.into()], Some(1)).await
    }

    /// Gives a job up for good, keeping it for a person to look at.
    ///
    /// Errors: as of [`Tx::job_done`].
    pub async fn job_dead(&mut self, job: &Job, failure: &str) -> Result<()> {
        const INSERT: &str = "INSERT INTO dead_jobs (number, dealer_id, died_at, name, payload, attempts, failure) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let params: Vec<Param> = vec![
            job.number.into(),
            job.dealer.into(),
            self.scope().now.into(),
            job.name.as_str().into(),
            json(&job.payload)?.into(),
            job.attempts.into(),
            failure.into(),
        ];
        self.later(INSERT, params, None).await?;
        self.job_done(job).await
    }

    /// How many jobs of this dealer wait, and how many were given up.
    pub async fn jobs_left(&mut self) -> Result<(i64, i64)> {
        const COUNT: &str = "SELECT (SELECT count(*) FROM jobs WHERE dealer_id = ?1), \
             (SELECT count(*) FROM dead_jobs WHERE dealer_id = ?1)";
        let row = self.row(COUNT, &[self.dealer_param()]).await?;
        row.map_or(Ok((0, 0)), |mut row| Ok((row.int(0)?, row.int(1)?)))
    }

    async fn jobs_claim(&mut self, lease: Duration, most: i64, only: Option<DealerId>) -> Result<Vec<Job>> {
        let now = self.scope().now;
        let mut params: Vec<Param> = vec![now.into(), most.into()];
        params.extend(only.map(Param::from));
        let scope = if only.is_some() { " AND dealer_id = ?3" } else { "" };
        let lock = match self.engine {
            TxEngine::Sqlite(_) => "",
            TxEngine::Postgres(_) => " FOR UPDATE SKIP LOCKED",
        };
        let due = format!(
            "SELECT {COLUMNS} FROM jobs WHERE due_at <= ?1{scope} ORDER BY due_at, priority, number LIMIT ?2{lock}"
        );
        let mut jobs: Vec<Job> = self.write_rows(&due, &params).await?.into_iter().map(read).collect::<Result<_>>()?;
        for job in &mut jobs {
            const LEASE: &str =
                "UPDATE jobs SET due_at = ?2, attempts = attempts + 1, claims = claims + 1 WHERE number = ?1";
            self.later(LEASE, vec![job.number.into(), (now + lease).into()], Some(1)).await?;
            job.attempts += 1;
            job.claims += 1;
        }
        Ok(jobs)
    }

    async fn jobs_next_due(&mut self, only: Option<DealerId>) -> Result<Option<Instant>> {
        let row = match only {
            Some(dealer) => self.row("SELECT min(due_at) FROM jobs WHERE dealer_id = ?1", &[dealer.into()]).await?,
            None => self.row("SELECT min(due_at) FROM jobs", &[]).await?,
        };
        Ok(row.and_then(|mut row| row.optional_int(0)).map(Instant::from_millis))
    }
}

struct Claim {
    lease: Duration,
    most: i64,
    only: Option<DealerId>,
}

impl Command for Claim {
    type Output = Vec<Job>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Job>> {
        tx.jobs_claim(self.lease, self.most, self.only).await
    }
}

struct NextDue(Option<DealerId>);

impl Command for NextDue {
    type Output = Option<Instant>;

    async fn run(&self, tx: &mut Tx) -> Result<Option<Instant>> {
        tx.jobs_next_due(self.0).await
    }
}

impl Store {
    /// Claims due jobs, of one dealer or of all, in a short transaction of its own: the earliest due first, then the
    /// lowest priority number. Nobody else gets them for the length of the lease.
    pub async fn jobs_claim(
        &self,
        now: Instant,
        lease: Duration,
        most: i64,
        only: Option<DealerId>,
    ) -> Result<Vec<Job>> {
        self.write(Scope::system(now), Claim { lease, most, only }).await
    }

    /// When the next job becomes due.
    pub async fn jobs_next_due(&self, now: Instant, only: Option<DealerId>) -> Result<Option<Instant>> {
        self.read(Scope::system(now), crate::Lane::Quick, NextDue(only)).await
    }
}
