//! axum and tokio-postgres: BEGIN, three inserts, COMMIT on a pooled connection; reads by prepared statements.

use axum::Router;
use axum::extract::{Path as Segment, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use bytes::{BufMut as _, Bytes, BytesMut};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use futures::SinkExt as _;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls};

use super::{By, Failure, Filter, Incoming, Words, created_at, json, merge_patch};
use crate::{Result, database, person};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS lead (
  number BIGINT PRIMARY KEY, status TEXT NOT NULL, location TEXT NOT NULL, source TEXT NOT NULL, score BIGINT NOT NULL,
  email TEXT NOT NULL, phone TEXT NOT NULL, created_at BIGINT NOT NULL, doc JSONB NOT NULL);
CREATE INDEX IF NOT EXISTS lead_status ON lead (status, created_at);
CREATE INDEX IF NOT EXISTS lead_place ON lead (location, status, created_at);
CREATE INDEX IF NOT EXISTS lead_email ON lead (email);
CREATE INDEX IF NOT EXISTS lead_phone ON lead (phone);
CREATE SEQUENCE IF NOT EXISTS lead_number;
CREATE TABLE IF NOT EXISTS lead_text (number BIGINT PRIMARY KEY, words TSVECTOR NOT NULL);
CREATE INDEX IF NOT EXISTS lead_words ON lead_text USING GIN (words);
CREATE TABLE IF NOT EXISTS event (
  sequence BIGSERIAL PRIMARY KEY, kind TEXT NOT NULL, lead BIGINT NOT NULL, operation TEXT NOT NULL, actor TEXT NOT NULL,
  dialect TEXT NOT NULL, at BIGINT NOT NULL, patch JSONB NOT NULL);
CREATE TABLE IF NOT EXISTS job (
  number BIGSERIAL PRIMARY KEY, due BIGINT NOT NULL, priority INT NOT NULL, name TEXT NOT NULL, payload JSONB NOT NULL);
CREATE INDEX IF NOT EXISTS job_due ON job (due, priority);
";

/// Opens the database, fills it up to `documents`, and gives the server over it.
pub async fn router(url: &str, connections: usize, documents: u64, names: &[String]) -> Result<Router> {
    let client = database::connect(url).await?;
    client.batch_execute(SCHEMA).await?;
    fill(&client, documents, names).await?;
    let pool = pool(url, connections)?;
    Ok(Router::new()
        .route("/leads", post(create).get(list))
        .route("/leads/{number}", get(read).patch(patch))
        .route("/text", get(text))
        .route("/count", get(count))
        .route("/group", get(group))
        .with_state(pool))
}

pub fn pool(url: &str, connections: usize) -> Result<Pool> {
    let manager = Manager::from_config(url.parse()?, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Ok(Pool::builder(manager).max_size(connections).build()?)
}

/// Adds what is missing by COPY, in one transaction, and settles it.
async fn fill(client: &Client, documents: u64, names: &[String]) -> Result<()> {
    let there: i64 = client.query_one("SELECT count(*) FROM lead", &[]).await?.get(0);
    if there as u64 >= documents {
        return Ok(());
    }
    let columns = "number, status, location, source, score, email, phone, created_at, doc";
    let sink = client.copy_in::<_, Bytes>(&format!("COPY lead ({columns}) FROM STDIN")).await?;
    let mut sink = std::pin::pin!(sink);
    let mut chunk = BytesMut::new();
    for index in there as u64..documents {
        let number = index as i64 + 1;
        let (columns, text) = person::document(index, names);
        let person::Columns { status, place, source, score, email, phone, .. } = columns;
        let (at, doc) = (created_at(number), text.replace('\\', "\\\\"));
        chunk.put_slice(
            format!("{number}\t{status}\t{place}\t{source}\t{score}\t{email}\t{phone}\t{at}\t{doc}\n").as_bytes(),
        );
        if chunk.len() > 1 << 20 {
            sink.send(chunk.split().freeze()).await?;
        }
    }
    sink.send(chunk.freeze()).await?;
    sink.finish().await?;
    client.batch_execute("SELECT setval('lead_number', (SELECT max(number) FROM lead))").await?;
    // Words are indexed here and not by POST, which stands for a create without them.
    client
        .batch_execute(
            "INSERT INTO lead_text SELECT number, to_tsvector('simple', concat_ws(' ', doc ->> 'name', email, phone))
             FROM lead WHERE number > (SELECT coalesce(max(number), 0) FROM lead_text)",
        )
        .await?;
    database::settle(client).await
}

async fn connection(pool: &Pool) -> Result<Object, Failure> {
    pool.get().await.map_err(Failure::store)
}

async fn create(State(pool): State<Pool>, body: Bytes) -> Result<Response, Failure> {
    let incoming = Incoming::parse(&body)?;
    let mut connection = connection(&pool).await?;
    let number = insert(&mut connection, &incoming).await.map_err(Failure::store)?;
    Ok(json(StatusCode::CREATED, format!(r#"{{"id":{number}}}"#)))
}

async fn insert(connection: &mut Object, incoming: &Incoming) -> Result<i64, tokio_postgres::Error> {
    let columns = &incoming.columns;
    let transaction = connection.transaction().await?;
    let lead = "INSERT INTO lead (number, status, location, source, score, email, phone, created_at, doc)
        SELECT n, $1, $2, $3, $4, $5, $6, 1700000000000 + n * 60000, $7::text::jsonb FROM nextval('lead_number') AS n RETURNING number";
    let statement = transaction.prepare_cached(lead).await?;
    let values: [&(dyn ToSql + Sync); 7] = [
        &columns.status,
        &columns.location,
        &columns.source,
        &columns.score,
        &columns.email,
        &columns.phone,
        &incoming.text,
    ];
    let number: i64 = transaction.query_one(&statement, &values).await?.get(0);
    let event = "INSERT INTO event (kind, lead, operation, actor, dialect, at, patch) VALUES ('lead', $1, 'create', 'key', 'bare', $2, $3::text::jsonb)";
    let patch = format!(
        r#"[{{"op":"add","path":"/status","value":"{}"}},{{"op":"add","path":"/source","value":"{}"}}]"#,
        columns.status, columns.source
    );
    transaction.execute(&transaction.prepare_cached(event).await?, &[&number, &created_at(number), &patch]).await?;
    let job = "INSERT INTO job (due, priority, name, payload) VALUES ($1, 5, 'greet.1', $2::text::jsonb)";
    let payload = format!(r#"{{"lead":{number}}}"#);
    transaction.execute(&transaction.prepare_cached(job).await?, &[&created_at(number), &payload]).await?;
    transaction.commit().await?;
    Ok(number)
}

async fn read(State(pool): State<Pool>, Segment(number): Segment<i64>) -> Result<Response, Failure> {
    let rows = query(&pool, "SELECT doc::text FROM lead WHERE number = $1", &[&number]).await?;
    match rows.first() {
        Some(row) => Ok(json(StatusCode::OK, row.get(0))),
        None => Err(Failure::missing()),
    }
}

async fn patch(State(pool): State<Pool>, Segment(number): Segment<i64>, body: Bytes) -> Result<Response, Failure> {
    let patch = merge_patch(&body)?;
    let mut connection = connection(&pool).await?;
    match merge(&mut connection, number, &patch).await.map_err(Failure::store)? {
        Some(text) => Ok(json(StatusCode::OK, text)),
        None => Err(Failure::missing()),
    }
}

async fn merge(connection: &mut Object, number: i64, patch: &str) -> Result<Option<String>, tokio_postgres::Error> {
    let transaction = connection.transaction().await?;
    let merged = "UPDATE lead SET doc = doc || $2::text::jsonb WHERE number = $1 RETURNING doc::text";
    let statement = transaction.prepare_cached(merged).await?;
    let doc = transaction.query_opt(&statement, &[&number, &patch]).await?.map(|row| row.get(0));
    let event = "INSERT INTO event (kind, lead, operation, actor, dialect, at, patch) VALUES ('lead', $1, 'change', 'key', 'bare', $2, $3::text::jsonb)";
    transaction.execute(&transaction.prepare_cached(event).await?, &[&number, &created_at(number), &patch]).await?;
    transaction.commit().await?;
    Ok(doc)
}

async fn list(State(pool): State<Pool>, Query(filter): Query<Filter>) -> Result<Response, Failure> {
    let rows = match (&filter.location, &filter.status) {
        (Some(place), Some(status)) => {
            query(
                &pool,
                "SELECT doc::text FROM lead WHERE location = $1 AND status = $2 ORDER BY created_at DESC LIMIT 25",
                &[place, status],
            )
            .await
        }
        (None, Some(status)) => {
            query(&pool, "SELECT doc::text FROM lead WHERE status = $1 ORDER BY created_at DESC LIMIT 25", &[status])
                .await
        }
        _ => query(&pool, "SELECT doc::text FROM lead ORDER BY number DESC LIMIT 25", &[]).await,
    }?;
    let documents: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    Ok(json(StatusCode::OK, format!(r#"{{"data":[{}]}}"#, documents.join(","))))
}

async fn count(State(pool): State<Pool>, Query(filter): Query<Filter>) -> Result<Response, Failure> {
    let rows = match &filter.status {
        Some(status) => query(&pool, "SELECT count(*) FROM lead WHERE status = $1", &[status]).await,
        None => query(&pool, "SELECT count(*) FROM lead", &[]).await,
    }?;
    let all: i64 = rows.first().map_or(0, |row| row.get(0));
    Ok(json(StatusCode::OK, format!(r#"{{"total":{all}}}"#)))
}

async fn text(State(pool): State<Pool>, Query(words): Query<Words>) -> Result<Response, Failure> {
    let newest = "SELECT doc::text FROM lead WHERE number IN (SELECT number FROM lead_text WHERE words @@ plainto_tsquery('simple', $1) ORDER BY number DESC LIMIT 25) ORDER BY number DESC";
    let rows = query(&pool, newest, &[&words.q]).await?;
    let documents: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    let mut total = String::new();
    if words.total {
        let all = "SELECT count(*) FROM lead_text WHERE words @@ plainto_tsquery('simple', $1)";
        let rows = query(&pool, all, &[&words.q]).await?;
        total = format!(r#","total":{}"#, rows.first().map_or(0, |row| row.get::<_, i64>(0)));
    }
    Ok(json(StatusCode::OK, format!(r#"{{"data":[{}]{total}}}"#, documents.join(","))))
}

/// Counts over all rows: what an analytics page costs without tallies.
async fn group(State(pool): State<Pool>, Query(by): Query<By>) -> Result<Response, Failure> {
    let columns = by.columns();
    let text = format!(
        "SELECT row_to_json(found)::text FROM (SELECT {columns}, count(*) FROM lead GROUP BY {columns}) AS found"
    );
    let rows = query(&pool, &text, &[]).await?;
    let groups: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    Ok(json(StatusCode::OK, format!("[{}]", groups.join(","))))
}

pub async fn query(
    pool: &Pool,
    text: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Vec<tokio_postgres::Row>, Failure> {
    let connection = connection(pool).await?;
    let statement = connection.prepare_cached(text).await.map_err(Failure::store)?;
    connection.query(&statement, values).await.map_err(Failure::store)
}
