//! The bench's own PostgreSQL databases: made at the start, dropped at the end.

use tokio_postgres::{Client, NoTls};

use crate::Result;

/// A database that exists as long as the bench needs it.
pub struct Database {
    admin_url: String,
    name: &'static str,
    pub url: String,
}

impl Database {
    /// Makes database `name` anew on the server of `admin_url`, whatever was left of it.
    pub async fn create(admin_url: &str, name: &'static str) -> Result<Self> {
        let client = connect(admin_url).await?;
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        client.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        Ok(Self { admin_url: admin_url.to_owned(), name, url: with_database(admin_url, name)? })
    }

    pub async fn drop_now(self) -> Result<()> {
        let client = connect(&self.admin_url).await?;
        Ok(client.batch_execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).await?)
    }
}

/// Settles what bulk loading left behind, so that neither side pays for it during a drive.
pub async fn settle(client: &Client) -> Result<()> {
    // One by one: several statements at once are one transaction, in which VACUUM may not run.
    client.batch_execute("VACUUM ANALYZE").await?;
    Ok(client.batch_execute("CHECKPOINT").await?)
}

/// The same database for bulk that nobody measures: a commit does not wait for the disk.
pub fn unhurried(url: &str) -> String {
    let and = if url.contains('?') { '&' } else { '?' };
    format!("{url}{and}options=-csynchronous_commit%3Doff")
}

/// A single connection; it ends with the client.
pub async fn connect(url: &str) -> Result<Client> {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.map_err(|error| format!("PostgreSQL: {error:?}"))?;
    // Its errors also reach the client's calls.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// The same server and user, another database.
fn with_database(url: &str, name: &str) -> Result<String> {
    let (scheme, rest) = url.split_once("://").ok_or("FORECOURT_TEST_POSTGRES must be a postgres:// URL")?;
    let (place, options) =
        rest.split_once('?').map_or((rest, String::new()), |(place, options)| (place, format!("?{options}")));
    let authority = place.split_once('/').map_or(place, |(authority, _)| authority);
    Ok(format!("{scheme}://{authority}/{name}{options}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_database_is_exchanged_and_nothing_else() {
        for (url, expected) in [
            ("postgres://u:p@localhost:5433/postgres", "postgres://u:p@localhost:5433/x"),
            ("postgresql://localhost", "postgresql://localhost/x"),
            ("postgres://u@/old?host=/tmp/pg&port=5433", "postgres://u@/x?host=/tmp/pg&port=5433"),
        ] {
            assert_eq!(with_database(url, "x").unwrap(), expected);
        }
        assert!(with_database("host=localhost", "x").is_err());
        for (url, expected) in [
            ("postgres://u@/x", "postgres://u@/x?options="),
            ("postgres://u@/x?port=1", "postgres://u@/x?port=1&options="),
        ] {
            assert!(unhurried(url).starts_with(expected) && unhurried(url).parse::<tokio_postgres::Config>().is_ok());
        }
    }
}
