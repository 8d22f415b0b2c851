//! A dealer never sees, finds, counts or touches what is another's.

use forecourt_query::{Filter, Find};
use forecourt_record::{Client, SaleLead};

use crate::support::*;

both!(documents_are_the_dealers_own, everything_beside_documents_is_too, a_dealer_named_by_a_credential_is_looked_into);

async fn documents_are_the_dealers_own(bench: Bench) {
    let other = bench.other_dealer();
    let mine = client(&["Ana García"], &["+17135550100"], &[]);
    let theirs = client(&["Ana Pérez"], &["+17135550100"], &[]);
    bench.insert(&mine).await.unwrap();
    other.insert(&theirs).await.unwrap();
    other.insert(&Lead { number: 1, status: Some("new"), ..Lead::default() }.document()).await.unwrap();

    assert!(bench.get(theirs.id).await.is_none());
    assert_eq!(code(bench.change(theirs.id, |_| ()).await), "not_found");
    assert_eq!(code(bench.delete(theirs.id).await), "not_found");
    assert_eq!(bench.ids::<Client>(Filter::all()).await, [mine.id]);
    assert_eq!(bench.ids::<Client>(Filter::eq("id", theirs.id.to_string())).await, []);
    for words in ["ana", "17135550100", "perez"] {
        let text = Filter::Text(vec![words.to_owned()]);
        let found = usize::from(words != "perez");
        assert_eq!(bench.ids::<Client>(text.clone()).await.len(), found, "{words}");
        assert_eq!(bench.count::<Client>(text.clone()).await, found as i64, "{words}");
        assert_eq!(bench.count_by_scan::<Client>(text).await, found as i64, "{words}");
    }
    assert_eq!(bench.count::<Client>(Filter::all()).await, 1);
    assert_eq!(bench.count::<SaleLead>(Filter::all()).await, 0);
    assert_eq!(other.count::<SaleLead>(Filter::eq("status", "new")).await, 1);
    assert_eq!(other.get(theirs.id).await.unwrap().version, 0);
}

async fn everything_beside_documents_is_too(bench: Bench) {
    let other = bench.other_dealer();
    let (client, lead) = (id::<Client>(), id::<SaleLead>());
    let act = bench.write((client, lead), |(client, lead), tx| {
        Box::pin(async move {
            tx.key_claim("clients", "phone", "1", *client).await?;
            tx.event(arrival(*lead)).await?;
            tx.suppress("whatsapp", "+1", "STOP").await?;
            tx.counter_raise("settings").await?;
            tx.request_begin("k", "f", std::time::Duration::from_mins(1)).await?;
            tx.inbound_store("dialog360", "{}").await
        })
    });
    let number = act.await.unwrap();
    let act = other.write((lead, number), |(lead, number), tx| {
        Box::pin(async move {
            assert_eq!(tx.keys_find::<Client>("clients", &[("phone", "1")]).await?, []);
            assert!(tx.lead_events(*lead, 10).await?.is_empty());
            tx.lead_events_empty(*lead).await?;
            assert_eq!(tx.suppressed("whatsapp", "+1").await?, None);
            tx.unsuppress("whatsapp", "+1").await?;
            assert_eq!(tx.counter("settings").await?, 0);
            assert!(tx.inbound(*number).await?.is_none());
            tx.inbound_done(*number).await?;
            let first = tx.request_begin("k", "other", std::time::Duration::from_mins(1)).await?;
            assert_eq!(first, forecourt_store::Repeat::First);
            Ok(())
        })
    });
    act.await.unwrap();
    let act = bench.read((lead, number), |(lead, number), tx| {
        Box::pin(async move {
            assert_eq!(tx.lead_events(*lead, 10).await?[0].data["dialect"], "test");
            assert_eq!(tx.suppressed("whatsapp", "+1").await?.as_deref(), Some("STOP"));
            assert!(!tx.inbound(*number).await?.unwrap().processed);
            Ok(())
        })
    });
    act.await.unwrap();
}

async fn a_dealer_named_by_a_credential_is_looked_into(bench: Bench) {
    let client = client(&["Ana"], &[], &[]);
    bench.insert(&client).await.unwrap();
    let other = bench.other_dealer();
    let act = other.read((bench.dealer, client.id), |(dealer, client), tx| {
        Box::pin(async move {
            assert!(tx.find::<Client>(&Find::newest(Filter::all(), 10)).await?.is_empty());
            Ok(tx.get_of(*dealer, *client).await?.is_some())
        })
    });
    assert!(act.await.unwrap());
}
