//! Lead import tasks: a payload as it was sent, made into leads by a job, each attempt written down.
//!
//! An attempt is one transaction: the leads, the word about them, and the call that tells of it are there together or
//! not at all. A task that failed is mended and set to `pending` again.

use forecourt_record::{
    Actor, CallbackMethod, Client, DealerId, Document, Error, Id, ImportAttempt, ImportResults, ImportStatus,
    ImportedId, Instant, Kind as _, LeadImportTask, Note, Result, SaleLead,
    error::{Code, Kind},
    event::{Event, EventName},
};
use forecourt_store::{Command, Job, Lane, NewJob, Tx};
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::{IMPORT, file::reasons, payload};
use crate::{
    Caller, Crm, Sight,
    intake::{Receive, Received},
};

/// The job that carries a task out: `{"task": id}`.
pub const TASK: &str = "leadimport.run@1";
/// The job that tells of it: `{"task": id, "attempt": its id}`.
pub const CALLBACK: &str = "leadimport.callback@1";
/// The version of what `results` hold.
const VERSION: &str = "1";
/// Leads that one payload may hold.
const MOST_LEADS: usize = 100;

fn key(task: Id<LeadImportTask>) -> String {
    format!("leadimport:{task}")
}

/// What a task's being written makes necessary: a new one is pending, and whatever is pending is carried out.
///
/// Called in the transaction that stores the task, before it is stored.
pub async fn follow(tx: &mut Tx, id: Id<LeadImportTask>, before: Option<&Value>, after: &mut Value) -> Result<()> {
    let was = before.map(|before| before["status"].as_str().unwrap_or_default());
    if before.is_none() && after["status"].is_null() {
        after["status"] = json!(ImportStatus::Pending);
    }
    let is_pending = after["status"] == json!(ImportStatus::Pending);
    if !is_pending || was == Some("pending") {
        return Ok(());
    }
    let due_at = tx.scope().now;
    let task = json!({"task": id});
    tx.job_wake(NewJob { name: TASK, payload: task, due_at, priority: 20, dedupe: Some(key(id)) }).await
}

/// A call that tells somebody how a task ended.
#[derive(Clone, Debug)]
pub struct Told {
    /// The same at every try.
    pub id: String,
    pub url: String,
    pub method: CallbackMethod,
    /// JSON.
    pub body: String,
    pub secret: String,
}

impl Crm {
    /// Carries a task out, if it is pending.
    pub async fn import_task_work(&self, job: &Job) -> Result<()> {
        let id = task_of(job)?;
        let house = self.house(job.dealer);
        let task = self.store.read(house, Lane::Quick, Load(id)).await?;
        let Some(task) = task.filter(|task| task.doc.status == Some(ImportStatus::Pending)) else {
            return self.write(house, Nothing(job.clone())).await;
        };
        let started_at = self.now();
        let prepared = self.import_task_prepare(job.dealer, &task).await;
        let attempt = |prepared| Attempt {
            job: job.clone(),
            task: id,
            version: task.version,
            id: self.context.id(),
            started_at,
            prepared,
        };
        let error = match prepared {
            Ok(prepared) => match self.write(self.import(job), attempt(Ok(prepared))).await {
                Err(error) if is_of_payload(&error) => error,
                done => return done,
            },
            Err(error) if is_of_payload(&error) => error,
            Err(error) => return Err(error),
        };
        self.write(self.import(job), attempt(Err(reasons(&error)))).await
    }

    /// The scope of what comes in by a feed.
    fn import(&self, job: &Job) -> forecourt_store::Scope {
        forecourt_store::Scope { dialect: IMPORT, ..self.house(job.dealer) }
    }

    async fn import_task_prepare(&self, dealer: DealerId, task: &Document<LeadImportTask>) -> Result<Prepared> {
        let config = self.config(dealer).await?;
        let house = Caller { dealer, actor: Actor::System, dialect: IMPORT, sight: Sight::All, history: false };
        let doc = &task.doc;
        let nothing = || Error::field("json_payload", "required", "There is no payload.");
        let read = payload::read(&doc.json_payload.as_ref().ok_or_else(nothing)?.0)?;
        if read.leads.len() > MOST_LEADS {
            let detail = format!("A task holds at most {MOST_LEADS} leads.");
            return Err(Error::field("json_payload", "too_long", detail));
        }
        let bulk = doc.metadata.as_ref().and_then(|metadata| metadata.bulk_import_id.clone());
        let mut receives = Vec::with_capacity(read.leads.len());
        for mut new in read.leads {
            // What is taken over in bulk is of long ago: nobody is to be greeted for it.
            new.quiet = bulk.is_some();
            new.brought.bulk_import_id.clone_from(&bulk);
            new.brought.lead_import_id = Some(task.id.to_string());
            new.brought.email_id = new.brought.email_id.or_else(|| doc.email_id.clone());
            new.brought.provider = new.brought.provider.or_else(|| doc.provider.clone());
            let provider = new.brought.provider.as_ref().and_then(|provider| provider.name.clone());
            new.source = new.source.or(provider);
            receives.push(self.lead_prepare(&house, config.clone(), new, None)?);
        }
        // The attempt, its results, and of each lead itself, its client and its note.
        let parts = std::iter::repeat_with(|| self.context.id()).take(2 + 3 * receives.len()).collect();
        Ok(Prepared { receives, warnings: read.warnings, parts })
    }
}

/// Whether the payload is to blame, and not the weather.
fn is_of_payload(error: &Error) -> bool {
    matches!(error.code.kind(), Kind::Invalid | Kind::NotFound | Kind::Conflict) && error.code != Code::VersionBehind
}

/// The task that a job is about.
pub fn task_of(job: &Job) -> Result<Id<LeadImportTask>> {
    Id::deserialize(&job.payload["task"]).map_err(Error::internal)
}

/// Enquiries ready to be received, and ids for what is written down of them.
struct Prepared {
    receives: Vec<Receive>,
    warnings: Vec<String>,
    parts: Vec<Id<()>>,
}

struct Load(Id<LeadImportTask>);

impl Command for Load {
    type Output = Option<Document<LeadImportTask>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        tx.get(self.0).await
    }
}

/// Ends a job that has nothing to do.
struct Nothing(Job);

impl Command for Nothing {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.job_done(&self.0).await
    }
}

/// One attempt: the leads, or why there are none, and what is written down of it.
struct Attempt {
    job: Job,
    task: Id<LeadImportTask>,
    /// The version that was looked at: what was changed since has to be looked at again.
    version: i64,
    id: Id<()>,
    started_at: Instant,
    prepared: std::result::Result<Prepared, Vec<String>>,
}

impl Command for Attempt {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let Some(mut task) = tx.get_for_update(self.task).await? else {
            return tx.job_done(&self.job).await;
        };
        if task.version != self.version {
            return Err(Error::new(Code::VersionBehind, "The task was changed meanwhile."));
        }
        let mut attempt = ImportAttempt {
            _id: Some(self.id),
            json_payload: task.doc.json_payload.clone(),
            started_at: Some(self.started_at),
            finished_at: Some(tx.scope().now),
            ..ImportAttempt::default()
        };
        match &self.prepared {
            Ok(prepared) => prepared.carry_out(tx, &mut attempt).await?,
            Err(reasons) => attempt.error_messages.clone_from(reasons),
        }
        let status = match &attempt {
            failed if !failed.error_messages.is_empty() => ImportStatus::Error,
            doubtful if !doubtful.warnings.is_empty() => ImportStatus::Warning,
            _ => ImportStatus::Success,
        };
        task.doc.status = Some(status);
        task.doc.attempts.push(attempt);
        let is_called = is_called_for(&task.doc, status);
        tx.update(&mut task).await?;
        tx.event(Event {
            name: EventName::LeadImportFinished,
            kind: LeadImportTask::SPEC.name,
            id: task.id.cast(),
            lead: None,
            data: json!({"status": status}),
        })
        .await?;
        if is_called {
            tx.enqueue(NewJob {
                name: CALLBACK,
                payload: json!({"task": self.task, "attempt": self.id}),
                due_at: tx.scope().now,
                priority: 30,
                dedupe: Some(format!("callback:{}", self.id)),
            })
            .await?;
        }
        tx.job_done(&self.job).await
    }
}

impl Prepared {
    async fn carry_out(&self, tx: &mut Tx, attempt: &mut ImportAttempt) -> Result<()> {
        attempt.warnings.clone_from(&self.warnings);
        let mut parts = self.parts.iter().copied();
        let mut results =
            ImportResults { version: Some(VERSION.to_owned()), _id: parts.next(), ..ImportResults::default() };
        for receive in &self.receives {
            let received = receive.receive(tx).await?;
            if received.duplicate {
                attempt.warnings.push(format!("The same enquiry is open already: L-{}.", received.number));
            }
            for (model, id) in made(&received) {
                results.imported_ids.push(ImportedId {
                    resource_id: Some(id.to_string()),
                    model_name: Some(model.to_owned()),
                    _id: parts.next(),
                });
            }
        }
        attempt.results = Some(results);
        Ok(())
    }
}

/// What an enquiry made, or was found to be.
fn made(received: &Received) -> impl Iterator<Item = (&'static str, Id<()>)> {
    let client = received.new_client.map(|id| (Client::SPEC.name, id.cast()));
    let note = received.note.map(|id| (Note::SPEC.name, id.cast()));
    std::iter::once((SaleLead::SPEC.name, received.lead.cast())).chain(client).chain(note)
}

/// Whether somebody wants to be told of this status: one that is named, or any when none is.
fn is_called_for(task: &LeadImportTask, status: ImportStatus) -> bool {
    let has_url = task.callback.as_ref().is_some_and(|callback| callback.url.is_some());
    let named = &task.finished_status;
    has_url && (named.is_empty() || named.iter().any(|name| json!(status) == json!(name)))
}

/// What the job of a call is to tell, and whom. None when the task is gone, or nobody wants to be told any more.
///
/// What is told is the attempt; never the payload, which whoever sent it has.
pub fn told(dealer: DealerId, job: &Job, task: &Document<LeadImportTask>, secret: String) -> Result<Option<Told>> {
    let id: Id<()> = Id::deserialize(&job.payload["attempt"]).map_err(Error::internal)?;
    let Some(attempt) = task.doc.attempts.iter().find(|attempt| attempt._id == Some(id)) else { return Ok(None) };
    let Some((callback, url)) = task.doc.callback.as_ref().and_then(|callback| Some((callback, callback.url.clone()?)))
    else {
        return Ok(None);
    };
    let status = match attempt {
        failed if !failed.error_messages.is_empty() => ImportStatus::Error,
        doubtful if !doubtful.warnings.is_empty() => ImportStatus::Warning,
        _ => ImportStatus::Success,
    };
    let attempt = ImportAttempt { json_payload: None, ..attempt.clone() };
    let body = json!({
        "type": "leadimporttask.finished",
        "timestamp": attempt.finished_at,
        "data": {
            "_id": task.id,
            "dealer_id": dealer,
            "status": status,
            "metadata": task.doc.metadata,
            "foreign_ids": task.doc.foreign_ids,
            "attempt": attempt,
        },
    });
    Ok(Some(Told {
        id: format!("msg_{id}"),
        url,
        method: callback.method.unwrap_or(CallbackMethod::Post),
        body: body.to_string(),
        secret,
    }))
}

impl Crm {
    /// What the job of a call is to tell, and whom; see [`told`].
    pub async fn import_task_told(&self, job: &Job) -> Result<Option<Told>> {
        let house = self.house(job.dealer);
        let Some(task) = self.store.read(house, Lane::Quick, Load(task_of(job)?)).await? else { return Ok(None) };
        told(job.dealer, job, &task, self.callback_secret(house).await?)
    }
}
