//! What an agent does: comes and goes, looks at who is next, hangs up, hands a call over, and writes down what came of it.

use std::sync::Arc;

use forecourt_crm::{
    Caller, Config, Ref, Sight, computed,
    lead::{self, require_visible, require_visible_for_update},
    schedule::Arrival,
};
use forecourt_query::{Direction as Order, Filter, Find};
use forecourt_record::{
    AgentState, CallAgent, CallId, CallTransfer, CallbackId, Code, Conference, Document, Enrolment, EnrolmentStatus,
    Error, Id, Instant, Kind as _, LeadId, Result, SaleLead, UserId,
    event::{Event, EventName},
    gate::Channel,
};
use forecourt_store::{Command, Lane, Tx};
use serde_json::json;

use super::{
    MOST_AGENTS, agent_of, book,
    close::{agent_goes, close},
    facts, is_over, joins,
    pace::{next_in_queue, wake_pacer},
    told::direct,
};
use crate::{
    Outreach,
    message::event,
    schedule::{self, Cause},
    wish::{self, Heard},
};

/// What somebody chooses for an agent.
#[derive(Clone, Debug)]
pub struct Choice {
    /// One of [`AgentState::is_chosen`].
    pub state: AgentState,
    /// Why, when it is a pause.
    pub pause_code: Option<String>,
    /// The groups of calls from now on; as before, where none is given.
    pub call_groups: Option<Vec<String>>,
}

/// What came of a call.
#[derive(Clone, Debug, Default)]
pub struct Disposed {
    /// One of the dealer's dispositions.
    pub disposition: String,
    pub note: Option<String>,
    /// When the person wants to be called again.
    pub callback_at: Option<Instant>,
}

impl Outreach {
    /// An agent comes, pauses or goes. In a call, it counts from the end of that on.
    ///
    /// Errors: `NotFound` for a user who is not there; `Invalid` in `state`.
    pub async fn agent_choose(&self, caller: &Caller, user: UserId, choice: Choice) -> Result<Document<CallAgent>> {
        if !choice.state.is_chosen() {
            let detail = "Only ready, paused and offline can be chosen; the others follow from calls.";
            return Err(Error::field("state", "not_allowed", detail));
        }
        let config = self.crm.config(caller.dealer).await?;
        let known = config.users.iter().find(|known| known.id == user && known.doc.active);
        let known = known.ok_or_else(|| Error::not_found("user"))?;
        let locations = match Sight::of_user(&known.doc) {
            Sight::All => Vec::new(),
            Sight::Locations(codes) => codes.iter().map(ToString::to_string).collect(),
        };
        self.crm.write(self.crm.scope(caller), Choose { user, choice, locations, id: self.crm.context.id() }).await
    }

    /// The agents of a dealer, those at work first.
    pub async fn agents(&self, caller: &Caller) -> Result<Vec<Document<CallAgent>>> {
        self.crm.store.read(self.crm.scope(caller), Lane::Quick, Agents).await
    }

    /// Who is next for an agent who decides before calling: kept for the agent for ten minutes. None when nobody waits.
    ///
    /// Errors: `Conflict` when the agent is not ready.
    pub async fn agent_preview(&self, caller: &Caller, user: UserId) -> Result<Option<Document<Enrolment>>> {
        self.crm.write(self.crm.scope(caller), Preview { user }).await
    }

    /// The agent lets go of whom it looked at.
    ///
    /// Errors: `Conflict` when it looks at nobody.
    pub async fn agent_skip(&self, caller: &Caller, user: UserId) -> Result<Document<CallAgent>> {
        self.crm.write(self.crm.scope(caller), Skip { user }).await
    }

    /// How a call of ours stands, or what came of it.
    ///
    /// Errors: `NotFound`.
    pub async fn call_read(&self, caller: &Caller, call: CallId) -> Result<Document<Conference>> {
        let command = ReadCall { sight: caller.sight.clone(), call };
        self.crm.store.read(self.crm.scope(caller), Lane::Quick, command).await
    }

    /// Hangs up.
    ///
    /// Errors: `NotFound`; `Conflict` when the call is over.
    pub async fn call_hang_up(&self, caller: &Caller, call: CallId) -> Result<Document<Conference>> {
        self.call_change(caller, call, What::HangUp).await
    }

    /// Hands a call over to another agent, who has to be ready.
    ///
    /// Errors: `NotFound`; `Conflict` when nobody speaks, or the other agent is not ready.
    pub async fn call_hand_over(&self, caller: &Caller, call: CallId, to: UserId) -> Result<Document<Conference>> {
        self.call_change(caller, call, What::HandOver(to)).await
    }

    /// Writes down what came of a call that is over; its agent is free for the next one.
    ///
    /// Errors: `NotFound`; `Conflict` while it is under way, or for a callback to somebody on no schedule; `Invalid` in
    /// `disposition` or `callback_at`.
    pub async fn call_dispose(
        &self,
        caller: &Caller,
        call: CallId,
        disposed: Disposed,
    ) -> Result<Document<Conference>> {
        let config = self.crm.config(caller.dealer).await?;
        let dialling = &config.dealer.doc.dialling;
        if dialling.disposition(&disposed.disposition).is_none() {
            let known: Vec<&str> = dialling.dispositions.iter().map(|one| one.name.as_str()).collect();
            let detail = format!("There is no disposition \"{}\". Known: {}.", disposed.disposition, known.join(", "));
            return Err(Error::field("disposition", "not_allowed", detail));
        }
        if disposed.callback_at.is_some_and(|at| at < self.crm.now()) {
            return Err(Error::field("callback_at", "not_allowed", "A call is promised for a time to come."));
        }
        self.call_change(caller, call, What::Dispose(Box::new(disposed))).await
    }

    async fn call_change(&self, caller: &Caller, call: CallId, what: What) -> Result<Document<Conference>> {
        let config = self.crm.config(caller.dealer).await?;
        let command = ChangeCall { sight: caller.sight.clone(), config, call, what, callback: self.crm.context.id() };
        self.crm.write(self.crm.scope(caller), command).await
    }
}

struct Choose {
    user: UserId,
    choice: Choice,
    locations: Vec<String>,
    id: Id<CallAgent>,
}

impl Command for Choose {
    type Output = Document<CallAgent>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<CallAgent>> {
        let now = tx.scope().now;
        let kind = CallAgent::SPEC.name;
        let holder = tx.key_claim(kind, "user", &self.user.to_string(), self.id).await?;
        let is_new = holder == self.id;
        let mut agent = if is_new {
            let doc = CallAgent {
                user_id: self.user,
                state: AgentState::Offline,
                pause_code: None,
                since: now,
                then: None,
                call_groups: Vec::new(),
                locations: Vec::new(),
                call_id: None,
                enrolment_id: None,
            };
            Document::new(self.id, now, doc, ())
        } else {
            tx.require_for_update(holder).await?
        };
        let doc = &mut agent.doc;
        doc.locations.clone_from(&self.locations);
        if let Some(groups) = &self.choice.call_groups {
            doc.call_groups.clone_from(groups);
        }
        if matches!(doc.state, AgentState::Ringing | AgentState::Talking) {
            doc.then = Some(self.choice.state);
        } else {
            if let Some(enrolment) = doc.enrolment_id {
                schedule::let_go(tx, enrolment).await?;
            }
            if let Some(call) = doc.call_id
                && let Some(mut call) = tx.get_for_update::<Conference>(call).await?
            {
                // Nothing more is written down about it.
                close(tx, &mut call).await?;
            }
            // Whoever is ready already stays so, and does not lose the turn.
            if doc.state != self.choice.state {
                doc.enter(self.choice.state, now);
            }
            doc.then = None;
        }
        doc.pause_code = self.choice.pause_code.clone().filter(|_| self.choice.state == AgentState::Paused);
        if is_new {
            tx.insert(&agent).await?;
        } else {
            tx.update(&mut agent).await?;
        }
        let data = json!({"state": self.choice.state, "pause_code": agent.doc.pause_code});
        tx.event(Event { name: EventName::AgentChanged, kind, id: agent.id.cast(), lead: None, data }).await?;
        wake_pacer(tx, now).await?;
        Ok(agent)
    }
}

struct Agents;

impl Command for Agents {
    type Output = Vec<Document<CallAgent>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let all =
            Find { filter: Filter::all(), sort: vec![("user_id", Order::Ascending)], skip: 0, limit: MOST_AGENTS };
        let mut agents = tx.find::<CallAgent>(&all).await?;
        agents.sort_by_key(|agent| (agent.doc.state == AgentState::Offline, agent.doc.since));
        Ok(agents)
    }
}

async fn require_agent(tx: &mut Tx, user: UserId) -> Result<Document<CallAgent>> {
    agent_of(tx, user).await?.ok_or_else(|| Error::new(Code::Conflict, "You are not at work as an agent yet."))
}

struct Preview {
    user: UserId,
}

impl Command for Preview {
    type Output = Option<Document<Enrolment>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let mut agent = require_agent(tx, self.user).await?;
        if let Some(before) = agent.doc.enrolment_id {
            return tx.get(before).await;
        }
        if agent.doc.state != AgentState::Ready {
            return Err(Error::new(Code::Conflict, "Only an agent who is ready is shown who is next."));
        }
        let Some(next) = next_in_queue(tx, &agent.doc).await? else { return Ok(None) };
        computed::hold_client_of(tx, next.doc.lead_id).await?;
        if tx.get_for_update::<SaleLead>(next.doc.lead_id).await?.is_none() {
            return Ok(None);
        }
        let mut enrolment: Document<Enrolment> = tx.require_for_update(next.id).await?;
        if enrolment.doc.status != EnrolmentStatus::Queue {
            return Err(Error::new(Code::Conflict, "Somebody else was quicker. Ask again."));
        }
        let now = tx.scope().now;
        schedule::reserve(tx, &mut enrolment, self.user).await?;
        agent.doc.enter(AgentState::Previewing, now);
        agent.doc.enrolment_id = Some(enrolment.id);
        tx.update(&mut agent).await?;
        wake_pacer(tx, now).await?;
        Ok(Some(enrolment))
    }
}

struct Skip {
    user: UserId,
}

impl Command for Skip {
    type Output = Document<CallAgent>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<CallAgent>> {
        let mut agent = require_agent(tx, self.user).await?;
        let Some(enrolment) = agent.doc.enrolment_id else {
            return Err(Error::new(Code::Conflict, "The agent looks at nobody."));
        };
        schedule::let_go(tx, enrolment).await?;
        let now = tx.scope().now;
        agent.doc.enter(AgentState::Ready, now);
        tx.update(&mut agent).await?;
        wake_pacer(tx, now).await?;
        Ok(agent)
    }
}

/// A call of a lead that cannot be seen is none.
fn hidden(error: Error) -> Error {
    if error.code == Code::NotFound { Error::not_found("call") } else { error }
}

struct ReadCall {
    sight: Sight,
    call: CallId,
}

impl Command for ReadCall {
    type Output = Document<Conference>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<Conference>> {
        let call = tx.require(self.call).await?;
        let lead = call.extra.lead_id.ok_or_else(|| Error::not_found("call"))?;
        require_visible(tx, &self.sight, Ref::Id(lead)).await.map_err(hidden)?;
        Ok(call)
    }
}

enum What {
    HangUp,
    HandOver(UserId),
    Dispose(Box<Disposed>),
}

struct ChangeCall {
    sight: Sight,
    config: Arc<Config>,
    call: CallId,
    what: What,
    callback: CallbackId,
}

impl Command for ChangeCall {
    type Output = Document<Conference>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<Conference>> {
        let seen = tx.require(self.call).await?;
        let lead = seen.extra.lead_id.ok_or_else(|| Error::not_found("call"))?;
        let mut lead = require_visible_for_update(tx, &self.sight, Ref::Id(lead)).await.map_err(hidden)?;
        let mut call = tx.require_for_update(self.call).await?;
        match &self.what {
            What::HangUp => {
                if is_over(&call) {
                    return Err(Error::new(Code::Conflict, "The call is over."));
                }
                if call.extra.provider_id.is_none() {
                    let detail = "The call is just being handed to the provider. Try again in a moment.";
                    return Err(Error::new(Code::Conflict, detail));
                }
                direct(tx, call.id, None).await?;
            }
            What::HandOver(to) => hand_over(tx, &mut call, *to).await?,
            What::Dispose(disposed) => self.dispose(tx, &mut lead, &mut call, disposed).await?,
        }
        Ok(call)
    }
}

async fn hand_over(tx: &mut Tx, call: &mut Document<Conference>, to: UserId) -> Result<()> {
    let now = tx.scope().now;
    let from = facts(call).agent_id.filter(|_| facts(call).answered_at.is_some());
    let Some(from) = from.filter(|_| !is_over(call)) else {
        return Err(Error::new(Code::Conflict, "Nobody speaks in this call."));
    };
    let other = agent_of(tx, to).await?.filter(|agent| agent.doc.state == AgentState::Ready);
    let Some(mut other) = other else {
        return Err(Error::new(Code::Conflict, "The other agent is not ready."));
    };
    agent_goes(tx, call, AgentState::Ready, now).await?;
    other.doc.enter(AgentState::Talking, now);
    other.doc.call_id = Some(call.id);
    tx.update(&mut other).await?;
    facts(call).agent_id = Some(to);
    let (from, to) = (from.to_string(), to.to_string());
    for participant in &mut call.doc.participants {
        if participant.user_id.as_ref() == Some(&from) {
            participant.left_at.get_or_insert(now);
        }
    }
    joins(call, to.clone(), now);
    call.doc.transfers.push(CallTransfer {
        from_user: Some(from),
        to_user: Some(to.clone()),
        made_at: Some(now),
        status: Some("completed".into()),
        ..CallTransfer::default()
    });
    tx.update(call).await?;
    event(tx, call, EventName::CallTransferred, json!({})).await?;
    direct(tx, call.id, Some(&to)).await?;
    wake_pacer(tx, now).await
}

impl ChangeCall {
    async fn dispose(
        &self,
        tx: &mut Tx,
        lead: &mut Document<SaleLead>,
        call: &mut Document<Conference>,
        disposed: &Disposed,
    ) -> Result<()> {
        if !is_over(call) {
            return Err(Error::new(Code::Conflict, "The call is still under way."));
        }
        let now = tx.scope().now;
        let rule = self.config.dealer.doc.dialling.disposition(&disposed.disposition);
        let (status, opt_out, ends) =
            rule.map_or((None, false, false), |rule| (rule.status.as_deref(), rule.opt_out, rule.ends_schedule));
        facts(call).disposition = Some(disposed.disposition.clone());
        if disposed.note.is_some() {
            call.doc.note.clone_from(&disposed.note);
        }
        let data = json!({"disposition": disposed.disposition});
        event(tx, call, EventName::CallDisposed, data).await?;
        if let Some(status) = status {
            let before = lead.doc.clone();
            lead::enter(tx, &self.config, lead, status, Arrival::Moved).await?;
            lead::store(tx, &self.config, &before, lead).await?;
            lead::wake(tx, lead.id).await?;
        }
        if opt_out && let Some(number) = &call.doc.client_number {
            let (channel, client, lead) = (Channel::Call, lead.doc.client_id, Some(lead.id));
            let wish = Heard { channel, address: number, text: "", at: now, client, lead, is_obeyed: false };
            wish::noted(tx, &self.config, &wish, "said so in a call").await?;
        }
        self.of_schedule(tx, call, lead.id, disposed, ends).await?;
        agent_goes(tx, call, AgentState::Ready, now).await?;
        close(tx, call).await
    }

    /// What it means to the schedule the call was for.
    async fn of_schedule(
        &self,
        tx: &mut Tx,
        call: &Document<Conference>,
        lead: LeadId,
        disposed: &Disposed,
        ends: bool,
    ) -> Result<()> {
        let enrolment = match call.extra.enrolment_id {
            Some(id) => tx.get_for_update::<Enrolment>(id).await?.filter(|one| one.doc.status.is_live()),
            None => None,
        };
        let Some(mut enrolment) = enrolment.filter(|one| one.doc.lead_id == lead) else {
            if disposed.callback_at.is_some() {
                let detail =
                    "The person is on no schedule, so that nobody would make the call. Put the lead on one first.";
                return Err(Error::new(Code::Conflict, detail));
            }
            return Ok(());
        };
        if ends {
            return schedule::end(tx, &self.config, &mut enrolment, Cause::Cancelled).await;
        }
        if let Some(at) = disposed.callback_at {
            // What was promised before is kept by this call, unless the schedule has gone on from it already.
            if enrolment.doc.under_way.as_ref().is_some_and(|under_way| under_way.id == call.id.cast()) {
                schedule::called(tx, &mut enrolment, call).await?;
            }
            book(tx, &mut enrolment, at, self.callback).await?;
            tx.update(&mut enrolment).await?;
        }
        Ok(())
    }
}
