//! What was asked of the server and what it has acknowledged, kept outside of it, as partners keep it.

use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::support::{Connection, Request, Server, get, post};

/// What may be asked about somebody, and what it is worth on the standard scorecard.
const PROFILES: [(&str, i64, &str); 3] = [
    (r#"{"creditScore": "good", "downPayment": 2000, "hasBank": true, "idType": "license", "tradeIn": true}"#, 82, "A"),
    (r#"{"creditScore": "good", "hasBank": true}"#, 45, "B"),
    (r#"{"creditScore": "poor"}"#, 10, "Reject"),
];

/// A lead that was asked for.
#[derive(Clone, Debug)]
pub struct Lead {
    /// Under which the request is repeated until it is answered.
    pub key: String,
    pub phone: String,
    pub body: Value,
    pub score: i64,
    pub filter: &'static str,
    /// Its id, once acknowledged.
    pub id: Option<String>,
    /// What its notes may say: the last acknowledged change, and one that is under way.
    pub notes: Option<String>,
    pub notes_under_way: Option<String>,
}

/// A WhatsApp message that was asked for.
#[derive(Clone, Debug)]
pub struct Sending {
    pub key: String,
    pub lead: String,
    pub id: Option<String>,
}

/// A message of somebody nobody knows, as the provider tells of it until it is answered.
#[derive(Clone, Debug)]
pub struct Stranger {
    pub phone: String,
    pub request: Request,
    pub answered: bool,
}

#[derive(Default)]
pub struct Entries {
    pub leads: Vec<Lead>,
    pub sendings: Vec<Sending>,
    pub strangers: Vec<Stranger>,
    /// Leads up to here have been looked at since they were acknowledged.
    checked: usize,
}

pub struct Ledger {
    entries: Mutex<Entries>,
    acknowledged: watch::Sender<u64>,
    key: String,
    webhook: (&'static str, String),
}

impl Ledger {
    pub fn new(greeting: &Value) -> Self {
        let text = |value: &Value| value.as_str().expect("the demo's handle is whole").to_owned();
        let webhook = &greeting["whatsapp_webhook"];
        Self {
            entries: Mutex::default(),
            acknowledged: watch::Sender::new(0),
            key: text(&greeting["keys"]["altum"]),
            webhook: (text(&webhook["header"]).leak(), text(&webhook["value"])),
        }
    }

    pub fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().expect("nobody panicked with it")
    }

    pub fn acknowledged(&self) -> u64 {
        *self.acknowledged.borrow()
    }

    pub fn acknowledge(&self) {
        self.acknowledged.send_modify(|count| *count += 1);
    }

    pub async fn until_acknowledged(&self, enough: u64) {
        let mut count = self.acknowledged.subscribe();
        count.wait_for(|count| *count >= enough).await.expect("the ledger lives");
    }

    /// With the partner's credential.
    pub fn signed(&self, request: Request) -> Request {
        request.bearer(&self.key)
    }

    pub fn webhook(&self, body: Vec<u8>) -> Request {
        let (header, value) = &self.webhook;
        Request::new(hyper::Method::POST, "/v1/whatsapp/webhook").body(body).header(header, value)
    }

    /// A lead of somebody new, entered before it is asked for.
    pub fn next_lead(&self) -> usize {
        let mut entries = self.entries();
        let number = entries.leads.len();
        let (answers, score, filter) = PROFILES[number % PROFILES.len()];
        let mut body: Value = serde_json::from_str(answers).expect("a profile is JSON");
        let phone = format!("+49151{number:08}");
        body["name"] = json!(format!("Person {number}"));
        body["phone"] = json!(phone);
        body["location"] = json!(["houston", "berlin"][number % 2]);
        body["source"] = json!("crash");
        let key = format!("lead-{number}");
        let (id, notes, notes_under_way) = (None, None, None);
        entries.leads.push(Lead { key, phone, body, score, filter, id, notes, notes_under_way });
        number
    }

    pub fn lead_request(&self, at: usize) -> Request {
        let entries = self.entries();
        let lead = &entries.leads[at];
        self.signed(post("/v1/leads", &lead.body)).idempotent(&lead.key)
    }

    /// Enters what was answered to a lead; it must be the lead that was asked for.
    pub fn lead_created(&self, at: usize, answer: &Value) {
        let mut entries = self.entries();
        let lead = &mut entries.leads[at];
        assert_eq!((&answer["score"], &answer["filter"]), (&json!(lead.score), &json!(lead.filter)), "{}", lead.key);
        assert!(answer["duplicate"].is_null(), "{}: {answer}", lead.key);
        let id = answer["id"].as_str().expect("a lead has an id").to_owned();
        assert!(lead.id.as_ref().is_none_or(|known| *known == id), "{} is {:?} and {id}", lead.key, lead.id);
        lead.id = Some(id);
    }

    pub fn next_sending(&self, lead: &str) -> usize {
        let mut entries = self.entries();
        let number = entries.sendings.len();
        entries.sendings.push(Sending { key: format!("message-{number}"), lead: lead.to_owned(), id: None });
        number
    }

    pub fn sending_request(&self, at: usize) -> Request {
        let entries = self.entries();
        let sending = &entries.sendings[at];
        let template = json!({"name": "offer_of_the_week", "language": "en", "parameters": [sending.key]});
        let body = json!({"leadId": sending.lead, "template": template});
        self.signed(post("/v1/whatsapp/messages", &body)).idempotent(&sending.key)
    }

    pub fn sending_queued(&self, at: usize, answer: &Value) {
        let id = answer["id"].as_str().expect("a message has an id").to_owned();
        self.entries().sendings[at].id = Some(id);
    }

    /// After a restart: repeats what was not answered, and looks whether what was answered is there.
    pub async fn recover(&self, server: &Server) {
        let mut connection = Connection::open(server.address).await.expect("the server listens");
        let unanswered: Vec<usize> = numbers(&self.entries().leads, |lead| lead.id.is_none());
        for at in unanswered {
            let answer = connection.send(&self.lead_request(at)).await.expect("an answer").expect(201);
            self.lead_created(at, &answer);
        }
        let unanswered = numbers(&self.entries().sendings, |sending| sending.id.is_none());
        for at in unanswered {
            let answer = connection.send(&self.sending_request(at)).await.expect("an answer").expect(202);
            self.sending_queued(at, &answer);
        }
        let unanswered = numbers(&self.entries().strangers, |stranger| !stranger.answered);
        for at in unanswered {
            let request = self.entries().strangers[at].request.clone();
            connection.send(&request).await.expect("an answer").expect(200);
            self.entries().strangers[at].answered = true;
        }
        let fresh = {
            let entries = self.entries();
            entries.checked..entries.leads.len()
        };
        for at in fresh.clone() {
            self.look_at(&mut connection, at).await;
        }
        self.entries().checked = fresh.end;
    }

    /// A lead that was acknowledged is there as it was, with the event of its arrival.
    async fn look_at(&self, connection: &mut Connection, at: usize) {
        let lead = self.entries().leads[at].clone();
        let id = lead.id.as_ref().expect("it is acknowledged");
        let request = self.signed(get(&format!("/v1/leads/{id}")));
        let found = connection.send(&request).await.expect("an answer").expect(200);
        assert_eq!(found["phone"], json!(lead.phone), "{id}");
        assert_eq!((&found["score"], &found["filter"]), (&json!(lead.score), &json!(lead.filter)), "{id}");
        let activities = found["activities"].as_array().expect("a lead has activities");
        let created = activities.iter().filter(|activity| activity["type"] == "created").count();
        assert_eq!(created, 1, "{id} has arrived {created} times: {activities:?}");
        let notes = found["notes"].as_str().map(str::to_owned);
        let may_be = [&lead.notes, &lead.notes_under_way];
        assert!(may_be.contains(&&notes), "the notes of {id} are {notes:?} and may be one of {may_be:?}");
        let entry = &mut self.entries().leads[at];
        (entry.notes, entry.notes_under_way) = (notes, None);
    }
}

/// The places of the entries that are such.
fn numbers<T>(entries: &[T], is_such: impl Fn(&T) -> bool) -> Vec<usize> {
    entries.iter().enumerate().filter(|(_, entry)| is_such(entry)).map(|(at, _)| at).collect()
}
