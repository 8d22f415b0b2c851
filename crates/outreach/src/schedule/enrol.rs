//! Putting a lead on a schedule.

use std::{sync::Arc, time::Duration};

use forecourt_crm::{
    Caller, Config, Ref, Sight,
    intake::RequestKey,
    lead::require_visible_for_update,
    schedule::{InForce, active},
};
use forecourt_record::{
    DiallerType, Document, Enrolment, EnrolmentExtra, EnrolmentId, EnrolmentStatus, Error, FieldError, Free, Id,
    Instant, Kind, Result, SaleLead, Standstill,
    event::{Event, EventName},
    schedule::{Duplicates, LONGEST_TOKEN, MOST_TOKENS, Tokens, token_name},
    shape::code,
};
use forecourt_store::{Command, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Cause, end, list::visible, wake};
use crate::{
    Outreach,
    conversation::{mailed_at, reached_at},
};

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
        self.enrolment_begin_once(caller, lead, schedule, how, None).await
    }

    /// The same, known by a key: asked again it answers what came of it the first time.
    ///
    /// Errors: also `IdempotencyKeyReused`; `Invalid` (`tokens`, `expires_at`).
    pub async fn enrolment_begin_once(
        &self,
        caller: &Caller,
        lead: Ref<SaleLead>,
        schedule: &str,
        how: Enrolling,
        request: Option<RequestKey>,
    ) -> Result<Enrolled> {
        let config = self.crm.config(caller.dealer).await?;
        let on = config.schedule_named(schedule).ok_or_else(|| Error::not_found("schedule"))?;
        let wrong = how.check(self.crm.now());
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        let command = Begin {
            sight: caller.sight.clone(),
            lead,
            on: active(on)?.clone(),
            how,
            request,
            id: self.crm.context.id(),
            config,
        };
        self.crm.write(self.crm.scope(caller), command).await
    }

    /// Takes an enrolment off its schedule; one that is over stays as it ended.
    ///
    /// Errors: `NotFound`.
    pub async fn enrolment_end(
        &self,
        caller: &Caller,
        enrolment: impl Into<Ref<Enrolment>>,
    ) -> Result<Document<Enrolment>> {
        let config = self.crm.config(caller.dealer).await?;
        let command = End { sight: caller.sight.clone(), config, enrolment: enrolment.into() };
        self.crm.write(self.crm.scope(caller), command).await
    }
}

struct Begin {
    sight: Sight,
    lead: Ref<SaleLead>,
    on: InForce,
    how: Enrolling,
    request: Option<RequestKey>,
    id: EnrolmentId,
    config: Arc<Config>,
}

impl Command for Begin {
    type Output = Enrolled;

    async fn run(&self, tx: &mut Tx) -> Result<Enrolled> {
        if let Some(request) = &self.request
            && let Some(outcome) = request.begin(tx).await?
        {
            let first: Outcome = serde_json::from_value(outcome).map_err(Error::internal)?;
            return first.again(tx).await;
        }
        let lead = require_visible_for_update(tx, &self.sight, self.lead).await?;
        let enrolled = enrol(tx, &self.config, &lead, &self.on, self.how.clone(), self.id).await?;
        if let Some(request) = &self.request {
            tx.request_end(&request.key, &Outcome::of(&enrolled)).await?;
        }
        Ok(enrolled)
    }
}

/// What came of a request, as it is remembered.
#[derive(Serialize, Deserialize)]
enum Outcome {
    New(EnrolmentId),
    Before(EnrolmentId),
    Refused(EnrolmentId),
}

impl Outcome {
    fn of(enrolled: &Enrolled) -> Self {
        match enrolled {
            Enrolled::New(enrolment) => Self::New(enrolment.id),
            Enrolled::Before(enrolment) => Self::Before(enrolment.id),
            Enrolled::Refused(id) => Self::Refused(*id),
        }
    }

    async fn again(self, tx: &mut Tx) -> Result<Enrolled> {
        Ok(match self {
            Self::New(id) => Enrolled::New(Box::new(tx.require(id).await?)),
            Self::Before(id) => Enrolled::Before(Box::new(tx.require(id).await?)),
            Self::Refused(id) => Enrolled::Refused(id),
        })
    }
}

struct End {
    sight: Sight,
    config: Arc<Config>,
    enrolment: Ref<Enrolment>,
}

impl Command for End {
    type Output = Document<Enrolment>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<Enrolment>> {
        let seen = visible(tx, &self.sight, self.enrolment).await?;
        require_visible_for_update(tx, &self.sight, Ref::Id(seen.doc.lead_id)).await?;
        let mut enrolment = tx.require_for_update(seen.id).await?;
        if enrolment.doc.status.is_live() {
            end(tx, &self.config, &mut enrolment, Cause::Cancelled).await?;
        }
        Ok(enrolment)
    }
}

/// The longest name of a token, in bytes.
const LONGEST_NAME: usize = 64;

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

/// What is wrong with tokens that were given by their names.
pub(crate) fn check_tokens(tokens: &Tokens) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    if tokens.0.len() > MOST_TOKENS {
        wrong.push(FieldError::new("tokens", "too_many", format!("At most {MOST_TOKENS} tokens.")));
    }
    for (name, value) in &tokens.0 {
        let mut refuse = |code, detail: String| wrong.push(FieldError::new(format!("tokens/{name}"), code, detail));
        if name.len() > LONGEST_NAME || token_name(name).as_deref() != Some(name.as_str()) {
            let detail = "A token's name has lowercase letters, digits and underscores only.".to_owned();
            refuse("bad_format", detail);
        }
        if value.len() > LONGEST_TOKEN {
            refuse("too_long", format!("At most {LONGEST_TOKEN} bytes."));
        }
    }
    wrong
}

impl Enrolling {
    /// What is wrong with it.
    fn check(&self, now: Instant) -> Vec<FieldError> {
        let mut wrong = check_tokens(&self.tokens);
        let begins = self.not_before.map_or(now, |at| at.max(now));
        if self.expires_at.is_some_and(|end| end <= begins) {
            let detail = "It would end before it has begun.";
            wrong.push(FieldError::new("expires_at", "too_small", detail));
        }
        wrong
    }
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
    let email = mailed_at(lead).map(str::to_owned);
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
    // More than there may be: then those of this enrolment.
    let all = kept_tokens(lead).with(tokens).unwrap_or_else(|| tokens.clone());
    let custom = lead.doc.custom.get_or_insert_with(|| Free(json!({})));
    let Some(members) = custom.0.as_object_mut() else { return };
    members.insert(TOKENS.to_owned(), json!(all));
}

/// Those that are kept with a lead.
pub(super) fn kept_tokens(lead: &Document<SaleLead>) -> Tokens {
    let kept = lead.doc.custom.as_ref().and_then(|custom| custom.0.get(TOKENS));
    kept.and_then(|kept| serde_json::from_value(kept.clone()).ok()).unwrap_or_default()
}

/// The member of a lead's `custom` that tokens are kept in.
const TOKENS: &str = "tokens";

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
