//! A lead read whole, with its history and what comes next.

use std::sync::Arc;

use forecourt_query::{Direction, Filter, Find};
use forecourt_record::{
    Car, Document, Result, SaleLead, ScorecardVersion, WhatsappMessage,
    event::StoredEvent,
    next_step::NextStep,
    scoring::{Scorecard, Scored, score},
};
use forecourt_store::{Command, Lane, Tx};

use super::{HISTORY, next_of, require_visible};
use crate::{Caller, Config, Crm, Ref, Sight, config::Configs};

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
        let read = Read { lead, sight: caller.sight.clone(), configs: self.configs.clone() };
        self.store.read(self.scope(caller), Lane::Quick, read).await
    }
}

struct Read {
    lead: Ref<SaleLead>,
    sight: Sight,
    configs: Arc<Configs>,
}

impl Command for Read {
    type Output = LeadView;

    async fn run(&self, tx: &mut Tx) -> Result<LeadView> {
        let config = self.configs.current(tx).await?;
        let lead = require_visible(tx, &self.sight, self.lead).await?;
        let car = match lead.doc.stock_car() {
            Some(id) => tx.get::<Car>(id).await?,
            None => None,
        };
        let of_lead = || Filter::eq("lead_id", lead.id.to_string());
        let newest = Find { sort: vec![("made_at", Direction::Descending)], ..Find::newest(of_lead(), HISTORY) };
        let mut messages = tx.find::<WhatsappMessage>(&newest).await?;
        messages.reverse();
        let events = tx.lead_events(lead.id, HISTORY).await?;
        let scored = score(&scorecard_of(tx, &config, &lead).await?, &lead.extra.qualification.answers);
        let next = next_of(&config, &lead);
        Ok(LeadView { lead, config, car, messages, events, scored, next })
    }
}

/// The scorecard the lead was scored with, which need not be the one in force.
async fn scorecard_of(tx: &mut Tx, config: &Config, lead: &Document<SaleLead>) -> Result<Scorecard> {
    let version = lead.extra.qualification.scorecard;
    if version == config.scorecard.version {
        return Ok(config.scorecard.clone());
    }
    let stored = tx.find_one::<ScorecardVersion>(Filter::eq("number", version)).await?;
    Ok(stored.map_or_else(|| config.scorecard.clone(), |card| card.doc.0))
}
