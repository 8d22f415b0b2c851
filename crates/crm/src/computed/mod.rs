//! Computed parts, brought in line in the transaction of the write that changes what they stand on.
//!
//! | module | what it holds |
//! |---|---|
//! | `feeds` | which documents a change feeds, before and after it |
//! | `families` | clients and their leads, anew from what belongs to them |
//! | `others` | cars, vehicles, repair orders, calls, messages, dates and offers |
//! | `board` | the computed parts being worked on, each stored once and only if it differs |
//! | `first` | a lead that comes in: computed before it is stored, for the one path that has to be quick |
//! | `verify` | everything anew from all documents, and what differs |
//!
//! What a member means is a pure function in `record::computed`; here is only the looking up. The store says what a
//! transaction has written, so nobody can forget to say it.
//!
//! **One order of holding.** Clients by id, then words (numbers and addresses that somebody begins or ceases to have),
//! then leads (sale, appraisal, after-sale, each by id), then all other documents by kind and id. A use case that changes
//! a lead holds its client first, see [`hold_client_of`]. Where two transactions race past that, because a client or an
//! owner changes between look and hold, PostgreSQL breaks the tie and one of them runs again.

mod board;
mod families;
mod feeds;
mod first;
mod others;
mod verify;

use std::{collections::BTreeSet, sync::Arc};

use forecourt_record::{
    Client, Document, Error, Id, KINDS, Kind, LeadId, Result, SaleLead,
    computed::{self, Key, LEADS, Paper, WORKS},
    spec::KindSpec,
};
use forecourt_store::{Command, Raw, Tx};
use serde_json::Value;

use board::Board;
use feeds::Feeds;

pub use first::{arrived, settle};

/// Brings in line every computed part that follows from what this transaction has written so far.
pub async fn follow(tx: &mut Tx) -> Result<()> {
    let _measured = Measured::begin(FOLLOWING);
    let changes = tx.changes_take()?;
    if changes.is_empty() {
        return Ok(());
    }
    let mut feeds = Feeds::default();
    for change in &changes {
        feeds.by(change)?;
    }
    let mut board = Board::default();
    families::follow(tx, &mut feeds, &mut board).await?;
    others::follow(tx, &changes, &feeds, &mut board).await?;
    board.store(tx).await
}

/// Holds the client of a lead before the lead itself is held.
pub async fn hold_client_of(tx: &mut Tx, lead: LeadId) -> Result<()> {
    hold_owner_of(tx, SaleLead::SPEC, lead.cast()).await
}

/// Holds the client a document belongs to before the document itself is held. What belongs to no client, or is one, has
/// nobody to hold.
pub async fn hold_owner_of(tx: &mut Tx, spec: &'static KindSpec, id: Id<()>) -> Result<()> {
    if !LEADS.contains(&spec.name) && !WORKS.contains(&spec.name) {
        return Ok(());
    }
    tx.hold_named(spec, id, "client_id", Client::SPEC).await
}

/// Holds documents that others are about to belong to, and the clients of the leads among them, in the order of holding.
pub async fn hold_owners(tx: &mut Tx, owners: BTreeSet<Key>) -> Result<()> {
    let of_kind = |kind: &str| owners.iter().filter(|owner| owner.0 == kind).map(|owner| owner.1).collect();
    tx.hold(Client::SPEC, &of_kind(Client::SPEC.name)).await?;
    for (kind, id) in &owners {
        hold_owner_of(tx, spec(kind)?, *id).await?;
    }
    for held in KINDS.iter().filter(|held| held.name != Client::SPEC.name) {
        tx.hold(held, &of_kind(held.name)).await?;
    }
    Ok(())
}

/// Sets what a document's computed part says of itself alone.
///
/// Errors: `Internal` when the document cannot be written as JSON.
pub fn own<K: Kind>(document: &mut Document<K>) -> Result<()> {
    let paper = paper(document)?;
    let mut computed = Value::clone(&paper.computed);
    for facet in computed::own(&paper)? {
        computed::put(&mut computed, facet);
    }
    set(document, computed)
}

/// The computed part of a new document, as long as nothing else stands close to it: stored with it, it need not be
/// stored again.
///
/// Errors: `Internal` when the document does not read as one of its kind.
pub fn fresh(raw: &mut Raw) -> Result<()> {
    let paper = lend(raw);
    let computed = computed::fresh(&paper)?;
    give_back(raw, paper, computed);
    Ok(())
}

/// A document as the facets read it, its trees taken out of `raw` until they are given back.
fn lend(raw: &mut Raw) -> Paper {
    let [doc, extra, computed] = [&mut raw.doc, &mut raw.extra, &mut raw.computed].map(std::mem::take).map(Arc::new);
    Paper { kind: raw.spec.name, id: raw.id, created_at: raw.created_at, doc, extra, computed }
}

/// Gives the trees back, with what has been computed.
fn give_back(raw: &mut Raw, paper: Paper, computed: Value) {
    (raw.doc, raw.extra, raw.computed) = (Arc::unwrap_or_clone(paper.doc), Arc::unwrap_or_clone(paper.extra), computed);
}

fn set<K: Kind>(document: &mut Document<K>, computed: Value) -> Result<()> {
    document.computed = serde_json::from_value(computed).map_err(Error::internal)?;
    Ok(())
}

/// A typed document as the facets read it.
fn paper<K: Kind>(document: &Document<K>) -> Result<Paper> {
    let tree = |part: serde_json::Result<Value>| part.map(Arc::new).map_err(Error::internal);
    Ok(Paper {
        kind: K::SPEC.name,
        id: document.id.cast(),
        created_at: document.created_at,
        doc: tree(serde_json::to_value(&document.doc))?,
        extra: tree(serde_json::to_value(&document.extra))?,
        computed: tree(serde_json::to_value(&document.computed))?,
    })
}

/// The kind with this collection.
fn spec(kind: &str) -> Result<&'static KindSpec> {
    let found = KINDS.iter().find(|spec| spec.name == kind).copied();
    found.ok_or_else(|| Error::internal(format!("there is no kind {kind}")))
}

/// Time spent in the commands of business transactions, and of it in computing: their sums show the share. On SQLite
/// that is work; on PostgreSQL mostly waiting for answers.
const WRITING: &str = "transaction_command_duration_seconds";
const FOLLOWING: &str = "transaction_computed_duration_seconds";

/// Records how long something took when it ends, however it ends.
pub struct Measured(&'static str, std::time::Instant);

impl Measured {
    pub fn begin(name: &'static str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "measures this process itself")]
        Self(name, std::time::Instant::now())
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        metrics::histogram!(self.0).record(self.1.elapsed());
    }
}

/// A command after which every computed part is in line with what it has written.
pub struct Followed<C>(pub C);

impl<C: Command> Command for Followed<C> {
    type Output = C::Output;

    const TAKES_AWAY: bool = C::TAKES_AWAY;

    async fn run(&self, tx: &mut Tx) -> Result<C::Output> {
        let _measured = Measured::begin(WRITING);
        let output = self.0.run(tx).await?;
        follow(tx).await?;
        Ok(output)
    }
}
