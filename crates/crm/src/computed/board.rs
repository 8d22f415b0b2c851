//! The computed parts being worked on: each is stored once, in the order in which it was held, and only if it differs.

use std::{collections::HashMap, sync::Arc};

use forecourt_record::{
    Result,
    computed::{Facet, Key, Paper, bucket, put},
};
use forecourt_store::Tx;
use serde_json::Value;

use super::spec;

/// Computed parts of documents that this transaction holds.
#[derive(Default)]
pub struct Board {
    parts: HashMap<Key, Part>,
    order: Vec<Key>,
}

/// A computed part as it was and as it becomes, with the document's own part.
pub struct Part {
    before: Arc<Value>,
    now: Arc<Value>,
    extra: Arc<Value>,
}

impl Board {
    /// Notes that a document is held: it is stored after those that were before.
    pub fn hold(&mut self, paper: &Paper) -> &mut Part {
        let key = (paper.kind, paper.id);
        self.parts.entry(key).or_insert_with(|| {
            self.order.push(key);
            Part { before: paper.computed.clone(), now: paper.computed.clone(), extra: paper.extra.clone() }
        })
    }

    /// The computed part of a held document as it stands.
    pub fn part(&mut self, paper: &Paper) -> &Value {
        &self.hold(paper).now
    }

    /// Puts a computed part in the place of the one that stands.
    pub fn set(&mut self, paper: &Paper, computed: Arc<Value>) {
        self.hold(paper).now = computed;
    }

    pub fn put(&mut self, paper: &Paper, facet: Facet) {
        put(Arc::make_mut(&mut self.hold(paper).now), facet);
    }

    /// Stores what differs from what is stored.
    pub async fn store(mut self, tx: &mut Tx) -> Result<()> {
        for key in self.order {
            let Some(part) = self.parts.remove(&key).filter(|part| part.now != part.before) else { continue };
            let extra = bucketed(&part);
            tx.computed_put(spec(key.0)?, key.1, part.now, extra).await?;
        }
        Ok(())
    }
}

/// The own part of a lead whose response time has changed: the histogram counts by two digits of it.
fn bucketed(part: &Part) -> Option<Value> {
    if part.now["response_time"] == part.before["response_time"] || !part.extra.is_object() {
        return None;
    }
    let mut extra = Value::clone(&part.extra);
    put(&mut extra, vec![("response_bucket", part.now["response_time"].as_i64().map(bucket).into())]);
    Some(extra)
}
