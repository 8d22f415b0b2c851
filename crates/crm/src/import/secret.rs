//! The secret that signs the calls we make for a dealer.

use forecourt_connect::hook;
use forecourt_record::Result;
use forecourt_store::{Command, Scope, Tx};

use crate::Crm;

const NAME: &str = "callback";

impl Crm {
    /// The dealer's secret; made when it is first asked for.
    pub async fn callback_secret(&self, scope: Scope) -> Result<String> {
        let mut chance = [0; 32];
        self.context.fill(&mut chance);
        self.store.write(scope, Secret(hook::secret(chance))).await
    }
}

/// The secret there is, else the one given.
struct Secret(String);

impl Command for Secret {
    type Output = String;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        match tx.secret(NAME).await? {
            Some(known) => Ok(known),
            None => tx.secret_keep(NAME, &self.0).await,
        }
    }
}
