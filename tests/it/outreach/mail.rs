//! Mails of schedules: through the gate and the outbox, and what comes back.

use std::time::Duration;

use forecourt_connect::{Mail, Person, sandbox};
use forecourt_record::{
    Attempt, Direction, EmailMessage, Enrolment, EnrolmentStatus, SaleLead, event::EventName, gate::Channel,
};
use forecourt_testkit::{Setup, TestApp, both};
use serde_json::{Value, json};

use super::{has_gone, quiet, suppressed};
use crate::{
    dialler::put,
    native::{at, enrol},
};

const ANA: &str = "+17132345678";
const MAIL: &str = "ana@example.com";
const HOUR: Duration = Duration::from_hours(1);

fn mail(subject: &str) -> Value {
    json!({"do": "email", "subject": {"en": subject}, "text": {"en": "Hi [first_name], about the [make]{car}?"}})
}

/// Ana asks; her lead.
async fn ana(app: &TestApp, address: Option<&str>) -> String {
    let lead = json!({"name": "Ana Ruiz", "phone": ANA, "email": address, "location": "houston"});
    app.post("/v1/leads").json(&lead).send().await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// Two mails, a day apart, until she answers.
async fn two(app: &TestApp) {
    let actions = json!([mail("One\nline"), {"do": "wait", "days": 1}, mail("Two")]);
    put(app, "letters", json!({"actions": actions, "until": [{"replied": true}]})).await;
}

async fn enrolment(app: &TestApp) -> Enrolment {
    app.all::<Enrolment>().await.pop().unwrap().doc
}

async fn mails(app: &TestApp, direction: Direction) -> Vec<(String, Attempt)> {
    let mut all = app.all::<EmailMessage>().await;
    all.sort_by_key(|one| one.id);
    let these = all.into_iter().filter(|one| one.doc.direction == Some(direction));
    these.map(|one| (one.doc.subject.unwrap(), one.extra.attempt)).collect()
}

/// Why contacts of the schedule were left out, the first one first.
async fn left_out(app: &TestApp) -> Vec<Value> {
    let held = app.events().await.into_iter().filter(|event| event.name == EventName::EnrolmentHeld);
    // They come newest first.
    held.rev().map(|event| event.data["rule"].clone()).collect()
}

/// Somebody mails the dealer.
async fn writes(app: &TestApp, id: &str, from: &str, words: &str, reply_to: Option<String>) {
    let letter = Mail {
        provider_id: id.to_owned(),
        from: from.into(),
        to: "sales@demo.example".to_owned(),
        subject: "Your car".into(),
        body: words.into(),
        at: app.clock.now(),
        reply_to,
    };
    app.app.outreach.mails_receive(app.dealer, &sandbox::mail::mail(&letter)).await.unwrap();
    app.work().await;
}

both! {
    async fn a_mail_goes_out_once_with_what_is_known(app) {
        quiet(app, 0).await;
        two(app).await;
        let lead = ana(app, Some("Ana@Example.com")).await;
        let id = enrol(app, &lead, "letters").await["id"].clone();
        app.work().await;
        let sent = app.all::<EmailMessage>().await.pop().unwrap();
        let EmailMessage { from, to, subject, body, direction, lead_id, client_id, location, .. } = sent.doc;
        assert_eq!((from.as_deref(), to), (Some("sales@demo.example"), vec![MAIL.to_owned()]));
        assert_eq!((subject.as_deref(), body.as_deref()), (Some("One line"), Some("Hi Ana, about the car?")));
        assert_eq!((direction, location.as_deref()), (Some(Direction::Outbound), Some("houston")));
        assert!(lead_id.is_some() && client_id.is_some());
        assert_eq!(sent.extra.message_id, Some(format!("<{}@demo.example>", sent.id)));
        assert_eq!((sent.extra.attempt, has_gone(app, &sent.id.to_string()).await), (Attempt::Sent, true));
        let why = app.get(&at(&format!("enrolments/{}/why-not", id.as_str().unwrap()))).send().await.expect(200);
        assert_eq!((&why["channel"], &why["action"]), (&json!("email"), &json!("send a mail: Two")));
        app.pass(25 * HOUR).await;
        assert_eq!(mails(app, Direction::Outbound).await.len(), 2);
        let over = enrolment(app).await;
        assert_eq!((over.status, over.contact_attempts), (EnrolmentStatus::CompletedAttempted, 2));
        let lead = app.all::<SaleLead>().await.pop().unwrap();
        assert_eq!(lead.extra.answered_at, None);
        // Neither the phone nor its hours matter to a mail.
        assert_eq!(left_out(app).await, [] as [Value; 0]);
    }

    async fn whoever_answers_a_mail_has_answered(app = Setup::everybody(Person::Answers)) {
        quiet(app, 0).await;
        two(app).await;
        let lead = ana(app, Some(MAIL)).await;
        enrol(app, &lead, "letters").await;
        app.pass(HOUR).await;
        let over = enrolment(app).await;
        assert_eq!(over.status, EnrolmentStatus::CompletedAttempted);
        assert!(over.replied_at.is_some());
        assert_eq!(mails(app, Direction::Inbound).await.len(), 1);
        let reply = app.all::<EmailMessage>().await.into_iter().find(|one| one.doc.direction == Some(Direction::Inbound)).unwrap();
        assert_eq!((reply.doc.from.as_deref(), reply.extra.lead_id), (Some(MAIL), Some(app.all::<SaleLead>().await[0].id)));
        app.pass(48 * HOUR).await;
        assert_eq!(mails(app, Direction::Outbound).await.len(), 1);
    }

    async fn a_wish_by_mail_is_obeyed_whatever_it_quotes(app) {
        quiet(app, 0).await;
        two(app).await;
        let lead = ana(app, Some(MAIL)).await;
        enrol(app, &lead, "letters").await;
        app.work().await;
        let sent = app.all::<EmailMessage>().await.pop().unwrap();
        // The same mail comes twice, and once more from somebody who is nobody's client.
        for _ in 0..2 {
            writes(app, "<1@example.com>", "Ana@example.com", "Unsubscribe\n\nYou wrote:\n> Hi Ana", sent.extra.message_id.clone()).await;
        }
        writes(app, "<2@example.com>", "else@example.com", "STOP", None).await;
        assert_eq!(enrolment(app).await.status, EnrolmentStatus::OptOut);
        for address in [MAIL, "else@example.com"] {
            assert!(suppressed(app, Channel::Email.as_str(), address).await.unwrap().starts_with("opt-out"), "{address}");
        }
        assert_eq!(suppressed(app, Channel::Sms.as_str(), ANA).await, None);
        assert_eq!(mails(app, Direction::Inbound).await.len(), 2);
        enrol(app, &lead, "letters").await;
        app.pass(48 * HOUR).await;
        assert_eq!(mails(app, Direction::Outbound).await.len(), 1);
        assert_eq!(left_out(app).await, ["suppressed", "suppressed"]);
    }

    async fn a_mail_that_comes_back_is_the_last_to_that_address(app = Setup::everybody(Person::Unreachable)) {
        quiet(app, 0).await;
        two(app).await;
        let lead = ana(app, Some(MAIL)).await;
        enrol(app, &lead, "letters").await;
        app.pass(48 * HOUR).await;
        assert_eq!(mails(app, Direction::Outbound).await, [("One line".to_owned(), Attempt::Failed)]);
        assert_eq!(suppressed(app, "email", MAIL).await.as_deref(), Some("mail to it came back"));
        assert_eq!(left_out(app).await, ["suppressed"]);
    }

    async fn without_an_address_a_mail_is_left_out_and_the_schedule_goes_on(app) {
        quiet(app, 0).await;
        let text = json!({"do": "sms", "text": {"en": "Hello"}});
        put(app, "both", json!({"actions": [mail("One"), text]})).await;
        let lead = ana(app, None).await;
        enrol(app, &lead, "both").await;
        app.work().await;
        assert_eq!(left_out(app).await, ["no_email"]);
        assert_eq!(enrolment(app).await.contact_attempts, 1);
        // Nor does the dealer have one, unless the action names it.
        app.crm().dealer_change(&app.caller(), |dealer| dealer.email = None).await.unwrap();
        let mut named = mail("Named");
        named["from"] = "kim@demo.example".into();
        put(app, "named", json!({"actions": [mail("One"), named]})).await;
        let ben = json!({"name": "Ben", "phone": "+17132345001", "email": "ben@example.com", "location": "houston"});
        let ben = app.post("/v1/leads").json(&ben).send().await.expect(201)["id"].as_str().unwrap().to_owned();
        enrol(app, &ben, "named").await;
        app.work().await;
        assert_eq!(left_out(app).await, ["no_email", "no_sender"]);
        assert_eq!(mails(app, Direction::Outbound).await, [("Named".to_owned(), Attempt::Sent)]);
    }

    async fn rules_of_contact_hold_mails_where_they_are_about_them(app) {
        quiet(app, 0).await;
        let rules = json!({"limits": [{"name": "one_a_day", "scope": {"channels": ["email"]}, "most": 1, "seconds": 86400}]});
        app.put(&at("contact-rules")).json(&rules).send().await.expect(200);
        put(app, "both", json!({"actions": [mail("One"), mail("Two")]})).await;
        let lead = ana(app, Some(MAIL)).await;
        enrol(app, &lead, "both").await;
        app.work().await;
        assert_eq!(enrolment(app).await.standstill.unwrap().rule, "one_a_day");
        app.pass(23 * HOUR).await;
        assert_eq!(mails(app, Direction::Outbound).await[1].1, Attempt::Planned);
        app.pass(HOUR).await;
        assert_eq!(mails(app, Direction::Outbound).await[1].1, Attempt::Sent);
    }
}
