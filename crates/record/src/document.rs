//! A document of any kind: the published tree, what only we know, and what is computed from other documents.

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Id, Instant, spec::KindSpec};

/// A kind of document: one struct for the published tree, one for what is ours, one for what is computed.
pub trait Kind: Clone + Send + Sync + Serialize + DeserializeOwned + JsonSchema + 'static {
    /// What other dialects and we ourselves know of it. Never answered raw.
    type Extra: Clone + Send + Sync + Default + Serialize + DeserializeOwned + 'static;
    /// What follows from other documents, kept exact in the transaction that changes them.
    type Computed: Clone + Send + Sync + Default + Serialize + DeserializeOwned + JsonSchema + 'static;

    /// Everything the store needs to know about the kind.
    const SPEC: &'static KindSpec;

    /// Brings what only we know in line with the published tree, as far as it follows from it.
    fn follow(&self, _extra: &mut Self::Extra) {}
}

/// A stored document.
#[derive(Clone, Debug)]
pub struct Document<K: Kind> {
    pub id: Id<K>,
    /// Starts at 0 and rises by one with every write.
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub doc: K,
    pub extra: K::Extra,
    pub computed: K::Computed,
}

impl<K: Kind> Document<K> {
    /// A document not stored yet.
    pub fn new(id: Id<K>, now: Instant, doc: K, extra: K::Extra) -> Self {
        Self { id, version: 0, created_at: now, updated_at: now, doc, extra, computed: K::Computed::default() }
    }
}
