//! The store itself, looked at past every door: what is really there.

use std::{marker::PhantomData, time::Duration};

use forecourt_query::{Direction, Filter, Find};
use forecourt_record::{Actor, DealerId, Document, Instant, Kind, Result, event::EventName};
use forecourt_store::{Command, Lane, Location, Options, Scope, Store, Tx};
use serde_json::Value;

/// Everything of a kind fits into this.
const ALL: i64 = 1_000_000;

/// A store opened beside the servers that use it.
pub struct Underneath {
    store: Store,
    dealer: DealerId,
}

impl Underneath {
    /// Opens the store of the dealer that a demo's greeting names.
    pub async fn open(location: &Location, greeting: &Value) -> Self {
        let dealer = greeting["dealer_id"].as_str().and_then(|id| id.parse().ok()).expect("the demo names its dealer");
        let options = Options { statement_limit: Duration::from_mins(1), ..Options::new(location.clone()) };
        Self { store: Store::open(&options).await.expect("the store opens"), dealer }
    }

    /// Every document of a kind, in the order they came.
    pub async fn all<K: Kind>(&self) -> Vec<Document<K>> {
        self.read(All(PhantomData)).await
    }

    /// How many documents of a kind pass a filter.
    pub async fn count<K: Kind>(&self, filter: Filter) -> i64 {
        self.read(Count::<K>(filter, PhantomData)).await
    }

    /// Every event, newest first: what happened, and to which document.
    pub async fn events(&self) -> Vec<(EventName, String)> {
        self.read(Events).await
    }

    /// When the next job becomes due, or its lease ends.
    pub async fn next_due(&self) -> Option<Instant> {
        self.store.jobs_next_due(Instant::EPOCH, None).await.expect("the store answers")
    }

    /// How many jobs were given up.
    pub async fn jobs_given_up(&self) -> i64 {
        self.read(GivenUp).await
    }

    /// Who holds the key of this value.
    pub async fn holder<K: Kind>(&self, field: &'static str, value: &str) -> Option<String> {
        self.read(Holder::<K>(field, value.to_owned(), PhantomData)).await
    }

    /// Stores a document as nothing in the program does: by itself, with nothing that has to go with it.
    pub async fn plant<K: Kind>(&self, document: Document<K>) {
        self.store.write(self.scope(), Plant(document)).await.expect("the store takes it");
    }

    pub async fn close(self) {
        self.store.close().await;
    }

    fn scope(&self) -> Scope {
        Scope { dealer: self.dealer, actor: Actor::System, dialect: "test", now: Instant::EPOCH }
    }

    async fn read<C: Command>(&self, command: C) -> C::Output {
        self.store.read(self.scope(), Lane::Scan, command).await.expect("the store answers")
    }
}

struct All<K>(PhantomData<fn() -> K>);

impl<K: Kind> Command for All<K> {
    type Output = Vec<Document<K>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let sort = vec![("created_at", Direction::Ascending)];
        tx.find(&Find { filter: Filter::all(), sort, skip: 0, limit: ALL }).await
    }
}

struct Count<K>(Filter, PhantomData<fn() -> K>);

impl<K: Kind> Command for Count<K> {
    type Output = i64;

    async fn run(&self, tx: &mut Tx) -> Result<i64> {
        tx.count::<K>(&self.0).await
    }
}

struct Events;

impl Command for Events {
    type Output = Vec<(EventName, String)>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let events = tx.events(ALL).await?;
        Ok(events.into_iter().map(|event| (event.name, event.id.to_string())).collect())
    }
}

struct GivenUp;

impl Command for GivenUp {
    type Output = i64;

    async fn run(&self, tx: &mut Tx) -> Result<i64> {
        Ok(tx.jobs_left().await?.1)
    }
}

struct Holder<K>(&'static str, String, PhantomData<fn() -> K>);

impl<K: Kind> Command for Holder<K> {
    type Output = Option<String>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let found = tx.keys_find::<K>(K::SPEC.name, &[(self.0, &self.1)]).await?;
        Ok(found.first().map(|(_, _, id)| id.to_string()))
    }
}

struct Plant<K: Kind>(Document<K>);

impl<K: Kind> Command for Plant<K> {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.insert(&self.0).await
    }
}
