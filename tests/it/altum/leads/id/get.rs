//! `GET /v1/leads/{id}`.

use std::time::Duration;

use forecourt_record::Role;
use forecourt_testkit::{As, both};
use http::Method;
use serde_json::{Value, json};

use crate::altum::{bea, change, conversation, create, each, instant, jose, phone, read, text, timeline, with};

both! {
    async fn the_score_is_explained_line_by_line(app) {
        let id = create(
            app,
            json!({
                "name": "Cal", "phone": phone(1), "creditScore": "fair", "downPayment": 2000,
                "location": "houston",
            }),
        )
        .await;
        let lead = read(app, &id).await;
        assert_eq!(lead["score"], 27);
        assert_eq!(
            lead["scoreBreakdown"],
            json!([
                {"input": "creditScore", "value": "fair", "points": 20, "max": 30, "missing": false},
                {"input": "downPayment", "value": 2000, "points": 6.67, "max": 25, "missing": false},
                {"input": "hasBank", "value": null, "points": 0, "max": 15, "missing": true},
                {"input": "idType", "value": null, "points": 0, "max": 15, "missing": true},
                {"input": "tradeIn", "value": null, "points": 0, "max": 15, "missing": true},
            ])
        );
        // Any of these single answers lifts it into the next filter.
        let changes = lead["wouldChange"].as_array().unwrap();
        assert!(!changes.is_empty());
        for one in changes {
            assert!(one["score"].as_i64().unwrap() >= 40, "{one}");
            let answered = app
                .post("/v1/leads")
                .json(&with(
                    json!({
                        "name": "Check", "phone": phone(2), "creditScore": "fair", "downPayment": 2000,
                        "location": "berlin",
                    }),
                    json!({text(&one["input"]): one["answer"]}),
                ))
                .send()
                .await;
            let body = answered.json();
            assert_eq!((&body["score"], &body["filter"]), (&one["score"], &one["filter"]), "{one}");
            app.delete(&format!("/v1/leads/{}", text(&body["id"]))).send().await.expect(204);
        }
    }

    async fn nothing_would_change_the_best(app) {
        assert_eq!(read(app, &create(app, jose()).await).await["wouldChange"], json!([]));
    }

    async fn activities_are_newest_first_with_who_did_them(app) {
        let id = create(app, bea()).await;
        app.clock.advance(Duration::from_mins(1));
        let manager = app.ask(As::Role(Role::Manager), Method::PATCH, &format!("/v1/leads/{id}")).await;
        manager.json(&json!({"status": "contacted"})).send().await.expect(200);
        app.clock.advance(Duration::from_mins(1));
        change(app, &id, json!({"notes": "Called back."})).await;
        let lead = read(app, &id).await;
        let activities = lead["activities"].as_array().unwrap();
        assert_eq!(each(&json!({"data": activities}), "type"), ["note.written", "status_changed", "created"]);
        let times: Vec<_> = activities.iter().map(|activity| instant(&activity["at"])).collect();
        assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
        assert_eq!(activities[1]["text"], "Status changed from new to contacted");
        assert_eq!(activities[1]["by"], "u_2");
        assert_eq!(activities[2]["text"], "Lead received through altum");
        let mut ids = each(&json!({"data": activities}), "id");
        ids.dedup();
        assert_eq!(ids.len(), 3);
        assert_eq!(lead["lastActivityAt"], activities[0]["at"]);
    }

    async fn messages_are_oldest_first(app) {
        let id = create(app, bea()).await;
        app.pass(Duration::from_mins(5)).await;
        app.says("+17135550123", "Hi there").await;
        app.clock.advance(Duration::from_mins(1));
        let send = json!({"leadId": id, "body": "Hello Bea"});
        app.post("/v1/whatsapp/messages").json(&send).send().await.expect(202);
        let lead = read(app, &id).await;
        assert_eq!(conversation(&lead), ["outbound read", "inbound null", "outbound queued"]);
        let messages = lead["messages"].as_array().unwrap();
        assert_eq!(messages[1]["body"], "Hi there");
        assert_eq!(messages[1]["from"], "+17135550123");
        assert_eq!(messages[2]["from"], "+17135550199");
        assert!(text(&messages[0]["id"]).starts_with("msg_"));
        let times: Vec<_> = messages.iter().map(|message| instant(&message["at"])).collect();
        assert!(times.is_sorted(), "{times:?}");
    }

    async fn it_says_what_the_house_does_next(app) {
        let id = create(app, bea()).await;
        let lead = read(app, &id).await;
        assert_eq!(lead["nextAction"], json!({"at": lead["createdAt"], "what": "send the greeting"}));
        app.work().await;
        // Two business hours from Saturday noon in Houston.
        let lead = read(app, &id).await;
        assert_eq!(
            lead["nextAction"],
            json!({
                "at": "2026-11-21T20:00:00.000Z", "what": "alert the managers that the lead is idle",
            })
        );
        change(app, &id, json!({"status": "sold"})).await;
        app.work().await;
        assert_eq!(read(app, &id).await["nextAction"], json!(null));
    }

    async fn it_says_what_stands_in_the_way(app) {
        app.suppress("+17135550123").await;
        let id = create(app, bea()).await;
        let lead = read(app, &id).await;
        assert_eq!(lead["nextAction"]["what"], "send the greeting");
        assert_eq!(lead["nextAction"]["blockedBy"], "the person must not be contacted on this channel");
        app.pass(Duration::from_mins(5)).await;
        let lead = read(app, &id).await;
        assert_eq!(lead["messages"], json!([]));
        // The timeline says so, without a word of the person's.
        assert_eq!(timeline(&lead), ["created", "message.held"]);
    }

    async fn the_etag_rises_with_every_change(app) {
        let id = create(app, bea()).await;
        let path = format!("/v1/leads/{id}");
        let etag = async || app.get(&path).send().await.header("etag").unwrap().to_owned();
        let first = etag().await;
        assert_eq!(etag().await, first);
        let answer = app.patch(&path).json(&json!({"status": "contacted"})).send().await;
        assert_ne!(answer.header("etag"), Some(first.as_str()));
        assert_eq!(answer.header("etag"), Some(etag().await.as_str()));
    }

    async fn what_is_not_an_id_of_ours_is_not_found(app) {
        create(app, jose()).await;
        for id in [
            "L-1001",
            "L-999",
            "1000",
            "l-1000",
            "L-01000",
            "L-+1000",
            "L--1000",
            "L-",
            "V-1000",
            "L-99999999999999999999",
            "L-1000%20",
        ] {
            let answer = app.get(&format!("/v1/leads/{id}")).send().await;
            assert_eq!(answer.problem(404), "not_found", "{id}");
        }
        let answer = app.get("/v1/leads/L-1000?full=1").send().await;
        assert_eq!(answer.problem(400), "malformed_query");
    }

    async fn another_location_is_another_domain(app) {
        let houston = create(app, jose()).await;
        let berlin = create(app, with(bea(), json!({"location": "berlin"}))).await;
        for role in Role::ALL {
            let bound = matches!(role, Role::Bdc | Role::Sales);
            for (id, status) in [(&houston, 200), (&berlin, if bound { 404 } else { 200 })] {
                let answer = app.ask(As::Role(*role), Method::GET, &format!("/v1/leads/{id}")).await.send().await;
                assert_eq!(answer.status.as_u16(), status, "{role:?} {id}");
            }
        }
        let both = app.hire("Both", Role::Sales, &["houston", "berlin"]).await;
        let both = app.session(&both.email).await;
        for id in [&houston, &berlin] {
            app.anonymous(Method::GET, &format!("/v1/leads/{id}")).bearer(&both).send().await.expect(200);
        }
    }

    async fn the_vehicle_and_the_language_are_shown(app) {
        let car: Value = json!({"make": "Seat", "model": "Ibiza", "year": 2021, "price": 12000, "location": "berlin"});
        app.post("/v1/vehicles").json(&car).send().await.expect(201);
        let lead = with(bea(), json!({"location": "berlin", "vehicleId": "V-1"}));
        let lead = read(app, &create(app, lead).await).await;
        assert_eq!((&lead["vehicleId"], &lead["language"]), (&json!("V-1"), &json!("de")));
    }
}
