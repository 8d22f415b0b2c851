//! Clients as partners' portals see them: one card each, with a small number, and perhaps one in the dealer's books.
//!
//! What a card says of the person is the client's own: its contact, its address, its business. A card keeps only what
//! nobody else knows, and how addresses were written.

mod place;

use forecourt_record::{
    Address, BusinessDetails, Client, ClientExtra, ClientId, Code, CustomerCard, Document, Email, Error, Id, Kind as _,
    Members, PersonName, Phone, Result,
};
use forecourt_store::{Command, Lane, Tx};
use serde_json::Value;

pub use place::Place;

use crate::{
    Caller, Crm, Sight, client,
    identity::{Identified, Person, identify_where, sort_name},
    intake::RequestKey,
    resource::sight,
};

/// What is said of a customer. A member that is not named stays as it is; one named without a value is cleared.
#[derive(Clone, Debug, Default)]
pub struct Customer {
    /// The number of the card, where it was sent back: it has to be that one.
    pub number: Option<i64>,
    pub texts: Vec<(Place, Option<String>)>,
    pub is_business: Option<Option<bool>>,
    pub tecfactura_id: Option<Option<String>>,
    /// Members that only the card has.
    pub members: Vec<(String, Option<Value>)>,
}

/// Which card is meant.
#[derive(Clone, Debug)]
pub enum CardRef {
    Number(i64),
    Tecfactura(String),
}

/// The fields of the keys that cards are found by, among those of clients.
const NUMBER: &str = "card_number";
const TECFACTURA: &str = "tecfactura_id";
const FIRST_NUMBER: i64 = 1;

/// A client with a card.
#[derive(Clone, Debug)]
pub struct Carded(Document<Client>);

impl Carded {
    pub fn card(&self) -> &CustomerCard {
        static NONE: std::sync::LazyLock<CustomerCard> = std::sync::LazyLock::new(CustomerCard::default);
        self.0.extra.card.as_deref().unwrap_or(&NONE)
    }

    /// What stands in a place of the card.
    pub fn text(&self, place: Place) -> Option<String> {
        place::text(&self.0.doc, self.card(), place)
    }

    pub fn is_business(&self) -> Option<bool> {
        self.0.doc.business_details.as_ref()?.is_business
    }
}

impl Crm {
    /// Takes a customer in: a client that is known by number or address and name gets the card, else there is a new one.
    ///
    /// Errors: `Conflict` when a card has the number in the books already; `IdempotencyKeyReused`.
    pub async fn customer_create(
        &self,
        caller: &Caller,
        customer: Customer,
        request: Option<RequestKey>,
    ) -> Result<Carded> {
        let country = self.config(caller.dealer).await?.country(None).to_owned();
        let ids = (self.context.id(), self.context.id());
        self.write(self.scope(caller), Create { customer, country, ids, request }).await
    }

    /// Errors: `NotFound`.
    pub async fn customer_read(&self, caller: &Caller, which: CardRef) -> Result<Carded> {
        let read = Read { which, sight: caller.sight.clone() };
        self.store.read(self.scope(caller), Lane::Quick, read).await
    }

    /// Changes what is named. Errors: `NotFound`; `Invalid` (`number`); `Conflict` as for creating.
    pub async fn customer_change(&self, caller: &Caller, which: CardRef, customer: Customer) -> Result<Carded> {
        let country = self.config(caller.dealer).await?.country(None).to_owned();
        let change = Change { which, customer, country, sight: caller.sight.clone(), contact_id: self.context.id() };
        self.write(self.scope(caller), change).await
    }

    /// Deletes the client of a card with everything that belongs to it. Errors: `NotFound`; `StillReferenced` while it
    /// has leads.
    pub async fn customer_delete(&self, caller: &Caller, which: CardRef) -> Result<()> {
        let id = self.customer_read(caller, which).await?.0.id;
        let deleted = self.resource_delete(caller, Client::SPEC, id.cast(), false, None).await;
        deleted.map_err(|error| match error.code {
            Code::StillReferenced => Error { detail: "The contact has leads. They have to go first.".into(), ..error },
            _ => error,
        })
    }
}

/// The client that a key of its card names.
async fn named(tx: &mut Tx, which: &CardRef) -> Result<Option<ClientId>> {
    let (field, value) = match which {
        CardRef::Number(number) => (NUMBER, number.to_string()),
        CardRef::Tecfactura(id) => (TECFACTURA, id.clone()),
    };
    let known = tx.keys_find::<Client>(Client::SPEC.name, &[(field, &value)]).await?;
    Ok(known.first().map(|(_, _, id)| *id))
}

struct Read {
    which: CardRef,
    sight: Sight,
}

impl Command for Read {
    type Output = Carded;

    async fn run(&self, tx: &mut Tx) -> Result<Carded> {
        let id = named(tx, &self.which).await?.ok_or_else(missing)?;
        let found = sight::get(tx, &self.sight, Client::SPEC, id.cast()).await?;
        Ok(Carded(found.ok_or_else(missing)?.read()?))
    }
}

fn missing() -> Error {
    Error::not_found("contact")
}

struct Create {
    customer: Customer,
    country: String,
    ids: (ClientId, Id<()>),
    request: Option<RequestKey>,
}

impl Command for Create {
    type Output = Carded;

    async fn run(&self, tx: &mut Tx) -> Result<Carded> {
        if let Some(request) = &self.request
            && let Some(outcome) = request.begin(tx).await?
        {
            let id = serde_json::from_value(outcome).map_err(Error::internal)?;
            return tx.get(id).await?.map(Carded).ok_or_else(missing);
        }
        let made = self.create(tx).await?;
        if let Some(request) = &self.request {
            tx.request_end(&request.key, &made.0.id).await?;
        }
        Ok(made)
    }
}

impl Create {
    async fn create(&self, tx: &mut Tx) -> Result<Carded> {
        let (customer, (client_id, contact_id)) = (&self.customer, self.ids);
        let (name, person) = self.person();
        let booked = customer.tecfactura_id.clone().flatten();
        let fits = |client: &Document<Client>| {
            let named = name.as_deref().map(sort_name);
            let known = place::contact(&client.doc).and_then(|at| client.doc.contacts[at].name.as_ref()?.shown());
            let same_name = named.is_none() || known.is_none() || known.as_deref().map(sort_name) == named;
            let other = client.extra.card.as_ref().and_then(|card| card.tecfactura_id.as_ref());
            same_name && (booked.is_none() || other.is_none())
        };
        let found = identify_where(tx, &person, client_id, contact_id, fits).await?;
        let Identified { mut client, is_new, known, .. } = found;
        let before = if is_new { None } else { tx.get(client.id).await? };
        if client.extra.card.is_none() {
            let number = tx.number("customers", FIRST_NUMBER).await?;
            tx.key_claim(Client::SPEC.name, NUMBER, &number.to_string(), client.id).await?;
            client.extra.card = Some(Box::new(CustomerCard { number, ..CustomerCard::default() }));
        }
        apply(&mut client, customer, &self.country, contact_id, !is_new);
        store(tx, before, client, &known).await
    }

    /// Whom the card is about, and what else tells who that is. A mobile number says more about that than one of a house.
    fn person(&self) -> (Option<String>, Person) {
        let text = |wanted: Place| {
            let given = self.customer.texts.iter().find(|(place, _)| *place == wanted);
            given.and_then(|(_, text)| text.as_deref())
        };
        let name: Vec<&str> = [Place::FirstName, Place::LastName].into_iter().filter_map(text).collect();
        let mut phones = [Place::MobilePhone, Place::Phone].into_iter().filter_map(text);
        let person = Person {
            name: None,
            phone: phones.find_map(|phone| Phone::parse(phone, Some(&self.country)).ok()),
            email: text(Place::Email).and_then(|email| email.parse::<Email>().ok()),
            language: None,
        };
        ((!name.is_empty()).then(|| name.join(" ")), person)
    }
}

struct Change {
    which: CardRef,
    customer: Customer,
    country: String,
    sight: Sight,
    contact_id: Id<()>,
}

impl Command for Change {
    type Output = Carded;

    async fn run(&self, tx: &mut Tx) -> Result<Carded> {
        let id = named(tx, &self.which).await?.ok_or_else(missing)?;
        let found = sight::get_for_update(tx, &self.sight, Client::SPEC, id.cast()).await?;
        let before: Document<Client> = found.ok_or_else(missing)?.read()?;
        let card = before.extra.card.as_ref().map(|card| card.number);
        if self.customer.number.is_some_and(|number| Some(number) != card) {
            return Err(Error::field("number", "read_only", "The number of a contact does not change."));
        }
        let mut client = before.clone();
        apply(&mut client, &self.customer, &self.country, self.contact_id, false);
        let known = before.doc.contacts.clone();
        store(tx, Some(before), client, &known).await
    }
}

/// Puts onto a client what is said of it. Where it was known by itself, an address it had stays beside the one that is
/// given now.
fn apply(client: &mut Document<Client>, customer: &Customer, country: &str, contact_id: Id<()>, beside: bool) {
    let ClientExtra { card, .. } = &mut client.extra;
    let card = card.get_or_insert_default();
    for (place, text) in &customer.texts {
        place::set(&mut client.doc, card, *place, text.as_deref(), &place::Setting { country, contact_id, beside });
    }
    if let Some(contact) = place::contact(&client.doc).and_then(|at| client.doc.contacts.get_mut(at)) {
        contact.name = contact.name.take().filter(|name| *name != PersonName::default());
    }
    if let Some(is_business) = customer.is_business {
        client.doc.business_details.get_or_insert_default().is_business = is_business;
    }
    if let Some(id) = &customer.tecfactura_id {
        card.tecfactura_id.clone_from(id);
    }
    for (name, value) in &customer.members {
        put(&mut card.members, name, value.clone());
    }
    client.doc.address = client.doc.address.take().filter(|address| *address != Address::default());
    client.doc.business_details = client.doc.business_details.take().filter(|one| *one != BusinessDetails::default());
}

fn put(members: &mut Members, name: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(members.insert(name.to_owned(), value)),
        None => drop(members.shift_remove(name)),
    }
}

/// Stores a client with the key of its number in the books. Errors: `Conflict` when another card has that.
async fn store(
    tx: &mut Tx,
    before: Option<Document<Client>>,
    mut client: Document<Client>,
    known: &[forecourt_record::Contact],
) -> Result<Carded> {
    let booked = |client: &Document<Client>| client.extra.card.as_ref().and_then(|card| card.tecfactura_id.clone());
    let (had, has) = (before.as_ref().and_then(booked), booked(&client));
    if had != has {
        if let Some(id) = has
            && tx.key_claim(Client::SPEC.name, TECFACTURA, &id, client.id).await? != client.id
        {
            let detail = format!("A contact has the tecfacturaId \"{id}\" already.");
            return Err(Error::new(Code::Conflict, detail));
        }
        if let Some(id) = had {
            tx.key_release(Client::SPEC.name, TECFACTURA, &id, client.id).await?;
        }
    }
    client::store(tx, before.as_ref(), &mut client).await?;
    client::follow_contacts(tx, client.id, known, &client.doc.contacts).await?;
    Ok(Carded(client))
}
