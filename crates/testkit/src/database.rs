//! A place for a store: a folder of its own for SQLite, a database per test process for PostgreSQL.

use forecourt_store::Location;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Where a store is, for as long as this lives.
pub struct Place {
    pub location: Location,
    _folder: Option<TempDir>,
}

impl Place {
    /// A place for a test's store; none when PostgreSQL is not to be had. Under `CI=true` that is a failure.
    ///
    /// # Panics
    /// When the place cannot be made.
    pub async fn new(backend: Backend) -> Option<Self> {
        match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                Some(Self { location: Location::Folder(folder.path().to_owned()), _folder: Some(folder) })
            }
            Backend::Postgres => Some(Self { location: Location::Url(shared_database().await?), _folder: None }),
        }
    }

    /// A PostgreSQL database that no other test uses.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn own_database(name: &str) -> Option<Self> {
        let server = server()?;
        Some(Self { location: Location::Url(create(&server, name).await), _folder: None })
    }
}

fn server() -> Option<String> {
    let url = std::env::var("FORECOURT_TEST_POSTGRES").ok();
    if url.is_none() {
        assert!(std::env::var_os("CI").is_none(), "FORECOURT_TEST_POSTGRES is not set: run scripts/test");
        eprintln!("NOT TESTED ON POSTGRESQL: FORECOURT_TEST_POSTGRES is not set; run scripts/test");
    }
    url
}

async fn shared_database() -> Option<String> {
    static URL: OnceCell<Option<String>> = OnceCell::const_new();
    let url = URL.get_or_init(async || {
        let server = server()?;
        Some(create(&server, &format!("forecourt_test_{}", std::process::id())).await)
    });
    url.await.clone()
}

async fn create(server: &str, name: &str) -> String {
    let (client, connection) = tokio_postgres::connect(server, NoTls).await.expect("the test cluster answers");
    let connection = tokio::spawn(connection);
    client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.expect("a clean name");
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a new database");
    drop(client);
    let _ = connection.await;
    let (base, _) = server.rsplit_once('/').expect("a database URL names a database");
    format!("{base}/{name}")
}
