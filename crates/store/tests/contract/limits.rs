//! No question holds a reader for longer than it may, nor after nobody waits for its answer.

use std::time::Duration;

use forecourt_query::{Filter, Op};
use forecourt_record::{Note, Result};
use forecourt_store::{Lane, Options, Store, Tx};
use futures::future::BoxFuture;

use crate::support::*;

both!(a_question_is_stopped_at_its_limit, an_abandoned_question_is_interrupted);

/// A store of its own with one reader for each lane, and the limit.
async fn narrow(bench: &Bench, statement_limit: Duration) -> (Bench, Option<tempfile::TempDir>) {
    let (options, folder) = bench.empty_place().await;
    let options = Options { readers: 1, statement_limit, ..options };
    let there = Bench { store: Store::open(&options).await.unwrap(), options, dealer: bench.dealer };
    there.insert_all(&(0..200).map(|at| note(&at.to_string())).collect::<Vec<_>>()).await;
    (there, folder)
}

/// Every note, but so that no tally answers it.
fn every() -> Filter {
    Filter::compare("created_at", Op::Gte, 0)
}

/// Asks for ever: on SQLite again and again, on PostgreSQL once and behind the lock that `hold` takes.
fn endless<'a>(begun: &'a Gate, tx: &'a mut Tx) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        begun.open();
        loop {
            tx.count::<Note>(&every()).await?;
        }
    })
}

/// Makes questions wait for ever on PostgreSQL, until the connection is gone.
async fn hold(bench: &Bench) -> Option<Raw> {
    if bench.is_sqlite() {
        return None;
    }
    let raw = bench.raw().await;
    raw.run("BEGIN; LOCK TABLE notes IN ACCESS EXCLUSIVE MODE").await;
    Some(raw)
}

async fn a_question_is_stopped_at_its_limit(bench: Bench) {
    let (there, _folder) = narrow(&bench, Duration::from_millis(200)).await;
    for lane in [Lane::Quick, Lane::Scan] {
        let held = hold(&there).await;
        let error = there.read_in(lane, Gate::default(), endless).await.unwrap_err();
        assert_eq!((error.code.as_str(), error.retry_after.is_some()), ("query_too_slow", true));
        if let Some(held) = held {
            held.run("ROLLBACK").await;
        }
        let count = there.read_in(lane, (), |(), tx| Box::pin(async move { tx.count::<Note>(&every()).await }));
        assert_eq!(count.await.unwrap(), 200);
    }
    there.store.close().await;
}

async fn an_abandoned_question_is_interrupted(bench: Bench) {
    let (there, _folder) = narrow(&bench, Duration::from_hours(1)).await;
    let held = hold(&there).await;
    let begun = Gate::default();
    let asking = tokio::spawn({
        let (there, begun) = (there.clone(), begun.clone());
        async move { there.read_in(Lane::Scan, begun, endless).await }
    });
    begun.pass().await;
    if let Some(raw) = &held {
        waiting_questions(raw, 1).await;
    }
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    if let Some(raw) = &held {
        waiting_questions(raw, 0).await;
        raw.run("ROLLBACK").await;
    }
    // The only reader of its lane, so it has let go of the abandoned one.
    let count = there.read_in(Lane::Scan, (), |(), tx| Box::pin(async move { tx.count::<Note>(&every()).await }));
    assert_eq!(count.await.unwrap(), 200);
    there.store.close().await;
}

/// Waits until so many statements of this database wait for a lock.
async fn waiting_questions(raw: &Raw, wanted: usize) {
    let sql = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while raw.texts(sql).await.len() != wanted {}
}
