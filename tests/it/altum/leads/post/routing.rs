//! Who gets a new lead: A at once, B when the person answers, Reject nobody.

use std::time::Duration;

use forecourt_record::{Role, SaleLead};
use forecourt_testkit::{TestApp, both, daily};
use serde_json::{Value, json};

use crate::altum::{bea, change, create, jose, phone, read, rex, text, timeline, with};

/// A lead of the best filter; whom it was given to.
async fn given(app: &TestApp, at: usize) -> String {
    let id = create(app, with(jose(), json!({"name": format!("Person {at}"), "phone": phone(at)}))).await;
    text(&read(app, &id).await["assignedTo"])
}

fn assigned(lead: &Value) -> String {
    let activities = lead["activities"].as_array().unwrap();
    let found = activities.iter().find(|activity| activity["type"] == "assigned");
    text(&found.expect("an assignment on the timeline")["text"])
}

both! {
    async fn an_a_is_assigned_at_once_and_the_reason_is_kept(app) {
        let id = create(app, jose()).await;
        let lead = read(app, &id).await;
        assert_eq!(timeline(&lead), ["created", "assigned"]);
        let told = assigned(&lead);
        assert!(told.contains("least open leads (0), then longest without a new one, of 2 on shift"), "{told}");
        let stored = &app.all::<SaleLead>().await[0];
        let routing = stored.extra.routing.as_ref().unwrap();
        assert_eq!(routing.candidates.len(), 2);
        assert_eq!(routing.chosen, stored.doc.owner());
        assert_eq!(routing.chosen, Some(routing.candidates[0].user));
    }

    async fn the_least_loaded_agent_gets_it_then_the_one_who_waited_longest(app) {
        app.dismiss_agents().await;
        let (ana, ben) =
            (app.hire("Ana", Role::Sales, &["houston"]).await, app.hire("Ben", Role::Bdc, &["houston"]).await);
        let first = given(app, 1).await;
        app.clock.advance(Duration::from_secs(1));
        let second = given(app, 2).await;
        let mut both = [first.clone(), second.clone()];
        both.sort();
        assert_eq!(both, [ana.id.clone(), ben.id.clone()]);
        app.clock.advance(Duration::from_secs(1));
        // Equally loaded: whoever has waited longest.
        assert_eq!(given(app, 3).await, first);
        // The second one sells: closed leads are no load.
        app.clock.advance(Duration::from_secs(1));
        assert_eq!(given(app, 4).await, second);
        change(app, "L-1000", json!({"status": "sold"})).await;
        change(app, "L-1002", json!({"status": "lost"})).await;
        app.clock.advance(Duration::from_secs(1));
        assert_eq!(given(app, 5).await, first);
        assert_eq!(given(app, 6).await, first);
    }

    async fn only_agents_of_the_location_on_shift_are_asked(app) {
        app.dismiss_agents().await;
        let shift = |from: &'static str, to: &'static str| {
            move |user: &mut forecourt_record::User| user.shifts = vec![daily(from, to)]
        };
        // It is noon in Houston.
        let _night = app.hire_with("Night", Role::Sales, &["houston"], shift("20:00", "04:00")).await;
        let _berlin = app.hire("Berlin", Role::Sales, &["berlin"]).await;
        let _manager = app.hire("Manager", Role::Manager, &["houston"]).await;
        let away = |user: &mut forecourt_record::User| {
            user.leave = vec![serde_json::from_value(json!({"from": "2026-11-20", "to": "2026-11-30"})).unwrap()];
        };
        let _away = app.hire_with("Away", Role::Sales, &["houston"], away).await;
        let day = app.hire_with("Day", Role::Sales, &["houston", "berlin"], shift("09:00", "17:00")).await;
        for at in 0..3 {
            assert_eq!(given(app, at).await, day.id);
        }
    }

    async fn with_nobody_on_shift_it_is_left_to_somebody_all_the_same(app) {
        app.dismiss_agents().await;
        let change = |user: &mut forecourt_record::User| user.shifts = vec![daily("20:00", "04:00")];
        let night = app.hire_with("Night", Role::Sales, &["houston"], change).await;
        let id = create(app, jose()).await;
        let lead = read(app, &id).await;
        assert_eq!(lead["assignedTo"], json!(night.id));
        assert!(assigned(&lead).contains("none being on shift"), "{}", assigned(&lead));
    }

    async fn where_nobody_takes_leads_the_reason_is_kept(app) {
        let id = create(app, with(jose(), json!({"location": "berlin"}))).await;
        assert_eq!(read(app, &id).await["assignedTo"], json!(null));
        let stored = &app.all::<SaleLead>().await[0];
        assert_eq!(stored.extra.routing.as_ref().unwrap().reason, "nobody takes leads at this location");
    }

    async fn a_b_waits_until_the_person_answers(app) {
        let id = create(app, bea()).await;
        app.work().await;
        let lead = read(app, &id).await;
        assert_eq!((&lead["filter"], &lead["assignedTo"]), (&json!("B"), &json!(null)));
        app.says("+17135550123", "Hi, I am interested").await;
        let lead = read(app, &id).await;
        assert!(["u_3", "u_4"].contains(&text(&lead["assignedTo"]).as_str()), "{lead}");
        assert!(timeline(&lead).contains(&"assigned".to_owned()));
    }

    async fn a_reject_is_archived_with_a_polite_template(app) {
        let id = create(app, rex()).await;
        let lead = read(app, &id).await;
        assert_eq!((&lead["status"], &lead["filter"]), (&json!("archived"), &json!("Reject")));
        assert_eq!(lead["assignedTo"], json!(null));
        assert_eq!(lead["nextAction"]["what"], "send the polite decline");
        app.pass(Duration::from_mins(10)).await;
        let lead = read(app, &id).await;
        let messages = lead["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 1);
        let body = text(&messages[0]["body"]);
        assert!(body.contains("Rex") && body.contains("sorry"), "{body}");
        assert_eq!(lead["nextAction"], json!(null));
        // And that is all there ever is.
        app.pass(Duration::from_hours(24 * 10)).await;
        assert_eq!(read(app, &id).await["messages"].as_array().unwrap().len(), 1);
    }

    async fn whoever_was_asked_nothing_is_not_turned_away(app) {
        let id = create(app, json!({"name": "Unasked", "phone": phone(1), "location": "houston"})).await;
        let lead = read(app, &id).await;
        assert_eq!((&lead["score"], &lead["filter"], &lead["status"]), (&json!(0), &json!("Reject"), &json!("new")));
        app.pass(Duration::from_mins(10)).await;
        let body = text(&read(app, &id).await["messages"][0]["body"]);
        assert!(body.contains("thank you for your interest!"), "{body}");
    }

    async fn whoever_is_named_gets_it_whatever_it_is_worth(app) {
        for (lead, at) in [(jose(), 1), (bea(), 2), (rex(), 3)] {
            let id = create(app, with(lead, json!({"phone": phone(at), "assignedTo": "u_2"}))).await;
            let lead = read(app, &id).await;
            assert_eq!(lead["assignedTo"], "u_2");
            assert!(assigned(&lead).contains("named in the enquiry"));
        }
    }
}
