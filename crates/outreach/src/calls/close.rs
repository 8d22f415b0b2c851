//! The end of a call: its agent is free again, and whoever waits for it looks at it.

use forecourt_record::{AgentState, Conference, Document, Instant, Result};
use forecourt_store::Tx;

use super::{agent_of, facts, is_over};
use crate::schedule;

/// Whether a schedule may go on from a call: it is over, and if an agent spoke, all is said about it.
pub(crate) fn is_closed(call: &Document<Conference>) -> bool {
    let was_spoken =
        call.extra.call.as_ref().is_some_and(|facts| facts.answered_at.is_some() && facts.agent_id.is_some());
    is_over(call) && (!was_spoken || call.extra.call.as_ref().is_some_and(|facts| facts.closed_at.is_some()))
}

/// All is said about a call. The caller has changed it, holds it, and has not stored it yet.
pub(crate) async fn close(tx: &mut Tx, call: &mut Document<Conference>) -> Result<()> {
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
