//! A lead erased for good.

use std::sync::Arc;

use forecourt_query::{Filter, Find};
use forecourt_record::{
    Client, Id, Kind, Note, Result, SaleLead, Task, WhatsappMessage, WhatsappSession,
    event::{Event, EventName},
};
use forecourt_store::{Command, Tx};
use serde_json::json;

use super::{HISTORY, count_agents, follow_key, require_visible_for_update};
use crate::{Caller, Config, Crm, Ref, Sight};

impl Crm {
    /// Erases a lead for good, with its messages, notes and tasks; a client left with nothing goes too.
    /// The log keeps who deleted which id, and nothing personal. Errors: `NotFound`.
    pub async fn lead_erase(&self, caller: &Caller, lead: Ref<SaleLead>) -> Result<()> {
        let config = self.config(caller.dealer).await?;
        let command = Erase { lead, sight: caller.sight.clone(), config };
        self.store.write(self.scope(caller), command).await
    }
}

struct Erase {
    lead: Ref<SaleLead>,
    sight: Sight,
    config: Arc<Config>,
}

impl Command for Erase {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let lead = require_visible_for_update(tx, &self.sight, self.lead).await?;
        count_agents(tx, &self.config.dealer.doc.pipeline, Some(&lead.doc), None).await?;
        let by_lead = Filter::eq("lead_id", lead.id.to_string());
        delete_all::<WhatsappMessage>(tx, &by_lead).await?;
        delete_all::<Note>(tx, &by_lead).await?;
        delete_all::<Task>(tx, &by_lead).await?;
        tx.job_cancel(&follow_key(lead.id)).await?;
        tx.lead_events_empty(lead.id).await?;
        tx.delete(lead.id).await?;
        if let Some(client) = lead.doc.client_id {
            forget_client(tx, client).await?;
        }
        if let Some(phone) = &lead.extra.phone {
            tx.inbound_forget(phone).await?;
        }
        let data = json!({});
        tx.event(Event { name: EventName::LeadErased, kind: SaleLead::SPEC.name, id: lead.id.cast(), lead: None, data })
            .await
    }
}

async fn delete_all<K: Kind>(tx: &mut Tx, filter: &Filter) -> Result<()> {
    loop {
        let some = tx.find::<K>(&Find::newest(filter.clone(), HISTORY)).await?;
        if some.is_empty() {
            return Ok(());
        }
        for one in some {
            tx.delete(one.id).await?;
        }
    }
}

/// Counts a lead less for its client; a client that has nothing left is erased too.
async fn forget_client(tx: &mut Tx, id: Id<Client>) -> Result<()> {
    let Some(mut client) = tx.get_for_update(id).await? else {
        return Ok(());
    };
    let by_client = Filter::eq("client_id", id.to_string());
    if let Some(newest) = tx.find_one::<SaleLead>(by_client.clone()).await? {
        let left = client.computed.client_number_of_sale_leads.unwrap_or(1) - 1;
        client.computed.client_number_of_sale_leads = Some(left);
        client.computed.client_number_of_leads = Some(left);
        client.computed.client_last_sale_lead_date = Some(newest.created_at);
        return tx.update(&mut client).await;
    }
    delete_all::<WhatsappMessage>(tx, &by_client).await?;
    delete_all::<WhatsappSession>(tx, &by_client).await?;
    delete_all::<Note>(tx, &by_client).await?;
    delete_all::<Task>(tx, &by_client).await?;
    tx.delete(id).await?;
    let data = json!({});
    tx.event(Event { name: EventName::ClientErased, kind: Client::SPEC.name, id: id.cast(), lead: None, data }).await
}
