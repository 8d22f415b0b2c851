//! The subject: the real `forecourt` binary over its own store, and what must be known of that store to ask about it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use http::StatusCode;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use tokio::process::Command;

use crate::child::{Server, finish};
use crate::client::{call, get};
use crate::under::Under;
use crate::{Result, database, export, person};

/// Where the subject keeps its records.
pub enum Store {
    Folder(PathBuf),
    Database(String),
}

/// How the subject's dealership is asked: a key for each dialect, and its id in a path.
#[derive(Clone, Debug, Default)]
pub struct Access {
    pub altum: String,
    pub walcu: String,
    pub autengo: String,
    pub dialler: String,
    /// The lead token of a schedule.
    pub trackdrive: String,
    pub dealer: String,
}

/// A prepared store, and the keys that open it.
pub struct Subject {
    binary: PathBuf,
    pub store: Store,
    log: PathBuf,
    pub access: Access,
}

impl Subject {
    /// Makes an empty dealership by `forecourt demo --empty` and takes its keys, which the same store keeps.
    pub async fn prepare(binary: &Path, store: Store, log: &Path) -> Result<Self> {
        let mut subject = Self { binary: binary.to_owned(), store, log: log.to_owned(), access: Access::default() };
        let mut demo = subject.command("demo");
        demo.args(["--empty", "--json", "--listen", "127.0.0.1:0"]);
        let server = Server::start(demo, log).await?;
        let greeting: Value = serde_json::from_str(&server.greeting)?;
        let told = |at: &str| {
            let text = greeting.pointer(at).and_then(Value::as_str).map(str::to_owned);
            text.ok_or_else(|| format!("demo --json gives no {at}"))
        };
        subject.access = Access {
            altum: told("/keys/altum")?,
            walcu: told("/keys/walcu")?,
            autengo: told("/keys/autengo")?,
            dialler: told("/keys/dialler")?,
            trackdrive: told("/keys/trackdrive_schedule_token")?,
            dealer: told("/dealer_id")?,
        };
        server.stop().await?;
        Ok(subject)
    }

    /// Adds `leads` leads through the real intake, without HTTP.
    pub async fn seed(&self, leads: u64) -> Result<()> {
        self.seed_into(&self.store, "--leads", leads).await
    }

    /// The same without waiting for the disk where that can be said: what is seeded in bulk is settled later.
    pub async fn fill(&self, leads: u64) -> Result<()> {
        self.seed_unhurried("--leads", leads).await
    }

    /// Adds `vehicles` vehicles to the stock, as resources are created, without waiting for the disk either.
    pub async fn stock_up(&self, vehicles: u64) -> Result<()> {
        self.seed_unhurried("--vehicles", vehicles).await
    }

    async fn seed_unhurried(&self, what: &str, many: u64) -> Result<()> {
        match &self.store {
            Store::Folder(_) => self.seed_into(&self.store, what, many).await,
            Store::Database(url) => self.seed_into(&Store::Database(database::unhurried(url)), what, many).await,
        }
    }

    async fn seed_into(&self, store: &Store, what: &str, many: u64) -> Result<()> {
        let mut seed = self.on(store, "seed");
        seed.args([what, &many.to_string(), "--json"]);
        finish(seed).await.map(drop)
    }

    /// Takes the rows of a file in, without HTTP. Gives what it told.
    pub async fn import(&self, file: &Path) -> Result<Value> {
        let mut import = self.command("import");
        import.arg(file).arg("--json");
        Ok(serde_json::from_str(&finish(import).await?)?)
    }

    /// The store itself, beside whoever serves it.
    pub async fn under(&self) -> Result<Under> {
        Under::open(&self.store).await
    }

    /// Runs a command on the store to its end, and gives its answer.
    pub async fn tell(&self, words: &[&str]) -> Result<Value> {
        let mut command = Command::new(&self.binary);
        command.args(words);
        placed(&mut command, &self.store).arg("--json");
        Ok(serde_json::from_str(&finish(command).await?)?)
    }

    /// Serves the store: only the API, so that jobs of the load do not run into the measurement of reads.
    pub async fn start(&self) -> Result<Server> {
        self.serve(&["--roles", "api"]).await
    }

    /// Serves the store with these further options.
    pub async fn serve(&self, also: &[&str]) -> Result<Server> {
        let mut serve = self.command("serve");
        serve.args(["--listen", "127.0.0.1:0", "--json", "--rate-limit", "0"]).args(also);
        Server::start(serve, &self.log).await
    }

    fn command(&self, name: &str) -> Command {
        self.on(&self.store, name)
    }

    fn on(&self, store: &Store, name: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg(name);
        placed(&mut command, store);
        command
    }
}

/// Says where the store is.
fn placed<'a>(command: &'a mut Command, store: &Store) -> &'a mut Command {
    match store {
        Store::Folder(folder) => command.arg("--data").arg(folder),
        Store::Database(url) => command.arg("--database").arg(url),
    }
}

/// Leads one may ask for by id.
#[derive(Debug, PartialEq)]
pub enum Ids {
    /// `L-first` to `L-last`, without a gap.
    Range { first: u64, last: u64 },
    /// Those a sample of lists showed.
    Sample(Vec<u64>),
}

impl Ids {
    pub fn pick(&self, chance: &mut SmallRng) -> u64 {
        match self {
            Self::Range { first, last } => chance.random_range(*first..=*last),
            Self::Sample(numbers) => numbers[chance.random_range(0..numbers.len())],
        }
    }
}

/// What the works ask about.
pub struct Facts {
    pub leads: u64,
    pub ids: Ids,
    /// Names as they occur, for the other side to be filled with.
    pub names: Vec<String>,
    /// Words that occur again and again in them.
    pub words: Vec<String>,
    /// The `_id` of every sale lead.
    pub sale_leads: Vec<String>,
}

/// Lists read to get to know the store.
const SAMPLES: u64 = 40;
const PAGE: u64 = 100;

impl Facts {
    /// Looks at the lists of a running subject.
    pub async fn learn(address: SocketAddr, access: &Access) -> Result<Self> {
        let key = access.altum.as_str();
        let newest = list(address, key, "limit=1&sort=-createdAt").await?;
        let leads = newest["total"].as_u64().ok_or("a list without total")?;
        let pages = leads.div_ceil(PAGE).max(1);
        let mut chance = SmallRng::seed_from_u64(leads);
        let (mut numbers, mut names) = (Vec::new(), Vec::new());
        for _ in 0..SAMPLES.min(pages) {
            let page = chance.random_range(1..=pages);
            for lead in
                list(address, key, &format!("limit={PAGE}&page={page}")).await?["data"].as_array().into_iter().flatten()
            {
                numbers.push(number(lead)?);
                names.push(lead["name"].as_str().unwrap_or_default().replace(['\n', '\r'], " "));
            }
        }
        let ends =
            (number(&newest["data"][0])?, number(&list(address, key, "limit=1&sort=createdAt").await?["data"][0])?);
        let (first, last) = (ends.0.min(ends.1), ends.0.max(ends.1));
        let ids = if last - first + 1 == leads { Ids::Range { first, last } } else { Ids::Sample(numbers) };
        let words = common_words(&names);
        if words.is_empty() {
            return Err("no word occurs twice in the names of the leads; there is nothing to search for".into());
        }
        let sale_leads = export::ids(address, access).await?;
        if sale_leads.len() as u64 != leads {
            return Err(format!("{} sale leads over Walcu, {leads} over Altum", sale_leads.len()).into());
        }
        Ok(Self { leads, ids, names, words, sale_leads })
    }

    /// How many leads a running subject has.
    pub async fn count(address: SocketAddr, access: &Access) -> Result<u64> {
        let newest = list(address, &access.altum, "limit=1").await?;
        newest["total"].as_u64().ok_or_else(|| "a list without total".into())
    }

    /// A common word, another each time.
    pub fn word(&self, chance: &mut SmallRng) -> &str {
        &self.words[chance.random_range(0..self.words.len())]
    }

    /// Any sale lead.
    pub fn sale_lead(&self, chance: &mut SmallRng) -> &str {
        &self.sale_leads[chance.random_range(0..self.sale_leads.len())]
    }

    /// What is true of a reference filled on its own, when there is no subject to look at.
    pub fn invented(leads: u64) -> Self {
        let names = person::names();
        Self {
            leads,
            ids: Ids::Range { first: 1, last: leads.max(1) },
            words: common_words(&names),
            names,
            sale_leads: Vec::new(),
        }
    }
}

async fn list(address: SocketAddr, key: &str, query: &str) -> Result<Value> {
    match call(address, get(&format!("/v1/leads?{query}"), Some(key))).await? {
        (StatusCode::OK, body) => Ok(body),
        (status, body) => Err(format!("GET /v1/leads?{query} answers {status}: {body}").into()),
    }
}

/// The number of `L-1042`.
fn number(lead: &Value) -> Result<u64> {
    let id = lead["id"].as_str().unwrap_or_default();
    id.strip_prefix("L-")
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| format!("a lead without an id like L-1042: {lead}").into())
}

/// Words of plain letters that occur in at least two of `names`, in alphabetical order. A word met twice in a
/// sample is common in the whole, so it is about as common in a reference filled from the same sample.
pub fn common_words(names: &[String]) -> Vec<String> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for name in names {
        for word in name
            .split_whitespace()
            .filter(|word| word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic()))
        {
            *counts.entry(word.to_ascii_lowercase()).or_default() += 1;
        }
    }
    let mut words: Vec<String> = counts.into_iter().filter(|(_, count)| *count >= 2).map(|(word, _)| word).collect();
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_come_from_ids() {
        assert_eq!(number(&json!({ "id": "L-1042" })).unwrap(), 1042);
        for wrong in [json!({}), json!({ "id": 7 }), json!({ "id": "V-7" })] {
            assert!(number(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_words_met_twice_are_searched_for() {
        let names = ["Ana Garcia", "Luis García", "ana de Souza", "Jo Garcia"].map(str::to_owned);
        assert_eq!(common_words(&names), ["ana", "garcia"]);
    }

    #[test]
    fn picked_ids_exist() {
        let mut chance = SmallRng::seed_from_u64(1);
        for _ in 0..100 {
            assert!((5..=7).contains(&Ids::Range { first: 5, last: 7 }.pick(&mut chance)));
            assert!([3, 9].contains(&Ids::Sample(vec![3, 9]).pick(&mut chance)));
        }
    }
}
