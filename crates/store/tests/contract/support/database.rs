//! Databases to test in: one for this process, more where a whole store is the subject.

use std::io::Write as _;
use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering::Relaxed},
    mpsc,
};

use forecourt_store::{Location, file_in};
use tokio_postgres::{Client, NoTls};

/// What the names of our databases begin with.
const PREFIX: &str = "forecourt_contract_";

/// The server to test on, as the address of a database that others can be made from.
fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<String>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let server = std::env::var("FORECOURT_TEST_POSTGRES").ok().filter(|url| !url.is_empty());
        if server.is_none() {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "FORECOURT_TEST_POSTGRES is not set");
            // Straight to the file: what a passing test prints is not shown.
            let said = "!!! NO POSTGRESQL: FORECOURT_TEST_POSTGRES is not set, only SQLite is tested !!!\n";
            std::io::stderr().write_all(said.as_bytes()).unwrap();
        }
        server
    });
    server.as_deref()
}

/// The database that most tests of this process share, each with a dealer of its own.
pub fn shared() -> Option<String> {
    static SHARED: OnceLock<String> = OnceLock::new();
    server().map(|_| SHARED.get_or_init(create_database).clone())
}

/// Makes an empty database. It is dropped by a later run, once this process has let go of it.
pub fn create_database() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = server().expect("asked for on PostgreSQL only");
    let name = format!("{PREFIX}{}_{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
    let url = with_database(server, &name);
    let (made, when_made) = mpsc::channel();
    let there = url.clone();
    // The thread keeps a connection to the database as long as the process lives: that is what tells it from one that
    // was left behind.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let _keeper = create(server, &name, &there).await;
            made.send(()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    when_made.recv().unwrap();
    url
}

async fn create(server: &str, name: &str, url: &str) -> Client {
    let maintenance = connect(server).await;
    // One process at a time, so that nobody drops a database before its maker has connected to it.
    maintenance.batch_execute("SELECT pg_advisory_lock(7310)").await.unwrap();
    let left_behind = format!(
        "SELECT datname FROM pg_database WHERE datname LIKE '{PREFIX}%' AND NOT EXISTS \
         (SELECT 1 FROM pg_stat_activity WHERE pg_stat_activity.datname = pg_database.datname)"
    );
    for row in maintenance.query(&left_behind, &[]).await.unwrap() {
        maintenance.batch_execute(&format!("DROP DATABASE {}", row.get::<_, &str>(0))).await.unwrap();
    }
    maintenance.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    connect(url).await
}

fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let (host, _) = address.rsplit_once('/').unwrap();
    format!("{host}/{name}?{parameters}").trim_end_matches('?').to_owned()
}

pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A connection around the store.
pub enum Raw {
    Sqlite(rusqlite::Connection),
    Postgres(Client),
}

impl Raw {
    pub async fn open(location: &Location) -> Self {
        match location {
            Location::Folder(folder) => Self::Sqlite(rusqlite::Connection::open(file_in(folder)).unwrap()),
            Location::Url(url) => Self::Postgres(connect(url).await),
        }
    }

    pub async fn run(&self, sql: &str) {
        match self {
            Self::Sqlite(connection) => connection.execute_batch(sql).unwrap(),
            Self::Postgres(client) => client.batch_execute(sql).await.unwrap(),
        }
    }

    /// The texts in the only column of the answer.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare(sql).unwrap();
                let rows = statement.query_map([], |row| row.get(0)).unwrap();
                rows.collect::<rusqlite::Result<_>>().unwrap()
            }
            Self::Postgres(client) => client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect(),
        }
    }
}
