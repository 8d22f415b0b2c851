//! axum and rusqlite over the stock.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use rusqlite::types::ToSql;
use rusqlite::{Connection, params};

use super::super::Failure;
use super::super::readers::Readers;
use super::{Deep, Example, PAGE, VALUES, Words, prefix};
use crate::Result;

#[derive(Clone)]
struct Store {
    readers: Readers,
    dealer: Arc<str>,
    prefix: Arc<str>,
}

/// Opens the store in `folder` for reading, and gives the server over its stock.
pub fn router(folder: &Path, readers: usize, dealer: &str) -> Result<Router> {
    let readers = Readers::start(&folder.join("forecourt.db"), readers)?;
    let store = Store { readers, dealer: dealer.into(), prefix: prefix(dealer)?.into() };
    Ok(Router::new()
        .route("/stock/example", get(example))
        .route("/stock/text", get(text))
        .route("/stock/deep", get(deep))
        .route("/stock/values", get(values))
        .with_state(store))
}

const HITS: &str = "SELECT rowid FROM cars_text WHERE cars_text MATCH ?2";

impl Store {
    /// The last word may be the beginning of one.
    fn word(&self, word: &str) -> String {
        format!("\"{}{}\" *", self.prefix, word.replace('"', " "))
    }
}

async fn example(State(store): State<Store>, Query(asked): Query<Example>) -> Result<Response, Failure> {
    let (dealer, word) = (store.dealer.clone(), store.word(&asked.search));
    let ask = move |connection: &Connection| {
        let filter = format!(
            "dealer_id = ?1 AND row IN ({HITS}) AND vehicle_state = ?3 AND make_name = ?4 AND kilometers BETWEEN ?5 AND ?6 \
             AND first_registration >= ?7 AND first_registration < ?8 AND color_id IN (SELECT value FROM json_each(?9))"
        );
        let values = params![
            dealer,
            word,
            asked.state,
            asked.make,
            asked.kilometers_from * 100,
            asked.kilometers_to * 100,
            asked.registered_from,
            asked.registered_before,
            format!("[{}]", asked.colors),
        ];
        let total = count(connection, &format!("SELECT count(*) FROM cars WHERE {filter}"), values)?;
        page(connection, &filter, values, 0, total).map(Some)
    };
    store.readers.read(ask).await
}

async fn text(State(store): State<Store>, Query(words): Query<Words>) -> Result<Response, Failure> {
    let (dealer, word) = (store.dealer.clone(), store.word(&words.q));
    let ask = move |connection: &Connection| {
        let total = count(connection, "SELECT count(*) FROM cars_text WHERE cars_text MATCH ?1", &[&word])?;
        page(connection, &format!("dealer_id = ?1 AND row IN ({HITS})"), params![dealer, word], 0, total).map(Some)
    };
    store.readers.read(ask).await
}

async fn deep(State(store): State<Store>, Query(asked): Query<Deep>) -> Result<Response, Failure> {
    let dealer = store.dealer.clone();
    let ask = move |connection: &Connection| {
        let (filter, values) = ("dealer_id = ?1 AND vehicle_state = ?2", params![dealer, asked.state]);
        let total = count(connection, &format!("SELECT count(*) FROM cars WHERE {filter}"), values)?;
        page(connection, filter, values, asked.offset, total).map(Some)
    };
    store.readers.read(ask).await
}

fn count(connection: &Connection, query: &str, values: &[&dyn ToSql]) -> rusqlite::Result<i64> {
    connection.prepare_cached(query)?.query_row(values, |row| row.get(0))
}

/// A page of listings, newest first. Which ones is found out before any of them is read.
fn page(
    connection: &Connection,
    filter: &str,
    values: &[&dyn ToSql],
    offset: i64,
    total: i64,
) -> rusqlite::Result<String> {
    const NEWEST: &str = "ORDER BY created_at DESC, id DESC";
    let rows = format!("SELECT row FROM cars WHERE {filter} {NEWEST} LIMIT {PAGE} OFFSET {offset}");
    let query = format!("SELECT extra FROM cars NOT INDEXED WHERE row IN ({rows}) {NEWEST}");
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query(values)?;
    let mut out = String::with_capacity(64 * 1024);
    let _ = write!(out, r#"{{"total":{total},"list":["#);
    let mut comma = "";
    while let Some(row) = rows.next()? {
        out.push_str(comma);
        out.push_str(row.get_ref(0)?.as_str()?);
        comma = ",";
    }
    out.push_str("]}");
    Ok(out)
}

async fn values(State(store): State<Store>) -> Result<Response, Failure> {
    let dealer = store.dealer.clone();
    let ask = move |connection: &Connection| {
        let list = |(_, column): &(&str, &str)| {
            format!(
                "(SELECT json_group_array(value) FROM (SELECT DISTINCT {column} AS value FROM cars \
                 WHERE dealer_id = ?1 AND {column} IS NOT NULL ORDER BY {column}))"
            )
        };
        let lists = VALUES.iter().map(list).collect::<Vec<_>>().join(", ");
        let mut statement = connection.prepare_cached(&format!("SELECT {lists}"))?;
        let lists: Vec<String> =
            statement.query_row(params![dealer], |row| (0..VALUES.len()).map(|at| row.get(at)).collect())?;
        Ok(super::values(lists).ok().map(|values| values.to_string()))
    };
    store.readers.read(ask).await
}
