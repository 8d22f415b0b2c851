//! A document as a transaction keeps it: its three texts, and its trees once somebody has asked for them.

use std::sync::OnceLock;

use forecourt_record::{Error, Result};
use serde_json::Value;

use crate::{sql::json as text_of, statements::Trees};

/// The texts never change, so they are taken apart once at most, and what was written is not taken apart at all.
#[derive(Debug)]
pub struct Kept {
    pub doc: String,
    pub extra: String,
    pub computed: String,
    trees: OnceLock<Trees>,
}

impl Kept {
    /// A document as it was read.
    pub fn read(doc: String, extra: String, computed: String) -> Self {
        Self { doc, extra, computed, trees: OnceLock::new() }
    }

    /// A document as it is about to be written. Errors: `Invalid` when a text in it cannot be stored.
    pub fn written(trees: Trees) -> Result<Self> {
        let [doc, extra, computed] = [text_of(&*trees.doc)?, text_of(&*trees.extra)?, text_of(&*trees.computed)?];
        Ok(Self { doc, extra, computed, trees: trees.into() })
    }

    /// Whether the texts are these.
    pub fn is(&self, [doc, extra, computed]: [&str; 3]) -> bool {
        self.doc == doc && self.extra == extra && self.computed == computed
    }

    pub fn trees(&self) -> Result<&Trees> {
        if let Some(trees) = self.trees.get() {
            return Ok(trees);
        }
        let tree = |text: &str| serde_json::from_str::<Value>(text).map_err(Error::internal);
        let trees = Trees::new(tree(&self.doc)?, tree(&self.extra)?, tree(&self.computed)?);
        Ok(self.trees.get_or_init(|| trees))
    }
}
