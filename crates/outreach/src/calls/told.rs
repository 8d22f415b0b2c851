//! What the provider tells of a call: it moves the call on, never back, and the agent and the schedule with it.

use std::{cmp::min, sync::Arc};

use forecourt_connect::{CallState, Direct, Outcome, received::Call};
use forecourt_crm::{
    Caller, Config, Ref, Sight, computed,
    intake::{NewLead, Receive},
    lead::require_visible_for_update,
};
use forecourt_query::{Direction as Order, Filter, Find};
use forecourt_record::{
    Actor, AgentState, Attempt, CallAgent, CallFacts, CallId, CallParticipant, CallStatus, CallType, Client,
    Conference, DealerId, Direction, Document, Enrolment, EnrolmentStatus, Error, FlowEvent, Instant, Kind as _,
    LeadId, MessageExtra, Phone, Result, SaleLead, event::EventName, schedule::Tokens,
};
use forecourt_store::{Command, Job, NewJob, Tx};
use serde_json::json;
use tracing::debug;

use super::{
    CALL, MOST_AGENTS, agent_of,
    close::{agent_goes, close},
    facts, is_over, joins, wake_pacer,
};
use crate::{
    Outreach,
    message::{event, work},
    outbox::{PROVIDER_ID, accepted, know},
    schedule,
    worker::payload,
};

/// The job that tells the provider to do something with a call: `{"call": id, "to": a name}`; without a name it hangs up.
pub(crate) const DIRECT: &str = "call.direct@1";

/// One thing told of a call, with what it takes to carry it out.
pub(crate) struct Heard {
    call: Call,
    at: Instant,
    config: Arc<Config>,
    /// Whoever calls us, as one who asks, where nobody knows them.
    enquiry: Option<Receive>,
    id: CallId,
}

impl Outreach {
    pub(crate) fn call_heard(
        &self,
        dealer: DealerId,
        config: &Arc<Config>,
        call: Call,
        received_at: Instant,
    ) -> Result<Heard> {
        let caller = Caller { dealer, actor: Actor::Client, dialect: CALL, sight: Sight::All, history: false };
        let from = call.from.as_deref().filter(|_| call.reference.is_none()).map(|number| Phone::parse(number, None));
        let enquiry = from.and_then(std::result::Result::ok).map(|phone| {
            let enquiry = NewLead {
                phone: Some(phone.as_str().to_owned()),
                source: Some(CALL.to_owned()),
                location: called(config, call.to.as_deref().map(String::as_str)),
                ..NewLead::default()
            };
            self.crm.lead_prepare(&caller, config.clone(), enquiry, None)
        });
        let (at, id) = (min(call.at, received_at), self.crm.context.id());
        Ok(Heard { at, config: config.clone(), enquiry: enquiry.transpose()?, id, call })
    }

    /// Tells the provider to do something with a call. What is done twice is done once.
    pub(crate) async fn call_direct(&self, job: &Job) -> Result<()> {
        let id: CallId = payload(job, "call")?;
        let to = job.payload["to"].as_str().map(str::to_owned);
        let call = self.crm.store.read(self.crm.house(job.dealer), forecourt_store::Lane::Quick, Look(id)).await?;
        let known = call.filter(|call| !is_over(call)).and_then(|call| call.extra.provider_id);
        if let Some(provider_id) = known {
            let what = to.map_or(Direct::HangUp, |to| Direct::HandOver { to });
            match self.chat.direct(&provider_id, &what).await {
                Outcome::Sent { .. } => {}
                Outcome::Failed { code, detail } => debug!(code, detail, "a call could not be directed"),
                Outcome::RetryAfter(_) | Outcome::Unknown { .. } => {
                    return Err(Error::unavailable("the provider did not say what became of a call"));
                }
            }
        }
        self.crm.write(self.crm.house(job.dealer), crate::worker::Done(job.clone())).await
    }
}

struct Look(CallId);

impl Command for Look {
    type Output = Option<Document<Conference>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        tx.get(self.0).await
    }
}

/// Asks the provider to do something with a call that is under way.
pub(super) async fn direct(tx: &mut Tx, call: CallId, to: Option<&str>) -> Result<()> {
    let due_at = tx.scope().now;
    let dedupe = Some(format!("direct:{call}:{}", to.unwrap_or_default()));
    let payload = json!({"call": call, "to": to});
    tx.enqueue(NewJob { name: DIRECT, payload, due_at, priority: 0, dedupe }).await
}

/// The location whose number is called, by its code.
fn called(config: &Config, number: Option<&str>) -> Option<String> {
    let number = number?;
    let codes = config.locations.iter().map(|location| location.doc.code.as_str());
    codes
        .filter(|code| crate::conversation::calling_number(config, Some(code)).as_deref() == Some(number))
        .map(str::to_owned)
        .next()
}

/// How far along a state is; a call only goes forward.
const fn stage(status: Option<CallStatus>) -> u8 {
    match status {
        None | Some(CallStatus::Queued) => 0,
        Some(CallStatus::Ringing) => 1,
        Some(CallStatus::InProgress) => 2,
        Some(_) => 3,
    }
}

impl Heard {
    pub async fn apply(&self, tx: &mut Tx) -> Result<()> {
        let Some(seen) = self.find(tx).await? else {
            debug!("something is told of a call that is not ours");
            return Ok(());
        };
        // Lead before call before agent: the order of every transaction that holds them.
        let mut lead = None;
        if let Some(id) = seen.extra.lead_id {
            computed::hold_client_of(tx, id).await?;
            lead = tx.get_for_update::<SaleLead>(id).await?.map(|lead| lead.id);
        }
        let Some(mut call) = tx.get_for_update::<Conference>(seen.id).await? else { return Ok(()) };
        let Some(status) = self.status(&call) else { return Ok(()) };
        if stage(Some(status)) <= stage(call.doc.status) {
            return Ok(());
        }
        if call.doc.direction == Some(Direction::Outbound) {
            accepted(&mut call);
        }
        know(tx, &mut call, &self.call.provider_id).await?;
        flow(&mut call, status, self.at);
        call.doc.status = Some(status);
        match self.call.state {
            CallState::Ringing => tx.update(&mut call).await?,
            CallState::Answered => self.answered(tx, &mut call, lead).await?,
            CallState::AnsweredByMachine => self.machine(tx, &mut call).await?,
            _ => self.ended(tx, &mut call).await?,
        }
        Ok(())
    }

    fn status(&self, call: &Document<Conference>) -> Option<CallStatus> {
        Some(match &self.call.state {
            CallState::Ringing => CallStatus::Ringing,
            CallState::Answered | CallState::AnsweredByMachine => CallStatus::InProgress,
            CallState::Busy => CallStatus::Busy,
            CallState::NoAnswer => CallStatus::NoAnswer,
            CallState::Failed => CallStatus::Failed,
            CallState::Canceled => CallStatus::Canceled,
            CallState::Completed if call.doc.voicemail == Some(true) => CallStatus::Voicemail,
            CallState::Completed => CallStatus::Completed,
            CallState::Unknown(_) => return None,
        })
    }

    /// The call, by the provider's id, else by our own reference. One that nobody knows is somebody who calls us.
    async fn find(&self, tx: &mut Tx) -> Result<Option<Document<Conference>>> {
        let known = tx.keys_find(Conference::SPEC.name, &[(PROVIDER_ID, &self.call.provider_id)]).await?;
        let by_reference = || self.call.reference.as_ref()?.parse::<CallId>().ok();
        if let Some(id) = known.into_iter().next().map(|(_, _, id)| id).or_else(by_reference) {
            return tx.get::<Conference>(id).await;
        }
        match &self.enquiry {
            Some(enquiry) => self.incoming(tx, enquiry).await,
            None => Ok(None),
        }
    }

    /// Somebody calls: the lead is that of a schedule they are on, else the newest of the client, else a new one; the call
    /// inherits the tokens.
    async fn incoming(&self, tx: &mut Tx, enquiry: &Receive) -> Result<Option<Document<Conference>>> {
        let Some(from) = self.call.from.as_deref() else { return Ok(None) };
        let first = tx.key_claim(Conference::SPEC.name, PROVIDER_ID, &self.call.provider_id, self.id).await?;
        if first != self.id {
            return tx.get(first).await;
        }
        let (lead, tokens, group) = match by_number(tx, from).await? {
            Some(known) => known,
            None => (Box::pin(enquiry.receive(tx)).await?.lead, Tokens::default(), None),
        };
        let lead = require_visible_for_update(tx, &Sight::All, Ref::Id(lead)).await?;
        let doc = Conference {
            call_type: Some(CallType::External),
            direction: Some(Direction::Inbound),
            client_number: Some(from.clone()),
            dealer_number: self.call.to.as_deref().cloned(),
            status: Some(CallStatus::Queued),
            made_at: Some(self.at),
            location: lead.doc.location.clone(),
            origin: lead.doc.origin.clone(),
            ..Conference::default()
        };
        let extra = MessageExtra {
            lead_id: Some(lead.id),
            client_id: lead.doc.client_id,
            provider_id: Some(self.call.provider_id.clone()),
            attempt: Attempt::Sent,
            call: Some(Box::new(CallFacts { tokens, ..CallFacts::default() })),
            ..MessageExtra::default()
        };
        let mut call = Document::new(self.id, tx.scope().now, doc, extra);
        tx.insert(&call).await?;
        event(tx, &call, EventName::CallReceived, json!({})).await?;
        schedule::answered(tx, lead.id, self.at).await?;
        if let Some(mut agent) = free(tx, group.as_deref(), lead.doc.location.as_deref()).await? {
            self.given(tx, &mut call, &mut agent, AgentState::Ringing).await?;
            call.doc.ringed_users.push(agent.doc.user_id.to_string());
            tx.update(&mut call).await?;
        }
        Ok(Some(call))
    }

    /// An agent is kept for the call. The caller stores the call.
    async fn given(
        &self,
        tx: &mut Tx,
        call: &mut Document<Conference>,
        agent: &mut Document<CallAgent>,
        state: AgentState,
    ) -> Result<()> {
        let user = agent.doc.user_id;
        agent.doc.enter(state, self.at);
        agent.doc.call_id = Some(call.id);
        tx.update(agent).await?;
        facts(call).agent_id = Some(user);
        call.doc.users.push(user.to_string());
        Ok(())
    }

    async fn answered(&self, tx: &mut Tx, call: &mut Document<Conference>, lead: Option<LeadId>) -> Result<()> {
        let client =
            CallParticipant { r#type: Some("client".into()), entered_at: Some(self.at), ..CallParticipant::default() };
        call.doc.participants.push(client);
        call.doc.client_attended = Some(true);
        call.doc.ringing_time = call.doc.made_at.map(|made| seconds(made, self.at).into());
        facts(call).answered_at = Some(self.at);
        let kept = match facts(call).agent_id {
            Some(user) => agent_of(tx, user).await?.filter(|agent| agent.doc.call_id == Some(call.id)),
            None => None,
        };
        let agent = if kept.is_some() {
            kept
        } else {
            let group = group_of(tx, call).await?;
            free(tx, group.as_deref(), call.doc.location.as_deref()).await?
        };
        let Some(mut agent) = agent else {
            (facts(call).dropped, facts(call).agent_id) = (true, None);
            tx.update(call).await?;
            event(tx, call, EventName::CallDropped, json!({})).await?;
            return direct(tx, call.id, None).await;
        };
        call.doc.users.clear();
        self.given(tx, call, &mut agent, AgentState::Talking).await?;
        joins(call, agent.doc.user_id.to_string(), self.at);
        tx.update(call).await?;
        event(tx, call, EventName::CallAnswered, json!({"by": "person"})).await?;
        if let Some(lead) = lead {
            work(tx, &self.config, Some(lead)).await?;
            schedule::connected(tx, lead, self.at).await?;
        }
        Ok(())
    }

    /// A machine is spoken with by nobody: the line is hung up, and the agent free at once.
    async fn machine(&self, tx: &mut Tx, call: &mut Document<Conference>) -> Result<()> {
        call.doc.voicemail = Some(true);
        tx.update(call).await?;
        event(tx, call, EventName::CallAnswered, json!({"by": "machine"})).await?;
        agent_goes(tx, call, AgentState::Ready, self.at).await?;
        direct(tx, call.id, None).await?;
        wake_pacer(tx, self.at).await
    }

    async fn ended(&self, tx: &mut Tx, call: &mut Document<Conference>) -> Result<()> {
        let was_spoken = facts(call).answered_at.is_some() && facts(call).agent_id.is_some();
        for participant in &mut call.doc.participants {
            participant.left_at.get_or_insert(self.at);
        }
        call.doc.duration = self.call.seconds.map(Into::into).or(call.doc.duration.take());
        let status = call.doc.status.map(CallStatus::as_str);
        event(tx, call, EventName::CallEnded, json!({"status": status})).await?;
        let to = if was_spoken { AgentState::WrapUp } else { AgentState::Ready };
        agent_goes(tx, call, to, self.at).await?;
        if was_spoken {
            tx.update(call).await?;
            return schedule::settled(tx, &call.extra).await;
        }
        close(tx, call).await
    }
}

/// Somebody of this number on a schedule: the lead, the tokens and the group of calls; else the newest lead of the client.
async fn by_number(tx: &mut Tx, from: &str) -> Result<Option<(LeadId, Tokens, Option<String>)>> {
    let live = EnrolmentStatus::LIVE.iter().map(|status| status.as_str().into()).collect();
    let on = Filter::And(vec![Filter::eq("caller_id", from), Filter::In("status", live)]);
    if let Some(on) = tx.find::<Enrolment>(&Find::newest(on, 1)).await?.pop() {
        return Ok(Some((on.doc.lead_id, on.doc.tokens, on.doc.call_group)));
    }
    let known = tx.keys_find::<Client>(Client::SPEC.name, &[("phone", from)]).await?;
    let Some((_, _, client)) = known.first() else { return Ok(None) };
    let leads = tx.find::<SaleLead>(&Find::newest(Filter::eq("client_id", client.to_string()), 1)).await?;
    Ok(leads.into_iter().next().map(|lead| (lead.id, Tokens::default(), None)))
}

/// The group of calls that a call of ours is of.
async fn group_of(tx: &mut Tx, call: &Document<Conference>) -> Result<Option<String>> {
    let Some(id) = call.extra.enrolment_id else { return Ok(None) };
    Ok(tx.get(id).await?.and_then(|enrolment| enrolment.doc.call_group))
}

/// The agent who has been ready for the longest, of those who take such calls; held.
async fn free(tx: &mut Tx, group: Option<&str>, location: Option<&str>) -> Result<Option<Document<CallAgent>>> {
    let ready = Find {
        filter: Filter::eq("state", AgentState::Ready.as_str()),
        sort: vec![("user_id", Order::Ascending)],
        skip: 0,
        limit: MOST_AGENTS,
    };
    let mut agents = tx.find_for_update::<CallAgent>(&ready).await?;
    agents.retain(|agent| agent.doc.is_for(group, location));
    agents.sort_by_key(|agent| (agent.doc.since, agent.id));
    Ok(agents.into_iter().next())
}

/// Notes a state in the call's own history.
fn flow(call: &mut Document<Conference>, status: CallStatus, at: Instant) {
    if let Some(before) = call.doc.flow_events.last_mut() {
        before.end_date.get_or_insert(at);
    }
    let r#type = Some(status.as_str().to_owned());
    call.doc.flow_events.push(FlowEvent { start_date: Some(at), r#type, ..FlowEvent::default() });
}

fn seconds(from: Instant, to: Instant) -> u64 {
    to.since(from).as_secs()
}
