//! The job that does for a lead what the house does by itself: greets, writes again, alerts the managers. It runs whenever
//! a lead has changed, so the lead's schedules look then, too.
//!
//! It is given a lead and nothing else: what is next follows from the lead and the settings, so it may run at any time and
//! any number of times, and does one step of what is due.

use std::sync::Arc;

use forecourt_crm::{
    Config, computed,
    lead::{self, FOLLOW, follow_key, next_of},
};
use forecourt_query::{Filter, Find};
use forecourt_record::{
    Document, Id, LeadId, LeadType, MessageId, Notification, Result, Role, SaleLead, SessionId, Task, event::EventName,
    next_step::Step, templates::Template,
};
use forecourt_store::{Command, Job, NewJob, Tx};
use serde_json::json;

use crate::{
    Outreach, compose,
    conversation::Line,
    message::{Draft, Queued, Recipient, queue},
    schedule,
    worker::payload,
};

/// What the managers are asked to see to; the task of a lead is known by it.
const IDLE: &str = "Nobody works this lead";

impl Outreach {
    pub(crate) async fn follow(&self, job: &Job) -> Result<()> {
        let command = Follow {
            job: job.clone(),
            lead: payload(job, "lead")?,
            config: self.crm.config(job.dealer).await?,
            message_id: self.crm.context.id(),
            session_id: self.crm.context.id(),
            task_id: self.crm.context.id(),
        };
        self.crm.write(self.crm.house(job.dealer), command).await
    }
}

/// Makes sure that the house looks at a lead when its next step is due: to be called whenever a lead has changed.
pub(crate) async fn plan(tx: &mut Tx, config: &Config, lead: &Document<SaleLead>) -> Result<()> {
    let Some(next) = next_of(config, lead) else { return Ok(()) };
    tx.job_wake(NewJob {
        name: FOLLOW,
        payload: json!({"lead": lead.id}),
        due_at: next.at,
        priority: 10,
        dedupe: Some(follow_key(lead.id)),
    })
    .await
}

struct Follow {
    job: Job,
    lead: LeadId,
    config: Arc<Config>,
    message_id: MessageId,
    session_id: SessionId,
    task_id: Id<Task>,
}

impl Command for Follow {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        computed::hold_client_of(tx, self.lead).await?;
        let Some(mut lead) = tx.get_for_update(self.lead).await? else {
            return tx.job_done(&self.job).await;
        };
        let now = tx.scope().now;
        if let Some(next) = next_of(&self.config, &lead).filter(|next| next.at <= now) {
            let before = lead.doc.clone();
            match next.step {
                Step::Template(template) => {
                    self.write(tx, &lead, template).await?;
                    lead.extra.templates_due.remove(0);
                }
                Step::Reengage(_) => {
                    self.write(tx, &lead, Template::Reengagement).await?;
                    lead.extra.reengagements += 1;
                }
                Step::IdleAlert(raised) => {
                    self.alert(tx, &lead, raised).await?;
                    lead.extra.idle_alerts += 1;
                }
            }
            lead.extra.last_activity_at = Some(now);
            lead::store(tx, &self.config, &before, &mut lead).await?;
        }
        schedule::look_again(tx, lead.id).await?;
        match next_of(&self.config, &lead) {
            Some(next) => tx.job_again(&self.job, next.at, None).await,
            None => tx.job_done(&self.job).await,
        }
    }
}

impl Follow {
    /// Writes to the person. What the gate refuses is not tried again: the step is done, and the timeline says why.
    async fn write(&self, tx: &mut Tx, lead: &Document<SaleLead>, template: Template) -> Result<()> {
        let line = Line::to(tx, &self.config, lead).await?;
        let now = tx.scope().now;
        let message = compose::automatic(&self.config, lead, template, line.is_open(now));
        let draft = Draft {
            id: self.message_id,
            session_id: self.session_id,
            message,
            automatic: true,
            purpose: Recipient::of(lead).purpose_by_house(template.purpose(), line.is_open(now), now),
            enrolment: None,
        };
        match queue(tx, &self.config, lead, &line, draft).await? {
            Queued::Message(_) => Ok(()),
            Queued::Refused(rule) => {
                let data = json!({"template": template.as_str(), "rule": rule.name(), "reason": rule.sentence()});
                lead::event(tx, lead.id, EventName::MessageHeld, data).await
            }
        }
    }

    /// Tells the managers of the lead's location, in the one task there is for it.
    async fn alert(&self, tx: &mut Tx, lead: &Document<SaleLead>, raised: i64) -> Result<()> {
        let since = lead.extra.worked_at.unwrap_or(lead.created_at);
        lead::event(tx, lead.id, EventName::LeadIdle, json!({"since": since, "alert": raised + 1})).await?;
        let notification = Notification {
            notify_at: Some(tx.scope().now),
            notify_to: managers(&self.config, lead.doc.location.as_deref()),
            done: Some(false),
            ..Notification::default()
        };
        let of_lead = Find::newest(Filter::eq("lead_id", lead.id.to_string()), 100);
        let tasks = tx.find_for_update::<Task>(&of_lead).await?;
        let open = tasks.into_iter().find(|task| {
            let is_done = task.doc.notification.as_ref().and_then(|notification| notification.done) == Some(true);
            task.doc.description.as_deref() == Some(IDLE) && !is_done
        });
        if let Some(mut task) = open {
            task.doc.notification = Some(notification);
            return tx.update(&mut task).await;
        }
        let task = Task {
            notification: Some(notification),
            description: Some(IDLE.to_owned()),
            client_id: lead.doc.client_id,
            lead_id: Some(lead.id.cast()),
            lead_type: Some(LeadType::SaleLead),
            ..Task::default()
        };
        tx.insert(&Document::new(self.task_id, tx.scope().now, task, ())).await
    }
}

/// The managers of a location, by id: those who name it, or name none; the administrators where there is no manager.
fn managers(config: &Config, location: Option<&str>) -> Vec<String> {
    let of_role = |role: Role| -> Vec<String> {
        let here = |locations: &[String]| {
            locations.is_empty() || location.is_none_or(|code| locations.iter().any(|one| one == code))
        };
        let users = config.users.iter().filter(|user| user.doc.active && user.doc.role == role);
        users.filter(|user| here(&user.doc.locations)).map(|user| user.id.to_string()).collect()
    };
    let managers = of_role(Role::Manager);
    if managers.is_empty() { of_role(Role::Admin) } else { managers }
}
