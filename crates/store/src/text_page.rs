//! The newest documents that hold some words, on SQLite, whose text index knows rows but not instants.
//!
//! Asked as one statement, SQLite walks documents from the newest on and looks each of them up among all hits. But rows
//! are made in the order of time, nearly: so the page lies among the hits with the highest rows, unless an older row has
//! a newer document, and that is one look into the index by time.

use forecourt_query::{Direction, Filter, Find, text_query};
use forecourt_record::{Result, spec::KindSpec};

use crate::{
    Tx,
    sql::{Param, Row},
    tx::TxEngine,
};

/// So many hits are read and sorted, whatever their rows: about what the way over the highest rows reads.
const FEW: i64 = 200;
/// Hits looked at beyond the page: rows made at about the same time may have changed places.
const BEYOND: i64 = 64;
/// Pages that end further down are left to SQLite.
const DEEPEST: i64 = 1000;

/// The filter as the expression the text index takes, when words are all it asks for.
pub fn only_words(filter: &Filter, spec: &KindSpec, tx: &Tx) -> Option<String> {
    let words = match filter {
        Filter::Text(words) => words,
        Filter::And(parts) => match parts.as_slice() {
            [Filter::Text(words)] => words,
            _ => return None,
        },
        _ => return None,
    };
    let query = text_query(words, tx.backend(), tx.text_scope());
    let indexed = matches!(tx.engine, TxEngine::Sqlite(_)) && !spec.text.is_empty();
    (indexed && !query.is_empty()).then_some(query)
}

impl Tx {
    /// How many documents hold the words: every word carries the dealer's own prefix, so the index alone knows.
    pub(crate) async fn text_count(&mut self, spec: &'static KindSpec, words: &str) -> Result<i64> {
        if let Some((_, n)) = self.text_counted.as_ref().filter(|(counted, _)| counted == words) {
            return Ok(*n);
        }
        self.settle_words(true)?;
        let name = spec.name;
        let sql = format!("SELECT count(*) FROM {name}_text WHERE {name}_text MATCH ?1");
        let n = self.row(&sql, &[words.into()]).await?.map_or(Ok(0), |mut row| row.int(0))?;
        if !self.is_writable() {
            self.text_counted = Some((words.to_owned(), n));
        }
        Ok(n)
    }

    /// The page, when it can be told from the hits with the highest rows; none when the whole question has to be asked.
    pub(crate) async fn text_page(
        &mut self,
        spec: &'static KindSpec,
        columns: &str,
        words: &str,
        find: &Find,
    ) -> Result<Option<Vec<Row>>> {
        let end = find.skip.saturating_add(find.limit);
        if self.is_writable() || find.sort != [("created_at", Direction::Descending)] || end > DEEPEST {
            return Ok(None);
        }
        let (name, dealer) = (spec.name, self.dealer_param());
        let hits = format!("SELECT rowid FROM {name}_text WHERE {name}_text MATCH ?2");
        let page = |rows: &str| {
            format!(
                "SELECT {columns} FROM {name} NOT INDEXED WHERE dealer_id = ?1 AND row IN ({rows}) \
                 ORDER BY created_at DESC, id DESC LIMIT ?3 OFFSET ?4"
            )
        };
        let (limit, skip): (Param, Param) = (find.limit.max(0).into(), find.skip.max(0).into());
        if self.text_count(spec, words).await? <= FEW {
            return self.rows(&page(&hits), &[dealer, words.into(), limit, skip]).await.map(Some);
        }
        let newest = format!(
            "SELECT row, created_at FROM {name} NOT INDEXED WHERE dealer_id = ?1 \
             AND row IN ({hits} ORDER BY rowid DESC LIMIT ?3)"
        );
        let mut found = Vec::new();
        for mut row in self.rows(&newest, &[dealer.clone(), words.into(), (end + BEYOND).into()]).await? {
            found.push((row.int(1)?, row.int(0)?));
        }
        found.sort_unstable_by(|left, right| right.cmp(left));
        let last = usize::try_from(end - 1).ok().and_then(|at| found.get(at));
        let (Some((oldest, _)), Some(lowest)) = (last, found.iter().map(|(_, row)| *row).min()) else {
            return Ok(None);
        };
        let earlier = format!("SELECT 1 FROM {name} WHERE dealer_id = ?1 AND created_at >= ?2 AND +row < ?3 LIMIT 1");
        if !self.rows(&earlier, &[dealer.clone(), (*oldest).into(), lowest.into()]).await?.is_empty() {
            return Ok(None);
        }
        // Documents of one instant are told apart by their ids, so all of the last one's instant come along.
        let rows: Vec<i64> = found.iter().filter(|(at, _)| at >= oldest).map(|(_, row)| *row).collect();
        let rows: Param = crate::sql::json(&rows)?.into();
        self.rows(&page("SELECT value FROM json_each(?2)"), &[dealer, rows, limit, skip]).await.map(Some)
    }
}
