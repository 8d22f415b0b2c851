//! Every published kind through one set of acts: create, read, list, replace, patch, delete.
//!
//! | module | what it holds |
//! |---|---|
//! | `check` | what a caller sent: its shape, its read-only members, addresses in their one form |
//! | `patch` | JSON Patch and JSON Merge Patch |
//! | `references` | what a document names must be there |
//! | `keep` | histories, times and users that follow from what was set |
//! | `parts` | the `_id` of sub-objects |
//! | `question`, `list`, `group` | lists: what is asked for, pages of it, groups of it |
//! | `sight` | which documents a caller sees |
//! | `write` | the transactions |
//! | `acts` | what a kind does beyond being stored: sale leads, cars, clients and their contacts |
//! | `delete` | what goes with a document |
//! | `talks` | what was said with a client and names it by an address only |
//!
//! A write is one transaction: checked, references looked up, what the server keeps brought in line, the kind's own act,
//! stored, what others compute from it recomputed, logged.

mod acts;
mod check;
mod delete;
mod group;
mod keep;
mod list;
mod parts;
mod patch;
mod question;
mod references;
pub(crate) mod sight;
mod talks;
mod write;

use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
};

use forecourt_record::{Actor, Error, Id, Result, spec::KindSpec};
use forecourt_store::{Command, Lane, Tx};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub use forecourt_store::{Found, Raw};
pub use group::Groups;
pub use list::{Explanation, Listed, PageOf};
pub use patch::Patch;
pub use question::{Asked, Question};

use crate::{Caller, Config, Crm, Sight, intake::RequestKey};
use write::{Change, Create, How};

pub(crate) use delete::{Conversation, erase, family};
pub(crate) use keep::price_line;
pub(crate) use write::{Writing, changed_members};

/// Documents created by one call.
pub const MOST: usize = 1000;

/// What the creation of a message sets off: told to whoever carries messages, in the transaction of the creation.
pub trait Carrier: Send + Sync {
    /// A message about to be stored: its addresses, session and status are filled in, and when it is to be sent, that is
    /// put down as a job. `record_only` is true for what has happened elsewhere: nothing is sent.
    ///
    /// Errors: whatever forbids the message, with nothing left behind.
    fn carry<'a>(&'a self, tx: &'a mut Tx, config: &'a Config, message: &'a mut Raw, record_only: bool) -> Carried<'a>;
}

/// What a carrier does, awaited within the transaction.
pub type Carried<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// The carrier of a server, once it has one.
pub(crate) type Carriage = Arc<OnceLock<Box<dyn Carrier>>>;

impl Crm {
    /// Says who carries messages. The first one stays.
    pub fn carried_by(&self, carrier: impl Carrier + 'static) {
        // A second one would be the same: they are made of the same parts.
        let _ = self.carriage.set(Box::new(carrier));
    }

    /// Creates documents, all of them or none, and answers them in the order given.
    ///
    /// Errors: `Invalid` with everything that is wrong, each pointer beginning with the document's place when there are
    /// several; `Conflict` when an `_id` is taken; what the kind's own act refuses; `IdempotencyKeyReused`.
    pub async fn resource_create(
        &self,
        caller: &Caller,
        spec: &'static KindSpec,
        documents: Vec<Value>,
        request: Option<RequestKey>,
    ) -> Result<Vec<Raw>> {
        if documents.len() > MOST {
            return Err(Error::field("", "too_long", format!("At most {MOST} documents are created at once.")));
        }
        let many = documents.len() != 1;
        let mut wrong = Vec::new();
        let mut items = Vec::with_capacity(documents.len());
        for (at, document) in documents.into_iter().enumerate() {
            let prefix = if many { format!("/{at}") } else { String::new() };
            match check::new(spec, document, caller.dealer) {
                Ok(given) => items.push((given.id.unwrap_or_else(|| self.context.id()), given.own, prefix)),
                Err(errors) => wrong.extend(check::below(errors, &prefix)),
            }
        }
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        let command = Create { writing: self.resource_writing(caller, spec).await?, items, request };
        self.write(self.scope(caller), command).await
    }

    /// A document as it is stored. Errors: `NotFound`.
    pub async fn resource_read(&self, caller: &Caller, spec: &'static KindSpec, id: Id<()>) -> Result<Found> {
        let read = Read { spec, id, sight: caller.sight.clone() };
        self.store.read(self.scope(caller), Lane::Quick, read).await
    }

    /// Replaces a document's members. Those the server keeps are ignored when they are equal or left out.
    ///
    /// Errors: `NotFound`; `Invalid`; `VersionBehind` when the document's `__v` is not the current version,
    /// `PreconditionFailed` when `if_match` is not; what the kind's own act refuses.
    pub async fn resource_replace(
        &self,
        caller: &Caller,
        spec: &'static KindSpec,
        id: Id<()>,
        document: Value,
        if_match: Option<i64>,
    ) -> Result<Raw> {
        let given = check::changed(spec, document).map_err(Error::invalid)?;
        self.resource_change(caller, spec, id, How::Replace(given), if_match).await
    }

    /// Changes some members of a document, all or nothing; the result is checked as a replacement is.
    ///
    /// Errors: as replacing; `Invalid` and `PatchTestFailed`, each naming the operation.
    pub async fn resource_patch(
        &self,
        caller: &Caller,
        spec: &'static KindSpec,
        id: Id<()>,
        patch: Patch,
        if_match: Option<i64>,
    ) -> Result<Raw> {
        self.resource_change(caller, spec, id, How::Patch(patch), if_match).await
    }

    async fn resource_change(
        &self,
        caller: &Caller,
        spec: &'static KindSpec,
        id: Id<()>,
        how: How,
        if_match: Option<i64>,
    ) -> Result<Raw> {
        let command = Change { writing: self.resource_writing(caller, spec).await?, id, how, if_match };
        self.write(self.scope(caller), command).await
    }

    /// Deletes a document with everything that belongs to it.
    ///
    /// Errors: `NotFound`; `StillReferenced` for a client that has leads, unless `cascade`; `PreconditionFailed`.
    pub async fn resource_delete(
        &self,
        caller: &Caller,
        spec: &'static KindSpec,
        id: Id<()>,
        cascade: bool,
        if_match: Option<i64>,
    ) -> Result<()> {
        let command = delete::Delete { writing: self.resource_writing(caller, spec).await?, id, cascade, if_match };
        self.write(self.scope(caller), command).await
    }

    pub(crate) async fn resource_writing(&self, caller: &Caller, spec: &'static KindSpec) -> Result<Writing> {
        Ok(Writing {
            spec,
            caller: caller.clone(),
            config: self.config(caller.dealer).await?,
            context: self.context.clone(),
            carriage: self.carriage.clone(),
        })
    }
}

struct Read {
    spec: &'static KindSpec,
    id: Id<()>,
    sight: Sight,
}

impl Command for Read {
    type Output = Found;

    async fn run(&self, tx: &mut Tx) -> Result<Found> {
        let missing = || Error::not_found(self.spec.singular);
        let found = tx.raw_bytes(self.spec, self.id).await?.ok_or_else(missing)?;
        if self.sight != Sight::All {
            let doc = found.parse(self.spec)?.doc;
            if !sight::sees(tx, &self.sight, self.spec, &doc).await? {
                return Err(missing());
            }
        }
        Ok(found)
    }
}

/// Who did it, as documents say it: a user's id; a word for whoever is none.
pub(crate) fn author(actor: Actor) -> String {
    actor.user().map_or_else(|| actor.label(), |user| user.to_string())
}

/// A member of a document as its type; empty where it is left out.
fn part<T: DeserializeOwned + Default>(doc: &Value, name: &str) -> Result<T> {
    match doc.get(name) {
        None | Some(Value::Null) => Ok(T::default()),
        Some(member) => serde_json::from_value(member.clone()).map_err(Error::internal),
    }
}

/// Puts a member into a document, or takes it out when it is empty.
fn put(doc: &mut Value, name: &str, member: &impl Serialize) -> Result<()> {
    let member = serde_json::to_value(member).map_err(Error::internal)?;
    let is_empty = member.is_null() || member.as_array().is_some_and(Vec::is_empty);
    let Some(members) = doc.as_object_mut() else { return Err(Error::internal("a document is no object")) };
    if is_empty {
        members.shift_remove(name);
    } else {
        members.insert(name.to_owned(), member);
    }
    Ok(())
}
