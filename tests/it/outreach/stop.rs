//! Every word of opting out that is shipped, on each channel, whatever is in flight: nothing is begun after it.

use std::{collections::BTreeMap, time::Duration};

use forecourt_connect::{Content, Outgoing, optout};
use forecourt_crm::schedule::NewSchedule;
use forecourt_record::{Attempt, Delivery, DiallerType, Enrolment, EnrolmentStatus, Sms, WhatsappMessage};
use forecourt_testkit::{TestApp, both};
use serde_json::{Value, json};

use super::{has_gone, quiet, suppressed, texts, writes};

/// What is in flight when the wish comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flight {
    /// The first message is due and nobody has looked at it yet.
    Due,
    /// One message is sent, the next one's time has not come.
    Waiting,
    /// The second message is planned, and a rule of contact holds it.
    Held,
    /// The second message was being sent when the server died; the provider never got it.
    Lost,
    /// The same, and the provider has it.
    Gone,
    /// Somebody is to call.
    Call,
}

const FLIGHTS: [Flight; 6] = [Flight::Due, Flight::Waiting, Flight::Held, Flight::Lost, Flight::Gone, Flight::Call];

/// Somebody on a schedule who does not want to be contacted. Each word is said whatever is in flight; on which channel, and
/// what the schedule writes by, goes round with them.
struct Person {
    number: String,
    words: String,
    by_text: bool,
    flight: Flight,
    schedule: &'static str,
}

impl Person {
    fn all() -> Vec<Self> {
        let said = optout::STOP.iter().enumerate();
        let said = said.flat_map(|(word, words)| FLIGHTS.iter().enumerate().map(move |at| (word, words, at)));
        let people = said.enumerate().map(|(at, (word, words, (turn, flight)))| {
            let written = ["texted", "written"][(word / 2 + turn) % 2];
            Self {
                number: format!("+1713{:07}", 2_000_000 + at),
                // As people write: plainly, loudly, with manners.
                words: match (word + turn) % 3 {
                    0 => (*words).to_owned(),
                    1 => format!("{}!", words.to_uppercase()),
                    _ => format!("Please {words}. Thanks"),
                },
                by_text: (word + turn).is_multiple_of(2),
                flight: *flight,
                schedule: if *flight == Flight::Call { "called" } else { written },
            }
        });
        people.collect()
    }

    /// How many messages the provider has in the end: those that had left before.
    fn sent(&self) -> usize {
        match self.flight {
            Flight::Due | Flight::Call => 0,
            Flight::Waiting | Flight::Held | Flight::Lost => 1,
            Flight::Gone => 2,
        }
    }
}

/// The schedules, and the types by which people are put on them.
async fn schedules(app: &TestApp) {
    let text = json!({"do": "sms", "text": {"en": "Still looking?"}});
    let message = json!({"do": "whatsapp", "template": "reengagement", "text": {"en": "Still looking?"}});
    let twice = |message: Value| json!([message, {"do": "wait", "minutes": 10}, message, {"do": "dial"}]);
    for (name, actions) in [("texted", twice(text)), ("written", twice(message)), ("called", json!([{"do": "dial"}]))] {
        let definition = serde_json::from_value(json!({"actions": actions})).unwrap();
        let new = NewSchedule { name: name.into(), description: None, active: Some(true), definition };
        app.crm().schedule_put(&app.caller(), new).await.unwrap();
        let location = Some("houston".into());
        let (name, active) = (name.to_owned(), true);
        let (schedule, origin) = (name.clone(), name.clone());
        let kind = DiallerType { name, schedule, origin, location, active, ..DiallerType::default() };
        app.crm().lead_type_put(&app.caller(), kind).await.unwrap();
    }
}

async fn enrol(app: &TestApp, people: &[Person], flights: &[Flight]) {
    for person in people.iter().filter(|person| flights.contains(&person.flight)) {
        let number = &person.number;
        let lead = json!({
            "first_name": "Ana", "surname": "Ruiz", "mobile": number, "email": format!("{number}@example.com"),
            "type": person.schedule,
        });
        let added = app.post("/lead/add").json(&lead).send().await.expect(200);
        assert_eq!(added, json!({"saved": true, "processed": true}), "{number}");
    }
}

/// The messages to each number, on any channel: our id, and whether one has its outcome.
async fn messages(app: &TestApp) -> BTreeMap<String, Vec<(String, Attempt)>> {
    let texts =
        app.all::<Sms>().await.into_iter().map(|one| (one.doc.direction, one.doc.to, one.id.to_string(), one.extra));
    let others = app.all::<WhatsappMessage>().await.into_iter();
    let others = others.map(|one| (one.doc.direction, one.doc.to, one.id.to_string(), one.extra));
    let mut all: BTreeMap<String, Vec<(String, Attempt)>> = BTreeMap::new();
    for (direction, to, id, extra) in texts.chain(others) {
        if direction == Some(forecourt_record::Direction::Outbound) {
            all.entry(to.unwrap()).or_default().push((id, extra.attempt));
        }
    }
    all
}

/// As if the server had died while it handed this message over.
async fn interrupt(app: &TestApp, person: &Person, id: &str) {
    if person.schedule == "texted" {
        app.change::<Sms>(id.parse().unwrap(), |message| message.extra.attempt = Attempt::Sending).await;
    } else {
        app.change::<WhatsappMessage>(id.parse().unwrap(), |message| {
            message.extra.attempt = Attempt::Sending;
            message.doc.delivery_status = Some(Delivery::Sending);
        })
        .await;
    }
    if person.flight == Flight::Gone {
        let content = Content::Text { body: "Still looking?".to_owned().into() };
        let from = forecourt_testkit::chat::DEALER_NUMBER.to_owned();
        let outgoing = Outgoing { reference: id.to_owned(), from, to: person.number.clone().into(), content };
        app.app.outreach.chat.send(&outgoing).await;
    }
}

both! {
    async fn every_word_of_opting_out_stops_what_is_in_flight(app) {
        use Flight::{Call, Due, Gone, Held, Lost, Waiting};
        // So the second message is planned when its time comes, and not sent yet.
        quiet(app, 3_600).await;
        schedules(app).await;
        let people = Person::all();
        enrol(app, &people, &[Held, Lost, Gone, Call]).await;
        app.work().await;
        app.pass(Duration::from_mins(10)).await;
        enrol(app, &people, &[Waiting]).await;
        app.work().await;
        enrol(app, &people, &[Due]).await;
        let before = messages(app).await;
        for person in people.iter().filter(|person| [Held, Lost, Gone].contains(&person.flight)) {
            let planned = before[&person.number].iter().find(|(_, attempt)| *attempt == Attempt::Planned);
            let (id, _) = planned.unwrap_or_else(|| panic!("nothing is planned for {}", person.number));
            if person.flight != Held {
                interrupt(app, person, id).await;
            }
        }
        let live = app.all::<Enrolment>().await.into_iter().filter(|one| one.doc.status.is_live()).count();
        assert_eq!(live, people.len(), "everybody is on a schedule when the wishes come");

        for person in &people {
            if person.by_text {
                texts(app, &person.number, &person.words).await;
            } else {
                writes(app, &format!("wamid.{}", person.number), &person.number, &person.words).await;
            }
            let channel = if person.by_text { "sms" } else { "whatsapp" };
            assert!(suppressed(app, channel, &person.number).await.is_some(), "{}", person.words);
        }
        app.work().await;
        for enrolment in app.all::<Enrolment>().await {
            assert_eq!(enrolment.doc.status, EnrolmentStatus::OptOut, "{:?}", enrolment.doc.caller_id);
        }
        app.pass(Duration::from_hours(48)).await;

        let after = messages(app).await;
        for person in &people {
            let written = after.get(&person.number).map_or(&[][..], Vec::as_slice);
            let mut sent = 0;
            for (id, attempt) in written {
                let gone = has_gone(app, id).await;
                let expected = if gone { Attempt::Sent } else { Attempt::Failed };
                assert_eq!(*attempt, expected, "{:?} after \"{}\"", person.flight, person.words);
                sent += usize::from(gone);
            }
            assert_eq!(sent, person.sent(), "{:?} after \"{}\"", person.flight, person.words);
        }
    }
}
