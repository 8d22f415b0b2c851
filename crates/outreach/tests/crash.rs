//! The process dies at each named place, and the next one finishes the work: nothing is lost, nothing is doubled.
#![allow(clippy::unwrap_used)]

mod house;

use std::{env, fs, path::Path, process::Command, time::Duration};

use forecourt_connect::{Behaviour, Person, Sandbox};
use forecourt_crm::{Ref, schedule::NewSchedule};
use forecourt_outreach::{
    crash::{AFTER_PROVIDER_ANSWERED, AFTER_RECORDED, AFTER_SENDING_COMMITTED, POINTS, SCHEDULE_POINTS},
    schedule::Enrolling,
};
use forecourt_record::{
    Attempt, Client, Delivery, Direction, Enrolment, SaleLead, Sms, WhatsappMessage, event::EventName,
};
use serde_json::json;
use tempfile::TempDir;

use house::House;

/// Says to the process that is to die where its data is.
const FOLDER: &str = "FORECOURT_TEST_FOLDER";

fn sandbox(folder: &Path) -> Sandbox {
    Sandbox::recording(1, Behaviour::Everybody(Person::Reads), &folder.join("sent.ndjson")).unwrap()
}

/// What a process leaves that carried out a test of this file and died at a place.
fn dead(test: &str, point: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let died = Command::new(env::current_exe().unwrap())
        .args(["--exact", test])
        .env(FOLDER, folder.path())
        .env("FORECOURT_CRASH_AT", point)
        .output()
        .unwrap();
    assert_eq!(died.status.code(), None, "{point}: {}", String::from_utf8_lossy(&died.stdout));
    folder
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
        let folder = dead("in_a_process_that_dies", point);
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

/// How many are on the schedule, and how often each is written to.
const ENROLLED: usize = 3;
const TEXTS: usize = 2;

/// What the process that is to die does: it takes people from step to step.
#[tokio::test]
async fn in_a_process_that_dies_on_a_schedule() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let folder = Path::new(&folder);
    let house = House::open(folder, sandbox(folder), "2026-11-21T15:00:00Z").await;
    house.crm().dealer_change(&house.caller, |dealer| dealer.bot.enabled = false).await.unwrap();
    let text = json!({"do": "sms", "text": {"en": "Hello"}});
    let definition = json!({"actions": [text, {"do": "wait", "minutes": 5}, text], "duplicates": "allow"});
    let definition = serde_json::from_value(definition).unwrap();
    let new = NewSchedule { name: "twice".into(), description: None, active: Some(true), definition };
    house.crm().schedule_put(&house.caller, new).await.unwrap();
    let lead = house.lead().await;
    for _ in 0..ENROLLED {
        let begin = house.outreach.enrolment_begin(&house.caller, Ref::Id(lead), "twice", Enrolling::default());
        begin.await.unwrap();
    }
    house.pass(Duration::from_hours(1)).await;
}

#[tokio::test]
async fn no_step_is_lost_and_none_is_done_twice_wherever_the_process_dies() {
    for point in SCHEDULE_POINTS {
        let folder = dead("in_a_process_that_dies_on_a_schedule", point);
        let house = House::open(folder.path(), sandbox(folder.path()), "2026-11-21T16:00:00Z").await;
        house.pass(Duration::from_hours(1)).await;
        let enrolments = house.all::<Enrolment>().await;
        assert_eq!(enrolments.len(), ENROLLED, "{point}");
        for enrolment in &enrolments {
            let shown = (enrolment.doc.status.as_str(), enrolment.doc.contact_attempts);
            assert_eq!(shown, ("completed_attempted", TEXTS as i64), "{point}");
        }
        let messages = house.all::<Sms>().await;
        assert_eq!(messages.len(), ENROLLED * TEXTS, "{point}");
        assert!(messages.iter().all(|message| message.extra.attempt == Attempt::Sent), "{point}");
        let recorded = fs::read_to_string(folder.path().join("sent.ndjson")).unwrap().lines().count();
        assert_eq!(recorded, messages.len(), "{point}");
        house.is_healthy().await;
    }
}
