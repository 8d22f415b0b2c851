//! The house writes again until the person answers; the first answer stops the bot and hands over.

use std::time::Duration;

use forecourt_connect::Person;
use forecourt_testkit::{Setup, both};
use serde_json::json;

use crate::altum::{bea, change, conversation, create, instant, jose, just_before, phone, read, text, timeline, with};

const HOUR: Duration = Duration::from_hours(1);

both! {
    async fn after_a_day_and_after_three_unless_answered(app) {
        let id = create(app, bea()).await;
        let created = app.clock.now();
        app.pass(just_before(24 * HOUR)).await;
        assert_eq!(read(app, &id).await["messages"].as_array().unwrap().len(), 1);
        app.pass(Duration::from_millis(1)).await;
        let messages = read(app, &id).await["messages"].clone();
        assert_eq!(messages.as_array().unwrap().len(), 2);
        assert_eq!(instant(&messages[1]["at"]), created + 24 * HOUR);
        assert!(text(&messages[1]["body"]).contains("we would still love to help"), "{messages}");
        app.pass(48 * HOUR).await;
        let messages = read(app, &id).await["messages"].clone();
        assert_eq!(instant(&messages[2]["at"]), created + 72 * HOUR);
        app.pass(1000 * HOUR).await;
        assert_eq!(read(app, &id).await["messages"].as_array().unwrap().len(), 3);
    }

    async fn an_answer_ends_it(app) {
        let id = create(app, bea()).await;
        app.pass(HOUR).await;
        app.says("+17135550123", "Yes please, call me").await;
        let lead = read(app, &id).await;
        assert_eq!(conversation(&lead), ["outbound read", "inbound null"]);
        let told = timeline(&lead);
        assert!(told.contains(&"answered".to_owned()) && told.contains(&"assigned".to_owned()), "{told:?}");
        assert!(lead["assignedTo"].is_string());
        app.pass(200 * HOUR).await;
        assert_eq!(read(app, &id).await["messages"].as_array().unwrap().len(), 2);
    }

    async fn an_answer_that_comes_before_the_greeting_stops_that_too(app) {
        let id = create(app, bea()).await;
        // Not a job has run yet.
        let body = forecourt_testkit::chat::text("wamid.early", "+17135550123", "Bea", "Hello?", app.clock.now());
        app.webhook(body).send().await.expect(200);
        app.pass(100 * HOUR).await;
        assert_eq!(conversation(&read(app, &id).await), ["inbound null"]);
    }

    async fn what_the_status_asks_for_still_goes_out_after_an_answer(app) {
        let id = create(app, bea()).await;
        app.pass(HOUR).await;
        app.says("+17135550123", "Saturday at ten").await;
        change(app, &id, json!({"status": "appointment"})).await;
        app.pass(HOUR).await;
        let messages = read(app, &id).await["messages"].clone();
        assert_eq!(messages.as_array().unwrap().len(), 3);
        assert!(text(&messages[2]["body"]).contains("your appointment is booked"), "{messages}");
    }

    async fn people_who_answer_are_handed_over(app = Setup::everybody(Person::Answers)) {
        let id = create(app, bea()).await;
        app.pass(100 * HOUR).await;
        let lead = read(app, &id).await;
        assert_eq!(conversation(&lead), ["outbound read", "inbound null"]);
        assert!(lead["assignedTo"].is_string());
    }

    async fn a_closed_lead_is_left_alone(app) {
        for (at, status) in ["sold", "lost", "archived"].iter().enumerate() {
            let id = create(app, with(jose(), json!({"phone": phone(at)}))).await;
            app.work().await;
            change(app, &id, json!({"status": status})).await;
            app.pass(100 * HOUR).await;
            assert_eq!(read(app, &id).await["messages"].as_array().unwrap().len(), 1, "{status}");
        }
    }

    async fn a_dealer_chooses_when(app) {
        app.crm().dealer_change(&app.caller(), |dealer| dealer.bot.reengage_after_minutes = vec![10]).await.unwrap();
        let id = create(app, bea()).await;
        app.pass(100 * HOUR).await;
        assert_eq!(read(app, &id).await["messages"].as_array().unwrap().len(), 2);
    }
}
