//! What every provider of chat messages must keep to, run against the sandbox in each of its forms.
#![allow(clippy::unwrap_used)]

use std::{fs, path::PathBuf, time::Duration};

use forecourt_record::{Delivery, Instant};

use crate::{
    Behaviour, Chat, Content, DeliveryStatus, Echo, Found, Outcome, Outgoing, Person, Private, Received, Sandbox,
    dialog360, optout, whatsapp,
};

const SEED: u64 = 7;

fn message(reference: &str, to: &str) -> Outgoing {
    Outgoing {
        reference: reference.to_owned(),
        from: "+17135550100".to_owned(),
        to: to.into(),
        content: Content::Text { body: "Hola, tenemos su camioneta lista.".into() },
    }
}

fn everybody(person: Person) -> Chat {
    Chat::Sandbox(Sandbox::new(SEED, Behaviour::Everybody(person)))
}

fn sent(outcome: Outcome) -> String {
    match outcome {
        Outcome::Sent { provider_id } => provider_id,
        other => panic!("expected it to be sent, got {other:?}"),
    }
}

/// A sandbox of each form; the folder keeps the recording alive.
fn forms(behaviour: Behaviour) -> (Vec<Chat>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let recorded = Sandbox::recording(SEED, behaviour, &folder.path().join("sent.ndjson")).unwrap();
    (vec![Chat::Sandbox(Sandbox::new(SEED, behaviour)), Chat::Sandbox(recorded)], folder)
}

#[tokio::test]
async fn one_reference_is_one_message_however_often_it_is_sent() {
    let (chats, folder) = forms(Behaviour::Silent);
    for chat in chats {
        let outgoing = message("msg_1", "+17135550142");
        assert_eq!(chat.find("msg_1").await, Found::NotSent);
        let id = sent(chat.send(&outgoing).await);
        assert_eq!(sent(chat.send(&outgoing).await), id);
        assert_eq!(chat.find("msg_1").await, Found::Sent { provider_id: id.clone() });
        assert_ne!(sent(chat.send(&message("msg_2", "+17135550142")).await), id);
    }
    assert_eq!(lines(&folder.path().join("sent.ndjson")).len(), 2);
}

#[tokio::test]
async fn every_outcome_is_said_and_can_be_reconciled() {
    let outgoing = message("msg_1", "+17135550142");
    let ask = async |person| {
        let chat = everybody(person);
        (chat.send(&outgoing).await, chat.find("msg_1").await)
    };
    for person in [Person::Answers, Person::Reads, Person::Ignores, Person::Stops, Person::Unreachable] {
        assert!(matches!(ask(person).await, (Outcome::Sent { .. }, Found::Sent { .. })), "{person:?}");
    }
    assert!(matches!(ask(Person::Refused).await, (Outcome::Failed { code, .. }, Found::NotSent) if code == "131026"));
    assert!(matches!(ask(Person::Busy).await, (Outcome::RetryAfter(wait), Found::NotSent) if wait > Duration::ZERO));
    assert!(matches!(ask(Person::Unsure).await, (Outcome::Unknown { .. }, Found::Sent { .. })));
    assert!(matches!(ask(Person::Vanishes).await, (Outcome::Unknown { .. }, Found::NotSent)));
}

#[tokio::test]
async fn nothing_personal_is_printed() {
    let chat = everybody(Person::Answers);
    let outgoing = Outgoing {
        content: Content::Template {
            name: "greeting".into(),
            language: "es_MX".into(),
            parameters: vec!["Lucía".into()],
            body: "Hola Lucía".into(),
        },
        ..message("msg_1", "+17135550142")
    };
    let outcome = chat.send(&outgoing).await;
    let echoes = chat.echoes(&outgoing, "wamid.x", Instant::EPOCH);
    let printed = format!("{chat:?} {outgoing:?} {outcome:?} {echoes:?}");
    for secret in ["0142", "Luc", "Hola"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

fn lines(path: &PathBuf) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_recording_outlives_the_process_and_a_line_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sent.ndjson");
    let open = || Chat::Sandbox(Sandbox::recording(SEED, Behaviour::Silent, &path).unwrap());
    let id = sent(open().send(&message("msg_1", "+17135550142")).await);

    // Killed while writing: half a line was never answered for.
    fs::write(&path, fs::read_to_string(&path).unwrap() + r#"{"reference":"msg_2","#).unwrap();
    let after = open();
    assert_eq!(after.find("msg_1").await, Found::Sent { provider_id: id.clone() });
    assert_eq!(after.find("msg_2").await, Found::NotSent);
    assert_eq!(sent(after.send(&message("msg_1", "+17135550142")).await), id);
    sent(after.send(&message("msg_2", "+17135550142")).await);
    assert_eq!(lines(&path).len(), 2);
    assert_eq!(lines(&path)[0], format!(r#"{{"reference":"msg_1","to":"+17135550142","provider_id":"{id}"}}"#));

    // A recording that cannot be trusted leaves the question open, and stops the next start.
    fs::write(&path, fs::read_to_string(&path).unwrap() + "nonsense\n").unwrap();
    assert_eq!(after.find("msg_1").await, Found::Sent { provider_id: id });
    assert_eq!(after.find("msg_3").await, Found::Undecidable);
    assert!(matches!(after.send(&message("msg_3", "+17135550142")).await, Outcome::Unknown { .. }));
    assert!(Sandbox::recording(SEED, Behaviour::Silent, &path).is_err());
}

#[tokio::test]
async fn processes_that_share_a_recording_see_each_others_messages() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sent.ndjson");
    let nodes = [0, 1].map(|_| Chat::Sandbox(Sandbox::recording(SEED, Behaviour::Silent, &path).unwrap()));
    let id = sent(nodes[0].send(&message("msg_1", "+17135550142")).await);
    assert_eq!(nodes[1].find("msg_1").await, Found::Sent { provider_id: id });

    let sends = (0..40).map(|count| {
        let node = nodes[count % 2].clone();
        tokio::spawn(async move { sent(node.send(&message(&format!("msg_{}", count / 2), "+17135550142")).await) })
    });
    for send in sends.collect::<Vec<_>>() {
        send.await.unwrap();
    }
    assert_eq!(lines(&path).len(), 20, "twenty references, each sent by both nodes at once");
}

/// What the echoes say, as their receiver reads them.
fn heard(echoes: &[Echo]) -> Vec<Received> {
    echoes.iter().flat_map(|echo| dialog360::parse(&echo.body).unwrap()).collect()
}

#[tokio::test]
async fn people_call_back_in_genuine_envelopes() {
    let now: Instant = "2026-11-21T15:00:00Z".parse().unwrap();
    let outgoing = message("msg_1", "+17135550142");
    let play = |person| everybody(person).echoes(&outgoing, "wamid.x", now);
    let told = |person| -> Vec<String> {
        heard(&play(person))
            .into_iter()
            .map(|received| match received {
                Received::Status(status) => {
                    assert_eq!(status.reference.as_deref(), Some("msg_1"));
                    assert_eq!(status.provider_id, "wamid.x");
                    assert_eq!(status.recipient, Some(Private::from("+17135550142")));
                    match status.status {
                        DeliveryStatus::Known(known) => format!("{known:?}"),
                        DeliveryStatus::Unknown(name) => name,
                    }
                }
                Received::Message(message) => {
                    assert_eq!(message.from, Some(Private::from("+17135550142")));
                    assert_eq!(message.to_number.as_deref(), Some("+17135550100"));
                    assert_eq!(message.phone_number_id, Some(Sandbox::phone_number_id("+17135550100")));
                    assert_eq!(message.reply_to.as_deref(), Some("wamid.x"));
                    assert!(message.at > now && message.profile_name.is_some());
                    if optout::is_opt_out(&message.body) { "stop".into() } else { "reply".into() }
                }
                other => panic!("{other:?}"),
            })
            .collect()
    };
    for (person, expected) in [
        (Person::Answers, &["Sent", "Delivered", "Read", "reply"][..]),
        (Person::Reads, &["Sent", "Delivered", "Read"]),
        (Person::Ignores, &["Sent", "Delivered"]),
        (Person::Stops, &["Sent", "Delivered", "Read", "stop"]),
        (Person::Unreachable, &["Sent", "Failed"]),
        (Person::Unsure, &["Sent", "Delivered", "Read"]),
        (Person::Refused, &[]),
        (Person::Busy, &[]),
        (Person::Vanishes, &[]),
    ] {
        assert_eq!(told(person), expected, "{person:?}");
        let echoes = play(person);
        assert!(echoes.is_sorted_by_key(|echo| echo.after), "{person:?}");
        assert_eq!(echoes, play(person), "the same run plays the same");
    }
}

#[test]
fn the_mix_is_what_it_says_and_follows_from_seed_and_number() {
    let mix = |seed| -> Vec<usize> {
        let chat = Chat::Sandbox(Sandbox::new(seed, Behaviour::People));
        let mut counts = vec![0; 6];
        for number in 0..2_000 {
            let outgoing = message("msg", &format!("+1713555{number:04}"));
            let heard = heard(&chat.echoes(&outgoing, "wamid.x", Instant::EPOCH));
            let stops =
                heard.iter().any(|one| matches!(one, Received::Message(said) if optout::is_opt_out(&said.body)));
            let answers = heard.iter().any(|one| matches!(one, Received::Message(_)));
            let fails = heard.iter().any(
                |one| matches!(one, Received::Status(status) if status.status == DeliveryStatus::Known(Delivery::Failed)),
            );
            counts[match (stops, answers, fails) {
                (true, ..) => 0,
                (_, true, _) => 1,
                (.., true) => 2,
                _ => heard.len(),
            }] += 1;
        }
        counts
    };
    let counts = mix(SEED);
    for (at, share) in [(0, 200), (1, 900), (2, 100 + 200), (3, 600)] {
        assert!(counts[at].abs_diff(share) < 80, "{counts:?}");
    }
    assert_eq!(counts, mix(SEED));
    assert_ne!(counts, mix(SEED + 1));
}

#[test]
fn echoes_in_any_order_settle_on_the_same_status() {
    let outgoing = message("msg_1", "+17135550142");
    let mut heard = heard(&everybody(Person::Reads).echoes(&outgoing, "wamid.x", Instant::EPOCH));
    for _ in 0..heard.len() {
        heard.rotate_left(1);
        let settled = heard.iter().chain(&heard).fold(Delivery::Sending, |now, received| match received {
            Received::Status(status) => match status.status {
                DeliveryStatus::Known(next) if whatsapp::advances(now, next) => next,
                _ => now,
            },
            _ => now,
        });
        assert_eq!(settled, Delivery::Read);
    }
}
