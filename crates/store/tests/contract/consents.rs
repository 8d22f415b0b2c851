//! The ledger of consents is put at the end of, and read by address or from the beginning.

use forecourt_store::ConsentRow;

use crate::support::*;

both!(
    entries_are_put_behind_the_last_one_and_found_by_their_address,
    of_two_that_put_at_once_one_comes_behind_the_other
);

fn row(number: i64, channel: &str, address: &str) -> ConsentRow {
    ConsentRow {
        number,
        channel: channel.into(),
        address: address.into(),
        entry: format!("{{\"b\":{number}, \"a\":1}}"),
        hash: format!("hash {number}"),
    }
}

async fn numbers(bench: &Bench, address: &'static str, channel: Option<&'static str>, most: i64) -> Vec<i64> {
    let read = bench.read((address, channel, most), |(address, channel, most), tx| {
        Box::pin(tx.consents_of(address, *channel, *most))
    });
    read.await.unwrap().into_iter().map(|row| row.number).collect()
}

async fn entries_are_put_behind_the_last_one_and_found_by_their_address(bench: Bench) {
    let other = bench.other_dealer();
    for (number, channel, address) in [(1, "sms", "+1"), (2, "call", "+1"), (3, "sms", "+2"), (4, "sms", "+1")] {
        bench.write(row(number, channel, address), |row, tx| Box::pin(tx.consents_put(row.clone()))).await.unwrap();
    }
    assert_eq!(numbers(&bench, "+1", Some("sms"), 9).await, [1, 4]);
    assert_eq!(numbers(&bench, "+1", None, 9).await, [1, 2, 4]);
    assert_eq!(numbers(&bench, "+1", None, 2).await, [2, 4], "the newest, the oldest first");
    assert_eq!(numbers(&other, "+1", None, 9).await, [0; 0]);
    let after = bench.read((), |(), tx| Box::pin(tx.consents_after(1, 2))).await.unwrap();
    assert_eq!(after, [row(2, "call", "+1"), row(3, "sms", "+2")], "a text is read as it was written");
    let head = bench.read((), |(), tx| Box::pin(tx.consents_head()));
    assert_eq!(head.await.unwrap(), Some((4, "hash 4".to_owned())));
    assert_eq!(other.read((), |(), tx| Box::pin(tx.consents_head())).await.unwrap(), None);
    let again = bench.write(row(4, "sms", "+9"), |row, tx| Box::pin(tx.consents_put(row.clone())));
    assert!(again.await.is_err(), "a number that is taken");
}

async fn of_two_that_put_at_once_one_comes_behind_the_other(bench: Bench) {
    let put = || {
        bench.write((), |(), tx| {
            Box::pin(async move {
                let last = tx.consents_last().await?.map_or(0, |(number, _)| number);
                tx.consents_put(row(last + 1, "sms", "+1")).await
            })
        })
    };
    let outcomes = futures::future::join_all((0..20).map(|_| put())).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(numbers(&bench, "+1", None, 100).await, (1..=20).collect::<Vec<_>>());
}
