//! Every computed part anew from all of a dealer's documents, and what differs from what is stored.

use forecourt_query::Filter;
use forecourt_record::{
    Car, DealerId, Error, KINDS, Kind as _, Result,
    computed::{Paper, bucket, recompute},
};
use forecourt_store::{Command, Finding, Lane, Tx, Wanted, Which};
use serde_json::{Map, Value};

use crate::Crm;

/// The most differences told of one dealer.
const MOST: usize = 100;

impl Crm {
    /// What is wrong with a dealer's computed parts: nothing, or a bug of ours. Reads everything the dealer has.
    pub async fn computed_verify(&self, dealer: DealerId) -> Result<Vec<Finding>> {
        self.store.read(self.house(dealer), Lane::Scan, Verify).await
    }
}

struct Verify;

impl Command for Verify {
    type Output = Vec<Finding>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Finding>> {
        tx.without_limit().await?;
        let dealer = tx.scope().dealer;
        let wanted: Vec<Wanted> = KINDS.iter().map(|spec| Wanted { spec, which: Which::Are(Filter::all()) }).collect();
        let all: Vec<Paper> = tx.papers(&wanted).await?.into_iter().flatten().collect();
        let expected = recompute(&all)?;
        let mut findings = Vec::new();
        for paper in &all {
            let Some(expected) = expected.get(&(paper.kind, paper.id)) else { continue };
            for name in differing(&paper.computed, expected) {
                let problem = format!("{}: computed.{name} is not what follows from the other documents", paper.id);
                findings.push(Finding { dealer: Some(dealer.to_string()), kind: paper.kind.into(), problem });
            }
            let followed = || (Car::SPEC.types.followed)(&paper.doc, &paper.extra).map_err(Error::internal);
            if paper.kind == Car::SPEC.name && followed()? != *paper.extra {
                let problem = format!("{}: what only we know is not what follows from the document", paper.id);
                findings.push(Finding { dealer: Some(dealer.to_string()), kind: paper.kind.into(), problem });
            }
            let counted = paper.computed["response_time"].as_i64().map(bucket);
            if paper.kind == "saleleads" && paper.extra["response_bucket"].as_i64() != counted {
                let problem = format!("{}: its response time is not counted as what it is", paper.id);
                findings.push(Finding { dealer: Some(dealer.to_string()), kind: paper.kind.into(), problem });
            }
        }
        findings.truncate(MOST);
        Ok(findings)
    }
}

/// The members in which two computed parts differ.
fn differing(stored: &Value, expected: &Value) -> Vec<String> {
    let members = |part: &Value| part.as_object().cloned().unwrap_or_default();
    let (stored, expected): (Map<_, _>, Map<_, _>) = (members(stored), members(expected));
    let names = expected.keys().chain(stored.keys().filter(|name| !expected.contains_key(*name)));
    names.filter(|name| stored.get(*name) != expected.get(*name)).cloned().collect()
}
