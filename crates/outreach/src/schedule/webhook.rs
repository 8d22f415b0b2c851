//! Webhooks as steps of a schedule: written down with the step, called by a job of their own.

use forecourt_connect::{
    Private,
    hook::{Call, Verb},
};
use forecourt_crm::Config;
use forecourt_record::{Document, Enrolment, EnrolmentId, Id, Kind as _, Result, SaleLead, schedule::Told};
use forecourt_store::{Command, Job, Lane, NewJob, Tx};
use serde_json::{Value, json};

use crate::{Outreach, callback::About, worker::payload};

/// The job that calls: `{"enrolment", "id": the webhook's, "url", "body", "with": what is added when it is called}`.
pub(crate) const WEBHOOK: &str = "webhook.call@1";

/// Puts down the call of an action, at its place or at the end. What it says is of now; a receiver that is slow, or gone,
/// holds nothing up.
pub(super) async fn webhook(
    tx: &mut Tx,
    config: &Config,
    lead: &Document<SaleLead>,
    enrolment: &Document<Enrolment>,
    id: Id<()>,
    (url, with): (&str, &[Told]),
) -> Result<()> {
    let doc = &enrolment.doc;
    let schedule = config.schedule(doc.schedule_id).map(|on| on.schedule.doc.name.as_str());
    let body = json!({
        "type": "schedule.webhook",
        "timestamp": tx.scope().now,
        "data": {
            "dealer_id": tx.scope().dealer,
            "schedule": schedule,
            "version": doc.version,
            "position": doc.position,
            "enrolment_id": enrolment.id,
            "lead_id": lead.id,
            "lead_number": lead.extra.number,
            "lead_status": lead.doc.status_name(),
            "client_id": doc.client_id,
        },
    });
    let what = json!({"enrolment": enrolment.id, "id": format!("msg_{id}"), "url": url, "body": body, "with": with});
    // Behind whatever reaches a person.
    tx.enqueue(NewJob { name: WEBHOOK, payload: what, due_at: tx.scope().now, priority: 30, dedupe: None }).await
}

impl Outreach {
    pub(crate) async fn webhook_call(&self, job: &Job) -> Result<()> {
        let enrolment: EnrolmentId = payload(job, "enrolment")?;
        let house = self.crm.house(job.dealer);
        let found = self.crm.store.read(house, Lane::Quick, Load(enrolment)).await?;
        let call = match &found {
            // Erased with its lead: nobody is told of it any more.
            None => None,
            Some(found) => {
                let mut body: Value = payload(job, "body")?;
                for told in payload::<Vec<Told>>(job, "with")? {
                    match told {
                        Told::Tokens => body["data"]["tokens"] = json!(found.doc.tokens),
                    }
                }
                Some(Call {
                    id: payload(job, "id")?,
                    url: Private::new(payload(job, "url")?),
                    verb: Verb::Post,
                    body: Private::new(body.to_string()),
                    secret: Private::new(self.crm.callback_secret(house).await?),
                })
            }
        };
        let lead = found.map(|found| found.doc.lead_id);
        self.call_out(job, call, About { kind: Enrolment::SPEC.name, id: enrolment.cast(), lead }).await
    }
}

struct Load(EnrolmentId);

impl Command for Load {
    type Output = Option<Document<Enrolment>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        tx.get(self.0).await
    }
}
