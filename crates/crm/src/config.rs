//! A dealer's settings, read once and kept until they change: every rule runs on them.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, PoisonError, RwLock},
};

use forecourt_query::{Direction, Filter, Find};
use forecourt_record::{
    Dealer, DealerId, DiallerType, Document, Location, Result, ScorecardVersion, User, UserId,
    calendar::{BusinessCalendar, Zone},
    gate::Rules,
    scoring::Scorecard,
};
use forecourt_store::{Command, Tx};

use crate::schedule::{self, InForce};

/// The counter that every change of settings raises.
const VERSION: &str = "settings";
/// More users or locations than this are not kept in memory.
const MOST: i64 = 5000;

/// Everything the rules need to know about a dealer.
#[derive(Clone, Debug)]
pub struct Config {
    pub version: i64,
    pub dealer: Document<Dealer>,
    pub locations: Vec<Document<Location>>,
    pub users: Vec<Document<User>>,
    pub scorecard: Scorecard,
    /// By name.
    pub schedules: Vec<InForce>,
    /// By name.
    pub lead_types: Vec<Document<DiallerType>>,
}

impl Config {
    pub fn location(&self, code: &str) -> Option<&Location> {
        self.locations.iter().map(|location| &location.doc).find(|location| location.code == code)
    }

    /// The small number of a location.
    pub fn branch(&self, code: &str) -> Option<i64> {
        let location = self.locations.iter().find(|location| location.doc.code == code);
        location.map(|location| location.extra.number)
    }

    pub fn user(&self, id: UserId) -> Option<&Document<User>> {
        self.users.iter().find(|user| user.id == id)
    }

    pub fn user_by_number(&self, number: i64) -> Option<&Document<User>> {
        self.users.iter().find(|user| user.extra.number == number)
    }

    /// The hours and zone of a location; of the first one, or of the dealer around the clock, where there is none.
    pub fn calendar(&self, location: Option<&str>) -> BusinessCalendar {
        location
            .and_then(|code| self.location(code))
            .or_else(|| self.locations.first().map(|location| &location.doc))
            .map_or_else(
                || BusinessCalendar::always(self.dealer.doc.time_zone.clone()),
                |location| location.calendar.clone(),
            )
    }

    /// The country whose national numbers are meant at a location.
    pub fn country(&self, location: Option<&str>) -> &str {
        location.and_then(|code| self.location(code)).map_or(&self.dealer.doc.country, |location| &location.country)
    }

    /// The language a person is written to in, where the person named none.
    pub fn language(&self, location: Option<&str>) -> &str {
        location
            .and_then(|code| self.location(code))
            .and_then(|location| location.language.as_deref())
            .unwrap_or(&self.dealer.doc.language)
    }

    /// The number messages of a location go out from.
    pub fn whatsapp_number(&self, location: Option<&str>) -> Option<&str> {
        location.and_then(|code| self.location(code)).and_then(|location| location.whatsapp_number.as_deref()).or(self
            .dealer
            .doc
            .whatsapp_number
            .as_deref())
    }

    /// When people who belong to a location may be contacted.
    pub fn contact_rules(&self, location: Option<&str>) -> &Rules {
        let shipped = || if self.country(location).eq_ignore_ascii_case("US") { Rules::us() } else { Rules::eu() };
        self.dealer.doc.contact_rules.as_ref().unwrap_or_else(shipped)
    }

    /// The dealer's days are counted in this zone.
    pub fn zone(&self) -> &Zone {
        &self.dealer.doc.time_zone
    }
}

/// The settings of the dealers this server has lately worked for.
#[derive(Default)]
pub struct Configs(RwLock<HashMap<DealerId, Arc<Config>>>);

impl Configs {
    /// The settings as they were last seen: those in force, unless somebody has just changed them.
    pub fn get(&self, dealer: DealerId) -> Option<Arc<Config>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&dealer).cloned()
    }

    fn put(&self, dealer: DealerId, config: Config) -> Arc<Config> {
        let config = Arc::new(config);
        let mut configs = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // A bound rather than a clock: a dealer that is asked for again is simply read again.
        if configs.len() >= 1000 {
            configs.clear();
        }
        configs.insert(dealer, config.clone());
        config
    }
}

impl Configs {
    /// The dealer's settings as of the transaction: those known, or, when they have changed since, read anew.
    pub async fn current(&self, tx: &mut Tx) -> Result<Arc<Config>> {
        let version = tx.counter(VERSION).await?;
        let dealer = tx.scope().dealer;
        if let Some(known) = self.get(dealer).filter(|known| known.version == version) {
            return Ok(known);
        }
        Ok(self.put(dealer, load(tx, version).await?))
    }
}

async fn load(tx: &mut Tx, version: i64) -> Result<Config> {
    let dealer = tx.require::<Dealer>(tx.scope().dealer).await?;
    let all = |column| Find { filter: Filter::all(), sort: vec![(column, Direction::Ascending)], skip: 0, limit: MOST };
    let locations = tx.find::<Location>(&all("code")).await?;
    let users = tx.find::<User>(&all("number")).await?;
    let newest = Find { sort: vec![("number", Direction::Descending)], limit: 1, ..all("number") };
    let scorecard =
        tx.find::<ScorecardVersion>(&newest).await?.pop().map_or_else(Scorecard::default, |card| card.doc.0);
    let schedules = schedule::in_force(tx, &all("name")).await?;
    let lead_types = tx.find::<DiallerType>(&all("name")).await?;
    Ok(Config { version, dealer, locations, users, scorecard, schedules, lead_types })
}

/// A question under a dealer's settings. Asking changes nothing and may happen twice.
pub trait Question: Send + Sync + 'static {
    type Answer: Send + 'static;

    fn ask(&self, tx: &mut Tx, config: &Arc<Config>) -> impl Future<Output = Result<Self::Answer>> + Send;
}

/// A question together with the settings it was answered under.
pub struct Asked<Q> {
    pub question: Q,
    pub configs: Arc<Configs>,
}

impl<Q: Question> Command for Asked<Q> {
    type Output = (Arc<Config>, Q::Answer);

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        // The settings are hardly ever others than those known, so all may be asked at once, where that is cheaper.
        if let Some(known) = self.configs.get(tx.scope().dealer)
            && tx.note()
        {
            tx.counter(VERSION).await?;
            // Without answers it may well come to nothing; what matters is what it asked on the way.
            drop(self.question.ask(tx, &known).await);
            tx.ask_noted().await?;
        }
        let config = self.configs.current(tx).await?;
        let answer = self.question.ask(tx, &config).await?;
        Ok((config, answer))
    }
}

/// The settings as a question of its own.
pub struct Current(pub Arc<Configs>);

impl Command for Current {
    type Output = Arc<Config>;

    async fn run(&self, tx: &mut Tx) -> Result<Arc<Config>> {
        self.0.current(tx).await
    }
}

/// Makes sure that a transaction runs under the settings in force.
///
/// Errors: `VersionBehind` when these are not.
pub async fn expect(tx: &mut Tx, config: &Config) -> Result<()> {
    tx.counter_expect(VERSION, config.version).await
}

/// Says, in the transaction that changes settings, that they have changed.
pub async fn changed(tx: &mut Tx) -> Result<()> {
    tx.counter_raise(VERSION).await.map(drop)
}
