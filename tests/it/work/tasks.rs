//! Lead import tasks: made into leads by a job, each attempt written down, partners called back.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use forecourt_record::{Client, ImportStatus, Kind as _, LeadImportTask, SaleLead, event::EventName};
use forecourt_testkit::{TestApp, both};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::until;

async fn create(app: &TestApp, task: Value) -> forecourt_record::Id<()> {
    let made = app.crm().resource_create(&app.caller(), LeadImportTask::SPEC, vec![task], None).await.unwrap();
    made[0].id
}

async fn task(app: &TestApp) -> LeadImportTask {
    app.all::<LeadImportTask>().await.pop().unwrap().doc
}

fn ana() -> Value {
    json!({"client": {"name": "Ana Ruiz", "phone": "713 555 0100"}, "lead": {"inquiry": "Hi", "location": "houston"}})
}

/// Somebody who is called, and answers as he is told to.
pub struct Partner {
    pub url: String,
    heard: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Partner {
    /// Answers one call after the other with these statuses, and the last one from then on.
    pub async fn answering(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?token=1", listener.local_addr().unwrap());
        let heard: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
        let hears = heard.clone();
        tokio::spawn(async move {
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                let mut text = String::new();
                let mut block = [0; 4096];
                let (head, body) = loop {
                    let read = connection.read(&mut block).await.unwrap();
                    text.push_str(std::str::from_utf8(&block[..read]).unwrap());
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let length = header(head, "content-length").unwrap().parse::<usize>().unwrap();
                    if body.len() >= length {
                        break (head.to_owned(), body.to_owned());
                    }
                };
                let status = {
                    let mut heard = hears.lock().unwrap();
                    heard.push((head, serde_json::from_str(&body).unwrap()));
                    statuses[(heard.len() - 1).min(statuses.len() - 1)]
                };
                let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                connection.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { url, heard }
    }

    pub fn heard(&self) -> Vec<(String, Value)> {
        self.heard.lock().unwrap().clone()
    }
}

pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.split_once(": ").filter(|(known, _)| known.eq_ignore_ascii_case(name)))?.1.into()
}

both! {
    async fn a_payload_becomes_a_lead(app) {
        let id = create(app, json!({
            "json_payload": ana(), "metadata": {"bulk_import_id": "b1", "bulk_import_row": 7}, "foreign_ids": ["f"],
        })).await;
        assert_eq!(task(app).await.status, Some(ImportStatus::Pending));
        app.work().await;
        let done = task(app).await;
        let attempt = done.attempts.first().unwrap();
        assert_eq!((done.status, done.attempts.len()), (Some(ImportStatus::Success), 1), "{attempt:?}");
        assert_eq!((attempt.started_at, attempt.finished_at), (Some(app.clock.now()), Some(app.clock.now())));
        let lead = app.all::<SaleLead>().await.pop().unwrap();
        let client = app.all::<Client>().await.pop().unwrap();
        let results = attempt.results.clone().unwrap();
        let imported: Vec<_> = results.imported_ids.iter().map(|one| (one.model_name.clone().unwrap(), one.resource_id.clone().unwrap())).collect();
        assert_eq!(imported, [("saleleads".to_owned(), lead.id.to_string()), ("clients".to_owned(), client.id.to_string())]);
        let stamps = (vec!["b1".to_owned()], vec![id.to_string()]);
        assert_eq!((lead.doc.bulk_import_ids, lead.doc.lead_import_ids), stamps);
        assert_eq!((client.doc.bulk_import_ids, client.doc.lead_import_ids), stamps);
        assert_eq!(app.counts().await["messages"], 0, "what comes in bulk is of long ago");
    }

    async fn adf_becomes_leads_and_is_followed_up(app) {
        let xml = "<adf><prospect><requestdate>x</requestdate><vehicle><make>Ford</make></vehicle><customer><contact>\
            <name part=\"full\">Ana</name><phone>713 555 0100</phone></contact></customer>\
            <provider><name>Portal</name></provider></prospect></adf>";
        create(app, json!({"json_payload": {"adf": xml}})).await;
        app.work().await;
        let lead = app.all::<SaleLead>().await.pop().unwrap();
        assert_eq!(lead.doc.source(), Some("Portal"));
        assert_eq!(task(app).await.status, Some(ImportStatus::Success));
        assert_eq!(app.counts().await["messages"], 1, "the person is greeted");
    }

    async fn what_failed_is_mended_and_tried_again(app) {
        let id = create(app, json!({"json_payload": {"client": {"name": "Ana", "phone": "12"}}})).await;
        app.work().await;
        let failed = task(app).await;
        assert_eq!(failed.status, Some(ImportStatus::Error));
        assert!(failed.attempts[0].error_messages[0].starts_with("phone: "), "{:?}", failed.attempts[0]);
        assert!(app.all::<SaleLead>().await.is_empty());
        // Mended, it stays as it is until it is pending again.
        let mend = async |patch| {
            let patch = forecourt_crm::resource::Patch::Merge(patch);
            app.crm().resource_patch(&app.caller(), LeadImportTask::SPEC, id, patch, None).await.unwrap();
        };
        mend(json!({"json_payload": ana()})).await;
        app.work().await;
        assert_eq!(task(app).await.attempts.len(), 1);
        mend(json!({"status": "pending"})).await;
        app.work().await;
        let done = task(app).await;
        assert_eq!((done.status, done.attempts.len()), (Some(ImportStatus::Success), 2));
        mend(json!({"status": "pending"})).await;
        app.work().await;
        let again = task(app).await;
        assert_eq!(again.status, Some(ImportStatus::Warning), "the same enquiry is open already");
        assert_eq!(app.all::<SaleLead>().await.len(), 1);
    }

    async fn a_partner_is_told_with_a_signature_and_once(app) {
        let partner = Partner::answering(&[500, 503, 200]).await;
        create(app, json!({
            "json_payload": ana(), "callback": {"url": partner.url, "method": "PUT"}, "finished_status": ["success"],
        })).await;
        app.work().await;
        assert_eq!(partner.heard().len(), 1);
        app.pass(Duration::from_mins(10)).await;
        app.pass(Duration::from_hours(48)).await;
        let heard = partner.heard();
        assert_eq!(heard.len(), 3, "after it was taken it is not told again");
        let secret = app.crm().callback_secret(app.crm().scope(&app.caller())).await.unwrap();
        for (head, body) in &heard {
            assert!(head.starts_with("PUT /hook?token=1 "), "{head}");
            let said = |name| header(head, name).unwrap();
            let (id, at) = (said("webhook-id"), said("webhook-timestamp").parse().unwrap());
            let signed = forecourt_connect::hook::signature(&secret, id, at, &body.to_string());
            assert_eq!(signed.as_deref(), Some(said("webhook-signature")));
            assert_eq!(id, header(&heard[0].0, "webhook-id").unwrap());
            assert_eq!((&body["type"], &body["data"]["status"]), (&json!("leadimporttask.finished"), &json!("success")));
            assert!(!body.to_string().contains("Ana"), "the payload stays here");
        }
        let told = app.events().await.into_iter().filter(|event| event.name == EventName::CallbackDelivered).count();
        assert_eq!(told, 1);
    }

    async fn only_who_wants_to_know_is_told(app) {
        let partner = Partner::answering(&[410]).await;
        let callback = json!({"url": partner.url});
        create(app, json!({"json_payload": ana(), "callback": callback, "finished_status": ["error"]})).await;
        app.work().await;
        assert_eq!(partner.heard().len(), 0);
        create(app, json!({"json_payload": {"name": ""}, "callback": callback})).await;
        app.pass(Duration::from_hours(48)).await;
        assert_eq!(partner.heard().len(), 1, "410 is the end of it");
        until(async || {
            app.events().await.iter().any(|event| event.name == EventName::CallbackGivenUp).then_some(())
        })
        .await;
    }
}
