//! What became of each row of a file that is taken in: said once, in the transaction that did it.

use forecourt_record::{Error, Id, ImportId, Result};

use crate::{
    Tx,
    sql::{Param, Row},
};

/// A row of a file, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// Where it is in the file, from 1.
    pub line: i64,
    /// One word.
    pub outcome: String,
    /// The document it became, or was found to be.
    pub id: Option<Id<()>>,
    pub detail: Option<String>,
}

fn read(mut row: Row) -> Result<ImportRow> {
    Ok(ImportRow {
        line: row.int(0)?,
        outcome: row.text(1)?,
        id: row.optional_text(2).map(|id| id.parse().map_err(Error::internal)).transpose()?,
        detail: row.optional_text(3),
    })
}

impl Tx {
    /// Says what became of a row. Errors: `Conflict` when that was said before.
    pub async fn import_row(&mut self, import: ImportId, row: &ImportRow) -> Result<()> {
        const INSERT: &str = "INSERT INTO import_rows (dealer_id, import_id, line, outcome, id, detail) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let params: Vec<Param> = vec![
            self.dealer_param(),
            import.into(),
            row.line.into(),
            row.outcome.as_str().into(),
            row.id.into(),
            row.detail.clone().into(),
        ];
        self.later(INSERT, params, None).await
    }

    /// What became of the row on this line.
    pub async fn import_row_at(&mut self, import: ImportId, line: i64) -> Result<Option<ImportRow>> {
        const SELECT: &str = "SELECT line, outcome, id, detail FROM import_rows \
             WHERE dealer_id = ?1 AND import_id = ?2 AND line = ?3";
        self.row(SELECT, &[self.dealer_param(), import.into(), line.into()]).await?.map(read).transpose()
    }

    /// The lines something has been said of, in their order.
    pub async fn import_lines(&mut self, import: ImportId) -> Result<Vec<i64>> {
        const SELECT: &str = "SELECT line FROM import_rows WHERE dealer_id = ?1 AND import_id = ?2 ORDER BY line";
        let rows = self.rows(SELECT, &[self.dealer_param(), import.into()]).await?;
        rows.into_iter().map(|mut row| row.int(0)).collect()
    }

    /// How many rows came to what.
    pub async fn import_outcomes(&mut self, import: ImportId) -> Result<Vec<(String, i64)>> {
        const SELECT: &str = "SELECT outcome, count(*) FROM import_rows WHERE dealer_id = ?1 AND import_id = ?2 \
             GROUP BY outcome ORDER BY outcome";
        let rows = self.rows(SELECT, &[self.dealer_param(), import.into()]).await?;
        rows.into_iter().map(|mut row| Ok((row.text(0)?, row.int(1)?))).collect()
    }

    /// Rows that came to this, behind a line, at most so many.
    pub async fn import_rows(
        &mut self,
        import: ImportId,
        outcome: &str,
        after: i64,
        most: i64,
    ) -> Result<Vec<ImportRow>> {
        const SELECT: &str = "SELECT line, outcome, id, detail FROM import_rows \
             WHERE dealer_id = ?1 AND import_id = ?2 AND outcome = ?3 AND line > ?4 ORDER BY line LIMIT ?5";
        let params = [self.dealer_param(), import.into(), outcome.into(), after.into(), most.into()];
        self.rows(SELECT, &params).await?.into_iter().map(read).collect()
    }

    /// Says something else of a row.
    pub async fn import_row_change(&mut self, import: ImportId, line: i64, outcome: &str) -> Result<()> {
        const UPDATE: &str =
            "UPDATE import_rows SET outcome = ?4 WHERE dealer_id = ?1 AND import_id = ?2 AND line = ?3";
        let params = vec![self.dealer_param(), import.into(), line.into(), outcome.into()];
        self.later(UPDATE, params, Some(1)).await
    }
}
