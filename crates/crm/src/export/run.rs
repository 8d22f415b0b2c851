//! The work on an export: carried on by whoever holds its job, given up when somebody else does, repeated after a crash.

use std::{
    pin::pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use forecourt_record::{Document, Error, Export, ExportId, Instant, Result, WorkStatus, error::Code};
use forecourt_store::{Command, Forget, Job, Lane, Place, Progress, Snapshot, Tx, Written};
use serde::Deserialize as _;
use tokio::time::timeout;
use tracing::{debug, warn};

use super::{LEASE, LIFETIME, plan::Plan};
use crate::{
    Crm,
    crash::{AFTER_EXPORT_WRITTEN, crash_point},
};

/// How often whoever works on an export says so, and how far it is.
const BEAT: Duration = Duration::from_secs(2);
/// Exports that one server writes at a time; the others wait with their instant in hand.
pub(crate) const AT_ONCE: usize = 2;
/// An export that failed so often has failed.
const MOST_ATTEMPTS: i64 = 3;

/// Tells the reading to stop when nobody waits for it any more.
struct StopOnDrop(Arc<Progress>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop.store(true, Relaxed);
    }
}

impl Crm {
    /// The first attempt, by the server that was asked.
    pub(super) async fn export_begin(&self, job: Job, id: ExportId, plan: Plan, held: Snapshot) {
        let Err(error) = self.export_write(&job, id, plan, Some(held)).await else { return };
        if is_elsewhere(&error) {
            return debug!(export = %id, "an export was cancelled or goes on elsewhere");
        }
        warn!(export = %id, %error, "an export failed and is tried again");
        // A worker takes it up from here.
        let now = self.now();
        if let Err(error) = self.store.write(self.house(job.dealer), Keep(job, now)).await {
            debug!(export = %id, %error, "an export is taken up once its lease has run out");
        }
    }

    /// Does what is next for an export: writes it, or takes it away once its day is over or it was cancelled.
    pub async fn export_work(&self, job: &Job) -> Result<()> {
        let id = ExportId::deserialize(&job.payload["export"]).map_err(Error::internal)?;
        let (house, now) = (self.house(job.dealer), self.now());
        match self.store.read(house, Lane::Quick, Load(id)).await? {
            Some(export) if !matches!(export.doc.status, WorkStatus::Success | WorkStatus::Error) => {
                let plan = Plan::of(&*self.config(job.dealer).await?, &export)?;
                match self.export_write(job, id, plan, None).await {
                    Err(error) if is_elsewhere(&error) => Ok(()),
                    Err(error) if job.attempts >= MOST_ATTEMPTS => {
                        warn!(export = %id, %error, "an export failed");
                        let end = End { job: job.clone(), id, outcome: Err(error.detail.clone()) };
                        self.store.write(house, end).await
                    }
                    result => result,
                }
            }
            Some(export) if export.doc.expires_at.is_some_and(|expires_at| expires_at > now) => {
                let expires_at = export.doc.expires_at.unwrap_or(now);
                self.store.write(house, Keep(job.clone(), expires_at)).await
            }
            _ => {
                self.store.pieces_forget(job.dealer, id, Forget::All).await?;
                self.store.write(house, Expire { job: job.clone(), id }).await
            }
        }
    }

    /// Writes the whole result and records it, saying now and then that somebody is at it.
    async fn export_write(&self, job: &Job, id: ExportId, plan: Plan, held: Option<Snapshot>) -> Result<()> {
        let house = self.house(job.dealer);
        let attempt = job.claims();
        let place = Place::new(job.dealer, id, attempt);
        let progress = Arc::new(Progress::default());
        let beat = |as_of| Beat { job: job.clone(), id, progress: progress.clone(), as_of };
        self.store.write(house, beat(None)).await?;
        let written = {
            let _stop = StopOnDrop(progress.clone());
            let mut writing = pin!(async {
                let _turn = self.exports.acquire().await.map_err(Error::internal)?;
                let (snapshot, as_of) = match held {
                    Some(held) => (held, None),
                    None => (self.store.snapshot(house).await?, Some(self.now())),
                };
                if as_of.is_some() {
                    self.store.write(self.house(job.dealer), beat(as_of)).await?;
                }
                snapshot.write_out(plan.wanted, place, plan.encoder, progress.clone()).await
            });
            loop {
                match timeout(BEAT, &mut writing).await {
                    Ok(written) => break written,
                    Err(_) => {
                        if let Err(error) = self.store.write(self.house(job.dealer), beat(None)).await {
                            break Err(error);
                        }
                    }
                }
            }
        };
        let recorded = match written {
            Ok(written) => {
                crash_point(AFTER_EXPORT_WRITTEN);
                let end = End { job: job.clone(), id, outcome: Ok(written) };
                self.store.write(self.house(job.dealer), end).await
            }
            Err(error) => Err(error),
        };
        // What other attempts left, or what this one did, is of no use to anybody now.
        let useless = if recorded.is_ok() { Forget::AllBut(attempt) } else { Forget::Only(attempt) };
        if let Err(error) = self.store.pieces_forget(job.dealer, id, useless).await {
            warn!(export = %id, %error, "what an attempt at an export wrote is still there");
        }
        recorded
    }
}

/// Whether the failure means that the export is not ours any more.
fn is_elsewhere(error: &Error) -> bool {
    matches!(error.code, Code::VersionBehind | Code::NotFound)
}

struct Load(ExportId);

impl Command for Load {
    type Output = Option<Document<Export>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        tx.get(self.0).await
    }
}

/// Puts the export's job off until then.
struct Keep(Job, Instant);

impl Command for Keep {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.job_keep(&self.0, self.1).await
    }
}

/// Says that somebody is at it, and how far. Errors: `NotFound` when it was cancelled, `VersionBehind` when somebody else
/// has it.
struct Beat {
    job: Job,
    id: ExportId,
    progress: Arc<Progress>,
    /// Of a new attempt: the instant it holds.
    as_of: Option<Instant>,
}

impl Command for Beat {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut export = tx.require_for_update(self.id).await?;
        export.doc.status = WorkStatus::Running;
        export.doc.done = self.progress.done.load(Relaxed);
        export.doc.total = self.progress.total.load(Relaxed);
        export.doc.as_of = self.as_of.or(export.doc.as_of);
        tx.update(&mut export).await?;
        let until = tx.scope().now + LEASE;
        tx.job_keep(&self.job, until).await
    }
}

/// Records how an export ended. Its job waits from now on for the day to be over.
struct End {
    job: Job,
    id: ExportId,
    outcome: std::result::Result<Written, String>,
}

impl Command for End {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut export = tx.require_for_update(self.id).await?;
        let now = tx.scope().now;
        let doc = &mut export.doc;
        (doc.finished_at, doc.expires_at) = (Some(now), Some(now + LIFETIME));
        match &self.outcome {
            Ok(Written { documents, bytes, sha256 }) => {
                doc.status = WorkStatus::Success;
                (doc.done, doc.total) = (*documents, *documents);
                doc.bytes = Some(*bytes);
                doc.sha256 = Some(sha256.clone());
                doc.attempt = Some(self.job.claims());
            }
            Err(error) => {
                doc.status = WorkStatus::Error;
                doc.error = Some(error.clone());
            }
        }
        tx.update(&mut export).await?;
        tx.job_keep(&self.job, now + LIFETIME).await
    }
}

/// Forgets an export, and ends its job.
struct Expire {
    job: Job,
    id: ExportId,
}

impl Command for Expire {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if let Some(export) = tx.get_for_update(self.id).await? {
            tx.delete(export.id).await?;
        }
        tx.job_done(&self.job).await
    }
}
