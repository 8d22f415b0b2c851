//! Documents of every kind: read, found, counted, stored, with their columns, words and tallies.

use forecourt_query::{Backend, Direction, Filter, Find, Lowered, Op, lower, may_be_cut, order, tally_plan};
use forecourt_record::{DealerId, Document, Error, Id, Instant, Kind, Result, spec::KindSpec};
use serde::de::DeserializeOwned;

use crate::{
    Tx, published,
    raw::{Found, tree},
    search::part_of,
    sql::{Cell, Param, Row},
    statements::{COLUMNS, Trees, statements},
    text_page::only_words,
    tx::Hold,
};

/// Pages that begin further down are found in two steps.
const DEEP: i64 = 250;

/// What somebody named of a document: columns, and members of the extra part. The rest is not even read.
#[derive(Clone, Debug)]
pub struct Parts<K: Kind, E> {
    pub id: Id<K>,
    pub created_at: Instant,
    pub updated_at: Instant,
    /// In the order in which they were named.
    pub columns: Row,
    pub extra: E,
}

impl<K: Kind, E> Parts<K, E> {
    /// Whether a column may hold only the beginning of what the document says, so that the document has to be read.
    pub fn is_cut(&self) -> bool {
        self.columns.0.iter().any(|cell| matches!(cell, Cell::Text(text) if may_be_cut(text)))
    }
}

impl Tx {
    /// The document with this id, if this dealer has it.
    pub async fn get<K: Kind>(&mut self, id: Id<K>) -> Result<Option<Document<K>>> {
        let sql = &statements(K::SPEC, self.backend()).get;
        let row = self.row(sql, &[self.dealer_param(), id.into()]).await?;
        row.map(|row| self.read_document(row, Hold::No)).transpose()
    }

    /// The document of a dealer that a credential has just named: the one look into a dealer the scope does not name.
    pub async fn get_of<K: Kind>(&mut self, dealer: DealerId, id: Id<K>) -> Result<Option<Document<K>>> {
        let sql = &statements(K::SPEC, self.backend()).get;
        let row = self.row(sql, &[dealer.into(), id.into()]).await?;
        row.map(|row| self.read_document(row, Hold::No)).transpose()
    }

    /// The same, holding it against other writers until the transaction ends.
    pub async fn get_for_update<K: Kind>(&mut self, id: Id<K>) -> Result<Option<Document<K>>> {
        self.may_write()?;
        let sql = &statements(K::SPEC, self.backend()).get_for_update;
        let row = self.row(sql, &[self.dealer_param(), id.into()]).await?;
        row.map(|row| self.read_document(row, Hold::Yes)).transpose()
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
        let rows = self.find_rows(K::SPEC, COLUMNS, find, Hold::No).await?;
        rows.into_iter().map(|row| self.read_document(row, Hold::No)).collect()
    }

    /// The same, holding them against other writers until the transaction ends.
    pub async fn find_for_update<K: Kind>(&mut self, find: &Find) -> Result<Vec<Document<K>>> {
        self.may_write()?;
        let rows = self.find_rows(K::SPEC, COLUMNS, find, Hold::Yes).await?;
        rows.into_iter().map(|row| self.read_document(row, Hold::Yes)).collect()
    }

    /// A page of documents, of each only these columns and the members that `E` names: for lists, where the rest would
    /// be read in vain.
    pub async fn find_parts<K: Kind, E: DeserializeOwned>(
        &mut self,
        columns: &[&'static str],
        find: &Find,
    ) -> Result<Vec<Parts<K, E>>> {
        let named = format!("id, created_at, updated_at, extra, {}", columns.join(", "));
        let rows = self.find_rows(K::SPEC, &named, find, Hold::No).await?;
        let parts = rows.into_iter().map(|mut row| {
            Ok(Parts {
                id: row.id(0)?,
                created_at: row.instant(1)?,
                updated_at: row.instant(2)?,
                extra: row.json(3)?,
                columns: row.after(4),
            })
        });
        parts.collect()
    }

    pub(crate) async fn find_rows(
        &mut self,
        spec: &'static KindSpec,
        columns: &str,
        find: &Find,
        hold: Hold,
    ) -> Result<Vec<Row>> {
        if let Some(words) = only_words(&find.filter, spec, self)
            && let Some(rows) = self.text_page(spec, columns, &words, find).await?
        {
            return Ok(rows);
        }
        let nearer = self.nearer(spec, find).await?;
        let find = nearer.as_ref().unwrap_or(find);
        let lowered = self.lowered(&find.filter, spec, 2)?;
        let order = order(&find.sort, spec)?;
        let sql =
            format!("SELECT {columns} FROM {} WHERE dealer_id = ?1 AND {} ORDER BY {order}", spec.name, lowered.sql);
        let mut params = vec![self.dealer_param()];
        params.extend(lowered.values.into_iter().map(Param::from));
        let (mut sql, params) = part_of(sql, params, find.limit, find.skip);
        if (hold, self.backend()) == (Hold::Yes, Backend::Postgres) {
            sql.push_str(" FOR UPDATE");
        }
        self.rows(&sql, &params).await
    }

    /// The same page of documents in the order of time, asked for from the instant at which it begins: the way there goes
    /// through the index alone, where to tell ties by their ids takes every document on the way. None where the page is
    /// near, or in another order.
    async fn nearer(&mut self, spec: &'static KindSpec, find: &Find) -> Result<Option<Find>> {
        let [(column @ ("created_at" | "updated_at"), direction)] = find.sort[..] else { return Ok(None) };
        if find.skip <= DEEP {
            return Ok(None);
        }
        let (word, passed, left) = match direction {
            Direction::Ascending => ("ASC", Op::Lt, Op::Gte),
            Direction::Descending => ("DESC", Op::Gt, Op::Lte),
        };
        let lowered = self.lowered(&find.filter, spec, 2)?;
        let sql = format!(
            "SELECT {column} FROM {} WHERE dealer_id = ?1 AND {} ORDER BY {column} {word}",
            spec.name, lowered.sql
        );
        let mut params = vec![self.dealer_param()];
        params.extend(lowered.values.into_iter().map(Param::from));
        let (sql, params) = part_of(sql, params, 1, find.skip);
        let Some(mut row) = self.row(&sql, &params).await? else {
            return Ok(Some(Find { filter: Filter::Or(Vec::new()), skip: 0, ..find.clone() }));
        };
        let begins = row.int(0)?;
        let among = |op| Filter::And(vec![find.filter.clone(), Filter::compare(column, op, begins)]);
        let passed = self.counted(spec, &among(passed)).await?;
        Ok(Some(Find { filter: among(left), skip: find.skip - passed, ..find.clone() }))
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
        if let Some(words) = only_words(filter, K::SPEC, self) {
            return self.text_count(K::SPEC, &words).await;
        }
        self.counted(K::SPEC, filter).await
    }

    /// A filter as the database takes it, its first place being `?first`.
    pub(crate) fn lowered(&mut self, filter: &Filter, spec: &KindSpec, first: usize) -> Result<Lowered> {
        self.settle_words(filter.asks_words())?;
        lower(filter, spec, self.backend(), self.text_scope(), first)
    }

    async fn counted(&mut self, spec: &'static KindSpec, filter: &Filter) -> Result<i64> {
        let lowered = self.lowered(filter, spec, 2)?;
        let name = spec.name;
        let sql = format!("SELECT count(*) FROM {name} WHERE dealer_id = ?1 AND {}", lowered.sql);
        let mut params = vec![self.dealer_param()];
        params.extend(lowered.values.into_iter().map(Param::from));
        self.row(&sql, &params).await?.map_or(Ok(0), |mut row| row.int(0))
    }

    /// Stores a new document.
    pub async fn insert<K: Kind>(&mut self, document: &Document<K>) -> Result<()> {
        let trees = self.trees(document)?;
        let instants = [document.created_at, document.updated_at];
        self.put_new(K::SPEC, document.id.cast(), document.version, instants, trees).await
    }

    /// Stores a document that this transaction has read; `updated_at` is now, and its version rises by one unless this
    /// transaction has written it before.
    ///
    /// Errors: `VersionBehind` when it is not the version that was read, or another writer was faster; `Internal` when
    /// it was not read.
    pub async fn update<K: Kind>(&mut self, document: &mut Document<K>) -> Result<()> {
        let before = self.seen_at(K::SPEC, document.id.cast(), document.version)?;
        document.version = before.next_version();
        document.updated_at = self.scope().now;
        let trees = self.trees(document)?;
        let instants = [document.created_at, document.updated_at];
        self.put_again(K::SPEC, document.id.cast(), instants, trees, &before).await
    }

    /// Deletes a document that this transaction has read, and its keys.
    ///
    /// Errors: `VersionBehind` when another writer was faster; `Internal` when it was not read.
    pub async fn delete<K: Kind>(&mut self, id: Id<K>) -> Result<()> {
        self.raw_delete(K::SPEC, id.cast()).await
    }

    pub(crate) fn read_document<K: Kind>(&mut self, row: Row, hold: Hold) -> Result<Document<K>> {
        let found = Found::of_row(row)?;
        let broken = |part: &str, error: serde_json::Error| {
            Error::internal(format!("{part} of {} {} cannot be read: {error}", K::SPEC.singular, found.id))
        };
        let document = Document {
            id: found.id.cast(),
            version: found.version,
            created_at: found.created_at,
            updated_at: found.updated_at,
            doc: published::own(&found.doc).map_err(|error| broken("the tree", error))?,
            extra: part(&found.extra).map_err(|error| broken("the extra part", error))?,
            computed: part(&found.computed).map_err(|error| broken("the computed part", error))?,
        };
        self.remember(K::SPEC, found, hold);
        Ok(document)
    }

    fn trees<K: Kind>(&self, document: &Document<K>) -> Result<Trees> {
        let instants = [document.created_at, document.updated_at];
        let (own, id) = (tree(&document.doc)?, document.id.cast());
        let doc = published::whole(K::SPEC, own, id, self.scope().dealer, document.version, instants)?;
        Ok(Trees::new(doc, tree(&document.extra)?, tree(&document.computed)?))
    }
}

/// A part of a document; one that was never written is empty.
fn part<T: DeserializeOwned + Default>(text: &str) -> serde_json::Result<T> {
    if text == "null" { Ok(T::default()) } else { serde_json::from_str(text) }
}
