//! Bare servers made of the same parts as Forecourt and nothing of what it is for: the ceiling it is held against.
//!
//! They answer the same questions over the same HTTP stack from as many documents, without identity, scoring,
//! routing, rights, limits or tallies. Run as a child process; the first line printed is the URL.

pub mod due;
mod echo;
mod postgres;
mod readers;
mod sqlite;
pub mod stock;
mod writer;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt as _;
use clap::{Args, Subcommand};
use serde::Deserialize;

use crate::{Result, person};

#[derive(Subcommand)]
pub enum Kind {
    /// axum alone: the floor of HTTP and JSON.
    Echo(Listen),
    /// axum and rusqlite: one writer thread with group commit, readers on their own threads.
    Sqlite {
        #[command(flatten)]
        common: Common,
        /// Folder of the database; made when missing.
        #[arg(long)]
        data: PathBuf,
        /// Reader threads.
        #[arg(long, default_value_t = 2)]
        readers: usize,
    },
    /// axum and tokio-postgres: BEGIN, three inserts, COMMIT on a pooled connection.
    Postgres {
        #[command(flatten)]
        common: Common,
        /// An existing database for this server alone.
        #[arg(long)]
        database: String,
        /// Connections in the pool.
        #[arg(long, default_value_t = 32)]
        pool: usize,
    },
    /// axum and rusqlite over the stock in a store of the subject's, which is only read.
    StockSqlite {
        #[command(flatten)]
        stock: Stock,
        /// Folder of the store.
        #[arg(long)]
        data: PathBuf,
        /// Reader threads.
        #[arg(long, default_value_t = 2)]
        readers: usize,
    },
    /// axum and tokio-postgres over the stock in a database of the subject's, which is only read.
    StockPostgres {
        #[command(flatten)]
        stock: Stock,
        #[arg(long)]
        database: String,
        /// Connections in the pool.
        #[arg(long, default_value_t = 32)]
        pool: usize,
    },
}

#[derive(Args)]
pub struct Stock {
    #[command(flatten)]
    listen: Listen,
    /// Whose stock.
    #[arg(long)]
    dealer: String,
}

#[derive(Args)]
pub struct Listen {
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

#[derive(Args)]
pub struct Common {
    #[command(flatten)]
    listen: Listen,
    /// Documents there must be before the first request; missing ones are made.
    #[arg(long, default_value_t = 0)]
    documents: u64,
    /// A file with one name per line to make them of, so that words are as common here as on the other side.
    #[arg(long)]
    names: Option<PathBuf>,
}

/// Prepares the store, prints the URL and serves until the process is told to end.
pub async fn serve(kind: Kind) -> Result<()> {
    let (router, listen) = match kind {
        Kind::Echo(listen) => (echo::router(), listen),
        Kind::Sqlite { common, data, readers } => {
            (sqlite::router(&data, readers, common.documents, &names(common.names.as_deref())?)?, common.listen)
        }
        Kind::Postgres { common, database, pool } => (
            postgres::router(&database, pool, common.documents, &names(common.names.as_deref())?).await?,
            common.listen,
        ),
        Kind::StockSqlite { stock, data, readers } => {
            (stock::sqlite::router(&data, readers, &stock.dealer)?, stock.listen)
        }
        Kind::StockPostgres { stock, database, pool } => {
            (stock::postgres::router(&database, pool, &stock.dealer)?, stock.listen)
        }
    };
    let router = router.route("/health/ready", axum::routing::get(|| async { "ready" }));
    let listener = tokio::net::TcpListener::bind(listen.listen).await?;
    crate::answer(&format!("http://{}", listener.local_addr()?));
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    Ok(axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        })
        .await?)
}

fn names(file: Option<&Path>) -> Result<Vec<String>> {
    let Some(file) = file else {
        return Ok(person::names());
    };
    let names: Vec<String> = std::fs::read_to_string(file)?.lines().map(str::to_owned).collect();
    if names.is_empty() { Err("the file of names is empty".into()) } else { Ok(names) }
}

/// What a list may be narrowed by.
#[derive(Deserialize)]
struct Filter {
    status: Option<String>,
    location: Option<String>,
}

#[derive(Deserialize)]
struct Words {
    q: String,
    /// Also count every match, as a list with an exact total must.
    #[serde(default)]
    total: bool,
}

/// What is counted by.
#[derive(Default, Deserialize)]
struct By {
    by: Option<Dimension>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Dimension {
    Status,
    Score,
}

impl By {
    /// Place and status where nothing is said: an index covers them, as it does status, but not score.
    const fn columns(&self) -> &'static str {
        match self.by {
            None => "location, status",
            Some(Dimension::Status) => "status",
            Some(Dimension::Score) => "score",
        }
    }
}

/// A merge patch, parsed and printed as any server must.
fn merge_patch(body: &[u8]) -> Result<String, Failure> {
    serde_json::from_slice::<serde_json::Value>(body).map(|patch| patch.to_string()).map_err(Failure::malformed)
}

/// The members of a posted document that become columns.
#[derive(Deserialize)]
struct Posted {
    status: String,
    location: String,
    source: String,
    score: i64,
    name: String,
    email: String,
    phone: String,
}

/// A document as it goes to the store: its columns, and its text.
struct Incoming {
    columns: Posted,
    text: String,
}

impl Incoming {
    /// Parses the whole body, as any server must, and prints it again, as any server that stores its own form does.
    fn parse(body: &[u8]) -> Result<Self, Failure> {
        let value: serde_json::Value = serde_json::from_slice(body).map_err(Failure::malformed)?;
        Ok(Self { text: value.to_string(), columns: serde_json::from_value(value).map_err(Failure::malformed)? })
    }
}

/// An answer other than the hoped for; text, since only the bench reads it.
struct Failure(StatusCode, String);

impl Failure {
    fn malformed(error: impl std::fmt::Display) -> Self {
        Self(StatusCode::BAD_REQUEST, error.to_string())
    }

    fn missing() -> Self {
        Self(StatusCode::NOT_FOUND, "no such lead".to_owned())
    }

    fn store(error: impl std::fmt::Display) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

/// An answer whose JSON text is at hand already.
fn json(status: StatusCode, text: String) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], text).into_response()
}

/// Created instants of the documents: one a minute, so that order by time and by number agree.
const fn created_at(number: i64) -> i64 {
    1_700_000_000_000 + number * 60_000
}

#[cfg(test)]
pub mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use rand::SeedableRng as _;
    use rand::rngs::SmallRng;
    use serde_json::Value;

    use super::*;
    use crate::client::{call, get, post};
    use crate::subject::{Access, Facts};
    use crate::walcu;
    use crate::work::{self, Backend};

    pub async fn start(router: axum::Router) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    async fn sqlite(folder: &Path) -> SocketAddr {
        start(sqlite::router(folder, 2, 500, &person::names()).unwrap()).await
    }

    async fn total(address: SocketAddr, path: &str) -> Value {
        call(address, get(path, None)).await.unwrap().1["total"].clone()
    }

    #[tokio::test]
    async fn every_work_is_answered_as_it_expects() {
        let folder = tempfile::tempdir().unwrap();
        let (store, floor) = (sqlite(folder.path()).await, start(echo::router()).await);
        let facts = Arc::new(Facts::invented(500));
        // Groups are counted before anything is added.
        let mut works = walcu::walcu(Backend::Sqlite, &Access::default(), &facts, &Arc::default());
        works.extend(work::altum(Backend::Sqlite, "", &facts, &Arc::default()));
        for (address, works) in [(floor, work::floor()), (store, works)] {
            for work in works {
                let asked = work.reference.unwrap().call;
                let (status, body) = call(address, (asked.factory)(&mut SmallRng::seed_from_u64(1))).await.unwrap();
                assert_eq!(status, asked.expect, "{}: {body}", work.name);
                match work.name {
                    "list" | "list-all" | "list-place" | "walcu-list" => {
                        assert_eq!(body["data"].as_array().unwrap().len(), 25);
                    }
                    "text" | "walcu-text" => assert!(body["total"].as_u64() >= Some(1), "{body}"),
                    "walcu-group" | "walcu-group-scan" => {
                        let groups = body.as_array().unwrap();
                        let counts = groups.iter().map(|group| group[1].as_u64().unwrap());
                        assert_eq!(counts.sum::<u64>(), 500, "{body}");
                    }
                    "walcu-patch" => assert_eq!(body["custom"]["campaign"], "bench", "{body}"),
                    _ => {}
                }
            }
        }
    }

    #[tokio::test]
    async fn what_is_posted_is_found_and_what_is_there_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let address = sqlite(folder.path()).await;
        let text = person::document(1 << 32, &["Zoe Unheard".to_owned()]).1;
        let (status, body) = call(address, post("/leads", None, text.clone())).await.unwrap();
        assert_eq!((status, &body["id"]), (StatusCode::CREATED, &501.into()));
        let (_, read) = call(address, get("/leads/501", None)).await.unwrap();
        assert_eq!(read, serde_json::from_str::<Value>(&text).unwrap());
        assert_eq!(total(address, "/text?q=unheard&total=true").await, 1);
        assert_eq!(call(address, post("/leads", None, "{}")).await.unwrap().0, StatusCode::BAD_REQUEST);
        assert_eq!(call(address, get("/leads/502", None)).await.unwrap().0, StatusCode::NOT_FOUND);
        let again = start(sqlite::router(folder.path(), 1, 600, &person::names()).unwrap()).await;
        assert_eq!(total(again, "/count").await, 600);
    }
}
