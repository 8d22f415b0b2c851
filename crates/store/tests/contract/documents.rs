//! Documents: what is stored is what is read, versions rise, and nobody overwrites what he has not seen.

use std::time::Duration;

use forecourt_query::Filter;
use forecourt_record::{
    Car, CarExtra, Client, Document, Location, LocationExtra, Note, Price, PriceLine, Prices, SaleLead, SaleLeadExtra,
    User,
};
use serde_json::{Number, Value, json};

use crate::support::*;

both!(
    insert_get_update_delete,
    the_stored_tree_is_the_published_one,
    an_old_version_is_refused,
    a_change_without_a_look_is_refused,
    every_change_of_many_writers_counts,
    the_same_key_twice_is_a_conflict,
    a_text_with_a_nul_is_refused,
    numbers_stay_what_they_are,
    a_text_of_any_length_is_stored_and_found,
    a_transaction_sees_its_own_writes,
);

async fn insert_get_update_delete(bench: Bench) {
    let client = client(&["Ana García"], &["+17135550100"], &["ana@example.com"]);
    bench.insert(&client).await.unwrap();
    let stored = bench.get(client.id).await.unwrap();
    assert_eq!((stored.version, stored.created_at, stored.updated_at), (0, NOW, NOW));
    assert_eq!((&stored.doc, &stored.extra), (&client.doc, &client.extra));

    let later = NOW + Duration::from_mins(1);
    let act = bench.write_at(later, client.id, |id, tx| {
        Box::pin(async move {
            let mut client = tx.require_for_update(*id).await?;
            client.doc.created_by = Some("ana".into());
            client.extra.blocked = true;
            tx.update(&mut client).await?;
            Ok((client.version, client.updated_at))
        })
    });
    assert_eq!(act.await.unwrap(), (1, later));
    let changed = bench.get(client.id).await.unwrap();
    assert_eq!((changed.version, changed.created_at, changed.updated_at), (1, NOW, later));
    assert_eq!((changed.doc.created_by.as_deref(), changed.extra.blocked), (Some("ana"), true));

    bench.delete(client.id).await.unwrap();
    assert!(bench.get(client.id).await.is_none());
    assert_eq!(code(bench.delete(client.id).await), "not_found");
    assert_eq!(bench.verify().await, []);
}

async fn the_stored_tree_is_the_published_one(bench: Bench) {
    let note = note("Called back");
    bench.insert(&note).await.unwrap();
    bench.change(note.id, |note| note.doc.created_by = Some("ana".into())).await.unwrap();
    let sql = format!("SELECT CAST(doc AS TEXT) FROM notes WHERE id = '{}'", note.id);
    let texts = bench.raw().await.texts(&sql).await;
    assert_eq!(
        serde_json::from_str::<Value>(&texts[0]).unwrap(),
        json!({
            "_id": note.id,
            "dealer_id": bench.dealer,
            "created_at": NOW,
            "updated_at": NOW,
            "__v": 1,
            "content": "Called back",
            "created_by": "ana",
        })
    );
}

async fn an_old_version_is_refused(bench: Bench) {
    let note = note("first");
    bench.insert(&note).await.unwrap();
    let old = bench.get(note.id).await.unwrap();
    bench.change(note.id, |note| note.doc.content = Some("second".into())).await.unwrap();
    let act = bench.write(old, |old, tx| {
        Box::pin(async move {
            tx.require_for_update(old.id).await?;
            tx.update(&mut old.clone()).await
        })
    });
    assert_eq!(code(act.await), "version_behind");
    assert_eq!(bench.get(note.id).await.unwrap().doc.content.as_deref(), Some("second"));
}

async fn a_change_without_a_look_is_refused(bench: Bench) {
    let note = note("first");
    bench.insert(&note).await.unwrap();
    let update = bench.write(note.clone(), |note, tx| Box::pin(async move { tx.update(&mut note.clone()).await }));
    assert_eq!(code(update.await), "internal");
    let delete = bench.write(note.id, |id, tx| Box::pin(tx.delete(*id)));
    assert_eq!(code(delete.await), "internal");
    assert_eq!(bench.get(note.id).await.unwrap().version, 0);
}

async fn every_change_of_many_writers_counts(bench: Bench) {
    let note = note("");
    bench.insert(&note).await.unwrap();
    let results = at_once(0..24, |_| {
        let bench = bench.clone();
        async move {
            let add = |note: &mut Document<Note>| {
                let content = note.doc.content.take().unwrap_or_default();
                note.doc.content = Some(format!("{content}x"));
            };
            bench.change(note.id, add).await.map(|note| note.version)
        }
    });
    let mut versions: Vec<i64> = results.await.into_iter().map(Result::unwrap).collect();
    versions.sort_unstable();
    assert_eq!(versions, (1..=24).collect::<Vec<_>>());
    assert_eq!(bench.get(note.id).await.unwrap().doc.content, Some("x".repeat(24)));
}

async fn the_same_key_twice_is_a_conflict(bench: Bench) {
    let lead = Lead { number: 7, ..Lead::default() }.document();
    bench.insert(&lead).await.unwrap();
    assert_eq!(code(bench.insert(&lead).await), "conflict");
    assert_eq!(code(bench.insert(&Lead { number: 7, ..Lead::default() }.document()).await), "conflict");
    let other_dealer = bench.other_dealer();
    other_dealer.insert(&Lead { number: 7, ..Lead::default() }.document()).await.unwrap();
    assert_eq!(bench.count::<SaleLead>(Filter::all()).await, 1);
}

async fn a_text_with_a_nul_is_refused(bench: Bench) {
    let note = note("a\0b");
    assert_eq!(code(bench.insert(&note).await), "invalid");
    assert!(bench.get(note.id).await.is_none());
    let act = bench.write((), |(), tx| Box::pin(tx.suppress("whatsapp", "+1\0", "STOP")));
    assert_eq!(code(act.await), "invalid");
    // The text that spells one is a text like any other.
    let note = crate::support::note(r"a\u0000b");
    bench.insert(&note).await.unwrap();
    assert_eq!(bench.get(note.id).await.unwrap().doc, note.doc);
}

async fn numbers_stay_what_they_are(bench: Bench) {
    let numbers =
        ["0", "-0.0", "19999.99", "1e-7", "1.0", "9007199254740993", "18446744073709551615", "1e300", "5e-324"];
    for text in numbers {
        let price: Number = serde_json::from_str(text).unwrap();
        let line = PriceLine {
            current_price: Some(Price { price: Some(price.clone()), ..Price::default() }),
            ..PriceLine::default()
        };
        let doc = Car { prices: Some(Prices { retail: Some(line), ..Prices::default() }), ..Car::default() };
        let mut car = Document::<Car>::new(id(), NOW, doc, CarExtra::default());
        car.extra.number = bench.write((), |(), tx| Box::pin(tx.number("car", 1))).await.unwrap();
        car.computed.price = Some(price.clone());
        bench.insert(&car).await.unwrap();
        // Read back, changed, and read back again: what is compared with the first is what was compared with itself.
        bench.change(car.id, |car| car.doc.color = Some("red".into())).await.unwrap();
        let stored = bench.get(car.id).await.unwrap();
        let read = stored.doc.prices.unwrap().retail.unwrap().current_price.unwrap().price.unwrap();
        assert_eq!(read.as_f64(), price.as_f64(), "{text}");
        assert_eq!(read.as_u64(), price.as_u64(), "{text}");
    }
    assert_eq!(bench.verify().await, []);
}

async fn a_text_of_any_length_is_stored_and_found(bench: Bench) {
    let long = "Größe ".repeat(2_000);
    let doc = SaleLead { location: Some(long.clone()), ..SaleLead::default() };
    let lead = Document::<SaleLead>::new(id(), NOW, doc, SaleLeadExtra::default());
    bench.insert(&lead).await.unwrap();
    assert_eq!(bench.ids::<SaleLead>(Filter::eq("location", long.as_str())).await, [lead.id]);
    assert_eq!(bench.count::<SaleLead>(Filter::eq("location", long.as_str())).await, 1);
    assert_eq!(bench.get(lead.id).await.unwrap().doc.location, Some(long));

    // More words than any index takes.
    let words: Vec<String> = (0..60_000).map(|at| format!("wort{at}")).collect();
    let client = client(&[&words.join(" ")], &[], &[]);
    bench.insert(&client).await.unwrap();
    assert_eq!(bench.ids::<Client>(Filter::Text(vec!["wort0".into(), "wort77".into()])).await, [client.id]);
}

async fn a_transaction_sees_its_own_writes(bench: Bench) {
    let location: Location = serde_json::from_value(json!({
        "code": "houston", "name": "Houston", "country": "US", "calendar": {"zone": "America/Chicago"},
    }))
    .unwrap();
    let document = Document::<Location>::new(id(), NOW, location, LocationExtra { number: 1 });
    let act = bench.write(document, |document, tx| {
        Box::pin(async move {
            tx.insert(document).await?;
            // However often it writes: one transaction, one version.
            let mut read = tx.require(document.id).await?;
            read.doc.name = "Houston North".into();
            tx.update(&mut read).await?;
            tx.update(&mut read).await?;
            let found = tx.find_one::<Location>(Filter::eq("code", "houston")).await?.unwrap();
            let nobody = tx.find_one::<User>(Filter::all()).await?;
            Ok((found.doc.name, found.version, nobody.is_none(), tx.count::<Location>(&Filter::all()).await?))
        })
    });
    assert_eq!(act.await.unwrap(), ("Houston North".to_owned(), 0, true, 1));
}
