//! The use cases of contact: messages out through one gate, messages in, and the workers that carry both on.
//!
//! | module | what it holds |
//! |---|---|
//! | [`gate`] | may this contact be made, now? asked for every outbound contact |
//! | [`message`] | sending a message to a lead; the thread with a lead |
//! | `carry` | messages created as documents: sent, or put into their conversation |
//! | [`consent`] | what people have agreed to or taken back elsewhere, written down |
//! | `compose` | what a message says: free text, a dealer's template |
//! | `conversation` | the pair of numbers somebody writes from, its session and its 24-hour window |
//! | [`schedule`] | people on schedules: put on them, taken further, taken off |
//! | [`calls`] | calls: agents, who is called next, how a call goes on, calls that were promised |
//! | [`rehearsal`] | a schedule run from beginning to end in a moment, with nobody contacted |
//! | [`dialler`] | leads of a call centre's partners: added and cancelled |
//! | [`partner_lead`] | leads that a partner puts on a schedule, changes and takes off, by a token for it |
//! | `pool` | numbers set aside for people |
//! | `parcel` | what the outbox needs to know of a message, of whichever channel |
//! | [`outbox`] | the job that hands a message to the provider, at most once |
//! | [`inbound`] | webhooks: stored as they come, then carried out by a job |
//! | [`follow`] | the job that does for a lead what the house does by itself |
//! | `callback` | calls to partners: how a lead import task ended, where somebody stands on a schedule |
//! | `wish` | a wish not to be contacted, or to be contacted again |
//! | [`worker`] | claims due jobs and carries them out |
//! | [`crash`] | for tests only: places to die at |
//!
//! Invariants: the provider is called with no transaction open, and only after the attempt is durably marked. Every job is
//! a key and a look at the state: it may run twice and die at any line. Events and logs hold nothing personal.
//! No HTTP and no dialect is known here.

mod callback;
pub mod calls;
mod carry;
mod compose;
pub mod consent;
mod conversation;
pub mod crash;
pub mod dialler;
pub mod follow;
pub mod gate;
pub mod inbound;
pub mod message;
pub mod outbox;
mod parcel;
pub mod partner_lead;
mod pool;
pub mod rehearsal;
pub mod schedule;
mod wish;
pub mod worker;

use forecourt_connect::{Chat, Hooks};
use forecourt_crm::Crm;
use forecourt_record::{DealerId, Instant, Result};

pub use message::{NewMessage, Thread};
pub use worker::Worker;

/// The use cases of contact, ready to be called. Cheap to clone.
#[derive(Clone)]
pub struct Outreach {
    pub crm: Crm,
    pub chat: Chat,
    pub hooks: Hooks,
}

impl Outreach {
    /// From now on a message that is created as a document is sent.
    pub fn new(crm: Crm, chat: Chat) -> Self {
        crm.carried_by(carry::Carriage { context: crm.context.clone() });
        Self { crm, chat, hooks: Hooks::public() }
    }

    /// The same, calling partners by these.
    #[must_use]
    pub fn with_hooks(self, hooks: Hooks) -> Self {
        Self { hooks, ..self }
    }

    /// When the next job becomes due, of one dealer or of all; none when nothing waits.
    pub async fn next_due(&self, only: Option<DealerId>) -> Result<Option<Instant>> {
        self.crm.store.jobs_next_due(self.crm.now(), only).await
    }
}
