//! What people have agreed to or taken back elsewhere, on a form or at the counter, as somebody of ours writes it down.

use std::sync::Arc;

use forecourt_crm::{Caller, Config, Ref, consent, lead::require_visible};
use forecourt_record::{
    Error, FieldError, Instant, Result, SaleLead,
    consent::{Act, Consent, Evidence},
    gate::{Channel, Purpose},
    shape::code,
};
use forecourt_store::{Command, Tx};

use crate::{Outreach, schedule};

/// What is written down.
#[derive(Clone, Debug)]
pub struct NewConsent {
    pub act: Act,
    /// Which channels; all that reach the address, where none is named.
    pub channels: Vec<Channel>,
    /// An E.164 number or an e-mail address.
    pub address: String,
    /// For what; for everything, where nothing is said.
    pub purpose: Option<Purpose>,
    /// When the person said so; now, where nothing is said.
    pub at: Option<Instant>,
    pub expires_at: Option<Instant>,
    pub evidence: Evidence,
    /// The lead it came with.
    pub lead: Option<Ref<SaleLead>>,
}

impl Outreach {
    /// Writes down what somebody has agreed to or taken back, an entry for each channel, and gives their numbers. What is
    /// withdrawn on every channel, for everything or for marketing, ends every schedule the person is on.
    ///
    /// Errors: `Invalid` (`channels`, `at`, `expires_at`, `evidence`), `NotFound` of the lead.
    pub async fn consent_record(&self, caller: &Caller, new: NewConsent) -> Result<Vec<i64>> {
        let config = self.crm.config(caller.dealer).await?;
        let wrong = flaws(&new, self.crm.now());
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        self.crm.write(self.crm.scope(caller), Record { config, caller: caller.clone(), new }).await
    }
}

/// Everything that is wrong with what is to be written down.
fn flaws(new: &NewConsent, now: Instant) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    for (place, channel) in new.channels.iter().enumerate().filter(|(_, channel)| !channel.reaches(&new.address)) {
        let detail = format!("Nobody is reached at such an address by {}.", channel.as_str());
        wrong.push(FieldError::new(format!("channels/{place}"), code::NOT_ALLOWED, detail));
    }
    if new.at.is_some_and(|at| at > now) {
        wrong.push(FieldError::new("at", code::NOT_ALLOWED, "Nobody has said anything yet that is said later."));
    }
    if new.expires_at.is_some_and(|end| new.act != Act::Given || end <= new.at.unwrap_or(now)) {
        let detail = "Only what is given expires, and not before it was given.";
        wrong.push(FieldError::new("expires_at", code::NOT_ALLOWED, detail));
    }
    let Evidence { wording, form, .. } = &new.evidence;
    if new.act == Act::Given && wording.is_none() && form.is_none() {
        let detail = "What was agreed to needs its wording, or the form it was given on.";
        wrong.push(FieldError::new("evidence", code::REQUIRED, detail));
    }
    wrong
}

struct Record {
    config: Arc<Config>,
    caller: Caller,
    new: NewConsent,
}

impl Command for Record {
    type Output = Vec<i64>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<i64>> {
        let new = &self.new;
        let lead = match new.lead {
            Some(lead) => Some(require_visible(tx, &self.caller.sight, lead).await?),
            None => None,
        };
        let client = lead.as_ref().and_then(|lead| lead.doc.client_id);
        let ends = new.act == Act::Withdrawn && new.purpose.is_none_or(|purpose| purpose == Purpose::Marketing);
        let is_everywhere = Channel::ALL.iter().all(|one| new.channels.contains(one) || !one.reaches(&new.address));
        if ends && (new.channels.is_empty() || is_everywhere) {
            schedule::opted_out(tx, &self.config, client, &new.address).await?;
        }
        let channels: &[Channel] = if new.channels.is_empty() { Channel::ALL } else { &new.channels };
        let entry = |channel: &Channel| Consent {
            act: new.act,
            channel: *channel,
            address: new.address.clone(),
            purpose: new.purpose,
            at: new.at.unwrap_or(tx.scope().now),
            expires_at: new.expires_at,
            evidence: new.evidence.clone(),
            client,
            lead: lead.as_ref().map(|lead| lead.id),
        };
        let entries = channels.iter().filter(|channel| channel.reaches(&new.address)).map(entry).collect();
        consent::record(tx, entries).await
    }
}
