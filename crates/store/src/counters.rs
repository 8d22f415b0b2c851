//! Small numbers that only rise: L-1042, V-17, the version of a dealer's settings.

use forecourt_record::{Error, Result};

use crate::{
    Tx,
    sql::Param,
    tx::{TxEngine, version_behind},
};

pub(crate) const RAISE: &str = "INSERT INTO counters (dealer_id, name, value) VALUES (?1, ?2, ?3) \
     ON CONFLICT (dealer_id, name) DO UPDATE SET value = counters.value + ?4 RETURNING value";

impl Tx {
    /// The next number of a sequence that starts at `first`. Numbers are never given twice; some may be skipped.
    pub async fn number(&mut self, name: &'static str, first: i64) -> Result<i64> {
        self.may_write()?;
        let dealer = self.scope().dealer;
        match &mut self.engine {
            TxEngine::Sqlite(_) => {
                let params: [Param; 4] = [dealer.into(), name.into(), first.into(), 1.into()];
                raised(self.write_rows(RAISE, &params).await?)
            }
            // A row that every transaction of the dealer must hold until it commits would make them queue; blocks of
            // numbers taken beforehand do not.
            TxEngine::Postgres(tx) => tx.number(dealer, name, first).await,
        }
    }

    /// The value of a counter that moves with the transaction; 0 before it was first raised.
    pub async fn counter(&mut self, name: &'static str) -> Result<i64> {
        const SELECT: &str = "SELECT value FROM counters WHERE dealer_id = ?1 AND name = ?2";
        let row = self.row(SELECT, &[self.dealer_param(), name.into()]).await?;
        row.map_or(Ok(0), |mut row| row.int(0))
    }

    /// Makes sure that such a counter still has a value that was known before the transaction.
    ///
    /// Errors: `VersionBehind` when it has been raised since, at the latest when the transaction commits.
    pub async fn counter_expect(&mut self, name: &'static str, value: i64) -> Result<()> {
        const SAME: &str =
            "SELECT 1 WHERE COALESCE((SELECT value FROM counters WHERE dealer_id = ?1 AND name = ?2), 0) = ?3";
        if let TxEngine::Postgres(_) = self.engine {
            return self.later(SAME, vec![self.dealer_param(), name.into(), value.into()], Some(1)).await;
        }
        if self.counter(name).await? == value { Ok(()) } else { Err(version_behind()) }
    }

    /// Raises such a counter by one.
    pub async fn counter_raise(&mut self, name: &'static str) -> Result<i64> {
        let params = [self.dealer_param(), name.into(), 1.into(), 1.into()];
        raised(self.write_rows(RAISE, &params).await?)
    }
}

fn raised(rows: Vec<crate::sql::Row>) -> Result<i64> {
    rows.into_iter().next().ok_or_else(|| Error::internal("a counter did not answer"))?.int(0)
}
