//! What a feed sends: JSON with a lead, its client, its vehicle and its origin, or ADF.
//!
//! Feeds differ, so members are looked for where people put them; what is not understood is said in a warning, and the
//! payload itself is kept with the task.

use std::collections::BTreeSet;

use forecourt_connect::adf::{self, Prospect, Vehicle};
use forecourt_record::{Error, Origin, PersonName, Provider, Result, WantedCar};
use serde::Deserialize;
use serde_json::{Map, Number, Value};

use crate::intake::{Brought, NewLead};

/// What a payload holds.
#[derive(Clone, Debug, Default)]
pub struct Payload {
    pub leads: Vec<NewLead>,
    /// Sentences that name members and hold nothing personal.
    pub warnings: Vec<String>,
}

/// Reads a payload: an object, or its text; `{"adf": "<xml>"}`, or the XML itself.
///
/// Errors: `Invalid` at `json_payload` or `adf`, saying why nothing can be made of it.
pub fn read(payload: &Value) -> Result<Payload> {
    let invalid = |detail: &str| Error::field("json_payload", "bad_format", detail);
    match payload {
        Value::String(text) if text.trim_start().starts_with('<') => from_adf(text),
        Value::String(text) => {
            let value = serde_json::from_str(text).map_err(|_| invalid("This is neither JSON nor ADF."))?;
            // A text inside a text is nobody's payload.
            if matches!(value, Value::String(_)) { Err(invalid("Expected an object.")) } else { read(&value) }
        }
        Value::Object(members) => match members.get("adf") {
            Some(Value::String(text)) => from_adf(text),
            Some(_) => Err(Error::field("adf", "wrong_type", "Expected the XML as a text.")),
            None => Ok(from_json(members)),
        },
        _ => Err(invalid("Expected an object.")),
    }
}

/// The members of an object, and which of them have been looked at.
struct Members<'a> {
    name: &'static str,
    all: &'a Map<String, Value>,
    seen: BTreeSet<&'a str>,
}

impl<'a> Members<'a> {
    fn new(name: &'static str, all: &'a Map<String, Value>) -> Self {
        Self { name, all, seen: BTreeSet::new() }
    }

    /// The first of these members that is there.
    fn any(&mut self, names: &[&str]) -> Option<&'a Value> {
        let found = names.iter().find_map(|name| self.all.get_key_value(*name))?;
        self.seen.insert(found.0);
        Some(found.1).filter(|value| !value.is_null())
    }

    fn text(&mut self, names: &[&str]) -> Option<String> {
        text(self.any(names)?)
    }

    fn number(&mut self, names: &[&str]) -> Option<Number> {
        match self.any(names)? {
            Value::Number(number) => Some(number.clone()),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    fn object(&mut self, names: &[&str]) -> Option<&'a Map<String, Value>> {
        self.any(names)?.as_object()
    }

    /// The first value of a list, or the value itself.
    fn first(&mut self, names: &[&str]) -> Option<&'a Value> {
        match self.any(names)? {
            Value::Array(items) => items.first(),
            other => Some(other),
        }
    }

    /// Says what nobody looked at.
    fn rest(&self, warnings: &mut Vec<String>) {
        for name in self.all.keys().filter(|name| !self.seen.contains(name.as_str())) {
            let shown: String = name.chars().take(40).collect();
            warnings.push(format!("{}{shown} was not understood and is kept with the task only.", self.name));
        }
    }
}

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn read_as<T: for<'de> Deserialize<'de>>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

fn from_json(members: &Map<String, Value>) -> Payload {
    let mut warnings = Vec::new();
    let mut outer = Members::new("", members);
    // The lead's own members stand in a member of their own, or at the top.
    let inner = outer.object(&["lead", "salelead", "sale_lead"]);
    let mut new = NewLead::default();
    let mut car = outer.first(&["vehicle", "car"]);
    if let Some(inner) = inner {
        let mut lead = Members::new("lead.", inner);
        of_lead(&mut lead, &mut new);
        car = car.or_else(|| lead.first(&["vehicle", "car", "car_list"]));
        lead.rest(&mut warnings);
    }
    of_lead(&mut outer, &mut new);
    car = car.or_else(|| outer.first(&["car_list"]));
    if let Some(client) = outer.object(&["client", "contact", "customer"]) {
        let mut client = Members::new("client.", client);
        of_person(&mut client, &mut new);
        client.rest(&mut warnings);
    }
    of_person(&mut outer, &mut new);
    if let Some(Value::Object(entry)) = car {
        let car = entry.get("car").and_then(Value::as_object).unwrap_or(entry);
        let mut car = Members::new("vehicle.", car);
        new.brought.car = of_car(&mut car);
        car.rest(&mut warnings);
    }
    outer.rest(&mut warnings);
    Payload { leads: vec![new], warnings }
}

fn of_lead(lead: &mut Members<'_>, new: &mut NewLead) {
    let keep = |known: &mut Option<String>, found: Option<String>| *known = known.take().or(found);
    keep(&mut new.inquiry, lead.text(&["inquiry", "message", "comments"]));
    keep(&mut new.location, lead.text(&["location"]));
    keep(&mut new.notes, lead.text(&["notes", "note"]));
    keep(&mut new.language, lead.text(&["language"]));
    keep(&mut new.source, lead.text(&["source"]));
    let brought = &mut new.brought;
    keep(&mut brought.email_id, lead.text(&["email_id"]));
    keep(&mut brought.imported_from, lead.text(&["imported_from"]));
    match lead.any(&["origin"]) {
        Some(Value::String(source)) => keep(&mut new.source, Some(source.clone())),
        Some(origin) => {
            let origin: Origin = read_as(origin).unwrap_or_default();
            keep(&mut new.source, origin.source.clone());
            brought.origin = Some(origin);
        }
        None => {}
    }
    if let Some(provider) = lead.any(&["provider"]).and_then(read_as::<Provider>) {
        brought.provider = Some(provider);
    }
    if let Some(Value::Array(ids)) = lead.any(&["foreign_ids"]) {
        brought.foreign_ids.extend(ids.iter().filter_map(text));
    }
    brought.foreign_ids.extend(lead.text(&["foreign_id", "external_id"]));
}

fn of_person(person: &mut Members<'_>, new: &mut NewLead) {
    // A client as it is published has its people in a list.
    if let Some(Value::Object(contact)) = person.first(&["contacts"]) {
        of_person(&mut Members::new("", contact), new);
    }
    let name = match person.any(&["name", "full_name"]) {
        Some(name @ Value::Object(_)) => read_as::<PersonName>(name).and_then(|name| name.shown()),
        Some(name) => text(name),
        None => None,
    };
    let parts: Vec<String> =
        [person.text(&["first_name"]), person.text(&["last_name", "surname"])].into_iter().flatten().collect();
    let name = name.or_else(|| (!parts.is_empty()).then(|| parts.join(" ")));
    new.name = new.name.take().or(name);
    let phone = person.first(&["phone", "phones", "mobile"]).and_then(text);
    new.phone = new.phone.take().or(phone);
    let email = person.first(&["email", "emails"]).and_then(text);
    new.email = new.email.take().or(email);
}

fn of_car(car: &mut Members<'_>) -> Option<WantedCar> {
    let wanted = WantedCar {
        stock_number: car.text(&["stock_number", "stock", "vehicle_id"]),
        vin: car.text(&["vin"]),
        make: car.text(&["make"]),
        model: car.text(&["model"]),
        version: car.text(&["version", "trim"]),
        year: car.number(&["year", "model_year"]).and_then(|year| year.as_i64()),
        license_plate: car.text(&["license_plate", "plate"]),
        mileage: car.number(&["mileage", "kilometers"]),
        price: car.number(&["price"]),
        fuel: car.text(&["fuel"]),
        transmission: car.text(&["transmission"]),
        color: car.text(&["color"]),
        ..WantedCar::default()
    };
    Some(wanted).filter(|wanted| *wanted != WantedCar::default())
}

fn from_adf(xml: &str) -> Result<Payload> {
    let reading = adf::read(xml)?;
    Ok(Payload { leads: reading.prospects.into_iter().map(of_prospect).collect(), warnings: reading.warnings })
}

fn of_prospect(prospect: Prospect) -> NewLead {
    let (own, wanted): (Vec<Vehicle>, Vec<Vehicle>) = prospect.vehicles.iter().cloned().partition(Vehicle::is_trade_in);
    let customer = prospect.customer;
    // What has no member of its own is for the person who reads the lead.
    let mut notes: Vec<String> =
        own.iter().map(|vehicle| format!("Offers in part exchange: {}.", said(vehicle))).collect();
    notes.extend(wanted.iter().skip(1).map(|vehicle| format!("Also asks for: {}.", said(vehicle))));
    notes.extend(customer.timeframe.map(|when| format!("When: {when}.")));
    let comments = wanted.iter().filter_map(|vehicle| vehicle.comments.clone());
    let inquiry: Vec<String> = customer.comments.into_iter().chain(comments).collect();
    let source = prospect.provider.name.clone().or_else(|| prospect.ids.iter().find_map(|(source, _)| source.clone()));
    let id = |(source, id): (Option<String>, String)| source.map_or(id.clone(), |source| format!("{source}:{id}"));
    NewLead {
        name: customer.person.name,
        phone: customer.person.phones.into_iter().next(),
        email: customer.person.emails.into_iter().next(),
        source,
        inquiry: (!inquiry.is_empty()).then(|| inquiry.join("\n\n")),
        notes: (!notes.is_empty()).then(|| notes.join("\n")),
        brought: Brought {
            car: wanted.first().map(wanted_car),
            provider: prospect.provider.name.map(|name| Provider {
                name: Some(name),
                from: prospect.provider.email,
                subject: prospect.provider.service,
                ..Provider::default()
            }),
            imported_from: Some("adf".to_owned()),
            foreign_ids: prospect.ids.into_iter().map(id).collect(),
            ..Brought::default()
        },
        ..NewLead::default()
    }
}

fn wanted_car(vehicle: &Vehicle) -> WantedCar {
    WantedCar {
        stock_number: vehicle.stock.clone(),
        vin: vehicle.vin.clone(),
        make: vehicle.make.clone(),
        model: vehicle.model.clone(),
        version: vehicle.trim.clone(),
        year: vehicle.year,
        mileage: vehicle.odometer_km.map(Number::from),
        doors: vehicle.doors,
        body_style: vehicle.body_style.clone(),
        transmission: vehicle.transmission.clone(),
        color: vehicle.color.clone(),
        price: vehicle.price.as_deref().and_then(|price| price.parse().ok()),
        ..WantedCar::default()
    }
}

/// A vehicle in a few words.
fn said(vehicle: &Vehicle) -> String {
    let year = vehicle.year.map(|year| year.to_string());
    let km = vehicle.odometer_km.map(|km| format!("{km} km"));
    let parts = [year, vehicle.make.clone(), vehicle.model.clone(), vehicle.trim.clone(), km, vehicle.vin.clone()];
    let said = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if said.is_empty() { "a car that is not described".to_owned() } else { said }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_lead_is_understood_wherever_its_members_stand() {
        let flat = json!({"name": "Ana Ruiz", "phone": "713 555 0100", "inquiry": "Still there?", "source": "portal",
            "vehicle": {"make": "Ford", "model": "Focus", "year": 2021}});
        let nested = json!({
            "lead": {"inquiry": "Still there?", "origin": {"source": "portal"},
                "car_list": [{"car": {"make": "Ford", "model": "Focus", "year": 2021}}]},
            "client": {"contacts": [{"name": {"first_name": "Ana", "last_name": "Ruiz"}, "phones": ["713 555 0100"]}]},
        });
        for payload in [flat.clone(), nested, Value::String(flat.to_string())] {
            let Payload { leads, warnings } = read(&payload).unwrap();
            assert_eq!(warnings, Vec::<String>::new(), "{payload}");
            let [lead] = leads.as_slice() else { panic!("one lead") };
            assert_eq!(lead.name.as_deref(), Some("Ana Ruiz"), "{payload}");
            assert_eq!(lead.phone.as_deref(), Some("713 555 0100"), "{payload}");
            assert_eq!((lead.inquiry.as_deref(), lead.source.as_deref()), (Some("Still there?"), Some("portal")));
            let car = lead.brought.car.as_ref().unwrap();
            assert_eq!((car.make.as_deref(), car.year), (Some("Ford"), Some(2021)), "{payload}");
        }
    }

    #[test]
    fn what_is_not_understood_is_said() {
        let payload = json!({"shoe_size": 43, "client": {"name": "Ana", "phone": 17_135_550_100_i64, "pets": []}});
        let Payload { leads, warnings } = read(&payload).unwrap();
        assert_eq!(leads[0].phone.as_deref(), Some("17135550100"));
        let end = "was not understood and is kept with the task only.";
        assert_eq!(warnings, [format!("client.pets {end}"), format!("shoe_size {end}")]);
    }

    #[test]
    fn adf_is_taken_in_every_wrapping() {
        let xml = "<adf><prospect><id source=\"P\">7</id><requestdate>2026-11-21</requestdate>\
            <vehicle><make>Ford</make><model>Focus</model></vehicle>\
            <vehicle interest=\"trade-in\"><year>2015</year><make>Seat</make></vehicle>\
            <customer><contact><name part=\"full\">Ana</name><phone>713 555 0100</phone></contact></customer>\
            <provider><name>Portal</name></provider></prospect></adf>";
        for payload in [json!(xml), json!({"adf": xml}), json!(json!({"adf": xml}).to_string())] {
            let Payload { leads, warnings } = read(&payload).unwrap();
            assert_eq!(warnings, Vec::<String>::new());
            let lead = &leads[0];
            assert_eq!((lead.name.as_deref(), lead.source.as_deref()), (Some("Ana"), Some("Portal")));
            assert_eq!(lead.notes.as_deref(), Some("Offers in part exchange: 2015 Seat."));
            assert_eq!(lead.brought.foreign_ids, ["P:7"]);
        }
    }

    #[test]
    fn what_is_no_payload_is_refused() {
        for payload in [
            json!(null),
            json!(1),
            json!([]),
            json!(""),
            json!("Hello"),
            json!("\"a\""),
            json!({"adf": 1}),
            json!("<a/>"),
        ] {
            assert!(read(&payload).is_err(), "{payload}");
        }
    }
}
