//! What follows from documents is written anew, after a migration has given a kind new columns, words or tallies.
//!
//! The migration names a dealer and a kind in `counters`; opening the store fills them, each in one transaction that
//! takes the name away again. So it happens once, whatever breaks off in between and however many servers start.

use forecourt_query::Backend;
use forecourt_record::{Car, DealerId, Error, Instant, KINDS, Kind as _, Result, spec::KindSpec};
use tracing::info;

use crate::{
    Command, Lane, Scope, Store, Tx,
    multi::Values,
    statements::{Trees, indexed, statements},
    tx::TxEngine,
};

/// Documents filled between two questions.
const CHUNK: i64 = 500;

impl Store {
    /// Carries out what migrations have asked for.
    pub(crate) async fn refill(&self) -> Result<()> {
        let system = Scope::system(Instant::EPOCH);
        for (dealer, kind) in self.read(system, Lane::Scan, Asked).await? {
            for spec in KINDS.iter().filter(|spec| spec.name == kind) {
                let count = self.write(Scope { dealer, ..system }, Refill(spec)).await?;
                info!(%dealer, kind, count, "what follows from its documents was written anew");
            }
        }
        Ok(())
    }
}

/// The counter by which a migration asks for a kind.
fn counter(kind: &str) -> String {
    format!("refill:{kind}")
}

/// The dealers and kinds that are asked for.
struct Asked;

impl Command for Asked {
    type Output = Vec<(DealerId, String)>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        const SELECT: &str = "SELECT dealer_id, name FROM counters WHERE name LIKE 'refill:%' ORDER BY dealer_id, name";
        let rows = tx.rows(SELECT, &[]).await?;
        let asked = rows.into_iter().map(|mut row| {
            let kind = row.text(1)?;
            Ok((row.id(0)?, kind.trim_start_matches("refill:").to_owned()))
        });
        asked.collect()
    }
}

struct Refill(&'static KindSpec);

impl Command for Refill {
    type Output = i64;

    async fn run(&self, tx: &mut Tx) -> Result<i64> {
        const DONE: &str = "DELETE FROM counters WHERE dealer_id = ?1 AND name = ?2 RETURNING name";
        const FORGET: [&str; 2] = [
            "DELETE FROM tallies WHERE dealer_id = ?1 AND kind = ?2",
            "DELETE FROM multi WHERE dealer_id = ?1 AND kind = ?2",
        ];
        let spec = self.0;
        tx.without_limit().await?;
        // Who takes the name away has the work; another server waits here, and then finds nothing to do.
        let name = counter(spec.name);
        if tx.write_rows(DONE, &[tx.dealer_param(), name.into()]).await?.is_empty() {
            return Ok(0);
        }
        for forget in FORGET {
            tx.later(forget, vec![tx.dealer_param(), spec.name.into()], None).await?;
        }
        let (select, fill) = sql(spec, tx.backend());
        let (mut after, mut count) = (String::new(), 0);
        loop {
            let rows = tx.rows(&select, &[tx.dealer_param(), after.as_str().into(), CHUNK.into()]).await?;
            if rows.is_empty() {
                return Ok(count);
            }
            for mut row in rows {
                after = row.text(0)?;
                let mut trees = Trees::new(row.json(1)?, row.json(2)?, row.json(3)?);
                ours(tx, spec, &after, &mut trees).await?;
                document(tx, spec, &fill, &after, &trees).await?;
                tx.multi_follow(spec, after.parse().map_err(Error::internal)?, &Values::new(), &trees.multi(spec))
                    .await?;
                count += 1;
            }
        }
    }
}

/// Brings what only we know of a document to what a new one has.
async fn ours(tx: &mut Tx, spec: &'static KindSpec, id: &str, trees: &mut Trees) -> Result<()> {
    if trees.extra.is_null() {
        return Ok(());
    }
    let mut extra = (spec.types.followed)(&trees.doc, &trees.extra).map_err(Error::internal)?;
    if spec == Car::SPEC && extra["selling_id"].is_null() {
        extra["selling_id"] = tx.selling_id(id.parse().map_err(Error::internal)?).await?.into();
    }
    if extra != *trees.extra {
        let sql = format!("UPDATE {} SET extra = ?3 WHERE dealer_id = ?1 AND id = ?2", spec.name);
        let text = extra.to_string();
        tx.later(sql, vec![tx.dealer_param(), id.into(), text.into()], Some(1)).await?;
        trees.extra = extra.into();
    }
    Ok(())
}

async fn document(tx: &mut Tx, spec: &'static KindSpec, fill: &str, id: &str, trees: &Trees) -> Result<()> {
    let hot = trees.hot(spec);
    let mut params = vec![tx.dealer_param(), id.into()];
    params.extend(hot.clone());
    let words = (!spec.text.is_empty()).then(|| indexed(&trees.words(spec), tx.backend(), tx.text_scope()));
    match (&tx.engine, words) {
        (TxEngine::Sqlite(_), words) => {
            tx.later(fill.to_owned(), params, Some(1)).await?;
            if let Some(words) = words {
                // At once: the words of all documents are more than a transaction should hold.
                let row = tx.text_row(spec, id.parse().map_err(Error::internal)?).await?;
                let sql = statements(spec, Backend::Sqlite).text_replace.as_str();
                tx.later(sql, vec![row.into(), words.into()], None).await?;
            }
        }
        (TxEngine::Postgres(_), words) => {
            params.extend(words.map(crate::sql::Param::Text));
            tx.later(fill.to_owned(), params, Some(1)).await?;
        }
    }
    tx.deltas.add(tx.scope().dealer, spec, &hot, 1);
    Ok(())
}

/// The statements that read a chunk of documents, and that fill the columns of one.
fn sql(spec: &KindSpec, backend: Backend) -> (String, String) {
    let name = spec.name;
    let select =
        format!("SELECT id, doc, extra, computed FROM {name} WHERE dealer_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3");
    let mut changes: Vec<String> =
        spec.hot.iter().enumerate().map(|(at, hot)| format!("{} = ?{}", hot.column, at + 3)).collect();
    if backend == Backend::Postgres && !spec.text.is_empty() {
        changes.push(format!("words = CAST(CAST(?{} AS TEXT) AS TSVECTOR)", spec.hot.len() + 3));
    }
    (select, format!("UPDATE {name} SET {} WHERE dealer_id = ?1 AND id = ?2", changes.join(", ")))
}
