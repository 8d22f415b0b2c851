//! Consents: what people have agreed to and taken back.

use forecourt_record::{
    Instant,
    consent::{Act, Evidence},
    gate::{Channel, Purpose},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What somebody has agreed to, or taken back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsent {
    pub act: Act,
    /// Which channels, an entry for each; all that reach the address, where none is named.
    #[serde(default)]
    #[schemars(length(max = 5))]
    pub channels: Vec<Channel>,
    /// Whom it is about: a number in any international writing, or an e-mail address.
    #[schemars(length(min = 1, max = 254))]
    pub address: String,
    /// For what; for everything, where nothing is said.
    pub purpose: Option<Purpose>,
    /// When the person said so; now, where nothing is said.
    pub at: Option<Instant>,
    /// When what was given ends.
    pub expires_at: Option<Instant>,
    /// What it is proven by: what was given needs its wording, or the form it was given on.
    #[serde(default)]
    pub evidence: Evidence,
    /// The lead it came with: `L-1042`.
    #[schemars(length(max = 40))]
    pub lead: Option<String>,
}

/// What was written down.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Recorded {
    /// The entries' numbers, in the order of the channels.
    pub numbers: Vec<i64>,
}

/// An entry of the ledger.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConsentEntry {
    /// Counted from 1, without a gap.
    pub number: i64,
    pub act: Act,
    pub channel: Channel,
    pub address: String,
    pub purpose: Option<Purpose>,
    pub at: Instant,
    pub expires_at: Option<Instant>,
    pub evidence: Evidence,
    /// The client's id in the record.
    pub client: Option<String>,
    /// The lead's id in the record.
    pub lead: Option<String>,
    pub recorded_at: Instant,
    /// Who wrote it down: `user:` or `key:` with an id, `client` or `system`.
    pub recorded_by: String,
    /// The hash of the entry before; empty in the first.
    pub previous: String,
    /// SHA-256, in hexadecimal, of the entry as it is stored, `previous` included.
    pub hash: String,
    /// Whether it still is what was hashed.
    pub is_intact: bool,
}

/// A part of the ledger.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentQuery {
    /// The `next` of the page before.
    #[schemars(length(max = 40))]
    pub after: Option<String>,
    /// How many a page has.
    #[schemars(range(min = 1, max = 1_000))]
    #[serde(default = "usual")]
    pub limit: u32,
}

const fn usual() -> u32 {
    100
}

/// Whom evidence is about: one of the two.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceQuery {
    /// Whoever the lead is of: `L-1042`.
    #[schemars(length(max = 40))]
    pub lead: Option<String>,
    /// A number in any international writing, or an e-mail address.
    #[schemars(length(max = 254))]
    pub address: Option<String>,
}

/// Everything there is to prove about a person.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EvidenceBundle {
    /// The client's id in the record, where one was asked for.
    pub client: Option<String>,
    pub addresses: Vec<String>,
    /// By number.
    pub entries: Vec<ConsentEntry>,
    /// What is suppressed, by whatever list or wish.
    pub suppressions: Vec<SuppressedAddress>,
    /// The last entry of the dealer's ledger, which every hash leads to.
    pub head: Option<LedgerHead>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct SuppressedAddress {
    pub channel: String,
    pub address: String,
    pub reason: String,
    pub at: Instant,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct LedgerHead {
    pub number: i64,
    pub hash: String,
}

/// Whether the ledger is what was written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verification {
    /// How many entries were found intact, from the first on.
    pub entries: i64,
    /// The hash of the last of them; empty where there is none. Kept elsewhere, it proves later that nothing was taken off
    /// the end.
    pub head: String,
    /// The first number that is missing, or is not what was written; null when all are intact.
    pub broken_at: Option<i64>,
}
