//! People on schedules: taken from step to step by the clock, and off again by what they say.

mod acts;
mod rehearsal;

use std::time::Duration;

use forecourt_connect::Person;
use forecourt_crm::{Ref, lead::LeadChange, schedule::NewSchedule};
use forecourt_outreach::schedule::{Enrolled, Enrolling};
use forecourt_record::{
    Attempt, Document, Enrolment, EnrolmentId, EnrolmentStatus, Instant, LeadId, SaleLead, Sms, Task, WhatsappMessage,
    event::EventName,
    schedule::{MOST_AT_END, Tokens},
};
use serde_json::{Value, json};

use crate::house::House;

const HOUR: Duration = Duration::from_hours(1);

/// A dealer who writes nothing by itself, so that all there is comes from schedules.
async fn house(person: Person) -> House {
    let house = House::new(person).await;
    house.crm().dealer_change(&house.caller, |dealer| dealer.bot.enabled = false).await.unwrap();
    house
}

async fn put(house: &House, name: &str, definition: Value) {
    let definition = serde_json::from_value(definition).unwrap();
    let new = NewSchedule { name: name.into(), description: None, active: Some(true), definition };
    house.crm().schedule_put(&house.caller, new).await.unwrap();
}

async fn enrol(house: &House, lead: LeadId, schedule: &str) -> EnrolmentId {
    match house.outreach.enrolment_begin(&house.caller, Ref::Id(lead), schedule, Enrolling::default()).await.unwrap() {
        Enrolled::New(enrolment) => enrolment.id,
        other => panic!("{other:?}"),
    }
}

/// Where an enrolment is, in a line.
async fn state(house: &House, id: EnrolmentId) -> String {
    let Enrolment { status, position, standstill, contact_attempts, .. } = house.get(id).await.doc;
    let rule = standstill.map(|standstill| format!(" {}", standstill.rule)).unwrap_or_default();
    format!("{} {position} {contact_attempts}{rule}", status.as_str())
}

/// What was sent, and when, oldest first.
async fn sent(house: &House) -> Vec<(Instant, String)> {
    let texts = house.all::<Sms>().await.into_iter().map(|one| (one.created_at, one.doc.body, one.extra.attempt));
    let whatsapp = house.all::<WhatsappMessage>().await.into_iter().filter(|one| one.extra.automatic);
    let whatsapp = whatsapp.map(|one| (one.created_at, one.doc.body, one.extra.attempt));
    let mut all: Vec<_> = texts
        .chain(whatsapp)
        .filter(|(_, _, attempt)| *attempt == Attempt::Sent)
        .map(|(at, body, _)| (at, body.unwrap()))
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn a_schedule_is_carried_out_step_by_step() {
    let house = house(Person::Ignores).await;
    put(
        &house,
        "welcome",
        json!({
            "actions": [
                {"do": "sms", "text": {"en": "Hi [first_name], about the [make]{car}?"}},
                {"do": "wait", "hours": 2},
                {"do": "modify_lead", "status": "contacted", "tokens": {"make": "Ford"}},
                {"do": "sms", "text": {"en": "The [make] is still here.", "de": "Der [make] ist noch da."}},
                {"do": "wait", "until": "09:30"},
                {"do": "add_task", "description": "Call again", "after_minutes": 30},
            ],
            "at_end": [{"do": "modify_lead", "status": "lost"}],
        }),
    )
    .await;
    let lead = house.lead().await;
    let begun = house.now();
    let id = enrol(&house, lead, "welcome").await;
    assert_eq!(state(&house, id).await, "scheduled 0 0");

    house.drain().await;
    assert_eq!(state(&house, id).await, "waiting 2 1 wait");
    assert_eq!(house.get(id).await.doc.next_action_at, Some(begun + 2 * HOUR));
    assert_eq!(sent(&house).await, [(begun, "Hi Ana, about the car?".to_owned())]);

    house.pass(3 * HOUR).await;
    let lead_then = house.get::<SaleLead>(lead).await;
    assert_eq!(lead_then.doc.status_name(), "contacted");
    assert_eq!(sent(&house).await[1], (begun + 2 * HOUR, "The Ford is still here.".to_owned()));
    // It is Saturday, noon in Chicago: half past nine is tomorrow's.
    assert_eq!(house.get(id).await.doc.next_action_at, Some("2026-11-22T15:30:00Z".parse().unwrap()));

    house.pass(24 * HOUR).await;
    assert_eq!(state(&house, id).await, "completed_attempted 6 2");
    let done = house.get(id).await;
    assert_eq!(done.doc.ended_at, Some("2026-11-22T15:30:00Z".parse().unwrap()));
    assert_eq!(house.get::<SaleLead>(lead).await.doc.status_name(), "lost");
    let tasks: Vec<Document<Task>> = house.all().await;
    let ours: Vec<_> = tasks.iter().filter(|task| task.doc.description.as_deref() == Some("Call again")).collect();
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0].doc.notification.as_ref().unwrap().notify_at, Some("2026-11-22T16:00:00Z".parse().unwrap()));
    for name in [EventName::EnrolmentBegun, EventName::EnrolmentEnded] {
        assert_eq!(house.count_events(name).await, 1, "{name:?}");
    }
    house.is_healthy().await;
}

#[tokio::test]
async fn whoever_answers_is_written_to_no_more() {
    let house = house(Person::Ignores).await;
    let message = json!({"do": "whatsapp", "template": "reengagement", "text": {"en": "Still looking?"}});
    put(
        &house,
        "chase",
        json!({
            "actions": [message, {"do": "wait", "days": 1, "until": "14:00"}, message, {"do": "wait", "days": 1}, message],
            "until": [{"replied": true}],
        }),
    )
    .await;
    let id = enrol(&house, house.lead().await, "chase").await;
    house.pass(30 * HOUR).await;
    assert_eq!(state(&house, id).await, "waiting 4 2 wait");
    house.hears("wamid.1", "Yes, is it red?").await;
    assert_eq!(state(&house, id).await, "completed_attempted 4 2");
    house.pass(72 * HOUR).await;
    assert_eq!(sent(&house).await.len(), 2);
    house.is_healthy().await;
}

#[tokio::test]
async fn a_wish_not_to_be_contacted_ends_every_schedule_at_once() {
    for wish in ["STOP", "no me escriban mas", "Bitte keine Nachrichten mehr"] {
        let house = house(Person::Ignores).await;
        let text = json!({"do": "sms", "text": {"en": "Hello"}});
        put(&house, "one", json!({"actions": [text, {"do": "wait", "hours": 1}, text]})).await;
        put(&house, "two", json!({"actions": [{"do": "wait", "hours": 1}, text, {"do": "dial"}]})).await;
        let lead = house.lead().await;
        let ids = [enrol(&house, lead, "one").await, enrol(&house, lead, "two").await];
        house.drain().await;
        house.hears("wamid.1", wish).await;
        for id in ids {
            assert_eq!(house.get(id).await.doc.status, EnrolmentStatus::OptOut, "{wish}");
        }
        house.pass(48 * HOUR).await;
        assert_eq!(sent(&house).await.len(), 1, "{wish}");
        house.is_healthy().await;
    }
}

#[tokio::test]
async fn nobody_is_on_a_schedule_twice_unless_it_allows_that() {
    let house = house(Person::Ignores).await;
    let lead = house.lead().await;
    let make = |tokens: &[(&str, &str)]| Enrolling {
        tokens: Tokens(tokens.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()),
        ..Enrolling::default()
    };
    for (rule, expected, live) in
        [("update", "before", 1), ("reject", "refused", 1), ("expire_existing", "new", 1), ("allow", "new", 2)]
    {
        put(&house, rule, json!({"actions": [{"do": "wait", "days": 9}], "duplicates": rule})).await;
        let begin = async |tokens: &[(&str, &str)]| {
            house.outreach.enrolment_begin(&house.caller, Ref::Id(lead), rule, make(tokens)).await.unwrap()
        };
        let Enrolled::New(first) = begin(&[("a", "1"), ("b", "2")]).await else { panic!("{rule}") };
        let second = match begin(&[("b", "3")]).await {
            Enrolled::New(_) => "new",
            Enrolled::Before(same) => {
                assert_eq!(same.id, first.id);
                assert_eq!((same.doc.tokens.get("a"), same.doc.tokens.get("b")), (Some("1"), Some("3")));
                "before"
            }
            Enrolled::Refused(same) => {
                assert_eq!(same, first.id);
                "refused"
            }
        };
        assert_eq!(second, expected, "{rule}");
        let all: Vec<Document<Enrolment>> = house.all().await;
        let of_this = all.iter().filter(|one| one.doc.schedule_id == first.doc.schedule_id && one.doc.status.is_live());
        assert_eq!(of_this.count(), live, "{rule}");
    }
}

#[tokio::test]
async fn a_new_version_is_begun_by_those_who_come_and_the_old_one_finished_by_the_others() {
    let house = house(Person::Ignores).await;
    let saying = |words: &str| json!({"actions": [{"do": "wait", "hours": 1}, {"do": "sms", "text": {"en": words}}], "duplicates": "allow"});
    put(&house, "news", saying("old")).await;
    let lead = house.lead().await;
    let first = enrol(&house, lead, "news").await;
    put(&house, "news", saying("new")).await;
    let second = enrol(&house, lead, "news").await;
    put(&house, "news", saying("new")).await;
    house.pass(2 * HOUR).await;
    let mut words: Vec<String> = sent(&house).await.into_iter().map(|(_, words)| words).collect();
    words.sort();
    assert_eq!(words, ["new", "old"]);
    let versions = [house.get(first).await.doc.version, house.get(second).await.doc.version];
    assert_eq!(versions, [1, 2], "the same definition again is no new version");
}

#[tokio::test]
async fn whoever_is_on_a_schedule_that_is_put_out_of_action_waits() {
    let house = house(Person::Ignores).await;
    let definition = json!({"actions": [{"do": "wait", "hours": 1}, {"do": "sms", "text": {"en": "Hello"}}]});
    put(&house, "paused", definition.clone()).await;
    let lead = house.lead().await;
    let id = enrol(&house, lead, "paused").await;
    let active = |active| NewSchedule {
        name: "paused".into(),
        description: None,
        active: Some(active),
        definition: serde_json::from_value(definition.clone()).unwrap(),
    };
    house.crm().schedule_put(&house.caller, active(false)).await.unwrap();
    house.pass(3 * HOUR).await;
    assert_eq!(state(&house, id).await, "waiting 1 0 paused");
    assert_eq!(house.get(id).await.doc.standstill.unwrap().since, house.now() - 2 * HOUR);
    let refused = house.outreach.enrolment_begin(&house.caller, Ref::Id(lead), "paused", Enrolling::default()).await;
    assert_eq!(refused.unwrap_err().code, forecourt_record::Code::Conflict);
    house.crm().schedule_put(&house.caller, active(true)).await.unwrap();
    house.pass(HOUR).await;
    assert_eq!(state(&house, id).await, "completed_attempted 2 1");
}

#[tokio::test]
async fn it_ends_when_its_time_or_its_attempts_are_over() {
    let house = house(Person::Ignores).await;
    let text = json!({"do": "sms", "text": {"en": "Hello"}});
    let hourly = json!([text, {"do": "wait", "hours": 1}, {"do": "restart", "at_most": 20}]);
    put(&house, "attempts", json!({"actions": hourly, "max_contact_attempts": 3})).await;
    put(&house, "expires", json!({"actions": [{"do": "dial"}], "expires_after_hours": 5})).await;
    let lead = house.lead().await;
    let (attempts, expires) = (enrol(&house, lead, "attempts").await, enrol(&house, lead, "expires").await);
    house.pass(4 * HOUR).await;
    assert_eq!(state(&house, attempts).await, "exceeded_max_calls 1 3");
    assert_eq!(state(&house, expires).await, "queue 0 0");
    house.pass(2 * HOUR).await;
    assert_eq!(state(&house, expires).await, "completed 0 0");
    house.is_healthy().await;
}

#[tokio::test]
async fn a_lead_goes_on_from_schedule_to_schedule_and_with_its_lead_everything_goes() {
    let house = house(Person::Ignores).await;
    put(&house, "second", json!({"actions": [{"do": "wait", "days": 30}]})).await;
    put(&house, "first", json!({"actions": [{"do": "modify_lead", "tokens": {"a": "1"}}, {"do": "add_to_schedule", "schedule": "second"}]})).await;
    let lead = house.lead().await;
    let first = enrol(&house, lead, "first").await;
    house.drain().await;
    assert_eq!(house.get(first).await.doc.ended_because.as_deref(), Some("the lead went on to another schedule"));
    let all: Vec<Document<Enrolment>> = house.all().await;
    let second = all.iter().find(|one| one.doc.status.is_live()).unwrap();
    assert_eq!(second.doc.tokens.get("a"), Some("1"));
    house.crm().lead_erase(&house.caller, Ref::Id(lead)).await.unwrap();
    assert!(house.all::<Enrolment>().await.is_empty());
    house.pass(31 * 24 * HOUR).await;
    house.is_healthy().await;
}

#[tokio::test]
async fn a_blocked_person_is_taken_off() {
    let house = house(Person::Ignores).await;
    put(&house, "block", json!({"actions": [{"do": "block"}, {"do": "sms", "text": {"en": "Hello"}}]})).await;
    let id = enrol(&house, house.lead().await, "block").await;
    house.drain().await;
    assert_eq!(state(&house, id).await, "blocked 1 0");
    assert!(sent(&house).await.is_empty());
}

#[tokio::test]
async fn what_must_not_be_sent_now_waits_for_its_hour() {
    let house = house(Person::Ignores).await;
    let text = json!({"do": "sms", "text": {"en": "Hello"}});
    put(&house, "late", json!({"actions": [{"do": "wait", "hours": 13}, text], "until": [{"replied": true}]})).await;
    put(&house, "service", json!({"actions": [{"do": "wait", "hours": 13}, text], "purpose": "service"})).await;
    let lead = house.lead().await;
    let (late, service) = (enrol(&house, lead, "late").await, enrol(&house, lead, "service").await);
    // Ten in the evening of a Saturday in Texas.
    house.pass(14 * HOUR).await;
    for id in [late, service] {
        let shown = state(&house, id).await;
        assert!(shown.starts_with("waiting 2 0 ") && !shown.ends_with(" wait"), "{shown}");
    }
    assert!(sent(&house).await.is_empty());
    assert_eq!(house.count_events(EventName::MessageHeld).await, 2, "the timeline says why");
    house.pass(14 * HOUR).await;
    // On Sundays Texas begins at noon, and two contacts of one number lie half a minute apart at least.
    let noon: Instant = "2026-11-22T18:00:00Z".parse().unwrap();
    let times: Vec<Instant> = sent(&house).await.into_iter().map(|(queued, _)| queued).collect();
    assert_eq!(times.len(), 2);
    let made: Vec<Document<Sms>> = house.all().await;
    let mut gone: Vec<Instant> = made.iter().map(|message| message.updated_at).collect();
    gone.sort();
    assert_eq!(gone, [noon, noon + Duration::from_secs(30)]);
    for id in [late, service] {
        assert_eq!(state(&house, id).await, "completed_attempted 2 1");
    }
    house.is_healthy().await;
}

#[tokio::test]
async fn nobody_is_contacted_more_often_than_the_dealer_s_rules_allow() {
    let house = house(Person::Ignores).await;
    let rules = json!({"limits": [{"name": "once_a_day", "most": 1, "seconds": 86400}]});
    let rules: forecourt_record::gate::Rules = serde_json::from_value(rules).unwrap();
    house.crm().dealer_change(&house.caller, move |dealer| dealer.contact_rules = Some(rules.clone())).await.unwrap();
    let text = json!({"do": "sms", "text": {"en": "Hello"}});
    put(
        &house,
        "often",
        json!({"actions": [text, {"do": "wait", "hours": 1}, text, {"do": "wait", "hours": 1}, text]}),
    )
    .await;
    let begun = house.now();
    let id = enrol(&house, house.lead().await, "often").await;
    house.pass(2 * HOUR).await;
    assert_eq!(state(&house, id).await, "waiting 3 1 once_a_day");
    house.pass(72 * HOUR).await;
    let made: Vec<Document<Sms>> = house.all().await;
    let mut gone: Vec<Instant> = made.iter().map(|message| message.updated_at).collect();
    gone.sort();
    for pair in gone.windows(2) {
        assert!(pair[1].since(pair[0]) >= 24 * HOUR, "{gone:?}");
    }
    assert_eq!((gone.len(), gone[0]), (3, begun));
    house.is_healthy().await;
}

#[tokio::test]
async fn a_message_of_a_schedule_that_has_ended_is_not_sent() {
    let house = house(Person::Ignores).await;
    put(&house, "late", json!({"actions": [{"do": "wait", "hours": 13}, {"do": "sms", "text": {"en": "Hello"}}]}))
        .await;
    let id = enrol(&house, house.lead().await, "late").await;
    house.pass(14 * HOUR).await;
    house.outreach.enrolment_end(&house.caller, id).await.unwrap();
    house.pass(48 * HOUR).await;
    let [message] = house.all::<Sms>().await.try_into().unwrap();
    assert_eq!(message.extra.attempt, Attempt::Failed);
    assert_eq!(state(&house, id).await, "disabled 2 0");
    house.is_healthy().await;
}

/// Somebody whose message waits for the morning: the enrolment, on a schedule that ends by an answer or a lost lead.
async fn held_over_night(house: &House) -> (LeadId, EnrolmentId) {
    let actions = json!([{"do": "wait", "hours": 13}, {"do": "sms", "text": {"en": "Hello"}}]);
    put(house, "night", json!({"actions": actions, "until": [{"replied": true}, {"status": ["lost"]}]})).await;
    let lead = house.lead().await;
    let id = enrol(house, lead, "night").await;
    house.pass(14 * HOUR).await;
    assert_eq!(house.get(id).await.doc.standstill.unwrap().rule, "tx_hours");
    (lead, id)
}

#[tokio::test]
async fn what_waits_for_its_hour_is_not_sent_once_the_schedule_is_over() {
    for lost in [false, true] {
        let house = house(Person::Ignores).await;
        let (lead, id) = held_over_night(&house).await;
        if lost {
            let change = LeadChange { status: Some("lost".into()), ..LeadChange::default() };
            house.crm().lead_change(&house.caller, Ref::Id(lead), change).await.unwrap();
            house.drain().await;
        } else {
            house.hears("wamid.1", "Call me tomorrow, please").await;
        }
        assert_eq!(state(&house, id).await, "completed 2 0", "lost: {lost}");
        house.pass(24 * HOUR).await;
        assert!(sent(&house).await.is_empty(), "lost: {lost}");
        house.is_healthy().await;
    }
}

#[tokio::test]
async fn a_wait_at_the_end_is_waited_out_whoever_looks_meanwhile() {
    let house = house(Person::Ignores).await;
    put(&house, "calm", json!({"actions": [{"do": "wait", "days": 1}], "until": [{"status": ["lost"]}]})).await;
    let lead = house.lead().await;
    let id = enrol(&house, lead, "calm").await;
    house.pass(HOUR).await;
    let change = LeadChange { status: Some("contacted".into()), ..LeadChange::default() };
    house.crm().lead_change(&house.caller, Ref::Id(lead), change).await.unwrap();
    house.pass(22 * HOUR).await;
    assert_eq!(state(&house, id).await, "waiting 1 0 wait");
    house.pass(HOUR).await;
    assert_eq!(state(&house, id).await, "completed 1 0");
}

#[tokio::test]
async fn a_wish_said_again_ends_what_was_begun_since() {
    let house = house(Person::Ignores).await;
    let lead = house.lead().await;
    house.hears("wamid.1", "STOP").await;
    put(&house, "later", json!({"actions": [{"do": "wait", "hours": 1}, {"do": "sms", "text": {"en": "Hello"}}]}))
        .await;
    let id = enrol(&house, lead, "later").await;
    house.hears("wamid.2", "stop").await;
    assert_eq!(state(&house, id).await, "opt_out 0 0");
}

#[tokio::test]
async fn a_schedule_ends_with_as_many_actions_as_it_may() {
    let house = house(Person::Ignores).await;
    put(&house, "after", json!({"actions": [{"do": "wait", "days": 30}]})).await;
    let task = json!({"do": "add_task", "description": "Look"});
    let mut last = vec![task.clone(); MOST_AT_END - 1];
    last.push(json!({"do": "add_to_schedule", "schedule": "after"}));
    // As many on the way as one transaction carries out, and one more.
    let actions = vec![task; 17];
    put(&house, "long", json!({"actions": actions, "at_end": last})).await;
    let id = enrol(&house, house.lead().await, "long").await;
    house.drain().await;
    assert_eq!(state(&house, id).await, "completed 17 0");
    assert_eq!(house.all::<Task>().await.len(), 17 + MOST_AT_END - 1);
    let all: Vec<Document<Enrolment>> = house.all().await;
    assert_eq!(all.iter().filter(|one| one.doc.status.is_live()).count(), 1);
    house.is_healthy().await;
}

#[tokio::test]
async fn a_job_that_was_in_hand_whenever_a_server_died_is_done_alone_before_it_is_given_up() {
    let house = house(Person::Ignores).await;
    put(&house, "one", json!({"actions": [{"do": "sms", "text": {"en": "Hello"}}]})).await;
    for (deaths, given_up) in [(8, false), (9, false), (0, true)] {
        let id = enrol(&house, house.lead().await, "one").await;
        if given_up {
            // It was alone, and took the server with it.
            house.die_holding(id, 1_000).await;
        }
        for _ in 0..deaths {
            house.die_holding(id, 0).await;
        }
        house.drain().await;
        let status = house.get(id).await.doc.status;
        assert_eq!(status == EnrolmentStatus::Scheduled, given_up, "after {deaths} deaths: {status:?}");
    }
}
