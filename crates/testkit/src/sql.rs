//! Statements that no program makes: what tests do to a store to see how it is taken.

use forecourt_store::{Location, file_in};
use tokio_postgres::NoTls;

/// Carries out statements on a store that nobody has to be using.
///
/// # Panics
/// When the database refuses them.
pub async fn run_sql(location: &Location, sql: &str) {
    match location {
        Location::Folder(folder) => {
            let connection = rusqlite::Connection::open(file_in(folder)).expect("the store is a file");
            connection.execute_batch(sql).expect("SQLite carries it out");
        }
        Location::Url(url) => {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the database answers");
            let connection = tokio::spawn(connection);
            client.batch_execute(sql).await.expect("PostgreSQL carries it out");
            drop(client);
            let _ = connection.await;
        }
    }
}
