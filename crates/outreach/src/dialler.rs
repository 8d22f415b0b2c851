//! Leads of a call centre's partners: taken in by their type, put on its schedule, and cancelled again.
//!
//! A person is a live lead of a type once, and is called once for a group of types, however many say so at the same time:
//! both are keys, claimed in the transaction that puts the person on the schedule.

use std::{sync::Arc, time::Duration};

use forecourt_crm::{Caller, Config, computed, intake, intake::NewLead, lead, schedule::active};
use forecourt_query::{Filter, Find};
use forecourt_record::{
    DiallerType, Document, Enrolment, EnrolmentId, EnrolmentStatus, Error, Kind as _, Phone, Result, SaleLead,
    event::EventName, schedule::Tokens,
};
use forecourt_store::{Command, Tx};
use serde_json::json;

use crate::{
    Outreach,
    schedule::{Cause, Enrolled, Enrolling, end, enrol, keep_tokens},
};

/// The key of a person on a type, and that of a person in a group of types.
const TYPE: &str = "type";
const GROUP: &str = "group";

/// A lead that a partner adds.
#[derive(Clone, Debug)]
pub struct NewDial {
    /// Who asks. Its source and location follow from the type.
    pub enquiry: NewLead,
    pub lead_type: String,
    /// Nobody is called before so much time has passed.
    pub delay: Duration,
    pub tokens: Tokens,
}

/// What came of it. The lead is kept whatever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    Processed,
    /// The person is a live lead of this type.
    ExistingContact,
    /// A call for the person is due by another type of the group.
    AlreadyScheduled,
    UnknownType,
}

impl Added {
    /// The answer in a word that stands on the lead's timeline.
    const fn sentence(self) -> &'static str {
        match self {
            Self::Processed => "it was put on its schedule",
            Self::ExistingContact => "the person is on the schedule of this type already",
            Self::AlreadyScheduled => "a call of the same group is due already",
            Self::UnknownType => "the lead type is not known",
        }
    }
}

/// What came of cancelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    Done,
    NotFound,
    /// The person was called or written to already, or is at this moment.
    AlreadyProcessed,
    /// The type belongs to no group of calls.
    NoGroup,
}

impl Outreach {
    /// Takes a lead in and puts it on the schedule of its type. A type that is not known, not active or not one of
    /// `allowed` keeps the lead and calls nobody.
    ///
    /// Errors, with nothing kept: `Invalid` (`name`, `phone`, `email`).
    pub async fn dial_add(&self, caller: &Caller, new: NewDial, allowed: Option<&[String]>) -> Result<Added> {
        let (config, onto, enquiry) = self.dial_checked(caller, &new, allowed).await?;
        let phone = phone_of(&config, new.enquiry.phone.as_deref(), onto.as_ref())?;
        let command = Add {
            receive: self.crm.lead_prepare(caller, config.clone(), enquiry, None)?,
            config,
            onto,
            phone,
            delay: new.delay,
            tokens: new.tokens,
            enrolment: self.crm.context.id(),
        };
        self.crm.write(self.crm.scope(caller), command).await
    }

    /// Whether the same would be taken in. Says whether the type is known.
    ///
    /// Errors: as adding.
    pub async fn dial_check(&self, caller: &Caller, new: NewDial, allowed: Option<&[String]>) -> Result<bool> {
        let (config, onto, enquiry) = self.dial_checked(caller, &new, allowed).await?;
        self.crm.lead_prepare(caller, config, enquiry, None)?;
        Ok(onto.is_some())
    }

    async fn dial_checked(
        &self,
        caller: &Caller,
        new: &NewDial,
        allowed: Option<&[String]>,
    ) -> Result<(Arc<Config>, Option<Document<DiallerType>>, NewLead)> {
        let config = self.crm.config(caller.dealer).await?;
        let onto = known(&config, &new.lead_type, allowed).filter(|kind| kind.doc.active).cloned();
        let source = onto.as_ref().map_or(&new.lead_type, |kind| &kind.doc.origin);
        let location = onto.as_ref().and_then(|kind| kind.doc.location.clone());
        // One that sees some locations only brings leads to those.
        let location = location.filter(|code| caller.sight.sees(Some(code)));
        let enquiry = NewLead { source: Some(source.clone()), location, ..new.enquiry.clone() };
        Ok((config, onto, enquiry))
    }

    /// Takes a person off the schedule of a type, unless it is too late.
    ///
    /// Errors: `Invalid` in `phone`.
    pub async fn dial_cancel(
        &self,
        caller: &Caller,
        lead_type: &str,
        phone: &str,
        allowed: Option<&[String]>,
    ) -> Result<Cancelled> {
        let phone = self.dial_number(caller, lead_type, phone).await?;
        let config = self.crm.config(caller.dealer).await?;
        let Some(onto) = known(&config, lead_type, allowed).cloned() else { return Ok(Cancelled::NotFound) };
        self.crm.write(self.crm.scope(caller), Cancel { config, onto, phone }).await
    }

    /// A number in the one form it is compared by; national ones are read in the country of the type's location.
    ///
    /// Errors: `Invalid` in `phone`.
    pub async fn dial_number(&self, caller: &Caller, lead_type: &str, phone: &str) -> Result<String> {
        let config = self.crm.config(caller.dealer).await?;
        phone_of(&config, Some(phone), config.lead_type(lead_type))
    }
}

fn known<'a>(config: &'a Config, name: &str, allowed: Option<&[String]>) -> Option<&'a Document<DiallerType>> {
    let is_allowed = |kind: &&Document<DiallerType>| allowed.is_none_or(|names| names.contains(&kind.doc.name));
    config.lead_type(name).filter(is_allowed)
}

/// A number in the one form it is compared by; national ones are read in the country of the type's location.
fn phone_of(config: &Config, given: Option<&str>, onto: Option<&Document<DiallerType>>) -> Result<String> {
    let location = onto.and_then(|kind| kind.doc.location.as_deref());
    let parsed = Phone::parse(given.unwrap_or_default(), Some(config.country(location)));
    parsed
        .map(|phone| phone.as_str().to_owned())
        .map_err(|reason| Error::field("phone", "bad_format", format!("This is not a phone number: {reason}.")))
}

struct Add {
    receive: intake::Receive,
    config: Arc<Config>,
    onto: Option<Document<DiallerType>>,
    phone: String,
    delay: Duration,
    tokens: Tokens,
    enrolment: EnrolmentId,
}

impl Command for Add {
    type Output = Added;

    async fn run(&self, tx: &mut Tx) -> Result<Added> {
        let received = Box::pin(self.receive.receive(tx)).await?;
        computed::hold_client_of(tx, received.lead).await?;
        let mut lead: Document<SaleLead> = tx.require_for_update(received.lead).await?;
        let before = lead.doc.clone();
        keep_tokens(&mut lead, &self.tokens);
        if lead.doc != before {
            lead::store(tx, &self.config, &before, &mut lead).await?;
        }
        let added = self.put_on(tx, &lead).await?;
        if added != Added::Processed {
            let data = json!({"reason": added.sentence()});
            lead::event(tx, received.lead, EventName::EnrolmentRefused, data).await?;
        }
        Ok(added)
    }
}

impl Add {
    async fn put_on(&self, tx: &mut Tx, lead: &Document<SaleLead>) -> Result<Added> {
        let Some(onto) = &self.onto else { return Ok(Added::UnknownType) };
        let Some(on) = self.config.schedule_named(&onto.doc.schedule).filter(|on| active(on).is_ok()) else {
            return Ok(Added::UnknownType);
        };
        let kind = Enrolment::SPEC.name;
        let of_type = format!("{}:{}", onto.id, self.phone);
        if tx.key_claim(kind, TYPE, &of_type, self.enrolment).await? != self.enrolment {
            return Ok(Added::ExistingContact);
        }
        let group = &onto.doc.call_group;
        if !group.is_empty() {
            let of_group = format!("{group}:{}", self.phone);
            if tx.key_claim(kind, GROUP, &of_group, self.enrolment).await? != self.enrolment {
                tx.key_release(kind, TYPE, &of_type, self.enrolment).await?;
                return Ok(Added::AlreadyScheduled);
            }
        }
        let how = Enrolling {
            tokens: self.tokens.clone(),
            not_before: Some(tx.scope().now + self.delay),
            lead_type: Some((onto.id, group.clone())),
            caller_id: Some(self.phone.clone()),
            ..Enrolling::default()
        };
        match enrol(tx, &self.config, lead, on, how, self.enrolment).await? {
            Enrolled::New(_) => Ok(Added::Processed),
            // On the same schedule by another type, or by somebody's hand.
            Enrolled::Before(_) | Enrolled::Refused(_) => {
                tx.keys_release_all(kind, self.enrolment).await?;
                Ok(Added::ExistingContact)
            }
        }
    }
}

struct Cancel {
    config: Arc<Config>,
    onto: Document<DiallerType>,
    phone: String,
}

impl Command for Cancel {
    type Output = Cancelled;

    async fn run(&self, tx: &mut Tx) -> Result<Cancelled> {
        let of_both = Filter::And(vec![
            Filter::eq("lead_type", self.onto.id.to_string()),
            Filter::eq("caller_id", self.phone.as_str()),
        ]);
        let newest = Find::newest(of_both, 1);
        let Some(seen) = tx.find::<Enrolment>(&newest).await?.pop() else { return Ok(Cancelled::NotFound) };
        if self.onto.doc.call_group.is_empty() {
            return Ok(Cancelled::NoGroup);
        }
        computed::hold_client_of(tx, seen.doc.lead_id).await?;
        if tx.get_for_update::<SaleLead>(seen.doc.lead_id).await?.is_none() {
            return Ok(Cancelled::NotFound);
        }
        let Some(mut enrolment) = tx.get_for_update::<Enrolment>(seen.id).await? else {
            return Ok(Cancelled::NotFound);
        };
        let doc = &enrolment.doc;
        if doc.contact_attempts > 0 || doc.status == EnrolmentStatus::Running {
            return Ok(Cancelled::AlreadyProcessed);
        }
        if !doc.status.is_live() {
            return Ok(Cancelled::NotFound);
        }
        end(tx, &self.config, &mut enrolment, Cause::Cancelled).await?;
        Ok(Cancelled::Done)
    }
}
