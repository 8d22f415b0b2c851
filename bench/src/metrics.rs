//! What the subject counts about itself at `/metrics`, as far as the bench reads it.

use std::net::SocketAddr;

use http::StatusCode;

use crate::Result;
use crate::client::{Connection, get};

/// Seconds spent in the commands of business transactions, and of it in what is computed from other documents.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Writing {
    commands: f64,
    computed: f64,
}

impl Writing {
    /// What a running subject has counted so far.
    pub async fn of(address: SocketAddr) -> Result<Self> {
        match Connection::open(address).await?.send(get("/metrics", None)).await? {
            (StatusCode::OK, text) => Ok(Self::read(&String::from_utf8_lossy(&text))),
            (status, _) => Err(format!("GET /metrics answers {status}").into()),
        }
    }

    fn read(text: &str) -> Self {
        let sum = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("_sum "));
            line.and_then(|value| value.trim().parse().ok()).unwrap_or_default()
        };
        Self {
            commands: sum("transaction_command_duration_seconds"),
            computed: sum("transaction_computed_duration_seconds"),
        }
    }

    /// The share, in percent, that computing had of writing since `before`; nothing where nothing was written.
    pub fn share_since(self, before: Self) -> Option<f64> {
        let (commands, computed) = (self.commands - before.commands, self.computed - before.computed);
        (commands > 0.0).then(|| 100.0 * computed / commands)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_what_was_added() {
        let text = "# TYPE transaction_command_duration_seconds histogram\n\
            transaction_command_duration_seconds_bucket{le=\"0.001\"} 7\n\
            transaction_command_duration_seconds_sum 3.5\ntransaction_computed_duration_seconds_sum 0.75\n";
        let (before, now) = (Writing { commands: 1.5, computed: 0.25 }, Writing::read(text));
        assert_eq!(now, Writing { commands: 3.5, computed: 0.75 });
        assert_eq!(now.share_since(before), Some(25.0));
        assert_eq!(now.share_since(now), None);
        assert_eq!(Writing::read(""), Writing::default());
    }
}
