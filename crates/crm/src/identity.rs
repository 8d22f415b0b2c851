//! Who is this? One person is one client, whichever door it comes through and however many knock at once.
//!
//! Strong keys (phone, e-mail) are unique rows claimed in the transaction that uses them: the database, not a look
//! beforehand, decides who was first. Weak matches are suggested, never merged.

use forecourt_record::{
    Client, ClientId, Contact, Document, Email, Error, Id, Kind, MergeSuggestion, PersonName, Phone, Result, text,
};
use forecourt_store::Tx;

/// What a lead says about the person.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub name: Option<String>,
    pub phone: Option<Phone>,
    pub email: Option<Email>,
    pub language: Option<String>,
}

/// The client a person is, held against other writers.
pub struct Identified {
    pub client: Document<Client>,
    pub is_new: bool,
    /// Whether it differs from what is stored.
    pub changed: bool,
    /// Its contacts as they are stored.
    pub known: Vec<Contact>,
}

impl Person {
    /// The strong keys, in the order they are claimed.
    fn keys(&self) -> Vec<(&'static str, &str)> {
        let phone = self.phone.as_ref().map(|phone| ("phone", phone.as_str()));
        let email = self.email.as_ref().map(|email| ("email", email.as_str()));
        phone.into_iter().chain(email).collect()
    }

    fn contact(&self, id: Id<()>) -> Contact {
        Contact {
            _id: Some(id),
            name: self.name.as_deref().map(PersonName::from_raw),
            phones: self.phone.iter().map(|phone| phone.as_str().to_owned()).collect(),
            emails: self.email.iter().map(|email| email.as_str().to_owned()).collect(),
            ..Contact::default()
        }
    }
}

/// A name as it is compared and sorted by.
pub fn sort_name(name: &str) -> String {
    text::folded(name)
}

/// Finds the client this person is, or makes it. A new client is stored by the caller, once it is complete.
pub async fn identify(tx: &mut Tx, person: &Person, new_id: ClientId, contact_id: Id<()>) -> Result<Identified> {
    identify_where(tx, person, new_id, contact_id, |_| true).await
}

/// The same, where a client that does not fit is somebody else, who has the same number or address: the new client's
/// keys stay with that one.
pub async fn identify_where(
    tx: &mut Tx,
    person: &Person,
    new_id: ClientId,
    contact_id: Id<()>,
    fits: impl Fn(&Document<Client>) -> bool,
) -> Result<Identified> {
    for _ in 0..ATTEMPTS {
        if let Some(identified) = try_identify(tx, person, new_id, contact_id, &fits).await? {
            return Ok(identified);
        }
    }
    Err(Error::internal("a key names a client that is not there"))
}

/// How often a client may be erased between being found and being held.
const ATTEMPTS: usize = 10;

/// None when the client was erased just now, with its keys: it has to be looked for again.
async fn try_identify(
    tx: &mut Tx,
    person: &Person,
    new_id: ClientId,
    contact_id: Id<()>,
    fits: &impl Fn(&Document<Client>) -> bool,
) -> Result<Option<Identified>> {
    let keys = person.keys();
    let known = tx.keys_find::<Client>(Client::SPEC.name, &keys).await?;
    // A phone says more about who somebody is than an e-mail address that a household shares.
    let mut owner =
        keys.iter().find_map(|(field, _)| known.iter().find(|(known, _, _)| known == field).map(|(_, _, id)| *id));
    let mut open = keys;
    open.retain(|(field, _)| known.iter().all(|(known, _, _)| known != *field));
    let claimed = tx.keys_claim(Client::SPEC.name, &open, owner.unwrap_or(new_id)).await?;
    let (mut mine, lost): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|(field, _)| claimed.iter().any(|claimed| claimed == *field));
    for (field, value) in &lost {
        let wanted = owner.unwrap_or(new_id);
        let holder = tx.key_claim(Client::SPEC.name, field, value, wanted).await?;
        if holder == wanted {
            mine.push((*field, *value));
        } else if owner.is_none() {
            // Another request was faster with this key: what was claimed for a new client goes to that one.
            owner = Some(holder);
            for (field, value) in &mine {
                tx.key_release(Client::SPEC.name, field, value, new_id).await?;
                tx.key_claim(Client::SPEC.name, field, value, holder).await?;
            }
        }
    }
    let Some(owner) = owner else {
        return Ok(Some(created(tx, person, new_id, contact_id)));
    };
    let found = tx.get_for_update::<Client>(owner).await?;
    let is_there = found.is_some();
    let Some(mut client) = found.filter(|client| fits(client)) else {
        for (field, value) in mine {
            tx.key_release(Client::SPEC.name, field, value, owner).await?;
        }
        return Ok(is_there.then(|| created(tx, person, new_id, contact_id)));
    };
    let others = known.iter().filter(|(_, _, id)| *id != owner).map(|(field, _, id)| (field.clone(), *id)).collect();
    let known = client.doc.contacts.clone();
    let changed = enrich(&mut client, person, contact_id, others);
    Ok(Some(Identified { client, is_new: false, changed, known }))
}

fn created(tx: &Tx, person: &Person, id: ClientId, contact_id: Id<()>) -> Identified {
    let mut client = Document::new(id, tx.scope().now, Client::default(), forecourt_record::ClientExtra::default());
    client.doc.contacts.push(person.contact(contact_id));
    client.doc.created_by = tx.scope().actor.user().map(|user| user.to_string());
    client.doc.follow_contacts();
    client.extra.language.clone_from(&person.language);
    client.extra.sort_name = sort_name(client.doc.name());
    Identified { client, is_new: true, changed: true, known: Vec::new() }
}

/// Adds what is new about a known client; a filled field is never overwritten. Says whether anything changed.
fn enrich(client: &mut Document<Client>, person: &Person, contact_id: Id<()>, others: Vec<(String, ClientId)>) -> bool {
    let before = (client.doc.clone(), client.extra.clone());
    let given = person.name.as_deref().map(sort_name).filter(|name| !name.is_empty());
    let named = |contact: &Contact| contact.name.as_ref().and_then(PersonName::shown).map(|name| sort_name(&name));
    let same = client
        .doc
        .contacts
        .iter()
        .position(|contact| given.is_none() || named(contact).is_none() || named(contact) == given);
    match same {
        Some(at) => {
            let contact = &mut client.doc.contacts[at];
            if contact.name.is_none() {
                contact.name = person.name.as_deref().map(PersonName::from_raw);
            }
            let fresh = person.contact(contact_id);
            add_new(&mut contact.phones, fresh.phones);
            add_new(&mut contact.emails, fresh.emails);
        }
        // Another name under the same number: a further person of the same household or company.
        None => client.doc.contacts.push(person.contact(contact_id)),
    }
    client.doc.follow_contacts();
    client.extra.sort_name = sort_name(client.doc.name());
    if client.extra.language.is_none() {
        client.extra.language.clone_from(&person.language);
    }
    for (field, other) in others {
        let suggestion = MergeSuggestion { client: other, reason: format!("the same {field} was given for both") };
        if !client.extra.merge_suggestions.contains(&suggestion) {
            client.extra.merge_suggestions.push(suggestion);
        }
    }
    (&before.0, &before.1) != (&client.doc, &client.extra)
}

fn add_new(values: &mut Vec<String>, fresh: Vec<String>) {
    for value in fresh {
        if !values.contains(&value) {
            values.push(value);
        }
    }
}
