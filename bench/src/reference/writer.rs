//! One thread owns the write connection: requests queue, each in its own savepoint, one COMMIT for the whole batch.

use std::sync::mpsc::{Receiver, Sender, channel};

use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use super::{Incoming, created_at};

/// What one POST asks the writer for.
pub struct Insert {
    pub incoming: Incoming,
    /// Also a full-text row and an event row.
    pub whole: bool,
    pub reply: oneshot::Sender<Result<i64, String>>,
}

/// Requests that share one COMMIT at most.
const BATCH: usize = 256;

/// Starts the thread; it ends when the last sender is gone.
pub fn start(connection: Connection) -> Sender<Insert> {
    let (sender, queue) = channel();
    std::thread::spawn(move || {
        while let Ok(first) = queue.recv() {
            batch(&connection, first, &queue);
        }
    });
    sender
}

fn batch(connection: &Connection, first: Insert, queue: &Receiver<Insert>) {
    let begun = connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([]));
    if let Err(error) = begun {
        // Nobody listens only when the client has left.
        return drop(first.reply.send(Err(error.to_string())));
    }
    let mut waiting = Vec::with_capacity(BATCH);
    let mut next = Some(first);
    while let Some(insert) = next {
        waiting.push((insert.reply, in_savepoint(connection, &insert.incoming, insert.whole)));
        next = if waiting.len() < BATCH { queue.try_recv().ok() } else { None };
    }
    let committed = connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
    for (reply, result) in waiting {
        let result = match &committed {
            Ok(_) => result.map_err(|error| error.to_string()),
            Err(error) => Err(format!("commit: {error}")),
        };
        drop(reply.send(result));
    }
}

fn in_savepoint(connection: &Connection, incoming: &Incoming, whole: bool) -> rusqlite::Result<i64> {
    connection.prepare_cached("SAVEPOINT request")?.execute([])?;
    let result = insert(connection, incoming, whole);
    if result.is_err() {
        connection.prepare_cached("ROLLBACK TO request")?.execute([])?;
    }
    connection.prepare_cached("RELEASE request")?.execute([])?;
    result
}

/// Inserts a document with its four indexes and, when `whole`, its words and its event. Gives its number.
pub fn insert(connection: &Connection, incoming: &Incoming, whole: bool) -> rusqlite::Result<i64> {
    let next = "SELECT coalesce(max(number), 0) + 1 FROM lead";
    let number: i64 = connection.prepare_cached(next)?.query_row([], |row| row.get(0))?;
    let columns = &incoming.columns;
    let lead = "INSERT INTO lead (number, status, location, source, score, email, phone, created_at, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    connection.prepare_cached(lead)?.execute(params![
        number,
        columns.status,
        columns.location,
        columns.source,
        columns.score,
        columns.email,
        columns.phone,
        created_at(number),
        incoming.text
    ])?;
    if whole {
        let words = format!("{} {} {}", columns.name, columns.email, columns.phone);
        connection
            .prepare_cached("INSERT INTO lead_text (rowid, text) VALUES (?1, ?2)")?
            .execute(params![number, words])?;
        let patch = format!(
            r#"[{{"op":"add","path":"/status","value":"{}"}},{{"op":"add","path":"/source","value":"{}"}}]"#,
            columns.status, columns.source
        );
        let event = "INSERT INTO event (kind, lead, operation, actor, dialect, at, patch) VALUES ('lead', ?1, 'create', 'key', 'bare', ?2, ?3)";
        connection.prepare_cached(event)?.execute(params![number, created_at(number), patch])?;
    }
    Ok(number)
}
