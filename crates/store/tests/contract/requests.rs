//! Requests that may be repeated: carried out once, however often and however simultaneously they come.

use std::time::Duration;

use forecourt_record::{Instant, Note, Result};
use forecourt_store::Repeat;
use serde_json::json;

use crate::support::*;

both!(
    a_repeated_request_is_answered_from_memory,
    of_many_at_once_one_is_the_first,
    a_failed_request_is_forgotten,
    old_requests_are_forgotten
);

const LIFETIME: Duration = Duration::from_hours(1);

async fn begin(bench: &Bench, now: Instant, fingerprint: &'static str) -> Repeat {
    let act =
        bench.write_at(now, fingerprint, |fingerprint, tx| Box::pin(tx.request_begin("key", fingerprint, LIFETIME)));
    act.await.unwrap()
}

async fn carry_out(bench: &Bench) -> Result<Repeat> {
    let act = bench.write(note("once"), |note, tx| {
        Box::pin(async move {
            let repeat = tx.request_begin("key", "print", LIFETIME).await?;
            if repeat == Repeat::First {
                tx.insert(note).await?;
                tx.request_end("key", &json!({"status": 201, "note": note.id})).await?;
            }
            Ok(repeat)
        })
    });
    act.await
}

async fn a_repeated_request_is_answered_from_memory(bench: Bench) {
    assert_eq!(carry_out(&bench).await.unwrap(), Repeat::First);
    let Repeat::Same(outcome) = carry_out(&bench).await.unwrap() else { panic!("not the same") };
    assert_eq!(outcome["status"], 201);
    assert_eq!(begin(&bench, NOW, "other").await, Repeat::Different);
    assert!(matches!(begin(&bench, NOW + LIFETIME, "print").await, Repeat::Same(_)));
    let expired = NOW + LIFETIME + Duration::from_millis(1);
    assert_eq!(begin(&bench, expired, "other").await, Repeat::First);
    // Nothing came of it yet.
    assert_eq!(begin(&bench, expired, "other").await, Repeat::Same(json!(null)));
    let unknown = bench.write((), |(), tx| Box::pin(tx.request_end("unknown", &1)));
    assert_eq!(code(unknown.await), "version_behind");
}

async fn of_many_at_once_one_is_the_first(bench: Bench) {
    let repeats = at_once(0..24, |_| {
        let bench = bench.clone();
        async move { carry_out(&bench).await.unwrap() }
    });
    let repeats = repeats.await;
    assert_eq!(repeats.iter().filter(|repeat| **repeat == Repeat::First).count(), 1);
    let same = |repeat: &&Repeat| matches!(repeat, Repeat::Same(outcome) if outcome["status"] == 201);
    assert_eq!(repeats.iter().filter(same).count(), 23);
    assert_eq!(bench.count::<Note>(forecourt_query::Filter::all()).await, 1);
}

async fn a_failed_request_is_forgotten(bench: Bench) {
    let act = bench.write((), |(), tx| {
        Box::pin(async move {
            tx.request_begin("key", "print", LIFETIME).await?;
            Err::<(), _>(forecourt_record::Error::not_found("lead"))
        })
    });
    assert_eq!(code(act.await), "not_found");
    assert_eq!(carry_out(&bench).await.unwrap(), Repeat::First);
}

async fn old_requests_are_forgotten(bench: Bench) {
    carry_out(&bench).await.unwrap();
    for (seconds, repeated) in [(3600, true), (3601, false)] {
        let now = NOW + Duration::from_secs(seconds);
        bench.write_at(now, (), |(), tx| Box::pin(tx.forget_older_than(LIFETIME))).await.unwrap();
        let repeat = begin(&bench, NOW, "print").await;
        assert_eq!(matches!(repeat, Repeat::Same(_)), repeated, "{repeat:?}");
    }
}
