//! `POST /v1/whatsapp/webhook`: who may send it, and what the messages in it do.

use std::time::Duration;

use forecourt_record::{Client, SaleLead, Task, WhatsappMessage, event::EventName};
use forecourt_testkit::{As, Setup, both, chat};
use http::Method;
use serde_json::json;

use crate::altum::{bea, conversation, create, list, phone, read, text, timeline, with};

const BEA: &str = "+17135550123";
const PATH: &str = "/v1/whatsapp/webhook";

both! {
    async fn only_whoever_knows_the_secret_is_listened_to(app) {
        let body = || chat::text("wamid.1", BEA, "Bea", "Hello", app.clock.now());
        let ask = || app.anonymous(Method::POST, PATH).raw("application/json", body());
        let secret = app.webhook_secret();
        assert_eq!(ask().send().await.problem(401), "unauthenticated");
        for wrong in ["", "x", &secret[1..], &format!("{secret}x"), &secret.to_uppercase()] {
            let answer = ask().header("x-forecourt-webhook-secret", wrong).send().await;
            assert_eq!(answer.problem(401), "unauthenticated", "{wrong:?}");
            let answer = ask().bearer(wrong).send().await;
            assert_eq!(answer.problem(401), "unauthenticated", "{wrong:?}");
        }
        // A key that may do everything is no secret of the provider's.
        let key = app.token(As::Key).await.unwrap();
        assert_eq!(ask().bearer(&key).send().await.problem(401), "unauthenticated");
        let signed = ask().header("x-360dialog-signature", "sha256=00").send().await;
        assert_eq!(signed.problem(401), "bad_signature");
        app.work().await;
        assert_eq!(app.counts().await["messages"], 0);
        assert_eq!(ask().bearer(secret).send().await.expect(200), json!({"ok": true}));
        app.work().await;
        assert_eq!(app.counts().await["messages"], 1);
    }

    async fn a_signed_body_finds_its_dealer_by_its_number(app = Setup::platform_secret("platform-secret")) {
        // An image, as 360dialog posts it.
        let body = concat!(
            r#"{"object":"whatsapp_business_account","entry":[{"id":"x","changes":[{"field":"messages","value":{"#,
            r#""messaging_product":"whatsapp","#,
            r#""metadata":{"display_phone_number":"493012345678","phone_number_id":"PNID-1"},"#,
            r#""contacts":[{"profile":{"name":"Ute"},"wa_id":"4915123456789"}],"#,
            r#""messages":[{"from":"4915123456789","id":"wamid.signed","timestamp":"1795284000","type":"image","#,
            r#""image":{"id":"media-1","mime_type":"image/jpeg","caption":"Mein Wagen"}}]}}]}]}"#,
        );
        // printf %s "$body" | openssl dgst -sha256 -hmac platform-secret
        let digest = "2b01e342390dfebb90988fe07fd9392b6eedfd613d838894df380d960adf82a5";
        let signed = |body: &str, digest: &str| {
            app.anonymous(Method::POST, PATH).header("x-360dialog-signature", digest).raw("application/json", body)
        };
        // Nobody's number yet: signed by the platform, but for no dealer of this server.
        assert_eq!(signed(body, digest).send().await.problem(401), "unauthenticated");
        assert_eq!(signed(&body.replace("Ute", "Eve"), digest).send().await.problem(401), "bad_signature");
        let mut munich = app.crm().config(app.dealer).await.unwrap().location("berlin").unwrap().clone();
        munich.code.replace_range(.., "munich");
        munich.whatsapp_number = Some("+493012345678".to_owned());
        munich.whatsapp_phone_number_id = Some("PNID-1".to_owned());
        app.crm().location_add(&app.caller(), munich).await.unwrap();
        signed(body, digest).send().await.expect(200);
        app.work().await;
        let lead = read(app, "L-1000").await;
        let found = (&lead["name"], &lead["location"], &lead["phone"]);
        assert_eq!(found, (&json!("Ute"), &json!("munich"), &json!("+4915123456789")));
        let thread = app.get("/v1/whatsapp/threads/L-1000").send().await.expect(200);
        let message = &thread["messages"][0];
        assert_eq!((&message["body"], &message["to"]), (&json!("Mein Wagen"), &json!("+493012345678")));
        assert_eq!(message["media"], json!([{"url": "whatsapp:media-1", "contentType": "image/jpeg"}]));
    }

    async fn it_is_stored_and_answered_before_it_is_processed(app) {
        let jobs = app.jobs_waiting().await;
        let answer = app.webhook(chat::text("wamid.1", BEA, "Bea", "Hello", app.clock.now())).send().await;
        assert_eq!(answer.expect(200), json!({"ok": true}));
        assert_eq!(app.counts().await["messages"], 0);
        assert_eq!(app.jobs_waiting().await, jobs + 1);
        app.work().await;
        assert_eq!(app.counts().await["messages"], 1);
    }

    async fn an_unknown_sender_becomes_a_client_and_a_lead(app) {
        app.says("+34600123456", "Hola, ¿sigue disponible el Ibiza?").await;
        let lead = read(app, "L-1000").await;
        for (member, value) in [
            ("name", json!("Ana Ruiz")),
            ("phone", json!("+34600123456")),
            ("source", json!("whatsapp")),
            ("status", json!("new")),
            ("score", json!(0)),
        ] {
            assert_eq!(lead[member], value, "{member}");
        }
        assert_eq!(conversation(&lead), ["inbound null"]);
        // Somebody who writes of their own accord is at an agent's hands at once, and greeted by nobody's bot.
        assert!(lead["assignedTo"].is_string(), "{lead}");
        assert_eq!(list(app, "/v1/leads?q=ibiza").await["total"], 1);
        app.pass(Duration::from_hours(200)).await;
        assert_eq!(conversation(&read(app, "L-1000").await), ["inbound null"]);
        let counts = app.counts().await;
        assert_eq!((counts["clients"], counts["leads"], counts["sessions"]), (1, 1, 1));
    }

    async fn a_known_sender_is_found_by_the_phone(app) {
        let id = create(app, bea()).await;
        app.work().await;
        app.says(BEA, "Hi").await;
        app.says(BEA, "Anybody?").await;
        assert_eq!(conversation(&read(app, &id).await), ["outbound sent", "inbound null", "inbound null"]);
        let counts = app.counts().await;
        assert_eq!((counts["clients"], counts["leads"]), (1, 1));
    }

    async fn it_goes_to_the_newest_open_lead(app) {
        let first = create(app, bea()).await;
        let second = create(app, with(bea(), json!({"location": "berlin"}))).await;
        app.work().await;
        app.says(BEA, "Which one?").await;
        assert!(conversation(&read(app, &second).await).contains(&"inbound null".to_owned()));
        assert!(!conversation(&read(app, &first).await).contains(&"inbound null".to_owned()));
        // Answered is answered: the bot keeps still on both.
        assert!(timeline(&read(app, &first).await).contains(&"answered".to_owned()));
    }

    async fn a_delivery_that_is_repeated_changes_nothing_twice(app) {
        let body = chat::text("wamid.1", BEA, "Bea", "Hello", app.clock.now());
        for _ in 0..3 {
            app.webhook(body.clone()).send().await.expect(200);
        }
        app.work().await;
        let counts = app.counts().await;
        assert_eq!((counts["messages"], counts["leads"], counts["clients"]), (1, 1, 1));
        app.clock.advance(Duration::from_hours(1));
        let before = (app.counts().await, read(app, "L-1000").await);
        app.webhook(body).send().await.expect(200);
        app.work().await;
        assert_eq!((app.counts().await, read(app, "L-1000").await), before);
    }

    async fn deliveries_out_of_order_end_the_same(app) {
        let start = app.clock.now();
        let said = |at: u64| {
            let id = format!("wamid.{at}");
            chat::text(&id, BEA, "Bea", &format!("Line {at}"), start + Duration::from_secs(at))
        };
        app.clock.advance(Duration::from_mins(1));
        for at in [3, 1, 2, 1, 3] {
            app.webhook(said(at)).send().await.expect(200);
            app.work().await;
        }
        let lead = read(app, "L-1000").await;
        let bodies: Vec<String> =
            lead["messages"].as_array().unwrap().iter().map(|message| text(&message["body"])).collect();
        assert_eq!(bodies, ["Line 1", "Line 2", "Line 3"]);
        let thread = app.get("/v1/whatsapp/threads/L-1000").send().await.expect(200);
        let window: forecourt_record::Instant = text(&thread["windowExpiresAt"]).parse().unwrap();
        assert_eq!(window, start + Duration::from_secs(3) + Duration::from_hours(24));
    }

    async fn several_in_one_body_and_the_same_body_at_once(app) {
        let mut bodies = Vec::new();
        for at in 0..5 {
            let from = phone(at);
            bodies.push(chat::text(&format!("wamid.{at}"), &from, "Somebody", "Hi", app.clock.now()));
        }
        let deliveries = bodies.iter().flat_map(|body| [body, body, body]).map(|body| app.webhook(body.clone()).send());
        for answer in futures::future::join_all(deliveries).await {
            answer.expect(200);
        }
        app.work().await;
        let counts = app.counts().await;
        assert_eq!((counts["messages"], counts["leads"], counts["clients"]), (5, 5, 5));
    }

    async fn the_first_word_of_the_person_stops_the_bot(app) {
        let id = create(app, bea()).await;
        app.pass(Duration::from_mins(10)).await;
        app.says(BEA, "Hello").await;
        let stored = &app.all::<SaleLead>().await[0];
        assert_eq!(stored.extra.answered_at, Some(app.clock.now()));
        assert!(stored.doc.owner().is_some());
        let answered = timeline(&read(app, &id).await).iter().filter(|kind| *kind == "answered").count();
        app.says(BEA, "Hello again").await;
        assert_eq!(
            (answered, timeline(&read(app, &id).await).iter().filter(|kind| *kind == "answered").count()),
            (1, 1)
        );
    }

    async fn stop_suppresses_at_once_in_three_languages(app) {
        for (at, word) in ["STOP", "Baja, por favor", "Bitte keine Nachrichten mehr", "unsubscribe!"].iter().enumerate()
        {
            let from = phone(at);
            app.says(&from, "Hi").await;
            app.says(&from, word).await;
            let id = format!("L-{}", 1000 + at);
            let send = json!({"leadId": id, "body": "Still there?"});
            let answer = app.post("/v1/whatsapp/messages").json(&send).send().await;
            assert_eq!(answer.problem(409), "suppressed", "{word}");
            assert!(timeline(&read(app, &id).await).contains(&"client.opted_out".to_owned()));
        }
        // A sentence that only holds the word is no wish.
        app.says("+17135550177", "Please do not stop the offer").await;
        let send = json!({"leadId": "L-1004", "body": "We will not"});
        app.post("/v1/whatsapp/messages").json(&send).send().await.expect(202);
        app.pass(Duration::from_mins(10)).await;
    }

    async fn what_cannot_be_read_is_kept_and_breaks_nothing(app) {
        for body in [
            &b""[..],
            b"not json",
            b"[]",
            b"null",
            br#"{"entry": 7}"#,
            br#"{"entry":[{"changes":[{"field":"messages","value":{"messages":[7, {"id":"x"}]}}]}]}"#,
            b"\xff\xfe{\"entry\":[]}",
            br#"{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"id":"\u0000","from":"\u0000"}]}}]}]}"#,
        ] {
            let answer = app.webhook(body.to_vec()).send().await;
            assert_eq!(answer.expect(200), json!({"ok": true}), "{}", String::from_utf8_lossy(body));
            app.work().await;
        }
        let events = app.events().await;
        assert!(events.iter().any(|event| event.name == EventName::WebhookUnreadable));
        // The next one is carried out as if nothing had been.
        app.says(BEA, "Hello").await;
        assert_eq!(app.counts().await["leads"], 1);
    }

    async fn a_body_that_is_too_large_is_refused(app) {
        let answer = app.webhook(vec![b' '; 2 * 1024 * 1024]).send().await;
        assert_eq!(answer.problem(413), "too_large");
    }

    async fn a_clock_that_runs_ahead_does_not_open_the_window_for_longer(app) {
        create(app, bea()).await;
        app.work().await;
        let ahead = app.clock.now() + Duration::from_hours(48);
        app.webhook(chat::text("wamid.1", BEA, "Bea", "Hi", ahead)).send().await.expect(200);
        app.work().await;
        let thread = app.get("/v1/whatsapp/threads/L-1000").send().await.expect(200);
        let window: forecourt_record::Instant = text(&thread["windowExpiresAt"]).parse().unwrap();
        assert_eq!(window, app.clock.now() + Duration::from_hours(24));
    }

    async fn a_message_reopens_nothing_of_another_dealer(app) {
        app.says(BEA, "Hello").await;
        let page = app.ask(As::Stranger, Method::GET, "/v1/leads").await.send().await.expect(200);
        assert_eq!(page["total"], 0);
        assert_eq!(app.all::<Client>().await.len(), 1);
        assert!(app.all::<Task>().await.is_empty());
        assert_eq!(app.all::<WhatsappMessage>().await.len(), 1);
    }
}
