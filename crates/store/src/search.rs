//! Questions asked with the query tree: pages, exact totals, and how a question is answered.

use std::fmt::Write as _;

use forecourt_query::{
    Backend, Cursor, Direction, LoweredSearch, Node, Op, Search, SortKey, Subject, cursor, lower_node, lower_search,
    node_tally_plan,
};
use forecourt_record::{
    Error, Instant, Result,
    spec::{Hot, KindSpec, Type},
};
use serde_json::Value;

use crate::{
    Found, Lane, Tx,
    sql::{Param, Row},
    statements::COLUMNS,
    tx::TxEngine,
};

/// Pages that begin further down are found in two steps.
const DEEP: i64 = 250;

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    pub lane: Lane,
    /// The database's own words, line by line.
    pub plan: Vec<String>,
    /// The indexes it uses.
    pub indexes: Vec<String>,
    /// Whether a maintained count answers how many there are.
    pub counted_by_tally: bool,
    /// How many documents pass.
    pub rows: i64,
}

/// The readers for a question: the slow lane where documents have to be looked into.
pub fn lane(node: &Node, spec: &KindSpec) -> Lane {
    if node.looks_into_documents(spec) { Lane::Scan } else { Lane::Quick }
}

/// The part of a statement's rows that a page shows. The limit is a number in the text: PostgreSQL plans a statement
/// once only where it knows how much is wanted.
pub(crate) fn part_of(mut sql: String, mut params: Vec<Param>, limit: i64, skip: i64) -> (String, Vec<Param>) {
    let _ = write!(sql, " LIMIT {}", limit.max(0));
    if skip > 0 {
        params.push(skip.into());
        let _ = write!(sql, " OFFSET ?{}", params.len());
    }
    (sql, params)
}

impl Found {
    /// Where a page that ends with this document goes on.
    pub fn cursor(&self, search: &Search) -> Result<Cursor> {
        let tree = |text: &str| serde_json::from_str::<Value>(text).map_err(Error::internal);
        let (doc, extra, computed) = (tree(&self.doc)?, tree(&self.extra)?, tree(&self.computed)?);
        let subject = Subject { doc: &doc, extra: &extra, computed: &computed, words: &[] };
        Ok(cursor(search, self.id.to_string(), subject))
    }
}

impl Tx {
    /// A page of documents.
    ///
    /// Errors: `QueryTooSlow` when it takes longer than a question may.
    pub async fn search(&mut self, spec: &'static KindSpec, search: &Search) -> Result<Vec<Found>> {
        let nearer = self.nearer_search(spec, search).await?;
        let (sql, params) = self.page(spec, nearer.as_ref().unwrap_or(search))?;
        self.rows(&sql, &params).await?.into_iter().map(Found::of_row).collect()
    }

    /// The same page of a question in the order of time, asked for from the instant at which it begins: the way there
    /// goes through the index alone, where one statement would sort whole documents. None where the page is near, or in
    /// another order.
    async fn nearer_search(&mut self, spec: &'static KindSpec, search: &Search) -> Result<Option<Search>> {
        let [SortKey { path, direction }] = search.sort.as_slice() else { return Ok(None) };
        let instant = path.column.filter(|column| column.always && column.kind == Type::Instant);
        let Some(column) = instant.filter(|_| search.skip > DEEP && search.after.is_none()) else { return Ok(None) };
        let (word, passed, left) = match direction {
            Direction::Ascending => ("ASC", Op::Lt, Op::Gte),
            Direction::Descending => ("DESC", Op::Gt, Op::Lte),
        };
        self.settle_words(search.filter.asks_words())?;
        let lowered = lower_node(&search.filter, spec, self.backend(), self.text_scope(), 2);
        let (kind, name) = (spec.name, column.name);
        let sql = format!("SELECT {name} FROM {kind} WHERE dealer_id = ?1 AND {} ORDER BY {name} {word}", lowered.sql);
        let mut params = vec![self.dealer_param()];
        params.extend(lowered.values.into_iter().map(Param::from));
        let (sql, params) = part_of(sql, params, 1, search.skip);
        let Some(mut row) = self.row(&sql, &params).await? else {
            return Ok(Some(Search { filter: Node::Or(Vec::new()), skip: 0, ..search.clone() }));
        };
        let begins = Instant::from_millis(row.int(0)?).to_string();
        let among = |op| search.filter.clone().and(Node::Compare(path.clone(), op, begins.clone().into()));
        let passed = self.search_count(spec, &among(passed)).await?;
        Ok(Some(Search { filter: among(left), skip: search.skip - passed, ..search.clone() }))
    }

    fn page(&mut self, spec: &KindSpec, search: &Search) -> Result<(String, Vec<Param>)> {
        self.settle_words(search.filter.asks_words())?;
        let LoweredSearch { joins, filter, order, values } =
            lower_search(search, spec, self.backend(), self.text_scope(), 2);
        let kind = spec.name;
        let mut params = vec![self.dealer_param()];
        params.extend(values.into_iter().map(Param::from));
        let page =
            |columns| format!("SELECT {columns} FROM {kind}{joins} WHERE dealer_id = ?1 AND {filter} ORDER BY {order}");
        if search.sort.is_empty() || self.backend() == Backend::Postgres {
            return Ok(part_of(page(COLUMNS), params, search.limit, search.skip));
        }
        // SQLite carries what it selects through its sorting: documents that nobody is shown are left out of it.
        let (rows, params) = part_of(page("row"), params, search.limit, search.skip);
        Ok((format!("SELECT {COLUMNS} FROM {kind} NOT INDEXED WHERE row IN ({rows}) ORDER BY {order}"), params))
    }

    /// How many documents pass: exact, from a tally where one covers the question, else by counting.
    ///
    /// Errors: as [`Tx::search`].
    pub async fn search_count(&mut self, spec: &'static KindSpec, node: &Node) -> Result<i64> {
        if let Some(plan) = node_tally_plan(node, spec, &[]).filter(|_| !self.is_writable()) {
            let rows = self.tallies(spec, &plan.tally.by.join(","), &plan.wanted).await?;
            return Ok(rows.iter().map(|row| row.n).sum());
        }
        self.settle_words(node.asks_words())?;
        let lowered = lower_node(node, spec, self.backend(), self.text_scope(), 2);
        let name = spec.name;
        if let (Node::Text(_), TxEngine::Sqlite(_), 1) = (node, &self.engine, lowered.values.len()) {
            // Every word carries the dealer's own prefix, so the index alone knows the answer.
            let sql = format!("SELECT count(*) FROM {name}_text WHERE {name}_text MATCH ?1");
            let params: Vec<Param> = lowered.values.into_iter().map(Param::from).collect();
            return self.row(&sql, &params).await?.map_or(Ok(0), |mut row| row.int(0));
        }
        let sql = format!("SELECT count(*) FROM {name} WHERE dealer_id = ?1 AND {}", lowered.sql);
        let mut params = vec![self.dealer_param()];
        params.extend(lowered.values.into_iter().map(Param::from));
        self.row(&sql, &params).await?.map_or(Ok(0), |mut row| row.int(0))
    }

    /// The values that a column has among the documents that pass, each once and in their order: not those it does not
    /// have. The column has an index of its own.
    ///
    /// Errors: as [`Tx::search`].
    pub async fn search_values(
        &mut self,
        spec: &'static KindSpec,
        node: &Node,
        column: &'static Hot,
        most: i64,
    ) -> Result<Vec<Value>> {
        self.settle_words(node.asks_words())?;
        let lowered = lower_node(node, spec, self.backend(), self.text_scope(), 2);
        let (kind, name, limit) = (spec.name, column.column, lowered.values.len() + 2);
        let sql = if *node == Node::all() {
            // From each value straight to the next one: a few looks into the index, however many documents there are.
            format!(
                "WITH RECURSIVE found (value) AS (SELECT min({name}) FROM {kind} WHERE dealer_id = ?1 UNION ALL \
                 SELECT (SELECT min({name}) FROM {kind} WHERE dealer_id = ?1 AND {name} > found.value) FROM found \
                 WHERE found.value IS NOT NULL) SELECT value FROM found WHERE value IS NOT NULL LIMIT ?{limit}"
            )
        } else {
            format!(
                "SELECT DISTINCT {name} FROM {kind} WHERE dealer_id = ?1 AND {} AND {name} IS NOT NULL ORDER BY {name} LIMIT ?{limit}",
                lowered.sql
            )
        };
        let mut params = vec![self.dealer_param()];
        params.extend(lowered.values.into_iter().map(Param::from));
        params.push(most.into());
        let rows = self.rows(&sql, &params).await?;
        let value = |mut row: Row| match column.kind {
            Type::Text | Type::Folded => row.text(0).map(Value::from),
            Type::Flag => row.int(0).map(|flag| (flag != 0).into()),
            Type::Int | Type::Hundredths | Type::Instant => row.int(0).map(Value::from),
        };
        rows.into_iter().map(value).collect()
    }

    /// How a page is found, and how many documents pass.
    pub async fn search_explain(&mut self, spec: &'static KindSpec, search: &Search) -> Result<Explained> {
        let (sql, params) = self.page(spec, search)?;
        let (explain, at) = match self.engine {
            TxEngine::Sqlite(_) => ("EXPLAIN QUERY PLAN", 3),
            TxEngine::Postgres(_) => ("EXPLAIN", 0),
        };
        let rows = self.rows(&format!("{explain} {sql}"), &params).await?;
        let plan: Vec<String> = rows.into_iter().map(|mut row| row.text(at)).collect::<Result<_>>()?;
        let named = plan.iter().flat_map(|line| line.split([' ', '('])).filter(|word| word.contains("_by_"));
        let mut indexes: Vec<String> = named.map(str::to_owned).collect();
        indexes.sort_unstable();
        indexes.dedup();
        let counted_by_tally = node_tally_plan(&search.filter, spec, &[]).is_some();
        let rows = self.search_count(spec, &search.filter).await?;
        Ok(Explained { lane: lane(&search.filter, spec), plan, indexes, counted_by_tally, rows })
    }
}
