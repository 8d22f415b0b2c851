//! The job that gives agents their next calls: one per dealer, woken whenever an agent, a call or the queue changes.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use forecourt_crm::{
    Config, computed,
    schedule::{active, plan_of},
};
use forecourt_query::{Direction as Order, Filter, Find, Op};
use forecourt_record::{
    AgentState, Attempt, CallAgent, CallId, CallbackStatus, Conference, Dealer, Direction, Document, Enrolment,
    EnrolmentStatus, Instant, Kind as _, Result, SaleLead, ScheduledCallback, UnderWay,
    event::{Event, EventName},
    gate::{Channel, Purpose},
    pacing::{Dialling, Lines, Mode},
};
use forecourt_store::{Command, Job, NewJob, Tx};
use serde_json::json;

use super::{
    MOST_AGENTS,
    close::{LONGEST, give_up},
    is_over,
    place::{Placing, place},
};
use crate::{Outreach, schedule, worker::LEASE};

/// The job: it is given nothing but its dealer.
pub(crate) const PACE: &str = "dialler.pace@1";
/// There is one of a dealer.
const KEY: &str = "dialler.pace";
/// Calls begun in one transaction; the next ones are the next one's.
const AT_ONCE: usize = 16;
/// As many people are looked at for one line before the next transaction goes on.
const TRIES: usize = 25;
/// The calls that power dialling learns from.
const LAST: i64 = 200;
/// Somebody is looked at for so long before the next agent may.
const PREVIEW: Duration = Duration::from_mins(10);
/// After so long a call that rings still is none that will be answered.
const RINGING: Duration = Duration::from_mins(10);

/// Makes sure that the pacer looks, no later than at `at`.
pub(crate) async fn wake_pacer(tx: &mut Tx, at: Instant) -> Result<()> {
    tx.job_wake(NewJob { name: PACE, payload: json!({}), due_at: at, priority: 2, dedupe: Some(KEY.to_owned()) }).await
}

impl Outreach {
    pub(crate) async fn pace(&self, job: &Job) -> Result<()> {
        let context = &self.crm.context;
        let command = Pace {
            job: job.clone(),
            config: self.crm.config(job.dealer).await?,
            ids: (0..AT_ONCE).map(|_| context.id()).collect(),
        };
        self.crm.write(self.crm.house(job.dealer), command).await
    }
}

struct Pace {
    job: Job,
    config: Arc<Config>,
    ids: Vec<CallId>,
}

impl Command for Pace {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let now = tx.scope().now;
        // Held before anything is looked at: no waking is lost.
        tx.job_keep(&self.job, now + LEASE).await?;
        let mut again = None;
        let mut ready = self.agents(tx, &mut again).await?;
        let dialling = &self.config.dealer.doc.dialling;
        let lines = lines(tx, dialling.mode, ready.len()).await?;
        let paced = dialling.pace(lines);
        let wanted = usize::try_from(paced.lines).unwrap_or(usize::MAX);
        let allowed = wanted.min(allowance(tx, dialling).await?).min(self.ids.len());
        let mut placed = 0;
        let mut ids = self.ids.iter().take(allowed);
        let mut id = ids.next();
        while let (Some(free), Some(mut agent)) = (id, ready.pop_front()) {
            match self.next_call(tx, *free, &mut agent, dialling.mode).await? {
                Picked::Call => {
                    placed += 1;
                    id = ids.next();
                    if dialling.mode == Mode::Power {
                        ready.push_back(agent);
                    }
                }
                // Nobody waits for this agent; perhaps for another.
                Picked::Nobody => {}
                Picked::More => again = Some(now),
            }
        }
        if placed > 0 {
            let data = json!({
                "mode": dialling.mode.as_str(), "ready": lines.ready, "in_flight": lines.in_flight, "made": lines.made,
                "answered": lines.answered, "dropped": lines.dropped, "lines": paced.lines, "begun": placed,
                "reason": paced.because,
            });
            let id = tx.scope().dealer.cast();
            tx.event(Event { name: EventName::DiallerPaced, kind: Dealer::SPEC.name, id, lead: None, data }).await?;
        }
        if placed > 0 && placed < wanted {
            // No more were allowed within this second.
            again = Some(again.unwrap_or(Instant::from_millis(i64::MAX)).min(now + Duration::from_secs(1)));
        }
        match again {
            Some(at) => tx.job_again(&self.job, at, None).await,
            None => tx.job_done(&self.job).await,
        }
    }
}

/// What looking for somebody to call came to.
enum Picked {
    Call,
    Nobody,
    /// Enough were looked at for one transaction.
    More,
}

impl Pace {
    /// Brings the agents up to date, and gives those who are ready, the longest first. `again` becomes the instant at which
    /// the next one is to be looked at.
    async fn agents(&self, tx: &mut Tx, again: &mut Option<Instant>) -> Result<VecDeque<Document<CallAgent>>> {
        let now = tx.scope().now;
        let wrap_up = Duration::from_secs(self.config.dealer.doc.dialling.wrap_up_seconds.into());
        let at_work = Find {
            filter: Filter::Not(Box::new(Filter::eq("state", AgentState::Offline.as_str()))),
            sort: vec![("user_id", Order::Ascending)],
            skip: 0,
            limit: MOST_AGENTS,
        };
        let mut ready = Vec::new();
        let mut agents = tx.find_for_update::<CallAgent>(&at_work).await?;
        for agent in &mut agents {
            let since = agent.doc.since;
            let until = match agent.doc.state {
                AgentState::Ringing | AgentState::Talking => Some(since + LONGEST),
                AgentState::WrapUp => Some(since + wrap_up),
                AgentState::Previewing => Some(since + PREVIEW),
                AgentState::Ready | AgentState::Paused | AgentState::Offline => None,
            };
            let call = match agent.doc.call_id {
                Some(id) if agent.doc.state != AgentState::WrapUp => {
                    tx.get::<Conference>(id).await?.filter(|call| !is_over(call))
                }
                _ => None,
            };
            let is_done = match agent.doc.state {
                AgentState::Ringing | AgentState::Talking => call.is_none(),
                AgentState::WrapUp | AgentState::Previewing => false,
                AgentState::Ready | AgentState::Paused | AgentState::Offline => true,
            };
            if let Some(until) = until.filter(|until| !is_done && *until > now) {
                *again = Some(again.map_or(until, |at: Instant| at.min(until)));
                continue;
            }
            if until.is_some() {
                self.free(tx, agent).await?;
            }
            if agent.doc.state == AgentState::Ready {
                ready.push(agent.clone());
            }
        }
        ready.sort_by_key(|agent: &Document<CallAgent>| (agent.doc.since, agent.id));
        Ok(ready.into())
    }

    /// An agent's call, or the time for writing it down or for looking at somebody, is over.
    async fn free(&self, tx: &mut Tx, agent: &mut Document<CallAgent>) -> Result<()> {
        let now = tx.scope().now;
        if let Some(call) = agent.doc.call_id
            && let Some(mut call) = tx.get_for_update::<Conference>(call).await?
            && call.extra.call.as_ref().is_some_and(|facts| facts.closed_at.is_none())
        {
            give_up(tx, &mut call).await?;
        }
        if let Some(id) = agent.doc.enrolment_id {
            schedule::let_go(tx, id).await?;
        }
        let to = agent.doc.then.take().unwrap_or(AgentState::Ready);
        agent.doc.enter(to, now);
        tx.update(agent).await
    }

    /// Plans the next call for an agent; with power dialling, for whoever is free when somebody answers.
    async fn next_call(&self, tx: &mut Tx, id: CallId, agent: &mut Document<CallAgent>, mode: Mode) -> Result<Picked> {
        for _ in 0..TRIES {
            let Some(seen) = next_in_queue(tx, &agent.doc).await? else { return Ok(Picked::Nobody) };
            computed::hold_client_of(tx, seen.doc.lead_id).await?;
            let lead = tx.get_for_update::<SaleLead>(seen.doc.lead_id).await?;
            let (Some(lead), Some(mut enrolment)) = (lead, tx.get_for_update::<Enrolment>(seen.id).await?) else {
                return Ok(Picked::More);
            };
            if enrolment.doc.status != EnrolmentStatus::Queue {
                continue;
            }
            let purpose = purpose(tx, &self.config, &enrolment).await?;
            let callback = enrolment.doc.callback_id;
            let user = (mode != Mode::Power).then_some(agent.doc.user_id);
            let placing = Placing {
                id,
                lead: &lead,
                enrolment: Some(&enrolment),
                purpose,
                agent: user,
                mode: Some(mode),
                callback,
            };
            let is_active = self.config.schedule(enrolment.doc.schedule_id).is_none_or(|on| active(on).is_ok());
            let call = if is_active { place(tx, &self.config, placing).await?.ok() } else { None };
            let Some(call) = call else {
                // Its own job asks again, and says on the enrolment what is in the way.
                schedule::look_now(tx, &mut enrolment).await?;
                continue;
            };
            begun(tx, &mut enrolment, &call).await?;
            if user.is_some() {
                let now = tx.scope().now;
                agent.doc.enter(AgentState::Ringing, now);
                agent.doc.call_id = Some(id);
                tx.update(agent).await?;
            }
            return Ok(Picked::Call);
        }
        Ok(Picked::More)
    }
}

/// What somebody in the queue is called for: what was promised is a service, everything else what the schedule is for.
pub(super) async fn purpose(tx: &mut Tx, config: &Config, enrolment: &Document<Enrolment>) -> Result<Purpose> {
    if enrolment.doc.callback_id.is_some() {
        return Ok(Purpose::Service);
    }
    let plan = plan_of(tx, config, enrolment.doc.schedule_id, enrolment.doc.version).await?;
    Ok(plan.definition.purpose)
}

/// Somebody in the queue is being called.
pub(super) async fn begun(tx: &mut Tx, enrolment: &mut Document<Enrolment>, call: &Document<Conference>) -> Result<()> {
    let now = tx.scope().now;
    if let Some(id) = enrolment.doc.callback_id
        && let Some(mut callback) = tx.get_for_update::<ScheduledCallback>(id).await?
    {
        (callback.doc.status, callback.doc.call_id) = (CallbackStatus::Due, Some(call.id));
        tx.update(&mut callback).await?;
    }
    let doc = &mut enrolment.doc;
    // A call beside the schedule leaves it where it is.
    if doc.rank.is_none() || doc.callback_id.is_some() {
        doc.resume_at = doc.resume_at.or(doc.next_action_at).or(Some(now));
    }
    doc.under_way = Some(UnderWay { channel: Channel::Call, id: call.id.cast() });
    (doc.status, doc.rank, doc.agent_id, doc.next_action_at) = (EnrolmentStatus::Running, None, None, None);
    doc.standstill = None;
    tx.update(enrolment).await?;
    schedule::watch(tx, enrolment).await
}

/// Who is called next by an agent.
pub(super) async fn next_in_queue(tx: &mut Tx, agent: &CallAgent) -> Result<Option<Document<Enrolment>>> {
    let mut parts = vec![Filter::eq("status", EnrolmentStatus::Queue.as_str())];
    for (column, words) in [("call_group", &agent.call_groups), ("location", &agent.locations)] {
        if !words.is_empty() {
            parts.push(Filter::In(column, words.iter().map(|word| word.as_str().into()).collect()));
        }
    }
    let next = Find {
        filter: Filter::And(parts),
        sort: vec![("rank", Order::Ascending), ("number", Order::Descending)],
        skip: 0,
        limit: 1,
    };
    Ok(tx.find::<Enrolment>(&next).await?.pop())
}

/// How the last calls of the dialler went.
async fn lines(tx: &mut Tx, mode: Mode, ready: usize) -> Result<Lines> {
    let last = Find {
        filter: Filter::eq("direction", Direction::Outbound.as_str()),
        sort: vec![("made_at", Order::Descending)],
        skip: 0,
        limit: LAST,
    };
    let now = tx.scope().now;
    let mut lines = Lines { ready: u32::try_from(ready).unwrap_or(u32::MAX), ..Lines::default() };
    if mode != Mode::Power {
        return Ok(lines);
    }
    for call in tx.find::<Conference>(&last).await? {
        let Some(facts) = call.extra.call.as_ref().filter(|facts| facts.mode.is_some()) else { continue };
        let is_open = !is_over(&call) && call.created_at + RINGING > now;
        lines.in_flight += u32::from(is_open && facts.answered_at.is_none() && facts.agent_id.is_none());
        if call.extra.attempt == Attempt::Sent && !is_open {
            lines.made += 1;
            lines.answered += u32::from(facts.answered_at.is_some());
            lines.dropped += u32::from(facts.dropped);
        }
    }
    Ok(lines)
}

/// How many calls may be begun within this second still.
pub(super) async fn allowance(tx: &mut Tx, dialling: &Dialling) -> Result<usize> {
    let most = i64::from(dialling.calls_per_second);
    let since = tx.scope().now - Duration::from_secs(1);
    let recent = Find {
        filter: Filter::And(vec![
            Filter::eq("direction", Direction::Outbound.as_str()),
            Filter::compare("made_at", Op::Gt, since.millis()),
        ]),
        sort: vec![("made_at", Order::Descending)],
        skip: 0,
        limit: most,
    };
    let made = tx.find::<Conference>(&recent).await?;
    let ours = made.iter().filter(|call| call.extra.call.is_some()).count();
    Ok(usize::try_from(most).unwrap_or(0).saturating_sub(ours))
}
