//! A full disk, on SQLite: refused and said so, nothing half stored, and fine again once there is room.

use forecourt_query::Filter;
use forecourt_record::{Client, Document};
use forecourt_store::{Options, Store};

use crate::support::*;

/// Large enough that a group fills the disk half-way.
fn large(at: usize) -> Document<Client> {
    client(&[&format!("Ana{at} {}", "x".repeat(20_000))], &[], &[])
}

#[test]
fn a_full_disk_is_refused_and_recovered_from() {
    on_sqlite(|bench| async move {
        let (options, _folder) = bench.empty_place().await;
        let small = Options { size_limit: 2 << 20, ..options.clone() };
        let there = Bench { store: Store::open(&small).await.unwrap(), options: small, dealer: bench.dealer };

        let mut stored = Vec::new();
        let mut refused = 0;
        while refused < 30 {
            let results = at_once(0..20, |at| {
                let there = there.clone();
                async move {
                    let client = large(at);
                    there.insert(&client).await.map(|()| client.id)
                }
            });
            for result in results.await {
                match result {
                    Ok(id) => stored.push(id),
                    Err(error) => {
                        assert_eq!((error.code.as_str(), error.retry_after.is_some()), ("unavailable", true));
                        refused += 1;
                    }
                }
            }
        }
        assert!(!stored.is_empty());
        check(&there, &stored).await;
        there.store.close().await;

        let there = Bench { store: Store::open(&options).await.unwrap(), options, dealer: bench.dealer };
        check(&there, &stored).await;
        let client = large(0);
        there.insert(&client).await.unwrap();
        stored.push(client.id);
        check(&there, &stored).await;
        there.store.close().await;
    });
}

/// All that was acknowledged is there, and nothing else.
async fn check(there: &Bench, stored: &[forecourt_record::ClientId]) {
    let mut stored = stored.to_vec();
    stored.sort_unstable();
    assert_eq!(there.ids::<Client>(Filter::all()).await, stored);
    assert_eq!(there.count::<Client>(Filter::all()).await, stored.len() as i64);
    assert_eq!(there.verify().await, []);
}

#[test]
fn a_command_that_looks_away_from_a_full_disk_stores_nothing() {
    on_sqlite(|bench| async move {
        let (options, _folder) = bench.empty_place().await;
        let small = Options { size_limit: 1 << 20, ..options };
        let there = Bench { store: Store::open(&small).await.unwrap(), options: small, dealer: bench.dealer };
        let clients: Vec<_> = (0..100).map(large).collect();
        let act = there.write(clients, |clients, tx| {
            Box::pin(async move {
                for client in clients {
                    let _ = tx.insert(client).await;
                }
                let _ = tx.insert(&client(&["Bob"], &[], &[])).await;
                Ok(())
            })
        });
        assert_eq!(code(act.await), "unavailable");
        check(&there, &[]).await;
        let bob = client(&["Bob"], &[], &[]);
        there.insert(&bob).await.unwrap();
        check(&there, &[bob.id]).await;
        there.store.close().await;
    });
}
