//! What a group of transactions does to the text indexes of SQLite, gathered until the group commits. An index writes
//! down what it holds at each savepoint and merges such crumbs again and again; so it gets all words of a group at once.

use std::collections::BTreeMap;

use forecourt_query::Backend;
use forecourt_record::{Error, Id, Result, spec::KindSpec};

use crate::{Tx, sqlite::SqliteTx, statements::statements, tx::TxEngine};

/// By kind and row, how the index is to end up.
#[derive(Default)]
pub(crate) struct Texts(BTreeMap<(&'static str, i64), Entry>);

struct Entry {
    spec: &'static KindSpec,
    /// None takes the row out.
    words: Option<String>,
    /// Whether the index had the row before.
    is_there: bool,
}

impl Texts {
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Words of a row that is new.
    pub fn insert(&mut self, spec: &'static KindSpec, row: i64, words: String) {
        self.set(row, Entry { spec, words: Some(words), is_there: false });
    }

    /// Other words of a row that has some.
    pub fn replace(&mut self, spec: &'static KindSpec, row: i64, words: String) {
        self.set(row, Entry { spec, words: Some(words), is_there: true });
    }

    pub fn remove(&mut self, spec: &'static KindSpec, row: i64) {
        self.set(row, Entry { spec, words: None, is_there: true });
    }

    /// Adds what a later transaction does.
    pub fn absorb(&mut self, other: &mut Self) {
        for ((_, row), entry) in std::mem::take(&mut other.0) {
            self.set(row, entry);
        }
    }

    fn set(&mut self, row: i64, entry: Entry) {
        // A number is given again once the last document is gone: what the index has was there before all of this.
        let is_there = self.0.get(&(entry.spec.name, row)).map_or(entry.is_there, |known| known.is_there);
        self.0.insert((entry.spec.name, row), Entry { is_there, ..entry });
    }

    /// Writes it all.
    pub fn store(&mut self, tx: &mut SqliteTx) -> Result<()> {
        let all = std::mem::take(&mut self.0);
        all.iter().try_for_each(|((_, row), entry)| entry.store(*row, tx))
    }

    /// Writes it all for now, and once more at the end: the savepoint it is written in may be rolled back.
    pub fn settle(&mut self, tx: &mut SqliteTx) -> Result<()> {
        for ((_, row), entry) in &mut self.0 {
            entry.store(*row, tx)?;
            entry.is_there = true;
        }
        Ok(())
    }
}

impl Entry {
    fn store(&self, row: i64, tx: &mut SqliteTx) -> Result<()> {
        let statements = statements(self.spec, Backend::Sqlite);
        match (&self.words, self.is_there) {
            (Some(words), false) => tx.execute(&statements.text_insert, &[row.into(), words.as_str().into()])?,
            (Some(words), true) => tx.execute(&statements.text_replace, &[row.into(), words.as_str().into()])?,
            (None, true) => tx.execute(&statements.text_delete, &[row.into()])?,
            (None, false) => 0,
        };
        Ok(())
    }
}

impl Tx {
    /// The row of a document, by which SQLite's text index knows it.
    pub(crate) async fn text_row(&mut self, spec: &'static KindSpec, id: Id<()>) -> Result<i64> {
        let sql = &statements(spec, Backend::Sqlite).text_row;
        let row = self.row(sql, &[self.dealer_param(), id.into()]).await?;
        row.ok_or_else(|| Error::internal("a document without a row"))?.int(0)
    }

    /// The row that was just inserted.
    pub(crate) fn inserted_row(&mut self) -> Option<i64> {
        match &mut self.engine {
            TxEngine::Sqlite(tx) => Some(tx.connection().last_insert_rowid()),
            TxEngine::Postgres(_) => None,
        }
    }
}
