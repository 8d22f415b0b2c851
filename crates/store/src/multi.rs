//! Fields with several values: each value is a row beside the document, so that equality is a look-up.

use std::collections::BTreeSet;

use forecourt_query::column_text;
use forecourt_record::{
    Id, Result,
    spec::{KindSpec, Multi},
};

use crate::{
    Tx,
    sql::Param,
    statements::{Trees, root_of},
};

/// A field's name and one of its values.
pub(crate) type Values = BTreeSet<(&'static str, String)>;

impl Trees {
    /// The values of the fields that have several, each once.
    pub(crate) fn multi(&self, spec: &KindSpec) -> Values {
        let values = |multi: &'static Multi| {
            let texts = multi.values(root_of(self, multi.part)).into_iter();
            texts.map(|text| (multi.field, column_text(text).to_owned()))
        };
        spec.multi.iter().flat_map(values).collect()
    }
}

impl Tx {
    /// The documents that have this value in a field with several, in the order of their ids.
    pub async fn multi_find<T: ?Sized>(
        &mut self,
        spec: &'static KindSpec,
        field: &str,
        value: &str,
    ) -> Result<Vec<Id<T>>> {
        const SELECT: &str = "SELECT id FROM multi WHERE dealer_id = ?1 AND kind = ?2 AND field = ?3 AND value = ?4 \
             ORDER BY id";
        let params = [self.dealer_param(), spec.name.into(), field.into(), column_text(value).into()];
        self.rows(SELECT, &params).await?.into_iter().map(|mut row| row.id(0)).collect()
    }

    /// Brings the rows of a document from the values it had to those it has.
    pub(crate) async fn multi_follow(
        &mut self,
        spec: &'static KindSpec,
        id: Id<()>,
        before: &Values,
        after: &Values,
    ) -> Result<()> {
        const DELETE: &str =
            "DELETE FROM multi WHERE dealer_id = ?1 AND kind = ?2 AND id = ?3 AND field = ?4 AND value = ?5";
        /// Values written in one statement.
        const MOST: usize = 16;
        let document: [Param; 3] = [self.dealer_param(), spec.name.into(), id.into()];
        for (field, value) in before.difference(after) {
            let mut params = document.to_vec();
            params.extend([(*field).into(), value.as_str().into()]);
            self.later(DELETE, params, None).await?;
        }
        let fresh: Vec<_> = after.difference(before).collect();
        for some in fresh.chunks(MOST) {
            let places = (0..some.len()).map(|at| format!("(?1, ?2, ?{}, ?{}, ?3)", at * 2 + 4, at * 2 + 5));
            let places = places.collect::<Vec<_>>().join(", ");
            let mut params = document.to_vec();
            params.extend(some.iter().flat_map(|(field, value)| [(*field).into(), value.as_str().into()]));
            let sql = format!("INSERT INTO multi (dealer_id, kind, field, value, id) VALUES {places}");
            self.later(sql, params, None).await?;
        }
        Ok(())
    }

    /// Takes out the rows of a document that is gone.
    pub(crate) async fn multi_clear(&mut self, spec: &'static KindSpec, id: Id<()>) -> Result<()> {
        const DELETE: &str = "DELETE FROM multi WHERE dealer_id = ?1 AND kind = ?2 AND id = ?3";
        if spec.multi.is_empty() {
            return Ok(());
        }
        let params = vec![self.dealer_param(), spec.name.into(), id.into()];
        self.later(DELETE, params, None).await
    }
}
