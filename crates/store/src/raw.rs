//! Documents whose kind is known only when the program runs: the base on which the typed ones stand, and their texts.

use std::sync::Arc;

use forecourt_query::{Backend, Find};
use forecourt_record::{DealerId, Document, Error, Id, Instant, Kind, Result, spec::KindSpec};
use serde::{Deserialize as _, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Tx,
    kept::Kept,
    multi::Values,
    published,
    sql::{Param, Row},
    statements::{COLUMNS, Trees, indexed, statements},
    tx::{Hold, Seen, TxEngine, version_behind},
};

/// A document of any kind as JSON. `doc` holds the kind's own members, without those every document has.
#[derive(Clone, Debug, PartialEq)]
pub struct Raw {
    pub spec: &'static KindSpec,
    pub id: Id<()>,
    /// Starts at 0 and rises by one with every write.
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub doc: Value,
    /// Null where the kind has nothing of its own.
    pub extra: Value,
    /// Null as long as nothing has been computed.
    pub computed: Value,
}

/// A stored document as the database holds it: three JSON texts, none of them taken apart. `doc` is the published tree
/// whole, with the members every document has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub id: Id<()>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub doc: String,
    pub extra: String,
    pub computed: String,
}

impl Raw {
    /// A document not stored yet.
    pub fn new(spec: &'static KindSpec, id: Id<()>, now: Instant, doc: Value) -> Self {
        Self { spec, id, version: 0, created_at: now, updated_at: now, doc, extra: Value::Null, computed: Value::Null }
    }

    /// A typed document as JSON.
    pub fn of<K: Kind>(document: &Document<K>) -> Result<Self> {
        Ok(Self {
            spec: K::SPEC,
            id: document.id.cast(),
            version: document.version,
            created_at: document.created_at,
            updated_at: document.updated_at,
            doc: tree(&document.doc)?,
            extra: tree(&document.extra)?,
            computed: tree(&document.computed)?,
        })
    }

    /// The whole published document as JSON, with what is computed.
    pub fn published(&self, dealer: DealerId) -> Result<Value> {
        let instants = [self.created_at, self.updated_at];
        let mut whole = published::whole(self.spec, self.doc.clone(), self.id, dealer, self.version, instants)?;
        if !self.computed.is_null() {
            whole["computed"] = self.computed.clone();
        }
        Ok(whole)
    }

    /// The document as one of `K`. Errors: `Internal` when it is of another kind or does not fit it.
    pub fn read<K: Kind>(&self) -> Result<Document<K>> {
        if self.spec.name != K::SPEC.name {
            return Err(Error::internal(format!("a {} was read as a {}", self.spec.singular, K::SPEC.singular)));
        }
        Ok(Document {
            id: self.id.cast(),
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            doc: serde_json::from_value(self.doc.clone()).map_err(Error::internal)?,
            extra: part(&self.extra)?,
            computed: part(&self.computed)?,
        })
    }
}

impl Found {
    pub(crate) fn of_row(mut row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id(0)?,
            version: row.int(1)?,
            created_at: row.instant(2)?,
            updated_at: row.instant(3)?,
            doc: row.text(4)?,
            extra: row.text(5)?,
            computed: row.text(6)?,
        })
    }

    /// The whole published document as JSON text, with what is computed, without taking anything apart.
    pub fn published(&self) -> String {
        match self.doc.strip_suffix('}') {
            Some(open) if self.computed != "null" => format!("{open},\"computed\":{}}}", self.computed),
            _ => self.doc.clone(),
        }
    }

    /// The texts taken apart.
    pub fn parse(&self, spec: &'static KindSpec) -> Result<Raw> {
        let broken = |error| Error::internal(format!("{} {} cannot be read: {error}", spec.singular, self.id));
        let read = |text: &str| serde_json::from_str::<Value>(text).map_err(broken);
        Ok(Raw {
            spec,
            id: self.id,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            doc: published::own(&self.doc).map_err(broken)?,
            extra: read(&self.extra)?,
            computed: read(&self.computed)?,
        })
    }
}

impl Tx {
    /// The document's stored texts, if this dealer has it: for an answer that needs nothing taken apart.
    pub async fn raw_bytes(&mut self, spec: &'static KindSpec, id: Id<()>) -> Result<Option<Found>> {
        let sql = &statements(spec, self.backend()).get;
        self.row(sql, &[self.dealer_param(), id.into()]).await?.map(Found::of_row).transpose()
    }

    /// The document with this id, if this dealer has it.
    pub async fn raw_get(&mut self, spec: &'static KindSpec, id: Id<()>) -> Result<Option<Raw>> {
        let found = self.raw_bytes(spec, id).await?;
        found.map(|found| self.raw_seen(spec, found, Hold::No)).transpose()
    }

    /// The same, holding it against other writers until the transaction ends.
    pub async fn raw_get_for_update(&mut self, spec: &'static KindSpec, id: Id<()>) -> Result<Option<Raw>> {
        self.may_write()?;
        let sql = &statements(spec, self.backend()).get_for_update;
        let row = self.row(sql, &[self.dealer_param(), id.into()]).await?;
        row.map(|row| self.raw_seen(spec, Found::of_row(row)?, Hold::Yes)).transpose()
    }

    /// A page of documents.
    pub async fn raw_find(&mut self, spec: &'static KindSpec, find: &Find) -> Result<Vec<Raw>> {
        let rows = self.find_rows(spec, COLUMNS, find, Hold::No).await?;
        rows.into_iter().map(|row| self.raw_seen(spec, Found::of_row(row)?, Hold::No)).collect()
    }

    /// Which of these documents there are.
    pub async fn raw_known(&mut self, spec: &'static KindSpec, ids: &[Id<()>]) -> Result<Vec<Id<()>>> {
        /// Ids asked for in one statement.
        const MOST: usize = 200;
        let mut known = Vec::new();
        for some in ids.chunks(MOST) {
            let places: Vec<String> = (2..some.len() + 2).map(|at| format!("?{at}")).collect();
            let places = places.join(", ");
            let sql = format!("SELECT id FROM {} WHERE dealer_id = ?1 AND id IN ({places})", spec.name);
            let mut params = vec![self.dealer_param()];
            params.extend(some.iter().map(|id| Param::from(*id)));
            for mut row in self.rows(&sql, &params).await? {
                known.push(row.id(0)?);
            }
        }
        Ok(known)
    }

    /// Stores a new document. Errors: `Conflict` when there is one with its id or a unique column of it.
    pub async fn raw_insert(&mut self, raw: Raw) -> Result<()> {
        let Raw { spec, id, version, created_at, updated_at, doc, extra, computed } = raw;
        let instants = [created_at, updated_at];
        let doc = published::whole(spec, doc, id, self.scope().dealer, version, instants)?;
        self.put_new(spec, id, version, instants, Trees::new(doc, extra, computed)).await
    }

    /// Stores a document that this transaction has read; `updated_at` is now, and its version rises by one unless this
    /// transaction has written it before.
    ///
    /// Errors: `VersionBehind` when it is not the version that was read, or another writer was faster; `Internal` when
    /// it was not read.
    pub async fn raw_update(&mut self, raw: &mut Raw) -> Result<()> {
        let before = self.seen_at(raw.spec, raw.id, raw.version)?;
        raw.version = before.next_version();
        raw.updated_at = self.scope().now;
        let instants = [raw.created_at, raw.updated_at];
        let doc = published::whole(raw.spec, raw.doc.clone(), raw.id, self.scope().dealer, raw.version, instants)?;
        let trees = Trees::new(doc, raw.extra.clone(), raw.computed.clone());
        self.put_again(raw.spec, raw.id, instants, trees, &before).await
    }

    /// Deletes a document that this transaction has read, and its keys.
    ///
    /// Errors: `VersionBehind` when another writer was faster; `Internal` when it was not read.
    pub async fn raw_delete(&mut self, spec: &'static KindSpec, id: Id<()>) -> Result<()> {
        let statements = statements(spec, self.backend());
        let Some(before) = self.seen.remove(&(spec.name, id)) else {
            return Err(Error::internal(format!("a {} was deleted without having been read", spec.singular)));
        };
        let before = before.held(spec)?;
        if matches!(self.engine, TxEngine::Sqlite(_)) && !spec.text.is_empty() {
            let row = self.text_row(spec, id).await?;
            self.texts.remove(spec, row);
        }
        let row = vec![self.dealer_param(), id.into(), before.version.into()];
        self.later(statements.delete.as_str(), row, Some(1)).await?;
        self.keys_release_all(spec.name, id).await?;
        self.multi_clear(spec, id).await?;
        self.deltas.add(self.scope().dealer, spec, &before.kept.trees()?.hot(spec), -1);
        self.wrote(spec, id, Some(before));
        Ok(())
    }

    pub(crate) fn raw_seen(&mut self, spec: &'static KindSpec, found: Found, hold: Hold) -> Result<Raw> {
        let raw = found.parse(spec)?;
        self.remember(spec, found, hold);
        Ok(raw)
    }

    /// The document as this transaction last read or wrote it, without asking the database.
    pub fn raw_current(&self, spec: &'static KindSpec, id: Id<()>) -> Result<Option<Raw>> {
        let Some(seen) = self.seen.get(&(spec.name, id)) else { return Ok(None) };
        let trees = seen.kept.trees()?;
        let (doc, [created_at, updated_at]) = published::apart(&trees.doc)?;
        let (extra, computed) = (Value::clone(&trees.extra), Value::clone(&trees.computed));
        Ok(Some(Raw { spec, id, version: seen.version, created_at, updated_at, doc, extra, computed }))
    }

    /// Keeps how a document was, for the difference that a change of it makes.
    pub(crate) fn remember(&mut self, spec: &'static KindSpec, found: Found, hold: Hold) {
        if self.is_writable() {
            let Found { id, version, doc, extra, computed, .. } = found;
            let before = self.seen.get(&(spec.name, id));
            // A row this transaction has written reads back as what was kept of it. On SQLite it is the only writer.
            let written = before.is_some_and(|seen| seen.written);
            let is_alone = matches!(self.engine, TxEngine::Sqlite(_));
            let held = hold == Hold::Yes || is_alone || before.is_some_and(|seen| seen.held);
            let known = before.map(|seen| &seen.kept).filter(|kept| kept.is([&doc, &extra, &computed])).cloned();
            let kept = known.unwrap_or_else(|| Kept::read(doc, extra, computed).into());
            self.seen.insert((spec.name, id), Seen { version, written, held, kept });
        }
    }

    /// How a document was when this transaction read it.
    pub(crate) fn seen_at(&self, spec: &'static KindSpec, id: Id<()>, version: i64) -> Result<Seen> {
        match self.seen.get(&(spec.name, id)) {
            None => Err(Error::internal(format!("a {} was changed without having been read", spec.singular))),
            Some(before) if before.version != version => Err(version_behind()),
            Some(before) => before.held(spec),
        }
    }

    /// Writes a row that is not there yet, with its words and tallies. The instants are `created_at` and `updated_at`.
    pub(crate) async fn put_new(
        &mut self,
        spec: &'static KindSpec,
        id: Id<()>,
        version: i64,
        instants: [Instant; 2],
        trees: Trees,
    ) -> Result<()> {
        let backend = self.backend();
        let statements = statements(spec, backend);
        let words = (!spec.text.is_empty()).then(|| indexed(&trees.words(spec), backend, self.text_scope()));
        let hot = trees.hot(spec);
        let values = trees.multi(spec);
        let seen = seen(version, trees)?;
        let mut params = self.columns(id, version, instants, &seen, &hot);
        match backend {
            Backend::Sqlite => {
                self.later(statements.insert.as_str(), params, None).await?;
                if let (Some(words), Some(row)) = (words, self.inserted_row()) {
                    self.texts.insert(spec, row, words);
                }
            }
            Backend::Postgres => {
                params.extend(words.map(Param::Text));
                self.later(statements.insert.as_str(), params, None).await?;
            }
        }
        self.multi_follow(spec, id, &Values::new(), &values).await?;
        self.deltas.add(self.scope().dealer, spec, &hot, 1);
        self.wrote(spec, id, None);
        self.seen.insert((spec.name, id), seen);
        Ok(())
    }

    /// Writes a row over the one that was read as `before`.
    pub(crate) async fn put_again(
        &mut self,
        spec: &'static KindSpec,
        id: Id<()>,
        instants: [Instant; 2],
        trees: Trees,
        before: &Seen,
    ) -> Result<()> {
        self.wrote(spec, id, Some(before.clone()));
        self.put_over(spec, id, instants, before, seen(before.next_version(), trees)?).await
    }

    /// Puts a computed part, and an own part that goes with it, in the place of those a document has. The document itself
    /// has not changed: neither its version nor `updated_at` moves. It must have been read in this transaction and be held
    /// against other writers.
    pub async fn computed_put(
        &mut self,
        spec: &'static KindSpec,
        id: Id<()>,
        computed: Arc<Value>,
        extra: Option<Value>,
    ) -> Result<()> {
        let Some(before) = self.seen.get(&(spec.name, id)) else {
            return Err(Error::internal(format!("a {} was computed without having been read", spec.singular)));
        };
        let before = before.held(spec)?;
        let old = before.kept.trees()?;
        if old.computed == computed {
            return Ok(());
        }
        let instant = |name: &str| Instant::deserialize(&old.doc[name]).map_err(Error::internal);
        let instants = [instant("created_at")?, instant("updated_at")?];
        let extra = extra.map_or_else(|| old.extra.clone(), Arc::new);
        let seen = seen(before.version, Trees { computed, extra, doc: old.doc.clone() })?;
        self.put_over(spec, id, instants, &before, Seen { written: before.written, ..seen }).await
    }

    async fn put_over(
        &mut self,
        spec: &'static KindSpec,
        id: Id<()>,
        instants: [Instant; 2],
        before: &Seen,
        seen: Seen,
    ) -> Result<()> {
        let backend = self.backend();
        let statements = statements(spec, backend);
        let version = seen.version;
        let rises = version != before.version;
        let update = if rises { statements.update.as_str() } else { statements.update_again.as_str() };
        let (trees, old) = (seen.kept.trees()?, before.kept.trees()?);
        let hot = trees.hot(spec);
        let mut params = self.columns(id, version, instants, &seen, &hot);
        let words = (!spec.text.is_empty()).then(|| trees.words(spec));
        match (&self.engine, words) {
            (TxEngine::Sqlite(_), words) => {
                self.later(update, params, Some(1)).await?;
                if let Some(words) = words.filter(|words| *words != old.words(spec)) {
                    let words = indexed(&words, backend, self.text_scope());
                    let row = self.text_row(spec, id).await?;
                    self.texts.replace(spec, row, words);
                }
            }
            (TxEngine::Postgres(_), words) => {
                params.extend(words.map(|words| Param::Text(indexed(&words, backend, self.text_scope()))));
                self.later(update, params, Some(1)).await?;
            }
        }
        self.multi_follow(spec, id, &old.multi(spec), &trees.multi(spec)).await?;
        let old_hot = old.hot(spec);
        if old_hot != hot {
            let dealer = self.scope().dealer;
            self.deltas.add(dealer, spec, &old_hot, -1);
            self.deltas.add(dealer, spec, &hot, 1);
        }
        self.seen.insert((spec.name, id), seen);
        Ok(())
    }

    fn columns(&self, id: Id<()>, version: i64, instants: [Instant; 2], seen: &Seen, hot: &[Param]) -> Vec<Param> {
        let [created_at, updated_at] = instants;
        let mut params = vec![
            self.dealer_param(),
            id.into(),
            version.into(),
            created_at.into(),
            updated_at.into(),
            seen.kept.doc.as_str().into(),
            seen.kept.extra.as_str().into(),
            seen.kept.computed.as_str().into(),
        ];
        params.extend_from_slice(hot);
        params
    }
}

/// A part of a document as a tree.
pub(crate) fn tree(part: &impl Serialize) -> Result<Value> {
    serde_json::to_value(part).map_err(Error::internal)
}

/// A part of a document as its type; one that was never written is empty.
fn part<T: DeserializeOwned + Default>(tree: &Value) -> Result<T> {
    if tree.is_null() { Ok(T::default()) } else { serde_json::from_value(tree.clone()).map_err(Error::internal) }
}

/// A document as it is about to be written.
fn seen(version: i64, trees: Trees) -> Result<Seen> {
    Ok(Seen { version, written: true, held: true, kept: Kept::written(trees)?.into() })
}
