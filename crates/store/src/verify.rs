//! Proves that a store is consistent: columns, tallies, words, references and keys all follow from the documents.

use std::collections::{BTreeMap, BTreeSet};

use forecourt_query::{Backend, phrase_query};
use forecourt_record::{
    DealerId, Instant, KINDS, Result,
    spec::{Bond, KindSpec},
};
use serde_json::{Value, json};

use crate::{
    Command, Lane, Scope, Store, Tx,
    sql::{Cell, Param, Row},
    statements::{Trees, root_of},
    tallies::Deltas,
    tx::TxEngine,
};

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    pub dealer: Option<String>,
    pub kind: String,
    pub problem: String,
}

/// Documents looked at in one statement.
const CHUNK: i64 = 1000;
/// Findings after which a dealer's check stops: the store is broken, and the list would only grow.
const MOST: usize = 1000;

impl Store {
    /// Checks the database's own structure and every dealer's data. An empty list means: consistent.
    pub async fn verify(&self, now: Instant) -> Result<Vec<Finding>> {
        let mut findings = self.read(Scope::system(now), Lane::Scan, Structure).await?;
        for dealer in self.read(Scope::system(now), Lane::Scan, Dealers).await? {
            findings.extend(self.read(Scope { dealer, ..Scope::system(now) }, Lane::Scan, DealerCheck).await?);
        }
        Ok(findings)
    }

    /// Checks the data of one dealer.
    pub async fn verify_dealer(&self, dealer: DealerId, now: Instant) -> Result<Vec<Finding>> {
        self.read(Scope { dealer, ..Scope::system(now) }, Lane::Scan, DealerCheck).await
    }
}

struct Dealers;

impl Command for Dealers {
    type Output = Vec<DealerId>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<DealerId>> {
        tx.dealer_ids().await
    }
}

/// The database's own check of its pages and indexes.
struct Structure;

impl Command for Structure {
    type Output = Vec<Finding>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Finding>> {
        let TxEngine::Sqlite(_) = tx.engine else { return Ok(Vec::new()) };
        tx.without_limit().await?;
        let mut findings = Vec::new();
        let mut add = |kind: &str, problem| findings.push(Finding { dealer: None, kind: kind.into(), problem });
        for mut row in tx.rows("PRAGMA integrity_check", &[]).await? {
            let problem = row.text(0)?;
            if problem != "ok" {
                add("file", problem);
            }
        }
        for spec in KINDS.iter().filter(|spec| !spec.text.is_empty()) {
            let name = spec.name;
            let sql = format!("SELECT count(*) FROM {name}_text WHERE rowid NOT IN (SELECT row FROM {name})");
            if let Some(count) =
                tx.row(&sql, &[]).await?.and_then(|mut row| row.optional_int(0)).filter(|count| *count > 0)
            {
                add(name, format!("the text index holds {count} documents that do not exist"));
            }
        }
        Ok(findings)
    }
}

struct DealerCheck;

impl Command for DealerCheck {
    type Output = Vec<Finding>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Finding>> {
        let mut found = Found { dealer: tx.scope().dealer, findings: Vec::new() };
        let mut deltas = Deltas::default();
        tx.without_limit().await?;
        for spec in KINDS {
            documents(tx, spec, &mut deltas, &mut found).await?;
            entries(tx, spec, &mut found).await?;
        }
        tallies(tx, deltas, &mut found).await?;
        keys(tx, &mut found).await?;
        histories(tx, &mut found).await?;
        Ok(found.findings)
    }
}

struct Found {
    dealer: DealerId,
    findings: Vec<Finding>,
}

impl Found {
    fn add(&mut self, kind: &str, problem: String) {
        if self.findings.len() < MOST {
            self.findings.push(Finding { dealer: Some(self.dealer.to_string()), kind: kind.into(), problem });
        }
    }
}

/// Every document can be read, its columns and words are those its trees give, it is counted, and what it belongs to is
/// there.
async fn documents(tx: &mut Tx, spec: &'static KindSpec, deltas: &mut Deltas, found: &mut Found) -> Result<()> {
    let hot = spec.hot.iter().fold(String::new(), |list, hot| list + ", " + hot.column);
    let words = match tx.engine {
        _ if spec.text.is_empty() => "NULL",
        TxEngine::Sqlite(_) => "row",
        TxEngine::Postgres(_) => "CAST(words AS TEXT)",
    };
    let sql = format!(
        "SELECT id, version, created_at, updated_at, doc, extra, computed, {words}{hot} FROM {} \
         WHERE dealer_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        spec.name
    );
    let mut after = String::new();
    loop {
        let rows = tx.rows(&sql, &[tx.dealer_param(), after.as_str().into(), CHUNK.into()]).await?;
        let Some(Cell::Text(last)) = rows.last().and_then(|row| row.0.first().cloned()) else { break };
        let mut several = several(tx, spec, &after, &last).await?;
        let mut owners = Owners::default();
        for row in rows {
            document(tx, spec, row, &mut several, deltas, &mut owners, found).await?;
        }
        for (id, _) in several {
            found.add(spec.name, format!("{id} does not exist and has values in a field with several"));
        }
        owners.check(tx, spec, found).await?;
        after = last;
    }
    for (id, _) in several(tx, spec, &after, "g").await? {
        found.add(spec.name, format!("{id} does not exist and has values in a field with several"));
    }
    Ok(())
}

/// The stored values of fields with several, by document, of the documents after one and up to another.
async fn several(
    tx: &mut Tx,
    spec: &'static KindSpec,
    after: &str,
    last: &str,
) -> Result<BTreeMap<String, BTreeSet<(String, String)>>> {
    const SELECT: &str =
        "SELECT id, field, value FROM multi WHERE dealer_id = ?1 AND kind = ?2 AND id > ?3 AND id <= ?4";
    let mut several: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for mut row in tx.rows(SELECT, &[tx.dealer_param(), spec.name.into(), after.into(), last.into()]).await? {
        several.entry(row.text(0)?).or_default().insert((row.text(1)?, row.text(2)?));
    }
    Ok(several)
}

async fn document(
    tx: &mut Tx,
    spec: &'static KindSpec,
    mut row: Row,
    several: &mut BTreeMap<String, BTreeSet<(String, String)>>,
    deltas: &mut Deltas,
    owners: &mut Owners,
    found: &mut Found,
) -> Result<()> {
    let id = row.text(0)?;
    let dealer = tx.scope().dealer;
    let [Ok(doc), Ok(extra), Ok(computed)] = [4, 5, 6].map(|at| row.json::<Value>(at)) else {
        found.add(spec.name, format!("{id} holds JSON that cannot be read"));
        return Ok(());
    };
    let (version, created_at, updated_at) = (row.int(1)?, row.instant(2)?, row.instant(3)?);
    for (name, expected) in [
        ("_id", json!(id)),
        ("dealer_id", json!(dealer)),
        ("created_at", json!(created_at)),
        ("updated_at", json!(updated_at)),
        ("__v", json!(version)),
    ] {
        if doc[name] != expected {
            found.add(spec.name, format!("{id}: the document's {name} is not what its column says"));
        }
    }
    let trees = Trees::new(doc, extra, computed);
    let expected = trees.hot(spec);
    for (hot, (expected, cell)) in spec.hot.iter().zip(expected.iter().zip(&row.0[8..])) {
        if !same(expected, cell) {
            found.add(spec.name, format!("{id}: column {} is not what the document says", hot.column));
        }
    }
    deltas.add(dealer, spec, &expected, 1);
    let values: BTreeSet<(String, String)> =
        trees.multi(spec).into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
    if several.remove(&id).unwrap_or_default() != values {
        found.add(spec.name, format!("{id} is not found by all the values of its fields with several"));
    }
    owners.gather(spec, &id, &trees);
    if !spec.text.is_empty() && !are_indexed(tx, spec, &trees.words(spec), row.0[7].clone()).await? {
        found.add(spec.name, format!("{id} is not found by all of its words"));
    }
    Ok(())
}

/// Whether the text index has these words for a document: `entry` is its number in the index on SQLite, and the index
/// entry itself on PostgreSQL.
async fn are_indexed(tx: &mut Tx, spec: &KindSpec, words: &[String], entry: Cell) -> Result<bool> {
    /// Words of one phrase, and phrases asked for in one statement.
    const MOST: usize = 16;
    let scope = tx.text_scope().to_owned();
    let row = match entry {
        Cell::Int(row) => row,
        Cell::Text(entry) => {
            let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for (at, word) in words.iter().enumerate().filter(|(_, word)| !word.is_empty()) {
                places.entry(word).or_default().push((at + 1).to_string());
            }
            let written = |(word, places): (&&str, &Vec<String>)| format!("'{scope}{word}':{}", places.join(","));
            let expected: BTreeSet<String> = places.iter().map(written).collect();
            return Ok(entry.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>() == expected);
        }
        Cell::Null => return Ok(false),
    };
    let lines = words.split(String::is_empty).flat_map(|line| line.chunks(MOST));
    let phrases: Vec<String> = lines.map(|line| phrase_query(line, Backend::Sqlite, &scope)).collect();
    let sql = format!("SELECT count(*) FROM {name}_text WHERE {name}_text MATCH ?1 AND rowid = ?2", name = spec.name);
    for some in phrases.chunks(MOST) {
        let row = tx.row(&sql, &[some.join(" AND ").into(), row.into()]).await?;
        if row.and_then(|mut row| row.optional_int(0)) != Some(1) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn same(expected: &Param, cell: &Cell) -> bool {
    match (expected, cell) {
        (Param::Null, Cell::Null) => true,
        (Param::Int(left), Cell::Int(right)) => left == right,
        (Param::Text(left), Cell::Text(right)) => left == right,
        _ => false,
    }
}

/// What the documents of a chunk belong to: by kind and id, the path and the id of one that says so.
#[derive(Default)]
struct Owners(BTreeMap<&'static str, BTreeMap<String, (&'static str, String)>>);

impl Owners {
    fn gather(&mut self, spec: &KindSpec, id: &str, trees: &Trees) {
        for reference in spec.references.iter().filter(|reference| reference.bond == Bond::Belongs) {
            for (kind, owner) in reference.named(root_of(trees, reference.part)) {
                self.0.entry(kind).or_default().insert(owner.to_owned(), (reference.path, id.to_owned()));
            }
        }
    }

    /// Every document belongs to one that exists.
    async fn check(self, tx: &mut Tx, spec: &KindSpec, found: &mut Found) -> Result<()> {
        /// Ids asked for in one statement.
        const MOST: usize = 200;
        for (kind, owners) in self.0 {
            let ids: Vec<&String> = owners.keys().collect();
            for some in ids.chunks(MOST) {
                let places: Vec<String> = (2..some.len() + 2).map(|at| format!("?{at}")).collect();
                let sql = format!("SELECT id FROM {kind} WHERE dealer_id = ?1 AND id IN ({})", places.join(", "));
                let mut params = vec![tx.dealer_param()];
                params.extend(some.iter().map(|id| Param::from(id.as_str())));
                let there: Result<BTreeSet<String>> =
                    tx.rows(&sql, &params).await?.into_iter().map(|mut row| row.text(0)).collect();
                let there = there?;
                for id in some.iter().filter(|id| !there.contains(**id)) {
                    let (path, child) = &owners[*id];
                    found.add(spec.name, format!("{child} names a missing {kind} in {path}"));
                }
            }
        }
        Ok(())
    }
}

/// Every document of a searchable kind stands in the text index, even one without words.
async fn entries(tx: &mut Tx, spec: &KindSpec, found: &mut Found) -> Result<()> {
    if spec.text.is_empty() || !matches!(tx.engine, TxEngine::Sqlite(_)) {
        return Ok(());
    }
    let name = spec.name;
    let sql =
        format!("SELECT id FROM {name} WHERE dealer_id = ?1 AND row NOT IN (SELECT rowid FROM {name}_text) LIMIT ?2");
    for mut row in tx.rows(&sql, &[tx.dealer_param(), CHUNK.into()]).await? {
        found.add(name, format!("{} is not in the text index", row.text(0)?));
    }
    Ok(())
}

/// The tallies are what counting gives.
async fn tallies(tx: &mut Tx, mut counted: Deltas, found: &mut Found) -> Result<()> {
    const STORED: &str = "SELECT kind, dimension, bucket, CAST(sum(n) AS BIGINT), CAST(sum(m1) AS BIGINT), \
         CAST(sum(m2) AS BIGINT) FROM tallies WHERE dealer_id = ?1 GROUP BY kind, dimension, bucket";
    let mut expected: BTreeMap<(String, String, String), [i64; 3]> = counted
        .drain()
        .into_iter()
        .map(|(bucket, sums)| ((bucket.kind.to_owned(), bucket.dimension, bucket.values), sums))
        .collect();
    for mut row in tx.rows(STORED, &[tx.dealer_param()]).await? {
        let key = (row.text(0)?, row.text(1)?, row.text(2)?);
        let sums = [row.int(3)?, row.int(4)?, row.int(5)?];
        let counted = expected.remove(&key).unwrap_or_default();
        if counted != sums {
            found.add(&key.0, format!("the tally by ({}) says {sums:?} where counting gives {counted:?}", key.1));
        }
    }
    for (key, counted) in expected {
        found.add(&key.0, format!("there is no tally by ({}) where counting gives {counted:?}", key.1));
    }
    Ok(())
}

/// Every key is held by a document that exists.
async fn keys(tx: &mut Tx, found: &mut Found) -> Result<()> {
    let kinds: BTreeSet<String> = tx
        .rows("SELECT DISTINCT kind FROM keys WHERE dealer_id = ?1", &[tx.dealer_param()])
        .await?
        .into_iter()
        .map(|mut row| row.text(0))
        .collect::<Result<_>>()?;
    for spec in KINDS.iter().filter(|spec| kinds.contains(spec.name)) {
        let name = spec.name;
        let sql = format!(
            "SELECT field FROM keys WHERE dealer_id = ?1 AND kind = ?2 AND NOT EXISTS \
             (SELECT 1 FROM {name} WHERE {name}.dealer_id = ?1 AND {name}.id = keys.id) LIMIT ?3"
        );
        for mut row in tx.rows(&sql, &[tx.dealer_param(), name.into(), CHUNK.into()]).await? {
            found.add(name, format!("a {} is held by a document that does not exist", row.text(0)?));
        }
    }
    Ok(())
}

/// Every lead has the event of its arrival: no lead is half there.
async fn histories(tx: &mut Tx, found: &mut Found) -> Result<()> {
    const SELECT: &str = "SELECT id FROM saleleads WHERE dealer_id = ?1 AND NOT EXISTS \
         (SELECT 1 FROM events WHERE events.dealer_id = ?1 AND events.lead_id = saleleads.id \
         AND events.name = 'lead.created') LIMIT ?2";
    for mut row in tx.rows(SELECT, &[tx.dealer_param(), CHUNK.into()]).await? {
        found.add("saleleads", format!("{} has no event of its arrival", row.text(0)?));
    }
    Ok(())
}
