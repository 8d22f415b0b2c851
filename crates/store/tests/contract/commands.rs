//! Commands: all or nothing, each by itself, and only over their transaction.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use forecourt_query::Filter;
use forecourt_record::{Error, Note, Result};
use forecourt_store::{NewJob, Store};
use serde_json::json;

use crate::support::*;

both!(
    an_error_undoes_its_own_command_only,
    a_panic_undoes_its_own_command_only,
    a_failed_statement_fails_its_command,
    awaiting_something_else_is_an_error_on_sqlite,
    a_write_in_a_read_is_an_error,
    what_is_to_be_done_after_the_commit_is_not_done_before,
    a_read_is_one_instant,
    a_command_goes_on_when_its_caller_leaves,
    a_closed_store_has_finished_what_it_took_on,
    a_store_answers_a_ping_until_it_is_closed,
);

async fn notes(bench: &Bench) -> i64 {
    bench.count::<Note>(Filter::all()).await
}

async fn an_error_undoes_its_own_command_only(bench: Bench) {
    let results = at_once(0..60, |at| {
        let bench = bench.clone();
        async move {
            let act = bench.write((at, note("x"), note("y")), |(at, first, second), tx| {
                Box::pin(async move {
                    tx.insert(first).await?;
                    tx.number("note", 1).await?;
                    tx.insert(second).await?;
                    if at % 3 == 0 { Err(Error::not_found("lead")) } else { Ok(()) }
                })
            });
            act.await
        }
    });
    let results = results.await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 40);
    assert_eq!(notes(&bench).await, 80);
}

async fn a_panic_undoes_its_own_command_only(bench: Bench) {
    let results = at_once(0..20, |at| {
        let bench = bench.clone();
        async move {
            let act = bench.write((at, note("x")), |(at, note), tx| {
                Box::pin(async move {
                    tx.insert(note).await?;
                    assert!(at % 2 == 0, "this panic is part of the test");
                    Ok(())
                })
            });
            act.await
        }
    });
    for (at, result) in results.await.into_iter().enumerate() {
        assert_eq!(result.map_err(|error| error.code.as_str()), if at % 2 == 0 { Ok(()) } else { Err("internal") });
    }
    let read = bench.read((), |(), _| Box::pin(async move { panic!("this panic is part of the test") }));
    assert_eq!(code::<()>(read.await), "internal");
    assert_eq!(notes(&bench).await, 10);
}

async fn a_failed_statement_fails_its_command(bench: Bench) {
    let first = note("x");
    bench.insert(&first).await.unwrap();
    // Looks away from the failure and goes on.
    let act = bench.write((first, note("y")), |(first, second), tx| {
        Box::pin(async move {
            let _ = tx.insert(first).await;
            let _ = tx.count::<Note>(&Filter::all()).await;
            let _ = tx.insert(second).await;
            Ok(())
        })
    });
    assert_eq!(code(act.await), "conflict");
    assert_eq!(notes(&bench).await, 1);
}

async fn awaiting_something_else_is_an_error_on_sqlite(bench: Bench) {
    if !bench.is_sqlite() {
        return;
    }
    let act = bench.write(note("x"), |note, tx| {
        Box::pin(async move {
            tx.insert(note).await?;
            tokio::task::yield_now().await;
            Ok(())
        })
    });
    assert_eq!(code(act.await), "internal");
    let read = bench.read((), |(), _| Box::pin(async move { std::future::pending::<Result<()>>().await }));
    assert_eq!(code(read.await), "internal");
    assert_eq!(notes(&bench).await, 0);
}

async fn a_write_in_a_read_is_an_error(bench: Bench) {
    let note = note("x");
    bench.insert(&note).await.unwrap();
    let job = NewJob { name: "test@1", payload: json!(1), due_at: NOW, priority: 0, dedupe: None };
    for at in 0..8 {
        let act = bench.read((at, note.clone(), job.clone()), |(at, note, job), tx| {
            Box::pin(async move {
                match at {
                    0 => tx.insert(&crate::support::note("y")).await,
                    1 => tx.get_for_update(note.id).await.map(drop),
                    2 => tx.key_claim("clients", "phone", "1", note.id).await.map(drop),
                    3 => tx.number("lead", 1).await.map(drop),
                    4 => tx.enqueue(job.clone()).await,
                    5 => tx.event(arrival(id())).await,
                    6 => tx.counter_raise("settings").await.map(drop),
                    _ => tx.suppress("whatsapp", "+1", "STOP").await,
                }
            })
        });
        assert_eq!(code(act.await), "internal", "{at}");
    }
    assert_eq!(notes(&bench).await, 1);
}

async fn what_is_to_be_done_after_the_commit_is_not_done_before(bench: Bench) {
    let done = Arc::new(AtomicUsize::new(0));
    for (fails, expected) in [(false, 1), (true, 1), (false, 2)] {
        let committed = Gate::default();
        let given = (fails, note("x"), done.clone(), committed.clone());
        let act = bench.write(given, |(fails, note, done, committed), tx| {
            Box::pin(async move {
                tx.insert(note).await?;
                let (counted, committed) = (done.clone(), committed.clone());
                tx.after_commit(move |_| {
                    counted.fetch_add(1, SeqCst);
                    committed.open();
                });
                let before = done.load(SeqCst);
                if *fails { Err(Error::not_found("lead")) } else { Ok(before) }
            })
        });
        let result = act.await;
        assert_eq!(result.is_err(), fails);
        if let Ok(before) = result {
            assert_eq!(before, expected - 1);
            committed.pass().await;
        }
        assert_eq!(done.load(SeqCst), expected);
        assert_eq!(notes(&bench).await, expected as i64);
    }
    // What panics afterwards takes nothing along.
    let act = bench.write(note("x"), |note, tx| {
        Box::pin(async move {
            tx.after_commit(|_| panic!("this panic is part of the test"));
            tx.insert(note).await
        })
    });
    act.await.unwrap();
    assert_eq!(notes(&bench).await, 3);
}

async fn a_read_is_one_instant(bench: Bench) {
    bench.insert(&note("x")).await.unwrap();
    let (looked, written) = (Gate::default(), Gate::default());
    let reading = tokio::spawn({
        let (bench, given) = (bench.clone(), (bench.is_sqlite(), looked.clone(), written.clone()));
        async move {
            let act = bench.read(given, |(is_sqlite, looked, written), tx| {
                Box::pin(async move {
                    let before = tx.count::<Note>(&Filter::all()).await?;
                    looked.open();
                    written.pass_in_command(*is_sqlite).await;
                    Ok((before, tx.count::<Note>(&Filter::all()).await?))
                })
            });
            act.await.unwrap()
        }
    });
    looked.pass().await;
    bench.insert(&note("y")).await.unwrap();
    written.open();
    assert_eq!(reading.await.unwrap(), (1, 1));
    assert_eq!(notes(&bench).await, 2);
}

async fn a_command_goes_on_when_its_caller_leaves(bench: Bench) {
    let (begun, go_on, committed) = (Gate::default(), Gate::default(), Gate::default());
    let caller = tokio::spawn({
        let bench = bench.clone();
        let given = (bench.is_sqlite(), note("x"), [begun.clone(), go_on.clone(), committed.clone()]);
        async move {
            let act = bench.write(given, |(is_sqlite, note, [begun, go_on, committed]), tx| {
                Box::pin(async move {
                    begun.open();
                    go_on.pass_in_command(*is_sqlite).await;
                    let committed = committed.clone();
                    tx.after_commit(move |_| committed.open());
                    tx.insert(note).await
                })
            });
            act.await
        }
    });
    begun.pass().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    go_on.open();
    committed.pass().await;
    assert_eq!(notes(&bench).await, 1);
}

async fn a_closed_store_has_finished_what_it_took_on(bench: Bench) {
    let (there, _folder) = bench.elsewhere().await;
    let (begun, go_on) = (Gate::default(), Gate::default());
    let mut writing = vec![tokio::spawn({
        let (there, given) = (there.clone(), (there.is_sqlite(), note("x"), begun.clone(), go_on.clone()));
        async move {
            let act = there.write(given, |(is_sqlite, note, begun, go_on), tx| {
                Box::pin(async move {
                    begun.open();
                    go_on.pass_in_command(*is_sqlite).await;
                    tx.insert(note).await
                })
            });
            act.await
        }
    })];
    begun.pass().await;
    for _ in 0..20 {
        let there = there.clone();
        writing.push(tokio::spawn(async move { there.insert(&note("y")).await }));
    }
    let closing = tokio::spawn({
        let store = there.store.clone();
        async move { store.close().await }
    });
    go_on.open();
    closing.await.unwrap();
    let mut stored = 0;
    for one in writing {
        match one.await.unwrap() {
            Ok(()) => stored += 1,
            Err(error) => assert_eq!(error.code.as_str(), "unavailable"),
        }
    }
    assert!(stored > 0);
    let error = there.insert(&note("z")).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.retry_after.is_some()), ("unavailable", true));
    assert_eq!(code(there.read((), |(), tx| Box::pin(tx.count::<Note>(&EVERYTHING))).await), "unavailable");

    let again = Bench { store: Store::open(&there.options).await.unwrap(), ..there };
    assert_eq!(notes(&again).await, stored);
    again.store.close().await;
}

static EVERYTHING: Filter = Filter::all();

async fn a_store_answers_a_ping_until_it_is_closed(bench: Bench) {
    bench.store.ping().await.unwrap();
    assert_eq!(bench.store.backend() == "sqlite", bench.is_sqlite());
    bench.store.close().await;
    bench.store.close().await;
    assert_eq!(code(bench.store.ping().await), "unavailable");
}
