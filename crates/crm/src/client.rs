//! A client as it is stored: the keys it is found by, and its contacts as documents of their own.

use std::collections::BTreeSet;

use forecourt_record::{
    Client, ClientContact, ClientId, Contact, Document, Email, Error, Kind as _, MergeSuggestion, Phone, Result,
    event::EventName,
};
use forecourt_store::{Raw, Tx};
use serde_json::{Value, json};

use crate::{access::happened, identity::sort_name};

/// What the two records of a contact have in common.
const SHARED: [&str; 5] = ["name", "phones", "emails", "government_id", "custom"];

/// Stores a new or changed client, with what follows from its contacts: the lists of their names and addresses, the
/// order it stands in, the keys it is found by, its event. Its contacts' own documents are a matter of their own.
pub(crate) async fn store(tx: &mut Tx, before: Option<&Document<Client>>, client: &mut Document<Client>) -> Result<()> {
    client.doc.follow_contacts();
    client.extra.sort_name = sort_name(client.doc.name());
    follow_keys(tx, before.map(|before| &before.doc), client).await?;
    let name = if before.is_some() {
        tx.update(client).await?;
        EventName::ClientChanged
    } else {
        tx.insert(client).await?;
        EventName::ClientCreated
    };
    happened(tx, name, Client::SPEC.name, client.id.cast()).await
}

/// The addresses that say who somebody is. What is no number or address says nothing.
fn keys(client: &Client) -> BTreeSet<(&'static str, String)> {
    let contacts = &client.contacts;
    let phones = contacts.iter().flat_map(|contact| &contact.phones).filter_map(|phone| Phone::parse(phone, None).ok());
    let emails = contacts.iter().flat_map(|contact| &contact.emails).filter_map(|email| email.parse::<Email>().ok());
    let phones = phones.map(|phone| ("phone", phone.as_str().to_owned()));
    phones.chain(emails.map(|email| ("email", email.as_str().to_owned()))).collect()
}

/// Lets go of the addresses a client has no more, and claims those that are new. One that another client holds stays
/// with that one; the two may be the same person, and that is noted.
pub(crate) async fn follow_keys(tx: &mut Tx, before: Option<&Client>, client: &mut Document<Client>) -> Result<()> {
    let (had, has) = (before.map(keys).unwrap_or_default(), keys(&client.doc));
    for (field, value) in had.difference(&has) {
        tx.key_release(Client::SPEC.name, field, value, client.id).await?;
    }
    for (field, value) in has.difference(&had) {
        let holder = tx.key_claim(Client::SPEC.name, field, value, client.id).await?;
        if holder != client.id {
            let suggestion = MergeSuggestion { client: holder, reason: format!("the same {field} was given for both") };
            if !client.extra.merge_suggestions.contains(&suggestion) {
                client.extra.merge_suggestions.push(suggestion);
            }
        }
    }
    Ok(())
}

/// Brings the contacts' own documents in line with those in their client.
pub(crate) async fn follow_contacts(
    tx: &mut Tx,
    client: ClientId,
    before: &[Contact],
    after: &[Contact],
) -> Result<()> {
    let spec = ClientContact::SPEC;
    for contact in after {
        let Some(id) = contact._id.filter(|_| !before.contains(contact)) else { continue };
        let Value::Object(mut members) = serde_json::to_value(contact).map_err(Error::internal)? else { continue };
        members.retain(|name, _| SHARED.contains(&name.as_str()));
        let is_known = before.iter().any(|one| one._id == Some(id));
        let found = if is_known { tx.raw_get_for_update(spec, id).await? } else { None };
        if let Some(mut raw) = found {
            let Value::Object(doc) = &mut raw.doc else { continue };
            doc.retain(|name, _| !SHARED.contains(&name.as_str()));
            doc.extend(members);
            tx.raw_update(&mut raw).await?;
        } else {
            members.insert("client_id".into(), json!(client));
            tx.raw_insert(Raw::new(spec, id, tx.scope().now, Value::Object(members))).await?;
            // Nothing is computed from it that is not computed from its client.
            tx.changes_settled(spec, id);
        }
    }
    for contact in before {
        let gone = contact._id.filter(|id| !after.iter().any(|one| one._id == Some(*id)));
        if let Some(id) = gone
            && tx.raw_get_for_update(spec, id).await?.is_some()
        {
            tx.raw_delete(spec, id).await?;
        }
    }
    Ok(())
}
