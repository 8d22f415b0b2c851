//! A small dealership in which every member has something to say.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::{Key, Paper, recompute};
use crate::{
    AftersaleLead, AppraisalLead, CalendarDate, Car, Client, ClientVehicle, Conference, Id, Instant, Kind, Offer,
    RepairOrder, SaleLead, Sms, WhatsappMessage,
};

/// Members that follow from resources there are none of: consents and phones; and the ids nobody gives.
const ABSENT: [&str; 9] = [
    "_id",
    "client_gdpr",
    "driver_gdpr",
    "gdpr",
    "owner_gdpr",
    "phone_customs",
    "phone_friendly_name",
    "primary_contact_gdpr",
    // Of an after-sale lead: it has no cars to buy. That a sale lead has it is said below.
    "total_price_of_lead",
];

fn id(number: u8) -> Id<()> {
    Id::from_bytes([number; 12])
}

fn paper(kind: &'static str, number: u8, doc: Value) -> Paper {
    let created_at: Instant = "2026-11-20T09:00:00Z".parse().unwrap();
    let created_at = created_at + std::time::Duration::from_secs(u64::from(number));
    Paper { kind, id: id(number), created_at, doc: doc.into(), extra: Value::Null.into(), computed: Value::Null.into() }
}

/// The papers, and their ids by number: client 1, sale lead 2, appraisal lead 3, after-sale lead 4, car 5, vehicle 6.
fn dealership() -> Vec<Paper> {
    let due = json!({"notify_at": "2026-12-01T09:00:00.000Z", "notify_to": ["u1"], "done": false});
    let lead = json!({
        "client_id": id(1), "location": "houston", "notification": due,
        "assigned": [{"to": "u1"}, {"to": "u2"}, {"to": "u1"}, {"to": "u3"}], "current_assigned": {"to": "u3"},
    });
    let with = |mut one: Value, more: Value| {
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let car = json!({
        "make": "Ford", "model": "F-150", "version": "XL", "year": 2020, "model_year": 2020, "month": 2, "images": ["a"],
        "ad_urls": ["https://ad"], "dealer_ad_url": "https://own", "body_style": "pickup", "category": "car", "doors": 4,
        "fuel": "diesel", "license_plate": "1111AAA", "mileage": 10, "power": 90, "seats": 5, "stock_number": "S1",
        "type": "used", "transmission": "manual", "vin": "V1", "custom": {"a": 1}, "location": "berlin",
        "status": {"status": "available"}, "prices": {"retail": {"current_price": {"price": 100.5}}},
        "declared_mileage_history": [{"date": "2025-01-01T00:00:00.000Z", "mileage": 1},
            {"date": "2026-01-01T00:00:00.000Z", "mileage": 10_001}],
    });
    let person = json!({
        "name": {"raw_name": "Ana"}, "phones": ["+1"], "emails": ["a@x.example"],
    });
    let client = json!({
        "address": {"country": "US"}, "contacts": [person], "primary_contact": person, "business_details": {"name": "B"},
        "contacts_phones": ["+1"], "contacts_emails": ["a@x.example"], "contacts_names": ["Ana"], "custom": "free",
    });
    let mut papers = vec![
        paper("clients", 1, client),
        paper("saleleads", 2, with(lead.clone(), json!({"car_list": [{"car_id": id(5), "car": {"quantity": 2}}]}))),
        paper("appraisalleads", 3, lead.clone()),
        paper("aftersaleleads", 4, with(lead, json!({"vehicle_id": id(6)}))),
        paper("cars", 5, car.clone()),
        paper("clientvehicles", 6, car),
        paper("repairorders", 7, json!({"car_info": {"vin": "V1"}, "type": "service", "location": "berlin"})),
        paper("users", 8, json!({"email": "u@x.example"})),
    ];
    for (number, kind) in [(20, "salelead"), (30, "appraisallead"), (40, "aftersalelead")] {
        let of_lead = json!({
            "lead_id": id(number / 10), "lead_type": kind, "client_id": id(1), "notification": due, "created_by": "u1",
            "content": "Text", "description": "Call", "start_date": "2026-12-02T09:00:00.000Z",
        });
        for (at, kind) in (0..).zip(["notes", "tasks", "dates", "offers"]) {
            papers.push(paper(kind, number + at, of_lead.clone()));
        }
    }
    let ends = [("inbound", "+1", "+2"), ("outbound", "+2", "+1")];
    for (at, (direction, from, to)) in (50_u8..).step_by(10).zip(ends) {
        let mail = |number: &str| if number == "+1" { "a@x.example" } else { "d@x.example" };
        let talk = json!({
            "direction": direction, "from": from, "to": to, "client_number": "+1", "notification": due, "users": [id(8)],
            "user_id": "u1",
            "participants": [{"user_id": "u1", "entered_at": "2026-11-20T09:00:00.000Z", "platform_name": "web",
                "platform_version": "1"}],
            "duration": 60, "note": "Busy", "session_id": "s", "client_info": {"client_id": id(1)},
        });
        for (next, kind) in (at..).zip(["conferences", "sms", "whatsappsessions", "chatsessions", "whatsappmessages"]) {
            papers.push(paper(kind, next, talk.clone()));
        }
        let mail = json!({"from": mail(from), "to": [mail(to)], "read_at": "2026-11-20T10:00:00.000Z"});
        papers.push(paper("emails", at + 5, with(talk, mail)));
    }
    papers
}

/// Every member of the kind's computed part is given, by somebody, and is of the type it is declared with.
fn is_whole<K: Kind>(computed: &BTreeMap<Key, Value>) {
    let kind = K::SPEC.name;
    let parts: Vec<&Value> = computed.iter().filter(|((of, _), _)| *of == kind).map(|(_, part)| part).collect();
    for part in &parts {
        let typed: K::Computed = serde_json::from_value((*part).clone()).unwrap();
        let again = serde_json::to_value(typed).unwrap();
        for (name, value) in part.as_object().unwrap() {
            assert_eq!(again.get(name), Some(value), "{name} of {kind}");
        }
    }
    let schema = (K::SPEC.types.computed)(&mut SchemaGenerator::default());
    for name in schema.as_value()["properties"].as_object().unwrap().keys() {
        let is_given = parts.iter().any(|part| !part[name].is_null());
        assert!(is_given || ABSENT.contains(&name.as_str()), "nobody says {name} of {kind}");
    }
}

#[test]
fn every_declared_member_is_computed() {
    let computed = recompute(&dealership()).unwrap();
    is_whole::<Client>(&computed);
    is_whole::<SaleLead>(&computed);
    is_whole::<AppraisalLead>(&computed);
    is_whole::<AftersaleLead>(&computed);
    is_whole::<Car>(&computed);
    is_whole::<ClientVehicle>(&computed);
    is_whole::<RepairOrder>(&computed);
    is_whole::<Conference>(&computed);
    is_whole::<Sms>(&computed);
    is_whole::<WhatsappMessage>(&computed);
    is_whole::<CalendarDate>(&computed);
    is_whole::<Offer>(&computed);
    let lead = &computed[&("saleleads", id(2))];
    assert_eq!(lead["total_price_of_lead"], json!(201));
    assert_eq!(lead["previous_assigned_to"], json!(["u1", "u2"]));
    let client = &computed[&("clients", id(1))];
    assert_eq!(client["client_number_of_communications"], 10);
    assert_eq!(client["client_number_of_inbound_communications"], 5);
    assert_eq!(client["client_number_of_leads"], 3);
}
