//! A lead read whole, with its history and what comes next.

use std::sync::Arc;

use forecourt_query::Filter;
use forecourt_record::{
    Car, Document, Error, Result, SaleLead, ScorecardVersion, WhatsappMessage,
    event::StoredEvent,
    next_step::NextStep,
    scoring::{Scorecard, Scored, score},
};
use forecourt_store::{Command, Lane, Tx};

use super::{HISTORY, next_of, visible};
use crate::{
    Caller, Config, Crm, Ref, Sight,
    config::{Asked, Question},
};

/// A lead with everything that belongs to it.
#[derive(Clone, Debug)]
pub struct LeadView {
    pub lead: Document<SaleLead>,
    pub config: Arc<Config>,
    pub car: Option<Document<Car>>,
    /// Oldest first.
    pub messages: Vec<Document<WhatsappMessage>>,
    /// Newest first.
    pub events: Vec<StoredEvent>,
    pub scored: Scored,
    /// What the house will do next by itself.
    pub next: Option<NextStep>,
}

impl Crm {
    /// A lead with its history. Errors: `NotFound`.
    pub async fn lead_read(&self, caller: &Caller, lead: Ref<SaleLead>) -> Result<LeadView> {
        self.store.read(self.scope(caller), Lane::Quick, self.lead_reading(caller, lead)).await
    }

    /// The same, for a transaction that reads more than that.
    pub fn lead_reading(&self, caller: &Caller, lead: Ref<SaleLead>) -> ReadLead {
        ReadLead(Asked { question: Read { lead, sight: caller.sight.clone() }, configs: self.configs.clone() })
    }
}

/// Reading a lead, as a command.
pub struct ReadLead(Asked<Read>);

impl Command for ReadLead {
    type Output = LeadView;

    async fn run(&self, tx: &mut Tx) -> Result<LeadView> {
        self.0.run(tx).await.map(|(_, view)| view)
    }
}

struct Read {
    lead: Ref<SaleLead>,
    sight: Sight,
}

impl Question for Read {
    type Answer = LeadView;

    async fn ask(&self, tx: &mut Tx, config: &Arc<Config>) -> Result<LeadView> {
        let lead = visible(tx, &self.sight, self.lead).await?;
        // By what the lead was asked for: so its history can be asked for before the lead is known.
        let mut messages = tx.lead_documents::<WhatsappMessage>(self.lead, "made_at", HISTORY).await?;
        messages.reverse();
        let events = tx.lead_events(self.lead, HISTORY).await?;
        let lead = lead.ok_or_else(|| Error::not_found("lead"))?;
        let car = match lead.doc.stock_car() {
            Some(id) => tx.get::<Car>(id).await?,
            None => None,
        };
        let answers = &lead.extra.qualification.answers;
        let scored = match scorecard_of(tx, config, &lead).await? {
            Some(earlier) => score(&earlier, answers),
            None => score(&config.scorecard, answers),
        };
        let next = next_of(config, &lead);
        Ok(LeadView { lead, config: config.clone(), car, messages, events, scored, next })
    }
}

/// The scorecard the lead was scored with, where it is not the one in force and still known.
async fn scorecard_of(tx: &mut Tx, config: &Config, lead: &Document<SaleLead>) -> Result<Option<Scorecard>> {
    let version = lead.extra.qualification.scorecard;
    if version == config.scorecard.version {
        return Ok(None);
    }
    let stored = tx.find_one::<ScorecardVersion>(Filter::eq("number", version)).await?;
    Ok(stored.map(|card| card.doc.0))
}
