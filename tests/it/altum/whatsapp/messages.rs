//! `POST /v1/whatsapp/messages`.

use std::time::Duration;

use forecourt_connect::Person;
use forecourt_record::{Client, Role, SaleLead, WhatsappMessage};
use forecourt_testkit::{As, Ask, Setup, TestApp, both};
use http::Method;
use serde_json::{Value, json};

use crate::altum::{bea, change, conversation, create, just_before, read, text, with};

const HOUR: Duration = Duration::from_hours(1);
const BEA: &str = "+17135550123";

fn send(app: &TestApp, body: &Value) -> Ask {
    app.post("/v1/whatsapp/messages").json(body)
}

/// A lead whose person has just written, greeted before.
async fn open(app: &TestApp) -> String {
    let id = create(app, bea()).await;
    app.pass(HOUR).await;
    app.says(BEA, "Hi, is it still there?").await;
    id
}

both! {
    async fn the_published_example_is_queued(app) {
        let id = open(app).await;
        let body = send(app, &json!({"leadId": id, "body": "Hola Jose..."})).send().await.expect(202);
        assert_eq!(body["status"], "queued");
        assert!(text(&body["id"]).starts_with("msg_"));
        assert_eq!(body.as_object().unwrap().len(), 2);
        let messages = read(app, &id).await["messages"].clone();
        assert_eq!((&messages[2]["id"], &messages[2]["body"]), (&body["id"], &json!("Hola Jose...")));
    }

    async fn it_goes_from_queued_to_sent_to_delivered_to_read(app) {
        let id = open(app).await;
        send(app, &json!({"leadId": id, "body": "Yes"})).send().await.expect(202);
        let mut seen = vec![text(&read(app, &id).await["messages"][2]["status"])];
        for _ in 0..1000 {
            app.pass(Duration::from_millis(100)).await;
            let now = text(&read(app, &id).await["messages"][2]["status"]);
            if seen.last() != Some(&now) {
                seen.push(now);
            }
        }
        assert_eq!(seen, ["queued", "sent", "delivered", "read"]);
    }

    async fn free_text_needs_an_open_window(app) {
        let id = create(app, bea()).await;
        app.pass(HOUR).await;
        let before = (app.counts().await, app.jobs_waiting().await, read(app, &id).await);
        let answer = send(app, &json!({"leadId": id, "body": "Hello"})).send().await;
        assert_eq!(answer.problem(409), "whatsapp_window_closed");
        // Nothing is queued, nothing has changed.
        assert_eq!((app.counts().await, app.jobs_waiting().await, read(app, &id).await), before);
        app.says(BEA, "Hello?").await;
        app.clock.advance(just_before(24 * HOUR));
        send(app, &json!({"leadId": id, "body": "Hello"})).send().await.expect(202);
        app.work().await;
        app.clock.advance(Duration::from_millis(1));
        let answer = send(app, &json!({"leadId": id, "body": "Hello"})).send().await;
        assert_eq!(answer.problem(409), "whatsapp_window_closed");
        app.pass(HOUR).await;
    }

    async fn a_template_goes_at_any_time(app) {
        let id = create(app, bea()).await;
        app.pass(HOUR).await;
        let template = json!({"name": "spring_offer", "language": "en_US", "parameters": ["Bea", "F-150"]});
        let body = send(app, &json!({"leadId": id, "template": template})).send().await.expect(202);
        app.pass(HOUR).await;
        let messages = app.all::<WhatsappMessage>().await;
        let sent = messages.iter().find(|message| json!(format!("msg_{}", message.id)) == body["id"]).unwrap();
        let used = sent.extra.template.as_ref().unwrap();
        assert_eq!((used.name.as_str(), used.language.as_str()), ("spring_offer", "en_US"));
        assert_eq!(used.parameters, ["Bea", "F-150"]);
        assert_eq!(conversation(&read(app, &id).await), ["outbound read", "outbound read"]);
    }

    async fn whoever_said_stop_is_not_written_to(app) {
        let id = open(app).await;
        app.says(BEA, "STOP").await;
        for body in [json!({"body": "Sorry"}), json!({"template": {"name": "offer", "language": "en"}})] {
            let counts = app.counts().await;
            let answer = send(app, &with(json!({"leadId": id}), body)).send().await;
            assert_eq!(answer.problem(409), "suppressed");
            assert!(answer.json()["detail"].as_str().unwrap().contains("opt-out"), "{}", answer.json());
            assert_eq!(app.counts().await, counts);
        }
        app.says(BEA, "start").await;
        send(app, &json!({"leadId": id, "body": "Welcome back"})).send().await.expect(202);
        app.pass(HOUR).await;
    }

    async fn a_blocked_client_is_not_written_to(app) {
        let id = open(app).await;
        let client = app.all::<Client>().await[0].id;
        app.change(client, |client| client.extra.blocked = true).await;
        let answer = send(app, &json!({"leadId": id, "body": "Hello"})).send().await;
        assert_eq!(answer.problem(409), "suppressed");
    }

    async fn a_wish_that_comes_while_a_message_waits_is_honoured(app) {
        let id = open(app).await;
        send(app, &json!({"leadId": id, "body": "One more thing"})).send().await.expect(202);
        // Said after it was queued and before it was sent.
        let body = forecourt_testkit::chat::text("wamid.stop", BEA, "Bea", "stop", app.clock.now());
        app.webhook(body).send().await.expect(200);
        app.pass(HOUR).await;
        let messages = read(app, &id).await["messages"].clone();
        let ours = messages.as_array().unwrap().iter().find(|message| message["body"] == "One more thing").unwrap();
        assert_eq!(ours["status"], "failed");
    }

    async fn a_body_or_a_template_and_nothing_else(app) {
        let id = open(app).await;
        for (body, pointers) in [
            (json!({"leadId": id}), &["/body"][..]),
            (json!({"leadId": id, "body": "x", "template": {"name": "a", "language": "en"}}), &["/body"]),
            (json!({"body": "x"}), &["/leadId"]),
            (json!({"leadId": id, "body": ""}), &["/body"]),
            (json!({"leadId": id, "body": " \n"}), &["/body"]),
            (json!({"leadId": id, "body": "x".repeat(4097)}), &["/body"]),
            (json!({"leadId": id, "template": {"name": "a"}}), &["/template/language"]),
            (
                json!({"leadId": id, "template": {"name": "", "language": "e", "params": []}}),
                &["/template/language", "/template/name", "/template/params"],
            ),
            (
                json!({"leadId": id, "template": {"name": "a", "language": "en", "parameters": [1]}}),
                &["/template/parameters/0"],
            ),
            (json!({"leadId": 1000, "text": "x"}), &["/leadId", "/text"]),
        ] {
            let answer = send(app, &body).send().await;
            assert_eq!(answer.problem(422), "invalid", "{body}");
            let mut found = answer.pointers();
            found.sort();
            assert_eq!(found, pointers, "{body}");
        }
        send(app, &json!({"leadId": id, "body": "x".repeat(4096)})).send().await.expect(202);
        app.pass(HOUR).await;
    }

    async fn an_unknown_lead_is_not_found(app) {
        open(app).await;
        for id in ["L-9999", "nobody", "1000"] {
            let answer = send(app, &json!({"leadId": id, "body": "x"})).send().await;
            assert_eq!(answer.problem(404), "not_found");
        }
    }

    async fn a_lead_without_a_phone_cannot_be_written_to(app) {
        let new = by_mail();
        app.crm().lead_receive(&app.caller(), new, None).await.unwrap();
        app.pass(HOUR).await;
        let template = json!({"leadId": "L-1000", "template": {"name": "offer", "language": "en"}});
        assert_eq!(send(app, &template).send().await.problem(409), "no_phone");
    }

    async fn a_dealer_without_a_number_cannot_write(app) {
        app.crm().dealer_change(&app.caller(), |dealer| dealer.whatsapp_number = None).await.unwrap();
        let id = create(app, bea()).await;
        app.pass(HOUR).await;
        let template = json!({"leadId": id, "template": {"name": "offer", "language": "en"}});
        assert_eq!(send(app, &template).send().await.problem(409), "conflict");
        assert_eq!(app.counts().await["messages"], 0);
    }

    async fn a_repeated_request_sends_nothing_again(app) {
        let id = open(app).await;
        let keyed = |body: &Value| send(app, body).header("idempotency-key", "m-1");
        let first = keyed(&json!({"leadId": id, "body": "Once"})).send().await.expect(202);
        app.pass(HOUR).await;
        let again = keyed(&json!({"leadId": id, "body": "Once"})).send().await.expect(202);
        assert_eq!(again["id"], first["id"]);
        assert_eq!(app.all::<WhatsappMessage>().await.len(), 3);
        let other = keyed(&json!({"leadId": id, "body": "Twice"})).send().await;
        assert_eq!(other.problem(422), "idempotency_key_reused");
    }

    async fn the_first_answer_of_a_user_is_the_response_time(app) {
        let id = open(app).await;
        app.clock.advance(Duration::from_secs(125));
        let ask = app.ask(As::Role(Role::Sales), Method::POST, "/v1/whatsapp/messages").await;
        ask.json(&json!({"leadId": id, "body": "Hi"})).send().await.expect(202);
        app.clock.advance(HOUR);
        let ask = app.ask(As::Role(Role::Sales), Method::POST, "/v1/whatsapp/messages").await;
        ask.json(&json!({"leadId": id, "body": "Hi again"})).send().await.expect(202);
        // An hour passed before the person wrote.
        assert_eq!(app.all::<SaleLead>().await[0].computed.response_time, Some(3600 + 125));
        app.pass(HOUR).await;
    }

    async fn what_the_provider_refuses_is_failed(app = Setup::everybody(Person::Refused)) {
        let id = create(app, bea()).await;
        app.pass(HOUR).await;
        assert_eq!(conversation(&read(app, &id).await), ["outbound failed"]);
    }

    async fn what_cannot_be_reached_is_failed_with_the_reason(app = Setup::everybody(Person::Unreachable)) {
        let id = create(app, bea()).await;
        app.pass(HOUR).await;
        assert_eq!(conversation(&read(app, &id).await), ["outbound failed"]);
        let thread = app.get(&format!("/v1/whatsapp/threads/{id}")).send().await.expect(200);
        assert_eq!(thread["messages"][0]["error"], "131026: Message undeliverable");
        change(app, &id, json!({"status": "lost"})).await;
    }

    async fn an_outcome_that_nobody_knows_is_neither_sent_nor_failed(app = Setup::everybody(Person::Vanishes)) {
        let id = create(app, bea()).await;
        app.pass(HOUR).await;
        assert_eq!(conversation(&read(app, &id).await), ["outbound unknown"]);
        change(app, &id, json!({"status": "lost"})).await;
    }

    async fn an_outcome_that_was_lost_is_learnt_from_the_statuses(app = Setup::everybody(Person::Unsure)) {
        let id = create(app, bea()).await;
        app.work().await;
        assert_eq!(conversation(&read(app, &id).await), ["outbound unknown"]);
        let reference = app.all::<WhatsappMessage>().await[0].id.to_string();
        let told = forecourt_testkit::chat::status("wamid.late", "delivered", BEA, Some(&reference), app.clock.now());
        app.webhook(told).send().await.expect(200);
        app.work().await;
        assert_eq!(conversation(&read(app, &id).await), ["outbound delivered"]);
    }
}

/// Somebody known by an e-mail address alone, as other doors let them in.
fn by_mail() -> forecourt_crm::intake::NewLead {
    forecourt_crm::intake::NewLead {
        name: Some("Mail Only".to_owned()),
        email: Some("mail@only.example".to_owned()),
        location: Some("houston".to_owned()),
        ..Default::default()
    }
}
