//! Keys: one holder, whoever comes first.

use forecourt_record::{Client, Id};

use crate::support::*;

both!(
    one_of_many_claimants_holds_a_key,
    keys_are_found_and_let_go,
    keys_go_with_their_document,
    a_failed_claimant_holds_nothing
);

async fn claim(bench: &Bench, value: &str, id: Id<Client>) -> Id<Client> {
    let act =
        bench.write((value.to_owned(), id), |(value, id), tx| Box::pin(tx.key_claim("clients", "phone", value, *id)));
    act.await.unwrap()
}

async fn one_of_many_claimants_holds_a_key(bench: Bench) {
    for value in ["+17135550100", "+17135550101", "+17135550102"] {
        let claimants: Vec<Id<Client>> = (0..24).map(|_| id()).collect();
        let holders = at_once(claimants, |id| {
            let bench = bench.clone();
            async move { claim(&bench, value, id).await }
        });
        let mut holders = holders.await;
        holders.dedup();
        assert_eq!(holders.len(), 1, "{value}");
    }
}

async fn keys_are_found_and_let_go(bench: Bench) {
    let (ana, bob) = (id::<Client>(), id::<Client>());
    assert_eq!(claim(&bench, "1", ana).await, ana);
    assert_eq!(claim(&bench, "1", ana).await, ana);
    assert_eq!(claim(&bench, "1", bob).await, ana);
    assert_eq!(claim(&bench, "2", bob).await, bob);
    let find = || {
        bench.read((), |(), tx| {
            Box::pin(async move {
                let keys = [("phone", "1"), ("phone", "2"), ("phone", "3"), ("email", "1")];
                let mut found = tx.keys_find::<Client>("clients", &keys).await?;
                found.sort();
                Ok(found)
            })
        })
    };
    let key = |value: &str, id| ("phone".to_owned(), value.to_owned(), id);
    assert_eq!(find().await.unwrap(), [key("1", ana), key("2", bob)]);
    // Only the holder lets go.
    for (holder, left) in [(bob, 2), (ana, 1)] {
        let act = bench.write(holder, |id, tx| Box::pin(tx.key_release("clients", "phone", "1", *id)));
        act.await.unwrap();
        assert_eq!(find().await.unwrap().len(), left);
    }
    assert_eq!(claim(&bench, "1", bob).await, bob);
    let nothing = bench.read((), |(), tx| Box::pin(tx.keys_find::<Client>("clients", &[])));
    assert_eq!(nothing.await.unwrap(), []);
    let many: Vec<String> = (0..2_000).map(|at| at.to_string()).collect();
    let found = bench.read(many, |many, tx| {
        Box::pin(async move {
            let keys: Vec<_> = many.iter().map(|value| ("phone", value.as_str())).collect();
            Ok(tx.keys_find::<Client>("clients", &keys).await?.len())
        })
    });
    assert_eq!(found.await.unwrap(), 2);
}

async fn keys_go_with_their_document(bench: Bench) {
    let (ana, bob) = (client(&["Ana"], &[], &[]), id());
    bench.insert(&ana).await.unwrap();
    assert_eq!(claim(&bench, "1", ana.id).await, ana.id);
    assert_eq!(claim(&bench, "2", bob).await, bob);
    bench.delete(ana.id).await.unwrap();
    assert_eq!(claim(&bench, "1", bob).await, bob);
    assert_eq!(claim(&bench, "2", id()).await, bob);
}

async fn a_failed_claimant_holds_nothing(bench: Bench) {
    let (ana, bob) = (id::<Client>(), id::<Client>());
    let act = bench.write(ana, |id, tx| {
        Box::pin(async move {
            tx.key_claim("clients", "phone", "1", *id).await?;
            Err::<(), _>(forecourt_record::Error::not_found("client"))
        })
    });
    assert_eq!(code(act.await), "not_found");
    assert_eq!(claim(&bench, "1", bob).await, bob);
}
