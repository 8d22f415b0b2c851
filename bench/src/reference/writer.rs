//! One thread owns the write connection: requests queue, each in its own savepoint, one COMMIT for the whole batch.

use std::sync::mpsc::{Receiver, Sender, channel};

use rusqlite::{Connection, OptionalExtension as _, params};
use tokio::sync::oneshot;

use super::{Incoming, created_at};

/// What one request asks the writer for.
pub struct Asked {
    pub write: Write,
    /// Told what is answered, once it is on the disk.
    pub reply: oneshot::Sender<Result<Option<String>, String>>,
}

pub enum Write {
    /// A POST; when `whole`, also a full-text row and an event row.
    Insert { incoming: Incoming, whole: bool },
    /// A PATCH: the merge patch as text.
    Patch { number: i64, patch: String },
}

/// Requests that share one COMMIT at most.
const BATCH: usize = 256;

/// Starts the thread; it ends when the last sender is gone.
pub fn start(connection: Connection) -> Sender<Asked> {
    let (sender, queue) = channel();
    std::thread::spawn(move || {
        while let Ok(first) = queue.recv() {
            batch(&connection, first, &queue);
        }
    });
    sender
}

fn batch(connection: &Connection, first: Asked, queue: &Receiver<Asked>) {
    let begun = connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([]));
    if let Err(error) = begun {
        // Nobody listens only when the client has left.
        return drop(first.reply.send(Err(error.to_string())));
    }
    let mut waiting = Vec::with_capacity(BATCH);
    let mut next = Some(first);
    while let Some(Asked { write, reply }) = next {
        waiting.push((reply, in_savepoint(connection, &write)));
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

fn in_savepoint(connection: &Connection, write: &Write) -> rusqlite::Result<Option<String>> {
    connection.prepare_cached("SAVEPOINT request")?.execute([])?;
    let result = match write {
        Write::Insert { incoming, whole } => {
            insert(connection, incoming, *whole).map(|number| Some(format!(r#"{{"id":{number}}}"#)))
        }
        Write::Patch { number, patch } => merge(connection, *number, patch),
    };
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

/// Merges a patch into a document and records it. Gives the document; none where there is no such.
fn merge(connection: &Connection, number: i64, patch: &str) -> rusqlite::Result<Option<String>> {
    let merged = "UPDATE lead SET doc = json_patch(doc, ?2) WHERE number = ?1 RETURNING doc";
    let doc = connection.prepare_cached(merged)?.query_row(params![number, patch], |row| row.get(0)).optional()?;
    let event = "INSERT INTO event (kind, lead, operation, actor, dialect, at, patch) VALUES ('lead', ?1, 'change', 'key', 'bare', ?2, ?3)";
    connection.prepare_cached(event)?.execute(params![number, created_at(number), patch])?;
    Ok(doc)
}
