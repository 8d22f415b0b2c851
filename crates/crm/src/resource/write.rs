//! The transactions that create and change a document of any kind.

use std::sync::Arc;

use forecourt_record::{
    Code, Context, Error, FieldError, Id, Kind as _, Result, SaleLead,
    event::{Event, EventName},
    spec::KindSpec,
};
use forecourt_store::{Command, Raw, Tx};
use serde_json::{Map, Value, json};

use super::{
    Carriage, Patch, acts,
    check::{self, Given},
    keep, parts, references, sight,
};
use crate::{Caller, Config, Sight, computed, intake::RequestKey, lead, vehicle};

/// What every write knows, whatever the kind.
pub struct Writing {
    pub spec: &'static KindSpec,
    pub caller: Caller,
    pub config: Arc<Config>,
    pub context: Context,
    pub carriage: Carriage,
}

/// Creates documents.
pub struct Create {
    pub writing: Writing,
    /// Each with its id, its own members, and what its pointers begin with.
    pub items: Vec<(Id<()>, Value, String)>,
    pub request: Option<RequestKey>,
}

impl Command for Create {
    type Output = Vec<Raw>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Raw>> {
        let spec = self.writing.spec;
        if let Some(request) = &self.request
            && let Some(outcome) = request.begin(tx).await?
        {
            return self.again(tx, outcome).await;
        }
        self.are_free(tx).await?;
        let mut wrong = Vec::new();
        for (_, own, prefix) in &self.items {
            wrong.extend(check::below(self.writing.wrong(tx, None, own).await?, prefix));
        }
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        for (id, own, _) in &self.items {
            let raw = Raw::new(spec, *id, tx.scope().now, own.clone());
            self.writing.put(tx, None, raw).await?;
        }
        computed::follow(tx).await?;
        let ids: Vec<Id<()>> = self.items.iter().map(|(id, ..)| *id).collect();
        if let Some(request) = &self.request {
            tx.request_end(&request.key, &ids).await?;
        }
        ids.iter().map(|id| current(tx, spec, *id)).collect()
    }
}

impl Create {
    /// What came of the same request before, as it is now.
    async fn again(&self, tx: &mut Tx, outcome: Value) -> Result<Vec<Raw>> {
        let ids: Vec<Id<()>> = serde_json::from_value(outcome).map_err(Error::internal)?;
        let mut made = Vec::with_capacity(ids.len());
        for id in ids {
            let found = tx.raw_get(self.writing.spec, id).await?;
            made.push(found.ok_or_else(|| Error::not_found(self.writing.spec.singular))?);
        }
        Ok(made)
    }

    /// No id is taken, by another document or by one of the same call.
    async fn are_free(&self, tx: &mut Tx) -> Result<()> {
        let mut ids: Vec<Id<()>> = self.items.iter().map(|(id, ..)| *id).collect();
        ids.sort_unstable();
        let twice = ids.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        let taken = match twice {
            Some(id) => Some(id),
            None => tx.raw_known(self.writing.spec, &ids).await?.first().copied(),
        };
        match taken {
            None => Ok(()),
            Some(id) => {
                let detail = format!("The _id {id} is taken by another {}.", self.writing.spec.singular);
                Err(Error::new(Code::Conflict, detail))
            }
        }
    }
}

/// How a document is changed.
pub enum How {
    Replace(Given),
    Patch(Patch),
}

/// Changes a document.
pub struct Change {
    pub writing: Writing,
    pub id: Id<()>,
    pub how: How,
    pub if_match: Option<i64>,
}

impl Command for Change {
    type Output = Raw;

    async fn run(&self, tx: &mut Tx) -> Result<Raw> {
        let writing = &self.writing;
        let (spec, dealer) = (writing.spec, tx.scope().dealer);
        let before = writing.required(tx, self.id, self.if_match).await?;
        let patched;
        let given = match &self.how {
            How::Replace(given) => given,
            How::Patch(patch) => {
                let document = patch.apply(before.published(dealer)?)?;
                patched = check::changed(spec, document).map_err(Error::invalid)?;
                &patched
            }
        };
        if given.version().is_some_and(|version| version != before.version) {
            let detail =
                format!("The {} is at version {}. Read it again and repeat the change.", spec.singular, before.version);
            return Err(Error::new(Code::VersionBehind, detail));
        }
        let mut wrong = given.changed(&before, dealer);
        wrong.extend(writing.wrong(tx, Some(&before.doc), &given.own).await?);
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        let after = Raw { doc: given.own.clone(), ..before.clone() };
        writing.put(tx, Some(before), after).await?;
        computed::follow(tx).await?;
        current(tx, spec, self.id)
    }
}

impl Writing {
    /// Checks and stores a new document within a transaction of somebody else's, as a request for it would.
    ///
    /// Errors: `Invalid`; what the kind's own act refuses.
    pub async fn take_new(&self, tx: &mut Tx, id: Id<()>, document: Value) -> Result<()> {
        let given = check::new(self.spec, document, tx.scope().dealer).map_err(Error::invalid)?;
        let raw = Raw::new(self.spec, id, tx.scope().now, given.own.clone());
        self.take(tx, None, given, raw).await
    }

    /// The same with a change of one that is held already. Nothing is written where nothing changes.
    pub async fn take_change(&self, tx: &mut Tx, before: Raw, patch: &Patch) -> Result<()> {
        let document = patch.apply(before.published(tx.scope().dealer)?)?;
        let given = check::changed(self.spec, document).map_err(Error::invalid)?;
        if given.own == before.doc {
            return Ok(());
        }
        let raw = Raw { doc: given.own.clone(), ..before.clone() };
        self.take(tx, Some(before), given, raw).await
    }

    async fn take(&self, tx: &mut Tx, before: Option<Raw>, given: Given, raw: Raw) -> Result<()> {
        let wrong = self.wrong(tx, before.as_ref().map(|before| &before.doc), &given.own).await?;
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        self.put(tx, before, raw).await
    }

    /// The document, held against other writers, when the caller sees it and it is at the version asked for.
    pub async fn required(&self, tx: &mut Tx, id: Id<()>, if_match: Option<i64>) -> Result<Raw> {
        let found = sight::get_for_update(tx, &self.caller.sight, self.spec, id).await?;
        let raw = found.ok_or_else(|| Error::not_found(self.spec.singular))?;
        if if_match.is_some_and(|version| version != raw.version) {
            let detail = format!("The {} is at version {}.", self.spec.singular, raw.version);
            return Err(Error::new(Code::PreconditionFailed, detail));
        }
        Ok(raw)
    }

    /// What is wrong with a document's members that only the record can tell. What it named before is not looked for
    /// again: that may be gone since.
    pub async fn wrong(&self, tx: &mut Tx, before: Option<&Value>, own: &Value) -> Result<Vec<FieldError>> {
        let known = before.map(|before| references::named(self.spec, before)).unwrap_or_default();
        let mut named = references::named(self.spec, own);
        named.retain(|one| !known.iter().any(|known| (known.kind.name, known.id) == (one.kind.name, one.id)));
        let mut wrong = references::missing(tx, &self.caller.sight, &named).await?;
        let location = own["location"].as_str();
        if sight::has_location(self.spec) && self.caller.sight != Sight::All && !self.caller.sight.sees(location) {
            wrong.push(FieldError::new("/location", "not_allowed", "It must be one of your own locations."));
        }
        Ok(wrong)
    }

    /// Stores a document with everything that follows from it.
    pub async fn put(&self, tx: &mut Tx, before: Option<Raw>, mut after: Raw) -> Result<()> {
        let scope = tx.scope();
        let doc = &mut after.doc;
        check::normalize(self.spec, doc, self.config.country(doc["location"].as_str()));
        if before.is_none() {
            self.begin(doc);
        }
        keep::follow(self.spec, before.as_ref().map(|before| &before.doc), doc, scope)?;
        parts::give_ids(self.spec, doc, &mut || self.context.id());
        *doc = (self.spec.types.canonical)(doc.take()).map_err(Error::internal)?;
        acts::put(self, tx, before, after).await
    }

    /// Where a new document begins that says nothing of it.
    fn begin(&self, doc: &mut Value) {
        let status = match self.spec.name {
            "saleleads" => Some(lead::beginning(&self.config)),
            "cars" => Some(vehicle::STATES[0]),
            _ => None,
        };
        if let Some(status) = status.filter(|_| doc["status"]["status"].is_null()) {
            let mut given = doc["status"].as_object().cloned().unwrap_or_default();
            given.insert("status".into(), json!(status));
            doc["status"] = Value::Object(given);
        }
    }

    /// Whether what is written has happened already, elsewhere: nothing follows from it.
    pub fn is_history(&self, doc: &Value) -> bool {
        self.caller.history || doc["custom"]["imported"] == json!(true)
    }
}

/// The document as this transaction leaves it.
fn current(tx: &Tx, spec: &'static KindSpec, id: Id<()>) -> Result<Raw> {
    tx.raw_current(spec, id)?.ok_or_else(|| Error::internal(format!("a {} was not written", spec.singular)))
}

/// Writes the event of a document, on the timeline of the sale lead it belongs to.
pub async fn event(tx: &mut Tx, raw: &Raw, name: EventName, data: Value) -> Result<()> {
    let lead = raw.doc["lead_id"].as_str().and_then(|id| id.parse().ok());
    let lead = lead.filter(|_| references::lead_kind(&raw.doc["lead_type"]) == SaleLead::SPEC.name);
    tx.event(Event { name, kind: raw.spec.name, id: raw.id, lead, data }).await
}

/// The members that differ, by name: for the log, which holds no values.
pub fn changed_members(before: &Value, after: &Value) -> Vec<String> {
    let empty = Map::new();
    let [old, new] = [before, after].map(|doc| doc.as_object().unwrap_or(&empty));
    let mut names: Vec<String> =
        old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))).cloned().collect();
    names.retain(|name| old.get(name) != new.get(name) && name != "updated_by");
    names
}
