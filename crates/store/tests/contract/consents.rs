//! The ledger of consents is put at the end of, and read by address or from the beginning.

use std::time::Duration;

use forecourt_store::ConsentRow;

use crate::support::*;

both!(
    entries_are_put_behind_the_last_one_and_found_by_their_address,
    of_two_that_put_at_once_one_comes_behind_the_other
);

fn row(number: i64, channel: &str, address: &str, second: u64) -> ConsentRow {
    ConsentRow {
        number,
        channel: channel.into(),
        address: address.into(),
        at: NOW + Duration::from_secs(second),
        entry: format!("{{\"b\":{number}, \"a\":1}}"),
        hash: format!("hash {number}"),
    }
}

fn numbers(rows: &[ConsentRow]) -> Vec<i64> {
    rows.iter().map(|row| row.number).collect()
}

async fn newest(bench: &Bench, address: &'static str, channel: &'static str, most: i64) -> Vec<i64> {
    let read = bench.read((address, channel, most), |(address, channel, most), tx| {
        Box::pin(tx.consents_newest(address, channel, *most))
    });
    numbers(&read.await.unwrap())
}

async fn of(bench: &Bench, address: &'static str, most: i64) -> Vec<i64> {
    let read = bench.read((address, most), |(address, most), tx| Box::pin(tx.consents_of(address, *most)));
    numbers(&read.await.unwrap())
}

async fn entries_are_put_behind_the_last_one_and_found_by_their_address(bench: Bench) {
    let other = bench.other_dealer();
    for (number, channel, address, second) in
        [(1, "sms", "+1", 9), (2, "call", "+1", 5), (3, "sms", "+2", 1), (4, "sms", "+1", 2)]
    {
        bench
            .write(row(number, channel, address, second), |row, tx| Box::pin(tx.consents_put(row.clone())))
            .await
            .unwrap();
    }
    assert_eq!(newest(&bench, "+1", "sms", 9).await, [1, 4]);
    assert_eq!(newest(&bench, "+1", "sms", 1).await, [1], "what was said last, whenever it was written down");
    assert_eq!(of(&bench, "+1", 9).await, [1, 2, 4]);
    assert_eq!(of(&bench, "+1", 2).await, [1, 2]);
    assert_eq!(of(&other, "+1", 9).await, [0; 0]);
    let after = bench.read((), |(), tx| Box::pin(tx.consents_after(1, 2))).await.unwrap();
    assert_eq!(after, [row(2, "call", "+1", 5), row(3, "sms", "+2", 1)], "a text is read as it was written");
    let head = bench.read((), |(), tx| Box::pin(tx.consents_head()));
    assert_eq!(head.await.unwrap(), Some((4, "hash 4".to_owned())));
    assert_eq!(other.read((), |(), tx| Box::pin(tx.consents_head())).await.unwrap(), None);
    let again = bench.write(row(4, "sms", "+9", 0), |row, tx| Box::pin(tx.consents_put(row.clone())));
    assert!(again.await.is_err(), "a number that is taken");
}

async fn of_two_that_put_at_once_one_comes_behind_the_other(bench: Bench) {
    let put = || {
        bench.write((), |(), tx| {
            Box::pin(async move {
                let last = tx.consents_last().await?.map_or(0, |(number, _)| number);
                tx.consents_put(row(last + 1, "sms", "+1", 0)).await
            })
        })
    };
    let outcomes = futures::future::join_all((0..20).map(|_| put())).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(of(&bench, "+1", 100).await, (1..=20).collect::<Vec<_>>());
}
