//! Threads that read a SQLite database, each over a connection of its own.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use axum::response::Response;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use super::{Failure, json};
use crate::Result;

type Question = Box<dyn FnOnce(&Connection) + Send>;

#[derive(Clone)]
pub struct Readers(Sender<Question>);

impl Readers {
    /// Opens `file` as often as there are to be threads.
    pub fn start(file: &Path, readers: usize) -> Result<Self> {
        let (sender, queue) = channel::<Question>();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..readers.max(1) {
            let connection =
                Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            tune(&connection)?;
            let queue = Arc::clone(&queue);
            std::thread::spawn(move || {
                while let Some(question) = next(&queue) {
                    question(&connection);
                }
            });
        }
        Ok(Self(sender))
    }

    /// Asks on the next free thread; no row is 404.
    pub async fn read(
        &self,
        ask: impl FnOnce(&Connection) -> rusqlite::Result<Option<String>> + Send + 'static,
    ) -> Result<Response, Failure> {
        let (reply, answer) = oneshot::channel();
        let question: Question = Box::new(move |connection| drop(reply.send(ask(connection))));
        self.0.send(question).map_err(Failure::store)?;
        match answer.await.map_err(Failure::store)?.map_err(Failure::store)? {
            Some(text) => Ok(json(StatusCode::OK, text)),
            None => Err(Failure::missing()),
        }
    }
}

pub fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch("PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 5000")
}

/// Waits for a question; the lock is held while waiting only, so questions are answered side by side.
fn next(queue: &Mutex<Receiver<Question>>) -> Option<Question> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}
