//! Leads at work: found, read whole, changed, handed over, erased.

mod change;
mod erase;
mod list;
mod read;

use forecourt_query::Filter;
use forecourt_record::{
    Client, Document, Error, Id, Kind, LeadId, Result, Routing, SaleLead, Status, StatusEntry, User,
    event::{Event, EventName},
    next_step::{NextStep, Rules, next_step},
    pipeline::{self, NEW, Pipeline, appointment_after},
    templates::Template,
};
use forecourt_store::{LeadKey, NewJob, Scope, Tx};
use serde_json::json;

pub use change::LeadChange;
pub(crate) use erase::Erase;
pub(crate) use list::words;
pub use list::{LeadItem, LeadQuery, LeadSort};
pub use read::{LeadView, ReadLead};

use crate::{
    Config, Ref, Sight, computed,
    identity::sort_name,
    intake::{assignment, status_of},
    routing::route,
    schedule::{Arrival, arrives},
};

/// The job that does for a lead what the house does by itself.
pub const FOLLOW: &str = "lead.follow@1";

/// The key under which that job waits: one per lead.
pub fn follow_key(lead: LeadId) -> String {
    format!("follow:{lead}")
}

/// The newest events, messages and notes shown with a lead.
const HISTORY: i64 = 500;

/// The next step of a lead under a dealer's settings.
pub fn next_of(config: &Config, lead: &Document<SaleLead>) -> Option<NextStep> {
    let dealer = &config.dealer.doc;
    let calendar = config.calendar(lead.doc.location.as_deref());
    let rules =
        Rules { pipeline: &dealer.pipeline, bot: &dealer.bot, idle_alert: &dealer.idle_alert, calendar: &calendar };
    next_step(lead, &rules)
}

/// The lead, if the caller sees it; another dealer's, another location's and none at all look the same.
pub async fn require_visible(tx: &mut Tx, sight: &Sight, lead: Ref<SaleLead>) -> Result<Document<SaleLead>> {
    visible(tx, sight, lead).await?.ok_or_else(|| Error::not_found("lead"))
}

async fn visible(tx: &mut Tx, sight: &Sight, lead: Ref<SaleLead>) -> Result<Option<Document<SaleLead>>> {
    let found = match lead {
        Ref::Id(id) => tx.get(id).await?,
        Ref::Number(number) => tx.find_one::<SaleLead>(Filter::eq("number", number)).await?,
    };
    Ok(found.filter(|lead| sight.sees(lead.doc.location.as_deref())))
}

impl From<Ref<SaleLead>> for LeadKey {
    fn from(lead: Ref<SaleLead>) -> Self {
        match lead {
            Ref::Id(id) => Self::Id(id),
            Ref::Number(number) => Self::Number(number),
        }
    }
}

/// The same, held against other writers until the transaction ends.
pub async fn require_visible_for_update(tx: &mut Tx, sight: &Sight, lead: Ref<SaleLead>) -> Result<Document<SaleLead>> {
    let id = match lead {
        Ref::Id(id) => id,
        Ref::Number(_) => require_visible(tx, sight, lead).await?.id,
    };
    computed::hold_client_of(tx, id).await?;
    let found = tx.get_for_update(id).await?;
    found.filter(|lead| sight.sees(lead.doc.location.as_deref())).ok_or_else(|| Error::not_found("lead"))
}

/// Sets a status and remembers the one before.
pub(crate) fn push_status(status: &mut Option<Status>, history: &mut Vec<StatusEntry>, name: &str, scope: Scope) {
    let now = status_of(name, scope);
    history.push(StatusEntry {
        assigned_at: now.assigned_at,
        user: now.user.clone(),
        status: now.status.clone(),
        ..StatusEntry::default()
    });
    *status = Some(now);
}

/// Hands a lead over, remembering who had it before.
pub(crate) fn push_assignment(doc: &mut SaleLead, user: Option<Id<User>>, scope: Scope) {
    doc.current_assigned = user.map(|user| assignment(user, scope));
    doc.assigned.extend(doc.current_assigned.clone());
}

/// The status a lead begins with.
pub(crate) fn beginning(config: &Config) -> &str {
    config.dealer.doc.pipeline.0.first().map_or(NEW, |stage| stage.status.as_str())
}

/// A template of the house, if it writes by itself.
pub(crate) fn greeting(config: &Config, template: Template) -> Option<Template> {
    Some(template).filter(|_| config.dealer.doc.bot.enabled)
}

/// What follows from a lead's entering a status: how far its appointment has come, and what is written to the person.
pub(crate) fn entered(config: &Config, lead: &mut Document<SaleLead>, status: &str) {
    lead.extra.appointment = appointment_after(lead.extra.appointment, status);
    let template = match status {
        pipeline::QUALIFIED => Some(Template::Qualified),
        pipeline::APPOINTMENT => Some(Template::Appointment),
        pipeline::NO_SHOW => Some(Template::NoShow),
        _ => None,
    };
    lead.extra.templates_due.extend(template.and_then(|template| greeting(config, template)));
}

/// Moves a held lead to another status, with its event and what follows from it. The caller stores the lead.
pub async fn enter(
    tx: &mut Tx,
    config: &Config,
    lead: &mut Document<SaleLead>,
    status: &str,
    how: Arrival,
) -> Result<()> {
    if status == lead.doc.status_name() {
        return Ok(());
    }
    let data = json!({"from": lead.doc.status_name(), "to": status});
    push_status(&mut lead.doc.status, &mut lead.doc.status_history, status, tx.scope());
    entered(config, lead, status);
    event(tx, lead.id, EventName::LeadStatusChanged, data).await?;
    arrives(tx, config, lead, how).await
}

/// The client is who asks: its first name, number and address, as far as it has them.
pub(crate) fn asked_by(lead: &mut Document<SaleLead>, client: &Document<Client>) {
    let extra = &mut lead.extra;
    extra.phone = client.doc.phone().map(str::to_owned);
    extra.email = client.doc.email().map(str::to_owned);
    let shown = [client.doc.name(), extra.phone.as_deref().unwrap_or(""), extra.email.as_deref().unwrap_or("")];
    extra.name = shown.into_iter().find(|shown| !shown.is_empty()).unwrap_or_default().to_owned();
    extra.sort_name = sort_name(&extra.name);
    if extra.language.is_none() {
        extra.language.clone_from(&client.extra.language);
    }
}

/// Keeps the agents' open leads in step with a lead's owner and status.
pub(crate) async fn count_agents(
    tx: &mut Tx,
    pipeline: &Pipeline,
    before: Option<&SaleLead>,
    after: Option<&SaleLead>,
) -> Result<()> {
    let open =
        |lead: Option<&SaleLead>| lead.filter(|lead| pipeline.is_open(lead.status_name())).and_then(SaleLead::owner);
    let (had, has) = (open(before), open(after));
    if had == has {
        return Ok(());
    }
    let mut changes: Vec<_> = had.map(|user| (user, -1)).into_iter().chain(has.map(|user| (user, 1))).collect();
    // In one order, so that two transactions never hold what the other one needs.
    changes.sort_unstable();
    for (user, change) in changes {
        tx.agent_count(user, change, change > 0).await?;
    }
    Ok(())
}

/// Stores a changed lead, with everything that follows from the change: agents' loads and the house's next step.
pub async fn store(tx: &mut Tx, config: &Config, before: &SaleLead, lead: &mut Document<SaleLead>) -> Result<()> {
    tx.update(lead).await?;
    count_agents(tx, &config.dealer.doc.pipeline, Some(before), Some(&lead.doc)).await
}

/// Makes sure that the house looks at the lead again, at once.
pub async fn wake(tx: &mut Tx, lead: LeadId) -> Result<()> {
    tx.job_wake(NewJob {
        name: FOLLOW,
        payload: json!({"lead": lead}),
        due_at: tx.scope().now,
        priority: 10,
        dedupe: Some(follow_key(lead)),
    })
    .await
}

/// Writes an event on a lead's timeline.
pub async fn event(tx: &mut Tx, lead: LeadId, name: EventName, data: serde_json::Value) -> Result<()> {
    tx.event(Event { name, kind: SaleLead::SPEC.name, id: lead.cast(), lead: Some(lead), data }).await
}

/// Gives a lead to the next agent. Says whether there was one.
pub async fn assign_now(tx: &mut Tx, config: &Config, lead: &mut Document<SaleLead>) -> Result<bool> {
    let routing: Routing = route(tx, config, lead.doc.location.as_deref()).await?;
    let chosen = routing.chosen;
    let reason = routing.reason.clone();
    lead.extra.routing = Some(routing);
    let Some(user) = chosen else { return Ok(false) };
    hand_over(tx, config, lead, user, &reason).await?;
    Ok(true)
}

/// Hands a held lead over to somebody who does not have it yet. The caller stores the lead.
pub async fn hand_over(
    tx: &mut Tx,
    config: &Config,
    lead: &mut Document<SaleLead>,
    user: Id<User>,
    reason: &str,
) -> Result<()> {
    if lead.doc.owner() == Some(user) {
        return Ok(());
    }
    push_assignment(&mut lead.doc, Some(user), tx.scope());
    let name = config.user(user).map(|user| user.doc.name.clone());
    event(tx, lead.id, EventName::LeadAssigned, json!({"to": user, "to_name": name, "reason": reason})).await
}
