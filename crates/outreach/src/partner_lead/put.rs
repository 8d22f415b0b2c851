//! A lead that a partner sends: whoever is there is changed, whoever is not is taken in.

use std::sync::Arc;

use forecourt_crm::{Caller, Config, computed, intake::Receive, lead};
use forecourt_query::{Filter, Find};
use forecourt_record::{
    Attempt, CallbackId, Client, ClientId, Document, Enrolment, EnrolmentId, EnrolmentStatus, Error, FieldError,
    Instant, Kind as _, Result, SaleLead, Sms, Standstill, UnderWay, WhatsappMessage, error::Code, event::EventName,
    gate::Channel, schedule::Duplicates, shape::code,
};
use forecourt_store::{Command, Tx};
use serde_json::json;

use super::{Checked, Dedupe, Existing, InForce, PartnerLead, PartnerView, Token, Wanted, check};
use crate::{
    Outreach,
    calls::book,
    pool::number_for,
    schedule::{
        Cause, Enrolled, Enrolling, end, end_all, enrol, expire, happened, is_blocked, keep_tokens, set_blocked, wake,
        with_tokens,
    },
};

/// Of the leads a person had on a schedule, the newest so many are looked at.
const MOST: i64 = 200;

impl Outreach {
    /// Makes or changes a lead on the schedule of a token, all of it or nothing, and shows it.
    ///
    /// Errors: `Invalid` with every field that is wrong (`token`, `caller_id`, `email`, `name`, `data`,
    /// `next_action_at`); `NoNumberAvailable` in `call_number` or `sms_number`.
    pub async fn partner_put(
        &self,
        caller: &Caller,
        token: &Token,
        lead: PartnerLead,
        wanted: Wanted,
    ) -> Result<PartnerView> {
        let config = self.crm.config(caller.dealer).await?;
        let checked = check(&config, token, &lead).map_err(Error::invalid)?;
        let receive = self.crm.lead_prepare(caller, config.clone(), checked.enquiry(&lead), None)?;
        let (by_offer, id) = (token.by_offer, self.crm.context.id());
        let callback = self.crm.context.id();
        let command = Put { config, checked, receive, lead, wanted, by_offer, id, callback };
        self.crm.write(self.crm.scope(caller), command).await
    }
}

struct Put {
    config: Arc<Config>,
    checked: Checked,
    receive: Receive,
    lead: PartnerLead,
    wanted: Wanted,
    by_offer: bool,
    id: EnrolmentId,
    callback: CallbackId,
}

/// What is done about somebody who is on the schedule already.
enum Then {
    Update,
    Replace,
    Beside,
}

impl Command for Put {
    type Output = PartnerView;

    async fn run(&self, tx: &mut Tx) -> Result<PartnerView> {
        let known = hold_person(tx, &self.checked.keys()).await?;
        let mut live = self.live(tx).await?;
        let replaced = !live.is_empty();
        if self.lead.existing != Existing::Stay {
            for one in live.drain(..) {
                let (_, mut enrolment) = hold(tx, &one).await?;
                if !enrolment.doc.status.is_live() {
                    continue;
                }
                match self.lead.existing {
                    Existing::Delete => end(tx, &self.config, &mut enrolment, Cause::Cancelled).await?,
                    Existing::Expire | Existing::Stay => expire(tx, &mut enrolment).await?,
                }
            }
        }
        if self.wanted == Wanted::Update && live.is_empty() {
            return Err(Error::field("caller_id", code::NOT_ALLOWED, "is no live lead of this schedule"));
        }
        if !live.is_empty()
            && let Some(view) = self.there(tx, &live).await?
        {
            return Ok(view);
        }
        let received = Box::pin(self.receive.receive(tx)).await?;
        if known.is_none() && received.new_client.is_none() {
            // Somebody was faster; that one's transaction is over, since the client is held now.
            let live = self.live(tx).await?;
            if !live.is_empty()
                && let Some(view) = self.there(tx, &live).await?
            {
                return Ok(view);
            }
        }
        computed::hold_client_of(tx, received.lead).await?;
        let mut sale: Document<SaleLead> = tx.require_for_update(received.lead).await?;
        set(tx, &sale, self.lead.blocked).await?;
        self.keep(tx, &mut sale).await?;
        let given = &self.lead;
        let how = Enrolling {
            tokens: given.tokens.clone(),
            lead_priority: given.lead_priority.unwrap_or_default(),
            not_before: given.next_action_at,
            expires_at: given.expires_in.map(|time| tx.scope().now + time),
            max_contact_attempts: given.max_contact_attempts,
            caller_id: self.checked.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            captured: self.wanted == Wanted::Capture,
            by_offer: self.by_offer,
            contact_field_type: given.contact_field_type.clone(),
            ..Enrolling::default()
        };
        let mut enrolment = match enrol(tx, &self.config, &sale, &self.checked.on, how, self.id).await? {
            Enrolled::New(enrolment) => *enrolment,
            // On the schedule by another door, whose person is another client.
            Enrolled::Before(_) | Enrolled::Refused(_) => return Err(duplicate()),
        };
        self.numbers(tx, &mut enrolment).await?;
        self.calls(tx, &mut enrolment).await?;
        if let (true, Some(client)) = (is_blocked(tx, &sale).await?, sale.doc.client_id) {
            end_all(tx, &self.config, client, Cause::Blocked).await?;
        }
        PartnerView::load(tx, self.id, if replaced { self.what_came() } else { Dedupe::None }).await
    }
}

impl Put {
    async fn live(&self, tx: &mut Tx) -> Result<Vec<Document<Enrolment>>> {
        let now = tx.scope().now;
        let all = of_person(tx, &self.checked.on, &self.checked).await?;
        let (live, over): (Vec<_>, Vec<_>) =
            all.into_iter().filter(|one| one.doc.status.is_live()).partition(|one| is_under_way(one, now));
        for one in over {
            // Its time is over, and its job has not seen that yet: it stands in nobody's way.
            tx.keys_release_all(Enrolment::SPEC.name, one.id).await?;
        }
        Ok(live)
    }

    fn then(&self) -> Result<Then> {
        match (self.checked.on.plan.definition.duplicates, self.wanted) {
            (Duplicates::Allow, Wanted::Add) => Ok(Then::Beside),
            // Data is attached to whoever is there: nobody ends by it.
            (_, Wanted::Update)
            | (Duplicates::ExpireExisting, Wanted::Capture)
            | (Duplicates::Update | Duplicates::Allow, _) => Ok(Then::Update),
            (Duplicates::ExpireExisting, _) => Ok(Then::Replace),
            (Duplicates::Reject, _) => Err(duplicate()),
        }
    }

    fn what_came(&self) -> Dedupe {
        match self.then() {
            Ok(Then::Beside) => Dedupe::Allowed,
            _ => Dedupe::Replaced,
        }
    }

    /// What is done about those who are there; none when somebody new is made after that.
    async fn there(&self, tx: &mut Tx, live: &[Document<Enrolment>]) -> Result<Option<PartnerView>> {
        match self.then()? {
            Then::Update => {
                let how_many = if self.lead.all_matching { live.len() } else { 1 };
                for (at, one) in live.iter().take(how_many).enumerate() {
                    // One call is promised, however many leads of the person there are.
                    self.update(tx, one, at == 0).await?;
                }
                Ok(Some(PartnerView::load(tx, live[0].id, Dedupe::Updated).await?))
            }
            Then::Replace => {
                for one in live {
                    let (_, mut enrolment) = hold(tx, one).await?;
                    if enrolment.doc.status.is_live() {
                        expire(tx, &mut enrolment).await?;
                    }
                }
                Ok(None)
            }
            Then::Beside => Ok(None),
        }
    }

    async fn update(&self, tx: &mut Tx, seen: &Document<Enrolment>, is_newest: bool) -> Result<()> {
        let (mut sale, mut enrolment) = hold(tx, seen).await?;
        // Ended since it was looked for, perhaps by what this very request does to another lead of the person.
        if !enrolment.doc.status.is_live() {
            return Ok(());
        }
        set(tx, &sale, self.lead.blocked).await?;
        self.receive.enrich(tx, &mut sale).await?;
        self.keep(tx, &mut sale).await?;
        let (given, now) = (&self.lead, tx.scope().now);
        let begins = enrolment.doc.captured && self.wanted != Wanted::Capture;
        if given.restart || begins {
            let_go(tx, &mut enrolment).await?;
        }
        let doc = &mut enrolment.doc;
        doc.tokens = with_tokens(&doc.tokens, &given.tokens)?;
        doc.email = self.checked.email.as_ref().map(|email| email.as_str().to_owned()).or(doc.email.take());
        doc.lead_priority = given.lead_priority.unwrap_or(doc.lead_priority);
        doc.expires_at = given.expires_in.map(|time| now + time).or(doc.expires_at);
        doc.max_contact_attempts = given.max_contact_attempts.or(doc.max_contact_attempts);
        if given.contact_field_type.is_some() {
            enrolment.extra.contact_field_type.clone_from(&given.contact_field_type);
        }
        if given.next_action_at.is_some() && (doc.under_way.is_some() || is_called(doc)) {
            let detail = "cannot be changed while the person is being called or written to";
            return Err(Error::field("next_action_at", code::NOT_ALLOWED, detail));
        }
        if given.restart || begins {
            doc.captured &= !begins;
            (doc.version, doc.position, doc.restarts) = (self.checked.on.schedule.doc.version, 0, 0);
            (doc.begun_at, doc.replied_at, doc.connected_at) = (now, None, None);
            if is_called(doc) {
                // Once the call is over, the first action is due.
                doc.resume_at = Some(now);
            } else if doc.under_way.is_none() && !doc.captured {
                due(doc, given.next_action_at.unwrap_or(now), now);
            }
        } else if let Some(at) = given.next_action_at.filter(|_| !doc.captured) {
            due(doc, at, now);
        }
        tx.update(&mut enrolment).await?;
        self.numbers(tx, &mut enrolment).await?;
        if is_newest {
            self.calls(tx, &mut enrolment).await?;
        }
        if given.onto_calls {
            super::call::add_tokens(tx, &enrolment, &given.tokens).await?;
        }
        // Any of this may end it, or make something due.
        wake(tx, enrolment.id, now, enrolment.doc.lead_priority).await?;
        let data = json!({"schedule": self.checked.on.schedule.doc.name, "fields": "what a partner sent"});
        happened(tx, &enrolment, EventName::EnrolmentChanged, data).await?;
        match (self.lead.blocked, sale.doc.client_id) {
            (Some(true), Some(client)) => end_all(tx, &self.config, client, Cause::Blocked).await,
            _ => Ok(()),
        }
    }

    /// Keeps the tokens with the sale lead, and stores it where anything has changed.
    async fn keep(&self, tx: &mut Tx, sale: &mut Document<SaleLead>) -> Result<()> {
        let stored: Document<SaleLead> = tx.require(sale.id).await?;
        keep_tokens(sale, &self.lead.tokens);
        if (&stored.doc, &stored.extra) == (&sale.doc, &sale.extra) {
            return Ok(());
        }
        lead::store(tx, &self.config, &stored.doc, sale).await
    }

    /// Promises a call, where that is wanted.
    async fn calls(&self, tx: &mut Tx, enrolment: &mut Document<Enrolment>) -> Result<()> {
        let Some(at) = self.lead.callback_at else { return Ok(()) };
        book(tx, enrolment, at, self.callback).await?;
        tx.update(enrolment).await
    }

    /// Sets numbers aside, where that is wanted.
    async fn numbers(&self, tx: &mut Tx, enrolment: &mut Document<Enrolment>) -> Result<()> {
        let mut wrong = Vec::new();
        for (wanted, channel, field) in
            [(self.lead.call_number, Channel::Call, "call_number"), (self.lead.sms_number, Channel::Sms, "sms_number")]
        {
            if !wanted {
                continue;
            }
            let schedule = &self.checked.on.schedule.doc.name;
            let number = number_for(tx, &self.config, (schedule, channel), enrolment).await?;
            if number.is_none() {
                wrong.push(FieldError::new(field, "no_number_available", "no number is free just now"));
            }
            match channel {
                Channel::Call => enrolment.doc.call_number = number,
                _ => enrolment.doc.sms_number = number,
            }
        }
        if !wrong.is_empty() {
            let detail = "No number is free in the pools of this schedule.";
            return Err(Error { fields: wrong, ..Error::new(Code::NoNumberAvailable, detail) });
        }
        if self.lead.call_number || self.lead.sms_number {
            tx.update(enrolment).await?;
        }
        Ok(())
    }
}

fn duplicate() -> Error {
    Error::field("caller_id", "duplicate", "is a live lead of this schedule already")
}

/// Whether the person is being called, or is about to be.
fn is_called(doc: &Enrolment) -> bool {
    doc.agent_id.is_some() || doc.under_way.as_ref().is_some_and(|contact| contact.channel == Channel::Call)
}

/// The next action of an enrolment is due then, and not before. A call that was promised goes before it.
pub(super) fn due(doc: &mut Enrolment, at: Instant, now: Instant) {
    let at = at.max(now);
    if doc.callback_at.is_some() {
        doc.resume_at = Some(at);
        return;
    }
    doc.rank = None;
    (doc.next_action_at, doc.status, doc.standstill) = (Some(at), EnrolmentStatus::Scheduled, None);
    if at > now {
        let reason = "its next action is not due yet".to_owned();
        doc.standstill = Some(Standstill { rule: "wait".to_owned(), reason, since: now });
    }
}

/// Whether anybody may contact the person, where that is said.
async fn set(tx: &mut Tx, sale: &Document<SaleLead>, blocked: Option<bool>) -> Result<()> {
    match blocked {
        Some(blocked) => set_blocked(tx, sale.doc.client_id, blocked).await,
        None => Ok(()),
    }
}

/// Holds the person who is known by a key, if anybody is.
pub(super) async fn hold_person(tx: &mut Tx, keys: &[(&str, &str)]) -> Result<Option<ClientId>> {
    let known = tx.keys_find::<Client>(Client::SPEC.name, keys).await?;
    match known.first() {
        Some((_, _, id)) => Ok(tx.get_for_update::<Client>(*id).await?.map(|client| client.id)),
        None => Ok(None),
    }
}

/// The person's enrolments on a schedule, live or not, newest first.
pub(super) async fn of_person(tx: &mut Tx, on: &InForce, person: &Checked) -> Result<Vec<Document<Enrolment>>> {
    let whose = match (&person.phone, person.keys().as_slice()) {
        (Some(phone), _) => Filter::eq("caller_id", phone.as_str()),
        (None, keys) => match tx.keys_find::<Client>(Client::SPEC.name, keys).await?.first() {
            Some((_, _, client)) => Filter::eq("client_id", client.to_string()),
            None => return Ok(Vec::new()),
        },
    };
    let filter = Filter::And(vec![whose, Filter::eq("schedule_id", on.schedule.id.to_string())]);
    tx.find(&Find::newest(filter, MOST)).await
}

/// Whether it goes on: it is not over, and is not about to be.
pub(super) fn is_under_way(one: &Document<Enrolment>, now: Instant) -> bool {
    one.doc.status.is_live() && one.doc.expires_at.is_none_or(|end| end > now)
}

/// Holds a lead and its enrolment, whose client is held.
pub(super) async fn hold(tx: &mut Tx, seen: &Document<Enrolment>) -> Result<(Document<SaleLead>, Document<Enrolment>)> {
    computed::hold_client_of(tx, seen.doc.lead_id).await?;
    Ok((tx.require_for_update(seen.doc.lead_id).await?, tx.require_for_update(seen.id).await?))
}

/// A message of the enrolment that has not left yet does not leave any more. A contact under way goes on. The message is
/// held, so that nobody hands it over at the same time.
pub(super) async fn let_go(tx: &mut Tx, enrolment: &mut Document<Enrolment>) -> Result<()> {
    let Some(UnderWay { channel, id }) = enrolment.doc.under_way.clone() else { return Ok(()) };
    let attempt = match channel {
        Channel::Sms => tx.get_for_update::<Sms>(id.cast()).await?.map(|message| message.extra.attempt),
        Channel::Whatsapp => {
            tx.get_for_update::<WhatsappMessage>(id.cast()).await?.map(|message| message.extra.attempt)
        }
        Channel::Call | Channel::Email | Channel::Chat => return Ok(()),
    };
    if attempt == Some(Attempt::Planned) {
        enrolment.doc.under_way = None;
    }
    Ok(())
}
