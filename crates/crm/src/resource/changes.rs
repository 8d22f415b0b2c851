//! What one transaction has changed, for everything that is computed from it.

use forecourt_record::Result;
use forecourt_store::{Raw, Tx};

use crate::computed;

/// Documents as they were and as they are.
#[derive(Debug, Default)]
pub struct Changes(Vec<(Option<Raw>, Option<Raw>)>);

impl Changes {
    /// A document has changed: without `before` it is new, without `after` it is gone.
    pub fn add(&mut self, before: Option<Raw>, after: Option<Raw>) {
        self.0.push((before, after));
    }

    /// Brings in line what is computed from the documents that have changed.
    pub async fn follow(self, tx: &mut Tx) -> Result<()> {
        computed::follow(tx).await
    }
}
