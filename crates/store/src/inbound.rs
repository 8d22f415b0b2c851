//! What providers sent us, as it came: stored before it is answered, processed by a job.

use forecourt_record::{Error, Instant, Result};

use crate::Tx;

/// A body as a provider sent it.
#[derive(Clone, Debug)]
pub struct Inbound {
    pub number: i64,
    pub received_at: Instant,
    pub provider: String,
    pub body: String,
    pub processed: bool,
}

impl Tx {
    /// Stores a body; answers its number.
    pub async fn inbound_store(&mut self, provider: &str, body: &str) -> Result<i64> {
        const INSERT: &str = "INSERT INTO inbound (dealer_id, received_at, provider, body) VALUES (?1, ?2, ?3, ?4) \
             RETURNING number";
        let params = [self.dealer_param(), self.scope().now.into(), provider.into(), body.into()];
        let rows = self.write_rows(INSERT, &params).await?;
        rows.into_iter().next().ok_or_else(|| Error::internal("an inbound body got no number"))?.int(0)
    }

    /// The body with this number.
    pub async fn inbound(&mut self, number: i64) -> Result<Option<Inbound>> {
        const SELECT: &str = "SELECT number, received_at, provider, body, processed_at FROM inbound \
             WHERE dealer_id = ?1 AND number = ?2";
        let Some(mut row) = self.row(SELECT, &[self.dealer_param(), number.into()]).await? else { return Ok(None) };
        Ok(Some(Inbound {
            number: row.int(0)?,
            received_at: row.instant(1)?,
            provider: row.text(2)?,
            body: row.text(3)?,
            processed: row.optional_int(4).is_some(),
        }))
    }

    /// Marks a body as processed, in the transaction that did.
    pub async fn inbound_done(&mut self, number: i64) -> Result<()> {
        const UPDATE: &str = "UPDATE inbound SET processed_at = ?3 WHERE dealer_id = ?1 AND number = ?2";
        let params = vec![self.dealer_param(), number.into(), self.scope().now.into()];
        self.later(UPDATE, params, None).await
    }

    /// Forgets the bodies that hold this text, processed or not: a person's number, when the person is erased. One that
    /// was still to be processed would bring the person back.
    pub async fn inbound_forget(&mut self, text: &str) -> Result<()> {
        const DELETE: &str = "DELETE FROM inbound WHERE dealer_id = ?1 AND body LIKE ?2";
        // Only digits are ever asked for; whatever else there is must not become a pattern.
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() {
            return Ok(());
        }
        let params = vec![self.dealer_param(), format!("%{digits}%").into()];
        self.later(DELETE, params, None).await
    }
}
