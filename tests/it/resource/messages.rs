//! Messages created as documents: sent through the gate, or put into their conversation.

use std::time::Duration;

use forecourt_crm::Caller;
use forecourt_record::{Attempt, ChatMessage, Delivery, Sms, WhatsappMessage, WhatsappSession};
use forecourt_testkit::{Setup, both};
use serde_json::json;

use super::*;

fn said(body: &str) -> Value {
    json!({"direction": "inbound", "from": "+17135550101", "to": "(713) 555-0111", "body": body})
}

fn answer(body: &str) -> Value {
    json!({"direction": "outbound", "to": "+17135550101", "from": "+17135550111", "body": body})
}

both! {
    async fn an_inbound_message_opens_the_window_for_an_answer(app) {
        ana(app, "+17135550101").await;
        assert_eq!(wrong(try_create(app, &app.caller(), "whatsappmessages", answer("Hello")).await).0, "whatsapp_window_closed");
        let heard = create(app, "whatsappmessages", said("Is it there?")).await;
        let session = app.all::<WhatsappSession>().await.pop().unwrap();
        assert_eq!(heard.doc["session_id"], json!(session.id));
        assert_eq!(session.doc.expires_at, Some(app.clock.now() + Duration::from_hours(24)));
        assert_eq!((session.doc.waiting_client, session.doc.last_message_date), (Some(true), Some(app.clock.now())));

        let sent = create(app, "whatsappmessages", answer("It is")).await;
        assert_eq!((&sent.doc["delivery_status"], &sent.doc["session_id"]), (&json!("queued"), &json!(session.id)));
        app.pass(Duration::from_hours(1)).await;
        let all = app.all::<WhatsappMessage>().await;
        let sent = all.iter().find(|message| message.id == sent.id.cast()).unwrap();
        assert_eq!((sent.doc.delivery_status, sent.extra.attempt), (Some(Delivery::Read), Attempt::Sent));

        create(app, "whatsappmessages", said("STOP")).await;
        assert_eq!(wrong(try_create(app, &app.caller(), "whatsappmessages", answer("Sorry")).await).0, "suppressed");
        for (document, pointer) in [
            (json!({"direction": "outbound", "body": "x"}), "/to"),
            (json!({"direction": "outbound", "to": "+17135550102"}), "/body"),
        ] {
            let result = wrong(try_create(app, &app.caller(), "whatsappmessages", document).await);
            assert_eq!(result, ("invalid", vec![pointer.to_owned()]));
        }
    }

    async fn what_has_happened_elsewhere_is_only_recorded(app) {
        ana(app, "+17135550101").await;
        let mut old = answer("Hello");
        old["made_at"] = json!("2026-01-01T10:00:00+01:00");
        old["delivery_status"] = json!("delivered");
        let history = Caller { history: true, ..app.caller() };
        let by_key = try_create(app, &history, "whatsappmessages", old.clone()).await.unwrap();
        old["custom"] = json!({"imported": true});
        let by_custom = create(app, "whatsappmessages", old).await;
        app.work().await;
        for made in [by_key, by_custom] {
            let shown = read(app, "whatsappmessages", made.id).await.unwrap();
            assert_eq!((&shown["delivery_status"], &shown["made_at"]), (&json!("delivered"), &json!("2026-01-01T09:00:00.000Z")));
            assert!(shown["session_id"].is_string());
        }
    }

    async fn text_and_chat_messages_are_sent_too(app = Setup::default()) {
        ana(app, "+17135550101").await;
        let sms = create(app, "sms", answer("Ready")).await;
        let chat = json!({"direction": "outbound", "to": {"phone": "+17135550101"}, "from": {"email": "us@example.com"}, "body": "Hi"});
        let chat = create(app, "chatmessages", chat).await;
        assert_eq!(chat.doc["delivery_status"], "queued");
        let session: Id<()> = chat.doc["session_id"].as_str().unwrap().parse().unwrap();
        assert_eq!(read(app, "chatsessions", session).await.unwrap()["last_message"]["direction"], "outbound");
        app.work().await;
        let sent = app.all::<Sms>().await.pop().unwrap();
        assert_eq!((sent.id, sent.extra.attempt), (sms.id.cast(), Attempt::Sent));
        let sent = app.all::<ChatMessage>().await.pop().unwrap();
        assert_eq!((sent.doc.delivery_status, sent.extra.attempt), (Some(Delivery::Sent), Attempt::Sent));

        create(app, "sms", said("STOP")).await;
        assert_eq!(wrong(try_create(app, &app.caller(), "sms", answer("Sorry")).await).0, "suppressed");
        let same = json!({"direction": "inbound", "from": {"phone": "+17135550101"}, "to": {"email": "us@example.com"}});
        assert_eq!(create(app, "chatmessages", same).await.doc["session_id"], json!(session));
    }
}
