//! A lead erased for good.

use std::sync::Arc;

use forecourt_record::{Client, Kind as _, Result, SaleLead};
use forecourt_store::{Command, Raw, Tx};

use super::require_visible_for_update;
use crate::{
    Caller, Config, Crm, Ref, Sight,
    resource::{Conversation, erase, family},
};

impl Crm {
    /// Erases a lead for good, with its messages, notes and tasks; a client left with nothing goes too.
    /// The log keeps who deleted which id, and nothing personal. Errors: `NotFound`.
    pub async fn lead_erase(&self, caller: &Caller, lead: Ref<SaleLead>) -> Result<()> {
        let config = self.config(caller.dealer).await?;
        let command = Erase { lead, sight: caller.sight.clone(), config, keep_client: false };
        self.write(self.scope(caller), command).await
    }
}

/// Erases a lead, and a client that is left with nothing unless it is to be kept.
pub(crate) struct Erase {
    pub lead: Ref<SaleLead>,
    pub sight: Sight,
    pub config: Arc<Config>,
    pub keep_client: bool,
}

impl Command for Erase {
    type Output = ();

    const TAKES_AWAY: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let lead = require_visible_for_update(tx, &self.sight, self.lead).await?;
        let root = Raw::of(&lead)?;
        let client = match lead.doc.client_id.filter(|_| !self.keep_client) {
            // Held, so that nobody gives it another lead meanwhile.
            Some(id) => tx.raw_get_for_update(Client::SPEC, id.cast()).await?,
            None => None,
        };
        // The lead last of all: what the log says last is what was asked for.
        let roots = [root.clone()].into_iter().chain(client).collect();
        let mut whole = family(tx, roots, Conversation::Goes).await?;
        if whole.leads() > 1 {
            whole = family(tx, vec![root], Conversation::Goes).await?;
        }
        if let Some(phone) = &lead.extra.phone {
            tx.inbound_forget(phone).await?;
        }
        erase(tx, &self.config, whole).await
    }
}
