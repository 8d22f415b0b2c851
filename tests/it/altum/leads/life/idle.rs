//! A lead that nobody works for more than two hours of business time raises an alert, then again.

use std::time::Duration;

use forecourt_record::{Instant, Role, Task, event::EventName};
use forecourt_testkit::{As, TestApp, both};
use http::Method;
use serde_json::json;

use crate::altum::{bea, change, create, just_before, read, with};

const HOUR: Duration = Duration::from_hours(1);

/// When the alerts were raised, oldest first.
async fn alerts(app: &TestApp) -> Vec<Instant> {
    let events = app.events().await;
    events.iter().rev().filter(|event| event.name == EventName::LeadIdle).map(|event| event.at).collect()
}

fn at(texts: &[&str]) -> Vec<Instant> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

both! {
    async fn it_counts_business_time_and_repeats(app) {
        // Saturday noon in Houston, which is open from nine to six every day.
        create(app, bea()).await;
        app.pass(just_before(2 * HOUR)).await;
        assert!(alerts(app).await.is_empty());
        app.pass(72 * HOUR).await;
        assert_eq!(
            alerts(app).await,
            at(&[
                "2026-11-21T20:00:00Z",
                // Four hours more, to closing time on Saturday.
                "2026-11-22T00:00:00Z",
                // And four more, from nine on Sunday.
                "2026-11-22T19:00:00Z",
            ])
        );
    }

    async fn managers_are_told_in_one_task(app) {
        let id = create(app, bea()).await;
        app.pass(2 * HOUR).await;
        let tasks = app.all::<Task>().await;
        assert_eq!(tasks.len(), 1);
        let config = app.crm().config(app.dealer).await.unwrap();
        let manager = config.user_by_number(2).unwrap().id.to_string();
        let notification = tasks[0].doc.notification.clone().unwrap();
        assert_eq!((notification.notify_to, notification.done), (vec![manager], Some(false)));
        assert_eq!(notification.notify_at, Some(app.clock.now()));
        let lead = read(app, &id).await;
        assert_eq!(lead["activities"][0]["type"], "idle");
        assert_eq!(lead["activities"][0]["by"], "system");
        app.pass(48 * HOUR).await;
        assert_eq!(app.all::<Task>().await.len(), 1);
    }

    async fn it_waits_for_the_doors_to_open(app) {
        // Half past five on Saturday: half an hour today, the rest tomorrow.
        app.clock.set("2026-11-21T23:30:00Z".parse().unwrap());
        create(app, bea()).await;
        app.pass(24 * HOUR).await;
        assert_eq!(alerts(app).await[0], "2026-11-22T16:30:00Z".parse().unwrap());
    }

    async fn the_locations_own_hours_count(app) {
        // Seven in the evening in Berlin: it opens at nine there.
        create(app, with(bea(), json!({"location": "berlin"}))).await;
        app.pass(24 * HOUR).await;
        assert_eq!(alerts(app).await[0], "2026-11-22T10:00:00Z".parse().unwrap());
    }

    async fn work_by_a_user_starts_it_anew(app) {
        let id = create(app, bea()).await;
        app.pass(HOUR).await;
        let work = app.ask(As::Role(Role::Sales), Method::PATCH, &format!("/v1/leads/{id}")).await;
        work.json(&json!({"notes": "Called, will call again"})).send().await.expect(200);
        app.pass(just_before(2 * HOUR)).await;
        assert!(alerts(app).await.is_empty());
        app.pass(Duration::from_millis(1)).await;
        assert_eq!(alerts(app).await.len(), 1);
        // Worked after an alert: the count begins at one again.
        let work = app.ask(As::Role(Role::Sales), Method::PATCH, &format!("/v1/leads/{id}")).await;
        work.json(&json!({"status": "contacted"})).send().await.expect(200);
        app.pass(2 * HOUR).await;
        assert_eq!(alerts(app).await.len(), 2);
    }

    async fn an_answer_to_the_person_is_work(app) {
        let id = create(app, bea()).await;
        app.pass(HOUR).await;
        app.says("+17135550123", "Still there?").await;
        let send = app.ask(As::Role(Role::Sales), Method::POST, "/v1/whatsapp/messages").await;
        send.json(&json!({"leadId": id, "body": "Yes!"})).send().await.expect(202);
        app.pass(just_before(2 * HOUR)).await;
        assert!(alerts(app).await.is_empty());
        app.pass(Duration::from_millis(1)).await;
        assert_eq!(alerts(app).await.len(), 1);
    }

    async fn it_stops_when_the_lead_is_closed(app) {
        let id = create(app, bea()).await;
        app.pass(HOUR).await;
        change(app, &id, json!({"status": "lost"})).await;
        app.pass(72 * HOUR).await;
        assert!(alerts(app).await.is_empty());
    }

    async fn a_lead_opened_again_is_watched_again(app) {
        let id = create(app, bea()).await;
        app.pass(HOUR).await;
        change(app, &id, json!({"status": "lost"})).await;
        app.pass(5 * HOUR).await;
        change(app, &id, json!({"status": "contacted"})).await;
        app.pass(24 * HOUR).await;
        assert!(!alerts(app).await.is_empty());
    }

    async fn the_dealer_chooses_how_long_how_often_and_whether(app) {
        app.crm()
            .dealer_change(&app.caller(), |dealer| {
                dealer.idle_alert =
                    serde_json::from_value(json!({"after_minutes": 10, "repeat_minutes": 5, "at_most": 2})).unwrap();
            })
            .await
            .unwrap();
        create(app, bea()).await;
        app.pass(72 * HOUR).await;
        assert_eq!(alerts(app).await, at(&["2026-11-21T18:10:00Z", "2026-11-21T18:15:00Z"]));
        app.crm().dealer_change(&app.caller(), |dealer| dealer.idle_alert.after_minutes = 0).await.unwrap();
        create(app, with(bea(), json!({"phone": "+17135550188"}))).await;
        app.pass(72 * HOUR).await;
        assert_eq!(alerts(app).await.len(), 2);
    }
}
