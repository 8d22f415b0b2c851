//! A dealer with a location, an agent and a manager, on a store of its own.
#![allow(dead_code, reason = "every test binary uses a part of it")]

use std::{collections::HashMap, path::Path, time::Duration};

use forecourt_connect::{
    Behaviour, Chat, Content, Outgoing, Person, Sandbox,
    sandbox::{Envelope, Said, Told},
};
use forecourt_crm::{Caller, Crm, Ref, Sight, intake::NewLead, settings::NewUser};
use forecourt_outreach::{NewMessage, Outreach, Thread, Worker, inbound::INBOUND, worker::LEASE};
use forecourt_query::{Filter, Find};
use forecourt_record::{
    Actor, AgentState, Attempt, CallAgent, Clock, Context, DealerId, Delivery, Document, EnrolmentId, Id, Instant,
    Kind, LeadId, MessageId, Result, Role, SaleLead, UserId, WhatsappMessage,
    event::{EventName, StoredEvent},
    gate::Channel,
};
use forecourt_store::{Command, Job, Lane, Location, Options, Store, Tx};
use serde_json::json;
use tempfile::TempDir;

const PERSON: &str = "+17135550100";
const DEALER: &str = "+17135550111";

pub struct House {
    pub outreach: Outreach,
    pub worker: Worker,
    pub clock: Clock,
    /// A user who sells.
    pub caller: Caller,
    /// Deleted with the house.
    folder: Option<TempDir>,
}

fn envelope() -> Envelope<'static> {
    Envelope { number: DEALER, phone_number_id: "17135550111" }
}

/// The webhook of a text from the person.
pub fn text(id: &str, words: &str, at: Instant) -> Vec<u8> {
    envelope().text(&Said { id, from: PERSON, name: "Ana Ruiz", body: words, at, reply_to: None })
}

/// The webhook of a status.
pub fn status(id: &str, status: &str, reference: &str, at: Instant) -> Vec<u8> {
    envelope().status(&Told { id, status, recipient: PERSON, reference: Some(reference), at, error: None })
}

impl House {
    /// A new dealer, whose every person behaves like this.
    pub async fn new(person: Person) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::new(1, Behaviour::Everybody(person));
        let mut house = Self::open(folder.path(), sandbox, "2026-11-21T15:00:00Z").await;
        house.folder = Some(folder);
        house
    }

    /// The dealer of a folder, made if there is none.
    pub async fn open(folder: &Path, sandbox: Sandbox, at: &str) -> Self {
        let store = Store::open(&Options::new(Location::Folder(folder.to_owned()))).await.unwrap();
        let clock = Clock::virtual_at(at.parse().unwrap());
        let crm = Crm::new(store, Context::new(clock.clone(), clock.now().millis().unsigned_abs()));
        let dealer = match crm.dealer_list().await.unwrap().pop() {
            Some(dealer) => dealer.id,
            None => found(&crm).await,
        };
        let users = crm.config(dealer).await.unwrap().users.clone();
        let agent = users.iter().find(|user| user.doc.role == Role::Sales).unwrap();
        let (actor, sight) = (Actor::User(agent.id), Sight::of_user(&agent.doc));
        let outreach = Outreach::new(crm, Chat::Sandbox(sandbox));
        Self {
            worker: Worker::new(outreach.clone()),
            outreach,
            clock,
            caller: Caller { dealer, actor, dialect: "test", sight, history: false },
            folder: None,
        }
    }

    /// The provider tells nothing more of what was begun.
    pub async fn hears_nothing_more(&self) {
        let store = &self.crm().store;
        let jobs = store.jobs_claim(self.now() + Duration::from_hours(24), LEASE, 1_000, None).await.unwrap();
        store.write(self.crm().house(self.caller.dealer), Deaf(jobs)).await.unwrap();
    }

    pub fn crm(&self) -> &Crm {
        &self.outreach.crm
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    pub fn agent(&self) -> Caller {
        self.caller.clone()
    }

    /// A lead that is not rejected.
    pub async fn lead(&self) -> LeadId {
        let answers = json!({"credit_score": "fair", "has_bank": true, "id_type": "license"});
        let new = NewLead {
            name: Some("Ana Ruiz".into()),
            phone: Some(PERSON.into()),
            location: Some("houston".into()),
            answers: forecourt_crm::intake::HashedAnswers(serde_json::from_value(answers).unwrap()),
            ..NewLead::default()
        };
        self.crm().lead_receive(&self.caller, new, None).await.unwrap().lead
    }

    pub async fn send(&self, lead: LeadId, message: NewMessage) -> Result<Document<WhatsappMessage>> {
        self.outreach.message_send(&self.caller, Ref::Id(lead), message, None).await
    }

    pub async fn say(&self, lead: LeadId, words: &str) -> Result<Document<WhatsappMessage>> {
        self.send(lead, NewMessage::Text(words.into())).await
    }

    pub async fn thread(&self, lead: LeadId) -> Thread {
        self.outreach.thread(&self.caller, Ref::<SaleLead>::Id(lead), None, 100).await.unwrap()
    }

    pub async fn webhook(&self, body: &[u8]) {
        self.outreach.webhook_receive(self.caller.dealer, body).await.unwrap();
    }

    /// The person writes, and it is carried out.
    pub async fn hears(&self, id: &str, words: &str) {
        self.webhook(&text(id, words, self.now())).await;
        self.drain().await;
    }

    pub async fn drain(&self) {
        self.worker.drain(Some(self.caller.dealer)).await.unwrap();
    }

    /// Lets time pass, carrying out what becomes due on the way.
    pub async fn pass(&self, time: Duration) {
        let end = self.now() + time;
        self.drain().await;
        while let Some(due) = self.outreach.next_due(None).await.unwrap().filter(|due| *due <= end) {
            self.clock.set(due.max(self.now()));
            self.drain().await;
        }
        self.clock.set(end);
    }

    /// As if a server had claimed the job of an enrolment and died; the claim counts as at least so many.
    pub async fn die_holding(&self, id: EnrolmentId, attempts: i64) {
        let scope = self.crm().house(self.caller.dealer);
        self.crm().store.jobs_claim(self.now(), LEASE, 1_000, None).await.unwrap();
        self.crm().store.write(scope, Die(format!("enrolment:{id}"), attempts)).await.unwrap();
        self.clock.set(self.now() + LEASE + Duration::from_secs(1));
    }

    /// As if an agent had gone while a call was being planned.
    pub async fn forget_call(&self, user: UserId) {
        self.crm().store.write(self.crm().house(self.caller.dealer), ForgetCall(user)).await.unwrap();
    }

    /// The address is not to be contacted on the channel.
    pub async fn suppress(&self, channel: Channel, address: &str) {
        let command = Suppress(channel.as_str(), address.to_owned());
        self.crm().store.write(self.crm().house(self.caller.dealer), command).await.unwrap();
    }

    /// As if the process had died after marking a message as being sent; the provider may have got it.
    pub async fn interrupt(&self, id: MessageId, provider_has_it: bool) {
        let message = self.get(id).await;
        if provider_has_it {
            let outgoing = Outgoing {
                reference: id.to_string(),
                from: DEALER.into(),
                to: PERSON.into(),
                content: Content::Text { body: message.doc.body.unwrap().into() },
            };
            self.outreach.chat.send(&outgoing).await;
        }
        self.crm().store.write(self.crm().house(self.caller.dealer), Interrupt(id)).await.unwrap();
    }

    pub async fn get<K: Kind>(&self, id: Id<K>) -> Document<K> {
        self.read(Get(id)).await
    }

    pub async fn all<K: Kind>(&self) -> Vec<Document<K>> {
        self.find_all(Filter::all()).await
    }

    pub async fn find_all<K: Kind>(&self, filter: Filter) -> Vec<Document<K>> {
        self.read(All(filter, std::marker::PhantomData)).await
    }

    pub async fn count_events(&self, name: EventName) -> usize {
        self.read(Events).await.into_iter().filter(|one| one.name == name).count()
    }

    /// When the provider took each message, from the log.
    pub async fn sent(&self) -> HashMap<Id<()>, Instant> {
        let events = self.read(Events).await.into_iter();
        events.filter(|event| event.name == EventName::MessageSent).map(|event| (event.id, event.at)).collect()
    }

    /// Nothing is left of the work but timers, and no job was given up.
    pub async fn is_healthy(&self) {
        self.drain().await;
        let (_, dead) = self.read(Jobs).await;
        assert_eq!(dead, 0, "jobs were given up");
        let stuck = self.all::<WhatsappMessage>().await;
        assert!(stuck.iter().all(|message| message.extra.attempt != Attempt::Sending), "{stuck:?}");
    }

    async fn read<C: Command>(&self, command: C) -> C::Output {
        self.crm().store.read(self.crm().house(self.caller.dealer), Lane::Scan, command).await.unwrap()
    }
}

/// Makes a dealer with a location, an agent and a manager.
async fn found(crm: &Crm) -> DealerId {
    let dealer = json!({
        "name": "Demo Motors", "time_zone": "America/Chicago", "country": "US", "currency": "USD", "language": "en",
    });
    let dealer = crm.dealer_create(serde_json::from_value(dealer).unwrap()).await.unwrap().id;
    let house = Caller { dealer, actor: Actor::System, dialect: "test", sight: Sight::All, history: false };
    let location = json!({
        "code": "houston", "name": "Houston", "country": "US", "calendar": {"zone": "America/Chicago"},
        "whatsapp_number": "(713) 555-0111",
    });
    crm.location_add(&house, serde_json::from_value(location).unwrap()).await.unwrap();
    for role in [Role::Sales, Role::Manager] {
        let user = json!({
            "email": format!("{}@demo.example", role.as_str()), "name": "Kim", "role": role, "locations": ["houston"],
            "active": true,
        });
        let user = NewUser { user: serde_json::from_value(user).unwrap(), password: None };
        crm.user_add(&house, user).await.unwrap();
    }
    dealer
}

struct Get<K: Kind>(Id<K>);

impl<K: Kind> Command for Get<K> {
    type Output = Document<K>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<K>> {
        tx.require(self.0).await
    }
}

struct All<K>(Filter, std::marker::PhantomData<K>);

impl<K: Kind> Command for All<K> {
    type Output = Vec<Document<K>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        tx.find(&Find::newest(self.0.clone(), 10_000)).await
    }
}

struct Events;

impl Command for Events {
    type Output = Vec<StoredEvent>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        tx.events(100_000).await
    }
}

struct Jobs;

impl Command for Jobs {
    type Output = (i64, i64);

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        tx.jobs_left().await
    }
}

struct Interrupt(MessageId);

impl Command for Interrupt {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut message = tx.require_for_update(self.0).await?;
        message.extra.attempt = Attempt::Sending;
        message.doc.delivery_status = Some(Delivery::Sending);
        tx.update(&mut message).await
    }
}

struct ForgetCall(UserId);

impl Command for ForgetCall {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let seen = tx.find_one::<CallAgent>(Filter::eq("user_id", self.0.to_string())).await?.unwrap();
        let mut agent = tx.require_for_update(seen.id).await?;
        let now = tx.scope().now;
        agent.doc.enter(AgentState::Offline, now);
        tx.update(&mut agent).await
    }
}

struct Die(String, i64);

impl Command for Die {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let Some(mut job) = tx.job_waiting(&self.0).await? else { return Ok(()) };
        job.attempts = job.attempts.max(self.1);
        let until = tx.scope().now + LEASE;
        tx.job_again(&job, until, Some("a server died".to_owned())).await
    }
}

struct Deaf(Vec<Job>);

impl Command for Deaf {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for job in &self.0 {
            if job.name == INBOUND {
                tx.job_done(job).await?;
            } else {
                tx.job_again(job, job.due_at, None).await?;
            }
        }
        Ok(())
    }
}

struct Suppress(&'static str, String);

impl Command for Suppress {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.suppress(self.0, &self.1, "a list").await
    }
}
