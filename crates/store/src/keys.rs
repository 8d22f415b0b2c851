//! Claims that one document only may hold: what makes identity free of races, whoever comes first.

use forecourt_record::{Id, Result};

use crate::{Tx, sql::Param};

impl Tx {
    /// Who holds each of these keys; those nobody holds are left out.
    pub async fn keys_find<T: ?Sized>(
        &mut self,
        kind: &'static str,
        keys: &[(&str, &str)],
    ) -> Result<Vec<(String, String, Id<T>)>> {
        /// Keys asked for in one statement.
        const MOST: usize = 100;
        let mut found = Vec::new();
        for some in keys.chunks(MOST) {
            let mut params: Vec<Param> = vec![self.dealer_param(), kind.into()];
            let mut selects = Vec::with_capacity(some.len());
            for (field, value) in some {
                let (at, next) = (params.len() + 1, params.len() + 2);
                // One look-up each: asked for as a list of pairs, PostgreSQL reads every key of the kind instead.
                selects.push(format!(
                    "SELECT field, value, id FROM keys \
                     WHERE dealer_id = ?1 AND kind = ?2 AND field = ?{at} AND value = ?{next}"
                ));
                params.extend([(*field).into(), (*value).into()]);
            }
            for mut row in self.rows(&selects.join(" UNION ALL "), &params).await? {
                found.push((row.text(0)?, row.text(1)?, row.id(2)?));
            }
        }
        Ok(found)
    }

    /// Claims keys for `id`, in this order. Gives the fields of those that are its own now; the others are held already.
    /// Another transaction that claims one of them at the same time is waited for.
    pub async fn keys_claim<T: ?Sized>(
        &mut self,
        kind: &'static str,
        keys: &[(&str, &str)],
        id: Id<T>,
    ) -> Result<Vec<String>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut params: Vec<Param> = vec![self.dealer_param(), kind.into(), id.into()];
        let mut places = Vec::new();
        for (field, value) in keys {
            places.push(format!("(?1, ?2, ?{}, ?{}, ?3)", params.len() + 1, params.len() + 2));
            params.extend([(*field).into(), (*value).into()]);
        }
        let sql = format!(
            "INSERT INTO keys (dealer_id, kind, field, value, id) VALUES {} \
             ON CONFLICT (dealer_id, kind, field, value) DO NOTHING RETURNING field",
            places.join(", ")
        );
        self.write_rows(&sql, &params).await?.into_iter().map(|mut row| row.text(0)).collect()
    }

    /// Claims a key for `id`. Answers who holds it afterwards: `id`, or the one who was first.
    /// Another transaction that claims the same key at the same time is waited for.
    pub async fn key_claim<T: ?Sized>(
        &mut self,
        kind: &'static str,
        field: &str,
        value: &str,
        id: Id<T>,
    ) -> Result<Id<T>> {
        const CLAIM: &str = "INSERT INTO keys (dealer_id, kind, field, value, id) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (dealer_id, kind, field, value) DO NOTHING RETURNING id";
        const HOLDER: &str = "SELECT id FROM keys WHERE dealer_id = ?1 AND kind = ?2 AND field = ?3 AND value = ?4";
        let params = [self.dealer_param(), kind.into(), field.into(), value.into(), id.into()];
        loop {
            if !self.write_rows(CLAIM, &params).await?.is_empty() {
                return Ok(id);
            }
            // The holder may have let go between the two statements; then the claim is ours to try again.
            if let Some(mut row) = self.row(HOLDER, &params[..4]).await? {
                return row.id(0);
            }
        }
    }

    /// Lets go of a key that `id` holds.
    pub async fn key_release<T: ?Sized>(
        &mut self,
        kind: &'static str,
        field: &str,
        value: &str,
        id: Id<T>,
    ) -> Result<()> {
        const RELEASE: &str =
            "DELETE FROM keys WHERE dealer_id = ?1 AND kind = ?2 AND field = ?3 AND value = ?4 AND id = ?5";
        let params = vec![self.dealer_param(), kind.into(), field.into(), value.into(), id.into()];
        self.later(RELEASE, params, None).await
    }

    /// Lets go of every key that `id` holds.
    pub async fn keys_release_all<T: ?Sized>(&mut self, kind: &'static str, id: Id<T>) -> Result<()> {
        const RELEASE: &str = "DELETE FROM keys WHERE dealer_id = ?1 AND kind = ?2 AND id = ?3";
        let params = vec![self.dealer_param(), kind.into(), id.into()];
        self.later(RELEASE, params, None).await
    }
}
