//! `GET /v1/whatsapp/threads/{leadId}`.

use std::time::Duration;

use forecourt_record::Role;
use forecourt_testkit::{As, TestApp, both};
use http::Method;
use serde_json::{Value, json};

use crate::altum::{bea, create, each, instant, text, with};

const BEA: &str = "+17135550123";

async fn thread(app: &TestApp, query: &str) -> Value {
    app.get(&format!("/v1/whatsapp/threads/L-1000{query}")).send().await.expect(200)
}

fn bodies(thread: &Value) -> Vec<String> {
    each(&json!({"data": thread["messages"]}), "body")
}

both! {
    async fn it_has_every_message_oldest_first_and_the_window(app) {
        create(app, bea()).await;
        app.pass(Duration::from_mins(10)).await;
        assert_eq!(thread(app, "").await["windowExpiresAt"], json!(null));
        app.says(BEA, "Is it there?").await;
        let said = app.clock.now();
        app.clock.advance(Duration::from_mins(1));
        let send = json!({"leadId": "L-1000", "body": "It is."});
        app.post("/v1/whatsapp/messages").json(&send).send().await.expect(202);
        let thread = thread(app, "").await;
        assert_eq!(thread["leadId"], "L-1000");
        assert_eq!(instant(&thread["windowExpiresAt"]), said + Duration::from_hours(24));
        assert_eq!(bodies(&thread)[1..], ["Is it there?", "It is."]);
        let answer = &thread["messages"][2];
        assert_eq!((&answer["direction"], &answer["status"]), (&json!("outbound"), &json!("queued")));
        assert_eq!((&answer["from"], &answer["to"]), (&json!("+17135550199"), &json!(BEA)));
        assert_eq!(answer["media"], json!([]));
        let question = &thread["messages"][1];
        assert_eq!((&question["from"], &question["to"]), (&json!(BEA), &json!("+17135550199")));
        assert_eq!(thread["before"], json!(null));
    }

    async fn older_pages_follow_the_cursor(app) {
        create(app, bea()).await;
        app.pass(Duration::from_mins(10)).await;
        for at in 0..7 {
            // Several in the same second: the order must hold all the same.
            app.says(BEA, &format!("Message {at}")).await;
            if at % 3 == 0 {
                app.clock.advance(Duration::from_secs(1));
            }
        }
        let whole = bodies(&thread(app, "").await);
        assert_eq!(whole.len(), 8);
        for limit in [1, 2, 3, 5, 8, 9] {
            let mut pages: Vec<String> = Vec::new();
            let mut cursor = String::new();
            loop {
                let page = thread(app, &format!("?limit={limit}{cursor}")).await;
                let shown = bodies(&page);
                assert!(shown.len() <= limit);
                pages.splice(0..0, shown);
                match page["before"].as_str() {
                    Some(before) => cursor = format!("&before={before}"),
                    None => break,
                }
            }
            assert_eq!(pages, whole, "limit {limit}");
        }
    }

    async fn a_cursor_of_another_thread_is_refused(app) {
        create(app, bea()).await;
        create(app, with(bea(), json!({"name": "Other", "phone": "+17135550124"}))).await;
        app.pass(Duration::from_mins(10)).await;
        let other = app.get("/v1/whatsapp/threads/L-1001").send().await.expect(200);
        let theirs = text(&other["messages"][0]["id"]);
        for before in [theirs.as_str(), "msg_000000000000000000000000", "msg_x", "L-1000", ""] {
            let answer = app.get(&format!("/v1/whatsapp/threads/L-1000?before={before}")).send().await;
            assert_eq!(answer.problem(400), "malformed_query", "{before}");
            assert_eq!(answer.pointers(), ["query:before"]);
        }
        for limit in ["0", "501", "x"] {
            let answer = app.get(&format!("/v1/whatsapp/threads/L-1000?limit={limit}")).send().await;
            assert_eq!(answer.problem(400), "malformed_query");
        }
    }

    async fn a_thread_without_messages_is_empty(app) {
        app.crm().dealer_change(&app.caller(), |dealer| dealer.bot.enabled = false).await.unwrap();
        create(app, bea()).await;
        assert_eq!(
            thread(app, "").await,
            json!({"leadId": "L-1000", "windowExpiresAt": null, "messages": [], "before": null})
        );
    }

    async fn another_location_is_another_domain(app) {
        create(app, with(bea(), json!({"location": "berlin"}))).await;
        for (who, status) in [(As::Role(Role::Sales), 404), (As::Role(Role::Manager), 200), (As::Stranger, 404)] {
            let answer = app.ask(who, Method::GET, "/v1/whatsapp/threads/L-1000").await.send().await;
            assert_eq!(answer.status.as_u16(), status, "{who:?}");
        }
    }
}
