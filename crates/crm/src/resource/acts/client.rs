//! Clients and their contacts: one record in two collections, and a write to either is seen in both.

use forecourt_record::{Client, ClientId, Contact, Document, Error, Id, Result};
use forecourt_store::{Raw, Tx};

use super::super::part;
use crate::client;

pub async fn put(tx: &mut Tx, before: Option<Raw>, after: &Raw) -> Result<()> {
    let mut client: Document<Client> = after.read()?;
    let old: Option<Document<Client>> = before.as_ref().map(Raw::read).transpose()?;
    client.doc.choose_primary(old.as_ref().and_then(|old| old.doc.primary_contact.as_ref()));
    client::store(tx, old.as_ref(), &mut client).await?;
    let known = old.map(|old| old.doc.contacts).unwrap_or_default();
    client::follow_contacts(tx, client.id, &known, &client.doc.contacts).await?;
    Ok(())
}

/// A contact that is written as a document of its own is one of its client's, too.
pub async fn put_contact(tx: &mut Tx, before: Option<Raw>, after: Raw) -> Result<()> {
    let old = before.as_ref().map(client_of).transpose()?.flatten();
    let new = client_of(&after)?;
    let id = after.id;
    let mut contact: Contact = serde_json::from_value(after.doc.clone()).map_err(Error::internal)?;
    contact._id = Some(id);
    super::plain(tx, before, after).await?;
    // In one order, so that two transactions never hold what the other one needs.
    let mut clients: Vec<ClientId> = old.into_iter().chain(new).collect();
    clients.sort_unstable();
    clients.dedup();
    for client in clients {
        set_contact(tx, client, id, Some(&contact).filter(|_| new == Some(client))).await?;
    }
    Ok(())
}

/// The client a contact is of.
pub fn client_of(contact: &Raw) -> Result<Option<ClientId>> {
    part(&contact.doc, "client_id")
}

/// Puts a contact among those of a client, in the place it has there, or takes it out.
pub async fn set_contact(tx: &mut Tx, client: ClientId, id: Id<()>, contact: Option<&Contact>) -> Result<()> {
    let Some(mut client) = tx.get_for_update::<Client>(client).await? else { return Ok(()) };
    let before = client.clone();
    let contacts = &mut client.doc.contacts;
    match (contacts.iter().position(|one| one._id == Some(id)), contact) {
        (Some(at), Some(contact)) => contacts[at] = contact.clone(),
        (Some(at), None) => drop(contacts.remove(at)),
        (None, Some(contact)) => contacts.push(contact.clone()),
        (None, None) => return Ok(()),
    }
    client::store(tx, Some(&before), &mut client).await?;
    Ok(())
}
