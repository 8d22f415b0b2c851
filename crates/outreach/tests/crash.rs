//! The process dies at each named place, and the next one finishes the work: nothing is lost, nothing is doubled.
#![allow(clippy::unwrap_used)]

mod house;

use std::{env, fs, path::Path, process::Command, time::Duration};

use forecourt_connect::{Behaviour, Person, Sandbox};
use forecourt_outreach::crash::{AFTER_PROVIDER_ANSWERED, AFTER_RECORDED, AFTER_SENDING_COMMITTED, POINTS};
use forecourt_record::{Attempt, Client, Delivery, Direction, SaleLead, WhatsappMessage, event::EventName};

use house::House;

/// Says to the process that is to die where its data is.
const FOLDER: &str = "FORECOURT_TEST_FOLDER";

fn sandbox(folder: &Path) -> Sandbox {
    Sandbox::recording(1, Behaviour::Everybody(Person::Reads), &folder.join("sent.ndjson")).unwrap()
}

/// What the process that is to die does: it takes a message in and answers it.
#[tokio::test]
async fn in_a_process_that_dies() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let folder = Path::new(&folder);
    let house = House::open(folder, sandbox(folder), "2026-11-21T15:00:00Z").await;
    house.hears("wamid.1", "Is it there?").await;
    let lead = house.all::<SaleLead>().await.pop().unwrap();
    house.say(lead.id, "Yes, it is.").await.unwrap();
    house.pass(Duration::from_hours(1)).await;
}

#[tokio::test]
async fn nothing_is_lost_and_nothing_is_sent_twice_wherever_the_process_dies() {
    for point in POINTS {
        let folder = tempfile::tempdir().unwrap();
        let died = Command::new(env::current_exe().unwrap())
            .args(["--exact", "in_a_process_that_dies"])
            .env(FOLDER, folder.path())
            .env("FORECOURT_CRASH_AT", point)
            .output()
            .unwrap();
        assert_eq!(died.status.code(), None, "{point}: {}", String::from_utf8_lossy(&died.stdout));

        let house = House::open(folder.path(), sandbox(folder.path()), "2026-11-21T16:00:00Z").await;
        house.pass(Duration::from_mins(10)).await;
        let counts = (house.all::<Client>().await.len(), house.all::<SaleLead>().await.len());
        assert_eq!(counts, (1, 1), "{point}");
        let messages = house.all::<WhatsappMessage>().await;
        let of = |direction| messages.iter().filter(move |message| message.doc.direction == Some(direction));
        assert_eq!(of(Direction::Inbound).count(), 1, "{point}");
        let sent: Vec<_> = of(Direction::Outbound).collect();
        // At the other places it dies before anything is to be sent.
        let sends = [AFTER_SENDING_COMMITTED, AFTER_PROVIDER_ANSWERED, AFTER_RECORDED].contains(point);
        assert_eq!(sent.len(), usize::from(sends), "{point}");
        for message in &sent {
            let state = (message.extra.attempt, message.doc.delivery_status);
            assert_eq!(state, (Attempt::Sent, Some(Delivery::Read)), "{point}");
        }
        let recorded = fs::read_to_string(folder.path().join("sent.ndjson")).unwrap().lines().count();
        assert_eq!(recorded, sent.len(), "{point}");
        assert_eq!(house.count_events(EventName::MessageSent).await, sent.len(), "{point}");
        assert_eq!(house.count_events(EventName::MessageReceived).await, 1, "{point}");
        house.is_healthy().await;
    }
}
