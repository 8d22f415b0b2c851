//! Documents of a kind known only at run time: the same promises as the typed ones, and the same rows.

use std::time::Duration;

use forecourt_query::Filter;
use forecourt_record::{Client, Document, Id, Kind, Note, SaleLead};
use forecourt_store::Raw;
use serde_json::{Value, json};

use crate::support::*;

both!(
    insert_get_update_delete,
    raw_and_typed_see_the_same_document,
    a_raw_change_moves_columns_words_and_tallies,
    a_raw_change_is_refused_as_a_typed_one_is,
    what_was_never_written_reads_as_empty,
    the_ids_that_there_are,
);

fn raw_note(content: &str) -> Raw {
    Raw::new(Note::SPEC, id(), NOW, json!({"content": content}))
}

async fn insert_get_update_delete(bench: Bench) {
    let note = raw_note("first");
    bench.write(note.clone(), |note, tx| Box::pin(tx.raw_insert(note.clone()))).await.unwrap();
    let stored = bench.read(note.id, |id, tx| Box::pin(tx.raw_get(Note::SPEC, *id))).await.unwrap();
    assert_eq!(stored, Some(note.clone()));
    let texts = bench.read(note.id, |id, tx| Box::pin(tx.raw_bytes(Note::SPEC, *id))).await.unwrap().unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&texts.doc).unwrap(),
        json!({
            "_id": note.id, "content": "first", "dealer_id": bench.dealer, "created_at": NOW, "updated_at": NOW,
            "__v": 0,
        })
    );

    let later = NOW + Duration::from_mins(1);
    let act = bench.write_at(later, note.id, |id, tx| {
        Box::pin(async move {
            let mut note = tx.raw_get_for_update(Note::SPEC, *id).await?.unwrap();
            note.doc["content"] = json!("second");
            tx.raw_update(&mut note).await?;
            note.doc["content"] = json!("third");
            tx.raw_update(&mut note).await?;
            // However often it writes: one transaction, one version.
            assert_eq!(tx.raw_current(Note::SPEC, *id)?.as_ref(), Some(&note));
            assert_eq!(tx.raw_get(Note::SPEC, *id).await?.as_ref(), Some(&note));
            note.doc["content"] = json!("fourth");
            tx.raw_update(&mut note).await?;
            Ok(note)
        })
    });
    let changed = act.await.unwrap();
    assert_eq!((changed.version, changed.created_at, changed.updated_at), (1, NOW, later));
    let stored = bench.read(note.id, |id, tx| Box::pin(tx.raw_get(Note::SPEC, *id))).await.unwrap();
    assert_eq!(stored, Some(changed));
    let elsewhere = bench.other_dealer();
    assert_eq!(elsewhere.read(note.id, |id, tx| Box::pin(tx.raw_get(Note::SPEC, *id))).await.unwrap(), None);

    let act = bench.write(note.id, |id, tx| {
        Box::pin(async move {
            tx.raw_get_for_update(Note::SPEC, *id).await?;
            tx.raw_delete(Note::SPEC, *id).await
        })
    });
    act.await.unwrap();
    assert_eq!(bench.read(note.id, |id, tx| Box::pin(tx.raw_get(Note::SPEC, *id))).await.unwrap(), None);
    assert_eq!(bench.verify().await, []);
}

async fn raw_and_typed_see_the_same_document(bench: Bench) {
    let mut lead = Lead { number: 7, status: Some("new"), score: 40, cost: Some(12.5), ..Lead::default() }.document();
    lead.doc.inquiry = Some("A \"blue\" one".into());
    bench.write(Raw::of(&lead).unwrap(), |lead, tx| Box::pin(tx.raw_insert(lead.clone()))).await.unwrap();
    let typed = bench.get(lead.id).await.unwrap();
    assert_eq!((&typed.doc, &typed.extra, &typed.computed), (&lead.doc, &lead.extra, &lead.computed));
    let raw = bench.read(lead.id.cast(), |id, tx| Box::pin(tx.raw_get(SaleLead::SPEC, *id))).await.unwrap().unwrap();
    let read: Document<SaleLead> = raw.read().unwrap();
    assert_eq!((read.doc, read.extra, read.version), (lead.doc.clone(), lead.extra.clone(), 0));
    assert_eq!(Raw::of(&typed).unwrap(), raw);
    assert_eq!(raw.read::<Note>().unwrap_err().code.as_str(), "internal");
    assert_eq!(code(bench.insert(&lead).await), "conflict");
}

async fn a_raw_change_moves_columns_words_and_tallies(bench: Bench) {
    let ana = client(&["Ana"], &["+17135550100"], &[]);
    bench.write(Raw::of(&ana).unwrap(), |ana, tx| Box::pin(tx.raw_insert(ana.clone()))).await.unwrap();
    let lead = Lead { number: 1, status: Some("new"), score: 40, ..Lead::default() }.document();
    let act = bench.write(Raw::of(&lead).unwrap(), |lead, tx| {
        Box::pin(async move {
            tx.raw_insert(lead.clone()).await?;
            tx.event(arrival(lead.id.cast())).await
        })
    });
    act.await.unwrap();
    let act = bench.write((ana.id.cast(), lead.id.cast()), |(ana, lead), tx| {
        Box::pin(async move {
            let mut ana = tx.raw_get_for_update(Client::SPEC, *ana).await?.unwrap();
            ana.doc["contacts_names"] = json!(["Berta"]);
            tx.raw_update(&mut ana).await?;
            let mut lead = tx.raw_get_for_update(SaleLead::SPEC, *lead).await?.unwrap();
            lead.doc["status"] = json!({"status": "won"});
            tx.raw_update(&mut lead).await
        })
    });
    act.await.unwrap();
    assert_eq!(bench.ids::<Client>(Filter::Text(vec!["ana".into()])).await, []);
    assert_eq!(bench.ids::<Client>(Filter::Text(vec!["berta".into()])).await, [ana.id]);
    assert_eq!(bench.count::<SaleLead>(Filter::eq("status", "new")).await, 0);
    assert_eq!(bench.ids::<SaleLead>(Filter::eq("status", "won")).await, [lead.id]);
    assert_eq!(bench.verify().await, []);
}

async fn a_raw_change_is_refused_as_a_typed_one_is(bench: Bench) {
    let note = raw_note("first");
    bench.write(note.clone(), |note, tx| Box::pin(tx.raw_insert(note.clone()))).await.unwrap();
    assert_eq!(code(bench.write(note.clone(), |note, tx| Box::pin(tx.raw_insert(note.clone()))).await), "conflict");
    let unread = bench.write(note.clone(), |note, tx| Box::pin(async move { tx.raw_update(&mut note.clone()).await }));
    assert_eq!(code(unread.await), "internal");
    let unread = bench.write(note.id, |id, tx| Box::pin(tx.raw_delete(Note::SPEC, *id)));
    assert_eq!(code(unread.await), "internal");
    bench.change::<Note>(note.id.cast(), |note| note.doc.content = Some("second".into())).await.unwrap();
    let behind = bench.write(note.clone(), |note, tx| {
        Box::pin(async move {
            tx.raw_get_for_update(Note::SPEC, note.id).await?;
            tx.raw_update(&mut note.clone()).await
        })
    });
    assert_eq!(code(behind.await), "version_behind");
    let reader = bench.read(note.clone(), |note, tx| Box::pin(tx.raw_insert(note.clone())));
    assert_eq!(code(reader.await), "internal");
    let no_object = Raw::new(Note::SPEC, id(), NOW, json!(["content"]));
    assert_eq!(code(bench.write(no_object, |note, tx| Box::pin(tx.raw_insert(note.clone()))).await), "internal");
    let nul = raw_note("a\0b");
    assert_eq!(code(bench.write(nul, |note, tx| Box::pin(tx.raw_insert(note.clone()))).await), "invalid");
}

async fn what_was_never_written_reads_as_empty(bench: Bench) {
    let client = Raw::new(Client::SPEC, id(), NOW, json!({"contacts_names": ["Ana"]}));
    bench.write(client.clone(), |client, tx| Box::pin(tx.raw_insert(client.clone()))).await.unwrap();
    let typed = bench.get::<Client>(client.id.cast()).await.unwrap();
    assert_eq!((typed.extra.blocked, typed.doc.contacts_names.len()), (false, 1));
    assert_eq!(client.read::<Client>().unwrap().extra, typed.extra);
    bench.change::<Client>(client.id.cast(), |client| client.extra.blocked = true).await.unwrap();
    assert_eq!(bench.verify().await, []);
}

async fn the_ids_that_there_are(bench: Bench) {
    let there: Vec<Raw> = (0..3).map(|at| raw_note(&at.to_string())).collect();
    for note in &there {
        bench.write(note.clone(), |note, tx| Box::pin(tx.raw_insert(note.clone()))).await.unwrap();
    }
    let mut asked: Vec<Id<()>> = (0..600).map(|_| id()).collect();
    asked.extend(there.iter().map(|note| note.id));
    let mut known = bench.read(asked, |ids, tx| Box::pin(tx.raw_known(Note::SPEC, ids))).await.unwrap();
    known.sort_unstable();
    assert_eq!(known, there.iter().map(|note| note.id).collect::<Vec<_>>());
}
