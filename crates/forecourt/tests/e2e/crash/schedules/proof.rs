//! What the store and the provider have to hold after all the kills: each step of each person, once and in its order.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use forecourt_query::Filter;
use forecourt_record::{
    Attempt, Enrolment, EnrolmentStatus, Instant, MessageExtra, Sms, Task, WhatsappMessage, event::EventName,
};
use serde::Deserialize;
use serde_json::json;

use super::people::{TASK, TEXTS};
use crate::support::{Site, Underneath, until};

/// Waits until nothing is due and nothing is under way, by a clock that is so far ahead.
pub async fn caught_up(site: &Site, greeting: &serde_json::Value, ahead: Duration) {
    let underneath = Underneath::open(&site.location, greeting).await;
    until("a server to catch up", async || {
        let running = underneath.count::<Enrolment>(Filter::eq("status", EnrolmentStatus::Running.as_str())).await;
        let due = underneath.next_due().await.is_some_and(|due| due <= now() + ahead);
        (running == 0 && !due).then_some(())
    })
    .await;
    underneath.close().await;
}

#[expect(clippy::disallowed_methods, reason = "the server's clock is the system's")]
fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    Instant::from_millis(i64::try_from(since.as_millis()).expect("a time of our days"))
}

/// Waits until everybody's schedule is over.
pub async fn settled(site: &Site, greeting: &serde_json::Value, people: usize) {
    let underneath = Underneath::open(&site.location, greeting).await;
    let people = i64::try_from(people).unwrap();
    until("everybody's schedule to be over", async || {
        let live = EnrolmentStatus::LIVE.iter().map(|status| Filter::eq("status", status.as_str()));
        let live = underneath.count::<Enrolment>(Filter::Or(live.collect())).await;
        let there = underneath.count::<Enrolment>(Filter::all()).await;
        (live == 0 && there == people).then_some(())
    })
    .await;
    underneath.close().await;
}

/// A line of what the provider was handed.
#[derive(Deserialize)]
struct Handed {
    reference: String,
    to: String,
}

/// Looks at everything, with no server running any more. Of so many messages, at most, nobody can tell whether they were
/// sent; gives of how many.
pub async fn check(site: &Site, greeting: &serde_json::Value, people: usize, unknown: usize) -> usize {
    assert_eq!(site.json(&["verify"]).await, json!({"consistent": true, "findings": []}));
    let underneath = Underneath::open(&site.location, greeting).await;

    let enrolments = underneath.all::<Enrolment>().await;
    assert_eq!(enrolments.len(), people);
    for enrolment in &enrolments {
        let shown = (enrolment.doc.status, enrolment.doc.contact_attempts);
        assert_eq!(shown, (EnrolmentStatus::CompletedAttempted, 2), "{}", enrolment.id);
    }

    let mut messages: BTreeMap<String, (String, MessageExtra)> = BTreeMap::new();
    for text in underneath.all::<Sms>().await {
        messages.insert(text.id.to_string(), (text.doc.body.unwrap(), text.extra));
    }
    for message in underneath.all::<WhatsappMessage>().await {
        messages.insert(message.id.to_string(), (message.doc.body.unwrap(), message.extra));
    }
    assert_eq!(messages.len(), people * TEXTS.len(), "messages of all steps");
    let uncertain = |extra: &MessageExtra| extra.attempt == Attempt::Unknown;
    let unsent: Vec<_> = messages.iter().filter(|(_, (_, extra))| extra.attempt != Attempt::Sent).collect();
    assert!(unsent.len() <= unknown && unsent.iter().all(|(_, (_, extra))| uncertain(extra)), "{unsent:?}");

    // What was sent the provider was handed, once, and each person got the steps in their order; what is uncertain it may
    // have been handed, once.
    let recording = std::fs::read_to_string(site.recording()).unwrap();
    let mut read: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut handed: BTreeMap<String, usize> = BTreeMap::new();
    for line in recording.lines() {
        let Handed { reference, to } = serde_json::from_str(line).unwrap();
        let (text, _) = messages.get(&reference).expect("the provider was handed what is in the store");
        read.entry(to).or_default().push(text);
        *handed.entry(reference).or_default() += 1;
    }
    for (id, (_, extra)) in &messages {
        let times = handed.get(id).copied().unwrap_or(0);
        assert!(times == 1 || times == 0 && uncertain(extra), "the provider was handed {id} {times} times: {extra:?}");
    }
    for (number, texts) in &read {
        let in_order: Vec<&str> = TEXTS.into_iter().filter(|text| texts.contains(text)).collect();
        assert_eq!(*texts, in_order, "what {number} was sent");
    }
    assert!(recording.lines().count() + unsent.len() >= people * TEXTS.len());

    // A step that hands nothing over is done once, too.
    let tasks = underneath.all::<Task>().await;
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    for task in tasks.iter().filter(|task| task.doc.description.as_deref() == Some(TASK)) {
        *done.entry(task.doc.lead_id.unwrap().to_string()).or_default() += 1;
    }
    let each = enrolments.iter().map(|enrolment| (enrolment.doc.lead_id.to_string(), 1)).collect();
    assert_eq!(done, each, "tasks by lead");

    let mut happened: HashMap<(EventName, String), usize> = HashMap::new();
    for (name, id) in underneath.events().await {
        *happened.entry((name, id)).or_default() += 1;
    }
    let times = |name: EventName, id: &str| happened.get(&(name, id.to_owned())).copied().unwrap_or(0);
    for (id, (_, extra)) in &messages {
        let told = [EventName::MessageQueued, EventName::MessageSent, EventName::MessageUncertain];
        let once = if uncertain(extra) { [1, 0, 1] } else { [1, 1, 0] };
        assert_eq!(told.map(|name| times(name, id)), once, "message {id}");
    }
    for enrolment in &enrolments {
        let told = [EventName::EnrolmentBegun, EventName::EnrolmentEnded];
        assert_eq!(told.map(|name| times(name, &enrolment.id.to_string())), [1, 1], "enrolment {}", enrolment.id);
    }
    assert_eq!(underneath.jobs_given_up().await, 0, "jobs were given up");
    underneath.close().await;
    unsent.len()
}
