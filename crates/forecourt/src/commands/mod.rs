//! The commands, one file each; `demo` has a folder of its own.

pub mod consent;
pub mod dealer;
pub mod dialling;
mod files;
pub mod import;
pub mod key;
pub mod location;
pub mod openapi;
pub mod pool;
mod rehearse;
mod rows;
pub mod rules;
pub mod schedule;
pub mod scorecard;
pub mod seed;
pub mod serve;
pub mod stock;
pub mod store;
pub mod suppression;
pub mod user;

use clap::Args;
use forecourt_connect::{Behaviour, Chat, Sandbox};
use forecourt_crm::{Caller, Crm};
use forecourt_outreach::Outreach;
use forecourt_record::{Dealer, DealerId, Document};

use crate::{
    config::StoreArgs,
    failure::{Failure, Result},
    system,
};

/// Which dealer's, in which store.
#[derive(Args, Clone, Debug)]
pub struct Whose {
    #[command(flatten)]
    store: StoreArgs,
    /// The dealer's id; may be left out when there is one dealer
    #[arg(long, value_name = "ID", global = true)]
    dealer: Option<DealerId>,
}

/// A store opened for one dealer's sake.
pub struct At {
    pub crm: Crm,
    pub dealer: Document<Dealer>,
    pub caller: Caller,
}

impl Whose {
    /// Opens the store. Errors: there is none; the dealer is not in it, or has to be named.
    pub async fn open(self) -> Result<At> {
        let crm = system::open(&self.store.load()?, system::Store::MustExist).await?;
        let mut dealers = crm.dealer_list().await?;
        let found = match self.dealer {
            Some(id) => dealers.into_iter().find(|dealer| dealer.id == id).ok_or_else(|| {
                Failure::new(format!("There is no dealer {id}; `forecourt dealer list` shows those there are."))
            }),
            None if dealers.len() == 1 => Ok(dealers.remove(0)),
            None if dealers.is_empty() => {
                Err(Failure::new("There is no dealer yet; add one with `forecourt dealer add`."))
            }
            None => Err(Failure::usage("There are several dealers; name one with --dealer ID.")),
        };
        match found {
            Ok(dealer) => Ok(At { caller: system::caller(dealer.id), crm, dealer }),
            Err(failure) => {
                crm.store.close().await;
                Err(failure)
            }
        }
    }
}

impl At {
    /// Closes the store, whatever came of the work, and hands that on.
    pub async fn close<T>(self, result: Result<T>) -> Result<T> {
        self.crm.store.close().await;
        result
    }
}

fn outreach(at: &At) -> Outreach {
    Outreach::new(at.crm.clone(), Chat::Sandbox(Sandbox::new(0, Behaviour::Silent)))
}
