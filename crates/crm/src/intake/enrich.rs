//! What an enquiry says of somebody whose lead is there already: added to the client and to the lead, which stay.

use forecourt_record::{Client, Document, Kind as _, Result, SaleLead, event::EventName};
use forecourt_store::Tx;

use super::Receive;
use crate::{
    access::happened,
    client,
    identity::{identify, sort_name},
};

impl Receive {
    /// Adds what is new about the person to the client and to a lead of it, which the caller holds and stores.
    pub async fn enrich(&self, tx: &mut Tx, lead: &mut Document<SaleLead>) -> Result<()> {
        let person = &self.checked.person;
        let mut found = identify(tx, person, self.client_id, self.contact_id).await?;
        if found.is_new {
            // Whoever it was has been erased; nobody is made anew on the way.
            tx.keys_release_all(Client::SPEC.name, self.client_id).await?;
        } else if found.changed {
            tx.update(&mut found.client).await?;
            client::follow_contacts(tx, found.client.id, &found.known, &found.client.doc.contacts).await?;
            happened(tx, EventName::ClientChanged, Client::SPEC.name, found.client.id.cast()).await?;
        }
        let extra = &mut lead.extra;
        if let Some(email) = &person.email {
            extra.email = Some(email.as_str().to_owned());
        }
        let nameless = [&extra.phone, &extra.email].into_iter().flatten().any(|address| *address == extra.name);
        if let Some(name) = person.name.as_ref().filter(|_| nameless || extra.name.is_empty()) {
            extra.name.clone_from(name);
            extra.sort_name = sort_name(name);
        }
        Ok(())
    }
}
