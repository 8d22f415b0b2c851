//! Leads of a partner who has a token for a schedule: put on it, changed, and taken off again.
//!
//! A schedule's token sends people onto the schedule. An offer's is for one whose people wait for nothing but their own
//! call, and brings what is known of them beforehand. A person is held from the look to the end of the transaction, so
//! however many say the same at once, there is one lead.

mod acts;
mod call;
mod put;
mod view;

use std::time::Duration;

use forecourt_crm::{
    Caller, Config,
    intake::NewLead,
    schedule::{InForce, active},
};
use forecourt_record::{Email, FieldError, Instant, Phone, Result, calendar::Zone, schedule::Tokens, shape::code};

pub use self::{
    acts::PersonAct,
    call::{CallOf, CallView},
    view::{Dedupe, PartnerView},
};
use crate::Outreach;

/// What a partner's token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The name of a schedule.
    pub schedule: String,
    pub by_offer: bool,
}

/// What is wanted of a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The live lead of the person is changed; where there is none it is made.
    Put,
    /// The same, and nobody is made.
    Update,
    /// A lead is made, unless the schedule says otherwise of one that is there.
    Add,
    /// As putting, and nothing begins.
    Capture,
}

/// What becomes first of leads of the person that are on the schedule already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    #[default]
    Stay,
    /// They end, with what the schedule does at its end.
    Expire,
    /// They end, and nothing else happens.
    Delete,
}

/// A lead as a partner sends it; whatever is not said stays as it is.
#[derive(Clone, Debug, Default)]
pub struct PartnerLead {
    /// Who is called and written to, in any writing.
    pub caller_id: Option<String>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub tokens: Tokens,
    pub contact_field_type: Option<String>,
    /// Lower goes first.
    pub lead_priority: Option<i64>,
    /// The next action is due then.
    pub next_action_at: Option<Instant>,
    /// It ends after this time.
    pub expires_in: Option<Duration>,
    /// It ends after so many calls and messages.
    pub max_contact_attempts: Option<i64>,
    /// Begins with the first action again.
    pub restart: bool,
    /// Whether anybody may contact the person at all.
    pub blocked: Option<bool>,
    pub existing: Existing,
    /// Every live lead of the person on the schedule is changed, not only the newest.
    pub all_matching: bool,
    /// A call is promised for then.
    pub callback_at: Option<Instant>,
    /// The tokens are added to the calls of the lead, too.
    pub onto_calls: bool,
    /// Whether a number to call or to write from is set aside.
    pub call_number: bool,
    pub sms_number: bool,
}

/// A lead whose every field is known to be good, and the schedule it is for.
struct Checked {
    on: InForce,
    phone: Option<Phone>,
    email: Option<Email>,
}

impl Outreach {
    /// The zone that times without one are meant in.
    pub async fn partner_zone(&self, caller: &Caller, token: &Token) -> Result<Zone> {
        let config = self.crm.config(caller.dealer).await?;
        let on = config.schedule_named(&token.schedule);
        let own = on.and_then(|on| on.plan.definition.time_zone.clone());
        Ok(own.unwrap_or_else(|| config.zone().clone()))
    }

    /// The small number of a token's schedule; none where there is no such schedule any more.
    pub async fn partner_schedule(&self, caller: &Caller, token: &Token) -> Result<Option<i64>> {
        let config = self.crm.config(caller.dealer).await?;
        Ok(config.schedule_named(&token.schedule).map(|on| on.schedule.extra.number))
    }

    /// Everything that is wrong with a lead before anybody looks at who is there: `token`, `caller_id`, `email`, `name`.
    pub async fn partner_check(&self, caller: &Caller, token: &Token, lead: &PartnerLead) -> Result<Vec<FieldError>> {
        let config = self.crm.config(caller.dealer).await?;
        Ok(check(&config, token, lead).err().unwrap_or_default())
    }
}

fn check(config: &Config, token: &Token, lead: &PartnerLead) -> std::result::Result<Checked, Vec<FieldError>> {
    let mut wrong = Vec::new();
    let on = config.schedule_named(&token.schedule);
    if on.is_none_or(|on| active(on).is_err()) {
        wrong.push(FieldError::new("token", code::NOT_ALLOWED, "the schedule of this token is not active"));
    } else if token.by_offer && on.is_some_and(|on| !on.plan.contacts_nobody()) {
        wrong.push(FieldError::new(
            "token",
            code::NOT_ALLOWED,
            "an offer's token is for a schedule that contacts nobody",
        ));
    }
    let phone = lead.caller_id.as_deref().map(|text| Phone::parse(text, Some(config.country(None))));
    if matches!(phone, Some(Err(_))) {
        wrong.push(FieldError::new("caller_id", code::BAD_FORMAT, "is not a valid phone number"));
    }
    let email = lead.email.as_deref().map(str::parse::<Email>);
    if matches!(email, Some(Err(_))) {
        wrong.push(FieldError::new("email", code::BAD_FORMAT, "is not a valid email address"));
    }
    let reached_by_mail = email.is_some() && on.is_some_and(|on| on.plan.needs_no_phone());
    if phone.is_none() && !reached_by_mail {
        wrong.push(FieldError::new("caller_id", code::REQUIRED, "can't be blank"));
    }
    match on {
        Some(on) if wrong.is_empty() => Ok(Checked {
            on: on.clone(),
            phone: phone.and_then(std::result::Result::ok),
            email: email.and_then(std::result::Result::ok),
        }),
        _ => Err(wrong),
    }
}

impl Checked {
    /// Who it is, by the keys that a client is known by.
    fn keys(&self) -> Vec<(&'static str, &str)> {
        let phone = self.phone.as_ref().map(|phone| ("phone", phone.as_str()));
        phone.or_else(|| self.email.as_ref().map(|email| ("email", email.as_str()))).into_iter().collect()
    }

    /// The same as an enquiry, which is taken in when nobody is there.
    fn enquiry(&self, lead: &PartnerLead) -> NewLead {
        NewLead {
            name: lead.name.clone(),
            phone: self.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            email: self.email.as_ref().map(|email| email.as_str().to_owned()),
            source: Some(self.on.schedule.doc.name.clone()),
            ..NewLead::default()
        }
    }
}
