//! Addresses that must not be contacted on a channel.

use forecourt_record::{Instant, Result};

use crate::{Tx, sql::Row};

/// Why an address must not be contacted on a channel, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    pub reason: String,
    pub at: Instant,
}

impl Tx {
    /// Why an address must not be contacted on a channel; none when it may.
    pub async fn suppressed(&mut self, channel: &str, address: &str) -> Result<Option<String>> {
        Ok(self.suppression(channel, address).await?.map(|suppression| suppression.reason))
    }

    /// The same, with its instant.
    pub async fn suppression(&mut self, channel: &str, address: &str) -> Result<Option<Suppression>> {
        const SELECT: &str =
            "SELECT reason, at FROM suppressions WHERE dealer_id = ?1 AND channel = ?2 AND address = ?3";
        let row = self.row(SELECT, &[self.dealer_param(), channel.into(), address.into()]).await?;
        row.map(|mut row| Ok(Suppression { reason: row.text(0)?, at: row.instant(1)? })).transpose()
    }

    /// The suppressions behind a channel and address, at most so many, in the order of both.
    pub async fn suppressions_after(
        &mut self,
        (channel, address): (&str, &str),
        most: i64,
    ) -> Result<Vec<(String, String, Suppression)>> {
        const SELECT: &str = "SELECT channel, address, reason, at FROM suppressions \
             WHERE dealer_id = ?1 AND (channel, address) > (?2, ?3) ORDER BY channel, address LIMIT ?4";
        let rows = self.rows(SELECT, &[self.dealer_param(), channel.into(), address.into(), most.into()]).await?;
        let read =
            |mut row: Row| Ok((row.text(0)?, row.text(1)?, Suppression { reason: row.text(2)?, at: row.instant(3)? }));
        rows.into_iter().map(read).collect()
    }

    /// Suppresses an address on a channel; the first reason stands.
    pub async fn suppress(&mut self, channel: &str, address: &str, reason: &str) -> Result<()> {
        const INSERT: &str = "INSERT INTO suppressions (dealer_id, channel, address, reason, at) \
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (dealer_id, channel, address) DO NOTHING";
        let params = vec![self.dealer_param(), channel.into(), address.into(), reason.into(), self.scope().now.into()];
        self.later(INSERT, params, None).await
    }

    /// Allows an address on a channel again.
    pub async fn unsuppress(&mut self, channel: &str, address: &str) -> Result<()> {
        const DELETE: &str = "DELETE FROM suppressions WHERE dealer_id = ?1 AND channel = ?2 AND address = ?3";
        let params = vec![self.dealer_param(), channel.into(), address.into()];
        self.later(DELETE, params, None).await
    }
}
