//! Requests that may be repeated: the key is stored in the transaction that does the work.

use std::time::Duration;

use forecourt_record::Result;
use serde_json::Value;

use crate::{
    Tx,
    sql::{Param, json},
};

/// What is known of a request's key.
#[derive(Clone, Debug, PartialEq)]
pub enum Repeat {
    /// Seen for the first time: do the work, then say what came of it.
    First,
    /// The same request again: this came of it.
    Same(Value),
    /// Another request with the same key.
    Different,
}

impl Tx {
    /// Begins a request that may be repeated within `lifetime`. A simultaneous one with the same key is waited for.
    pub async fn request_begin(&mut self, key: &str, fingerprint: &str, lifetime: Duration) -> Result<Repeat> {
        const FORGET: &str = "DELETE FROM requests WHERE dealer_id = ?1 AND request_key = ?2 AND made_at < ?3";
        const INSERT: &str = "INSERT INTO requests (dealer_id, request_key, fingerprint, outcome, made_at) \
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (dealer_id, request_key) DO NOTHING RETURNING request_key";
        const SELECT: &str = "SELECT fingerprint, outcome FROM requests WHERE dealer_id = ?1 AND request_key = ?2";
        let now = self.scope().now;
        let forget: Vec<Param> = vec![self.dealer_param(), key.into(), (now - lifetime).into()];
        self.later(FORGET, forget, None).await?;
        let first = [self.dealer_param(), key.into(), fingerprint.into(), "null".into(), now.into()];
        loop {
            if !self.write_rows(INSERT, &first).await?.is_empty() {
                return Ok(Repeat::First);
            }
            // Somebody may have forgotten the other one between the two statements; then this one is the first.
            if let Some(mut row) = self.row(SELECT, &[self.dealer_param(), key.into()]).await? {
                let same = row.text(0)? == fingerprint;
                return if same { row.json(1).map(Repeat::Same) } else { Ok(Repeat::Different) };
            }
        }
    }

    /// Remembers what came of it, for whoever repeats the request.
    pub async fn request_end(&mut self, key: &str, outcome: &impl serde::Serialize) -> Result<()> {
        const UPDATE: &str = "UPDATE requests SET outcome = ?3 WHERE dealer_id = ?1 AND request_key = ?2";
        let params = vec![self.dealer_param(), key.into(), json(outcome)?.into()];
        self.later(UPDATE, params, Some(1)).await
    }

    /// Forgets the dealer's requests and processed inbound bodies older than `lifetime`.
    pub async fn forget_older_than(&mut self, lifetime: Duration) -> Result<()> {
        const REQUESTS: &str = "DELETE FROM requests WHERE dealer_id = ?1 AND made_at < ?2";
        const INBOUND: &str =
            "DELETE FROM inbound WHERE dealer_id = ?1 AND received_at < ?2 AND processed_at IS NOT NULL";
        let before = self.scope().now - lifetime;
        for sql in [REQUESTS, INBOUND] {
            let params = vec![self.dealer_param(), before.into()];
            self.later(sql, params, None).await?;
        }
        Ok(())
    }
}
