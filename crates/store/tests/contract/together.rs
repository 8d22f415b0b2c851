//! Questions asked in one go, and pages of words: the same answers as one by one, and as by looking at every document.

use std::time::Duration;

use forecourt_query::{Direction, Filter, Find};
use forecourt_record::{Client, LeadId, Result};
use forecourt_store::{LeadKey, Tx};
use serde_json::json;

use crate::support::*;

both!(
    questions_asked_together_answer_as_one_by_one,
    what_was_not_noted_is_asked_all_the_same,
    keys_are_claimed_together
);

async fn ask(tx: &mut Tx, lead: LeadId) -> Result<(i64, Vec<String>, i64, usize, usize)> {
    let settings = tx.counter("settings").await?;
    let found = tx.find::<Client>(&Find::newest(Filter::all(), 2)).await?;
    let count = tx.count::<Client>(&Filter::all()).await?;
    let events = [tx.lead_events(lead, 10).await?.len(), tx.lead_events(LeadKey::Number(7), 10).await?.len()];
    Ok((settings, found.into_iter().map(|client| client.extra.sort_name).collect(), count, events[0], events[1]))
}

async fn prepared(bench: &Bench) -> LeadId {
    bench.insert_all(&[client(&["Ana ? $1"], &[], &[]), client(&["Bob"], &[], &[]), client(&["Eve"], &[], &[])]).await;
    let lead = Lead { number: 7, ..Lead::default() }.document();
    bench.insert(&lead).await.unwrap();
    let act = bench.write(lead.id, |lead, tx| {
        Box::pin(async move {
            tx.counter_raise("settings").await?;
            tx.event(arrival(*lead)).await?;
            tx.event(event(forecourt_record::event::EventName::LeadScored, Some(*lead), json!({"é": "?1"}))).await
        })
    });
    act.await.unwrap();
    lead.id
}

async fn questions_asked_together_answer_as_one_by_one(bench: Bench) {
    let lead = prepared(&bench).await;
    let alone = bench.read(lead, |lead, tx| Box::pin(ask(tx, *lead))).await.unwrap();
    let together = bench.read(lead, |lead, tx| {
        Box::pin(async move {
            if tx.note() {
                let (settings, names, count, ..) = ask(tx, *lead).await?;
                assert_eq!((settings, names.len(), count), (0, 0, 0), "what is noted is not answered yet");
                tx.ask_noted().await?;
            }
            ask(tx, *lead).await
        })
    });
    assert_eq!(together.await.unwrap(), alone);
    assert_eq!((alone.0, alone.2, alone.3, alone.4), (1, 3, 2, 2));
}

async fn what_was_not_noted_is_asked_all_the_same(bench: Bench) {
    let lead = prepared(&bench).await;
    let alone = bench.read(lead, |lead, tx| Box::pin(ask(tx, *lead))).await.unwrap();
    let act = bench.read(lead, |lead, tx| {
        Box::pin(async move {
            if tx.note() {
                tx.counter("settings").await?;
                tx.ask_noted().await?;
            }
            ask(tx, *lead).await
        })
    });
    assert_eq!(act.await.unwrap(), alone);
    let wrong = bench.read((), |(), tx| {
        Box::pin(async move {
            if tx.note() {
                tx.ask_noted().await?;
            }
            tx.counter_raise("settings").await
        })
    });
    assert_eq!(code(wrong.await), "internal");
}

async fn keys_are_claimed_together(bench: Bench) {
    let (ana, bob) = (id::<Client>(), id::<Client>());
    for (claimant, keys, own) in [
        (ana, vec![("phone", "1"), ("email", "a")], vec!["email", "phone"]),
        (bob, vec![("phone", "1"), ("email", "b")], vec!["email"]),
        (bob, vec![], vec![]),
    ] {
        let act = bench.write((claimant, keys), |(id, keys), tx| Box::pin(tx.keys_claim("clients", keys, *id)));
        let mut claimed = act.await.unwrap();
        claimed.sort();
        assert_eq!(claimed, own);
    }
}

/// More hits than are simply read and sorted.
const MANY: u64 = 2_100;

#[test]
fn pages_of_words_are_in_order_of_time_whatever_the_order_of_rows() {
    on_sqlite(|bench| async move {
        let mut clients: Vec<_> = (0..MANY).map(|_| client(&["Common Name"], &[], &[])).collect();
        for (at, client) in clients.iter_mut().enumerate() {
            // Two of each instant, and neighbours that changed places.
            client.created_at = NOW + Duration::from_secs((at as u64 ^ 4) / 2);
        }
        bench.insert_all(&clients).await;
        check_pages(&bench, &mut clients).await;
        // A row made last whose document is the oldest, and one made first whose document is the newest.
        let late = bench.write((), |(), tx| {
            Box::pin(async move {
                let mut oldest = client(&["Common Old"], &[], &[]);
                oldest.created_at = NOW - Duration::from_hours(1);
                tx.insert(&oldest).await.map(|()| oldest)
            })
        });
        clients.push(late.await.unwrap());
        check_pages(&bench, &mut clients).await;
        let mut newest: Vec<_> = (0..MANY).map(|_| client(&["Common Later"], &[], &[])).collect();
        for client in &mut newest {
            client.created_at = NOW - Duration::from_hours(2);
        }
        bench.insert_all(&newest).await;
        clients.extend(newest);
        check_pages(&bench, &mut clients).await;
    });
}

async fn check_pages(bench: &Bench, clients: &mut [forecourt_record::Document<Client>]) {
    clients.sort_by_key(|client| std::cmp::Reverse((client.created_at, client.id)));
    for (skip, limit) in [(0, 1), (0, 25), (25, 25), (990, 5), (2_000, 10), (5_000, 10)] {
        let words = Filter::Text(vec!["commo*".to_owned()]);
        let find = Find { filter: words, sort: vec![("created_at", Direction::Descending)], skip, limit };
        let found: Vec<_> = bench.find::<Client>(find).await.iter().map(|client| client.id).collect();
        let expected: Vec<_> =
            clients.iter().skip(skip as usize).take(limit as usize).map(|client| client.id).collect();
        assert_eq!(found, expected, "{skip} {limit}");
    }
    let words = Filter::Text(vec!["common".to_owned()]);
    assert_eq!(bench.count::<Client>(words).await, clients.len() as i64);
}
