//! Credentials and login names: found before the dealer is known, worthless at once when they should be.

use std::time::Duration;

use forecourt_record::{Credential, CredentialKind, Dealer, Document, UserId};
use serde_json::json;

use crate::support::*;

both!(credentials_are_found_by_their_hash, a_login_name_is_taken_once, the_dealers_of_a_server_are_known);

async fn find(bench: &Bench, hash: &str) -> Option<Credential> {
    // Whoever asks does not know the dealer yet.
    bench.other_dealer().read(hash.to_owned(), |hash, tx| Box::pin(tx.credential(hash))).await.unwrap()
}

async fn credentials_are_found_by_their_hash(bench: Bench) {
    let user: UserId = id();
    let hashes: Vec<String> = (0..4).map(|_| format!("hash-{}", id::<()>())).collect();
    let act = bench.write((user, hashes.clone()), |(user, hashes), tx| {
        Box::pin(async move {
            let kinds =
                [CredentialKind::Session, CredentialKind::ApiKey, CredentialKind::Webhook, CredentialKind::PhoneNumber];
            for (hash, kind) in hashes.iter().zip(kinds) {
                let expires_at = (kind == CredentialKind::Session).then_some(NOW);
                tx.credential_add(hash, kind, user.cast(), expires_at).await?;
            }
            Ok(())
        })
    });
    act.await.unwrap();
    let expected =
        Credential { dealer: bench.dealer, kind: CredentialKind::Session, subject: user.cast(), expires_at: Some(NOW) };
    assert_eq!(find(&bench, &hashes[0]).await, Some(expected));
    let expected = Credential { kind: CredentialKind::PhoneNumber, expires_at: None, ..expected };
    assert_eq!(find(&bench, &hashes[3]).await, Some(expected));
    assert_eq!(find(&bench, "nobody's").await, None);

    let later = NOW + Duration::from_mins(1);
    let extend = |bench: Bench, hash: String| async move {
        bench.write((hash, later), |(hash, later), tx| Box::pin(tx.credential_extend(hash, *later))).await.unwrap();
    };
    extend(bench.other_dealer(), hashes[0].clone()).await;
    assert_eq!(find(&bench, &hashes[0]).await.unwrap().expires_at, Some(NOW));
    extend(bench.clone(), hashes[0].clone()).await;
    assert_eq!(find(&bench, &hashes[0]).await.unwrap().expires_at, Some(later));

    bench.other_dealer().write(user, |user, tx| Box::pin(tx.credentials_drop_of(user.cast()))).await.unwrap();
    bench.write(hashes[1].clone(), |hash, tx| Box::pin(tx.credential_drop(hash))).await.unwrap();
    assert!(find(&bench, &hashes[0]).await.is_some());
    assert!(find(&bench, &hashes[1]).await.is_none());
    bench.write(user, |user, tx| Box::pin(tx.credentials_drop_of(user.cast()))).await.unwrap();
    assert!(find(&bench, &hashes[0]).await.is_none());
    let twice = bench.write(hashes[0].clone(), |hash, tx| {
        Box::pin(async move {
            tx.credential_add(hash, CredentialKind::ApiKey, id(), None).await?;
            tx.credential_add(hash, CredentialKind::ApiKey, id(), None).await
        })
    });
    assert_eq!(code(twice.await), "conflict");
}

async fn a_login_name_is_taken_once(bench: Bench) {
    let email = format!("{}@example.com", id::<()>());
    let claims = at_once(0..12, |_| {
        let (bench, email) = (bench.other_dealer(), email.clone());
        async move {
            let user: UserId = id();
            let act = bench.write((email, user), |(email, user), tx| Box::pin(tx.login_claim(email, *user)));
            act.await.unwrap().then_some((bench.dealer, user))
        }
    });
    let taken: Vec<_> = claims.await.into_iter().flatten().collect();
    assert_eq!(taken.len(), 1);
    let login = bench.read(email, |email, tx| Box::pin(tx.login(email))).await.unwrap().unwrap();
    assert_eq!((login.dealer, login.user), taken[0]);
    assert_eq!(bench.read((), |(), tx| Box::pin(tx.login("nobody"))).await.unwrap(), None);
}

async fn the_dealers_of_a_server_are_known(bench: Bench) {
    let free =
        |bench: Bench| async move { bench.read((), |(), tx| Box::pin(tx.dealer_scope_is_free())).await.unwrap() };
    assert!(free(bench.clone()).await);
    let doc = json!({"name": "A", "time_zone": "Europe/Madrid", "country": "ES", "currency": "EUR", "language": "es"});
    let doc: Dealer = serde_json::from_value(doc).unwrap();
    bench.insert(&Document::new(bench.dealer, NOW, doc, ())).await.unwrap();
    let ids = bench.other_dealer().read((), |(), tx| Box::pin(tx.dealer_ids())).await.unwrap();
    assert!(ids.contains(&bench.dealer) && ids.is_sorted());
    assert!(!free(bench.clone()).await);
    assert!(free(bench.other_dealer()).await);
}
