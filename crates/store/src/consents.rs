//! The ledger of consents: rows are put behind the last one and never changed.

use forecourt_record::Result;

use crate::{Tx, sql::Row};

/// An entry of the ledger, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRow {
    /// Counted from 1 within the dealer.
    pub number: i64,
    pub channel: String,
    pub address: String,
    /// The text that the hash is of.
    pub entry: String,
    pub hash: String,
}

fn read(mut row: Row) -> Result<ConsentRow> {
    Ok(ConsentRow {
        number: row.int(0)?,
        channel: row.text(1)?,
        address: row.text(2)?,
        entry: row.text(3)?,
        hash: row.text(4)?,
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
        const INSERT: &str = "INSERT INTO consents (dealer_id, number, channel, address, entry, hash) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let ConsentRow { number, channel, address, entry, hash } = row;
        let params =
            vec![self.dealer_param(), number.into(), channel.into(), address.into(), entry.into(), hash.into()];
        self.later(INSERT, params, None).await
    }

    /// The newest entries about an address, on one channel or on all, at most so many, the oldest first.
    pub async fn consents_of(&mut self, address: &str, channel: Option<&str>, most: i64) -> Result<Vec<ConsentRow>> {
        const SELECT: &str = "SELECT number, channel, address, entry, hash FROM consents \
             WHERE dealer_id = ?1 AND address = ?2 AND channel >= ?3 AND channel <= ?4 ORDER BY +number DESC LIMIT ?5";
        // Behind every channel there is.
        let (from, to) = channel.map_or(("", "~"), |one| (one, one));
        let params = [self.dealer_param(), address.into(), from.into(), to.into(), most.into()];
        let mut rows: Vec<ConsentRow> =
            self.rows(SELECT, &params).await?.into_iter().map(read).collect::<Result<_>>()?;
        rows.reverse();
        Ok(rows)
    }

    /// The entries behind a number, at most so many, in their order.
    pub async fn consents_after(&mut self, number: i64, most: i64) -> Result<Vec<ConsentRow>> {
        const SELECT: &str = "SELECT number, channel, address, entry, hash FROM consents \
             WHERE dealer_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
        let params = [self.dealer_param(), number.into(), most.into()];
        self.rows(SELECT, &params).await?.into_iter().map(read).collect()
    }
}
