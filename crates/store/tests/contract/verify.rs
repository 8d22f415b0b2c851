//! The check of a store: silent on a good one, and it names what is wrong with a damaged one.

use forecourt_record::{Client, Dealer, Document};
use serde_json::json;

use crate::support::*;

both!(damage_is_found);

async fn damage_is_found(bench: Bench) {
    let (there, _folder) = bench.elsewhere().await;
    let doc = json!({"name": "A", "time_zone": "Europe/Madrid", "country": "ES", "currency": "EUR", "language": "es"});
    let dealer = Document::<Dealer>::new(there.dealer, NOW, serde_json::from_value(doc).unwrap(), ());
    there.insert(&dealer).await.unwrap();
    let ana = client(&["Ana García"], &["+17135550100"], &[]);
    there.insert(&ana).await.unwrap();
    let mut lead = Lead { number: 1, status: Some("new"), score: 40, ..Lead::default() }.document();
    lead.doc.client_id = Some(ana.id);
    let act = there.write((lead.clone(), ana.id), |(lead, ana), tx| {
        Box::pin(async move {
            tx.insert(lead).await?;
            tx.event(arrival(lead.id)).await?;
            tx.key_claim("clients", "phone", "+17135550100", *ana).await
        })
    });
    act.await.unwrap();
    assert_eq!(there.store.verify(NOW).await.unwrap(), []);

    let missing = id::<Client>();
    let words = if there.is_sqlite() {
        ["DELETE FROM clients_text", "INSERT OR REPLACE INTO clients_text (rowid, words) VALUES (1, 'other')"]
    } else {
        ["UPDATE clients SET words = ''", "UPDATE clients SET words = 'other'"]
    };
    for (damage, repair, found) in [
        (
            "UPDATE saleleads SET status = 'sold'".to_owned(),
            "UPDATE saleleads SET status = 'new'".to_owned(),
            "column status is not what the document says",
        ),
        ("UPDATE saleleads SET version = 5".into(), "UPDATE saleleads SET version = 0".into(), "the document's __v"),
        (
            "UPDATE saleleads SET updated_at = updated_at + 1".into(),
            "UPDATE saleleads SET updated_at = updated_at - 1".into(),
            "the document's updated_at",
        ),
        (
            "UPDATE tallies SET n = n + 1".into(),
            "UPDATE tallies SET n = n - 1".into(),
            "says [2, 40, 0] where counting gives [1, 40, 0]",
        ),
        ("UPDATE tallies SET m1 = m1 + 1".into(), "UPDATE tallies SET m1 = m1 - 1".into(), "says [1, 41, 0]"),
        (
            "UPDATE tallies SET bucket = bucket || 'x' WHERE dimension = 'status'".into(),
            "UPDATE tallies SET bucket = 'new' WHERE dimension = 'status'".into(),
            "there is no tally by (",
        ),
        (
            format!("UPDATE keys SET id = '{missing}'"),
            format!("UPDATE keys SET id = '{}'", ana.id),
            "held by a document that does not exist",
        ),
        (
            "UPDATE events SET name = 'lead.changed'".into(),
            "UPDATE events SET name = 'lead.created'".into(),
            "no event of its arrival",
        ),
        (words[1].into(), "UPDATE keys SET field = field".into(), "is not found by all of its words"),
        (words[0].into(), "UPDATE keys SET field = field".into(), "text"),
        (
            format!("UPDATE clients SET id = '{missing}'"),
            "UPDATE keys SET field = field".into(),
            "names a missing clients in client_id",
        ),
    ] {
        there.raw().await.run(&damage).await;
        let findings = there.store.verify(NOW).await.unwrap();
        let named = findings.iter().any(|finding| finding.problem.contains(found) || found == "text");
        assert!(named, "{damage}: {findings:?}");
        assert!(findings.iter().all(|finding| finding.dealer.as_deref() == Some(&there.dealer.to_string())));
        there.raw().await.run(&repair).await;
    }
    there.store.close().await;
}
