//! `/forecourt/v1/agents` and `/forecourt/v1/calls`: a day of an agent, through the router.

use std::time::Duration;

use forecourt_connect::Person;
use forecourt_record::{
    Role,
    pacing::{Dialling, Disposition, Mode},
};
use forecourt_testkit::{As, Setup, TestApp, both};
use http::Method;
use serde_json::{Value, json};

const MINUTE: Duration = Duration::from_mins(1);
const AGENT: As = As::Role(Role::Bdc);

async fn dialling(app: &TestApp, mode: Mode) {
    let word = Disposition { name: "interested".into(), status: None, opt_out: false, ends_schedule: false };
    let settings = Dialling { mode, calls_per_second: 10, dispositions: vec![word], ..Dialling::default() };
    app.crm().dealer_change(&app.caller(), move |dealer| dealer.dialling.clone_from(&settings)).await.unwrap();
}

async fn queued(app: &TestApp, phone: &str) -> Value {
    super::put(app, "calls", &json!({"actions": [{"do": "dial"}]})).await.expect(201);
    let lead = json!({"name": "Ana Ruiz", "phone": phone, "location": "houston"});
    let lead = app.post("/v1/leads").json(&lead).send().await.expect(201);
    let body = json!({"lead": lead["id"], "schedule": "calls"});
    let enrolment = app.post("/forecourt/v1/enrolments").json(&body).send().await.expect(201);
    // Half a minute after the greeting, which goes to the same number.
    app.pass(MINUTE).await;
    app.get(&format!("/forecourt/v1/enrolments/{}", enrolment["id"].as_str().unwrap())).send().await.expect(200)
}

async fn me(app: &TestApp, state: &str) -> Value {
    let agent = app
        .ask(AGENT, Method::PUT, "/forecourt/v1/agents/me")
        .await
        .json(&json!({"state": state}))
        .send()
        .await
        .expect(200);
    app.work().await;
    agent
}

async fn at_work(app: &TestApp) -> Value {
    app.get("/forecourt/v1/agents").send().await.expect(200)["data"][0].clone()
}

both! {
    async fn an_agent_comes_is_given_a_call_and_says_what_came_of_it(app = Setup::everybody(Person::Answers)) {
        dialling(app, Mode::Progressive).await;
        let enrolment = queued(app, "+17135550142").await;
        assert_eq!(enrolment["status"], "queue");
        assert_eq!(me(app, "ready").await["state"], "ready");
        let ringing = at_work(app).await;
        assert_eq!(ringing["state"], "ringing");
        let id = ringing["call"].as_str().unwrap().to_owned();
        let call = async || app.get(&format!("/forecourt/v1/calls/{id}")).send().await.expect(200);
        assert_eq!(call().await["client_number"], "+17135550142");

        app.pass(8 * MINUTE).await;
        let over = call().await;
        assert_eq!((&over["status"], &over["agent"]), (&json!("completed"), &ringing["user"]));
        let said = json!({"disposition": "interested", "note": "On Saturday"});
        let path = format!("/forecourt/v1/calls/{id}/disposition");
        let said = app.ask(AGENT, Method::POST, &path).await.json(&said).send().await.expect(200);
        assert_eq!((&said["disposition"], &said["note"]), (&json!("interested"), &json!("On Saturday")));
        app.work().await;
        let done = app.get(&format!("/forecourt/v1/enrolments/{}", enrolment["id"].as_str().unwrap())).send().await;
        assert_eq!(done.expect(200)["status"], "completed_attempted");
        let unknown = json!({"disposition": "whatever"});
        let wrong = app.ask(AGENT, Method::POST, &path).await.json(&unknown).send().await.expect(422);
        assert_eq!(wrong["errors"][0]["pointer"], "/disposition");
        app.ask(AGENT, Method::POST, &format!("/forecourt/v1/calls/{id}/hang-up")).await.send().await.expect(409);
    }

    async fn an_agent_looks_before_calling(app = Setup::everybody(Person::Answers)) {
        dialling(app, Mode::Preview).await;
        me(app, "ready").await;
        let next = async || app.ask(AGENT, Method::POST, "/forecourt/v1/agents/me/next").await.send().await;
        next().await.expect(204);
        let enrolment = queued(app, "+17135550142").await;
        assert_eq!(next().await.expect(200)["id"], enrolment["id"]);
        app.ask(AGENT, Method::POST, "/forecourt/v1/agents/me/skip").await.send().await.expect(200);
        app.ask(AGENT, Method::POST, "/forecourt/v1/agents/me/skip").await.send().await.expect(409);
        app.work().await;
        assert_eq!(next().await.expect(200)["id"], enrolment["id"]);
        let body = json!({"enrolment": enrolment["id"]});
        let call = app.ask(AGENT, Method::POST, "/forecourt/v1/calls").await.json(&body).send().await.expect(202);
        app.ask(AGENT, Method::POST, "/forecourt/v1/calls").await.json(&body).send().await.expect(409);
        app.pass(Duration::from_secs(20)).await;
        let id = call["id"].as_str().unwrap();
        let answered = app.get(&format!("/forecourt/v1/calls/{id}")).send().await.expect(200);
        assert_eq!(answered["status"], "in-progress");
        let path = format!("/forecourt/v1/calls/{id}/hand-over");
        let nobody = app.ask(AGENT, Method::POST, &path).await.json(&json!({"to": "u_99"})).send().await.expect(422);
        assert_eq!(nobody["errors"][0]["pointer"], "/to");
        let busy = at_work(app).await["user"].clone();
        app.ask(AGENT, Method::POST, &path).await.json(&json!({"to": busy})).send().await.expect(409);
        app.pass(8 * MINUTE).await;
    }

    async fn what_cannot_be_is_told(app) {
        let choose = async |who: As, body: Value| app.ask(who, Method::PUT, "/forecourt/v1/agents/me").await.json(&body).send().await;
        choose(As::Key, json!({"state": "ready"})).await.expect(409);
        let wrong = choose(AGENT, json!({"state": "talking"})).await.expect(422);
        assert_eq!(wrong["errors"][0]["pointer"], "/state");
        app.ask(AGENT, Method::POST, "/forecourt/v1/agents/me/next").await.send().await.expect(409);
        let call = async |body: Value| app.post("/forecourt/v1/calls").json(&body).send().await;
        call(json!({})).await.expect(422);
        call(json!({"lead": "L-1", "enrolment": "E-1"})).await.expect(422);
        let told = call(json!({"lead": "L-999"})).await.expect(422);
        assert_eq!(told["errors"][0]["pointer"], "/lead");
        call(json!({"schedule": "none", "to": "+17135550142"})).await.expect(422);
        call(json!({"enrolment": "E-999"})).await.expect(422);
        app.get("/forecourt/v1/calls/none").send().await.expect(404);
    }
}
