//! The job that puts a lead on a schedule which it enters by itself.
//!
//! What happens to a lead and the job are one transaction, and so are what the job does and its end: no lead is lost, and
//! none comes onto a schedule twice by one thing that happened.

use std::sync::Arc;

use forecourt_crm::{
    Config, computed, consent,
    lead::event,
    schedule::{InForce, active},
};
use forecourt_query::{Filter, Find};
use forecourt_record::{
    Document, Enrolment, EnrolmentId, LeadId, Result, SaleLead, ScheduleId,
    event::EventName,
    gate::Channel,
    pipeline::Phase,
    schedule::{Situation, Tokens},
};
use forecourt_store::{Command, Job, Tx};
use serde_json::json;

use super::{
    Enrolled, Enrolling,
    enrol::{enrol, kept_tokens},
    step::{is_blocked, zone},
};
use crate::{
    Outreach,
    conversation::{mailed_at, reached_at},
    worker::payload,
};

/// A lead has been on a schedule no more often.
const MOST: i64 = 1_000;

impl Outreach {
    pub(crate) async fn lead_enter(&self, job: &Job) -> Result<()> {
        let command = Enter {
            job: job.clone(),
            lead: payload(job, "lead")?,
            schedule: payload(job, "schedule")?,
            is_new: payload(job, "new")?,
            status: payload(job, "status")?,
            by_schedule: payload(job, "by_schedule")?,
            config: self.crm.config(job.dealer).await?,
            id: self.crm.context.id(),
        };
        self.crm.write(self.crm.house(job.dealer), command).await
    }
}

struct Enter {
    job: Job,
    lead: LeadId,
    schedule: ScheduleId,
    /// What has happened to the lead.
    is_new: bool,
    status: String,
    by_schedule: bool,
    config: Arc<Config>,
    id: EnrolmentId,
}

impl Command for Enter {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        computed::hold_client_of(tx, self.lead).await?;
        if let Some(lead) = tx.get_for_update::<SaleLead>(self.lead).await?
            && let Some(on) = self.config.schedule(self.schedule)
            && let Some(reason) = self.enter(tx, &lead, on).await?
        {
            let data = json!({"schedule": on.schedule.doc.name, "reason": reason});
            event(tx, lead.id, EventName::EnrolmentRefused, data).await?;
        }
        tx.job_done(&self.job).await
    }
}

impl Enter {
    /// Puts the lead on the schedule, if it is to be on it. Gives the reason where it would be but for that.
    async fn enter(&self, tx: &mut Tx, lead: &Document<SaleLead>, on: &InForce) -> Result<Option<&'static str>> {
        let tokens = kept_tokens(lead);
        if !self.is_admitted(tx, lead, on, &tokens) {
            return Ok(None);
        }
        let of_lead = Filter::eq("lead_id", lead.id.to_string());
        let of_both = Filter::And(vec![of_lead, Filter::eq("schedule_id", self.schedule.to_string())]);
        let before = tx.find::<Enrolment>(&Find::newest(of_both, MOST)).await?;
        if before.iter().any(|one| self.by_schedule || one.doc.status.is_live()) {
            return Ok(None);
        }
        if active(on).is_err() {
            return Ok(Some("the schedule is not active"));
        }
        if is_blocked(tx, lead).await? {
            return Ok(Some("nobody may contact this person"));
        }
        if is_closed(tx, lead, on).await? {
            return Ok(Some("the person must not be contacted by any means of the schedule"));
        }
        let how = Enrolling { tokens, ..Enrolling::default() };
        Ok(match enrol(tx, &self.config, lead, on, how, self.id).await? {
            Enrolled::New(_) | Enrolled::Before(_) => None,
            Enrolled::Refused(_) => Some("the person is on it already"),
        })
    }

    /// Whether the version in force takes in a lead of which this is so.
    fn is_admitted(&self, tx: &Tx, lead: &Document<SaleLead>, on: &InForce, tokens: &Tokens) -> bool {
        let zone = zone(&self.config, &on.plan, lead);
        let at = Situation {
            position: 0,
            restarts: 0,
            tokens,
            status: lead.doc.status_name(),
            origin: lead.doc.source(),
            location: lead.doc.location.as_deref(),
            replied: false,
            connected: false,
            converted: self.config.dealer.doc.pipeline.phase(lead.doc.status_name()) == Some(Phase::Won),
            dispositions: &[],
            expires_at: None,
            contact_attempts: 0,
            max_contact_attempts: None,
            now: tx.scope().now,
            zone: &zone,
        };
        let entries = &on.plan.definition.enter;
        entries.iter().any(|entry| entry.is_about(self.is_new, &self.status) && entry.admits(&at))
    }
}

/// Whether the person may be contacted at none of the addresses that the schedule would contact the person at.
async fn is_closed(tx: &mut Tx, lead: &Document<SaleLead>, on: &InForce) -> Result<bool> {
    let mut is_closed = false;
    for channel in on.plan.channels() {
        let address = match channel {
            Channel::Email => mailed_at(lead),
            Channel::Call | Channel::Sms | Channel::Whatsapp | Channel::Chat => reached_at(lead),
        };
        if let Some(address) = address {
            let is_suppressed = tx.suppressed(channel.as_str(), address).await?.is_some();
            if !is_suppressed && consent::withdrawn(tx, channel, address).await?.is_none() {
                return Ok(false);
            }
            is_closed = true;
        }
    }
    Ok(is_closed)
}
