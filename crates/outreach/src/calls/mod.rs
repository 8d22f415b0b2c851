//! Calls: who is called next and by whom, how a call goes on, and calls that were promised.
//!
//! A call of ours is a document of the published kind, and goes out through the outbox as a message does: planned, marked as
//! being sent, handed to the provider once. What the provider tells of it afterwards moves it on. An agent is kept for a call
//! from the instant it is planned; whoever is not there any more when it would begin is not kept waiting for, and the person
//! stays in the queue.

mod agent;
mod close;
mod now;
mod pace;
mod place;
mod promise;
mod told;

use forecourt_query::Filter;
use forecourt_record::{
    AgentState, Attempt, CallAgent, CallFacts, CallParticipant, CallStatus, Conference, Document, Instant, Result,
    UserId, gate::Channel, pacing::Mode,
};
use forecourt_store::Tx;

pub use agent::{Choice, Disposed};
pub(crate) use close::{is_closed, silent};
pub use now::{CallNow, Whom};
pub(crate) use pace::{PACE, wake_pacer};
pub(crate) use promise::{book, broken, settle};
pub(crate) use told::{DIRECT, Heard};

/// The channel's name, as suppressions and stored webhooks know it.
pub(crate) const CALL: &str = Channel::Call.as_str();

/// Why a call was not begun, so that it is made another time.
pub(crate) const NOT_BEGUN: &str = "not_begun";

/// A dealer has no more agents than this at a time.
const MOST_AGENTS: i64 = 1_000;

/// The agent that a user is.
async fn agent_of(tx: &mut Tx, user: UserId) -> Result<Option<Document<CallAgent>>> {
    let Some(seen) = tx.find_one::<CallAgent>(Filter::eq("user_id", user.to_string())).await? else { return Ok(None) };
    tx.get_for_update(seen.id).await
}

/// Whether an agent is there for a call that is about to begin.
pub(crate) async fn obsolete(tx: &mut Tx, call: &Document<Conference>) -> Result<Option<&'static str>> {
    let Some(CallFacts { agent_id, mode, .. }) = call.extra.call.as_deref() else { return Ok(None) };
    Ok(match (agent_id, mode) {
        (Some(user), _) => {
            let agent = agent_of(tx, *user).await?;
            let is_there = agent.is_some_and(|agent| agent.doc.call_id == Some(call.id));
            (!is_there).then_some("its agent is not there any more")
        }
        (None, Some(Mode::Power)) => {
            let ready = tx.find_one::<CallAgent>(Filter::eq("state", AgentState::Ready.as_str())).await?;
            ready.is_none().then_some("no agent is ready")
        }
        (None, _) => None,
    })
}

/// Whether nothing more is to come of a call.
pub(crate) fn is_over(call: &Document<Conference>) -> bool {
    let is_final =
        !matches!(call.doc.status, None | Some(CallStatus::Queued | CallStatus::Ringing | CallStatus::InProgress));
    is_final || matches!(call.extra.attempt, Attempt::Failed | Attempt::Unknown)
}

/// A user of ours is in a call from now on.
fn joins(call: &mut Document<Conference>, user: String, at: Instant) {
    call.doc.participant_users.push(user.clone());
    call.doc.participants.push(CallParticipant {
        r#type: Some("user".into()),
        user_id: Some(user),
        entered_at: Some(at),
        ..CallParticipant::default()
    });
}

/// What we alone know of a call, to be changed.
fn facts(call: &mut Document<Conference>) -> &mut CallFacts {
    call.extra.call.get_or_insert_default()
}

/// Whether a call counts as a contact: it was made, or nobody knows whether it was.
pub(crate) const fn was_made(call: &Document<Conference>) -> bool {
    matches!(call.extra.attempt, Attempt::Sent | Attempt::Unknown)
}
