//! `POST /lead/cancel`.

use forecourt_outreach::calls::Choice;
use forecourt_record::AgentState;
use forecourt_testkit::{Backend, TestApp, both};
use serde_json::json;

use crate::dialler::{MINUTE, add, cancel, john, key_of, keyed, processed, types, unprocessed};

both! {
    async fn a_call_that_has_not_been_made_is_cancelled(app) {
        types(app).await;
        assert_eq!(add(app, &john("motor-trade")).await.expect(200), processed());
        app.work().await;
        assert_eq!(cancel(app, "motor-trade").await, json!({"cancelled": true}));
        assert_eq!(cancel(app, "motor-trade").await, json!({"cancelled": false, "warning": "not found"}));
        // The person may be called again, by any type of the group.
        assert_eq!(add(app, &john("finance")).await.expect(200), processed());
        assert_eq!(add(app, &john("motor-trade")).await.expect(200), unprocessed("Another call is already scheduled"));
    }

    async fn what_is_not_there_is_not_found(app) {
        types(app).await;
        for kind in ["motor-trade", "lorries"] {
            assert_eq!(cancel(app, kind).await, json!({"cancelled": false, "warning": "not found"}));
        }
        add(app, &john("motor-trade")).await.expect(200);
        let key = key_of(app, "finance").await;
        let body = json!({"mobile": "+17137840258", "type": "motor-trade"});
        let answer = keyed(app, "/lead/cancel", &key, &body).await;
        assert_eq!(answer.expect(200), json!({"cancelled": false, "warning": "not found"}));
    }

    async fn it_is_too_late_once_the_person_was_written_to(app) {
        types(app).await;
        assert_eq!(add(app, &john("finance")).await.expect(200), processed());
        // Half a minute after the greeting, which goes to the same number.
        app.pass(MINUTE).await;
        assert_eq!(cancel(app, "finance").await, json!({"cancelled": false, "warning": "already processed"}));
    }

    async fn it_is_too_late_once_somebody_calls(app) {
        types(app).await;
        assert_eq!(add(app, &john("motor-trade")).await.expect(200), processed());
        // Half a minute after the greeting, which goes to the same number.
        app.pass(MINUTE).await;
        let agent = app.crm().config(app.dealer).await.unwrap().users[0].id;
        let ready = Choice { state: AgentState::Ready, pause_code: None, call_groups: None };
        app.app.outreach.agent_choose(&app.caller(), agent, ready).await.unwrap();
        app.work().await;
        assert_eq!(cancel(app, "motor-trade").await, json!({"cancelled": false, "warning": "already processed"}));
    }

    async fn a_type_without_a_group_of_calls_cannot_be_cancelled(app) {
        types(app).await;
        assert_eq!(add(app, &john("service")).await.expect(200), processed());
        assert_eq!(cancel(app, "service").await, json!({"cancelled": false, "warning": "server error (call group)"}));
    }

    async fn what_is_wrong_is_told_field_by_field(app) {
        types(app).await;
        let ask = async |body| app.post("/lead/cancel").json(&body).send().await.expect(400);
        assert_eq!(
            ask(json!({"test": true})).await,
            json!({
                "mobile": {"0": "Mobile cannot be blank."}, "type": {"0": "Type cannot be blank."},
                "test": {"0": "There is no field `test`. Known: mobile, type."},
            })
        );
        assert_eq!(
            ask(json!({"mobile": "12", "type": "motor-trade"})).await,
            json!({"mobile": {"0": "Mobile is not a valid phone number."}})
        );
        assert_eq!(
            ask(json!({"mobile": "12"})).await,
            json!({"type": {"0": "Type cannot be blank."}, "mobile": {"0": "Mobile is not a valid phone number."}})
        );
        // The document's own example has a comma too many.
        let broken = "{\n\"mobile\":\"07840258823\",\n\"type\":\"motor-trade\",\n}";
        let told = app.post("/lead/cancel").raw("application/json", broken).send().await.expect(400);
        assert!(told["body"]["0"].as_str().unwrap().starts_with("Invalid JSON: "), "{told}");
    }
}

#[tokio::test]
async fn what_cannot_be_saved_is_an_error_of_its_own() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = TestApp::start(backend).await;
        assert!(app.is_some() || backend == Backend::Postgres, "SQLite is always there");
        let Some(app) = app else { continue };
        types(&app).await;
        assert_eq!(add(&app, &john("motor-trade")).await.expect(200), processed());
        assert_eq!(cancel(&app, "lorries").await, json!({"cancelled": false, "warning": "not found"}));
        // The key is known for a second, and meanwhile the database goes.
        app.crm().store.close().await;
        assert_eq!(cancel(&app, "motor-trade").await, json!({"cancelled": false, "warning": "server error (save)"}));
    }
}
