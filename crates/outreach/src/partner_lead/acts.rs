//! What a partner does with a person's leads on its schedule: takes them off, to the end, or hears that the person wants
//! no more.

use std::sync::Arc;

use forecourt_crm::{
    Caller, Config,
    schedule::{InForce, plan_of},
    suppression::suppress,
};
use forecourt_record::{
    CallbackStatus, Client, Document, Enrolment, Error, Kind as _, Phone, Result,
    event::{Event, EventName},
    gate::Channel,
    shape::code,
};
use forecourt_store::{Command, Tx};
use serde_json::json;

use super::{Checked, Dedupe, PartnerView, Token, put, view::addresses};
use crate::{
    Outreach, calls,
    schedule::{Cause, end, opted_out, wake},
    wish::{self, Heard},
};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonAct {
    /// Taken off the schedule; nothing else happens.
    Remove,
    /// Nobody calls or writes to the person any more, from any schedule.
    OptOut,
    /// Everything but what the schedule does at its end is left out.
    MoveToEnd,
}

impl Outreach {
    /// Does it for the live leads that a person has on the schedule of a token, and shows the newest. An opt-out holds
    /// for anybody, and shows nothing where there never was a lead.
    ///
    /// Errors: `Invalid` in `caller_id` or `token`; `NotFound` where there is no such lead.
    pub async fn partner_act(
        &self,
        caller: &Caller,
        token: &Token,
        caller_id: &str,
        act: PersonAct,
    ) -> Result<Option<PartnerView>> {
        let config = self.crm.config(caller.dealer).await?;
        // Also of a schedule that is stopped: a wish holds, and somebody can be taken off.
        let on = config.schedule_named(&token.schedule).cloned();
        let gone = || Error::field("token", code::NOT_ALLOWED, "there is no schedule of this token any more");
        let phone = Phone::parse(caller_id, Some(config.country(None)))
            .map_err(|_| Error::field("caller_id", code::BAD_FORMAT, "is not a valid phone number"))?;
        let person = Checked { on: on.ok_or_else(gone)?, phone: Some(phone), email: None };
        self.crm.write(self.crm.scope(caller), Act { config, person, what: act }).await
    }
}

/// Why nobody contacts whom a partner has told so.
const PARTNER: &str = "opted out through a partner";

struct Act {
    config: Arc<Config>,
    person: Checked,
    what: PersonAct,
}

impl Command for Act {
    type Output = Option<PartnerView>;

    async fn run(&self, tx: &mut Tx) -> Result<Option<PartnerView>> {
        let client = put::hold_person(tx, &self.person.keys()).await?;
        let on = &self.person.on;
        let of_person = put::of_person(tx, on, &self.person).await?;
        let live: Vec<_> = of_person.iter().filter(|one| put::is_under_way(one, tx.scope().now)).collect();
        match self.what {
            PersonAct::OptOut => {
                let number = self.person.phone.as_ref().map(Phone::as_str);
                let mut covered = Vec::new();
                for (channel, address) in addresses(number, None) {
                    suppress(tx, channel, address, PARTNER).await?;
                    covered.push((channel, address.to_owned()));
                }
                if let Some(number) = number {
                    opted_out(tx, &self.config, client, number).await?;
                    let (channel, at) = (Channel::Call, tx.scope().now);
                    let said = Heard { channel, address: number, text: "", at, client, lead: None, is_obeyed: false };
                    wish::withdraw(tx, &covered, &said, PARTNER).await?;
                }
                if let Some(client) = client {
                    let data = json!({"channel": "all"});
                    let name = EventName::ClientOptedOut;
                    let lead = of_person.first().map(|one| one.doc.lead_id);
                    tx.event(Event { name, kind: Client::SPEC.name, id: client.cast(), lead, data }).await?;
                }
            }
            PersonAct::Remove | PersonAct::MoveToEnd => {
                if live.is_empty() {
                    return Err(Error::not_found("live lead"));
                }
                for one in live {
                    let (_, mut enrolment) = put::hold(tx, one).await?;
                    if !enrolment.doc.status.is_live() {
                        continue;
                    }
                    match self.what {
                        PersonAct::MoveToEnd => to_end(tx, &self.config, on, &mut enrolment).await?,
                        _ => end(tx, &self.config, &mut enrolment, Cause::Cancelled).await?,
                    }
                }
            }
        }
        match of_person.first() {
            Some(newest) => Ok(Some(PartnerView::load(tx, newest.id, Dedupe::Updated).await?)),
            None => Ok(None),
        }
    }
}

/// Only what is done at the end is left of an enrolment that the caller holds.
async fn to_end(tx: &mut Tx, config: &Config, on: &InForce, enrolment: &mut Document<Enrolment>) -> Result<()> {
    let plan = plan_of(tx, config, on.schedule.id, enrolment.doc.version).await?;
    let now = tx.scope().now;
    put::let_go(tx, enrolment).await?;
    calls::settle(tx, enrolment, CallbackStatus::Cancelled).await?;
    let doc = &mut enrolment.doc;
    (doc.captured, doc.resume_at) = (false, None);
    doc.position = i64::try_from(plan.actions().len()).unwrap_or(i64::MAX);
    if doc.under_way.is_none() && doc.agent_id.is_none() {
        put::due(doc, now, now);
    }
    tx.update(enrolment).await?;
    wake(tx, enrolment.id, now, enrolment.doc.lead_priority).await
}
