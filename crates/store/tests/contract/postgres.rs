//! What only several writers at a time, or a network, can do.

use forecourt_query::Filter;
use forecourt_record::{Document, Id, Note};
use forecourt_store::{Location, Options, Store};
use tokio::sync::Barrier;

use std::sync::Arc;

use crate::support::*;

#[test]
fn a_deadlock_is_run_again() {
    on_postgres(|bench| async move {
        let notes = [note("a"), note("b")];
        bench.insert_all(&notes).await;
        let ids = notes.map(|note| note.id);
        let barrier = Arc::new(Barrier::new(2));
        // Each holds one and wants the other's; the one that is run again finds nobody at the barrier and goes on.
        let results = at_once([ids, [ids[1], ids[0]]], |ids| {
            let given = (ids, barrier.clone(), std::sync::atomic::AtomicU32::new(0));
            let bench = bench.clone();
            async move {
                let act = bench.write(given, |(ids, barrier, tries), tx| {
                    Box::pin(async move {
                        let first = tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
                        for id in ids {
                            let mut note = tx.require_for_update(*id).await?;
                            let content = note.doc.content.take().unwrap_or_default();
                            note.doc.content = Some(format!("{content}x"));
                            tx.update(&mut note).await?;
                            if first && *id == ids[0] {
                                barrier.wait().await;
                            }
                        }
                        Ok(tries.load(std::sync::atomic::Ordering::SeqCst))
                    })
                });
                act.await.unwrap()
            }
        });
        let mut tries = results.await;
        tries.sort_unstable();
        assert_eq!(tries, [1, 2]);
        for (id, content) in ids.iter().zip(["axx", "bxx"]) {
            assert_eq!(bench.get(*id).await.unwrap().doc.content.as_deref(), Some(content));
        }
    });
}

/// Writes over a note that was looked at but not held, so that another writer changes it in between.
async fn overtaken(bench: &Bench, deletes: bool) {
    let note = note("a");
    bench.insert(&note).await.unwrap();
    let (looked, changed) = (Gate::default(), Gate::default());
    let acting = tokio::spawn({
        let (bench, given) = (bench.clone(), (deletes, note.id, looked.clone(), changed.clone()));
        async move {
            let act = bench.write(given, |(deletes, id, looked, changed), tx| {
                Box::pin(async move {
                    let mut note: Document<Note> = tx.require(*id).await?;
                    looked.open();
                    changed.pass().await;
                    note.doc.content = Some("lost".into());
                    if *deletes { tx.delete(*id).await } else { tx.update(&mut note).await }
                })
            });
            act.await
        }
    });
    looked.pass().await;
    bench.change(note.id, |note| note.doc.content = Some("b".into())).await.unwrap();
    changed.open();
    assert_eq!(code(acting.await.unwrap()), "internal");
    assert_eq!(bench.get(note.id).await.unwrap().doc.content.as_deref(), Some("b"));
}

#[test]
fn whoever_does_not_hold_what_it_changes_is_refused() {
    on_postgres(|bench| async move {
        for deletes in [false, true] {
            overtaken(&bench, deletes).await;
        }
        assert_eq!(bench.verify().await, []);
    });
}

#[test]
fn a_lost_connection_is_unavailable_and_replaced() {
    on_postgres(|bench| async move {
        let (there, _) = bench.elsewhere().await;
        let (begun, gone) = (Gate::default(), Gate::default());
        let writing = tokio::spawn({
            let (there, given) = (there.clone(), (note("x"), begun.clone(), gone.clone()));
            async move {
                let act = there.write(given, |(note, begun, gone), tx| {
                    Box::pin(async move {
                        tx.insert(note).await?;
                        tx.count::<Note>(&Filter::all()).await?;
                        begun.open();
                        gone.pass().await;
                        tx.count::<Note>(&Filter::all()).await
                    })
                });
                act.await
            }
        });
        begun.pass().await;
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'forecourt'";
        there.raw().await.run(others).await;
        gone.open();
        let error = writing.await.unwrap().unwrap_err();
        assert_eq!((error.code.as_str(), error.retry_after.is_some()), ("unavailable", true));
        // Connections that died unnoticed are found out one by one; each is replaced.
        while there.insert(&note("y")).await.is_err() {}
        assert_eq!(there.count::<Note>(Filter::all()).await, 1);
        there.store.close().await;
    });
}

#[test]
fn a_server_that_is_away_is_unavailable() {
    on_postgres(|bench| async move {
        // Nobody listens on port 1.
        let away =
            Options { location: Location::Url("postgres://nobody@127.0.0.1:1/none".into()), ..bench.options.clone() };
        assert_eq!(code(Store::open(&away).await.map(|_| ())), "unavailable");
        let unreadable = Options { location: Location::Url("postgres://[".into()), ..bench.options };
        assert_eq!(code(Store::open(&unreadable).await.map(|_| ())), "internal");
    });
}

#[test]
fn any_number_of_statements_may_be_put_off() {
    on_postgres(|bench| async move {
        let notes: Vec<_> = (0..500).map(|at| note(&at.to_string())).collect();
        bench.insert_all(&notes).await;
        assert_eq!(bench.count::<Note>(Filter::all()).await, 500);
        // One of them fails: none stands, and the error is that one's.
        let mut more: Vec<_> = (0..100).map(|at| note(&at.to_string())).collect();
        more[50].id = notes[7].id;
        let act = bench.write(more, |more, tx| {
            Box::pin(async move {
                for note in more {
                    tx.insert(note).await?;
                }
                Ok(())
            })
        });
        assert_eq!(code(act.await), "conflict");
        assert_eq!(bench.count::<Note>(Filter::all()).await, 500);
    });
}

#[test]
fn questions_of_ever_new_shapes_are_answered() {
    on_postgres(|bench| async move {
        for count in 1..700 {
            let ids = (0..count).map(|_| id::<Note>().to_string().into()).collect();
            assert_eq!(bench.ids::<Note>(Filter::In("id", ids)).await, [] as [Id<Note>; 0]);
        }
    });
}
