//! When an address was contacted, for the limits on how often that may be.

use forecourt_record::{Instant, Result};

use crate::{Tx, sql::Param};

impl Tx {
    /// The contacts with an address since an instant, but for that of `reference`: when, and on which channel.
    pub async fn contacted_since(
        &mut self,
        address: &str,
        since: Instant,
        reference: &str,
    ) -> Result<Vec<(Instant, String)>> {
        const SELECT: &str = "SELECT at, channel FROM contacted \
             WHERE dealer_id = ?1 AND address = ?2 AND at >= ?3 AND reference <> ?4 ORDER BY at";
        let params = [self.dealer_param(), address.into(), since.into(), reference.into()];
        self.rows(SELECT, &params).await?.into_iter().map(|mut row| Ok((row.instant(0)?, row.text(1)?))).collect()
    }

    /// Notes a contact that is about to be made. Said again of the same `reference` and instant, it is one contact.
    pub async fn contacted(&mut self, address: &str, channel: &str, reference: &str) -> Result<()> {
        const INSERT: &str = "INSERT INTO contacted (dealer_id, address, at, reference, channel) \
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (dealer_id, address, at, reference) DO NOTHING";
        let now = self.scope().now;
        let params: Vec<Param> =
            vec![self.dealer_param(), address.into(), now.into(), reference.into(), channel.into()];
        self.later(INSERT, params, None).await
    }

    /// Forgets the contacts before an instant.
    pub async fn contacted_forget(&mut self, before: Instant) -> Result<()> {
        const DELETE: &str = "DELETE FROM contacted WHERE dealer_id = ?1 AND at < ?2";
        let params = vec![self.dealer_param(), before.into()];
        self.later(DELETE, params, None).await
    }
}
