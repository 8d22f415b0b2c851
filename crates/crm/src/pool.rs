//! Pools of numbers as settings: put and listed. Who gets which number is `outreach`'s affair.

use forecourt_query::{Direction, Filter, Find};
use forecourt_record::{
    Document, Error, FieldError, Id, Kind, NumberPool, NumberPoolExtra, Result, event::EventName, pool::Pool,
};
use forecourt_store::{Command, Lane, Tx};

use crate::{Caller, Crm, access::happened, schedule::name_of};

/// More pools than this a dealer does not have.
const MOST: i64 = 1_000;

impl Crm {
    /// Makes a pool, or changes the one of this name. Numbers that are in it still stay whose they are.
    ///
    /// Errors: `Invalid` in `name` or with pointers into `pool`.
    pub async fn pool_put(&self, caller: &Caller, name: &str, pool: Pool) -> Result<Document<NumberPool>> {
        let config = self.config(caller.dealer).await?;
        let mut wrong = Vec::new();
        name_of("name", name, &mut wrong);
        let schedules: Vec<&str> = config.schedules.iter().map(|one| one.schedule.doc.name.as_str()).collect();
        let inside = pool.check(&schedules).into_iter();
        wrong.extend(inside.map(|error| FieldError { pointer: format!("pool{}", error.pointer), ..error }));
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        let doc = NumberPool { name: name.to_owned(), pool };
        self.write(self.scope(caller), Put { doc, id: self.context.id() }).await
    }

    /// The pools, by name.
    pub async fn pool_list(&self, caller: &Caller) -> Result<Vec<Document<NumberPool>>> {
        self.store.read(self.scope(caller), Lane::Quick, List).await
    }
}

/// The pools, by name, as the transaction sees them.
pub async fn pools(tx: &mut Tx) -> Result<Vec<Document<NumberPool>>> {
    let all = Find { filter: Filter::all(), sort: vec![("name", Direction::Ascending)], skip: 0, limit: MOST };
    tx.find(&all).await
}

struct List;

impl Command for List {
    type Output = Vec<Document<NumberPool>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        pools(tx).await
    }
}

struct Put {
    doc: NumberPool,
    id: Id<NumberPool>,
}

impl Command for Put {
    type Output = Document<NumberPool>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<NumberPool>> {
        let holder = tx.key_claim(NumberPool::SPEC.name, "name", &self.doc.name, self.id).await?;
        let stored = if holder == self.id {
            let document = Document::new(self.id, tx.scope().now, self.doc.clone(), NumberPoolExtra::default());
            tx.insert(&document).await?;
            document
        } else {
            let mut document: Document<NumberPool> = tx.require_for_update(holder).await?;
            document.doc = self.doc.clone();
            let numbers = &self.doc.pool.numbers;
            document.extra.uses.retain(|number, _| numbers.iter().any(|one| one.number == *number));
            tx.update(&mut document).await?;
            document
        };
        happened(tx, EventName::NumberPoolChanged, NumberPool::SPEC.name, stored.id.cast()).await?;
        Ok(stored)
    }
}
