//! Calls to partners, of how a lead import task ended and of schedules: signed, tried again for a day, and never again once
//! one was taken.

use std::time::Duration;

use forecourt_connect::{
    Private,
    hook::{Call, Outcome, Verb},
};
use forecourt_crm::import::task::task_of;
use forecourt_record::{
    CallbackMethod, Id, Kind as _, LeadId, LeadImportTask, Result,
    event::{Event, EventName},
};
use forecourt_store::{Command, Job, Tx};
use serde_json::json;
use tracing::warn;

use crate::Outreach;

/// How long to wait after each try that failed; after the last there is no further one.
const WAITS: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(6),
    Duration::from_hours(15),
];

impl Outreach {
    /// Makes one call, with no transaction open, and records how it ended. Whoever is called may be called twice with
    /// the same id when the server dies between the two.
    pub(crate) async fn callback(&self, job: &Job) -> Result<()> {
        let call = self.crm.import_task_told(job).await?.map(|told| Call {
            id: told.id,
            url: Private::new(told.url),
            verb: match told.method {
                CallbackMethod::Post => Verb::Post,
                CallbackMethod::Put => Verb::Put,
            },
            body: Private::new(told.body),
            secret: Private::new(told.secret),
        });
        self.call_out(job, call, About { kind: LeadImportTask::SPEC.name, id: task_of(job)?.cast(), lead: None }).await
    }

    /// Makes the call of a job, if there is one to be made.
    pub(crate) async fn call_out(&self, job: &Job, call: Option<Call>, about: About) -> Result<()> {
        let outcome = match call {
            Some(call) => Some(self.hooks.call(&call, self.crm.now()).await),
            None => None,
        };
        if let Some(Outcome::Refused { detail } | Outcome::Failed { detail }) = &outcome
            && (is_last(job) || matches!(outcome, Some(Outcome::Refused { .. })))
        {
            warn!(job = job.number, detail, "a callback was given up");
        }
        self.crm.store.write(self.crm.house(job.dealer), Record { job: job.clone(), outcome, about }).await
    }
}

/// What a call is about: the document whose event its outcome is, and the lead on whose timeline that stands.
#[derive(Clone, Copy)]
pub(crate) struct About {
    pub kind: &'static str,
    pub id: Id<()>,
    pub lead: Option<LeadId>,
}

fn is_last(job: &Job) -> bool {
    job.attempts > WAITS.len() as i64
}

/// Records how a call ended; none when there was nobody to be called.
struct Record {
    job: Job,
    outcome: Option<Outcome>,
    about: About,
}

impl Command for Record {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (name, data) = match &self.outcome {
            None => return tx.job_done(&self.job).await,
            Some(Outcome::Delivered { status }) => (EventName::CallbackDelivered, json!({"status": status})),
            Some(Outcome::Failed { detail }) if !is_last(&self.job) => {
                let at = usize::try_from(self.job.attempts - 1).unwrap_or_default();
                let wait = WAITS.get(at).copied().unwrap_or(WAITS[0]);
                let due_at = tx.scope().now + wait;
                return tx.job_again(&self.job, due_at, Some(detail.clone())).await;
            }
            Some(Outcome::Failed { detail } | Outcome::Refused { detail }) => {
                (EventName::CallbackGivenUp, json!({"reason": detail}))
            }
        };
        let About { kind, id, lead } = self.about;
        tx.event(Event { name, kind, id, lead, data }).await?;
        tx.job_done(&self.job).await
    }
}
