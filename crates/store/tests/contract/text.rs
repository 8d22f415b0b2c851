//! Full text: what a person types is found, alike on both databases.

use forecourt_query::Filter;
use forecourt_record::{Client, Error, text};

use crate::support::*;

both!(
    words_are_found_in_any_writing,
    phones_are_found_in_any_writing,
    words_follow_the_document,
    words_are_those_of_the_commands_that_stay,
    strange_texts_are_harmless
);

/// Whole words, the last of which may still be being typed.
fn asked(words: &str) -> Filter {
    let mut words = text::query(words, Some("US"));
    words.last_mut().into_iter().for_each(|last| last.push('*'));
    Filter::Text(words)
}

async fn words_are_found_in_any_writing(bench: Bench) {
    let jose = client(&["José García-López"], &[], &["jose.garcia@example.com"]);
    let muller = client(&["Müller Straße GmbH"], &[], &[]);
    let tokyo = client(&["東京 Motors", "Москва"], &[], &[]);
    bench.insert_all(&[jose.clone(), muller.clone(), tokyo.clone()]).await;
    for (words, found) in [
        ("jose", vec![jose.id]),
        ("JOSÉ", vec![jose.id]),
        ("Jose\u{301}", vec![jose.id]),
        ("garcia lopez", vec![jose.id]),
        ("lopez garcia", vec![jose.id]),
        ("garcia lop", vec![jose.id]),
        ("gar lopez", vec![]),
        ("jose.garcia@example.com", vec![jose.id]),
        ("arcia", vec![]),
        ("jose muller", vec![]),
        ("mull", vec![muller.id]),
        ("MUELLER", vec![]),
        ("strasse", vec![muller.id]),
        ("straße", vec![muller.id]),
        ("東京", vec![tokyo.id]),
        ("東", vec![tokyo.id]),
        ("моск", vec![tokyo.id]),
        ("m", vec![muller.id, tokyo.id]),
        ("", vec![]),
        ("...", vec![]),
    ] {
        assert_eq!(bench.ids::<Client>(asked(words)).await, found, "{words}");
        assert_eq!(bench.count::<Client>(asked(words)).await, found.len() as i64, "{words}");
    }
}

async fn phones_are_found_in_any_writing(bench: Bench) {
    let client = client(&["Ana"], &["+17135550100"], &[]);
    bench.insert(&client).await.unwrap();
    for (words, found) in [
        ("+17135550100", true),
        ("17135550100", true),
        ("+1 (713) 555-0100", true),
        ("(713) 555-0100", true),
        ("713.555.0100", true),
        ("001 713 555 0100", true),
        ("ana 713 555 0100", true),
        ("+1 713 55", true),
        ("7135550101", false),
        ("5550100", false),
        ("bob 713 555 0100", false),
    ] {
        assert_eq!(bench.count::<Client>(asked(words)).await == 1, found, "{words}");
    }
}

async fn words_follow_the_document(bench: Bench) {
    let (ana, bob) = (client(&["Ana"], &[], &[]), client(&["Bob"], &[], &[]));
    bench.insert_all(&[ana.clone(), bob.clone()]).await;
    let changed = bench.change(ana.id, |ana| ana.doc.contacts_names = vec!["Clara Bobadilla".into()]);
    changed.await.unwrap();
    for (words, found) in [("ana", vec![]), ("clara", vec![ana.id]), ("bob", vec![ana.id, bob.id])] {
        assert_eq!(bench.ids::<Client>(asked(words)).await, found, "{words}");
    }
    bench.change(ana.id, |ana| ana.doc.created_by = Some("bob".into())).await.unwrap();
    bench.delete(bob.id).await.unwrap();
    for (words, found) in [("clara", vec![ana.id]), ("bob", vec![ana.id])] {
        assert_eq!(bench.ids::<Client>(asked(words)).await, found, "{words}");
        assert_eq!(bench.count::<Client>(asked(words)).await, found.len() as i64, "{words}");
    }
    // No words at all, and words again.
    bench.change(ana.id, |ana| ana.doc.contacts_names.clear()).await.unwrap();
    assert_eq!(bench.ids::<Client>(asked("clara")).await, []);
    bench.change(ana.id, |ana| ana.doc.contacts_names = vec!["Dora".into()]).await.unwrap();
    assert_eq!(bench.ids::<Client>(asked("dora")).await, [ana.id]);
    assert_eq!(bench.verify().await, []);
}

/// Many at once, so that those that fail share a group with those that stay; and some ask for words on the way.
async fn words_are_those_of_the_commands_that_stay(bench: Bench) {
    let ana = client(&["Ana"], &[], &[]);
    bench.insert(&ana).await.unwrap();
    let results = at_once(0..60, |at| {
        let bench = bench.clone();
        async move {
            let made = client(&[if at % 3 == 0 { "Gone" } else { "Kept" }], &[], &[]);
            let act = bench.write((at, made), |(at, made), tx| {
                Box::pin(async move {
                    tx.insert(made).await?;
                    if at % 4 == 1 {
                        let mine = tx.count::<Client>(&asked(made.doc.name())).await?;
                        assert!(mine > 0, "a transaction finds what it has written itself");
                    }
                    if at % 3 == 0 { Err(Error::not_found("client")) } else { Ok(()) }
                })
            });
            act.await
        }
    });
    assert_eq!(results.await.iter().filter(|result| result.is_ok()).count(), 40);
    for (words, found) in [("kept", 40), ("gone", 0), ("ana", 1)] {
        assert_eq!(bench.count::<Client>(asked(words)).await, found, "{words}");
    }
    // A command that fails after it took words away leaves them where they were.
    let failed = bench.write(ana.id, |id, tx| {
        Box::pin(async move {
            let mut ana = tx.require_for_update(*id).await?;
            ana.doc.contacts_names = vec!["Clara".into()];
            tx.update(&mut ana).await?;
            Err::<(), _>(Error::not_found("client"))
        })
    });
    assert_eq!(code(failed.await), "not_found");
    for (words, found) in [("ana", 1), ("clara", 0)] {
        assert_eq!(bench.count::<Client>(asked(words)).await, found, "{words}");
    }
    assert_eq!(bench.verify().await, []);
}

async fn strange_texts_are_harmless(bench: Bench) {
    let names = [
        "'; DROP TABLE clients; --",
        "\" OR 1 NEAR(a b) *",
        "🅐🄰Ⓐ ½ ٣ ⅷ",
        "a:* | !b & c <-> d \\",
        "\u{16a00}\u{1e900}x",
    ];
    for name in names {
        let client = client(&[name], &[], &[]);
        bench.insert(&client).await.unwrap();
        for word in text::tokens(name) {
            let found = bench.ids::<Client>(Filter::Text(vec![word.clone()])).await;
            assert!(found.contains(&client.id), "{word} of {name}");
        }
        let found = bench.ids::<Client>(Filter::Text(vec![name.to_owned()])).await;
        assert_eq!(found, [client.id], "{name}");
    }
    assert_eq!(bench.ids::<Client>(Filter::Text(vec!["🅑".into()])).await, []);
    assert_eq!(bench.verify().await, []);
}
