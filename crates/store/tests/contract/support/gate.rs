//! A gate that somebody waits at until somebody else opens it.

use std::sync::{Arc, Condvar, Mutex};

use tokio::sync::Notify;

#[derive(Clone, Default)]
pub struct Gate(Arc<Inner>);

#[derive(Default)]
struct Inner {
    open: Mutex<bool>,
    opened: Condvar,
    notify: Notify,
}

impl Gate {
    /// Lets one waiter through, now or when it comes.
    pub fn open(&self) {
        *self.0.open.lock().unwrap() = true;
        self.0.opened.notify_all();
        self.0.notify.notify_one();
    }

    pub async fn pass(&self) {
        self.0.notify.notified().await;
    }

    /// Waits inside a command: on SQLite that must not await, and has a thread of its own to hold up.
    pub async fn pass_in_command(&self, is_sqlite: bool) {
        if is_sqlite {
            let open = self.0.open.lock().unwrap();
            drop(self.0.opened.wait_while(open, |open| !*open).unwrap());
        } else {
            self.pass().await;
        }
    }
}
