//! Where on a client the places of a card are.

use forecourt_record::{Address, Client, Contact, CustomerCard, Email, Id, PersonName, Phone, Written};

/// A text on a card that is the client's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Salutation,
    Title,
    FirstName,
    LastName,
    Street,
    PostalCode,
    City,
    Country,
    BusinessWebsite,
    TaxId,
    Phone,
    MobilePhone,
    Email,
    BusinessPhone,
    BusinessMobilePhone,
    BusinessEmail,
}

/// How a text is put in its place.
pub struct Setting<'a> {
    /// Whose national numbers are meant.
    pub country: &'a str,
    /// The id of a contact that has to be made for it.
    pub contact_id: Id<()>,
    /// Whether an address that stood there stays as a further one.
    pub beside: bool,
}

/// The contact a card is about.
pub fn contact(client: &Client) -> Option<usize> {
    let primary = client.primary_contact.as_ref().and_then(|primary| primary._id);
    let chosen = client.contacts.iter().position(|contact| primary.is_some() && contact._id == primary);
    chosen.or_else(|| (!client.contacts.is_empty()).then_some(0))
}

/// What stands in a place.
pub fn text(client: &Client, card: &CustomerCard, place: Place) -> Option<String> {
    let contact = contact(client).map(|at| &client.contacts[at]);
    let name = contact.and_then(|contact| contact.name.as_ref());
    let address = client.address.as_ref();
    let business = client.business_details.as_ref();
    match place {
        Place::Salutation => name?.salutation.clone(),
        Place::Title => name?.title.clone(),
        Place::FirstName => name?.first_name.clone(),
        Place::LastName => name?.last_name.clone(),
        Place::Street => address?.address_details.clone(),
        Place::PostalCode => address?.postal_code.clone(),
        Place::City => address?.locality.clone(),
        Place::Country => address?.country.clone(),
        Place::BusinessWebsite => business?.website.clone(),
        Place::TaxId => business?.tax_id.clone(),
        Place::Phone | Place::MobilePhone => shown(&contact?.phones, card, place),
        Place::Email => shown(&contact?.emails, card, place),
        Place::BusinessPhone | Place::BusinessMobilePhone => shown(&business?.phones, card, place),
        Place::BusinessEmail => shown(&business?.emails, card, place),
    }
}

/// Puts a text in a place, or clears it.
pub fn set(client: &mut Client, card: &mut CustomerCard, place: Place, given: Option<&str>, setting: &Setting<'_>) {
    let given_text = given.map(str::to_owned);
    match place {
        Place::Salutation => name(client, setting).salutation = given_text,
        Place::Title => name(client, setting).title = given_text,
        Place::FirstName => named(name(client, setting), |name| name.first_name = given_text),
        Place::LastName => named(name(client, setting), |name| name.last_name = given_text),
        Place::Street => address(client).address_details = given_text,
        Place::PostalCode => address(client).postal_code = given_text,
        Place::City => address(client).locality = given_text,
        Place::Country => address(client).country = given_text,
        Place::BusinessWebsite => client.business_details.get_or_insert_default().website = given_text,
        Place::TaxId => client.business_details.get_or_insert_default().tax_id = given_text,
        Place::Phone | Place::MobilePhone => put(&mut person(client, setting).phones, card, place, given, setting),
        Place::Email => put(&mut person(client, setting).emails, card, place, given, setting),
        Place::BusinessPhone | Place::BusinessMobilePhone => {
            put(&mut client.business_details.get_or_insert_default().phones, card, place, given, setting);
        }
        Place::BusinessEmail => {
            put(&mut client.business_details.get_or_insert_default().emails, card, place, given, setting);
        }
    }
}

fn person<'a>(client: &'a mut Client, setting: &Setting<'_>) -> &'a mut Contact {
    let at = contact(client).unwrap_or_else(|| {
        client.contacts.push(Contact { _id: Some(setting.contact_id), ..Contact::default() });
        0
    });
    &mut client.contacts[at]
}

fn name<'a>(client: &'a mut Client, setting: &Setting<'_>) -> &'a mut PersonName {
    person(client, setting).name.get_or_insert_default()
}

/// Changes a part of a name, and with it the whole.
fn named(name: &mut PersonName, change: impl FnOnce(&mut PersonName)) {
    change(name);
    name.raw_name = None;
    name.raw_name = name.shown();
}

fn address(client: &mut Client) -> &mut Address {
    client.address.get_or_insert_default()
}

/// The places of a card that share a list of addresses, in the order they are filled from it.
fn sharing(place: Place) -> &'static [Place] {
    match place {
        Place::Phone | Place::MobilePhone => &[Place::Phone, Place::MobilePhone],
        Place::BusinessPhone | Place::BusinessMobilePhone => &[Place::BusinessPhone, Place::BusinessMobilePhone],
        Place::Email => &[Place::Email],
        _ => &[Place::BusinessEmail],
    }
}

fn key(place: Place) -> &'static str {
    match place {
        Place::Phone => "phone",
        Place::MobilePhone => "mobile_phone",
        Place::Email => "email",
        Place::BusinessPhone => "business_phone",
        Place::BusinessMobilePhone => "business_mobile_phone",
        _ => "business_email",
    }
}

/// Which of the addresses stands in a place: the one given for it, while the client has it still; else the first that is
/// in no other place.
fn stored<'a>(list: &'a [String], card: &CustomerCard, place: Place) -> Option<&'a String> {
    let given =
        |place: &Place| list.iter().find(|one| card.written.get(key(*place)).is_some_and(|w| w.stored == **one));
    if let Some(given) = given(&place) {
        return Some(given);
    }
    let places = sharing(place);
    let free = list.iter().filter(|one| places.iter().all(|place| given(place) != Some(*one)));
    let open = places.iter().filter(|place| given(place).is_none());
    open.zip(free).find(|(open, _)| **open == place).map(|(_, one)| one)
}

/// The address in a place, as it was written.
fn shown(list: &[String], card: &CustomerCard, place: Place) -> Option<String> {
    let stored = stored(list, card, place)?;
    let written = card.written.get(key(place)).filter(|written| written.stored == *stored);
    Some(written.map_or_else(|| stored.clone(), |written| written.text.clone()))
}

fn put(list: &mut Vec<String>, card: &mut CustomerCard, place: Place, given: Option<&str>, setting: &Setting<'_>) {
    let before = stored(list, card, place).cloned();
    card.written.remove(key(place));
    let after = given.map(|text| Written { text: text.to_owned(), stored: normal(place, text, setting.country) });
    let at = list.iter().position(|one| Some(one) == before.as_ref());
    let is_kept = |value: &String| {
        let elsewhere = |place: &Place| card.written.get(key(*place)).is_some_and(|written| written.stored == *value);
        setting.beside
            || after.as_ref().is_some_and(|after| after.stored == *value)
            || sharing(place).iter().any(elsewhere)
    };
    if let (Some(at), Some(before)) = (at, &before)
        && !is_kept(before)
    {
        list.remove(at);
    }
    if let Some(after) = after {
        if !list.contains(&after.stored) {
            let at = at.filter(|_| !setting.beside).unwrap_or(list.len()).min(list.len());
            list.insert(at, after.stored.clone());
        }
        card.written.insert(key(place).to_owned(), after);
    }
}

/// The one form an address is kept in; what is none is kept as it was written.
fn normal(place: Place, text: &str, country: &str) -> String {
    let normal = match place {
        Place::Email | Place::BusinessEmail => text.parse::<Email>().ok().map(|email| email.as_str().to_owned()),
        _ => Phone::parse(text, Some(country)).ok().map(|phone| phone.as_str().to_owned()),
    };
    normal.unwrap_or_else(|| text.to_owned())
}
