//! Documents of every kind: read, found, counted, stored, with their columns, words and tallies.

use forecourt_query::{Filter, Find, lower, order, tally_plan};
use forecourt_record::{DealerId, Document, Error, Id, Instant, Kind, Result, spec::KindSpec};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    Tx, published,
    sql::{Param, Row, json as text_of},
    statements::{COLUMNS, Trees, indexed, statements},
    tx::{Seen, TxEngine, version_behind},
};

/// The members of a document that somebody named: what the others hold is not even taken apart.
#[derive(Clone, Debug)]
pub struct Parts<K: Kind, D, E> {
    pub id: Id<K>,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub doc: D,
    pub extra: E,
}

impl Tx {
    /// The document with this id, if this dealer has it.
    pub async fn get<K: Kind>(&mut self, id: Id<K>) -> Result<Option<Document<K>>> {
        let sql = &statements(K::SPEC, self.backend()).get;
        let row = self.row(sql, &[self.dealer_param(), id.into()]).await?;
        row.map(|row| self.read_document(row)).transpose()
    }

    /// The document of a dealer that a credential has just named: the one look into a dealer the scope does not name.
    pub async fn get_of<K: Kind>(&mut self, dealer: DealerId, id: Id<K>) -> Result<Option<Document<K>>> {
        let sql = &statements(K::SPEC, self.backend()).get;
        let row = self.row(sql, &[dealer.into(), id.into()]).await?;
        row.map(|row| self.read_document(row)).transpose()
    }

    /// The same, holding it against other writers until the transaction ends.
    pub async fn get_for_update<K: Kind>(&mut self, id: Id<K>) -> Result<Option<Document<K>>> {
        self.may_write()?;
        let sql = &statements(K::SPEC, self.backend()).get_for_update;
        let row = self.row(sql, &[self.dealer_param(), id.into()]).await?;
        row.map(|row| self.read_document(row)).transpose()
    }

    /// The document, or `NotFound`.
    pub async fn require<K: Kind>(&mut self, id: Id<K>) -> Result<Document<K>> {
        self.get(id).await?.ok_or_else(|| Error::not_found(K::SPEC.singular))
    }

    /// The document held against other writers, or `NotFound`.
    pub async fn require_for_update<K: Kind>(&mut self, id: Id<K>) -> Result<Document<K>> {
        self.get_for_update(id).await?.ok_or_else(|| Error::not_found(K::SPEC.singular))
    }

    /// A page of documents.
    pub async fn find<K: Kind>(&mut self, find: &Find) -> Result<Vec<Document<K>>> {
        let rows = self.find_rows(K::SPEC, COLUMNS, find).await?;
        rows.into_iter().map(|row| self.read_document(row)).collect()
    }

    /// A page of documents, of each only the members that `D` and `E` name: for lists, where the rest would be read in
    /// vain.
    pub async fn find_parts<K: Kind, D: DeserializeOwned, E: DeserializeOwned>(
        &mut self,
        find: &Find,
    ) -> Result<Vec<Parts<K, D, E>>> {
        let rows = self.find_rows(K::SPEC, "id, created_at, updated_at, doc, extra", find).await?;
        let parts = rows.into_iter().map(|mut row| {
            Ok(Parts {
                id: row.id(0)?,
                created_at: row.instant(1)?,
                updated_at: row.instant(2)?,
                doc: row.json(3)?,
                extra: row.json(4)?,
            })
        });
        parts.collect()
    }

    async fn find_rows(&mut self, spec: &'static KindSpec, columns: &str, find: &Find) -> Result<Vec<Row>> {
        let lowered = lower(&find.filter, spec, self.backend(), self.text_scope(), 2)?;
        let order = order(&find.sort, spec)?;
        let (limit, skip) = (lowered.values.len() + 2, lowered.values.len() + 3);
        let sql = format!(
            "SELECT {columns} FROM {} WHERE dealer_id = ?1 AND {} ORDER BY {order} LIMIT ?{limit} OFFSET ?{skip}",
            spec.name, lowered.sql
        );
        let mut params = vec![self.dealer_param()];
        params.extend(lowered.values.into_iter().map(Param::from));
        params.extend([find.limit.max(0).into(), find.skip.max(0).into()]);
        self.rows(&sql, &params).await
    }

    /// The first document that passes, newest first.
    pub async fn find_one<K: Kind>(&mut self, filter: Filter) -> Result<Option<Document<K>>> {
        Ok(self.find(&Find::newest(filter, 1)).await?.into_iter().next())
    }

    /// How many documents pass: exact, from a tally where one covers the question, else by counting.
    pub async fn count<K: Kind>(&mut self, filter: &Filter) -> Result<i64> {
        if let Some(plan) = tally_plan(filter, K::SPEC).filter(|_| !self.is_writable()) {
            let rows = self.tallies(K::SPEC, &plan.tally.by.join(","), &plan.wanted).await?;
            return Ok(rows.iter().map(|row| row.n).sum());
        }
        let lowered = lower(filter, K::SPEC, self.backend(), self.text_scope(), 2)?;
        let name = K::SPEC.name;
        if let (Filter::Text(_), TxEngine::Sqlite(_), 1) = (filter, &self.engine, lowered.values.len()) {
            // Every word carries the dealer's own prefix, so the index alone knows the answer.
            let sql = format!("SELECT count(*) FROM {name}_text WHERE {name}_text MATCH ?1");
            let params: Vec<Param> = lowered.values.into_iter().map(Param::from).collect();
            return self.row(&sql, &params).await?.map_or(Ok(0), |mut row| row.int(0));
        }
        let sql = format!("SELECT count(*) FROM {name} WHERE dealer_id = ?1 AND {}", lowered.sql);
        let mut params = vec![self.dealer_param()];
        params.extend(lowered.values.into_iter().map(Param::from));
        self.row(&sql, &params).await?.map_or(Ok(0), |mut row| row.int(0))
    }

    /// Stores a new document.
    pub async fn insert<K: Kind>(&mut self, document: &Document<K>) -> Result<()> {
        let spec = K::SPEC;
        let backend = self.backend();
        let statements = statements(spec, backend);
        let (trees, mut params, hot) = self.trees(document)?;
        params.extend(hot.clone());
        let words = (!spec.text.is_empty()).then(|| indexed(&trees.words(spec), backend, self.text_scope()));
        let seen = seen(document.version, &params);
        match (&self.engine, words) {
            (TxEngine::Sqlite(_), words) => {
                self.later(statements.insert.as_str(), params, None).await?;
                if let Some(words) = words {
                    self.later(statements.text_insert.as_str(), vec![words.into()], None).await?;
                }
            }
            (TxEngine::Postgres(_), words) => {
                params.extend(words.map(Param::Text));
                self.later(statements.insert.as_str(), params, None).await?;
            }
        }
        self.deltas.add(self.scope().dealer, spec, &hot, 1);
        self.seen.insert((spec.name, document.id.cast()), seen);
        Ok(())
    }

    /// Stores a document that this transaction has read; its version rises by one and `updated_at` is now.
    ///
    /// Errors: `VersionBehind` when it is not the version that was read, or another writer was faster; `Internal` when
    /// it was not read.
    pub async fn update<K: Kind>(&mut self, document: &mut Document<K>) -> Result<()> {
        let spec = K::SPEC;
        let backend = self.backend();
        let statements = statements(spec, backend);
        let key = (spec.name, document.id.cast());
        let Some(before) = self.seen.get(&key).cloned() else {
            return Err(Error::internal(format!("a {} was changed without having been read", spec.singular)));
        };
        if document.version != before.version {
            return Err(version_behind());
        }
        document.version = before.version + 1;
        document.updated_at = self.scope().now;
        let (trees, mut params, hot) = self.trees(document)?;
        let old = parse(&before)?;
        let old_hot = old.hot(spec);
        params.extend(hot.clone());
        let seen = seen(document.version, &params);
        let words = (!spec.text.is_empty()).then(|| trees.words(spec));
        match (&self.engine, words) {
            (TxEngine::Sqlite(_), words) => {
                self.later(statements.update.as_str(), params, Some(1)).await?;
                if let Some(words) = words.filter(|words| *words != old.words(spec)) {
                    let words = indexed(&words, backend, self.text_scope());
                    let params = vec![self.dealer_param(), document.id.into(), words.into()];
                    self.later(statements.text_update.as_str(), params, None).await?;
                }
            }
            (TxEngine::Postgres(_), words) => {
                params.extend(words.map(|words| Param::Text(indexed(&words, backend, self.text_scope()))));
                self.later(statements.update.as_str(), params, Some(1)).await?;
            }
        }
        if old_hot != hot {
            let dealer = self.scope().dealer;
            self.deltas.add(dealer, spec, &old_hot, -1);
            self.deltas.add(dealer, spec, &hot, 1);
        }
        self.seen.insert(key, seen);
        Ok(())
    }

    /// Deletes a document that this transaction has read, and its keys.
    ///
    /// Errors: `VersionBehind` when another writer was faster; `Internal` when it was not read.
    pub async fn delete<K: Kind>(&mut self, id: Id<K>) -> Result<()> {
        let spec = K::SPEC;
        let statements = statements(spec, self.backend());
        let Some(before) = self.seen.remove(&(spec.name, id.cast())) else {
            return Err(Error::internal(format!("a {} was deleted without having been read", spec.singular)));
        };
        if matches!(self.engine, TxEngine::Sqlite(_)) && !spec.text.is_empty() {
            self.later(statements.text_delete.as_str(), vec![self.dealer_param(), id.into()], None).await?;
        }
        let row = vec![self.dealer_param(), id.into(), before.version.into()];
        self.later(statements.delete.as_str(), row, Some(1)).await?;
        self.keys_release_all(spec.name, id.cast()).await?;
        self.deltas.add(self.scope().dealer, spec, &parse(&before)?.hot(spec), -1);
        Ok(())
    }

    fn read_document<K: Kind>(&mut self, mut row: Row) -> Result<Document<K>> {
        let id: Id<K> = row.id(0)?;
        let version = row.int(1)?;
        let (created_at, updated_at) = (row.instant(2)?, row.instant(3)?);
        let (doc, extra, computed) = (row.text(4)?, row.text(5)?, row.text(6)?);
        let broken = |part: &str, error: serde_json::Error| {
            Error::internal(format!("{part} of {} {id} cannot be read: {error}", K::SPEC.singular))
        };
        let document = Document {
            id,
            version,
            created_at,
            updated_at,
            doc: published::own(&doc).map_err(|error| broken("the tree", error))?,
            extra: serde_json::from_str(&extra).map_err(|error| broken("the extra part", error))?,
            computed: serde_json::from_str(&computed).map_err(|error| broken("the computed part", error))?,
        };
        if self.is_writable() {
            self.seen.insert((K::SPEC.name, id.cast()), Seen { version, doc, extra, computed });
        }
        Ok(document)
    }

    /// The trees, the parameters of the fixed columns, and the hot columns.
    fn trees<K: Kind>(&self, document: &Document<K>) -> Result<(Trees, Vec<Param>, Vec<Param>)> {
        let trees = Trees {
            doc: published::whole(document, self.scope().dealer)?,
            extra: serde_json::to_value(&document.extra).map_err(Error::internal)?,
            computed: serde_json::to_value(&document.computed).map_err(Error::internal)?,
        };
        let params = vec![
            self.dealer_param(),
            document.id.into(),
            document.version.into(),
            document.created_at.into(),
            document.updated_at.into(),
            text_of(&trees.doc)?.into(),
            text_of(&trees.extra)?.into(),
            text_of(&trees.computed)?.into(),
        ];
        let hot = trees.hot(K::SPEC);
        Ok((trees, params, hot))
    }
}

fn seen(version: i64, params: &[Param]) -> Seen {
    let text = |at: usize| match params.get(at) {
        Some(Param::Text(text)) => text.clone(),
        _ => String::new(),
    };
    Seen { version, doc: text(5), extra: text(6), computed: text(7) }
}

fn parse(seen: &Seen) -> Result<Trees> {
    let tree = |text: &str| serde_json::from_str::<Value>(text).map_err(Error::internal);
    Ok(Trees { doc: tree(&seen.doc)?, extra: tree(&seen.extra)?, computed: tree(&seen.computed)? })
}
