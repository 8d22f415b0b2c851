//! A store to test, on either database, and the few commands that most tests share.

mod database;
mod gate;
mod make;

use std::{future::Future, sync::LazyLock, time::Duration};

use forecourt_query::{Filter, Find};
use forecourt_record::{Actor, DealerId, Document, Error, Id, Ids, Instant, Kind, Result};
use forecourt_store::{Command, Finding, Lane, Location, Options, Scope, Store, Tx};
use futures::future::BoxFuture;
use tempfile::TempDir;

pub use database::{Raw, create_database};
pub use gate::Gate;
pub use make::*;

/// The clock of the tests stands still.
pub const NOW: Instant = Instant::from_millis(1_795_000_000_000);

static IDS: LazyLock<Ids> =
    LazyLock::new(|| Ids::new(u64::from(std::process::id()).wrapping_mul(0x9E37_79B9_7F4A_7C15)));

pub fn id<T: ?Sized>() -> Id<T> {
    IDS.next(NOW)
}

/// Makes a test `name::sqlite` and a test `name::postgres` of each `async fn name(bench: Bench)`.
macro_rules! both {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            #[test]
            fn sqlite() {
                crate::support::on_sqlite(super::$name);
            }

            #[test]
            fn postgres() {
                crate::support::on_postgres(super::$name);
            }
        }
    )+ };
}

/// A fresh dealer in an open store.
#[derive(Clone)]
pub struct Bench {
    pub store: Store,
    pub options: Options,
    pub dealer: DealerId,
}

/// Runs a test in a new folder.
pub fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Bench) -> F) {
    let folder = TempDir::new().unwrap();
    let location = Location::Folder(folder.path().to_owned());
    run(location, test);
}

/// Runs a test in this process's database.
pub fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(Bench) -> F) {
    if let Some(url) = database::shared() {
        run(Location::Url(url), test);
    }
}

fn run<F: Future<Output = ()>>(location: Location, test: impl FnOnce(Bench) -> F) {
    /// A test that waits for this long waits for something that will not happen.
    const STUCK: Duration = Duration::from_mins(3);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let options = options(location);
        let bench = Bench { store: Store::open(&options).await.unwrap(), options, dealer: id() };
        let store = bench.store.clone();
        tokio::time::timeout(STUCK, test(bench)).await.expect("the test is stuck");
        store.close().await;
    });
}

/// Small, since many tests run at a time.
pub fn options(location: Location) -> Options {
    Options { readers: 4, cache_mib: 2, statement_limit: Duration::from_mins(1), ..Options::new(location) }
}

/// A command made of what it is given and what it does with it.
struct Act<A, F>(A, F);

impl<A, T, F> Command for Act<A, F>
where
    A: Send + Sync + 'static,
    T: Send + 'static,
    F: for<'a> Fn(&'a A, &'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
{
    type Output = T;

    async fn run(&self, tx: &mut Tx) -> Result<T> {
        (self.1)(&self.0, tx).await
    }
}

impl Bench {
    pub fn is_sqlite(&self) -> bool {
        self.store.backend() == "sqlite"
    }

    /// The same store with another dealer.
    pub fn other_dealer(&self) -> Self {
        Self { dealer: id(), ..self.clone() }
    }

    /// Another store, empty, on the same database software. The folder is removed with the guard.
    pub async fn elsewhere(&self) -> (Self, Option<TempDir>) {
        let (options, folder) = self.empty_place().await;
        let store = Store::open(&options).await.unwrap();
        (Self { store, options, dealer: self.dealer }, folder)
    }

    /// A place where a store may be made.
    pub async fn empty_place(&self) -> (Options, Option<TempDir>) {
        match &self.options.location {
            Location::Folder(_) => {
                let folder = TempDir::new().unwrap();
                (Options { location: Location::Folder(folder.path().to_owned()), ..self.options.clone() }, Some(folder))
            }
            Location::Url(_) => {
                let url = tokio::task::spawn_blocking(create_database).await.unwrap();
                (Options { location: Location::Url(url), ..self.options.clone() }, None)
            }
        }
    }

    /// A connection around the store, to look at what it wrote and to damage it.
    pub async fn raw(&self) -> Raw {
        Raw::open(&self.options.location).await
    }

    pub fn scope(&self) -> Scope {
        self.scope_at(NOW)
    }

    pub fn scope_at(&self, now: Instant) -> Scope {
        Scope { dealer: self.dealer, actor: Actor::System, dialect: "test", now }
    }

    pub async fn write<A, T, F>(&self, given: A, act: F) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a> Fn(&'a A, &'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
    {
        self.store.write(self.scope(), Act(given, act)).await
    }

    pub async fn write_at<A, T, F>(&self, now: Instant, given: A, act: F) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a> Fn(&'a A, &'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
    {
        self.store.write(self.scope_at(now), Act(given, act)).await
    }

    pub async fn read<A, T, F>(&self, given: A, act: F) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a> Fn(&'a A, &'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
    {
        self.read_in(Lane::Quick, given, act).await
    }

    pub async fn read_in<A, T, F>(&self, lane: Lane, given: A, act: F) -> Result<T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a> Fn(&'a A, &'a mut Tx) -> BoxFuture<'a, Result<T>> + Send + Sync + 'static,
    {
        self.store.read(self.scope(), lane, Act(given, act)).await
    }

    pub async fn insert<K: Kind>(&self, document: &Document<K>) -> Result<()> {
        self.write(document.clone(), |document, tx| Box::pin(tx.insert(document))).await
    }

    /// Stores all of them in one transaction.
    pub async fn insert_all<K: Kind>(&self, documents: &[Document<K>]) {
        let act = self.write(documents.to_vec(), |documents, tx| {
            Box::pin(async move {
                for document in documents {
                    tx.insert(document).await?;
                }
                Ok(())
            })
        });
        act.await.unwrap();
    }

    pub async fn get<K: Kind>(&self, id: Id<K>) -> Option<Document<K>> {
        self.read(id, |id, tx| Box::pin(tx.get(*id))).await.unwrap()
    }

    /// Reads a document and changes it.
    pub async fn change<K: Kind>(&self, id: Id<K>, change: fn(&mut Document<K>)) -> Result<Document<K>> {
        self.write((id, change), |(id, change), tx| {
            Box::pin(async move {
                let mut document = tx.require_for_update(*id).await?;
                change(&mut document);
                tx.update(&mut document).await?;
                Ok(document)
            })
        })
        .await
    }

    pub async fn delete<K: Kind>(&self, id: Id<K>) -> Result<()> {
        self.write(id, |id, tx| {
            Box::pin(async move {
                tx.require_for_update(*id).await?;
                tx.delete(*id).await
            })
        })
        .await
    }

    pub async fn find<K: Kind>(&self, find: Find) -> Vec<Document<K>> {
        self.read(find, |find, tx| Box::pin(tx.find(find))).await.unwrap()
    }

    /// The ids of everything that passes, in the order of the ids.
    pub async fn ids<K: Kind>(&self, filter: Filter) -> Vec<Id<K>> {
        let find = Find { filter, sort: vec![], skip: 0, limit: i64::MAX };
        self.find::<K>(find).await.iter().map(|document| document.id).collect()
    }

    /// Counted as a reader does: from a tally, where one covers the question.
    pub async fn count<K: Kind>(&self, filter: Filter) -> i64 {
        self.read(filter, |filter, tx| Box::pin(tx.count::<K>(filter))).await.unwrap()
    }

    /// Counted as a writer does: by looking at the documents.
    pub async fn count_by_scan<K: Kind>(&self, filter: Filter) -> i64 {
        self.write(filter, |filter, tx| Box::pin(tx.count::<K>(filter))).await.unwrap()
    }

    pub async fn verify(&self) -> Vec<Finding> {
        self.store.verify_dealer(self.dealer, NOW).await.unwrap()
    }
}

/// The error's code and sentence, for comparisons.
pub fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.map_or_else(|error: Error| error.code.as_str(), |value| panic!("no error, but {value:?}"))
}

/// Runs as many tasks at once as there are inputs, and gives their outputs.
pub async fn at_once<I, F>(inputs: impl IntoIterator<Item = I>, task: impl Fn(I) -> F) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let running: Vec<_> = inputs.into_iter().map(|input| tokio::spawn(task(input))).collect();
    let mut outputs = Vec::with_capacity(running.len());
    for one in running {
        outputs.push(one.await.unwrap());
    }
    outputs
}
