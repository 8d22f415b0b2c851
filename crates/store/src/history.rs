//! What belongs to a lead: its events and its messages.

use forecourt_query::{Direction, order};
use forecourt_record::{Document, Kind, LeadId, Result, event::StoredEvent};

use crate::{Tx, events::stored, sql::Param, statements::COLUMNS, tx::Hold};

/// A lead as somebody names it: what belongs to it is found without the lead having been read before.
#[derive(Clone, Copy, Debug)]
pub enum LeadKey {
    Id(LeadId),
    Number(i64),
}

impl From<LeadId> for LeadKey {
    fn from(id: LeadId) -> Self {
        Self::Id(id)
    }
}

impl LeadKey {
    /// The lead's id as an expression over `?1`, the dealer, and `?2`.
    const fn sql(self) -> &'static str {
        match self {
            Self::Id(_) => "?2",
            Self::Number(_) => "(SELECT id FROM saleleads WHERE dealer_id = ?1 AND number = ?2)",
        }
    }

    fn param(self) -> Param {
        match self {
            Self::Id(id) => id.into(),
            Self::Number(number) => number.into(),
        }
    }
}

impl Tx {
    /// The newest events of a lead, newest first.
    pub async fn lead_events(&mut self, lead: impl Into<LeadKey>, limit: i64) -> Result<Vec<StoredEvent>> {
        let lead = lead.into();
        let sql = format!(
            "SELECT sequence, at, name, kind, id, actor, dialect, data FROM events \
             WHERE dealer_id = ?1 AND lead_id = {} ORDER BY sequence DESC LIMIT {limit}",
            lead.sql()
        );
        let rows = self.rows(&sql, &[self.dealer_param(), lead.param()]).await?;
        rows.into_iter().map(stored).collect()
    }

    /// The documents of a kind that belong to a lead, those with the highest value in the column `by` first.
    pub async fn lead_documents<K: Kind>(
        &mut self,
        lead: impl Into<LeadKey>,
        by: &'static str,
        limit: i64,
    ) -> Result<Vec<Document<K>>> {
        let (lead, name) = (lead.into(), K::SPEC.name);
        let order = order(&[(by, Direction::Descending)], K::SPEC)?;
        let sql = format!(
            "SELECT {COLUMNS} FROM {name} WHERE dealer_id = ?1 AND lead_id = {} ORDER BY {order} LIMIT {limit}",
            lead.sql()
        );
        let rows = self.rows(&sql, &[self.dealer_param(), lead.param()]).await?;
        rows.into_iter().map(|row| self.read_document(row, Hold::No)).collect()
    }
}
