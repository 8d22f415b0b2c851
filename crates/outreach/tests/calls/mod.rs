//! Calls: agents get them in order, people take them in their own ways, and what was promised is kept or told.

mod silent;

use std::time::Duration;

use forecourt_connect::{Call, CallState, Person, sandbox::calls::body};
use forecourt_crm::{Caller, Ref, intake::NewLead, schedule::NewSchedule};
use forecourt_outreach::{
    NewMessage,
    calls::{CallNow, Choice, Disposed, Whom},
    schedule::{Enrolled, Enrolling},
};
use forecourt_query::Filter;
use forecourt_record::{
    AgentState, CallAgent, CallStatus, CallbackStatus, Code, Conference, Document, Enrolment, EnrolmentId,
    EnrolmentStatus, LeadId, OptOut, Role, SaleLead, ScheduledCallback, Task, UserId,
    event::EventName,
    gate::Channel,
    pacing::{Disposition, Mode},
    schedule::Tokens,
};
use serde_json::{Value, json};

use crate::house::House;

const MINUTE: Duration = Duration::from_mins(1);

/// A dealer who writes nothing by itself and calls like this.
async fn house(person: Person, mode: Mode) -> House {
    let house = House::new(person).await;
    let word = |name: &str| Disposition { name: name.into(), status: None, opt_out: false, ends_schedule: false };
    let dispositions = vec![
        word("interested"),
        Disposition { status: Some("appointment".into()), ..word("booked") },
        Disposition { opt_out: true, ..word("never_again") },
        Disposition { ends_schedule: true, ..word("wrong_number") },
    ];
    house
        .crm()
        .dealer_change(&house.caller, move |dealer| {
            dealer.bot.enabled = false;
            dealer.dialling.mode = mode;
            dealer.dialling.calls_per_second = 20;
            dealer.dialling.dispositions.clone_from(&dispositions);
        })
        .await
        .unwrap();
    house
}

async fn put(house: &House, name: &str, definition: Value) {
    let definition = serde_json::from_value(definition).unwrap();
    let new = NewSchedule { name: name.into(), description: None, active: Some(true), definition };
    house.crm().schedule_put(&house.caller, new).await.unwrap();
}

/// A lead of a number of its own.
async fn lead(house: &House, number: usize) -> LeadId {
    let new = NewLead {
        name: Some(format!("Ana Ruiz {number}")),
        phone: Some(format!("+1713555{:04}", 1000 + number)),
        location: Some("houston".into()),
        ..NewLead::default()
    };
    house.crm().lead_receive(&house.caller, new, None).await.unwrap().lead
}

async fn enrol(house: &House, lead: LeadId, schedule: &str, how: Enrolling) -> EnrolmentId {
    match house.outreach.enrolment_begin(&house.caller, Ref::Id(lead), schedule, how).await.unwrap() {
        Enrolled::New(enrolment) => enrolment.id,
        other => panic!("{other:?}"),
    }
}

async fn on(house: &House, number: usize, schedule: &str) -> EnrolmentId {
    let lead = lead(house, number).await;
    enrol(house, lead, schedule, Enrolling::default()).await
}

/// A user of the house who calls: the one who sells, or the manager.
async fn user(house: &House, role: Role) -> UserId {
    let config = house.crm().config(house.caller.dealer).await.unwrap();
    config.users.iter().find(|user| user.doc.role == role).unwrap().id
}

async fn choose(house: &House, user: UserId, state: AgentState) {
    let choice = Choice { state, pause_code: None, call_groups: None };
    house.outreach.agent_choose(&house.caller, user, choice).await.unwrap();
    house.drain().await;
}

async fn agent(house: &House, user: UserId) -> CallAgent {
    let agents = house.outreach.agents(&house.caller).await.unwrap();
    agents.into_iter().find(|agent| agent.doc.user_id == user).unwrap().doc
}

async fn state(house: &House, user: UserId) -> &'static str {
    agent(house, user).await.state.as_str()
}

async fn calls(house: &House) -> Vec<Document<Conference>> {
    let mut calls = house.all::<Conference>().await;
    calls.sort_by_key(|call| (call.doc.made_at, call.id));
    calls
}

async fn the_call(house: &House) -> Document<Conference> {
    let mut calls = calls(house).await;
    assert_eq!(calls.len(), 1, "{calls:?}");
    calls.remove(0)
}

/// Where an enrolment is, in a line.
async fn stands(house: &House, id: EnrolmentId) -> String {
    let Enrolment { status, position, standstill, contact_attempts, .. } = house.get(id).await.doc;
    let rule = standstill.map(|standstill| format!(" {}", standstill.rule)).unwrap_or_default();
    format!("{} {position} {contact_attempts}{rule}", status.as_str())
}

/// Lets time pass in small steps until a call is in this state.
async fn until(house: &House, status: CallStatus) -> Document<Conference> {
    for _ in 0..60 {
        let newest = calls(house).await.pop();
        if let Some(call) = newest.filter(|call| call.doc.status == Some(status)) {
            return call;
        }
        house.pass(Duration::from_secs(1)).await;
    }
    panic!("no call came to be {status:?}: {:?}", calls(house).await);
}

async fn dispose(house: &House, call: &Document<Conference>, word: &str) {
    let disposed = Disposed { disposition: word.into(), note: Some("said so".into()), callback_at: None };
    house.outreach.call_dispose(&house.caller, call.id, disposed).await.unwrap();
    house.drain().await;
}

#[tokio::test]
async fn an_agent_who_is_ready_is_given_the_next_call_and_says_what_came_of_it() {
    let house = house(Person::Answers, Mode::Progressive).await;
    put(&house, "calls", json!({"actions": [{"do": "dial"}, {"do": "wait", "hours": 1}, {"do": "dial"}]})).await;
    let enrolment = on(&house, 1, "calls").await;
    house.pass(MINUTE).await;
    assert_eq!(stands(&house, enrolment).await, "queue 0 0", "nobody calls without an agent");

    let kim = user(&house, Role::Sales).await;
    choose(&house, kim, AgentState::Ready).await;
    assert_eq!(state(&house, kim).await, "ringing");
    assert_eq!(stands(&house, enrolment).await, "running 0 0");
    let call = until(&house, CallStatus::InProgress).await;
    assert_eq!(state(&house, kim).await, "talking");
    assert_eq!(call.doc.client_number.as_deref(), Some("+17135551001"));
    assert_eq!(call.doc.dealer_number.as_deref(), Some("+17135550111"));
    assert_eq!(call.doc.participant_users, [kim.to_string()]);
    house.pass(6 * MINUTE).await;
    // The agent had half a minute after the call, said nothing, and is ready again.
    assert_eq!(state(&house, kim).await, "ready");
    assert_eq!(stands(&house, enrolment).await, "waiting 2 1 wait");

    let due = house.get(enrolment).await.doc.next_action_at.unwrap();
    house.pass(due.since(house.now())).await;
    let call = until(&house, CallStatus::InProgress).await;
    house
        .outreach
        .call_dispose(&house.caller, call.id, Disposed { disposition: "booked".into(), ..Disposed::default() })
        .await
        .expect_err("it is still under way");
    let call = until_over(&house).await;
    assert_eq!(state(&house, kim).await, "wrap_up");
    assert_eq!(stands(&house, enrolment).await, "running 2 1 waiting_call_disposition");
    dispose(&house, &call, "booked").await;
    assert_eq!(state(&house, kim).await, "ready");
    assert_eq!(stands(&house, enrolment).await, "completed_attempted 3 2");
    let call = house.get(call.id).await;
    assert_eq!(call.doc.note.as_deref(), Some("said so"));
    let states: Vec<_> = call.doc.flow_events.iter().filter_map(|event| event.r#type.as_deref()).collect();
    assert_eq!(states, ["ringing", "in-progress", "completed"]);
    assert!(call.doc.flow_events.is_sorted_by_key(|event| event.start_date));
    assert!(call.doc.duration.as_ref().and_then(serde_json::Number::as_u64).unwrap() >= 20);
    let lead = house.get::<SaleLead>(house.get(enrolment).await.doc.lead_id).await;
    assert_eq!(lead.doc.status_name(), "appointment");
    assert_eq!(house.get(enrolment).await.doc.dispositions, ["booked", "completed"]);
    house.is_healthy().await;
}

/// The newest call, once it is over.
async fn until_over(house: &House) -> Document<Conference> {
    for _ in 0..400 {
        let call = calls(house).await.pop().unwrap();
        if call.doc.duration.is_some() {
            return call;
        }
        house.pass(Duration::from_secs(1)).await;
    }
    panic!("a call never ends");
}

#[tokio::test]
async fn people_take_a_call_in_their_own_ways_and_the_schedule_goes_on() {
    for (person, status, attempts) in [
        (Person::Ignores, CallStatus::NoAnswer, 1),
        (Person::Reads, CallStatus::Voicemail, 1),
        (Person::Unreachable, CallStatus::Busy, 1),
        (Person::Refused, CallStatus::Failed, 0),
        (Person::Vanishes, CallStatus::Queued, 1),
    ] {
        let house = house(person, Mode::Progressive).await;
        put(&house, "calls", json!({"actions": [{"do": "dial"}, {"do": "wait", "hours": 1}, {"do": "dial"}]})).await;
        let kim = user(&house, Role::Sales).await;
        choose(&house, kim, AgentState::Ready).await;
        let enrolment = on(&house, 1, "calls").await;
        house.pass(2 * MINUTE).await;
        let call = the_call(&house).await;
        assert_eq!(call.doc.status, Some(status), "{person:?}");
        assert_eq!(stands(&house, enrolment).await, format!("waiting 2 {attempts} wait"), "{person:?}");
        assert_eq!(state(&house, kim).await, "ready", "{person:?}");
        house.is_healthy().await;
    }
}

#[tokio::test]
async fn the_next_one_called_is_who_was_promised_then_who_just_came_then_by_priority_and_newest() {
    let house = house(Person::Ignores, Mode::Progressive).await;
    put(&house, "calls", json!({"actions": [{"do": "dial"}]})).await;
    put(&house, "later", json!({"actions": [{"do": "wait", "hours": 2}, {"do": "dial"}]})).await;
    put(&house, "promised", json!({"actions": [{"do": "callback", "minutes": 60}, {"do": "dial"}]})).await;
    let with = |lead_priority| Enrolling { lead_priority, ..Enrolling::default() };
    let mut expected = Vec::new();
    for (number, schedule, priority) in [(1, "later", 5), (2, "later", -1), (3, "later", 5), (4, "promised", 9)] {
        let lead = lead(&house, number).await;
        expected.push(enrol(&house, lead, schedule, with(priority)).await);
    }
    house.pass(121 * MINUTE).await;
    let lead = lead(&house, 5).await;
    expected.push(enrol(&house, lead, "calls", with(7)).await);
    let [old, urgent, newer, promised, fresh] = expected[..] else { panic!() };
    let kim = user(&house, Role::Sales).await;
    choose(&house, kim, AgentState::Ready).await;
    house.pass(20 * MINUTE).await;
    let order: Vec<_> = calls(&house).await.into_iter().map(|call| call.extra.enrolment_id.unwrap()).collect();
    assert_eq!(order[..5], [promised, fresh, urgent, newer, old]);
    house.is_healthy().await;
}

#[tokio::test]
async fn an_agent_who_leaves_is_not_waited_for() {
    let house = house(Person::Busy, Mode::Progressive).await;
    put(&house, "calls", json!({"actions": [{"do": "dial"}]})).await;
    let kim = user(&house, Role::Sales).await;
    let choice = |state| Choice { state, pause_code: Some("lunch".into()), call_groups: None };
    house.outreach.agent_choose(&house.caller, kim, choice(AgentState::Ready)).await.unwrap();
    let enrolment = on(&house, 1, "calls").await;
    // The provider asks to wait, and meanwhile the agent is gone.
    house.drain().await;
    assert_eq!(state(&house, kim).await, "ringing");
    house.forget_call(kim).await;
    house.pass(MINUTE).await;
    assert_eq!(stands(&house, enrolment).await, "queue 0 0");
    assert_eq!(the_call(&house).await.doc.status, Some(CallStatus::Canceled));
    house.outreach.agent_choose(&house.caller, kim, choice(AgentState::Paused)).await.unwrap();
    assert_eq!(agent(&house, kim).await.pause_code.as_deref(), Some("lunch"));
    house.pass(MINUTE).await;
    assert_eq!(calls(&house).await.len(), 1);

    house.is_healthy().await;
}

#[tokio::test]
async fn an_agent_who_chooses_to_pause_while_talking_does_so_after_the_call() {
    let house = house(Person::Answers, Mode::Progressive).await;
    put(&house, "calls", json!({"actions": [{"do": "dial"}]})).await;
    on(&house, 1, "calls").await;
    let boss = user(&house, Role::Manager).await;
    choose(&house, boss, AgentState::Ready).await;
    until(&house, CallStatus::InProgress).await;
    let pause = Choice { state: AgentState::Paused, pause_code: Some("lunch".into()), call_groups: None };
    house.outreach.agent_choose(&house.caller, boss, pause).await.unwrap();
    assert_eq!(state(&house, boss).await, "talking");
    house.pass(8 * MINUTE).await;
    let agent = agent(&house, boss).await;
    assert_eq!((agent.state, agent.pause_code.as_deref()), (AgentState::Paused, Some("lunch")));
    house.is_healthy().await;
}

#[tokio::test]
async fn an_agent_may_look_before_calling() {
    let house = house(Person::Answers, Mode::Preview).await;
    put(&house, "calls", json!({"actions": [{"do": "dial"}]})).await;
    let first = on(&house, 1, "calls").await;
    let kim = user(&house, Role::Sales).await;
    choose(&house, kim, AgentState::Ready).await;
    house.pass(MINUTE).await;
    assert_eq!(calls(&house).await.len(), 0, "agents choose whom to call");
    let shown = house.outreach.agent_preview(&house.caller, kim).await.unwrap().unwrap();
    assert_eq!(shown.id, first);
    assert_eq!(house.outreach.agent_preview(&house.caller, kim).await.unwrap().unwrap().id, first, "and stays shown");
    assert_eq!(stands(&house, first).await, "running 0 0 preview");
    house.outreach.agent_skip(&house.caller, kim).await.unwrap();
    house.drain().await;
    assert_eq!(stands(&house, first).await, "queue 0 0");

    // Whoever thinks for too long lets go.
    house.outreach.agent_preview(&house.caller, kim).await.unwrap().unwrap();
    house.pass(11 * MINUTE).await;
    assert_eq!((stands(&house, first).await.as_str(), state(&house, kim).await), ("queue 0 0", "ready"));

    house.outreach.agent_preview(&house.caller, kim).await.unwrap().unwrap();
    let wish = CallNow { whom: Whom::Enrolment(first), agent: Some(kim) };
    house.outreach.call_now(&house.caller, wish).await.unwrap();
    house.drain().await;
    assert_eq!(state(&house, kim).await, "ringing");
    until(&house, CallStatus::InProgress).await;
    let call = until_over(&house).await;
    dispose(&house, &call, "interested").await;
    assert_eq!(stands(&house, first).await, "completed_attempted 1 1");
    house.is_healthy().await;
}

#[tokio::test]
async fn a_promised_call_stops_everything_else_and_is_told_when_nobody_makes_it() {
    let house = house(Person::Answers, Mode::Progressive).await;
    let text = json!({"do": "sms", "text": {"en": "Hello"}});
    put(&house, "mixed", json!({"actions": [{"do": "wait", "hours": 1}, text]})).await;
    let enrolment = on(&house, 1, "mixed").await;
    house.drain().await;
    let lead = house.get(enrolment).await.doc.lead_id;
    let kim = user(&house, Role::Sales).await;
    choose(&house, kim, AgentState::Ready).await;

    // Somebody calls at once, beside the schedule, and promises another call in three hours.
    let wish = CallNow { whom: Whom::Lead(Ref::Id(lead)), agent: Some(kim) };
    house.outreach.call_now(&house.caller, wish).await.unwrap();
    house.drain().await;
    let call = until_over(&house).await;
    let at = house.now() + 180 * MINUTE;
    let disposed = Disposed { disposition: "interested".into(), note: None, callback_at: Some(at) };
    house.outreach.call_dispose(&house.caller, call.id, disposed).await.unwrap();
    choose(&house, kim, AgentState::Offline).await;
    assert_eq!(stands(&house, enrolment).await, "waiting 1 1 callback");
    house.pass(150 * MINUTE).await;
    assert_eq!(house.all::<forecourt_record::Sms>().await.len(), 0, "nothing else is done before");

    house.pass(31 * MINUTE).await;
    assert_eq!(stands(&house, enrolment).await, "queue 1 1");
    let tasks = async || {
        let all: Vec<Document<Task>> = house.all().await;
        all.iter().filter(|task| task.doc.description.as_deref().is_some_and(|said| said.contains("promised"))).count()
    };
    assert_eq!(tasks().await, 0);
    house.pass(16 * MINUTE).await;
    assert_eq!(tasks().await, 1, "nobody made it within a quarter of an hour");
    assert_eq!(house.count_events(EventName::ScheduledCallbackOverdue).await, 1);

    choose(&house, kim, AgentState::Ready).await;
    let call = until_over(&house).await;
    dispose(&house, &call, "interested").await;
    house.pass(MINUTE).await;
    let promised = house.all::<ScheduledCallback>().await;
    assert_eq!(promised.len(), 1);
    assert_eq!(promised[0].doc.status, CallbackStatus::Kept);
    assert_eq!(promised[0].doc.call_id, Some(call.id));
    assert_eq!(house.all::<forecourt_record::Sms>().await.len(), 1, "the schedule goes on where it was");
    assert_eq!(stands(&house, enrolment).await, "completed_attempted 2 3");
    house.is_healthy().await;
}

#[tokio::test]
async fn a_promise_made_after_the_schedule_has_gone_on_counts_the_call_once() {
    let house = house(Person::Answers, Mode::Progressive).await;
    put(&house, "calls", json!({"actions": [{"do": "dial"}, {"do": "wait", "days": 1}, {"do": "dial"}]})).await;
    let enrolment = on(&house, 1, "calls").await;
    let kim = user(&house, Role::Sales).await;
    choose(&house, kim, AgentState::Ready).await;
    until(&house, CallStatus::InProgress).await;
    let call = until_over(&house).await;
    dispose(&house, &call, "interested").await;
    assert_eq!(stands(&house, enrolment).await, "waiting 2 1 wait");
    let at = house.now() + 120 * MINUTE;
    let later = Disposed { disposition: "interested".into(), note: None, callback_at: Some(at) };
    house.outreach.call_dispose(&house.caller, call.id, later).await.unwrap();
    house.drain().await;
    assert_eq!(stands(&house, enrolment).await, "waiting 2 1 callback");
    assert_eq!(house.get(enrolment).await.doc.callback_at, Some(at));
    house.is_healthy().await;
}

#[tokio::test]
async fn a_call_is_handed_over_to_an_agent_who_is_ready() {
    let house = house(Person::Answers, Mode::Progressive).await;
    put(&house, "calls", json!({"actions": [{"do": "dial"}]})).await;
    on(&house, 1, "calls").await;
    let (kim, boss) = (user(&house, Role::Sales).await, user(&house, Role::Manager).await);
    choose(&house, kim, AgentState::Ready).await;
    let call = until(&house, CallStatus::InProgress).await;
    let refused = house.outreach.call_hand_over(&house.caller, call.id, boss).await.unwrap_err();
    assert_eq!(refused.code, Code::Conflict);
    choose(&house, boss, AgentState::Ready).await;
    house.outreach.call_hand_over(&house.caller, call.id, boss).await.unwrap();
    house.drain().await;
    assert_eq!((state(&house, kim).await, state(&house, boss).await), ("ready", "talking"));
    let call = until_over(&house).await;
    assert_eq!(state(&house, boss).await, "wrap_up");
    assert_eq!(call.doc.participant_users, [kim.to_string(), boss.to_string()]);
    let [transfer] = &call.doc.transfers[..] else { panic!("{call:?}") };
    assert_eq!((&transfer.from_user, &transfer.to_user), (&Some(kim.to_string()), &Some(boss.to_string())));
    assert!(call.doc.participants.iter().all(|one| one.entered_at.is_some() && one.left_at.is_some()));
    house.is_healthy().await;
}

/// What the provider tells of somebody who calls.
fn incoming(house: &House, id: &str, state: CallState, from: &str) -> Vec<u8> {
    body(&Call {
        provider_id: id.into(),
        reference: None,
        state,
        at: house.now(),
        seconds: Some(60),
        from: Some(from.into()),
        to: Some("+17135550111".into()),
    })
}

#[tokio::test]
async fn somebody_who_calls_finds_the_lead_and_its_tokens() {
    let house = house(Person::Ignores, Mode::Progressive).await;
    put(
        &house,
        "calls",
        json!({"actions": [{"do": "wait", "days": 3}, {"do": "dial"}], "until": [{"connected": true}]}),
    )
    .await;
    let lead = lead(&house, 1).await;
    let tokens = Tokens([("make".to_owned(), "Ford".to_owned())].into());
    let enrolment = enrol(&house, lead, "calls", Enrolling { tokens, ..Enrolling::default() }).await;
    let kim = user(&house, Role::Sales).await;
    choose(&house, kim, AgentState::Ready).await;
    let tell = async |id: &str, state: CallState, from: &str| {
        let told = incoming(&house, id, state, from);
        // What is told twice is done once.
        for _ in 0..2 {
            house.outreach.calls_receive(house.caller.dealer, &told).await.unwrap();
        }
        house.drain().await;
    };
    tell("CA1", CallState::Ringing, "+17135551001").await;
    let call = the_call(&house).await;
    assert_eq!((call.extra.lead_id, state(&house, kim).await), (Some(lead), "ringing"));
    assert_eq!(call.extra.call.as_ref().unwrap().tokens.get("make"), Some("Ford"));
    assert_eq!(call.doc.ringed_users, [kim.to_string()]);
    tell("CA1", CallState::Answered, "+17135551001").await;
    assert_eq!(state(&house, kim).await, "talking");
    assert_eq!(stands(&house, enrolment).await, "completed_connected 1 0");
    tell("CA1", CallState::Completed, "+17135551001").await;
    tell("CA1", CallState::Ringing, "+17135551001").await;
    assert_eq!(the_call(&house).await.doc.status, Some(CallStatus::Completed), "never back");
    assert_eq!(state(&house, kim).await, "wrap_up");

    // A number that nobody knows is somebody who asks.
    let before = house.all::<SaleLead>().await.len();
    tell("CA2", CallState::Ringing, "+17135559999").await;
    assert_eq!(house.all::<SaleLead>().await.len(), before + 1);
    assert_eq!(house.count_events(EventName::CallReceived).await, 2);
    house.is_healthy().await;
}

#[tokio::test]
async fn power_dialling_calls_more_than_it_has_agents_and_stops_at_its_cap() {
    let house = house(Person::Answers, Mode::Power).await;
    house.crm().dealer_change(&house.caller, |dealer| dealer.dialling.wrap_up_seconds = 5).await.unwrap();
    put(&house, "calls", json!({"actions": [{"do": "dial"}]})).await;
    for number in 0..40 {
        on(&house, number, "calls").await;
    }
    let kim = user(&house, Role::Sales).await;
    choose(&house, kim, AgentState::Ready).await;
    // Everybody answers: after the first twenty it knows, and keeps to one line for each agent.
    house.pass(360 * MINUTE).await;
    let all = calls(&house).await;
    assert_eq!(all.len(), 40);
    assert!(all.iter().all(|call| call.extra.call.as_ref().unwrap().agent_id == Some(kim)));
    assert_eq!(all.iter().filter(|call| call.extra.call.as_ref().unwrap().dropped).count(), 0);
    house.is_healthy().await;
}

#[tokio::test]
async fn whoever_answers_and_finds_nobody_is_hung_up_on_and_counted() {
    let house = house(Person::Answers, Mode::Power).await;
    put(&house, "calls", json!({"actions": [{"do": "dial"}]})).await;
    let kim = user(&house, Role::Sales).await;
    choose(&house, kim, AgentState::Ready).await;
    let enrolment = on(&house, 1, "calls").await;
    house.drain().await;
    until(&house, CallStatus::Ringing).await;
    choose(&house, kim, AgentState::Paused).await;
    let call = until(&house, CallStatus::InProgress).await;
    assert!(call.extra.call.as_ref().unwrap().dropped);
    assert_eq!(house.count_events(EventName::CallDropped).await, 1);
    house.pass(6 * MINUTE).await;
    assert_eq!(stands(&house, enrolment).await, "completed_attempted 1 1");
    assert_eq!(house.get(enrolment).await.doc.connected_at, None);
    house.is_healthy().await;
}

#[tokio::test]
async fn a_call_somebody_wants_now_passes_every_guard_first() {
    let house = house(Person::Answers, Mode::Progressive).await;
    put(&house, "calls", json!({"actions": [{"do": "wait", "days": 1}, {"do": "dial"}]})).await;
    let number = |to: &str| Whom::Number { schedule: "calls".into(), to: to.into(), tokens: Tokens::default() };
    let call = async |whom: Whom| house.outreach.call_now(&house.caller, CallNow { whom, agent: None }).await;
    let code = async |whom: Whom| call(whom).await.unwrap_err().code;

    assert_eq!(code(number("12")).await, Code::Invalid);
    let other = Whom::Number { schedule: "none".into(), to: "+17135551001".into(), tokens: Tokens::default() };
    assert_eq!(code(other).await, Code::NotFound);

    // Somebody new is called without being put on the schedule; somebody who is on it, is called as that.
    let tokens = Tokens([("campaign".to_owned(), "june".to_owned())].into());
    let first = Whom::Number { schedule: "calls".into(), to: "+17135551001".into(), tokens };
    let made = call(first).await.unwrap();
    assert_eq!(made.extra.call.as_ref().unwrap().tokens.get("campaign"), Some("june"));
    assert_eq!((made.extra.enrolment_id, house.all::<Enrolment>().await.len()), (None, 0));
    assert_eq!(code(number("+1 713 555 1001")).await, Code::Conflict, "called just now");
    let enrolment = on(&house, 2, "calls").await;
    house.drain().await;
    assert_eq!(call(number("+17135551002")).await.unwrap().extra.enrolment_id, Some(enrolment));
    assert_eq!(code(Whom::Enrolment(enrolment)).await, Code::Conflict, "being called at this moment");

    house.crm().dealer_change(&house.caller, |dealer| dealer.dialling.calls_per_second = 1).await.unwrap();
    assert_eq!(code(number("+17135551003")).await, Code::RateLimited);
    house.pass(2 * MINUTE).await;
    let kept = lead(&house, 4).await;
    house.suppress(Channel::Call, "+17135551004").await;
    assert_eq!(code(Whom::Lead(Ref::Id(kept))).await, Code::Suppressed);
    house.pass(2 * MINUTE).await;
    let stopped = serde_json::from_value(json!({"actions": [{"do": "dial"}]})).unwrap();
    let stopped = NewSchedule { name: "calls".into(), description: None, active: Some(false), definition: stopped };
    house.crm().schedule_put(&house.caller, stopped).await.unwrap();
    assert_eq!(code(number("+17135551005")).await, Code::Conflict);
    assert_eq!(calls(&house).await.len(), 2, "nothing that was refused left anything behind");
    assert_eq!(house.find_all::<SaleLead>(Filter::all()).await.len(), 3);
    house.is_healthy().await;
}

#[tokio::test]
async fn what_came_of_a_call_can_end_the_schedule_and_every_call() {
    let caller: fn(&House) -> Caller = House::agent;
    for (word, status, suppressed, covers) in [
        ("wrong_number", EnrolmentStatus::Disabled, false, OptOut::Channel),
        ("never_again", EnrolmentStatus::OptOut, true, OptOut::Channel),
        ("never_again", EnrolmentStatus::OptOut, true, OptOut::All),
    ] {
        let house = house(Person::Answers, Mode::Progressive).await;
        house.crm().dealer_change(&house.caller, move |dealer| dealer.opt_out = covers).await.unwrap();
        put(&house, "calls", json!({"actions": [{"do": "dial"}, {"do": "wait", "hours": 1}, {"do": "dial"}]})).await;
        let enrolment = on(&house, 1, "calls").await;
        let kim = user(&house, Role::Sales).await;
        choose(&house, kim, AgentState::Ready).await;
        until(&house, CallStatus::InProgress).await;
        let call = until_over(&house).await;
        let unknown = Disposed { disposition: "whatever".into(), ..Disposed::default() };
        let wrong = house.outreach.call_dispose(&caller(&house), call.id, unknown).await.unwrap_err();
        assert_eq!(wrong.code, Code::Invalid);
        dispose(&house, &call, word).await;
        assert_eq!(house.get(enrolment).await.doc.status, status);
        house.pass(180 * MINUTE).await;
        assert_eq!(calls(&house).await.len(), 1);
        let lead = house.get(enrolment).await.doc.lead_id;
        let again =
            house.outreach.call_now(&house.caller, CallNow { whom: Whom::Lead(Ref::Id(lead)), agent: None }).await;
        assert_eq!(again.is_err_and(|error| error.code == Code::Suppressed), suppressed, "{word}");
        let template = NewMessage::Template { name: "offer".into(), language: "en".into(), parameters: Vec::new() };
        let written = house.send(lead, template).await;
        let everywhere = covers == OptOut::All;
        assert_eq!(written.is_err_and(|error| error.code == Code::Suppressed), everywhere, "{word} {covers:?}");
        house.is_healthy().await;
    }
}
