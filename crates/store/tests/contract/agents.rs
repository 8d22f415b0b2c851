//! Agents: the least loaded first, then the one longest without, even when many leads come at once.

use std::{collections::BTreeMap, time::Duration};

use forecourt_record::{Instant, UserId};

use crate::support::*;

both!(the_least_loaded_comes_first, leads_that_come_at_once_are_spread, a_count_goes_down_too);

async fn assign(bench: &Bench, now: Instant, users: &[UserId]) -> UserId {
    let act = bench.write_at(now, users.to_vec(), |users, tx| {
        Box::pin(async move {
            let first = tx.agents_by_load(users).await?[0].user;
            tx.agent_count(first, 1, true).await?;
            Ok(first)
        })
    });
    act.await.unwrap()
}

async fn the_least_loaded_comes_first(bench: Bench) {
    let users: Vec<UserId> = (0..3).map(|_| id()).collect();
    let order = |bench: Bench, users: Vec<UserId>| async move {
        let loads = bench.read(users, |users, tx| Box::pin(tx.agents_by_load(users))).await.unwrap();
        loads.iter().map(|load| (load.user, load.open_leads)).collect::<Vec<_>>()
    };
    let (a, b, c) = (users[0], users[1], users[2]);
    assert_eq!(order(bench.clone(), users.clone()).await, [(a, 0), (b, 0), (c, 0)]);
    let mut chosen = Vec::new();
    for at in 0..5 {
        chosen.push(assign(&bench, NOW + Duration::from_secs(at), &users).await);
    }
    assert_eq!(chosen, [a, b, c, a, b]);
    assert_eq!(order(bench.clone(), users.clone()).await, [(c, 1), (a, 2), (b, 2)]);
    // Longest without a new one, among those with as many.
    assert_eq!(assign(&bench, NOW + Duration::from_secs(9), &[b, a]).await, a);
    assert_eq!(order(bench.clone(), vec![b]).await, [(b, 2)]);
    assert_eq!(order(bench.clone(), vec![]).await, []);
    assert_eq!(order(bench.other_dealer(), vec![b]).await, [(b, 0)]);
}

async fn leads_that_come_at_once_are_spread(bench: Bench) {
    let users: Vec<UserId> = (0..3).map(|_| id()).collect();
    let chosen = at_once(0..60, |_| {
        let (bench, users) = (bench.clone(), users.clone());
        async move { assign(&bench, NOW, &users).await }
    });
    let mut counts: BTreeMap<UserId, i64> = users.iter().map(|user| (*user, 0)).collect();
    for user in chosen.await {
        *counts.entry(user).or_default() += 1;
    }
    let (least, most) = (counts.values().min().unwrap(), counts.values().max().unwrap());
    let apart = if bench.is_sqlite() { 0 } else { 2 };
    assert!(most - least <= apart, "{counts:?}");
    let loads = bench.read(users, |users, tx| Box::pin(tx.agents_by_load(users))).await.unwrap();
    let counted: BTreeMap<_, _> = loads.iter().map(|load| (load.user, load.open_leads)).collect();
    assert_eq!(counted, counts);
}

async fn a_count_goes_down_too(bench: Bench) {
    let user: UserId = id();
    assign(&bench, NOW, &[user]).await;
    bench.write(user, |user, tx| Box::pin(tx.agent_count(*user, -1, false))).await.unwrap();
    let loads = bench.read(user, |user, tx| Box::pin(tx.agents_by_load(std::slice::from_ref(user)))).await.unwrap();
    assert_eq!((loads[0].open_leads, loads[0].last_assigned_at), (0, Some(NOW)));
}
