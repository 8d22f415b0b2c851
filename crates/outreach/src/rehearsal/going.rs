//! Who is under way in a rehearsal: people with what is known of them, and their enrolments.

use std::sync::Arc;

use forecourt_record::{
    Instant,
    gate::{Channel, Contacted, Purpose},
    schedule::Tokens,
};

use crate::gate::Contact;

/// Somebody, on however many schedules.
#[derive(Debug, Default)]
pub(super) struct Person {
    pub contacts: Vec<Contacted>,
    /// On which channels the person must not be contacted.
    pub suppressed: Vec<Channel>,
    pub blocked: bool,
    /// Until when free text may be sent on WhatsApp.
    pub window_expires_at: Option<Instant>,
    /// The person's enrolments, also those that are over.
    pub goings: Vec<usize>,
}

/// Somebody on a schedule.
#[derive(Debug)]
pub(super) struct Going {
    /// Which of the stage's leads.
    pub lead: usize,
    pub person: usize,
    pub schedule: Arc<str>,
    pub position: usize,
    pub restarts: u32,
    pub tokens: Tokens,
    pub next_action_at: Option<Instant>,
    pub expires_at: Option<Instant>,
    pub contact_attempts: u32,
    pub max_contact_attempts: Option<u32>,
    pub begun_at: Instant,
    pub replied: bool,
    pub connected: bool,
    /// What came of the calls, the newest first.
    pub dispositions: Vec<String>,
    pub is_over: bool,
    pub under_way: Option<UnderWay>,
    /// The looks at it that were put down; only the last one counts.
    pub look: u64,
}

/// A contact that an enrolment waits for the outcome of.
#[derive(Clone, Debug)]
pub(super) struct UnderWay {
    /// The action it is of.
    pub step: usize,
    pub contact: Contact,
    pub purpose: Purpose,
    /// Nobody was handed it yet.
    pub is_planned: bool,
    /// The rule that holds it back, and since when.
    pub held: Option<(Arc<str>, Instant)>,
}
