//! Planning a call: the gate is asked, and the call put into the outbox.

use forecourt_crm::Config;
use forecourt_record::{
    CallFacts, CallId, CallStatus, CallType, CallbackId, Conference, Direction, Document, Enrolment, Result, SaleLead,
    UserId, gate::Purpose, pacing::Mode,
};
use forecourt_store::Tx;

use crate::{
    carry,
    conversation::{calling_number, reached_at},
    gate::Rule,
    message::Recipient,
};

/// A call about to be planned.
pub(super) struct Placing<'a> {
    pub id: CallId,
    pub lead: &'a Document<SaleLead>,
    pub enrolment: Option<&'a Document<Enrolment>>,
    pub purpose: Purpose,
    pub agent: Option<UserId>,
    pub mode: Option<Mode>,
    pub callback: Option<CallbackId>,
}

impl Placing<'_> {
    /// The number that is called, E.164.
    pub fn called(&self) -> Option<&str> {
        self.enrolment.and_then(|enrolment| enrolment.doc.caller_id.as_deref()).or_else(|| reached_at(self.lead))
    }
}

/// Passes the gate and plans a call; refused or held, it leaves nothing behind.
pub(super) async fn place(
    tx: &mut Tx,
    config: &Config,
    placing: Placing<'_>,
) -> Result<std::result::Result<Document<Conference>, Rule>> {
    let called = placing.called().map(str::to_owned);
    let Placing { id, lead, enrolment, purpose, agent, mode, callback } = placing;
    let now = tx.scope().now;
    let location = lead.doc.location.as_deref();
    let set_aside = enrolment.and_then(|enrolment| enrolment.doc.call_number.clone());
    let doc = Conference {
        call_type: Some(CallType::External),
        direction: Some(Direction::Outbound),
        client_number: called,
        dealer_number: set_aside.or_else(|| calling_number(config, location)),
        status: Some(CallStatus::Queued),
        made_at: Some(now),
        location: lead.doc.location.clone(),
        origin: lead.doc.origin.clone(),
        users: agent.iter().map(ToString::to_string).collect(),
        ..Conference::default()
    };
    let recipient = Recipient::of(lead);
    let enrolment_id = enrolment.map(|enrolment| enrolment.id);
    let mut extra = match carry::queue(tx, config, id, &doc, &recipient, purpose, enrolment_id).await? {
        Ok(extra) => extra,
        Err(rule) => return Ok(Err(rule)),
    };
    let tokens = enrolment.map(|enrolment| enrolment.doc.tokens.clone()).unwrap_or_default();
    let facts = CallFacts { agent_id: agent, mode, tokens, callback_id: callback, ..CallFacts::default() };
    extra.call = Some(Box::new(facts));
    let call = Document::new(id, now, doc, extra);
    tx.insert(&call).await?;
    Ok(Ok(call))
}
