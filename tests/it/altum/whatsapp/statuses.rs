//! `POST /v1/whatsapp/webhook` with statuses of our messages: they only ever move forward, in whatever order they come.

use std::time::Duration;

use forecourt_connect::Person;
use forecourt_record::{Delivery, WhatsappMessage};
use forecourt_testkit::{Setup, TestApp, both, chat};

use crate::altum::{bea, conversation, create, read};

const BEA: &str = "+17135550123";

/// A lead whose greeting has been sent and of which the provider has said nothing yet; our reference, and its id.
async fn sent(app: &TestApp) -> (String, String) {
    create(app, bea()).await;
    app.work().await;
    let message = &app.all::<WhatsappMessage>().await[0];
    (message.id.to_string(), message.extra.provider_id.clone().unwrap_or_default())
}

async fn tell(app: &TestApp, provider_id: &str, status: &str) {
    app.webhook(chat::status(provider_id, status, BEA, None, app.clock.now())).send().await.expect(200);
    app.work().await;
}

async fn status(app: &TestApp) -> Option<Delivery> {
    app.all::<WhatsappMessage>().await[0].doc.delivery_status
}

both! {
    async fn whatever_the_order_the_farthest_counts(app) {
        let (_, id) = sent(app).await;
        for (told, then) in [
            ("delivered", Delivery::Delivered),
            ("sent", Delivery::Delivered),
            ("read", Delivery::Read),
            ("delivered", Delivery::Read),
            ("read", Delivery::Read),
            ("failed", Delivery::Read),
            ("nonsense", Delivery::Read),
        ] {
            tell(app, &id, told).await;
            assert_eq!(status(app).await, Some(then), "after {told}");
        }
        app.pass(Duration::from_mins(5)).await;
    }

    async fn the_same_status_twice_changes_nothing(app) {
        let (_, id) = sent(app).await;
        tell(app, &id, "delivered").await;
        let before = app.all::<WhatsappMessage>().await[0].version;
        let events = app.events().await.len();
        for _ in 0..3 {
            tell(app, &id, "delivered").await;
        }
        assert_eq!(app.all::<WhatsappMessage>().await[0].version, before);
        assert_eq!(app.events().await.len(), events);
    }

    async fn a_failure_says_why_and_a_later_delivery_takes_it_back(app) {
        let (_, id) = sent(app).await;
        tell(app, &id, "failed").await;
        assert_eq!(status(app).await, Some(Delivery::Failed));
        let error = app.all::<WhatsappMessage>().await[0].doc.delivery_error.clone();
        assert_eq!(error.as_deref(), Some("131026: Message undeliverable"));
    }

    async fn a_status_of_an_unknown_id_finds_the_message_by_its_reference(app = Setup::everybody(Person::Vanishes)) {
        let (reference, _) = sent(app).await;
        let told = chat::status("wamid.unknown-to-us", "delivered", BEA, Some(&reference), app.clock.now());
        app.webhook(told).send().await.expect(200);
        app.work().await;
        assert_eq!(conversation(&read(app, "L-1000").await), ["outbound delivered"]);
    }

    async fn a_status_of_somebody_elses_message_is_nothing(app) {
        sent(app).await;
        let before = app.all::<WhatsappMessage>().await[0].version;
        tell(app, "wamid.of-another-system", "read").await;
        assert_eq!(app.all::<WhatsappMessage>().await[0].version, before);
    }
}
