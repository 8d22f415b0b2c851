//! axum and tokio-postgres over the stock.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use deadpool_postgres::Pool;
use tokio_postgres::types::ToSql;

use super::super::postgres::{self, query};
use super::super::{Failure, json};
use super::{Deep, Example, PAGE, VALUES, Words, prefix};
use crate::Result;

#[derive(Clone)]
struct Store {
    pool: Pool,
    dealer: Arc<str>,
    prefix: Arc<str>,
}

/// Gives the server over the stock in an existing database.
pub fn router(url: &str, connections: usize, dealer: &str) -> Result<Router> {
    let pool = postgres::pool(url, connections)?;
    let store = Store { pool, dealer: dealer.into(), prefix: prefix(dealer)?.into() };
    Ok(Router::new()
        .route("/stock/example", get(example))
        .route("/stock/text", get(text))
        .route("/stock/deep", get(deep))
        .route("/stock/values", get(values))
        .with_state(store))
}

const HAS_WORD: &str = "words @@ $2::text::tsquery";

impl Store {
    /// The last word may be the beginning of one.
    fn word(&self, word: &str) -> String {
        format!("'{}{}':*", self.prefix, word.replace('\'', " "))
    }

    /// A page of listings, newest first, and how many there are.
    async fn page(&self, filter: &str, values: &[&(dyn ToSql + Sync)], offset: i64) -> Result<Response, Failure> {
        let count = format!("SELECT count(*) FROM cars WHERE {filter}");
        let total: i64 = query(&self.pool, &count, values).await?.first().map_or(0, |row| row.get(0));
        // A text is made of no listing that is passed over.
        let ids = format!(
            "SELECT id FROM cars WHERE {filter} ORDER BY created_at DESC, id DESC LIMIT {PAGE} OFFSET {offset}"
        );
        let page = format!(
            "SELECT extra::text FROM cars WHERE dealer_id = $1 AND id IN ({ids}) ORDER BY created_at DESC, id DESC"
        );
        let rows = query(&self.pool, &page, values).await?;
        let listings: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
        Ok(json(StatusCode::OK, format!(r#"{{"total":{total},"list":[{}]}}"#, listings.join(","))))
    }
}

async fn example(State(store): State<Store>, Query(asked): Query<Example>) -> Result<Response, Failure> {
    let filter = format!(
        "dealer_id = $1 AND {HAS_WORD} AND vehicle_state = $3 AND make_name = $4 AND kilometers BETWEEN $5 AND $6 \
         AND first_registration >= $7 AND first_registration < $8 AND color_id = ANY($9)"
    );
    let colors: Vec<i64> =
        asked.colors.split(',').map(str::parse).collect::<Result<_, _>>().map_err(Failure::malformed)?;
    let (dealer, word) = (&*store.dealer, store.word(&asked.search));
    let (least, most) = (asked.kilometers_from * 100, asked.kilometers_to * 100);
    let values: [&(dyn ToSql + Sync); 9] = [
        &dealer,
        &word,
        &asked.state,
        &asked.make,
        &least,
        &most,
        &asked.registered_from,
        &asked.registered_before,
        &colors,
    ];
    store.page(&filter, &values, 0).await
}

async fn text(State(store): State<Store>, Query(words): Query<Words>) -> Result<Response, Failure> {
    let (dealer, word) = (&*store.dealer, store.word(&words.q));
    store.page(&format!("dealer_id = $1 AND {HAS_WORD}"), &[&dealer, &word], 0).await
}

async fn deep(State(store): State<Store>, Query(asked): Query<Deep>) -> Result<Response, Failure> {
    let dealer = &*store.dealer;
    store.page("dealer_id = $1 AND vehicle_state = $2", &[&dealer, &asked.state], asked.offset).await
}

async fn values(State(store): State<Store>) -> Result<Response, Failure> {
    let list = |(_, column): &(&str, &str)| {
        format!(
            "(SELECT coalesce(json_agg(value ORDER BY value), '[]')::text FROM (SELECT DISTINCT {column} AS value FROM cars \
             WHERE dealer_id = $1 AND {column} IS NOT NULL) AS found)"
        )
    };
    let lists = VALUES.iter().map(list).collect::<Vec<_>>().join(", ");
    let dealer = &*store.dealer;
    let rows = query(&store.pool, &format!("SELECT {lists}"), &[&dealer]).await?;
    let row = rows.first().ok_or_else(Failure::missing)?;
    let found = super::values((0..VALUES.len()).map(|at| row.get(at)))?;
    Ok(json(StatusCode::OK, found.to_string()))
}
