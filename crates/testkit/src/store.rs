//! Looking into the test's store, past the API: what is there, and whether anything has changed.

use std::{collections::BTreeMap, fmt::Write as _, marker::PhantomData};

use forecourt_query::{Filter, Find};
use forecourt_record::{
    ApiKey, Car, Client, DealerId, Document, Id, KINDS, Kind, Note, SaleLead, Task, WhatsappMessage, WhatsappSession,
    event::StoredEvent,
};
use forecourt_store::{Command, Lane, Tx};

use crate::TestApp;

/// More than any test makes.
const ALL: i64 = 100_000;

impl TestApp {
    /// Every document of a kind that the test's dealer has, newest first.
    ///
    /// # Panics
    /// When the store does not answer.
    pub async fn all<K: Kind>(&self) -> Vec<Document<K>> {
        self.read(All(PhantomData)).await
    }

    /// Every event of the dealer, newest first.
    pub async fn events(&self) -> Vec<StoredEvent> {
        self.read(Events).await
    }

    /// How many of the dealer's jobs wait.
    pub async fn jobs_waiting(&self) -> i64 {
        self.read(Waiting).await
    }

    /// The client that holds this key: an E.164 number or an e-mail address.
    pub async fn client_of(&self, field: &'static str, value: &str) -> Option<Id<Client>> {
        self.read(Holder(field, value.to_owned())).await
    }

    /// Forbids every contact with a number on WhatsApp.
    pub async fn suppress(&self, number: &str) {
        self.write(Suppress(number.to_owned())).await;
    }

    /// Changes a document as nobody else can.
    pub async fn change<K: Kind>(&self, id: Id<K>, change: impl Fn(&mut Document<K>) + Send + Sync + 'static) {
        self.write(Change(id, Box::new(change))).await;
    }

    /// Everything the dealers of this test have, as a text: equal as long as nothing has changed.
    pub async fn snapshot(&self) -> String {
        let mut text = String::new();
        for dealer in [self.dealer, self.stranger] {
            let _ = writeln!(text, "{}", self.snapshot_of(dealer).await);
        }
        text
    }

    /// The same of one dealer.
    pub async fn snapshot_of(&self, dealer: DealerId) -> String {
        self.read_of(dealer, Everything).await
    }

    /// How many documents of each kind there are, with the events and the waiting jobs.
    pub async fn counts(&self) -> BTreeMap<&'static str, usize> {
        BTreeMap::from([
            ("clients", self.all::<Client>().await.len()),
            ("leads", self.all::<SaleLead>().await.len()),
            ("cars", self.all::<Car>().await.len()),
            ("messages", self.all::<WhatsappMessage>().await.len()),
            ("sessions", self.all::<WhatsappSession>().await.len()),
            ("notes", self.all::<Note>().await.len()),
            ("tasks", self.all::<Task>().await.len()),
        ])
    }

    async fn read<C: Command>(&self, command: C) -> C::Output {
        self.read_of(self.dealer, command).await
    }

    async fn read_of<C: Command>(&self, dealer: DealerId, command: C) -> C::Output {
        let crm = self.crm();
        crm.store.read(crm.house(dealer), Lane::Scan, command).await.expect("the store answers")
    }

    pub(crate) async fn write<C: Command>(&self, command: C) -> C::Output {
        let crm = self.crm();
        crm.write(crm.house(self.dealer), command).await.expect("the store takes it")
    }
}

struct All<K>(PhantomData<fn() -> K>);

impl<K: Kind> Command for All<K> {
    type Output = Vec<Document<K>>;

    async fn run(&self, tx: &mut Tx) -> forecourt_record::Result<Self::Output> {
        tx.find(&Find::newest(Filter::all(), ALL)).await
    }
}

struct Events;

impl Command for Events {
    type Output = Vec<StoredEvent>;

    async fn run(&self, tx: &mut Tx) -> forecourt_record::Result<Self::Output> {
        tx.events(ALL).await
    }
}

struct Waiting;

impl Command for Waiting {
    type Output = i64;

    async fn run(&self, tx: &mut Tx) -> forecourt_record::Result<i64> {
        Ok(tx.jobs_left().await?.0)
    }
}

struct Holder(&'static str, String);

impl Command for Holder {
    type Output = Option<Id<Client>>;

    async fn run(&self, tx: &mut Tx) -> forecourt_record::Result<Self::Output> {
        let found = tx.keys_find(Client::SPEC.name, &[(self.0, self.1.as_str())]).await?;
        Ok(found.into_iter().next().map(|(_, _, id)| id))
    }
}

struct Suppress(String);

impl Command for Suppress {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> forecourt_record::Result<()> {
        tx.suppress("whatsapp", &self.0, "asked for by a test").await
    }
}

type Changing<K> = Box<dyn Fn(&mut Document<K>) + Send + Sync>;

struct Change<K: Kind>(Id<K>, Changing<K>);

impl<K: Kind> Command for Change<K> {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> forecourt_record::Result<()> {
        let mut document = tx.require_for_update(self.0).await?;
        (self.1)(&mut document);
        tx.update(&mut document).await
    }
}

struct Everything;

impl Command for Everything {
    type Output = String;

    async fn run(&self, tx: &mut Tx) -> forecourt_record::Result<String> {
        let mut text = String::new();
        for spec in KINDS.iter().copied() {
            let found = tx.raw_find(spec, &Find::newest(Filter::all(), ALL)).await?;
            if spec.name == ApiKey::SPEC.name {
                // When a key was last used is written down on the way; it is not what a test is about.
                let _ = writeln!(text, "{} keys", found.len());
            } else {
                for raw in found {
                    let _ = writeln!(text, "{raw:?}");
                }
            }
        }
        // Logging in is an event, and tests log in when they first need to.
        let events = tx.events(ALL).await?;
        let told = events.iter().filter(|event| !event.name.as_str().starts_with("user.logged"));
        let _ = writeln!(text, "{} events, {:?} jobs", told.count(), tx.jobs_left().await?);
        Ok(text)
    }
}
