//! Webhooks of schedules: signed, repeated with one id, and nothing waits for them.

use std::time::Duration;

use forecourt_connect::hook::signature;
use forecourt_record::{Enrolment, EnrolmentStatus, event::EventName};
use forecourt_testkit::{TestApp, both};
use serde_json::{Value, json};

use super::quiet;
use crate::{
    dialler::put,
    native::{enrol, lead},
    work::tasks::{Partner, header},
};

const DAY: Duration = Duration::from_hours(24);

async fn count(app: &TestApp, name: EventName) -> usize {
    app.events().await.iter().filter(|event| event.name == name).count()
}

both! {
    async fn a_receiver_is_told_until_it_has_taken_it(app) {
        quiet(app, 0).await;
        let partner = Partner::answering(&[500, 503, 200]).await;
        let calls = json!({"do": "webhook", "url": partner.url});
        put(app, "tells", json!({"actions": [{"do": "modify_lead", "tokens": {"make": "Ford"}}, calls]})).await;
        let lead = lead(app, "+17132345678").await;
        enrol(app, &lead, "tells").await;
        app.work().await;
        // The schedule has gone on, though nobody has taken it yet.
        let over = app.all::<Enrolment>().await.pop().unwrap();
        assert_eq!((over.doc.status, partner.heard().len()), (EnrolmentStatus::Completed, 1));
        app.pass(2 * DAY).await;
        let heard = partner.heard();
        assert_eq!(heard.len(), 3, "after it was taken it is not told again");
        let secret = app.crm().callback_secret(app.crm().scope(&app.caller())).await.unwrap();
        for (head, body) in &heard {
            assert!(head.starts_with("POST /hook?token=1 "), "{head}");
            let (id, at) = (header(head, "webhook-id").unwrap(), header(head, "webhook-timestamp").unwrap());
            assert_eq!(Some(id), header(&heard[0].0, "webhook-id"));
            let signed = signature(&secret, id, at.parse().unwrap(), &body.to_string()).unwrap();
            assert_eq!(header(head, "webhook-signature"), Some(signed.as_str()));
            let data = &body["data"];
            assert_eq!((&body["type"], &data["schedule"]), (&json!("schedule.webhook"), &json!("tells")));
            assert_eq!((&data["position"], &data["version"]), (&json!(1), &json!(1)));
            assert_eq!((&data["enrolment_id"], &data["lead_id"]), (&json!(over.id), &json!(over.doc.lead_id)));
            assert_eq!(data["tokens"], Value::Null, "nothing but ids unless it is asked for");
            let said = body.to_string();
            assert!(!said.contains("Ana") && !said.contains("2345678"), "{said}");
        }
        assert_eq!(count(app, EventName::CallbackDelivered).await, 1);
    }

    async fn tokens_are_told_where_they_are_asked_for_also_at_the_end(app) {
        quiet(app, 0).await;
        let partner = Partner::answering(&[200]).await;
        let calls = json!({"do": "webhook", "url": partner.url, "with": ["tokens"]});
        put(app, "tells", json!({"actions": [{"do": "modify_lead", "tokens": {"make": "Ford"}}], "at_end": [calls]})).await;
        let lead = lead(app, "+17132345678").await;
        enrol(app, &lead, "tells").await;
        app.work().await;
        assert_eq!(partner.heard()[0].1["data"]["tokens"], json!({"make": "Ford"}));
    }

    async fn one_that_is_gone_or_dead_is_given_up(app) {
        quiet(app, 0).await;
        let (gone, dead) = (Partner::answering(&[410]).await, Partner::answering(&[500]).await);
        let calls = [&gone, &dead].map(|one| json!({"do": "webhook", "url": one.url}));
        put(app, "tells", json!({"actions": calls})).await;
        let lead = lead(app, "+17132345678").await;
        enrol(app, &lead, "tells").await;
        app.pass(2 * DAY).await;
        assert_eq!((gone.heard().len(), dead.heard().len()), (1, 8));
        assert_eq!(count(app, EventName::CallbackGivenUp).await, 2);
        assert!(app.all::<Enrolment>().await.iter().all(|one| one.doc.status == EnrolmentStatus::Completed));
    }

    async fn of_somebody_who_was_erased_nobody_is_told(app) {
        quiet(app, 0).await;
        let partner = Partner::answering(&[500, 200]).await;
        put(app, "tells", json!({"actions": [{"do": "webhook", "url": partner.url}]})).await;
        let lead = lead(app, "+17132345678").await;
        enrol(app, &lead, "tells").await;
        app.work().await;
        app.delete(&format!("/v1/leads/{lead}")).send().await;
        app.pass(2 * DAY).await;
        assert_eq!(partner.heard().len(), 1);
    }
}
