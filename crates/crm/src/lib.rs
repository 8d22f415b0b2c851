//! The use cases of a dealership: leads come in, are matched, scored, assigned, worked, counted and erased.
//!
//! Owns its transactions. Knows no HTTP and no dialect: one act, one function, whoever asks.

pub mod access;
pub mod analytics;
mod client;
pub mod computed;
mod config;
pub mod consent;
pub mod crash;
pub mod customer;
pub mod export;
pub mod feed;
mod identity;
pub mod import;
pub mod intake;
pub mod lead;
pub mod pool;
pub mod resource;
mod routing;
pub mod schedule;
pub mod settings;
mod sight;
pub mod stock;
pub mod suppression;
pub mod token;
pub mod vehicle;

use std::sync::Arc;

use forecourt_record::{Actor, Context, DealerId, Instant, Result};
use forecourt_store::{Command, Lane, Scope, Store};
use tokio::sync::Semaphore;

pub use config::Config;
pub use sight::Sight;

/// Who calls, for which dealer, through which door, seeing what.
#[derive(Clone, Debug)]
pub struct Caller {
    pub dealer: DealerId,
    pub actor: Actor,
    pub dialect: &'static str,
    pub sight: Sight,
    /// What it creates has happened already, elsewhere: outbound messages are recorded and not sent.
    pub history: bool,
}

/// The use cases, ready to be called.
#[derive(Clone)]
pub struct Crm {
    pub store: Store,
    pub context: Context,
    configs: Arc<config::Configs>,
    carriage: resource::Carriage,
    /// Turns for those who write an export.
    exports: Arc<Semaphore>,
}

impl Crm {
    pub fn new(store: Store, context: Context) -> Self {
        let exports = Arc::new(Semaphore::new(export::AT_ONCE));
        Self { store, context, configs: Arc::default(), carriage: Arc::default(), exports }
    }

    /// Runs a business transaction, and with it brings in line every computed part that follows from what it writes.
    ///
    /// Errors: the command's own, and the store's.
    pub async fn write<C: Command>(&self, scope: Scope, command: C) -> Result<C::Output> {
        self.store.write(scope, computed::Followed(command)).await
    }

    /// The scope of a transaction that this caller asks for, now.
    pub fn scope(&self, caller: &Caller) -> Scope {
        Scope { dealer: caller.dealer, actor: caller.actor, dialect: caller.dialect, now: self.context.now() }
    }

    /// The scope of what the house does by itself for a dealer.
    pub fn house(&self, dealer: DealerId) -> Scope {
        Scope { dealer, actor: Actor::System, dialect: "house", now: self.context.now() }
    }

    pub fn now(&self) -> Instant {
        self.context.now()
    }

    /// The dealer's settings as they are now.
    pub async fn config(&self, dealer: DealerId) -> Result<Arc<Config>> {
        self.store.read(self.house(dealer), Lane::Quick, config::Current(self.configs.clone())).await
    }
}

/// Names something by its id or by the dealer's own small number.
#[derive(Debug, PartialEq, Eq)]
pub enum Ref<T: ?Sized> {
    Id(forecourt_record::Id<T>),
    Number(i64),
}

// Derived, these would ask the same of `T`, which is only a name here.
impl<T: ?Sized> Clone for Ref<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: ?Sized> Copy for Ref<T> {}

impl<T: ?Sized> From<forecourt_record::Id<T>> for Ref<T> {
    fn from(id: forecourt_record::Id<T>) -> Self {
        Self::Id(id)
    }
}

/// One page of something, and how much there is in all.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub total: i64,
}
