//! Credentials and login names: read before the dealer is known, for they are what tells it.

use forecourt_record::{Credential, CredentialKind, Error, Id, Instant, Login, Result, UserId};
use serde_json::Value;

use crate::{Tx, sql::json};

impl Tx {
    /// The credential with this hash, expired or not.
    pub async fn credential(&mut self, hash: &str) -> Result<Option<Credential>> {
        const SELECT: &str = "SELECT dealer_id, kind, subject, expires_at FROM credentials WHERE hash = ?1";
        let Some(mut row) = self.row(SELECT, &[hash.into()]).await? else { return Ok(None) };
        Ok(Some(Credential {
            dealer: row.id(0)?,
            kind: serde_json::from_value(Value::String(row.text(1)?)).map_err(Error::internal)?,
            subject: row.id(2)?,
            expires_at: row.optional_int(3).map(Instant::from_millis),
        }))
    }

    /// Stores a credential of this dealer.
    pub async fn credential_add(
        &mut self,
        hash: &str,
        kind: CredentialKind,
        subject: Id<()>,
        expires_at: Option<Instant>,
    ) -> Result<()> {
        const INSERT: &str = "INSERT INTO credentials (hash, dealer_id, kind, subject, created_at, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let kind = json(&kind)?.trim_matches('"').to_owned();
        let scope = self.scope();
        let params =
            vec![hash.into(), scope.dealer.into(), kind.into(), subject.into(), scope.now.into(), expires_at.into()];
        self.later(INSERT, params, None).await
    }

    /// Moves the end of a credential.
    pub async fn credential_extend(&mut self, hash: &str, expires_at: Instant) -> Result<()> {
        const UPDATE: &str = "UPDATE credentials SET expires_at = ?3 WHERE dealer_id = ?1 AND hash = ?2";
        let params = vec![self.dealer_param(), hash.into(), expires_at.into()];
        self.later(UPDATE, params, None).await
    }

    /// Makes a credential worthless at once.
    pub async fn credential_drop(&mut self, hash: &str) -> Result<()> {
        const DELETE: &str = "DELETE FROM credentials WHERE dealer_id = ?1 AND hash = ?2";
        let params = vec![self.dealer_param(), hash.into()];
        self.later(DELETE, params, None).await
    }

    /// Makes every credential of a user or key worthless at once.
    pub async fn credentials_drop_of(&mut self, subject: Id<()>) -> Result<()> {
        const DELETE: &str = "DELETE FROM credentials WHERE dealer_id = ?1 AND subject = ?2";
        let params = vec![self.dealer_param(), subject.into()];
        self.later(DELETE, params, None).await
    }

    /// Whose login name this is.
    pub async fn login(&mut self, email: &str) -> Result<Option<Login>> {
        const SELECT: &str = "SELECT dealer_id, user_id FROM logins WHERE email = ?1";
        let Some(mut row) = self.row(SELECT, &[email.into()]).await? else { return Ok(None) };
        Ok(Some(Login { dealer: row.id(0)?, user: row.id(1)? }))
    }

    /// Takes a login name for a user; false when it is taken.
    pub async fn login_claim(&mut self, email: &str, user: UserId) -> Result<bool> {
        const INSERT: &str = "INSERT INTO logins (email, dealer_id, user_id) VALUES (?1, ?2, ?3) \
             ON CONFLICT (email) DO NOTHING RETURNING email";
        let params = [email.into(), self.dealer_param(), user.into()];
        Ok(!self.write_rows(INSERT, &params).await?.is_empty())
    }

    /// The ids of the server's dealers, in the order they came.
    pub async fn dealer_ids(&mut self) -> Result<Vec<forecourt_record::DealerId>> {
        let rows = self.rows("SELECT id FROM dealers ORDER BY id", &[]).await?;
        rows.into_iter().map(|mut row| row.id(0)).collect()
    }

    /// Whether no other dealer's words begin with the prefix that this one's would.
    pub async fn dealer_scope_is_free(&mut self) -> Result<bool> {
        let scope = self.text_scope().to_owned();
        let ids = self.dealer_ids().await?;
        Ok(ids.into_iter().all(|id| crate::text_scope(id) != scope))
    }
}
