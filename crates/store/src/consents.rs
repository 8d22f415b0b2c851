//! The ledger of consents: rows are put behind the last one and never changed.

use forecourt_record::{Instant, Result};

use crate::{
    Tx,
    sql::{Param, Row},
};

/// An entry of the ledger, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRow {
    /// Counted from 1 within the dealer.
    pub number: i64,
    pub channel: String,
    pub address: String,
    /// When what it tells of was said.
    pub at: Instant,
    /// The text that the hash is of.
    pub entry: String,
    pub hash: String,
}

fn read(mut row: Row) -> Result<ConsentRow> {
    Ok(ConsentRow {
        number: row.int(0)?,
        channel: row.text(1)?,
        address: row.text(2)?,
        at: row.instant(3)?,
        entry: row.text(4)?,
        hash: row.text(5)?,
    })
}

impl Tx {
    /// The number and hash of the last entry, of a transaction that puts one behind it: until it ends nobody else does.
    pub async fn consents_last(&mut self) -> Result<Option<(i64, String)>> {
        self.hold_words(["consents"]).await?;
        self.consents_head().await
    }

    /// The number and hash of the last entry.
    pub async fn consents_head(&mut self) -> Result<Option<(i64, String)>> {
        const SELECT: &str = "SELECT number, hash FROM consents WHERE dealer_id = ?1 ORDER BY number DESC LIMIT 1";
        let row = self.row(SELECT, &[self.dealer_param()]).await?;
        row.map(|mut row| Ok((row.int(0)?, row.text(1)?))).transpose()
    }

    /// Puts an entry into the ledger. A number that is taken is an error.
    pub async fn consents_put(&mut self, row: ConsentRow) -> Result<()> {
        const INSERT: &str = "INSERT INTO consents (dealer_id, number, channel, address, at, entry, hash) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let ConsentRow { number, channel, address, at, entry, hash } = row;
        let (dealer, number, at) = (self.dealer_param(), number.into(), at.into());
        let params = vec![dealer, number, channel.into(), address.into(), at, entry.into(), hash.into()];
        self.later(INSERT, params, None).await
    }

    /// The entries about an address on a channel that tell of what was said last, at most so many, in the order they were
    /// written in.
    pub async fn consents_newest(&mut self, address: &str, channel: &str, most: i64) -> Result<Vec<ConsentRow>> {
        const SELECT: &str = "SELECT number, channel, address, at, entry, hash FROM consents \
             WHERE dealer_id = ?1 AND address = ?2 AND channel = ?3 ORDER BY at DESC, number DESC LIMIT ?4";
        let params = [self.dealer_param(), address.into(), channel.into(), most.into()];
        self.in_order(SELECT, &params).await
    }

    /// The same on all channels.
    pub async fn consents_of(&mut self, address: &str, most: i64) -> Result<Vec<ConsentRow>> {
        // The plus keeps SQLite from reading the ledger from its end.
        const SELECT: &str = "SELECT number, channel, address, at, entry, hash FROM consents \
             WHERE dealer_id = ?1 AND address = ?2 ORDER BY +at DESC, +number DESC LIMIT ?3";
        let params = [self.dealer_param(), address.into(), most.into()];
        self.in_order(SELECT, &params).await
    }

    async fn in_order(&mut self, sql: &str, params: &[Param]) -> Result<Vec<ConsentRow>> {
        let mut rows: Vec<ConsentRow> = self.rows(sql, params).await?.into_iter().map(read).collect::<Result<_>>()?;
        rows.sort_by_key(|row| row.number);
        Ok(rows)
    }

    /// The entries behind a number, at most so many, in their order.
    pub async fn consents_after(&mut self, number: i64, most: i64) -> Result<Vec<ConsentRow>> {
        const SELECT: &str = "SELECT number, channel, address, at, entry, hash FROM consents \
             WHERE dealer_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
        let params = [self.dealer_param(), number.into(), most.into()];
        self.rows(SELECT, &params).await?.into_iter().map(read).collect()
    }
}
