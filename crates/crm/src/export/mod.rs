//! Exports: the documents of a kind as they were at one instant, written by a job, to be fetched within a day.
//!
//! The instant is held by the server that is asked, before it answers, and that server does the work at once. The job in
//! the table is what remains when it dies: whoever claims it then begins afresh, with an instant of its own. Afterwards
//! the same job waits for the day to be over, and takes the result away.

mod columns;
mod encode;
mod plan;
mod run;

use std::time::Duration;

use self::plan::Plan;
pub(crate) use self::run::AT_ONCE;
use forecourt_record::{
    Document, Error, Export, ExportFormat, ExportId, ExportQuery, Result, WorkStatus, spec::KindSpec,
};
use forecourt_store::{Command, Job, Lane, NewJob, Place, Tx};
use serde_json::json;

use crate::{Caller, Crm, Sight};

/// The job of an export's whole life: `{"export": id}`.
pub const EXPORT: &str = "export.run@1";
/// How long a finished export can be fetched.
pub const LIFETIME: Duration = Duration::from_hours(24);
/// How long whoever works on an export may be silent before somebody else takes it up.
const LEASE: Duration = Duration::from_secs(15);

/// The key of an export's job.
fn key(export: ExportId) -> String {
    format!("export:{export}")
}

impl Crm {
    /// Begins an export of what the caller sees of a kind, as it is now.
    ///
    /// Errors: as the query's; `Unavailable` while too many are under way.
    pub async fn export_create(
        &self,
        caller: &Caller,
        spec: &'static KindSpec,
        query: ExportQuery,
        format: ExportFormat,
    ) -> Result<Document<Export>> {
        let export = Export {
            collection: spec.name.to_owned(),
            owner: caller.actor.label(),
            format,
            query,
            locations: match &caller.sight {
                Sight::All => None,
                Sight::Locations(codes) => Some(codes.clone()),
            },
            as_of: Some(self.now()),
            ..Export::default()
        };
        let export = Document::new(self.context.id(), self.now(), export, ());
        // Whatever is wrong with the question is said now.
        let plan = Plan::of(&*self.config(caller.dealer).await?, &export)?;
        let snapshot = self.store.snapshot(self.scope(caller)).await?;
        let job = self.store.write(self.scope(caller), Begin(export.clone())).await?;
        let (crm, id) = (self.clone(), export.id);
        tokio::spawn(async move { crm.export_begin(job, id, plan, snapshot).await });
        Ok(export)
    }

    /// An export of the caller's. Errors: `NotFound`, also for somebody else's.
    pub async fn export_view(&self, caller: &Caller, export: ExportId) -> Result<Document<Export>> {
        let look = View { export, owner: caller.actor.label() };
        self.store.read(self.scope(caller), Lane::Quick, look).await
    }

    /// Ends an export of the caller's, finished or not, and takes its result away. Errors: as of viewing.
    pub async fn export_cancel(&self, caller: &Caller, export: ExportId) -> Result<()> {
        self.store.write(self.scope(caller), Cancel { export, owner: caller.actor.label() }).await
    }

    /// The bytes of a finished export from `offset` on, as many as are at hand; none at its end.
    ///
    /// Errors: `NotFound` when it is not finished, or its result is not there any more.
    pub async fn export_piece(
        &self,
        export: &Document<Export>,
        caller: &Caller,
        offset: u64,
    ) -> Result<Option<Vec<u8>>> {
        let (Some(attempt), Some(bytes)) = (export.doc.attempt, export.doc.bytes) else {
            return Err(Error::not_found("result"));
        };
        if offset >= bytes as u64 {
            return Ok(None);
        }
        let piece = self.store.piece(Place::new(caller.dealer, export.id, attempt), offset).await?;
        piece.map(Some).ok_or_else(|| Error::not_found("result"))
    }
}

/// Stores an export and the job of its life, which is ours for the first lease.
struct Begin(Document<Export>);

impl Command for Begin {
    type Output = Job;

    async fn run(&self, tx: &mut Tx) -> Result<Job> {
        let (id, due_at) = (self.0.id, tx.scope().now + LEASE);
        tx.insert(&self.0).await?;
        tx.enqueue(NewJob {
            name: EXPORT,
            payload: json!({"export": id}),
            due_at,
            priority: 50,
            dedupe: Some(key(id)),
        })
        .await?;
        tx.job_waiting(&key(id)).await?.ok_or_else(|| Error::internal("an export without its job"))
    }
}

struct View {
    export: ExportId,
    owner: String,
}

impl Command for View {
    type Output = Document<Export>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let found = tx.get(self.export).await?;
        let of_owner = found.filter(|export| export.doc.owner == self.owner && !is_over(export, tx));
        of_owner.ok_or_else(|| Error::not_found("export"))
    }
}

/// Whether its day is over: it is gone then, even where the job that takes it away has not come to it yet.
fn is_over(export: &Document<Export>, tx: &Tx) -> bool {
    export.doc.expires_at.is_some_and(|expires_at| expires_at <= tx.scope().now)
}

struct Cancel {
    export: ExportId,
    owner: String,
}

impl Command for Cancel {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let export = tx.require_for_update(self.export).await?;
        if export.doc.owner != self.owner || is_over(&export, tx) {
            return Err(Error::not_found("export"));
        }
        tx.delete(export.id).await?;
        // By then whoever works on it has noticed, and writes no more.
        let settled = matches!(export.doc.status, WorkStatus::Success | WorkStatus::Error);
        let due_at = if settled { tx.scope().now } else { tx.scope().now + LEASE };
        tx.job_wake(NewJob {
            name: EXPORT,
            payload: json!({"export": export.id}),
            due_at,
            priority: 50,
            dedupe: Some(key(export.id)),
        })
        .await
    }
}
