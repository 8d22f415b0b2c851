//! The backup of a PostgreSQL store: a header, then the name of each table and its rows, one JSON value per line, then
//! a line that says it is whole.

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Lines, Write},
    path::Path,
};

use deadpool_postgres::Transaction;
use forecourt_record::{Error, KINDS, Result};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::IsolationLevel;

use crate::{
    backup::{io, partial, settle},
    migrate,
    postgres::Postgres,
    sql::{Param, json},
};

/// The tables beside those of the kinds.
const OTHERS: &[&str] = &[
    "import_rows",
    "secrets",
    "selling_ids",
    "keys",
    "multi",
    "events",
    "jobs",
    "dead_jobs",
    "tallies",
    "counters",
    "agents",
    "credentials",
    "logins",
    "requests",
    "inbound",
    "suppressions",
    "consents",
    "contacted",
];

/// The tables of the store, in the order they are written and read back.
fn tables() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|spec| spec.name).chain(OTHERS.iter().copied())
}

/// The columns whose values the database hands out.
const NUMBERED: &[(&str, &str)] = &[("events", "sequence"), ("jobs", "number"), ("inbound", "number")];

/// Rows read back in one statement.
const BATCH: usize = 500;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    forecourt_backup: u32,
    /// The version of the tables.
    schema: i64,
}

/// The last line: without it the file was broken off.
const END: &str = "end";

#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn failure(error: tokio_postgres::Error) -> Error {
    crate::postgres::failure(&error)
}

fn version() -> i64 {
    migrate::postgres_version().into()
}

/// Writes the store, as it is at one instant, to `file`.
pub async fn write(postgres: &Postgres, file: &Path) -> Result<()> {
    let partial = partial(file)?;
    if let Err(error) = write_to(postgres, &partial).await {
        let _ = std::fs::remove_file(&partial);
        return Err(error);
    }
    settle(&partial, file)
}

async fn write_to(postgres: &Postgres, file: &Path) -> Result<()> {
    let mut client = postgres.client().await?;
    let snapshot = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    let transaction = snapshot.start().await.map_err(failure)?;
    transaction.batch_execute("SET LOCAL statement_timeout = 0").await.map_err(failure)?;
    let mut out = BufWriter::new(File::create(file).map_err(io)?);
    let header = Header { forecourt_backup: 1, schema: version() };
    writeln!(out, "{}", json(&header)?).map_err(io)?;
    for table in tables() {
        writeln!(out, "{}", json(&table)?).map_err(io)?;
        let sql = format!("SELECT CAST(to_jsonb(t) AS TEXT) FROM {table} AS t");
        let rows = transaction.query_raw(&sql, std::iter::empty::<i64>()).await.map_err(failure)?;
        futures::pin_mut!(rows);
        while let Some(row) = rows.try_next().await.map_err(failure)? {
            writeln!(out, "{}", row.try_get::<_, &str>(0).map_err(failure)?).map_err(io)?;
        }
    }
    transaction.commit().await.map_err(failure)?;
    writeln!(out, "{}", json(&END)?).map_err(io)?;
    out.flush().map_err(io)
}

/// Reads a backup into an empty store, in one transaction.
pub async fn read(postgres: &Postgres, file: &Path) -> Result<()> {
    let mut lines = BufReader::new(File::open(file).map_err(io)?).lines();
    let header = lines.next().transpose().map_err(io)?.unwrap_or_default();
    match serde_json::from_str::<Header>(&header) {
        Ok(Header { forecourt_backup: 1, schema }) if schema == version() => {}
        Ok(header) => return Err(Error::internal(format!("this program does not read {header:?}"))),
        Err(_) => return Err(Error::internal("this is not a backup of a PostgreSQL store")),
    }
    let mut client = postgres.client().await?;
    let transaction = client.transaction().await.map_err(failure)?;
    transaction.batch_execute("SET LOCAL statement_timeout = 0").await.map_err(failure)?;
    for table in tables() {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {table})");
        let filled: bool = transaction.query_one(&sql, &[]).await.and_then(|row| row.try_get(0)).map_err(failure)?;
        if filled {
            return Err(Error::internal("the database holds a store already"));
        }
    }
    rows(&transaction, lines).await?;
    // What comes next must not get a number that is already there.
    for (table, column) in NUMBERED {
        let sql = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), COALESCE(max({column}), 0) + 1, false) FROM {table}"
        );
        transaction.batch_execute(&sql).await.map_err(failure)?;
    }
    transaction.commit().await.map_err(failure)
}

async fn rows(transaction: &Transaction<'_>, mut lines: Lines<BufReader<File>>) -> Result<()> {
    let unreadable = || Error::internal("the backup holds a line that cannot be read");
    let (mut table, mut columns) = ("", String::new());
    let mut batch: Vec<Value> = Vec::with_capacity(BATCH);
    loop {
        let Some(line) = lines.next().transpose().map_err(io)? else {
            return Err(Error::internal("the backup was broken off"));
        };
        match serde_json::from_str(&line).map_err(|_| unreadable())? {
            row @ Value::Object(_) if !table.is_empty() => {
                batch.push(row);
                if batch.len() == BATCH {
                    store(transaction, table, &columns, &mut batch).await?;
                }
            }
            Value::String(name) => {
                store(transaction, table, &columns, &mut batch).await?;
                if name == END {
                    return Ok(());
                }
                table = tables().find(|table| *table == name).ok_or_else(unreadable)?;
                columns = columns_of(transaction, table).await?;
            }
            _ => return Err(unreadable()),
        }
    }
}

/// The columns of a table, in their order, as they are taken out of a row that was read back: there a JSON null has
/// become no value at all, which no column of JSON takes.
async fn columns_of(transaction: &Transaction<'_>, table: &str) -> Result<String> {
    let sql = format!(
        "SELECT string_agg(CASE data_type WHEN 'jsonb' THEN format('COALESCE(%I, ''null'')', column_name) \
         ELSE quote_ident(column_name) END, ', ' ORDER BY ordinal_position) FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name = '{table}'"
    );
    transaction.query_one(&sql, &[]).await.and_then(|row| row.try_get(0)).map_err(failure)
}

async fn store(transaction: &Transaction<'_>, table: &str, columns: &str, batch: &mut Vec<Value>) -> Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO {table} OVERRIDING SYSTEM VALUE \
         SELECT {columns} FROM jsonb_populate_recordset(CAST(NULL AS {table}), CAST($1 AS JSONB))"
    );
    let rows = Param::Text(json(&std::mem::take(batch))?);
    transaction.execute(&sql, &[&rows]).await.map(drop).map_err(failure)
}
