//! Every kind that is declared can be stored, read, changed and taken away, whatever its trees are like.

use forecourt_record::{
    ApiKey, Car, Client, Dealer, Document, KINDS, Kind, Location, Note, SaleLead, ScorecardVersion, Task, User,
    WhatsappMessage, WhatsappSession,
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
    ];
    let mut declared: Vec<_> = KINDS.iter().map(|spec| spec.name).collect();
    kinds.sort_unstable();
    declared.sort_unstable();
    assert_eq!(kinds, declared, "every kind is tried");
}

async fn check<K: Kind>(bench: &Bench, doc: Value, extra: Value) -> &'static str {
    let doc: K = serde_json::from_value(doc).unwrap();
    let extra: K::Extra = serde_json::from_value(extra).unwrap();
    let document = Document::<K>::new(id(), NOW, doc, extra);
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
