//! axum and rusqlite: WAL, full durability, four secondary indexes, full text, readers on their own threads.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::mpsc::Sender;

use axum::Router;
use axum::extract::{Path as Segment, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use rusqlite::types::{ToSql, ValueRef};
use rusqlite::{Connection, OptionalExtension as _};
use tokio::sync::oneshot;

use super::readers::{Readers, tune};
use super::writer::{self, Asked, Write};
use super::{By, Failure, Filter, Incoming, Posted, Words, json, merge_patch};
use crate::{Result, person};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS lead (
  number INTEGER PRIMARY KEY, status TEXT NOT NULL, location TEXT NOT NULL, source TEXT NOT NULL, score INTEGER NOT NULL,
  email TEXT NOT NULL, phone TEXT NOT NULL, created_at INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS lead_status ON lead (status, created_at);
CREATE INDEX IF NOT EXISTS lead_place ON lead (location, status, created_at);
CREATE INDEX IF NOT EXISTS lead_email ON lead (email);
CREATE INDEX IF NOT EXISTS lead_phone ON lead (phone);
CREATE VIRTUAL TABLE IF NOT EXISTS lead_text USING fts5(text, content='');
CREATE TABLE IF NOT EXISTS event (
  sequence INTEGER PRIMARY KEY, kind TEXT NOT NULL, lead INTEGER NOT NULL, operation TEXT NOT NULL, actor TEXT NOT NULL,
  dialect TEXT NOT NULL, at INTEGER NOT NULL, patch TEXT NOT NULL);
";

#[derive(Clone)]
struct Store {
    writer: Sender<Asked>,
    readers: Readers,
}

/// Opens or makes the database in `folder`, fills it up to `documents`, and gives the server over it.
pub fn router(folder: &Path, readers: usize, documents: u64, names: &[String]) -> Result<Router> {
    std::fs::create_dir_all(folder)?;
    let file = folder.join("reference.db");
    let connection = Connection::open(&file)?;
    connection.execute_batch("PRAGMA journal_mode = WAL")?;
    connection.execute_batch(SCHEMA)?;
    tune(&connection)?;
    fill(&connection, documents, names)?;
    connection.execute_batch("PRAGMA synchronous = FULL")?;

    let store = Store { writer: writer::start(connection), readers: Readers::start(&file, readers)? };
    Ok(Router::new()
        .route("/leads", post(create).get(list))
        .route("/plain", post(create_plain))
        .route("/leads/{number}", get(read).patch(patch))
        .route("/text", get(text))
        .route("/count", get(count))
        .route("/group", get(group))
        .with_state(store))
}

/// Adds what is missing in one transaction without waiting for the disk: nothing is lost that could not be made again.
fn fill(connection: &Connection, documents: u64, names: &[String]) -> Result<()> {
    let there: i64 = connection.query_row("SELECT count(*) FROM lead", [], |row| row.get(0))?;
    connection.execute_batch("PRAGMA synchronous = OFF; BEGIN")?;
    for number in there as u64..documents {
        let (columns, text) = person::document(number, names);
        let person::Columns { status, place, source, score, name, email, phone } = columns;
        let columns =
            Posted { status: status.into(), location: place.into(), source: source.into(), score, name, email, phone };
        writer::insert(connection, &Incoming { columns, text }, true)?;
    }
    connection.execute_batch("COMMIT")?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

async fn create(State(store): State<Store>, body: Bytes) -> Result<Response, Failure> {
    insert(&store, &body, true).await
}

async fn create_plain(State(store): State<Store>, body: Bytes) -> Result<Response, Failure> {
    insert(&store, &body, false).await
}

async fn insert(store: &Store, body: &[u8], whole: bool) -> Result<Response, Failure> {
    write(store, StatusCode::CREATED, Write::Insert { incoming: Incoming::parse(body)?, whole }).await
}

async fn patch(State(store): State<Store>, Segment(number): Segment<i64>, body: Bytes) -> Result<Response, Failure> {
    write(&store, StatusCode::OK, Write::Patch { number, patch: merge_patch(&body)? }).await
}

async fn write(store: &Store, done: StatusCode, write: Write) -> Result<Response, Failure> {
    let (reply, answer) = oneshot::channel();
    store.writer.send(Asked { write, reply }).map_err(Failure::store)?;
    match answer.await.map_err(Failure::store)?.map_err(Failure::store)? {
        Some(text) => Ok(json(done, text)),
        None => Err(Failure::missing()),
    }
}

async fn read(State(store): State<Store>, Segment(number): Segment<i64>) -> Result<Response, Failure> {
    store
        .readers
        .read(move |connection| {
            connection
                .prepare_cached("SELECT doc FROM lead WHERE number = ?1")?
                .query_row([number], |row| row.get(0))
                .optional()
        })
        .await
}

async fn list(State(store): State<Store>, Query(filter): Query<Filter>) -> Result<Response, Failure> {
    store
        .readers
        .read(move |connection| match (&filter.location, &filter.status) {
            (Some(place), Some(status)) => documents(
                connection,
                "SELECT doc FROM lead WHERE location = ?1 AND status = ?2 ORDER BY created_at DESC LIMIT 25",
                &[place, status],
            ),
            (None, Some(status)) => documents(
                connection,
                "SELECT doc FROM lead WHERE status = ?1 ORDER BY created_at DESC LIMIT 25",
                &[status],
            ),
            _ => documents(connection, "SELECT doc FROM lead ORDER BY number DESC LIMIT 25", &[]),
        })
        .await
}

/// The documents of a query, joined without opening them.
fn documents(connection: &Connection, query: &str, values: &[&dyn ToSql]) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query(values)?;
    let mut out = String::with_capacity(64 * 1024);
    out.push_str(r#"{"data":["#);
    let mut comma = "";
    while let Some(row) = rows.next()? {
        out.push_str(comma);
        out.push_str(row.get_ref(0)?.as_str()?);
        comma = ",";
    }
    out.push_str("]}");
    Ok(Some(out))
}

async fn text(State(store): State<Store>, Query(words): Query<Words>) -> Result<Response, Failure> {
    store
        .readers
        .read(move |connection| {
            let wanted = format!("\"{}\"", words.q.replace('"', " "));
            let newest = "SELECT doc FROM lead WHERE number IN (SELECT rowid FROM lead_text WHERE text MATCH ?1 ORDER BY rowid DESC LIMIT 25) ORDER BY number DESC";
            let found = documents(connection, newest, &[&wanted])?;
            if !words.total {
                return Ok(found);
            }
            let all: i64 =
                connection.prepare_cached("SELECT count(*) FROM lead_text WHERE text MATCH ?1")?.query_row([&wanted], |row| row.get(0))?;
            Ok(found.map(|mut out| {
                out.truncate(out.len() - 1);
                let _ = write!(out, r#","total":{all}}}"#);
                out
            }))
        })
        .await
}

async fn count(State(store): State<Store>, Query(filter): Query<Filter>) -> Result<Response, Failure> {
    store
        .readers
        .read(move |connection| {
            let all: i64 = match &filter.status {
                Some(status) => connection
                    .prepare_cached("SELECT count(*) FROM lead WHERE status = ?1")?
                    .query_row([status], |row| row.get(0))?,
                None => connection.prepare_cached("SELECT count(*) FROM lead")?.query_row([], |row| row.get(0))?,
            };
            Ok(Some(format!(r#"{{"total":{all}}}"#)))
        })
        .await
}

/// Counts by reading a whole index, or the whole table: what an analytics page costs without tallies.
async fn group(State(store): State<Store>, Query(by): Query<By>) -> Result<Response, Failure> {
    store
        .readers
        .read(move |connection| {
            let columns = by.columns();
            let text = format!("SELECT {columns}, count(*) FROM lead GROUP BY {columns}");
            let mut statement = connection.prepare_cached(&text)?;
            let width = statement.column_count();
            let mut rows = statement.query([])?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                let cells = (0..width).map(|at| {
                    Ok(match row.get_ref(at)? {
                        ValueRef::Integer(number) => number.into(),
                        other => serde_json::Value::from(other.as_str()?),
                    })
                });
                out.push(cells.collect::<rusqlite::Result<serde_json::Value>>()?);
            }
            Ok(Some(serde_json::Value::Array(out).to_string()))
        })
        .await
}
