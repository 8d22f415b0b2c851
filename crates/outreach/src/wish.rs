//! A wish not to be contacted, or to be contacted again, in whatever words: what it covers, and what follows from it.

use forecourt_connect::optout;
use forecourt_crm::{
    Config, consent,
    suppression::{OPT_OUT, suppress},
};
use forecourt_record::{
    Client, ClientId, Instant, Kind as _, LeadId, OptOut, Result,
    consent::{Act, Consent},
    event::{Event, EventName},
    gate::Channel,
};
use forecourt_store::{Suppression, Tx};
use serde_json::json;

use crate::schedule;

/// The longest profile of a wish that is kept as its reason, in characters.
const LONGEST: usize = 40;
/// The longest text that is kept as the words of a wish, in characters.
const LONGEST_WORDING: usize = 4_000;

/// Something a person has written, and may wish by it.
pub(crate) struct Heard<'a> {
    pub channel: Channel,
    /// Who has written: an E.164 number, or what a chat knows somebody by.
    pub address: &'a str,
    pub text: &'a str,
    pub at: Instant,
    /// Nobody knows everybody who writes; whoever it is, the address is not contacted any more.
    pub client: Option<ClientId>,
    pub lead: Option<LeadId>,
    /// The wish was obeyed when it came in and is news all the same.
    pub is_obeyed: bool,
}

/// A wish holds from this transaction on, whatever it is.
pub(crate) async fn hear(tx: &mut Tx, config: &Config, heard: &Heard<'_>) -> Result<()> {
    let name = if optout::is_opt_out(heard.text) {
        // Said again it means the same: somebody may have been put on a schedule since.
        schedule::opted_out(tx, config, heard.client, heard.address).await?;
        let is_news = obey(tx, config, heard).await?;
        (is_news || heard.is_obeyed).then_some(EventName::ClientOptedOut)
    } else if optout::is_opt_in(heard.text) {
        lift(tx, config, heard).await?.then_some(EventName::ClientOptedIn)
    } else {
        None
    };
    let (Some(name), Some(client)) = (name, heard.client) else { return Ok(()) };
    let data = json!({"channel": heard.channel.as_str(), "covers": config.dealer.doc.opt_out});
    tx.event(Event { name, kind: Client::SPEC.name, id: client.cast(), lead: heard.lead, data }).await
}

/// Suppresses what the wish covers. Says whether the channel it came by was free before.
pub(crate) async fn obey(tx: &mut Tx, config: &Config, heard: &Heard<'_>) -> Result<bool> {
    let is_news = tx.suppression(heard.channel.as_str(), heard.address).await?.is_none();
    let word: String = heard.text.trim().chars().take(LONGEST).collect();
    let reason = format!("{OPT_OUT} \"{word}\"");
    let covered = covered(tx, config, heard).await?;
    for (channel, address) in &covered {
        // Wished again, it is a wish of now, which no START from before lifts.
        let before = tx.suppression(channel.as_str(), address).await?;
        if before.is_some_and(|before| before.reason.starts_with(OPT_OUT) && second(before.at) < second(heard.at)) {
            tx.unsuppress(channel.as_str(), address).await?;
        }
        tx.suppress(channel.as_str(), address, &reason).await?;
    }
    withdraw(tx, &covered, heard, "").await?;
    Ok(is_news)
}

/// Suppresses what a wish covers that was said to somebody of ours, who wrote it down.
pub(crate) async fn noted(tx: &mut Tx, config: &Config, heard: &Heard<'_>, reason: &str) -> Result<()> {
    let covered = covered(tx, config, heard).await?;
    for (channel, address) in &covered {
        suppress(tx, *channel, address, reason).await?;
    }
    schedule::opted_out(tx, config, heard.client, heard.address).await?;
    withdraw(tx, &covered, heard, reason).await
}

/// Writes into the ledger what a wish takes back. That comes last in a transaction: all who write there wait for each other.
pub(crate) async fn withdraw(tx: &mut Tx, covered: &[(Channel, String)], heard: &Heard<'_>, form: &str) -> Result<()> {
    let mut entries = Vec::new();
    for (channel, address) in covered {
        let before = consent::withdrawn(tx, *channel, address).await?;
        if before.is_none_or(|since| second(since) < second(heard.at)) {
            entries.push(entry(Act::Withdrawn, *channel, address, heard, form));
        }
    }
    consent::record(tx, entries).await.map(drop)
}

fn entry(act: Act, channel: Channel, address: &str, heard: &Heard<'_>, form: &str) -> Consent {
    let wording: String = heard.text.trim().chars().take(LONGEST_WORDING).collect();
    let said = consent::said(act, channel, address, heard.at, &wording, form);
    Consent { client: heard.client, lead: heard.lead, ..said }
}

/// Lifts what the person has asked for before. What somebody else has suppressed is not the person's to lift, nor is a
/// wish that came later than this one.
async fn lift(tx: &mut Tx, config: &Config, heard: &Heard<'_>) -> Result<bool> {
    let is_theirs = |before: &Suppression| before.reason.starts_with(OPT_OUT) && second(before.at) <= second(heard.at);
    let (mut is_news, mut resumed) = (false, Vec::new());
    for (channel, address) in covered(tx, config, heard).await? {
        if tx.suppression(channel.as_str(), &address).await?.as_ref().is_some_and(is_theirs) {
            tx.unsuppress(channel.as_str(), &address).await?;
            is_news = true;
        }
        let withdrawn = consent::withdrawn(tx, channel, &address).await?;
        if withdrawn.is_some_and(|since| second(since) <= second(heard.at)) {
            let entry = entry(Act::Resumed, channel, &address, heard, "");
            // Within the same second whoever writes later means it.
            resumed.push(Consent { at: heard.at.max(withdrawn.unwrap_or(heard.at)), ..entry });
        }
    }
    consent::record(tx, resumed).await?;
    Ok(is_news)
}

/// Providers tell the time in whole seconds.
const fn second(at: Instant) -> i64 {
    at.millis().div_euclid(1_000)
}

/// The channels and addresses that a wish is about: where it came from, or wherever the person can be reached.
async fn covered(tx: &mut Tx, config: &Config, heard: &Heard<'_>) -> Result<Vec<(Channel, String)>> {
    let mut addresses = vec![heard.address.to_owned()];
    match config.dealer.doc.opt_out {
        OptOut::Channel => return Ok(vec![(heard.channel, addresses.remove(0))]),
        OptOut::All => {}
    }
    if let Some(id) = heard.client
        && let Some(client) = tx.get::<Client>(id).await?
    {
        addresses.extend(client.doc.contacts_phones.into_iter().chain(client.doc.contacts_emails));
    }
    addresses.sort();
    addresses.dedup();
    let everywhere = |channel: &Channel| {
        let theirs = addresses.iter().filter(|address| channel.reaches(address));
        theirs.map(|address| (*channel, address.clone())).collect::<Vec<_>>()
    };
    Ok(Channel::ALL.iter().flat_map(everywhere).collect())
}
