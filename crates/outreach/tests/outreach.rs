//! Outreach on a real store with the built-in stand-in as the provider, on a clock that the test moves.
#![allow(clippy::unwrap_used)]

mod calls;
mod house;
mod schedules;

use std::time::Duration;

use forecourt_connect::Person;
use forecourt_crm::Ref;
use forecourt_outreach::{NewMessage, gate::Rule};
use forecourt_query::Filter;
use forecourt_record::{
    Attempt, Client, Code, Delivery, Direction, SaleLead, Task, User, WhatsappMessage, WhatsappSession,
    event::EventName,
};

use house::{House, text};

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn the_greeting_goes_out_the_person_answers_and_an_agent_takes_over() {
    let house = House::new(Person::Answers).await;
    let lead = house.lead().await;
    house.pass(HOUR).await;

    let thread = house.thread(lead).await;
    let [greeting, answer] = thread.messages.as_slice() else { panic!("{:?}", thread.messages) };
    assert_eq!(greeting.doc.delivery_status, Some(Delivery::Read));
    assert_eq!(greeting.extra.template.as_ref().unwrap().name, "created");
    assert!(greeting.doc.body.as_ref().unwrap().contains("Ana"), "{:?}", greeting.doc.body);
    assert_eq!(answer.doc.direction, Some(Direction::Inbound));
    assert_eq!(thread.window_expires_at, answer.doc.made_at.map(|at| at + 24 * HOUR));

    let answered = house.get(lead).await;
    assert_eq!(answered.extra.answered_at, answer.doc.made_at);
    assert!(answered.doc.owner().is_some());
    assert!(answered.extra.templates_due.is_empty());
    for name in [EventName::MessageQueued, EventName::MessageSent, EventName::MessageReceived, EventName::LeadAnswered]
    {
        assert_eq!(house.count_events(name).await, 1, "{name:?}");
    }

    // Three days on, nobody has been written to again.
    house.pass(72 * HOUR).await;
    assert_eq!(house.all::<WhatsappMessage>().await.len(), 2);
    house.is_healthy().await;
}

#[tokio::test]
async fn free_text_goes_only_through_an_open_window() {
    let house = House::new(Person::Reads).await;
    let lead = house.lead().await;
    house.pass(HOUR).await;
    let closed = house.say(lead, "Hello").await.unwrap_err();
    assert_eq!(closed.code, Code::WhatsappWindowClosed);
    let before = house.all::<WhatsappMessage>().await.len();

    house.hears("wamid.1", "Is it there?").await;
    let sent = house.say(lead, "Yes, it is.").await.unwrap();
    assert_eq!(sent.doc.delivery_status, Some(Delivery::Queued));
    house.drain().await;
    let messages = house.all::<WhatsappMessage>().await;
    assert_eq!(messages.len(), before + 2);
    let worked = house.get(lead).await;
    assert_eq!((worked.computed.response_time, worked.extra.response_bucket), (Some(3600), Some(3600)));
    assert_eq!(worked.extra.worked_at, Some(house.now()));
    let session = house.all::<WhatsappSession>().await.pop().unwrap();
    assert_eq!((session.doc.waiting_client, session.doc.users.len()), (Some(false), 1));

    house.pass(25 * HOUR).await;
    assert_eq!(house.say(lead, "Still there?").await.unwrap_err().code, Code::WhatsappWindowClosed);
    let template = NewMessage::Template {
        name: "spring_offer".into(),
        language: "en_US".into(),
        parameters: vec!["Ana".into(), "F-150".into()],
    };
    let sent = house.send(lead, template).await.unwrap();
    assert_eq!(sent.doc.body.as_deref(), Some("spring_offer: Ana, F-150"));
    assert_eq!(house.say(lead, "  ").await.unwrap_err().code, Code::Invalid);
    house.pass(HOUR).await;
    house.is_healthy().await;
}

#[tokio::test]
async fn a_window_that_closes_while_a_message_waits_refuses_it() {
    let house = House::new(Person::Reads).await;
    let lead = house.lead().await;
    house.pass(HOUR).await;
    house.hears("wamid.1", "Is it there?").await;
    house.clock.advance(Duration::from_mins(24 * 60 - 1));
    let sent = house.say(lead, "Yes").await.unwrap();
    house.clock.advance(Duration::from_mins(1));
    house.drain().await;
    let failed = house.get(sent.id).await;
    assert_eq!(failed.doc.delivery_status, Some(Delivery::Failed));
    assert!(failed.doc.delivery_error.unwrap().starts_with("whatsapp_window_closed"));
    assert_eq!(house.count_events(EventName::MessageFailed).await, 1);
    house.is_healthy().await;
}

#[tokio::test]
async fn whoever_says_stop_is_not_written_to_until_they_say_start() {
    let house = House::new(Person::Stops).await;
    let lead = house.lead().await;
    house.pass(HOUR).await;
    assert_eq!(house.count_events(EventName::ClientOptedOut).await, 1);
    let refused = house.say(lead, "Sorry").await.unwrap_err();
    assert_eq!(refused.code, Code::Suppressed);
    let agent = house.agent();
    let read = house.outreach.lead_read(&agent, Ref::Id(lead), |view, rule| (view.next, rule));
    let (next, rule) = read.await.unwrap();
    // Nothing but the next step is blocked, and only where it writes to the person.
    let writes = next.is_some_and(|next| next.step.contacts());
    assert_eq!(rule.as_ref().map(Rule::name), writes.then_some("suppressed"));
    assert!(refused.detail.contains("opt-out word"), "{}", refused.detail);

    house.hears("wamid.9", "START").await;
    assert_eq!(house.count_events(EventName::ClientOptedIn).await, 1);
    house.say(lead, "Welcome back").await.unwrap();
    house.pass(HOUR).await;
    house.is_healthy().await;
}

#[tokio::test]
async fn an_unknown_sender_becomes_one_client_and_one_lead_however_often_it_comes() {
    let house = House::new(Person::Reads).await;
    for (id, words) in [("wamid.1", "Hi, is the F-150 there?"), ("wamid.2", "Hello?"), ("wamid.1", "Hi again")] {
        house.webhook(&text(id, words, house.now())).await;
        house.webhook(&text(id, words, house.now())).await;
    }
    house.drain().await;
    let clients = house.all::<Client>().await;
    let leads = house.all::<SaleLead>().await;
    assert_eq!((clients.len(), leads.len()), (1, 1));
    let lead = &leads[0];
    assert_eq!(lead.doc.source(), Some("whatsapp"));
    assert_eq!(lead.doc.status_name(), "new");
    assert_eq!(lead.extra.name, "Ana Ruiz");
    assert!(lead.doc.owner().is_some(), "handed over to a person");
    assert_eq!(lead.doc.inquiry.as_deref(), Some("Hi, is the F-150 there?"));
    let messages = house.all::<WhatsappMessage>().await;
    assert_eq!(messages.len(), 2, "neither a repetition nor a greeting");
    house.say(lead.id, "Yes").await.unwrap();
    house.drain().await;
    house.is_healthy().await;
}

#[tokio::test]
async fn an_outcome_nobody_can_tell_is_never_sent_again_and_a_status_settles_it() {
    for person in [Person::Unsure, Person::Vanishes] {
        let house = House::new(person).await;
        let lead = house.lead().await;
        house.pass(Duration::from_mins(1)).await;
        let message = house.thread(lead).await.messages.pop().unwrap();
        assert_eq!((message.extra.attempt, message.doc.delivery_status), (Attempt::Unknown, Some(Delivery::Sending)));
        assert_eq!(house.count_events(EventName::MessageUncertain).await, 1);
        house.pass(HOUR).await;
        assert_eq!(house.get(message.id).await.extra.attempt, Attempt::Unknown);

        // Later statuses first.
        for status in ["delivered", "sent", "delivered"] {
            house.webhook(&house::status("wamid.x", status, &message.id.to_string(), house.now())).await;
        }
        house.drain().await;
        let settled = house.get(message.id).await;
        assert_eq!((settled.extra.attempt, settled.doc.delivery_status), (Attempt::Sent, Some(Delivery::Delivered)));
        assert_eq!(house.count_events(EventName::MessageSent).await, 1);
        house.is_healthy().await;
    }
}

#[tokio::test]
async fn a_message_left_half_sent_is_found_again_or_sent_once() {
    for provider_has_it in [true, false] {
        let house = House::new(Person::Reads).await;
        house.hears("wamid.1", "Hello").await;
        let lead = house.all::<SaleLead>().await.pop().unwrap().id;
        let queued = house.say(lead, "Hi").await.unwrap();
        house.interrupt(queued.id, provider_has_it).await;
        house.pass(HOUR).await;
        let sent = house.get(queued.id).await;
        assert_eq!((sent.extra.attempt, sent.doc.delivery_status), (Attempt::Sent, Some(Delivery::Read)));
        assert_eq!(house.count_events(EventName::MessageSent).await, 1);
        house.is_healthy().await;
    }
}

#[tokio::test]
async fn refusals_are_final_and_a_busy_provider_is_waited_for() {
    let house = House::new(Person::Refused).await;
    let lead = house.lead().await;
    house.pass(Duration::from_mins(1)).await;
    let failed = house.thread(lead).await.messages.pop().unwrap();
    assert_eq!(failed.extra.attempt, Attempt::Failed);
    assert_eq!(failed.doc.delivery_error.as_deref(), Some("131026: Message undeliverable"));
    house.is_healthy().await;

    let house = House::new(Person::Busy).await;
    let lead = house.lead().await;
    house.pass(Duration::from_mins(1)).await;
    let waiting = house.thread(lead).await.messages.pop().unwrap();
    assert_eq!((waiting.extra.attempt, waiting.doc.delivery_status), (Attempt::Planned, Some(Delivery::Queued)));
    house.clock.advance(25 * HOUR);
    house.drain().await;
    assert_eq!(house.get(waiting.id).await.doc.delivery_status, Some(Delivery::Failed));
}

#[tokio::test]
async fn an_idle_lead_alerts_its_managers_in_one_task_and_the_person_is_written_to_twice() {
    let house = House::new(Person::Ignores).await;
    let lead = house.lead().await;
    house.pass(Duration::from_hours(100)).await;
    let idle = house.get(lead).await;
    assert_eq!((idle.extra.idle_alerts, idle.extra.reengagements), (3, 2));
    assert_eq!(house.count_events(EventName::LeadIdle).await, 3);
    let tasks = house.all::<Task>().await;
    let [task] = tasks.as_slice() else { panic!("{tasks:?}") };
    let notification = task.doc.notification.as_ref().unwrap();
    let manager = house.find_all::<User>(Filter::eq("role", "manager")).await.pop().unwrap();
    assert_eq!(notification.notify_to, [manager.id.to_string()]);
    let names: Vec<_> = house.thread(lead).await.messages.into_iter().filter_map(|one| one.doc.template_id).collect();
    assert_eq!(names, ["created", "reengagement", "reengagement"]);
    house.is_healthy().await;
}

#[tokio::test]
async fn threads_are_read_in_pages_from_the_newest() {
    let house = House::new(Person::Reads).await;
    for number in 0..7 {
        house.hears(&format!("wamid.{number}"), &format!("message {number}")).await;
    }
    let lead = house.all::<SaleLead>().await.pop().unwrap().id;
    let (mut before, mut pages) = (None, Vec::new());
    loop {
        let page = house.outreach.thread(&house.agent(), Ref::Id(lead), before, 3).await.unwrap();
        pages.push(page.messages.iter().filter_map(|one| one.doc.body.clone()).collect::<Vec<_>>());
        before = page.before;
        if before.is_none() {
            break;
        }
    }
    let pages: Vec<Vec<&str>> = pages.iter().map(|page| page.iter().map(|body| &body[8..]).collect()).collect();
    assert_eq!(pages, [vec!["4", "5", "6"], vec!["1", "2", "3"], vec!["0"]]);
}

#[tokio::test]
async fn what_cannot_be_read_is_written_down_and_holds_nothing_up() {
    let house = House::new(Person::Reads).await;
    for body in [b"not json".as_slice(), b"\xff\0", b"{\"entry\": [{\"changes\": 5}]}", b"{}"] {
        house.webhook(body).await;
    }
    house.hears("wamid.1", "Hello").await;
    assert_eq!(house.count_events(EventName::WebhookUnreadable).await, 3);
    assert_eq!(house.all::<SaleLead>().await.len(), 1);
    house.is_healthy().await;
}

#[tokio::test]
async fn an_erased_lead_takes_its_jobs_with_it() {
    let house = House::new(Person::Reads).await;
    let lead = house.lead().await;
    house.hears("wamid.1", "Hello").await;
    house.say(lead, "Hi").await.unwrap();
    house.crm().lead_erase(&house.agent(), Ref::Id(lead)).await.unwrap();
    house.pass(HOUR).await;
    assert!(house.all::<WhatsappMessage>().await.is_empty());
    house.is_healthy().await;
}

#[tokio::test]
async fn requests_with_the_same_key_send_one_message() {
    let house = House::new(Person::Reads).await;
    house.hears("wamid.1", "Hello").await;
    let lead = house.all::<SaleLead>().await.pop().unwrap().id;
    let request = forecourt_crm::intake::RequestKey { key: "k".into(), fingerprint: "f".into() };
    let say = || {
        let message = NewMessage::Text("Hi".into());
        house.outreach.message_send(&house.caller, Ref::Id(lead), message, Some(request.clone()))
    };
    assert_eq!(say().await.unwrap().id, say().await.unwrap().id);
    assert_eq!(house.find_all::<WhatsappMessage>(Filter::all()).await.len(), 2);
}

#[tokio::test]
async fn the_worker_wakes_by_signal_and_stops_when_told() {
    let house = House::new(Person::Reads).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = forecourt_outreach::Worker::new(house.outreach.clone());
    let running = tokio::spawn(async move { worker.run(async { drop(stopped.await) }).await });
    house.webhook(&text("wamid.1", "Hello", house.now())).await;
    tokio::time::timeout(Duration::from_secs(4), async {
        while house.all::<SaleLead>().await.is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the signal wakes the worker before its timer does");
    stop.send(()).unwrap();
    running.await.unwrap();
}
