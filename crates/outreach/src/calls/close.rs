//! The end of a call: its agent is free again, and whoever waits for it looks at it.

use std::time::Duration;

use forecourt_record::{AgentState, CallId, CallStatus, Conference, Document, Instant, Result};
use forecourt_store::Tx;

use super::{agent_of, facts, is_over};
use crate::schedule;

/// Whether a schedule may go on from a call: it is over, and if an agent spoke, all is said about it.
pub(crate) fn is_closed(call: &Document<Conference>) -> bool {
    let was_spoken =
        call.extra.call.as_ref().is_some_and(|facts| facts.answered_at.is_some() && facts.agent_id.is_some());
    is_over(call) && (!was_spoken || call.extra.call.as_ref().is_some_and(|facts| facts.closed_at.is_some()))
}

/// A call that nothing was heard of for so long is over.
pub(super) const LONGEST: Duration = Duration::from_hours(4);

/// Closes a call that nothing is heard of any more, and gives it.
pub(crate) async fn silent(tx: &mut Tx, id: CallId) -> Result<Option<Document<Conference>>> {
    let now = tx.scope().now;
    let Some(mut call) = tx.get_for_update::<Conference>(id).await? else { return Ok(None) };
    if is_over(&call) || call.created_at + LONGEST > now {
        return Ok(None);
    }
    give_up(tx, &mut call).await?;
    Ok(Some(call))
}

/// Closes a call, whether or not somebody told how it ended. The caller holds it.
pub(super) async fn give_up(tx: &mut Tx, call: &mut Document<Conference>) -> Result<()> {
    if !is_over(call) {
        call.doc.status = Some(CallStatus::Failed);
    }
    close(tx, call).await
}

/// All is said about a call. The caller has changed it, holds it, and has not stored it yet.
pub(super) async fn close(tx: &mut Tx, call: &mut Document<Conference>) -> Result<()> {
    let now = tx.scope().now;
    facts(call).closed_at.get_or_insert(now);
    tx.update(call).await?;
    schedule::settled(tx, &call.extra).await
}

/// The agent of a call comes to another state, unless it went on to something else meanwhile.
pub(super) async fn agent_goes(tx: &mut Tx, call: &Document<Conference>, to: AgentState, now: Instant) -> Result<()> {
    let Some(user) = call.extra.call.as_ref().and_then(|facts| facts.agent_id) else { return Ok(()) };
    let Some(mut agent) = agent_of(tx, user).await?.filter(|agent| agent.doc.call_id == Some(call.id)) else {
        return Ok(());
    };
    let to = if to == AgentState::Ready { agent.doc.then.take().unwrap_or(to) } else { to };
    agent.doc.enter(to, now);
    tx.update(&mut agent).await
}
