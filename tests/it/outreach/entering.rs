//! Leads that enter a schedule by themselves: by every door, by what happens to them, and never twice or without end.

use std::time::Duration;

use forecourt_crm::import::{
    fields::{Field, enquiry},
    file::NewImport,
};
use forecourt_record::{Enrolment, EnrolmentStatus, Kind as _, LeadImportTask, SaleLead, event::EventName};
use forecourt_testkit::{TestApp, both};
use serde_json::{Value, json};

use super::{quiet, texts, writes};
use crate::{autengo, dialler, trackdrive};

const ANA: &str = "+17132345678";
const MONTH: Duration = Duration::from_hours(30 * 24);

async fn ask(app: &TestApp, name: &str, phone: &str, source: &str) -> Value {
    let lead = json!({"name": name, "phone": phone, "location": "houston", "source": source});
    let lead = app.post("/v1/leads").json(&lead).send().await.expect(201);
    app.work().await;
    lead
}

async fn moves(app: &TestApp, lead: &Value, status: &str) {
    let path = format!("/v1/leads/{}", lead["id"].as_str().unwrap());
    app.patch(&path).json(&json!({"status": status})).send().await.expect(200);
    app.work().await;
}

/// Who is or was on a schedule: the name of each lead, the first one first.
async fn entered(app: &TestApp, schedule: &str) -> Vec<String> {
    let config = app.crm().config(app.dealer).await.unwrap();
    let id = config.schedule_named(schedule).unwrap().schedule.id;
    let leads = app.all::<SaleLead>().await;
    let name = |of| leads.iter().find(|lead| lead.id == of).unwrap().extra.name.clone();
    let mut all = app.all::<Enrolment>().await;
    all.sort_by_key(|one| one.extra.number);
    all.iter().filter(|one| one.doc.schedule_id == id).map(|one| name(one.doc.lead_id)).collect()
}

async fn reasons(app: &TestApp) -> Vec<Value> {
    let refused = app.events().await.into_iter().filter(|event| event.name == EventName::EnrolmentRefused);
    refused.map(|event| event.data["reason"].clone()).collect()
}

/// A schedule that is entered, and then waits for a month.
fn rests(enter: &Value) -> Value {
    json!({"enter": enter, "actions": [{"do": "wait", "days": 30}]})
}

both! {
    async fn a_lead_enters_by_whichever_door_it_comes(app) {
        quiet(app, 0).await;
        dialler::types(app).await;
        let token = trackdrive::tokens(app).await.schedule;
        autengo::four(app).await;
        dialler::put(app, "all", rests(&json!([{"new_lead": true}]))).await;

        ask(app, "Altum", "+17132345001", "website").await;
        let walcu = json!({"contacts": [{"name": {"raw_name": "Walcu"}, "phones": ["+17132345002"]}]});
        let client = app.post(&format!("/dealers/{}/clients", app.dealer)).json(&walcu).send().await;
        let client = client.expect(200)["_id"].clone();
        let lead = json!({"client_id": client});
        app.post(&format!("/dealers/{}/saleleads", app.dealer)).json(&lead).send().await.expect(200);
        app.work().await;
        let opportunity = json!({
            "sellingId": autengo::named(app, "A").await, "requestText": "Hi", "sourceType": 6,
            "customer": {"lastName": "Autengo", "phoneNumber": "030 901820"},
        });
        app.post("/v3/opportunity").json(&opportunity).send().await.expect(200);
        app.work().await;
        dialler::add(app, &dialler::john("motor-trade")).await.expect(200);
        app.work().await;
        trackdrive::put_lead(app, &token, &json!({"caller_id": "+17132345003", "first_name": "Track"})).await;
        app.work().await;
        writes(app, "wamid.1", "+17132345004", "Is it red?").await;
        app.work().await;
        let person = json!({"client": {"name": "Task", "phone": "+17132345005"}, "lead": {"location": "houston"}});
        let task = json!({"json_payload": person});
        app.crm().resource_create(&app.caller(), LeadImportTask::SPEC, vec![task], None).await.unwrap();
        app.work().await;
        assert_eq!(
            entered(app, "all").await,
            ["Altum", "Walcu", "Autengo", "John Doe", "Track", "Ana Ruiz", "Task"]
        );
        assert_eq!(reasons(app).await, [] as [Value; 0]);

        // What was long ago is only kept; a file is that unless somebody says otherwise.
        let config = app.crm().config(app.dealer).await.unwrap();
        for (at, follow) in [false, true].into_iter().enumerate() {
            let new = NewImport { file: "a.csv".into(), fingerprint: at.to_string(), follow, again: false };
            let begun = app.crm().import_begin(&app.caller(), new).await.unwrap();
            let cells = [(Field::Name, "File"), (Field::Phone, ["+17132345006", "+17132345007"][at]), (Field::Location, "houston")];
            let row = enquiry(&cells.map(|(field, cell)| (field, cell.to_owned())));
            app.crm().import_row(&app.caller(), &config, &begun.import, 2, row).await.unwrap();
            app.work().await;
            assert_eq!(entered(app, "all").await.len(), 7 + at, "followed: {follow}");
        }
    }

    async fn what_happens_and_what_is_so_decide(app) {
        quiet(app, 0).await;
        dialler::put(app, "web", rests(&json!([{"new_lead": true, "when": [{"origin": ["Website"]}, {"location": ["houston"]}]}]))).await;
        dialler::put(app, "elsewhere", rests(&json!([{"new_lead": true, "when": [{"location": ["berlin"]}]}]))).await;
        dialler::put(app, "revival", rests(&json!([{"status": ["no-show", "lost"]}, {"status": ["qualified"], "when": [{"token": "a:1"}]}]))).await;
        let ana = ask(app, "Ana", ANA, "website").await;
        ask(app, "Ben", "+17132345001", "radio").await;
        assert_eq!(entered(app, "web").await, ["Ana"]);
        assert_eq!(entered(app, "revival").await, [""; 0]);
        for status in ["appointment", "no-show", "lost", "qualified"] {
            moves(app, &ana, status).await;
        }
        assert_eq!(entered(app, "revival").await, ["Ana"], "it is on it already when it is lost");
        assert_eq!(entered(app, "elsewhere").await, [""; 0]);
        // A status that it leaves before anybody looks counts, by whatever API it was set.
        let at = format!("/dealers/{}/saleleads", app.dealer);
        let leads = app.get(&at).send().await.expect(200);
        let ben = leads.as_array().unwrap().iter().find(|lead| lead["origin"]["source"] == "radio").unwrap()["_id"].clone();
        for status in ["no-show", "new"] {
            let patch = json!([{"op": "add", "path": "/status", "value": {"status": status}}]);
            app.patch(&format!("{at}/{}", ben.as_str().unwrap())).json(&patch).send().await.expect(200);
        }
        app.work().await;
        assert_eq!(entered(app, "revival").await, ["Ana", "Ben"]);
    }

    async fn nobody_enters_twice_nor_against_a_wish(app) {
        quiet(app, 0).await;
        let text = json!({"do": "sms", "text": {"en": "Hello"}});
        let again = json!({"enter": [{"new_lead": true, "status": ["new"]}], "actions": [{"do": "wait", "days": 30}, text], "duplicates": "allow"});
        dialler::put(app, "again", again).await;
        let ana = ask(app, "Ana", ANA, "website").await;
        assert_eq!(entered(app, "again").await, ["Ana"], "by two ways at once");
        for status in ["lost", "new"] {
            moves(app, &ana, status).await;
        }
        assert_eq!(entered(app, "again").await, ["Ana"], "it is on it still, though duplicates are allowed");
        texts(app, ANA, "STOP").await;
        app.work().await;
        for status in ["lost", "new"] {
            moves(app, &ana, status).await;
        }
        assert_eq!(entered(app, "again").await, ["Ana"]);
        assert_eq!(reasons(app).await, ["the person must not be contacted by any means of the schedule"]);
        texts(app, ANA, "START").await;
        for status in ["lost", "new"] {
            moves(app, &ana, status).await;
        }
        assert_eq!(entered(app, "again").await, ["Ana", "Ana"]);
        // Nor is it entered where the wish was written down by somebody.
        let ben = ask(app, "Ben", "+17132345001", "radio").await;
        let withdrawn = json!({"act": "withdrawn", "address": "+17132345001"});
        app.post("/forecourt/v1/consents").json(&withdrawn).send().await.expect(201);
        for status in ["lost", "new"] {
            moves(app, &ben, status).await;
        }
        assert_eq!(entered(app, "again").await, ["Ana", "Ana", "Ben"]);
        assert_eq!(reasons(app).await.len(), 2);
    }

    async fn schedules_that_lead_to_each_other_come_to_an_end(app) {
        quiet(app, 0).await;
        let sets = |status: &str| json!({"do": "modify_lead", "status": status});
        // Each sets the status that the other one is entered by, and the first one its own, too.
        dialler::put(app, "one", json!({"enter": [{"new_lead": true, "status": ["lost"]}], "actions": [sets("qualified")], "at_end": [sets("lost")]})).await;
        dialler::put(app, "two", json!({"enter": [{"status": ["qualified"]}], "actions": [sets("lost")], "duplicates": "allow"})).await;
        let ana = ask(app, "Ana", ANA, "website").await;
        app.pass(MONTH).await;
        assert_eq!((entered(app, "one").await.len(), entered(app, "two").await.len()), (1, 1));
        let is_over = |status: EnrolmentStatus| !status.is_live();
        assert!(app.all::<Enrolment>().await.iter().all(|one| is_over(one.doc.status)));
        // What a person does to the lead begins anew, and ends again.
        moves(app, &ana, "new").await;
        moves(app, &ana, "lost").await;
        app.pass(MONTH).await;
        assert_eq!((entered(app, "one").await.len(), entered(app, "two").await.len()), (2, 1));
    }

    async fn a_schedule_that_is_stopped_is_not_entered(app) {
        quiet(app, 0).await;
        dialler::put(app, "all", rests(&json!([{"new_lead": true}]))).await;
        let lead = json!({"name": "Ana", "phone": ANA, "location": "houston"});
        app.post("/v1/leads").json(&lead).send().await.expect(201);
        // Between the lead and the job.
        app.crm().schedule_activate(&app.caller(), "all", false).await.unwrap();
        app.work().await;
        assert_eq!(reasons(app).await, ["the schedule is not active"]);
        ask(app, "Ben", "+17132345001", "radio").await;
        assert_eq!(entered(app, "all").await, [""; 0]);
        assert_eq!(reasons(app).await.len(), 1);
    }
}
