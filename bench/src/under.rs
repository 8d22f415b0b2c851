//! The subject's store, opened beside it: to multiply what its own doors have made, and to read what it has recorded.

use rusqlite::types::ValueRef;
use tokio_postgres::SimpleQueryMessage;

use crate::subject::Store;
use crate::{Result, database};

/// A connection of the bench's own. What it is told is made of the store's own ids and of numbers.
pub enum Under {
    Sqlite(rusqlite::Connection),
    Postgres(tokio_postgres::Client),
}

impl Under {
    /// Opens it so that what is written in bulk does not wait for the disk.
    pub async fn open(store: &Store) -> Result<Self> {
        Ok(match store {
            Store::Folder(folder) => {
                let connection = rusqlite::Connection::open(folder.join("forecourt.db"))?;
                connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA busy_timeout = 10000")?;
                Self::Sqlite(connection)
            }
            Store::Database(url) => Self::Postgres(database::connect(&database::unhurried(url)).await?),
        })
    }

    /// One of two ways to say something.
    pub fn either<'a>(&self, sqlite: &'a str, postgres: &'a str) -> &'a str {
        match self {
            Self::Sqlite(_) => sqlite,
            Self::Postgres(_) => postgres,
        }
    }

    /// Runs a statement. Gives the rows it touched.
    pub async fn run(&self, sql: &str) -> Result<u64> {
        Ok(match self {
            Self::Sqlite(connection) => connection.execute(sql, [])? as u64,
            Self::Postgres(client) => client.execute(sql, &[]).await?,
        })
    }

    /// Rows, each value as text; what is missing is empty.
    pub async fn rows(&self, sql: &str) -> Result<Vec<Vec<String>>> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare(sql)?;
                let columns = statement.column_count();
                let rows = statement.query_map([], |row| {
                    let text = |at| {
                        Ok(match row.get_ref(at)? {
                            ValueRef::Integer(number) => number.to_string(),
                            ValueRef::Real(number) => number.to_string(),
                            ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
                            ValueRef::Null => String::new(),
                        })
                    };
                    (0..columns).map(text).collect()
                })?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            }
            Self::Postgres(client) => {
                let answers = client.simple_query(sql).await?;
                let rows = answers.iter().filter_map(|answer| match answer {
                    SimpleQueryMessage::Row(row) => {
                        Some((0..row.len()).map(|at| row.get(at).unwrap_or_default().to_owned()).collect())
                    }
                    _ => None,
                });
                Ok(rows.collect())
            }
        }
    }

    /// The first row, which has so many values.
    pub async fn row<const N: usize>(&self, sql: &str) -> Result<[String; N]> {
        let first = self.rows(sql).await?.into_iter().next().ok_or_else(|| format!("no row: {sql}"))?;
        first.try_into().map_err(|_| format!("not {N} values: {sql}").into())
    }

    /// The only value of the first row, a whole number.
    pub async fn number(&self, sql: &str) -> Result<i64> {
        let [value] = self.row(sql).await?;
        Ok(value.parse().map_err(|error| format!("{value}: {error}: {sql}"))?)
    }

    /// Settles what was written in bulk, so that nobody pays for it while somebody is measured.
    pub async fn settle(&self) -> Result<()> {
        match self {
            Self::Sqlite(connection) => {
                connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
                Ok(())
            }
            Self::Postgres(client) => database::settle(client).await,
        }
    }
}
