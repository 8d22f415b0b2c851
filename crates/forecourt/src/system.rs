//! The world outside as the rest is given it: the system's clock and chance, the store, who speaks from a terminal.

use std::{
    env,
    sync::OnceLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use forecourt_connect::{Chat, Hooks, Sandbox};
use forecourt_crm::{Caller, Crm, Sight, lead::follow_key};
use forecourt_record::{Actor, Clock, Context, DealerId, Error, Instant, LeadId};
use forecourt_store::{Command, Location, Tx, file_in};

use crate::{
    config::{Behaviour, Callbacks, Config},
    failure::{Failure, Result},
};

/// The sandbox plays the same people on every start.
const SANDBOX_SEED: u64 = 1;

/// Whether a command may make the store it works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    MustExist,
    MayBeMade,
}

/// The system's clock and chance.
pub fn context() -> Context {
    Context::unforeseeable(Clock::from_fn(now), chance())
}

#[expect(clippy::disallowed_methods, reason = "the one place where time comes into the program")]
fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)) + ahead()
}

/// For tests of crashes only: so many seconds the clock is ahead, as if nobody had served the store for that long. What
/// the dead had claimed is due again then.
fn ahead() -> Duration {
    static AHEAD: OnceLock<Duration> = OnceLock::new();
    *AHEAD.get_or_init(|| {
        let seconds = env::var("FORECOURT_CRASH_AHEAD").ok().and_then(|seconds| seconds.parse().ok());
        Duration::from_secs(seconds.unwrap_or(0))
    })
}

#[expect(clippy::disallowed_methods, reason = "the one place where chance comes into the program")]
fn chance() -> [u8; 32] {
    rand::random()
}

/// Opens the store for a command.
pub async fn open(config: &Config, store: Store) -> Result<Crm> {
    let options = config.store();
    if let (Location::Folder(folder), Store::MustExist) = (&options.location, store)
        && !file_in(folder).exists()
    {
        return Err(Failure::new(format!(
            "There is no store in {}; say where with --data or --database.",
            folder.display()
        )));
    }
    let store = forecourt_store::Store::open(&options).await?;
    Ok(Crm::new(store, context()))
}

/// Who works from a terminal: the house itself, seeing all of a dealer.
pub fn caller(dealer: DealerId) -> Caller {
    Caller { dealer, actor: Actor::System, dialect: "cli", sight: Sight::All, history: false }
}

/// Who carries messages: the stand-in. What it was given is written down where there is a folder for it, so that
/// nothing is sent twice over a restart.
pub fn chat(config: &Config, behaviour: Behaviour) -> Result<Chat> {
    let sandbox = match config.folder() {
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .map_err(|error| Failure::new(format!("{} cannot be made: {error}.", folder.display())))?;
            Sandbox::recording(SANDBOX_SEED, behaviour.into(), &folder.join("sandbox.ndjson"))?
        }
        None => Sandbox::new(SANDBOX_SEED, behaviour.into()),
    };
    // For tests of crashes only: a provider that cannot tell what became of a message.
    let is_mute = env::var_os("FORECOURT_CRASH_MUTE").is_some();
    Ok(Chat::Sandbox(if is_mute { sandbox.mute() } else { sandbox }))
}

/// Who calls partners back.
pub fn hooks(config: &Config) -> Hooks {
    match config.callbacks {
        Callbacks::Public => Hooks::public(),
        Callbacks::Anywhere => Hooks::anywhere(),
    }
}

/// Keeps the house from looking at leads by itself: what is told of long ago is over.
pub async fn unfollow(crm: &Crm, caller: &Caller, leads: Vec<LeadId>) -> Result<(), Error> {
    if leads.is_empty() { Ok(()) } else { crm.store.write(crm.scope(caller), Unfollow(leads)).await }
}

struct Unfollow(Vec<LeadId>);

impl Command for Unfollow {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        for lead in &self.0 {
            tx.job_cancel(&follow_key(*lead)).await?;
        }
        Ok(())
    }
}
