//! What a transaction has written, and the documents that stand close to it: for those who keep the computed parts.

use std::{cmp::Ordering, collections::BTreeSet};

use forecourt_query::Filter;
use forecourt_record::{Error, Id, Instant, Result, computed::Paper, spec::KindSpec};
use serde::Deserialize as _;
use serde_json::Error as Broken;

use crate::{
    Raw, Tx,
    kept::Kept,
    raw::Found,
    sql::Param,
    statements::{COLUMNS, Trees},
    tx::{Hold, Seen, TxEngine},
};

/// A document as it was before this transaction and as it is now: without `before` it is new, without `after` it is gone.
#[derive(Clone, Debug)]
pub struct Change {
    pub spec: &'static KindSpec,
    pub before: Option<Paper>,
    pub after: Option<Paper>,
}

/// Documents of one kind to be looked up.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub spec: &'static KindSpec,
    pub which: Which,
}

/// Which documents of a kind are wanted.
#[derive(Clone, Debug)]
pub enum Which {
    /// Those that pass a filter over the hot columns.
    Are(Filter),
    /// Of those that pass a filter, so many with the greatest value in a column that all of them have.
    Newest(Filter, &'static str, i64),
    /// Those that hold one of these values in one of these fields of several values.
    Hold(&'static [&'static str], Vec<String>),
}

impl Tx {
    /// Remembers how a document was before this transaction wrote it for the first time.
    pub(crate) fn wrote(&mut self, spec: &'static KindSpec, id: Id<()>, before: Option<Seen>) {
        self.written.entry((spec.name, id)).or_insert((spec, before));
    }

    /// What this transaction has written since this was last asked, by kind and id.
    pub fn changes_take(&mut self) -> Result<Vec<Change>> {
        let written = std::mem::take(&mut self.written);
        let changes = written.into_iter().map(|((kind, id), (spec, before))| {
            let read = |seen: &Seen| paper(kind, id, seen.kept.trees()?);
            let after = self.seen.get(&(kind, id)).map(read).transpose()?;
            Ok(Change { spec, before: before.as_ref().map(read).transpose()?, after })
        });
        changes.filter(|change| !matches!(change, Ok(Change { before: None, after: None, .. }))).collect()
    }

    /// Forgets that a document was written: all that follows from it has been seen to.
    pub fn changes_settled(&mut self, spec: &'static KindSpec, id: Id<()>) {
        self.written.remove(&(spec.name, id));
    }

    /// Documents of several kinds in one round trip, each list by id. They are read for what they say, not to be changed.
    pub async fn papers(&mut self, wanted: &[Wanted]) -> Result<Vec<Vec<Paper>>> {
        let mut found = vec![Vec::new(); wanted.len()];
        for (at, Found { id, doc, extra, computed, .. }) in self.looked_up(wanted, Hold::No).await? {
            found[at].push(paper(wanted[at].spec.name, id, Kept::read(doc, extra, computed).trees()?)?);
        }
        Ok(found)
    }

    /// The same, holding them against other writers until the transaction ends: kind by kind, each in the order of ids.
    pub async fn papers_for_update(&mut self, wanted: &[Wanted]) -> Result<Vec<Vec<Paper>>> {
        self.may_write()?;
        let mut held = vec![Vec::new(); wanted.len()];
        for (at, found) in self.looked_up(wanted, Hold::Yes).await? {
            let spec = wanted[at].spec;
            let key = (spec.name, found.id);
            self.remember(spec, found, Hold::Yes);
            let seen = self.seen.get(&key).ok_or_else(|| Error::internal("a document was held and not remembered"))?;
            held[at].push(paper(spec.name, key.1, seen.kept.trees()?)?);
        }
        Ok(held)
    }

    /// All documents that pass a filter, to be changed: held as above.
    pub async fn raw_find_for_update(&mut self, spec: &'static KindSpec, filter: Filter) -> Result<Vec<Raw>> {
        self.may_write()?;
        let found = self.looked_up(&[Wanted { spec, which: Which::Are(filter) }], Hold::Yes).await?;
        found.into_iter().map(|(_, found)| self.raw_seen(spec, found, Hold::Yes)).collect()
    }

    /// How many documents are wanted, and when the newest of them was created.
    pub async fn papers_count(&mut self, wanted: &Wanted) -> Result<(i64, Option<Instant>)> {
        let mut params = vec![self.dealer_param()];
        let condition = self.condition(wanted.spec, &wanted.which, &mut params)?;
        let sql =
            format!("SELECT count(*), max(created_at) FROM {} WHERE dealer_id = ?1 AND {condition}", wanted.spec.name);
        let Some(mut row) = self.row(&sql, &params).await? else { return Ok((0, None)) };
        Ok((row.int(0)?, row.optional_int(1).map(Instant::from_millis)))
    }

    async fn looked_up(&mut self, wanted: &[Wanted], hold: Hold) -> Result<Vec<(usize, Found)>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let (sql, params) = self.look_up(wanted, hold)?;
        let rows = self.rows(&sql, &params).await?;
        let found = rows.into_iter().map(|mut row| {
            let at = usize::try_from(row.int(7)?).map_err(Error::internal)?;
            Ok((at, Found::of_row(row)?))
        });
        let mut found: Vec<(usize, Found)> = found.collect::<Result<_>>()?;
        // What was asked for in several ways is found by several of them.
        let is_split = |at: usize| self.ways(&wanted[at].which, hold).is_some();
        found.sort_by(|(a, one), (b, other)| {
            a.cmp(b).then_with(|| if is_split(*a) { one.id.cmp(&other.id) } else { Ordering::Equal })
        });
        found.dedup_by(|(a, one), (b, other)| a == b && one.id == other.id);
        Ok(found)
    }

    /// What an "or" asks for, one way after the other. For the whole of it SQLite reads all of a dealer's documents, and so
    /// does PostgreSQL as long as it takes the table for an empty one. What PostgreSQL holds is held in the order of the ids,
    /// whichever way it is found.
    fn ways<'w>(&self, which: &'w Which, hold: Hold) -> Option<&'w [Filter]> {
        match which {
            Which::Are(Filter::Or(ways)) if !ways.is_empty() => {
                (hold == Hold::No || matches!(self.engine, TxEngine::Sqlite(_))).then_some(ways)
            }
            Which::Are(_) | Which::Newest(..) | Which::Hold(..) => None,
        }
    }

    fn look_up(&mut self, wanted: &[Wanted], hold: Hold) -> Result<(String, Vec<Param>)> {
        let mut params = vec![self.dealer_param()];
        let mut parts: Vec<String> = Vec::new();
        let mut union: Vec<String> = Vec::new();
        let lock = if hold == Hold::Yes && matches!(self.engine, TxEngine::Postgres(_)) { " FOR UPDATE" } else { "" };
        // SQLite would rather read all of a dealer's documents in the order of the primary key than sort a few.
        let by_id = if matches!(self.engine, TxEngine::Sqlite(_)) { "+id" } else { "id" };
        for (at, Wanted { spec, which }) in wanted.iter().enumerate() {
            let order = match which {
                Which::Newest(_, column, most) => format!("{column} DESC, id DESC LIMIT {most}"),
                Which::Are(_) | Which::Hold(..) => by_id.to_owned(),
            };
            let conditions = match self.ways(which, hold) {
                Some(ways) => ways.iter().map(|way| self.passes(spec, way, &mut params)).collect::<Result<_>>()?,
                None => vec![self.condition(spec, which, &mut params)?],
            };
            for condition in conditions {
                let part = parts.len();
                parts.push(format!(
                    "p{part} AS MATERIALIZED (SELECT {COLUMNS} FROM {} WHERE dealer_id = ?1 AND {condition} \
                     ORDER BY {order}{lock})",
                    spec.name
                ));
                union.push(format!("SELECT {COLUMNS}, {at} FROM p{part}"));
            }
        }
        Ok((format!("WITH {} {}", parts.join(", "), union.join(" UNION ALL ")), params))
    }

    fn passes(&mut self, spec: &'static KindSpec, filter: &Filter, params: &mut Vec<Param>) -> Result<String> {
        let lowered = self.lowered(filter, spec, params.len() + 1)?;
        params.extend(lowered.values.into_iter().map(Param::from));
        Ok(lowered.sql)
    }

    fn condition(&mut self, spec: &'static KindSpec, which: &Which, params: &mut Vec<Param>) -> Result<String> {
        match which {
            Which::Are(filter) | Which::Newest(filter, ..) => self.passes(spec, filter, params),
            Which::Hold(_, values) if values.is_empty() => Ok("FALSE".to_owned()),
            Which::Hold(fields, values) => {
                let mut places = |texts: &mut dyn Iterator<Item = &str>| {
                    let mut places = Vec::new();
                    for text in texts {
                        params.push(text.into());
                        places.push(format!("?{}", params.len()));
                    }
                    places.join(", ")
                };
                let kind = places(&mut std::iter::once(spec.name));
                let fields = places(&mut fields.iter().copied());
                let values = places(&mut values.iter().map(|value| forecourt_query::column_text(value)));
                Ok(format!(
                    "id IN (SELECT id FROM multi WHERE dealer_id = ?1 AND kind = {kind} AND field IN ({fields}) \
                     AND value IN ({values}))"
                ))
            }
        }
    }

    /// Holds the document that a column of another one names, before that one is held: so everybody takes the two in
    /// the same order. Nothing happens when there is none.
    pub async fn hold_named(
        &mut self,
        spec: &'static KindSpec,
        id: Id<()>,
        column: &'static str,
        named: &'static KindSpec,
    ) -> Result<()> {
        if matches!(self.engine, TxEngine::Sqlite(_)) {
            return Ok(());
        }
        let sql = format!(
            "SELECT 1 FROM {} WHERE dealer_id = ?1 AND id = \
             (SELECT {column} FROM {} WHERE dealer_id = ?1 AND id = ?2) FOR UPDATE",
            named.name, spec.name
        );
        self.later(sql, vec![self.dealer_param(), id.into()], None).await
    }

    /// Holds documents of a kind against other writers, in the order of their ids. Nothing happens to those that are not
    /// there.
    pub async fn hold(&mut self, spec: &'static KindSpec, ids: &BTreeSet<Id<()>>) -> Result<()> {
        if matches!(self.engine, TxEngine::Sqlite(_)) || ids.is_empty() {
            return Ok(());
        }
        let places: Vec<String> = (2..ids.len() + 2).map(|at| format!("?{at}")).collect();
        let sql = format!(
            "SELECT 1 FROM {} WHERE dealer_id = ?1 AND id IN ({}) ORDER BY id FOR UPDATE",
            spec.name,
            places.join(", ")
        );
        let params = std::iter::once(self.dealer_param()).chain(ids.iter().map(|id| Param::from(*id))).collect();
        self.later(sql, params, None).await
    }

    /// Keeps other writers who hold one of these words waiting until this transaction ends: for what two of them look
    /// for at the same time, and neither has committed. One writer at a time needs no holding.
    pub async fn hold_words<'a>(&mut self, words: impl IntoIterator<Item = &'a str>) -> Result<()> {
        const HOLD: &str = "SELECT pg_advisory_xact_lock(hashtextextended(?1, 0))";
        if matches!(self.engine, TxEngine::Sqlite(_)) {
            return Ok(());
        }
        let mut words: Vec<&str> = words.into_iter().collect();
        words.sort_unstable();
        words.dedup();
        for word in words {
            let word = format!("{} {word}", self.scope().dealer);
            self.later(HOLD, vec![word.into()], None).await?;
        }
        Ok(())
    }
}

fn paper(kind: &'static str, id: Id<()>, trees: &Trees) -> Result<Paper> {
    let broken = |error: Broken| Error::internal(format!("{id} of {kind} cannot be read: {error}"));
    let created_at = Instant::deserialize(&trees.doc["created_at"]).map_err(broken)?;
    let Trees { doc, extra, computed } = trees.clone();
    Ok(Paper { kind, id, created_at, doc, extra, computed })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use forecourt_query::Value;
    use forecourt_record::{Actor, DealerId, KINDS};

    use super::*;
    use crate::{Command, Lane, Location, Options, Scope, Store};

    /// The kinds a client's documents are looked for in, with two columns each.
    const EITHER: [(&str, &str, &str); 6] = [
        ("saleleads", "client_id", "id"),
        ("tasks", "client_id", "lead_id"),
        ("offers", "client_id", "lead_id"),
        ("sms", "sender", "recipient"),
        ("emails", "sender", "client_id"),
        ("chatsessions", "client_phone", "client_email"),
    ];

    struct Plans;

    impl Command for Plans {
        type Output = Vec<String>;

        async fn run(&self, tx: &mut Tx) -> Result<Vec<String>> {
            let mut steps = Vec::new();
            for (kind, one, other) in EITHER {
                let spec = KINDS.iter().copied().find(|spec| spec.name == kind).unwrap();
                let within =
                    |column| Filter::In(column, vec![Value::from("a".to_owned()), Value::from("b".to_owned())]);
                for filter in [within(one), Filter::Or(vec![within(one), within(other)])] {
                    let (sql, params) = tx.look_up(&[Wanted { spec, which: Which::Are(filter) }], Hold::Yes)?;
                    for mut row in tx.rows(&format!("EXPLAIN QUERY PLAN {sql}"), &params).await? {
                        steps.push(row.text(3)?);
                    }
                }
            }
            Ok(steps)
        }
    }

    #[tokio::test]
    async fn what_is_looked_up_on_sqlite_is_found_by_more_than_its_dealer() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Options::new(Location::Folder(folder.path().to_owned()))).await.unwrap();
        let dealer: DealerId = "0193a5d2c7f0a1b2000000ff".parse().unwrap();
        let scope = Scope { dealer, actor: Actor::System, dialect: "test", now: Instant::from_millis(0) };
        let steps = store.read(scope, Lane::Quick, Plans).await.unwrap();
        let searches: Vec<&String> = steps.iter().filter(|step| step.starts_with("SEARCH")).collect();
        assert!(searches.len() > 2 * EITHER.len(), "{steps:#?}");
        for search in searches {
            assert!(!search.ends_with("(dealer_id=?)"), "{search}");
        }
        assert!(!steps.iter().any(|step| step.starts_with("SCAN") && !step.starts_with("SCAN p")), "{steps:#?}");
    }
}
