//! The published kinds against the documented example of each, and what their shapes refuse.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::*;
use crate::spec::{Part, Target, values_at};

/// The members that every document has beside its own.
const ENVELOPE: [&str; 6] = ["_id", "dealer_id", "created_at", "updated_at", "computed", "__v"];

macro_rules! examples {
    ($check:ident: $($kind:ident $file:literal,)*) => {
        let checked = [$($check::<$kind>($file, include_str!(concat!("published/", $file, ".json"))),)*];
        let published: Vec<_> = WALCU_KINDS.iter().map(|spec| spec.name).collect();
        assert_eq!(checked.to_vec(), published, "every published kind has its example");
    };
}

/// Runs a check on the example of every published kind.
macro_rules! each_example {
    ($check:ident) => {
        examples! { $check:
            AftersaleLead "aftersaleleads",
            AppraisalLead "appraisalleads",
            Car "cars",
            ChatMessage "chatmessages",
            ChatProvider "chatproviders",
            ChatSession "chatsessions",
            Client "clients",
            ClientVehicle "clientvehicles",
            Conference "conferences",
            ClientContact "contacts",
            CalendarDate "dates",
            LeadImportTask "leadimporttasks",
            Note "notes",
            Offer "offers",
            RepairOrder "repairorders",
            SaleLead "saleleads",
            Sms "sms",
            Task "tasks",
            WhatsappMessage "whatsappmessages",
            WhatsappSession "whatsappsessions",
        }
    };
}

#[test]
fn every_member_of_every_example_is_kept() {
    fn check<K: Kind>(name: &'static str, example: &str) -> &'static str {
        let example: Value = serde_json::from_str(example).unwrap();
        assert_eq!(K::SPEC.published().check(&example), [], "{name}");
        let written = as_written(&example);
        let mut own: Map<String, Value> = written.as_object().unwrap().clone();
        own.retain(|member, _| !ENVELOPE.contains(&member.as_str()));
        // The envelope is none of the kind's own members, but does not disturb either.
        let kept = (K::SPEC.types.canonical)(example.clone()).unwrap();
        assert_eq!(kept, Value::Object(own), "{name}");
        let computed: K::Computed = serde_json::from_value(example["computed"].clone()).unwrap();
        assert_eq!(serde_json::to_value(computed).unwrap(), written["computed"], "{name}");
        name
    }
    each_example!(check);
}

#[test]
fn no_kind_has_a_member_that_its_example_lacks() {
    fn check<K: Kind>(name: &'static str, example: &str) -> &'static str {
        let (mut documented, mut declared) = (BTreeSet::new(), BTreeSet::new());
        documented_members(&serde_json::from_str(example).unwrap(), "", &mut documented);
        let schema = K::SPEC.published().schema();
        declared_members(schema, schema, "", &mut declared);
        assert_eq!(declared, documented, "{name}");
        name
    }
    each_example!(check);
}

/// The example as it is written: dates are instants, what is null is left out, and so is the inside of a free object.
fn as_written(value: &Value) -> Value {
    match value {
        Value::String(text) if text == "2025-08-08" => json!("2025-08-08T00:00:00.000Z"),
        Value::Array(items) => items.iter().map(as_written).collect(),
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, member)| !member.is_null());
            Value::Object(kept.map(|(name, member)| (name.clone(), as_written(member))).collect())
        }
        other => other.clone(),
    }
}

fn documented_members(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| documented_members(item, path, found)),
        Value::Object(members) => {
            // What may be called anything has no members of its own.
            for (name, member) in members.iter().filter(|(name, _)| *name != "additionalProp1") {
                let path = format!("{path}/{name}");
                documented_members(member, &path, found);
                found.insert(path);
            }
        }
        _ => {}
    }
}

fn declared_members(schema: &Value, whole: &Value, path: &str, found: &mut BTreeSet<String>) {
    let Some(schema) = schema.as_object() else { return };
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            ("$ref", Value::String(name)) => {
                declared_members(whole.pointer(name.trim_start_matches('#')).unwrap(), whole, path, found);
            }
            ("items", items) => declared_members(items, whole, path, found),
            ("anyOf", Value::Array(ways)) => ways.iter().for_each(|way| declared_members(way, whole, path, found)),
            ("properties", Value::Object(members)) => {
                for (name, member) in members {
                    let path = format!("{path}/{name}");
                    declared_members(member, whole, &path, found);
                    found.insert(path);
                }
            }
            _ => {}
        }
    }
}

#[track_caller]
fn refuse(spec: &KindSpec, doc: &Value, pointer: &str, detail: &str) {
    let errors = spec.published().check(doc);
    let said: Vec<_> = errors.iter().map(|error| (error.pointer.as_str(), error.detail.as_str())).collect();
    assert_eq!(said, [(pointer, detail)], "{} {doc}", spec.name);
}

#[test]
fn what_does_not_belong_is_refused_with_the_nearest_name() {
    for (spec, doc, pointer, detail) in [
        (
            SaleLead::SPEC,
            json!({"inquirry": "x"}),
            "/inquirry",
            r#"Unknown member "inquirry". Did you mean "inquiry"?"#,
        ),
        (
            SaleLead::SPEC,
            json!({"car_list": [{"car": {"vinn": "x"}}]}),
            "/car_list/0/car/vinn",
            r#"Unknown member "vinn". Did you mean "vin"?"#,
        ),
        (
            Client::SPEC,
            json!({"contacts": [{"name": {"firstname": "Ana"}}]}),
            "/contacts/0/name/firstname",
            r#"Unknown member "firstname". Did you mean "first_name"?"#,
        ),
        (AftersaleLead::SPEC, json!({"car_list": []}), "/car_list", r#"Unknown member "car_list"."#),
        (
            Conference::SPEC,
            json!({"sip_response_code": 480}),
            "/sip_response_code",
            r#"Unknown member "sip_response_code". Did you mean "sipResponseCode"?"#,
        ),
        (Car::SPEC, json!({"year": "2024"}), "/year", "Expected an integer, not a string."),
        (Sms::SPEC, json!({"custom": [1]}), "/custom", "Expected a string or an object, not an array."),
        (
            LeadImportTask::SPEC,
            json!({"json_payload": 1}),
            "/json_payload",
            "Expected a string or an object, not a number.",
        ),
        (Offer::SPEC, json!({"replacement_ids": "x"}), "/replacement_ids", "Expected an object, not a string."),
        (Task::SPEC, json!({"lead_id": "L-1042"}), "/lead_id", "Expected 24 lowercase hex digits."),
    ] {
        refuse(spec, &doc, pointer, detail);
    }
}

#[test]
fn a_closed_list_says_what_it_holds() {
    for (spec, doc, pointer, words) in [
        (ClientContact::SPEC, json!({"name": {"gender": "x"}}), "/name/gender", "male, female, other"),
        (Sms::SPEC, json!({"direction": "x"}), "/direction", "inbound, outbound"),
        (
            ChatMessage::SPEC,
            json!({"delivery_status": "x"}),
            "/delivery_status",
            "accepted, queued, sending, sent, delivered, read, undelivered, failed",
        ),
        (Note::SPEC, json!({"lead_type": "x"}), "/lead_type", "salelead, appraisallead, aftersalelead"),
        (
            Conference::SPEC,
            json!({"status": "x"}),
            "/status",
            "queued, ringing, in-progress, completed, busy, no-answer, failed, canceled, voicemail",
        ),
        (Conference::SPEC, json!({"call_type": "x"}), "/call_type", "walcu_phone, gsm, external"),
        (
            ChatProvider::SPEC,
            json!({"client_chat_participant_type": "x"}),
            "/client_chat_participant_type",
            "email, phone, user, client",
        ),
        (Car::SPEC, json!({"type": "x"}), "/type", "new, used, km0, demo, renting, classic"),
        (
            AppraisalLead::SPEC,
            json!({"car": {"category": "x"}}),
            "/car/category",
            "car, van, truck, motorbike, motorhome, boat, other",
        ),
        (Offer::SPEC, json!({"status": "x"}), "/status", "draft, sent, viewed, signed, rejected, expired"),
        (
            Offer::SPEC,
            json!({"options": {"signature_provider": "x"}}),
            "/options/signature_provider",
            "signaturit, none",
        ),
        (SaleLead::SPEC, json!({"finance": {"period_unit": "x"}}), "/finance/period_unit", "week, month, year"),
        (LeadImportTask::SPEC, json!({"status": "x"}), "/status", "pending, running, success, warning, error"),
        (LeadImportTask::SPEC, json!({"callback": {"method": "GET"}}), "/callback/method", "POST, PUT"),
    ] {
        refuse(spec, &doc, pointer, &format!("Must be one of {words}."));
    }
}

#[test]
fn what_is_stored_is_canonical() {
    for (spec, given, kept) in [
        (
            CalendarDate::SPEC,
            json!({"start_date": "2026-11-21T09:30:00+01:00", "end_date": "2026-11-21"}),
            json!({"start_date": "2026-11-21T08:30:00.000Z", "end_date": "2026-11-21T00:00:00.000Z"}),
        ),
        (SaleLead::SPEC, json!({"inquiry": null, "links": [], "origin": {}}), json!({"origin": {}})),
        (
            Sms::SPEC,
            json!({"cost": 0.05, "custom": {"any": [1, null]}}),
            json!({"cost": 0.05, "custom": {"any": [1, null]}}),
        ),
        (Conference::SPEC, json!({"duration": 61, "cost": 61.0}), json!({"duration": 61, "cost": 61.0})),
        (Client::SPEC, json!({"custom": "a text"}), json!({"custom": "a text"})),
        (LeadImportTask::SPEC, json!({"json_payload": {"adf": "<xml/>"}}), json!({"json_payload": {"adf": "<xml/>"}})),
    ] {
        assert_eq!(spec.published().check(&given), [], "{given}");
        assert_eq!((spec.types.canonical)(given).unwrap(), kept);
    }
}

#[test]
fn what_a_kind_declares_is_there() {
    fn declares(spec: &KindSpec, part: Part, path: &str) -> bool {
        // Of what only we know there is no schema.
        if part == Part::Extra {
            return true;
        }
        let mut members = BTreeSet::new();
        let schema = spec.published().schema();
        declared_members(schema, schema, "", &mut members);
        let root = if part == Part::Computed { "/computed" } else { "" };
        members.contains(&format!("{root}/{}", path.replace('.', "/")))
    }
    let names: BTreeSet<_> = KINDS.iter().map(|spec| spec.name).collect();
    assert_eq!(names.len(), KINDS.len(), "each kind once");
    for spec in KINDS.iter().filter(|spec| WALCU_KINDS.iter().any(|one| one.name == spec.name)) {
        let hot = spec.hot.iter().map(|hot| (hot.part, hot.path));
        let references = spec.references.iter().map(|reference| (reference.part, reference.path));
        let multi = spec.multi.iter().map(|multi| (multi.part, multi.path));
        for (part, path) in hot.chain(references).chain(multi).chain(spec.text.iter().copied()) {
            assert!(declares(spec, part, path), "{} has no {path}", spec.name);
        }
        for reference in spec.references {
            assert!(!matches!(reference.target, Target::Kind(kind) if !names.contains(kind)), "{reference:?}");
        }
        for column in spec.tallies.iter().flat_map(|tally| tally.by).chain(spec.measures) {
            assert!(spec.hot(column).is_some(), "{} has no column {column}", spec.name);
        }
        assert!(spec.tallies.iter().any(|tally| tally.by.is_empty()), "{} has an exact total", spec.name);
    }
}

#[test]
fn a_path_leads_through_arrays() {
    let doc = json!({"a": [{"b": ["1", "2"]}, {"b": "3"}, {"c": "4"}], "d": {"e": "5"}, "f": ["6", "6"]});
    for (path, expected) in [
        ("a.b", vec!["1", "2", "3"]),
        ("a.1.b", vec!["3"]),
        ("a.x", vec![]),
        ("d.e", vec!["5"]),
        ("d.e.x", vec![]),
        ("f", vec!["6", "6"]),
    ] {
        let found: Vec<_> = values_at(&doc, path).into_iter().filter_map(Value::as_str).collect();
        assert_eq!(found, expected, "{path}");
    }
    assert_eq!(crate::spec::multi("f", Part::Doc, "f").values(&doc), ["6"]);
    let reference = crate::spec::belongs_to_lead();
    for (doc, expected) in [
        (json!({"lead_id": "x"}), vec![("saleleads", "x")]),
        (json!({"lead_id": "x", "lead_type": "aftersalelead"}), vec![("aftersaleleads", "x")]),
        (json!({"lead_type": "aftersalelead"}), vec![]),
    ] {
        assert_eq!(reference.named(&doc), expected);
    }
}
