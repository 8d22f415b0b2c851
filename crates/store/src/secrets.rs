//! What a dealer signs with: made once, kept, and told to nobody but who has to check a signature.

use forecourt_record::{Error, Result};

use crate::Tx;

impl Tx {
    /// The secret of this name.
    pub async fn secret(&mut self, name: &str) -> Result<Option<String>> {
        const SELECT: &str = "SELECT value FROM secrets WHERE dealer_id = ?1 AND name = ?2";
        let row = self.row(SELECT, &[self.dealer_param(), name.into()]).await?;
        row.map(|mut row| row.text(0)).transpose()
    }

    /// The secrets whose names begin so, each as its name and value, the last name first.
    pub async fn secrets_named(&mut self, prefix: &str) -> Result<Vec<(String, String)>> {
        const SELECT: &str = "SELECT name, value FROM secrets WHERE dealer_id = ?1 AND substr(name, 1, length(?2)) = ?2 \
             ORDER BY name DESC";
        let rows = self.rows(SELECT, &[self.dealer_param(), prefix.into()]).await?;
        rows.into_iter().map(|mut row| Ok((row.text(0)?, row.text(1)?))).collect()
    }

    /// Forgets a secret.
    pub async fn secret_forget(&mut self, name: &str) -> Result<()> {
        const DELETE: &str = "DELETE FROM secrets WHERE dealer_id = ?1 AND name = ?2";
        let params = vec![self.dealer_param(), name.into()];
        self.later(DELETE, params, None).await
    }

    /// Keeps a secret under a name, unless there is one; answers the one there is.
    pub async fn secret_keep(&mut self, name: &str, value: &str) -> Result<String> {
        const INSERT: &str = "INSERT INTO secrets (dealer_id, name, value) VALUES (?1, ?2, ?3) \
             ON CONFLICT (dealer_id, name) DO UPDATE SET value = secrets.value RETURNING value";
        let rows = self.write_rows(INSERT, &[self.dealer_param(), name.into(), value.into()]).await?;
        rows.into_iter().next().ok_or_else(|| Error::internal("a secret was not kept"))?.text(0)
    }
}
