//! Every kind that is declared can be stored, read, changed and taken away, whatever its trees are like.

use forecourt_record::{
    AftersaleLead, ApiKey, AppraisalLead, CalendarDate, CallAgent, Car, ChatMessage, ChatProvider, ChatSession, Client,
    ClientContact, ClientVehicle, Conference, Dealer, DiallerType, Document, EmailMessage, Enrolment, Export, Import,
    KINDS, Kind, LeadImportTask, Location, Note, NumberPool, Offer, RepairOrder, SaleLead, Schedule, ScheduleVersion,
    ScheduledCallback, ScorecardVersion, Sms, Task, User, WhatsappMessage, WhatsappSession,
};
use serde_json::{Value, json};

use crate::support::*;

both!(every_kind_is_stored_and_read);

async fn every_kind_is_stored_and_read(bench: Bench) {
    let mut kinds = vec![
        check::<Dealer>(&bench, json!({"name": "Altum", "time_zone": "America/Chicago", "country": "US", "currency": "USD", "language": "en"}), json!(null)).await,
        check::<Location>(&bench, json!({"code": "houston", "name": "Houston", "country": "US", "calendar": {"zone": "America/Chicago"}}), json!({"number": 1})).await,
        check::<User>(&bench, json!({"email": "ana@example.com", "name": "Ana", "role": "sales", "active": true}), json!({"number": 1, "password_hash": "x"})).await,
        check::<ApiKey>(&bench, json!({"name": "web", "prefix": "fk_1", "rights": ["lead:read"]}), json!({"last_used_at": NOW})).await,
        check::<ScorecardVersion>(&bench, json!(forecourt_record::scoring::Scorecard::default()), json!(null)).await,
        check::<Client>(&bench, json!({"contacts_names": ["Ana"], "custom": {"dealer_id": "kept"}}), json!({"sort_name": "ana"})).await,
        check::<SaleLead>(&bench, json!({"inquiry": "Hello", "status": {"status": "new", "assigned_at": NOW}}), json!({"number": 1, "day": "2026-11-21"})).await,
        check::<Car>(&bench, json!({"make": "Škoda", "model": "Octavia", "year": 2024}), json!({"number": 1})).await,
        check::<WhatsappSession>(&bench, json!({"client_number": "+17135550100", "last_message_date": NOW}), json!({})).await,
        check::<WhatsappMessage>(&bench, json!({"body": "Hi", "made_at": NOW, "delivery_status": "sent"}), json!({})).await,
        check::<Note>(&bench, json!({"content": "Called"}), json!(null)).await,
        check::<Task>(&bench, json!({"description": "Call", "notification": {"done": false, "notify_at": NOW}}), json!(null)).await,
        check::<EmailMessage>(&bench, json!({"from": "ana@example.com", "to": ["sales@example.com"], "made_at": NOW}), json!({"message_id": "<1@example.com>"})).await,
        check::<AftersaleLead>(&bench, example("aftersaleleads"), json!(null)).await,
        check::<AppraisalLead>(&bench, example("appraisalleads"), json!(null)).await,
        check::<ChatMessage>(&bench, example("chatmessages"), json!({})).await,
        check::<ChatProvider>(&bench, example("chatproviders"), json!(null)).await,
        check::<ChatSession>(&bench, example("chatsessions"), json!(null)).await,
        check::<ClientVehicle>(&bench, example("clientvehicles"), json!(null)).await,
        check::<Conference>(&bench, example("conferences"), json!({})).await,
        check::<ClientContact>(&bench, example("contacts"), json!(null)).await,
        check::<CalendarDate>(&bench, example("dates"), json!(null)).await,
        check::<LeadImportTask>(&bench, example("leadimporttasks"), json!(null)).await,
        check::<Offer>(&bench, example("offers"), json!(null)).await,
        check::<RepairOrder>(&bench, example("repairorders"), json!(null)).await,
        check::<Sms>(&bench, example("sms"), json!({})).await,
        check::<Export>(&bench, json!({"collection": "saleleads", "owner": "system", "status": "running", "done": 1}), json!(null)).await,
        check::<Import>(&bench, json!({"file": "leads.csv", "fingerprint": "f", "status": "success", "rows": 2}), json!(null)).await,
        check::<Schedule>(&bench, json!({"name": "welcome", "active": true, "version": 1}), json!({"number": 1})).await,
        check::<ScheduleVersion>(&bench, json!({"schedule_id": id::<Schedule>(), "version": 1, "definition": {"actions": [{"do": "dial"}]}}), json!(null)).await,
        check::<DiallerType>(&bench, json!({"name": "finance", "schedule": "welcome", "call_group": "sales", "origin": "partner", "active": true}), json!(null)).await,
        check::<Enrolment>(&bench, enrolment(), json!({"number": 1})).await,
        check::<CallAgent>(&bench, json!({"user_id": id::<User>(), "state": "ready", "since": NOW}), json!(null)).await,
        check::<ScheduledCallback>(&bench, json!({"enrolment_id": id::<Enrolment>(), "lead_id": id::<SaleLead>(), "due_at": NOW, "status": "pending"}), json!({"number": 1})).await,
        check::<NumberPool>(&bench, json!({"name": "houston", "pool": {"channels": ["sms"], "schedules": ["welcome"], "numbers": [{"number": "+17135550100"}]}}), json!({})).await,
    ];
    let mut declared: Vec<_> = KINDS.iter().map(|spec| spec.name).collect();
    kinds.sort_unstable();
    declared.sort_unstable();
    assert_eq!(kinds, declared, "every kind is tried");
}

/// Somebody who is on a schedule, with tokens and a reason to wait.
fn enrolment() -> Value {
    json!({
        "schedule_id": id::<Schedule>(), "version": 1, "lead_id": id::<SaleLead>(), "status": "waiting", "position": 2,
        "begun_at": NOW, "next_action_at": NOW, "caller_id": "+17135550100", "tokens": {"make": "Škoda"},
        "standstill": {"rule": "wait", "reason": "the schedule waits", "since": NOW},
    })
}

/// The documented example of a published kind, with every member it can have.
fn example(kind: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../record/src/kinds/published");
    serde_json::from_str(&std::fs::read_to_string(format!("{folder}/{kind}.json")).unwrap()).unwrap()
}

async fn check<K: Kind>(bench: &Bench, doc: Value, extra: Value) -> &'static str {
    let computed = doc.get("computed").map(|computed| serde_json::from_value(computed.clone()).unwrap());
    let doc: K = serde_json::from_value(doc).unwrap();
    let extra: K::Extra = serde_json::from_value(extra).unwrap();
    let mut document = Document::<K>::new(id(), NOW, doc, extra);
    document.computed = computed.unwrap_or_default();
    let trees = |document: &Document<K>| json!([document.doc, document.extra, document.computed]);
    bench.insert(&document).await.unwrap();
    let stored = bench.get(document.id).await.unwrap();
    assert_eq!(trees(&stored), trees(&document), "{}", K::SPEC.name);
    let changed = bench.change(document.id, |_| ()).await.unwrap();
    assert_eq!((changed.version, trees(&changed)), (1, trees(&document)), "{}", K::SPEC.name);
    bench.delete(document.id).await.unwrap();
    assert!(bench.get(document.id).await.is_none());
    K::SPEC.name
}
