//! A call that somebody wants now: an agent who has looked at the person, or a partner.
//!
//! Before anything is dialled: the schedule is active, no more calls a second than are allowed, the number is one, the gate
//! allows the contact, and the number was not called in the last half minute.

use std::{sync::Arc, time::Duration};

use forecourt_crm::{
    Caller, Config, Ref, Sight,
    intake::{NewLead, Receive},
    lead::{require_visible, require_visible_for_update},
    schedule::{InForce, active},
};
use forecourt_query::{Direction as Order, Filter, Find, Op};
use forecourt_record::{
    AgentState, CallId, Code, Conference, Direction, Document, Enrolment, EnrolmentId, EnrolmentStatus, Error,
    FieldError, LeadId, Phone, Result, SaleLead, UserId, schedule::Tokens,
};
use forecourt_store::{Command, Tx};

use super::{
    agent_of, facts,
    pace::{allowance, begun, purpose},
    place::{Placing, place},
};
use crate::{Outreach, gate, message::Recipient, schedule::check_tokens};

/// The same number is not called twice within so long.
const RECENTLY: Duration = Duration::from_secs(30);

/// Who is called.
#[derive(Clone, Debug)]
pub enum Whom {
    Lead(Ref<SaleLead>),
    Enrolment(EnrolmentId),
    /// A number, on behalf of a schedule: whoever is on it with this number; somebody new, where nobody is, who is not put
    /// on it.
    Number {
        schedule: String,
        to: String,
        tokens: Tokens,
    },
}

/// A call as it is wanted.
#[derive(Clone, Debug)]
pub struct CallNow {
    pub whom: Whom,
    /// The agent who calls; without one the call goes to whoever is free when it is answered.
    pub agent: Option<UserId>,
}

impl Outreach {
    /// Calls somebody now.
    ///
    /// Errors, with nothing dialled: `NotFound`; `Conflict` for a schedule that is not active, a person who is being
    /// contacted, an agent who is not ready, a rule of when people may be called, or a number that was called just now;
    /// `Invalid` in `to` and `tokens`; `NoPhone`, `Suppressed`; `RateLimited` for too many calls a second.
    pub async fn call_now(&self, caller: &Caller, wish: CallNow) -> Result<Document<Conference>> {
        let config = self.crm.config(caller.dealer).await?;
        let (mut on, mut receive, mut to) = (None, None, None);
        if let Whom::Number { schedule, to: number, tokens } = &wish.whom {
            let found = config.schedule_named(schedule).ok_or_else(|| Error::not_found("schedule"))?;
            on = Some(active(found)?.clone());
            let mut wrong = check_tokens(tokens);
            let parsed = Phone::parse(number, Some(config.country(None)));
            if let Err(reason) = &parsed {
                let detail = format!("This is not a phone number: {reason}.");
                wrong.push(FieldError::new("to", "bad_format", detail));
            }
            let Some(number) = parsed.ok().filter(|_| wrong.is_empty()) else { return Err(Error::invalid(wrong)) };
            let enquiry = NewLead {
                phone: Some(number.as_str().to_owned()),
                source: Some(schedule.clone()),
                ..NewLead::default()
            };
            receive = Some(self.crm.lead_prepare(caller, config.clone(), enquiry, None)?);
            to = Some(number.as_str().to_owned());
        }
        let id = self.crm.context.id();
        let command = Now { sight: caller.sight.clone(), config, wish, on, receive, to, id };
        self.crm.write(self.crm.scope(caller), command).await
    }
}

struct Now {
    sight: Sight,
    config: Arc<Config>,
    wish: CallNow,
    on: Option<InForce>,
    receive: Option<Receive>,
    to: Option<String>,
    id: CallId,
}

impl Command for Now {
    type Output = Document<Conference>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<Conference>> {
        if allowance(tx, &self.config.dealer.doc.dialling).await? == 0 {
            return Err(Error::new(Code::RateLimited, "As many calls as are allowed were begun within this second.")
                .retry_after(Duration::from_secs(1)));
        }
        let (lead, enrolment) = self.whom(tx).await?;
        let lead = require_visible_for_update(tx, &self.sight, Ref::Id(lead)).await?;
        let mut enrolment = match enrolment {
            Some(id) => Some(tx.require_for_update::<Enrolment>(id).await?),
            None => None,
        };
        if let Some(enrolment) = &enrolment {
            self.is_free(enrolment)?;
        }
        let now = tx.scope().now;
        // Somebody who calls answers whoever has just asked; a program calls for what the schedule is for.
        let purpose = match (&enrolment, &self.on) {
            (Some(enrolment), _) if self.wish.agent.is_none() || enrolment.doc.rank.is_some() => {
                purpose(tx, &self.config, enrolment).await?
            }
            (None, Some(on)) if self.wish.agent.is_none() => on.plan.definition.purpose,
            _ => Recipient::of(&lead).purpose(false, now),
        };
        let placing = Placing {
            id: self.id,
            lead: &lead,
            enrolment: enrolment.as_ref(),
            purpose,
            agent: self.wish.agent,
            mode: None,
            callback: enrolment.as_ref().and_then(|enrolment| enrolment.doc.callback_id),
        };
        // Held, so that of two who call a number at once one finds the other's call.
        gate::hold(tx, placing.called()).await?;
        was_called_just_now(tx, placing.called()).await?;
        let mut call = place(tx, &self.config, placing).await?.map_err(|rule| rule.error())?;
        if let Whom::Number { tokens, .. } = &self.wish.whom {
            facts(&mut call).tokens.0.extend(tokens.0.clone());
            tx.update(&mut call).await?;
        }
        if let Some(enrolment) = &mut enrolment {
            begun(tx, enrolment, &call).await?;
        }
        if let Some(user) = self.wish.agent {
            self.keep(tx, user).await?;
        }
        Ok(call)
    }
}

impl Now {
    async fn whom(&self, tx: &mut Tx) -> Result<(LeadId, Option<EnrolmentId>)> {
        match &self.wish.whom {
            Whom::Lead(lead) => {
                let lead = require_visible(tx, &self.sight, *lead).await?;
                let on = newest_live(tx, vec![Filter::eq("lead_id", lead.id.to_string())]).await?;
                Ok((lead.id, on.map(|enrolment| enrolment.id)))
            }
            Whom::Enrolment(id) => {
                let enrolment = tx.require(*id).await?;
                if !enrolment.doc.status.is_live() {
                    return Err(Error::new(Code::Conflict, "The person is not on this schedule any more."));
                }
                Ok((enrolment.doc.lead_id, Some(enrolment.id)))
            }
            Whom::Number { .. } => {
                let (Some(on), Some(receive), Some(to)) = (&self.on, &self.receive, &self.to) else {
                    return Err(Error::internal("a number without its schedule"));
                };
                let there =
                    vec![Filter::eq("schedule_id", on.schedule.id.to_string()), Filter::eq("caller_id", to.as_str())];
                if let Some(enrolment) = newest_live(tx, there).await? {
                    return Ok((enrolment.doc.lead_id, Some(enrolment.id)));
                }
                Ok((Box::pin(receive.receive(tx)).await?.lead, None))
            }
        }
    }

    /// Nothing else is under way with the person, and the schedule is one that contacts people.
    fn is_free(&self, enrolment: &Document<Enrolment>) -> Result<()> {
        if let Some(on) = self.config.schedule(enrolment.doc.schedule_id) {
            active(on)?;
        }
        let is_ours = enrolment.doc.agent_id.is_none() || enrolment.doc.agent_id == self.wish.agent;
        if enrolment.doc.under_way.is_some() || !is_ours {
            return Err(Error::new(Code::Conflict, "The person is being contacted at this moment."));
        }
        Ok(())
    }

    /// The agent is kept for the call.
    async fn keep(&self, tx: &mut Tx, user: UserId) -> Result<()> {
        let agent = agent_of(tx, user).await?;
        let Some(mut agent) = agent
            .filter(|agent| matches!(agent.doc.state, AgentState::Ready | AgentState::Previewing | AgentState::Paused))
        else {
            return Err(Error::new(Code::Conflict, "The agent is not there for a call: offline, or in another one."));
        };
        if agent.doc.state == AgentState::Paused {
            agent.doc.then = Some(AgentState::Paused);
        }
        let now = tx.scope().now;
        agent.doc.enter(AgentState::Ringing, now);
        agent.doc.call_id = Some(self.id);
        tx.update(&mut agent).await
    }
}

async fn newest_live(tx: &mut Tx, mut parts: Vec<Filter>) -> Result<Option<Document<Enrolment>>> {
    let statuses = EnrolmentStatus::LIVE.iter().map(|status| status.as_str().into());
    parts.push(Filter::In("status", statuses.collect()));
    Ok(tx.find::<Enrolment>(&Find::newest(Filter::And(parts), 1)).await?.pop())
}

/// Errors: `Conflict` when the number was called within half a minute.
async fn was_called_just_now(tx: &mut Tx, number: Option<&str>) -> Result<()> {
    let Some(number) = number else { return Ok(()) };
    let since = tx.scope().now - RECENTLY;
    let recent = Find {
        filter: Filter::And(vec![
            Filter::eq("client_number", number),
            Filter::compare("made_at", Op::Gt, since.millis()),
        ]),
        sort: vec![("made_at", Order::Descending)],
        skip: 0,
        limit: 10,
    };
    let before = tx.find::<Conference>(&recent).await?;
    if before.iter().any(|call| call.doc.direction == Some(Direction::Outbound)) {
        return Err(Error::new(Code::Conflict, "The number was called within the last 30 seconds."));
    }
    Ok(())
}
