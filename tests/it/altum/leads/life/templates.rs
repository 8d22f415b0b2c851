//! Templates fire when a lead arrives and when its status changes, in the lead's language.

use std::time::Duration;

use forecourt_record::WhatsappMessage;
use forecourt_testkit::{TestApp, both};
use serde_json::json;

use crate::altum::{bea, change, create, jose, phone, read, rex, text, with};

const MINUTE: Duration = Duration::from_mins(1);

/// The names of the templates that went out, oldest first, with the language they went in.
async fn sent(app: &TestApp) -> Vec<String> {
    let mut messages = app.all::<WhatsappMessage>().await;
    messages.sort_by_key(|message| (message.doc.made_at, message.id));
    let templates = messages.iter().filter_map(|message| message.extra.template.as_ref());
    templates.map(|template| format!("{} {}", template.name, template.language)).collect()
}

both! {
    async fn the_greeting_goes_out_on_arrival(app) {
        let id = create(app, jose()).await;
        app.pass(MINUTE).await;
        assert_eq!(sent(app).await, ["created en"]);
        let body = text(&read(app, &id).await["messages"][0]["body"]);
        assert!(body.starts_with("Hi Jose, thank you for your interest!"), "{body}");
        assert!(body.contains("Test Motors"), "{body}");
    }

    async fn each_status_that_has_one_sends_its_template_once(app) {
        let id = create(app, jose()).await;
        app.pass(MINUTE).await;
        for status in ["contacted", "qualified", "appointment", "no-show", "appointment", "sold"] {
            change(app, &id, json!({"status": status})).await;
            app.pass(MINUTE).await;
        }
        let expected = ["created en", "qualified en", "appointment en", "no_show en", "appointment en"];
        assert_eq!(sent(app).await, expected);
        // Setting a status it has already is no change.
        change(app, &id, json!({"status": "sold"})).await;
        app.pass(24 * 60 * MINUTE).await;
        assert_eq!(sent(app).await, expected);
    }

    async fn in_the_language_of_the_lead(app) {
        for (at, (language, location, greeting)) in [
            (Some("es"), "houston", "Hola Jose, ¡gracias por su interés!"),
            (Some("de"), "houston", "Guten Tag Jose, vielen Dank für Ihr Interesse!"),
            (Some("en"), "berlin", "Hi Jose, thank you for your interest!"),
            // Nothing said: the location's.
            (None, "berlin", "Guten Tag Jose, vielen Dank für Ihr Interesse!"),
            (None, "houston", "Hi Jose, thank you for your interest!"),
        ]
        .into_iter()
        .enumerate()
        {
            let lead = with(jose(), json!({"phone": phone(at), "location": location}));
            let lead = match language {
                Some(language) => with(lead, json!({"language": language})),
                None => lead,
            };
            let id = create(app, lead).await;
            app.work().await;
            let lead = read(app, &id).await;
            let body = text(&lead["messages"][0]["body"]);
            assert!(body.starts_with(greeting), "{body}");
            change(app, &id, json!({"status": "qualified"})).await;
            app.work().await;
            let news = text(&read(app, &id).await["messages"][1]["body"]);
            let beginning = match lead["language"].as_str() {
                Some("es") => "¡Buenas noticias, Jose!",
                Some("de") => "Gute Nachrichten, Jose!",
                _ => "Good news, Jose!",
            };
            assert!(news.starts_with(beginning), "{news}");
        }
        app.pass(10 * MINUTE).await;
    }

    async fn a_change_of_language_counts_from_then_on(app) {
        let id = create(app, bea()).await;
        app.work().await;
        change(app, &id, json!({"language": "es"})).await;
        change(app, &id, json!({"status": "qualified"})).await;
        app.pass(10 * MINUTE).await;
        assert_eq!(sent(app).await, ["created en", "qualified es"]);
    }

    async fn the_vehicle_is_named(app) {
        let car = json!({"make": "Ford", "model": "F-150", "year": 2022, "price": 38500, "location": "houston"});
        app.post("/v1/vehicles").json(&car).send().await.expect(201);
        let id = create(app, with(bea(), json!({"vehicleId": "V-1"}))).await;
        app.work().await;
        let body = text(&read(app, &id).await["messages"][0]["body"]);
        assert!(body.contains("in the Ford F-150!"), "{body}");
        app.pass(10 * MINUTE).await;
    }

    async fn a_dealer_writes_in_its_own_words(app) {
        app.crm()
            .dealer_change(&app.caller(), |dealer| {
                let texts = json!({"created": {"en": "Howdy[ {first_name}]!"}});
                dealer.templates = serde_json::from_value(texts).unwrap();
            })
            .await
            .unwrap();
        let id = create(app, jose()).await;
        app.pass(MINUTE).await;
        assert_eq!(read(app, &id).await["messages"][0]["body"], "Howdy Jose!");
    }

    async fn a_dealer_may_have_no_bot(app) {
        app.crm().dealer_change(&app.caller(), |dealer| dealer.bot.enabled = false).await.unwrap();
        for lead in [jose(), bea(), rex()] {
            create(app, lead).await;
        }
        change(app, "L-1000", json!({"status": "appointment"})).await;
        app.pass(Duration::from_hours(100)).await;
        assert!(sent(app).await.is_empty());
    }

    async fn several_changes_at_once_each_have_their_message(app) {
        let id = create(app, jose()).await;
        change(app, &id, json!({"status": "qualified"})).await;
        change(app, &id, json!({"status": "appointment"})).await;
        app.pass(MINUTE).await;
        let mut names = sent(app).await;
        names.sort();
        assert_eq!(names, ["appointment en", "created en", "qualified en"]);
    }

    async fn whoever_must_not_be_written_to_is_not(app) {
        app.suppress("+17135550100").await;
        let id = create(app, jose()).await;
        app.work().await;
        change(app, &id, json!({"status": "appointment"})).await;
        app.pass(Duration::from_hours(100)).await;
        assert!(sent(app).await.is_empty());
        // Each that was held back is on the timeline.
        let lead = read(app, &id).await;
        let held = lead["activities"].as_array().unwrap().iter().filter(|activity| activity["type"] == "message.held");
        assert_eq!(held.count(), 4);
    }
}
