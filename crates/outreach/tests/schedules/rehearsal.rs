//! A rehearsal tells the truth: it makes the contacts that the worker makes, and it is the same on every run.

use std::time::Duration;

use forecourt_connect::{Behaviour, Person, Sandbox};
use forecourt_crm::{Ref, intake::NewLead};
use forecourt_outreach::{
    rehearsal::{Act, Cast, Lead, MOST_LEADS, Rehearsal, Script, Stage, log},
    schedule::{Enrolled, Enrolling},
};
use forecourt_record::{
    Dealer, EmailMessage, Enrolment, Instant, SaleLead, Sms, WhatsappMessage,
    gate::Channel,
    schedule::{Definition, Tokens},
};
use serde_json::{Value, json};

use super::put;
use crate::house::House;

const DAY: Duration = Duration::from_hours(24);

/// Where people are written to from, and how their numbers begin: five zones of the United States, Germany, Spain, and
/// a number that may be in any zone of its country.
const NUMBERS: [(&str, &str); 9] = [
    ("houston", "+1713555"),
    ("houston", "+1212555"),
    ("houston", "+1303555"),
    ("houston", "+1213555"),
    ("houston", "+1305555"),
    ("houston", "+1800555"),
    ("berlin", "+4930123"),
    ("madrid", "+3491123"),
    ("madrid", "+3460012"),
];

fn asked(script: Script, cast: Cast, behaviour: Behaviour) -> Rehearsal {
    Rehearsal { script, cast, location: None, from: None, seed: 1, behaviour, call_seconds: [300, 60] }
}

/// A dealer with locations in three countries, whose bot keeps still.
async fn house(behaviour: Behaviour) -> (House, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path(), Sandbox::new(1, behaviour), "2026-11-21T15:00:00Z").await;
    let mut house = house;
    house.caller.sight = forecourt_crm::Sight::All;
    let change = |dealer: &mut Dealer| (dealer.bot.enabled, dealer.email) = (false, "sales@demo.example".parse().ok());
    house.crm().dealer_change(&house.caller, change).await.unwrap();
    for (code, country, zone, number) in
        [("berlin", "DE", "Europe/Berlin", "+493012345678"), ("madrid", "ES", "Europe/Madrid", "+34911234567")]
    {
        let location = json!({
            "code": code, "name": code, "country": country, "calendar": {"zone": zone}, "whatsapp_number": number,
        });
        house.crm().location_add(&house.caller, serde_json::from_value(location).unwrap()).await.unwrap();
    }
    (house, folder)
}

/// Two weeks with everything but calls: waits of every sort, conditions, groups, a status, and contacts in the night.
fn cadence() -> Value {
    let text = |words: &str| json!({"do": "sms", "text": {"en": words, "de": words, "es": words}});
    let chat = json!({"do": "whatsapp", "template": "created", "text": {"en": "Hello"}});
    let mail = json!({"do": "email", "subject": {"en": "Your car"}, "text": {"en": "Hello"}});
    json!({
        "actions": [
            chat,
            mail,
            {"do": "wait", "hours": 4},
            text("one"),
            text("two"),
            {"do": "wait", "days": 1, "until": "07:15"},
            {"do": "group", "name": "night"},
            {"do": "wait", "days": 2, "until": "21:30", "on": ["sat", "sun"]},
            {"do": "whatsapp", "text": {"en": "Free text needs an open window."}},
            text("three"),
            mail,
            {"do": "modify_lead", "status": "contacted", "tokens": {"round": "2"}},
            {"do": "exit", "when": [{"token": "source:partner"}]},
            {"do": "wait", "rules": "calm"},
            chat,
            {"do": "wait", "days": 1},
            {"do": "restart", "at_most": 1},
        ],
        "groups": {"night": [text("early"), {"do": "wait", "hours": 20}, text("late")]},
        "wait_rules": {"calm": [{"seconds": 90_000, "when": [{"token": "make:ford"}]}, {"tier": 1, "seconds": 200_000}]},
        "until": [{"status": ["lost"]}],
        "at_end": [{"do": "add_task", "description": "Decide"}],
        "max_contact_attempts": 9,
        "expires_after_hours": 330,
    })
}

/// The same, and it ends with an answer.
fn until_answered() -> Value {
    let mut definition = cadence();
    definition["until"] = json!([{"replied": true}, {"status": ["lost"]}]);
    definition
}

/// Puts leads into the store and on the schedule, and lets the worker take them to their end.
async fn really(house: &House, count: usize) -> Vec<(Instant, i64, Channel)> {
    let begun = house.now();
    for at in 0..count {
        let (location, beginning) = NUMBERS[at % NUMBERS.len()];
        let new = NewLead {
            name: Some(format!("Somebody {at}")),
            phone: Some(format!("{beginning}{:04}", 100 + at)),
            email: (!at.is_multiple_of(4)).then(|| format!("somebody{at}@example.com")),
            location: Some(location.into()),
            ..NewLead::default()
        };
        let lead = house.crm().lead_receive(&house.caller, new, None).await.unwrap().lead;
        let how = Enrolling { tokens: tokens(at), ..Enrolling::default() };
        let enrolled = house.outreach.enrolment_begin(&house.caller, Ref::Id(lead), "cadence", how).await.unwrap();
        assert!(matches!(enrolled, Enrolled::New(_)));
        house.pass(Duration::from_mins(7)).await;
    }
    house.pass((begun + 16 * DAY).since(house.now())).await;
    house.is_healthy().await;
    assert!(house.all::<Enrolment>().await.iter().all(|one| !one.doc.status.is_live()));

    let mut made = Vec::new();
    let leads = house.all::<SaleLead>().await;
    let number = |id| leads.iter().find(|lead| Some(lead.id) == id).unwrap().extra.number;
    let sent = house.sent().await;
    for message in house.all::<Sms>().await {
        made.extend(sent.get(&message.id.cast()).map(|at| (*at, number(message.extra.lead_id), Channel::Sms)));
    }
    for message in house.all::<EmailMessage>().await {
        made.extend(sent.get(&message.id.cast()).map(|at| (*at, number(message.extra.lead_id), Channel::Email)));
    }
    for message in house.all::<WhatsappMessage>().await {
        made.extend(sent.get(&message.id.cast()).map(|at| (*at, number(message.extra.lead_id), Channel::Whatsapp)));
    }
    made.sort();
    made
}

fn tokens(at: usize) -> Tokens {
    let make = if at.is_multiple_of(2) { "Ford" } else { "Seat" };
    let source = if at.is_multiple_of(5) { "partner" } else { "website" };
    Tokens([("make".to_owned(), make.to_owned()), ("source".to_owned(), source.to_owned())].into())
}

/// The contacts of a rehearsal of the same leads.
fn contacts(acts: &[Act]) -> Vec<(Instant, i64, Channel)> {
    let mut made: Vec<_> = acts.iter().filter_map(|act| Some((act.at, act.lead, act.what.contact()?))).collect();
    made.sort();
    made
}

async fn agree(behaviour: Behaviour, definition: Value, count: usize) {
    let (house, _folder) = house(behaviour).await;
    put(&house, "cadence", definition).await;
    let begun = house.now();
    let made = really(&house, count).await;
    let days = u32::try_from(house.now().since(begun).as_secs() / 86_400 + 1).unwrap();
    let mut rehearsal = asked(Script::Named("cadence".into()), Cast::Recent(days), behaviour);
    // Leads come in as they did: as long after the beginning as they came in after so many days ago began.
    let zone = house.crm().config(house.caller.dealer).await.unwrap().calendar(None).zone.clone();
    rehearsal.from = Some(zone.start_of(zone.date(house.now())) - days * DAY);
    let mut stage = house.outreach.rehearsal_stage(&house.caller, rehearsal).await.unwrap();
    for lead in &mut stage.leads {
        let Lead { number, tokens: known, .. } = lead;
        *known = tokens(usize::try_from(*number - stage_first(&made)).unwrap());
    }
    let rehearsed = contacts(&stage.run());
    assert!(made.len() > count * 2, "{}", made.len());
    let apart = made.iter().zip(&rehearsed).find(|(one, other)| one != other);
    assert_eq!((apart, made.len()), (None, rehearsed.len()));
    // Other people would have done something else.
    stage.people.seed += 1;
    if behaviour == Behaviour::People {
        assert_ne!(contacts(&stage.run()), made);
    }
}

/// The number of the first lead.
fn stage_first(made: &[(Instant, i64, Channel)]) -> i64 {
    made.iter().map(|(_, lead, _)| *lead).min().unwrap()
}

#[tokio::test]
async fn a_rehearsal_makes_the_contacts_that_the_worker_makes() {
    agree(Behaviour::People, until_answered(), 150).await;
}

#[tokio::test]
async fn it_does_so_when_nobody_answers_and_everything_comes_to_its_end() {
    agree(Behaviour::Silent, cadence(), 36).await;
}

#[tokio::test]
async fn it_does_so_where_an_answer_opens_the_window_and_ends_nothing() {
    agree(Behaviour::People, cadence(), 27).await;
    agree(Behaviour::Everybody(Person::Answers), cadence(), 9).await;
}

#[tokio::test]
async fn ten_thousand_leads_over_two_weeks_are_the_same_on_every_run() {
    let (house, _folder) = house(Behaviour::People).await;
    let definition: Definition =
        serde_json::from_str(include_str!("../../../forecourt/src/demo/schedules/cadence.json")).unwrap();
    let rehearsal = asked(Script::Definition(definition), Cast::Generated(MOST_LEADS), Behaviour::People);
    let stage: Stage = house.outreach.rehearsal_stage(&house.caller, rehearsal.clone()).await.unwrap();
    let acts = stage.run();
    let (report, again) = house.outreach.rehearse(&house.caller, rehearsal.clone()).await.unwrap();
    assert!(log(&acts) == log(&again), "two runs tell different stories");
    let other = Rehearsal { seed: 2, ..rehearsal };
    let (other, _) = house.outreach.rehearse(&house.caller, other).await.unwrap();
    assert_ne!(report.digest, other.digest);

    assert_eq!(report.leads, MOST_LEADS);
    let ended: i64 = report.ends.values().sum();
    assert_eq!(ended, MOST_LEADS as i64, "everybody comes to an end: {:?}", report.ends);
    assert_eq!(
        report.contacts.values().sum::<i64>(),
        report.hours.values().flat_map(|hour| hour.values()).sum::<i64>()
    );
    assert_eq!(report.contacts[&Channel::Call], report.calls.made);
    let calls = report.calls;
    assert_eq!(calls.seconds, (calls.answered * 300 + (calls.made - calls.answered) * 60) as u64);
    assert!(report.rules.values().all(|rule| rule.held == 0 || rule.held_seconds > 0), "{:?}", report.rules);
    assert!(report.rules.contains_key("federal_hours"), "{:?}", report.rules.keys());
    // In the order of time.
    assert!(acts.is_sorted_by_key(|act| act.at));
}

#[tokio::test]
async fn what_cannot_be_rehearsed_is_told_at_once() {
    let (house, _folder) = house(Behaviour::Silent).await;
    let check = async |script, cast, location: Option<&str>, expected: &[&str]| {
        let mut rehearsal = asked(script, cast, Behaviour::Silent);
        rehearsal.location = location.map(str::to_owned);
        let error = house.outreach.rehearse(&house.caller, rehearsal).await.unwrap_err();
        let pointers: Vec<&str> = error.fields.iter().map(|field| field.pointer.as_str()).collect();
        assert_eq!(pointers, expected);
    };
    let none = || Script::Named("none".into());
    check(none(), Cast::Generated(0), Some("nowhere"), &["schedule", "location", "leads"]).await;
    check(none(), Cast::Recent(91), None, &["schedule", "leads"]).await;
    let wrong: Definition = serde_json::from_value(json!({"actions": [{"do": "group", "name": "x"}]})).unwrap();
    let too_many = Cast::Generated(MOST_LEADS + 1);
    check(Script::Definition(wrong), too_many, None, &["definition/actions/0/name", "leads"]).await;
}

#[tokio::test]
async fn schedules_that_lead_to_each_other_come_to_an_end_with_an_error() {
    let (house, _folder) = house(Behaviour::Silent).await;
    let onto = |name: &str| json!({"actions": [{"do": "add_to_schedule", "schedule": name}], "duplicates": "allow"});
    put(&house, "here", json!({"actions": [{"do": "wait", "hours": 1}]})).await;
    put(&house, "there", onto("here")).await;
    put(&house, "here", onto("there")).await;
    let rehearsal = asked(Script::Named("here".into()), Cast::Generated(1), Behaviour::Silent);
    let error = house.outreach.rehearse(&house.caller, rehearsal).await.unwrap_err();
    assert_eq!(error.fields[0].pointer, "leads");
}
