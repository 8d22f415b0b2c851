//! Lists of any published kind: pages, exact totals, and how the store finds them.

use std::{collections::HashMap, sync::Arc};

use forecourt_query::{FieldPath, Literal, Node, Search};
use forecourt_record::{Error, Id, Result, spec::KindSpec};
use forecourt_store::{Command, Explained, Found, Lane, Tx, lane};
use serde::Serialize;
use serde_json::Value;

use super::{
    question::{self, Asked, Question},
    sight,
};
use crate::{Caller, Crm, Sight};

/// Which part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageOf {
    pub skip: i64,
    pub limit: i64,
    /// What the page before said is next.
    pub after: Option<String>,
    /// Whether the total is wanted.
    pub count: bool,
}

/// A page of documents as they are stored.
#[derive(Debug)]
pub struct Listed {
    pub found: Vec<Found>,
    pub has_more: bool,
    /// How many there are in all, where that was asked for. Exact.
    pub total: Option<i64>,
    /// Where the next page goes on, where there is more.
    pub next: Option<String>,
    pub asked: Asked,
}

/// How a list would be found.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// `quick`, or `scan` where many documents have to be looked into.
    pub lane: &'static str,
    /// The database's own words, line by line.
    pub plan: Vec<String>,
    pub indexes: Vec<String>,
    /// Whether a count that every write keeps answers how many there are.
    pub counted_by_tally: bool,
    pub rows: i64,
    /// The whole question, what the caller may see included, as a query document.
    pub q: Option<Value>,
}

impl Crm {
    /// Documents of a kind that the caller sees.
    ///
    /// Errors: `Invalid`, pointing at the parameters; `QueryTooSlow`.
    pub async fn resource_list(
        &self,
        caller: &Caller,
        spec: &'static KindSpec,
        question: &Question,
        page: &PageOf,
    ) -> Result<Listed> {
        let (asked, list) = self.list(caller, spec, question, page).await?;
        let lane = lane(&list.search.filter, spec);
        let (mut found, total) = self.store.read(self.scope(caller), lane, list.clone()).await?;
        let has_more = found.len() as i64 > page.limit;
        found.truncate(page.limit.max(0) as usize);
        let next = match found.last() {
            Some(last) if has_more => Some(question::written(&asked.sort, last.cursor(&list.search)?)?),
            Some(_) | None => None,
        };
        Ok(Listed { found, has_more, total, next, asked })
    }

    /// How the store would find them.
    ///
    /// Errors: as of listing.
    pub async fn resource_explain(
        &self,
        caller: &Caller,
        spec: &'static KindSpec,
        question: &Question,
        page: &PageOf,
    ) -> Result<Explanation> {
        let (_, list) = self.list(caller, spec, question, page).await?;
        let q = forecourt_query::as_q(&list.search.filter);
        let Explained { lane, plan, indexes, counted_by_tally, rows } =
            self.store.read(self.scope(caller), Lane::Scan, Explain(list)).await?;
        let lane = if lane == Lane::Scan { "scan" } else { "quick" };
        Ok(Explanation { lane, plan, indexes, counted_by_tally, rows, q })
    }

    async fn list(
        &self,
        caller: &Caller,
        spec: &'static KindSpec,
        question: &Question,
        page: &PageOf,
    ) -> Result<(Asked, List)> {
        let config = self.config(caller.dealer).await?;
        let asked = question.read(spec, caller, &config, self.now())?;
        let after = page.after.as_deref().map(|text| question::read(text, &asked.sort)).transpose()?;
        let (filter, through_lead) = seen(&caller.sight, spec, asked.filter.clone())?;
        let search = Search { filter, sort: asked.sort.clone(), skip: page.skip, limit: page.limit, after };
        Ok((asked, List { spec, search, count: page.count, through_lead }))
    }
}

/// The question for what the caller sees; the locations of the leads to look at, where a document stands at none itself.
pub fn seen(sight: &Sight, spec: &'static KindSpec, filter: Node) -> Result<(Node, Option<Arc<Sight>>)> {
    let Sight::Locations(codes) = sight else { return Ok((filter, None)) };
    if sight::has_location(spec) {
        let path = FieldPath::resolve(spec, "location").map_err(|unknown| Error::internal(unknown.0))?;
        let codes = codes.iter().map(|code| Literal::from(code.as_str())).collect();
        return Ok((filter.and(Node::In(path, codes)), None));
    }
    Ok((filter, sight::is_of_lead(spec).then(|| Arc::new(sight.clone()))))
}

#[derive(Clone)]
struct List {
    spec: &'static KindSpec,
    search: Search,
    count: bool,
    through_lead: Option<Arc<Sight>>,
}

impl Command for List {
    type Output = (Vec<Found>, Option<i64>);

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        if let Some(sight) = &self.through_lead {
            return self.walk(tx, sight).await;
        }
        // One more tells whether there is more.
        let page = Search { limit: self.search.limit + 1, ..self.search.clone() };
        let found = tx.search(self.spec, &page).await?;
        let total = if self.count { Some(tx.search_count(self.spec, &self.search.filter).await?) } else { None };
        Ok((found, total))
    }
}

/// Documents looked at in one go while walking.
pub const STRIDE: i64 = 500;

impl List {
    /// The same where each document's lead says whether it is seen: looked at one after the other.
    async fn walk(&self, tx: &mut Tx, sight: &Sight) -> Result<(Vec<Found>, Option<i64>)> {
        let (mut page, mut before) = (Vec::new(), 0);
        let mut walker = Walker { spec: self.spec, sight, leads: HashMap::new() };
        let mut search = Search { skip: 0, limit: STRIDE, ..self.search.clone() };
        loop {
            let stride = tx.search(self.spec, &search).await?;
            let is_last = (stride.len() as i64) < STRIDE;
            search.after = match stride.last() {
                Some(last) => Some(last.cursor(&search)?),
                None => break,
            };
            for found in stride {
                if !walker.sees(tx, &found).await? {
                    continue;
                }
                if before < self.search.skip {
                    before += 1;
                } else {
                    page.push(found);
                }
            }
            if is_last || page.len() as i64 > self.search.limit {
                break;
            }
        }
        let total = if self.count { Some(self.walk_all(tx, &mut walker).await?) } else { None };
        Ok((page, total))
    }

    async fn walk_all(&self, tx: &mut Tx, walker: &mut Walker<'_>) -> Result<i64> {
        let mut total = 0;
        let mut search = Search { skip: 0, limit: STRIDE, after: None, ..self.search.clone() };
        loop {
            let stride = tx.search(self.spec, &search).await?;
            let Some(last) = stride.last() else { return Ok(total) };
            search.after = Some(last.cursor(&search)?);
            for found in &stride {
                total += i64::from(walker.sees(tx, found).await?);
            }
            if (stride.len() as i64) < STRIDE {
                return Ok(total);
            }
        }
    }
}

/// Asks whether documents are seen, each lead once.
struct Walker<'a> {
    spec: &'static KindSpec,
    sight: &'a Sight,
    leads: HashMap<Id<()>, bool>,
}

impl Walker<'_> {
    async fn sees(&mut self, tx: &mut Tx, found: &Found) -> Result<bool> {
        let doc: Value = serde_json::from_str(&found.doc).map_err(Error::internal)?;
        let lead = doc["lead_id"].as_str().and_then(|id| id.parse().ok());
        if let Some(known) = lead.and_then(|lead| self.leads.get(&lead)) {
            return Ok(*known);
        }
        let sees = sight::sees(tx, self.sight, self.spec, &doc).await?;
        self.leads.extend(lead.map(|lead| (lead, sees)));
        Ok(sees)
    }
}

struct Explain(List);

impl Command for Explain {
    type Output = Explained;

    async fn run(&self, tx: &mut Tx) -> Result<Explained> {
        tx.search_explain(self.0.spec, &self.0.search).await
    }
}
