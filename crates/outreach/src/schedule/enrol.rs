//! Putting a lead on a schedule.

use std::{sync::Arc, time::Duration};

use forecourt_crm::{
    Caller, Config, Ref, Sight,
    lead::require_visible_for_update,
    schedule::{InForce, active},
};
use forecourt_record::{
    DiallerType, Document, Enrolment, EnrolmentExtra, EnrolmentId, EnrolmentStatus, Error, Free, Id, Instant, Kind,
    Result, SaleLead, Standstill,
    event::{Event, EventName},
    schedule::{Duplicates, MOST_TOKENS, Tokens},
    shape::code,
};
use forecourt_store::{Command, Tx};
use serde_json::json;

use super::{Cause, end, wake};
use crate::{Outreach, conversation::reached_at};

impl Outreach {
    /// Puts a lead on a schedule of this name.
    ///
    /// Errors: `NotFound` for the lead or the schedule; `Conflict` for a schedule that is not active.
    pub async fn enrolment_begin(
        &self,
        caller: &Caller,
        lead: Ref<SaleLead>,
        schedule: &str,
        how: Enrolling,
    ) -> Result<Enrolled> {
        let config = self.crm.config(caller.dealer).await?;
        let on = config.schedule_named(schedule).ok_or_else(|| Error::not_found("schedule"))?;
        let command = Begin {
            sight: caller.sight.clone(),
            lead,
            on: active(on)?.clone(),
            how,
            id: self.crm.context.id(),
            config,
        };
        self.crm.write(self.crm.scope(caller), command).await
    }

    /// Takes an enrolment off its schedule; one that is over stays as it ended.
    ///
    /// Errors: `NotFound`.
    pub async fn enrolment_end(&self, caller: &Caller, id: EnrolmentId) -> Result<Document<Enrolment>> {
        let config = self.crm.config(caller.dealer).await?;
        self.crm.write(self.crm.scope(caller), End { sight: caller.sight.clone(), config, id }).await
    }
}

struct Begin {
    sight: Sight,
    lead: Ref<SaleLead>,
    on: InForce,
    how: Enrolling,
    id: EnrolmentId,
    config: Arc<Config>,
}

impl Command for Begin {
    type Output = Enrolled;

    async fn run(&self, tx: &mut Tx) -> Result<Enrolled> {
        let lead = require_visible_for_update(tx, &self.sight, self.lead).await?;
        enrol(tx, &self.config, &lead, &self.on, self.how.clone(), self.id).await
    }
}

struct End {
    sight: Sight,
    config: Arc<Config>,
    id: EnrolmentId,
}

impl Command for End {
    type Output = Document<Enrolment>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<Enrolment>> {
        let seen = tx.require(self.id).await?;
        require_visible_for_update(tx, &self.sight, Ref::Id(seen.doc.lead_id)).await?;
        let mut enrolment = tx.require_for_update(self.id).await?;
        if enrolment.doc.status.is_live() {
            end(tx, &self.config, &mut enrolment, Cause::Cancelled).await?;
        }
        Ok(enrolment)
    }
}

/// The key of a live enrolment: nobody is on a schedule twice, unless it allows that.
const LIVE: &str = "live";

/// How a lead is put on a schedule.
#[derive(Clone, Debug, Default)]
pub struct Enrolling {
    pub tokens: Tokens,
    /// Lower goes first.
    pub lead_priority: i64,
    /// The first action is not due before.
    pub not_before: Option<Instant>,
    pub expires_at: Option<Instant>,
    pub max_contact_attempts: Option<i64>,
    pub lead_type: Option<(Id<DiallerType>, String)>,
    /// Who is called and written to, E.164, where that is not the lead's own number.
    pub caller_id: Option<String>,
    /// It holds data only, and begins when it is sent to its schedule.
    pub captured: bool,
    pub by_offer: bool,
    pub contact_field_type: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Enrolled {
    New(Box<Document<Enrolment>>),
    /// The person is on it already: this is that enrolment, with the new tokens where the schedule takes them.
    Before(Box<Document<Enrolment>>),
    /// The person is on it already, and the schedule refuses a second time.
    Refused(EnrolmentId),
}

/// Puts a lead on a schedule. The lead is held by the caller. Simultaneous calls for one person make one enrolment.
pub async fn enrol(
    tx: &mut Tx,
    config: &Config,
    lead: &Document<SaleLead>,
    on: &InForce,
    how: Enrolling,
    id: EnrolmentId,
) -> Result<Enrolled> {
    let now = tx.scope().now;
    let definition = &on.plan.definition;
    let caller_id = how.caller_id.or_else(|| reached_at(lead).map(str::to_owned));
    let email = lead.extra.email.clone();
    if definition.duplicates != Duplicates::Allow {
        let person = caller_id.as_deref().or(email.as_deref()).map_or_else(|| lead.id.to_string(), str::to_owned);
        let value = format!("{}:{person}", on.schedule.id);
        let holder = tx.key_claim(Enrolment::SPEC.name, LIVE, &value, id).await?;
        if holder != id {
            match definition.duplicates {
                Duplicates::Update | Duplicates::Allow => {
                    return Ok(Enrolled::Before(Box::new(update(tx, holder, how.tokens).await?)));
                }
                Duplicates::Reject => return Ok(Enrolled::Refused(holder)),
                Duplicates::ExpireExisting => {
                    let mut before = tx.require_for_update(holder).await?;
                    end(tx, config, &mut before, Cause::Replaced).await?;
                    // The key has just been let go of in this transaction, so nobody else can have it.
                    tx.key_claim(Enrolment::SPEC.name, LIVE, &value, id).await?;
                }
            }
        }
    }
    let due = how.not_before.map_or(now, |at| at.max(now));
    let own_end = definition.expires_after_hours.map(|hours| now + Duration::from_hours(hours.into()));
    let mut doc = Enrolment::begin(on.schedule.id, on.schedule.doc.version, lead.id, now);
    doc.client_id = lead.doc.client_id;
    (doc.lead_type, doc.call_group) = how.lead_type.map_or((None, None), |(id, group)| (Some(id), Some(group)));
    (doc.caller_id, doc.email) = (caller_id, email);
    doc.location.clone_from(&lead.doc.location);
    doc.next_action_at = Some(due);
    doc.lead_priority = how.lead_priority;
    doc.expires_at = how.expires_at.or(own_end);
    doc.max_contact_attempts = how.max_contact_attempts.or(definition.max_contact_attempts.map(i64::from));
    doc.tokens = how.tokens;
    doc.captured = how.captured;
    if how.captured {
        (doc.status, doc.next_action_at) = (EnrolmentStatus::Waiting, None);
        let reason = "only its data was sent; nothing has begun".to_owned();
        doc.standstill = Some(Standstill { rule: "captured".into(), reason, since: now });
    } else if due > now {
        doc.standstill =
            Some(Standstill { rule: "wait".into(), reason: "its first action is not due yet".into(), since: now });
    }
    let extra = EnrolmentExtra {
        number: tx.number("enrolments", 1).await?,
        by_offer: how.by_offer,
        contact_field_type: how.contact_field_type,
    };
    let enrolment = Document::new(id, now, doc, extra);
    tx.insert(&enrolment).await?;
    if let Some(at) = enrolment.doc.next_action_at.into_iter().chain(enrolment.doc.expires_at).min() {
        wake(tx, id, at, enrolment.doc.lead_priority).await?;
    }
    happened(tx, &enrolment, EventName::EnrolmentBegun, json!({"schedule": on.schedule.doc.name})).await?;
    Ok(Enrolled::New(Box::new(enrolment)))
}

async fn update(tx: &mut Tx, id: EnrolmentId, tokens: Tokens) -> Result<Document<Enrolment>> {
    let mut enrolment: Document<Enrolment> = tx.require_for_update(id).await?;
    if !tokens.0.is_empty() {
        enrolment.doc.tokens = with_tokens(&enrolment.doc.tokens, &tokens)?;
        tx.update(&mut enrolment).await?;
    }
    Ok(enrolment)
}

/// Tokens with more of them.
///
/// Errors: `Invalid` in `data`, when there would be more than an enrolment holds.
pub(crate) fn with_tokens(known: &Tokens, more: &Tokens) -> Result<Tokens> {
    known.with(more).ok_or_else(|| {
        let detail = format!("A lead has at most {MOST_TOKENS} tokens, those it has already counted.");
        Error::field("data", code::TOO_LONG, detail)
    })
}

/// Keeps tokens with the lead, too, where every dialect shows them: in `custom.tokens`. The lead is held by the caller,
/// who stores it. Free text that somebody has put in the place of that stays.
pub(crate) fn keep_tokens(lead: &mut Document<SaleLead>, tokens: &Tokens) {
    if tokens.0.is_empty() {
        return;
    }
    let custom = lead.doc.custom.get_or_insert_with(|| Free(json!({})));
    let Some(members) = custom.0.as_object_mut() else { return };
    let kept = members.get("tokens").and_then(|kept| serde_json::from_value::<Tokens>(kept.clone()).ok());
    // More than there may be: then those of this enrolment.
    let all = kept.unwrap_or_default().with(tokens).unwrap_or_else(|| tokens.clone());
    members.insert("tokens".to_owned(), json!(all));
}

/// Writes an event of an enrolment, on its lead's timeline.
pub(crate) async fn happened(
    tx: &mut Tx,
    enrolment: &Document<Enrolment>,
    name: EventName,
    data: serde_json::Value,
) -> Result<()> {
    let lead = Some(enrolment.doc.lead_id);
    tx.event(Event { name, kind: Enrolment::SPEC.name, id: enrolment.id.cast(), lead, data }).await
}
