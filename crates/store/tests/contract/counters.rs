//! Numbers are never given twice; counters move with their transaction.

use crate::support::*;

both!(numbers_start_at_the_first_and_are_never_given_twice, counters_move_with_their_transaction);

async fn number(bench: Bench) -> i64 {
    bench.write((), |(), tx| Box::pin(tx.number("lead", 1001))).await.unwrap()
}

async fn numbers_start_at_the_first_and_are_never_given_twice(bench: Bench) {
    assert_eq!(number(bench.clone()).await, 1001);
    let mut numbers = at_once(0..100, |_| number(bench.clone())).await;
    numbers.sort_unstable();
    let all = numbers.len();
    numbers.dedup();
    assert_eq!((numbers.len(), numbers[0]), (all, 1002));
    let other = bench.write((), |(), tx| Box::pin(tx.number("car", 1))).await.unwrap();
    assert_eq!((other, number(bench.other_dealer()).await), (1, 1001));

    // Another server on the same data.
    let store = forecourt_store::Store::open(&bench.options).await;
    if let (false, Ok(store)) = (bench.is_sqlite(), store) {
        let second = Bench { store, ..bench.clone() };
        let mut both = at_once([bench, second.clone()].iter().cycle().take(60).cloned(), number).await;
        both.extend(numbers);
        let all = both.len();
        both.sort_unstable();
        both.dedup();
        assert_eq!(both.len(), all);
        second.store.close().await;
    }
}

async fn counters_move_with_their_transaction(bench: Bench) {
    let value = || async { bench.read((), |(), tx| Box::pin(tx.counter("settings"))).await.unwrap() };
    assert_eq!(value().await, 0);
    let mut raised = at_once(0..20, |_| {
        let bench = bench.clone();
        async move { bench.write((), |(), tx| Box::pin(tx.counter_raise("settings"))).await.unwrap() }
    })
    .await;
    raised.sort_unstable();
    assert_eq!(raised, (1..=20).collect::<Vec<_>>());
    let act = bench.write((), |(), tx| {
        Box::pin(async move {
            assert_eq!(tx.counter_raise("settings").await?, 21);
            Err::<(), _>(forecourt_record::Error::not_found("dealer"))
        })
    });
    assert_eq!(code(act.await), "not_found");
    assert_eq!(value().await, 20);
}
