//! The worker: claims due jobs and carries them out, several at a time, until it is told to stop.
//!
//! A claim is a lease: a worker that dies simply lets its jobs become due again. What a job throws is tried again, later
//! each time, and given up after so many attempts, kept for a person to look at. A job that was in hand whenever a process
//! died may have killed it, or may only have been near: it is carried out with nothing beside it before it is given up.

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use forecourt_crm::{
    export::EXPORT,
    import::task::{CALLBACK, TASK},
    intake::REQUEST_LIFETIME,
    lead::FOLLOW,
    schedule::ENTER,
    settings::PURGE,
};
use forecourt_record::{ChatMessage, Code, Conference, DealerId, EmailMessage, Error, Result, Sms, WhatsappMessage};
use forecourt_store::{Command, Job, Tx};
use serde::de::DeserializeOwned;
use tokio::{sync::RwLock, task::JoinSet, time::timeout};
use tracing::{debug, error, warn};

use crate::{
    Outreach,
    calls::{DIRECT, PACE},
    crash::{AFTER_CLAIM, crash_point},
    inbound::INBOUND,
    parcel::Parcel,
    schedule::{STEP, WEBHOOK},
};

/// How long a claimed job is ours.
pub const LEASE: Duration = Duration::from_mins(1);
/// A job that failed so often is given up.
const MOST_ATTEMPTS: i64 = 8;
/// The attempts of a job that is carried out with nothing beside it, after as many without a word.
const ALONE: i64 = 1_000;
/// Such a job comes back later when others are under way for so long.
const ALONE_WITHIN: Duration = Duration::from_secs(5);
/// Jobs under way at once.
const RUNNING: usize = 64;
/// Fewer free places than this are not worth a claim, unless nothing is under way.
const BATCH: usize = 16;
/// The worker looks at least this often: another process of the same database may have enqueued something.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How long to leave a store alone that could not be reached.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a dealer's old requests and webhook bodies are forgotten.
const PURGE_EVERY: Duration = Duration::from_hours(24);

/// Carries out jobs. Several workers, also of several processes, share the work.
#[derive(Clone)]
pub struct Worker {
    outreach: Outreach,
    /// Held by every job that is carried out, and by one that is carried out alone.
    beside: Arc<RwLock<()>>,
}

/// A member of a job's payload. Errors: `Internal` when it is not there or not of its type.
pub(crate) fn payload<T: DeserializeOwned>(job: &Job, member: &str) -> Result<T> {
    T::deserialize(&job.payload[member])
        .map_err(|error| Error::internal(format!("{member} of a {} job cannot be read: {error}", job.name)))
}

impl Worker {
    pub fn new(outreach: Outreach) -> Self {
        Self { outreach, beside: Arc::default() }
    }

    /// Works until `shutdown` completes; then finishes what is under way.
    pub async fn run(&self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = pin!(shutdown);
        let mut running: JoinSet<()> = JoinSet::new();
        loop {
            // The signal is kept until somebody waits for it, so what is enqueued after this look wakes the wait below.
            let free = RUNNING - running.len();
            let mut wait = LONGEST_WAIT;
            if free >= BATCH {
                match self.claim(free, None).await {
                    Ok(jobs) => {
                        let is_all = jobs.len() < free;
                        for job in jobs {
                            let worker = self.clone();
                            running.spawn(async move { worker.carry_out(&job).await });
                        }
                        if is_all {
                            wait = self.until_next().await;
                        }
                    }
                    Err(error) => {
                        warn!(%error, "no jobs could be claimed");
                        wait = PAUSE;
                    }
                }
            }
            tokio::select! {
                () = &mut shutdown => break,
                () = self.outreach.crm.store.signals.job_enqueued(), if free >= BATCH => {}
                Some(ended) = running.join_next() => report(ended),
                () = pause(wait) => {}
            }
            while let Some(ended) = running.try_join_next() {
                report(ended);
            }
        }
        debug!(jobs = running.len(), "the worker finishes what is under way");
        while let Some(ended) = running.join_next().await {
            report(ended);
        }
    }

    /// Carries out every job that is due, of one dealer or of all, and those that become due by it, one after the other.
    /// Says how many. Time does not pass by itself: a test or the demo moves the clock and drains again.
    pub async fn drain(&self, only: Option<DealerId>) -> Result<usize> {
        let mut done = 0;
        loop {
            let jobs = self.claim(BATCH, only).await?;
            if jobs.is_empty() {
                return Ok(done);
            }
            for job in jobs {
                self.carry_out(&job).await;
                done += 1;
            }
        }
    }

    async fn claim(&self, most: usize, only: Option<DealerId>) -> Result<Vec<Job>> {
        let crm = &self.outreach.crm;
        let jobs = crm.store.jobs_claim(crm.now(), LEASE, i64::try_from(most).unwrap_or(i64::MAX), only).await?;
        if !jobs.is_empty() {
            crash_point(AFTER_CLAIM);
        }
        Ok(jobs)
    }

    async fn until_next(&self) -> Duration {
        let due = self.outreach.next_due(None).await.ok().flatten();
        due.map_or(LONGEST_WAIT, |due| due.since(self.outreach.crm.now()).min(LONGEST_WAIT))
    }

    /// Carries out a job. Whatever it throws is dealt with here.
    async fn carry_out(&self, job: &Job) {
        let (job, result) = if job.attempts > ALONE {
            (job, Err(Error::internal("it ended without a word on every attempt, the last one with nothing beside it")))
        } else if job.attempts > MOST_ATTEMPTS {
            // It never came to say why: it took the process with it, or outlived its lease, or something else did.
            (&with_attempts(job, 1), self.carry_out_alone(job).await)
        } else {
            let _beside = self.beside.read().await;
            (job, self.outreach.perform(job).await)
        };
        let Err(error) = result else { return };
        let again = Again { job: job.clone(), error: error.clone() };
        match self.outreach.crm.write(self.outreach.crm.house(job.dealer), again).await {
            // Its lease ran out and somebody else has it now.
            Err(refused) if refused.code == Code::VersionBehind => {
                debug!(job = job.number, name = job.name, "a job went on elsewhere");
            }
            Err(refused) => {
                warn!(job = job.number, name = job.name, %error, %refused, "a job failed, and its failure could not be recorded");
            }
            Ok(true) => {
                error!(job = job.number, name = job.name, attempts = job.attempts, %error, "a job was given up");
            }
            Ok(false) if error.code == Code::VersionBehind => {
                debug!(job = job.number, name = job.name, "a document changed under a job; it is tried again");
            }
            Ok(false) => {
                warn!(job = job.number, name = job.name, attempts = job.attempts, %error, "a job failed and is tried again");
            }
        }
    }

    /// Carries out a job when no other is under way in this process, noting that first: if it ends without a word once
    /// more, it was no other.
    async fn carry_out_alone(&self, job: &Job) -> Result<()> {
        let note = async |attempts, reason| {
            let noted = Noted { job: with_attempts(job, attempts), reason };
            self.outreach.crm.write(self.outreach.crm.house(job.dealer), noted).await
        };
        // Whatever is claimed meanwhile waits behind it, so it does not wait for long.
        let Ok(_alone) = timeout(ALONE_WITHIN, self.beside.write()).await else {
            return note(MOST_ATTEMPTS, "waits until nothing else is under way").await;
        };
        note(ALONE, "carried out with nothing beside it").await?;
        // What the job itself makes of its attempts is to be as the first time.
        self.outreach.perform(&with_attempts(job, 1)).await
    }
}

fn with_attempts(job: &Job, attempts: i64) -> Job {
    let mut job = job.clone();
    job.attempts = attempts;
    job
}

/// Notes how a job stands, and keeps it for a lease more.
struct Noted {
    job: Job,
    reason: &'static str,
}

impl Command for Noted {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let until = tx.scope().now + LEASE;
        tx.job_again(&self.job, until, Some(self.reason.to_owned())).await
    }
}

impl Outreach {
    async fn perform(&self, job: &Job) -> Result<()> {
        match job.name.as_str() {
            <WhatsappMessage as Parcel>::SEND => self.send::<WhatsappMessage>(job).await,
            <EmailMessage as Parcel>::SEND => self.send::<EmailMessage>(job).await,
            <Sms as Parcel>::SEND => self.send::<Sms>(job).await,
            <ChatMessage as Parcel>::SEND => self.send::<ChatMessage>(job).await,
            <Conference as Parcel>::SEND => self.send::<Conference>(job).await,
            PACE => self.pace(job).await,
            DIRECT => self.call_direct(job).await,
            INBOUND => self.inbound(job).await,
            FOLLOW => self.follow(job).await,
            ENTER => self.lead_enter(job).await,
            STEP => self.enrolment_step(job).await,
            PURGE => self.crm.write(self.crm.house(job.dealer), Purge(job.clone())).await,
            EXPORT => self.crm.export_work(job).await,
            TASK => self.crm.import_task_work(job).await,
            CALLBACK => self.callback(job).await,
            WEBHOOK => self.webhook_call(job).await,
            unknown => Err(Error::internal(format!("no job is called {unknown}"))),
        }
    }
}

/// The jobs there are.
const KNOWN: [&str; 16] = [
    WhatsappMessage::SEND,
    Sms::SEND,
    EmailMessage::SEND,
    ChatMessage::SEND,
    Conference::SEND,
    PACE,
    DIRECT,
    INBOUND,
    FOLLOW,
    ENTER,
    STEP,
    EXPORT,
    TASK,
    CALLBACK,
    WEBHOOK,
    PURGE,
];

/// Ends a job that leaves nothing behind.
pub(crate) struct Done(pub Job);

impl Command for Done {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.job_done(&self.0).await
    }
}

/// Puts a failed job back, or gives it up. Says whether it was given up.
struct Again {
    job: Job,
    error: Error,
}

impl Command for Again {
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        let failure = self.error.to_string();
        // A job of a newer or older program is not ours to try again.
        if self.job.attempts >= MOST_ATTEMPTS || !KNOWN.contains(&self.job.name.as_str()) {
            tx.job_dead(&self.job, &failure).await?;
            return Ok(true);
        }
        let due_at = tx.scope().now + backoff(self.job.attempts);
        tx.job_again(&self.job, due_at, Some(failure)).await?;
        Ok(false)
    }
}

/// How long a job waits after an attempt that failed: twice as long each time, from two seconds.
fn backoff(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, MOST_ATTEMPTS)).unwrap_or(1);
    Duration::from_secs(1 << doublings)
}

/// As far back as a limit on contacts may look.
const LONGEST_LIMIT: Duration = Duration::from_hours(61 * 24);

/// Forgets what a dealer's requests and webhooks need no longer, and comes again tomorrow.
struct Purge(Job);

impl Command for Purge {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.forget_older_than(REQUEST_LIFETIME).await?;
        tx.contacted_forget(tx.scope().now - LONGEST_LIMIT).await?;
        let tomorrow = tx.scope().now + PURGE_EVERY;
        tx.job_again(&self.0, tomorrow, None).await
    }
}

fn report(ended: std::result::Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        // Its lease runs out and it is claimed again.
        error!(%error, "a job panicked");
    }
}

#[expect(clippy::disallowed_methods, reason = "the timer that waits for the next due job")]
async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_further_and_further_apart() {
        let waits: Vec<u64> = (1..=MOST_ATTEMPTS).map(|attempts| backoff(attempts).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256]);
        assert_eq!(backoff(i64::MAX), backoff(MOST_ATTEMPTS));
        assert_eq!(backoff(-1), backoff(1));
    }
}
