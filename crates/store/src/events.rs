//! The event log: written in the transaction of what happened, only ever added to.

use forecourt_record::{
    Error, LeadId, Result,
    event::{Event, StoredEvent},
};

use crate::{
    Tx,
    sql::{Param, Row, json},
};

impl Tx {
    /// Writes an event, with who, through which door and when from the transaction's scope.
    pub async fn event(&mut self, event: Event) -> Result<()> {
        const INSERT: &str = "INSERT INTO events (dealer_id, at, name, kind, id, lead_id, actor, dialect, data) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let scope = self.scope();
        let params: Vec<Param> = vec![
            scope.dealer.into(),
            scope.now.into(),
            event.name.as_str().into(),
            event.kind.into(),
            event.id.into(),
            event.lead.into(),
            json(&scope.actor)?.into(),
            scope.dialect.into(),
            json(&event.data)?.into(),
        ];
        self.later(INSERT, params, None).await
    }

    /// Empties what a lead's events say, keeping that they happened.
    pub async fn lead_events_empty(&mut self, lead: LeadId) -> Result<()> {
        const EMPTY: &str = "UPDATE events SET data = ?3 WHERE dealer_id = ?1 AND lead_id = ?2";
        let params = vec![self.dealer_param(), lead.into(), "{}".into()];
        self.later(EMPTY, params, None).await
    }

    /// The newest events of the dealer, newest first.
    pub async fn events(&mut self, limit: i64) -> Result<Vec<StoredEvent>> {
        const SELECT: &str = "SELECT sequence, at, name, kind, id, actor, dialect, data FROM events \
             WHERE dealer_id = ?1 ORDER BY sequence DESC LIMIT ?2";
        let rows = self.rows(SELECT, &[self.dealer_param(), limit.into()]).await?;
        rows.into_iter().map(stored).collect()
    }
}

pub(crate) fn stored(mut row: Row) -> Result<StoredEvent> {
    Ok(StoredEvent {
        sequence: row.int(0)?,
        at: row.instant(1)?,
        name: row.text(2)?.parse().map_err(Error::internal)?,
        kind: row.text(3)?,
        id: row.id(4)?,
        actor: row.json(5)?,
        dialect: row.text(6)?,
        data: row.json(7)?,
    })
}
