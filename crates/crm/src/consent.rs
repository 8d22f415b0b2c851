//! The ledger of consents: what was written down, in a chain of hashes that tells whether anything was changed since.

use forecourt_record::{
    Client, ClientId, Error, Instant, Result, SaleLead,
    consent::{Act, Consent, Entry, Evidence, Standing},
    gate::{Channel, Purpose},
};
use forecourt_store::{Command, ConsentRow, Lane, Tx};
use serde::Serialize;

use crate::{Caller, Crm, Ref, Sight, access, lead::require_visible, suppression::Suppressed};

/// As many entries about an address on a channel decide where it stands: those of what was said last.
const MOST: i64 = 100;
/// Entries that are shown about an address, at most.
const MOST_SHOWN: i64 = 1_000;
/// Entries that are checked in one transaction.
const AT_ONCE: i64 = 1_000;

/// An entry, its hash, and whether the two fit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    pub entry: Entry,
    pub hash: String,
    /// Whether the hash is that of the entry.
    pub is_intact: bool,
}

/// Everything there is to prove about a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EvidenceOf {
    pub client: Option<ClientId>,
    pub addresses: Vec<String>,
    /// By number.
    pub entries: Vec<Shown>,
    pub suppressions: Vec<Suppressed>,
    /// The last entry of the dealer's whole ledger: number and hash.
    pub head: Option<(i64, String)>,
}

/// Whom evidence is asked for about.
#[derive(Clone, Debug)]
pub enum Person {
    /// Whoever the lead is of.
    Lead(Ref<SaleLead>),
    /// A number, E.164, or an e-mail address.
    Address(String),
}

/// A part of the ledger.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    pub items: Vec<Shown>,
    /// How many there are in all.
    pub total: i64,
}

/// How far a ledger is intact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    pub entries: i64,
    /// The hash of the last one.
    pub head: String,
    /// The first number that is missing, or whose entry is not what was written.
    pub broken_at: Option<i64>,
}

/// Puts what was said into the ledger, in this transaction, in this order. Gives the numbers.
pub async fn record(tx: &mut Tx, consents: Vec<Consent>) -> Result<Vec<i64>> {
    if consents.is_empty() {
        return Ok(Vec::new());
    }
    let (mut number, mut previous) = tx.consents_last().await?.unwrap_or_default();
    let (recorded_at, by) = (tx.scope().now, tx.scope().actor);
    let mut numbers = Vec::with_capacity(consents.len());
    for consent in consents {
        number += 1;
        let (channel, address, at) = (consent.channel.as_str().to_owned(), consent.address.clone(), consent.at);
        let entry = Entry { number, recorded_at, by, previous, consent };
        let text = serde_json::to_string(&entry).map_err(Error::internal)?;
        previous = access::hash(&text);
        tx.consents_put(ConsentRow { number, channel, address, at, entry: text, hash: previous.clone() }).await?;
        numbers.push(number);
    }
    Ok(numbers)
}

fn read(row: &ConsentRow) -> Result<Entry> {
    serde_json::from_str(&row.entry)
        .map_err(|_| Error::internal(format!("entry {} of the consents cannot be read", row.number)))
}

/// Where an address stands on a channel: for a purpose, or by what was said for everything alone.
pub async fn standing(
    tx: &mut Tx,
    channel: Channel,
    address: &str,
    purpose: Option<Purpose>,
    now: Instant,
) -> Result<Standing> {
    let rows = tx.consents_newest(address, channel.as_str(), MOST).await?;
    let entries: Vec<Entry> = rows.iter().map(read).collect::<Result<_>>()?;
    Ok(Standing::of(entries.iter().map(|entry| &entry.consent), purpose, now))
}

/// Since when nothing may be sent to an address on a channel, for whatever purpose, because the person said so.
pub async fn withdrawn(tx: &mut Tx, channel: Channel, address: &str) -> Result<Option<Instant>> {
    let now = tx.scope().now;
    Ok(match standing(tx, channel, address, None, now).await? {
        Standing::Withdrawn { since } => Some(since),
        Standing::Open | Standing::Given { .. } => None,
    })
}

/// An entry about an address, for everything, said at an instant.
pub fn said(act: Act, channel: Channel, address: &str, at: Instant, wording: &str, form: &str) -> Consent {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Consent {
        act,
        channel,
        address: address.to_owned(),
        purpose: None,
        at,
        expires_at: None,
        evidence: Evidence { wording: text(wording), form: text(form), ..Evidence::default() },
        client: None,
        lead: None,
    }
}

impl Crm {
    /// Everything there is to prove about a person: what was said about each number and address, by whom it was written
    /// down, and what is suppressed.
    ///
    /// Errors: `NotFound`.
    pub async fn consent_evidence(&self, caller: &Caller, person: Person) -> Result<EvidenceOf> {
        let command = Prove { sight: caller.sight.clone(), person };
        self.store.read(self.scope(caller), Lane::Quick, command).await
    }

    /// The entries behind a number, at most so many.
    pub async fn consent_list(&self, caller: &Caller, after: i64, most: i64) -> Result<Part> {
        self.store.read(self.scope(caller), Lane::Quick, List { after, most }).await
    }

    /// Walks the whole ledger. `progress` is told how many entries were looked at.
    pub async fn consent_verify(&self, caller: &Caller, progress: impl Fn(i64) + Send) -> Result<Verified> {
        let mut so_far = Verified::default();
        loop {
            let step = Check { so_far: so_far.clone() };
            let (next, is_done) = self.store.read(self.scope(caller), Lane::Scan, step).await?;
            so_far = next;
            progress(so_far.entries);
            if is_done {
                return Ok(so_far);
            }
        }
    }
}

fn shown(row: ConsentRow) -> Result<Shown> {
    let entry = read(&row)?;
    let is_intact = is_intact(&row, &entry);
    Ok(Shown { entry, hash: row.hash, is_intact })
}

/// Whether an entry is what its hash and the columns that it is found by say.
fn is_intact(row: &ConsentRow, entry: &Entry) -> bool {
    access::hash(&row.entry) == row.hash
        && entry.number == row.number
        && entry.consent.address == row.address
        && entry.consent.channel.as_str() == row.channel
        && entry.consent.at == row.at
}

struct List {
    after: i64,
    most: i64,
}

impl Command for List {
    type Output = Part;

    async fn run(&self, tx: &mut Tx) -> Result<Part> {
        let rows = tx.consents_after(self.after, self.most).await?;
        let items = rows.into_iter().map(shown).collect::<Result<_>>()?;
        // They are counted without a gap.
        let total = tx.consents_head().await?.map_or(0, |(number, _)| number);
        Ok(Part { items, total })
    }
}

struct Check {
    so_far: Verified,
}

impl Command for Check {
    type Output = (Verified, bool);

    async fn run(&self, tx: &mut Tx) -> Result<(Verified, bool)> {
        let mut so_far = self.so_far.clone();
        let rows = tx.consents_after(so_far.entries, AT_ONCE).await?;
        let is_last = rows.len() < usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
        for row in rows {
            let follows = row.number == so_far.entries + 1;
            let fits = |entry: Entry| is_intact(&row, &entry) && entry.previous == so_far.head;
            if !follows || !serde_json::from_str(&row.entry).is_ok_and(fits) {
                so_far.broken_at = Some(so_far.entries + 1);
                return Ok((so_far, true));
            }
            (so_far.entries, so_far.head) = (row.number, row.hash);
        }
        Ok((so_far, is_last))
    }
}

struct Prove {
    sight: Sight,
    person: Person,
}

impl Command for Prove {
    type Output = EvidenceOf;

    async fn run(&self, tx: &mut Tx) -> Result<EvidenceOf> {
        let mut addresses = Vec::new();
        let client = match &self.person {
            Person::Lead(lead) => {
                let lead = require_visible(tx, &self.sight, *lead).await?;
                addresses.extend(lead.extra.phone.into_iter().chain(lead.extra.email));
                lead.doc.client_id
            }
            Person::Address(address) => {
                addresses.push(address.clone());
                None
            }
        };
        if let Some(id) = client {
            let client = tx.require::<Client>(id).await?;
            addresses.extend(client.doc.contacts_phones.into_iter().chain(client.doc.contacts_emails));
        }
        addresses.sort();
        addresses.dedup();
        let (mut entries, mut suppressions) = (Vec::new(), Vec::new());
        for address in &addresses {
            for row in tx.consents_of(address, MOST_SHOWN).await? {
                entries.push(shown(row)?);
            }
            for channel in Channel::ALL.iter().filter(|channel| channel.reaches(address)) {
                if let Some(found) = tx.suppression(channel.as_str(), address).await? {
                    let (channel, address) = (channel.as_str().to_owned(), address.clone());
                    suppressions.push(Suppressed { channel, address, reason: found.reason, at: found.at });
                }
            }
        }
        entries.sort_by_key(|shown| shown.entry.number);
        let head = tx.consents_head().await?;
        Ok(EvidenceOf { client, addresses, entries, suppressions, head })
    }
}
