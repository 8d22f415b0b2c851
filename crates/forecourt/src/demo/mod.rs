//! `forecourt demo`: a dealership that is ready to be tried, with users, keys and, unless told otherwise, ninety days of
//! invented business behind it.

pub mod dealership;
pub mod dice;
mod fill;
mod greeting;
pub mod people;
mod play;
mod schedules;
mod script;
mod state;
mod stock;
mod story;

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use forecourt_crm::{Crm, lead::LeadQuery};
use forecourt_query::Direction;

use self::{
    dealership::Dealership,
    greeting::Greeting,
    state::{Filling, State},
};
use crate::{
    config::{self, Behaviour, DatabaseUrl, Options, Preset},
    failure::{Failure, Result},
    logs,
    output::{self, Output},
    serving::{self, Door, Stop},
    system,
};

const EXAMPLES: &str = "\
Examples:
  forecourt demo                                   Data in demo-data/, on http://127.0.0.1:8080
  forecourt demo --empty --listen 127.0.0.1:0      A dealership without business yet, on a free port
  forecourt demo --data /tmp/demo --json           Address, users and keys as one line of JSON

Passwords and keys are invented at the first start and shown again by every other one from the same folder. What was
made here can be served by `forecourt serve` too. Nothing is sent to anybody: a stand-in plays the people.";

/// Where the demo keeps its data, or what does not belong into its database.
const FOLDER: &str = "demo-data";
/// The invented people of a filled demo have numbers below this.
pub const PEOPLE: u64 = 10_000;

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Demo {
    /// Address to listen on; port 0 picks a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Folder of the SQLite store, made when it is not there [default: demo-data]
    #[arg(long, value_name = "DIR", conflicts_with = "database")]
    data: Option<PathBuf>,
    /// URL of a PostgreSQL store, instead of a folder
    #[arg(long, value_name = "URL")]
    database: Option<DatabaseUrl>,
    /// With --database: folder that keeps the passwords and keys [default: demo-data]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Only the dealership: no vehicles, no leads, and nobody who writes back
    #[arg(long)]
    empty: bool,
    /// Whom the stand-in for WhatsApp plays [default: people; silent with --empty]
    #[arg(long, value_name = "WHOM")]
    sandbox: Option<Behaviour>,
    /// TOML file with further configuration; also FORECOURT_CONFIG
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub async fn run(demo: Demo, output: Output) -> Result<()> {
    let Demo { listen, data, database, state, empty, sandbox, config } = demo;
    let flags = Options { listen, data, database, state, sandbox, ..Options::default() };
    // Where nothing is going on, nothing happens by itself: whoever tests against it relies on that.
    let preset = Preset { data: FOLDER, sandbox: if empty { Behaviour::Silent } else { Behaviour::People } };
    let mut config = config::load(flags, config, preset)?;
    let folder = config.folder().cloned().unwrap_or_else(|| FOLDER.into());
    if config.database.is_some() {
        config.state = Some(folder.clone());
    }
    let stop = Stop::on_signal()?;
    let door = Door::open(config.listen).await?;
    let crm = system::open(&config, system::Store::MayBeMade).await?;
    let prepared = tokio::select! {
        prepared = prepare(&crm, &folder, empty) => prepared,
        () = stop.clone().wait() => Err(Failure::new("The demo was stopped before it was ready.")),
    };
    let dealership = match prepared {
        Ok(dealership) => dealership,
        Err(failure) => {
            crm.store.close().await;
            return Err(failure);
        }
    };
    logs::start(&config.log, config.log_format)?;
    let greeting = Greeting::new(&dealership, door.url());
    output.give(&greeting, || greeting.text(&folder))?;
    serving::open(&config, door, &stop, crm).await
}

/// Makes what is not there yet: the dealership, and its business.
async fn prepare(crm: &Crm, folder: &std::path::Path, empty: bool) -> Result<Dealership> {
    let mut state = State::load(folder, &crm.context)?;
    let dealership = dealership::ready(crm, &mut state).await?;
    if state.filling == Filling::Begun {
        output::progress("An earlier start was stopped while it invented data: what is there, is kept as it is.");
        fill::end(crm, &dealership).await?;
        state.filling = Filling::Done;
        state.save()?;
    }
    if !empty && state.filling == Filling::None && leads(crm, &dealership).await? == 0 {
        state.filling = Filling::Begun;
        state.save()?;
        fill::fill(crm, &dealership).await?;
        state.filling = Filling::Done;
        state.save()?;
    }
    Ok(dealership)
}

/// How many leads there are.
async fn leads(crm: &Crm, dealership: &Dealership) -> Result<i64> {
    Ok(crm.lead_list(&dealership.caller, newest(1), |page, _| page.total).await?)
}

/// The newest leads, whatever they are.
pub fn newest(limit: i64) -> LeadQuery {
    LeadQuery {
        status: None,
        filter: None,
        location: None,
        source: None,
        assigned_to: None,
        min_score: None,
        max_score: None,
        created_from: None,
        created_to: None,
        text: None,
        sort: (forecourt_crm::lead::LeadSort::CreatedAt, Direction::Descending),
        skip: 0,
        limit,
    }
}
