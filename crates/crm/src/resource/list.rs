//! A page of the documents that pass a question and that the caller sees, and how many there are in all.

use std::collections::HashMap;

use forecourt_query::{Cursor, FieldPath, Literal, Node, Search};
use forecourt_record::{Error, Result, spec::KindSpec};
use forecourt_store::{Command, Found, Lane, Tx, lane};

use super::sight;
use crate::{Caller, Crm, Sight};

/// A page of documents, as they are stored.
#[derive(Clone, Debug)]
pub struct Listing {
    pub found: Vec<Found>,
    /// Where the page behind this one begins; none when there is none.
    pub next: Option<Cursor>,
    /// How many pass in all, where that was asked for.
    pub total: Option<i64>,
}

/// Whether the number of all that pass is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    Exact,
    Unasked,
}

impl Crm {
    /// A page of documents that pass and that the caller sees.
    ///
    /// Errors: `QueryTooSlow`.
    pub async fn resource_list(
        &self,
        caller: &Caller,
        spec: &'static KindSpec,
        search: Search,
        total: Total,
    ) -> Result<Listing> {
        let filter = search.filter.clone().and(visible(&caller.sight, spec)?);
        let looks = caller.sight != Sight::All && sight::is_of_lead(spec);
        let lane = if looks { Lane::Scan } else { lane(&filter, spec) };
        let list = List { spec, sight: caller.sight.clone(), search: Search { filter, ..search }, total, looks };
        self.store.read(self.scope(caller), lane, list).await
    }
}

/// What a caller sees, as far as a document says it itself.
pub fn visible(sight: &Sight, spec: &'static KindSpec) -> Result<Node> {
    match sight {
        Sight::Locations(codes) if sight::has_location(spec) => {
            let path = FieldPath::resolve(spec, "location").map_err(Error::internal)?;
            Ok(Node::In(path, codes.iter().map(|code| Literal::from(code.as_str())).collect()))
        }
        Sight::All | Sight::Locations(_) => Ok(Node::all()),
    }
}

struct List {
    spec: &'static KindSpec,
    sight: Sight,
    search: Search,
    total: Total,
    /// Whether the caller's sight has to be looked up document by document, with the lead each belongs to.
    looks: bool,
}

impl Command for List {
    type Output = Listing;

    async fn run(&self, tx: &mut Tx) -> Result<Listing> {
        if self.looks {
            return self.seen(tx).await;
        }
        let one_more = Search { limit: self.search.limit.saturating_add(1), ..self.search.clone() };
        let mut found = tx.search(self.spec, &one_more).await?;
        let limit = usize::try_from(self.search.limit).unwrap_or(0);
        let more = found.len() > limit;
        found.truncate(limit);
        let total = match self.total {
            Total::Exact => Some(tx.search_count(self.spec, &self.search.filter).await?),
            Total::Unasked => None,
        };
        let next = found.last().filter(|_| more).map(|last| last.cursor(&self.search)).transpose()?;
        Ok(Listing { found, next, total })
    }
}

impl List {
    /// Walks over everything that passes and keeps what belongs to a lead the caller sees, or to none.
    async fn seen(&self, tx: &mut Tx) -> Result<Listing> {
        /// Documents looked at in one statement.
        const CHUNK: i64 = 500;
        let (skip, limit) = (self.search.skip.max(0), self.search.limit.max(0));
        let mut walk = Search { skip: 0, limit: CHUNK, ..self.search.clone() };
        let (mut found, mut next, mut total, mut leads) = (Vec::new(), None, 0, HashMap::new());
        'walk: loop {
            let some = tx.search(self.spec, &walk).await?;
            let Some(last) = some.last() else { break };
            walk.after = Some(last.cursor(&self.search)?);
            for one in some {
                let doc = one.parse(self.spec)?.doc;
                let lead = (doc["lead_type"].as_str().map(str::to_owned), doc["lead_id"].as_str().map(str::to_owned));
                let seen = match leads.get(&lead) {
                    Some(seen) => *seen,
                    None => sight::sees(tx, &self.sight, self.spec, &doc).await?,
                };
                leads.insert(lead, seen);
                if !seen {
                    continue;
                }
                total += 1;
                if total > skip && total <= skip + limit {
                    found.push(one);
                } else if total == skip + limit + 1 {
                    next = found.last().map(|last: &Found| last.cursor(&self.search)).transpose()?;
                    if self.total == Total::Unasked {
                        break 'walk;
                    }
                }
            }
        }
        Ok(Listing { found, next, total: (self.total == Total::Exact).then_some(total) })
    }
}
