//! `forecourt consent`: the ledger of what people have agreed to and taken back.

use clap::{Args, Subcommand};
use forecourt_crm::{
    consent::{EvidenceOf, Person, Shown},
    suppression::Address,
};
use forecourt_outreach::consent::NewConsent;
use forecourt_record::{
    Instant,
    consent::{Act, Evidence},
    gate::Purpose,
};
use serde_json::json;

use super::{At, Whose, outreach, suppression};
use crate::{
    failure::{Failure, Result},
    output::{self, Output, table},
};

/// Entries that are listed by one question.
const TOGETHER: i64 = 1_000;
/// After so many entries the progress of a verification is told.
const TOLD: i64 = 100_000;

#[derive(Args, Debug)]
pub struct Consent {
    #[command(flatten)]
    whose: Whose,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write down that somebody has agreed to be contacted
    #[command(
        after_help = "Examples:\n  forecourt consent give +17135550100 --channel sms --purpose marketing \\\n      \
        --wording \"Yes, text me offers.\" --form \"test-drive form\"\n  \
        forecourt consent give ana@example.com --form \"at the counter\" --expires 2028-11-26"
    )]
    Give(Said),
    /// Write down that somebody has taken it back; nobody contacts the person any more
    #[command(after_help = "Examples:\n  forecourt consent withdraw +17135550100 --wording \"do not call me again\"")]
    Withdraw(Said),
    /// Write down that a withdrawal is taken back: what held before it holds again
    #[command(after_help = "Examples:\n  forecourt consent resume +17135550100 --form \"asked at the counter\"")]
    Resume(Said),
    /// List the ledger, oldest first
    #[command(after_help = "Examples:\n  forecourt consent list --json")]
    List,
    /// Show everything there is to prove about a number or e-mail address
    #[command(after_help = "Examples:\n  forecourt consent evidence +17135550100 --json > evidence.json")]
    Evidence {
        /// The number, with its country code or as the dealer's country writes it, or the e-mail address
        address: String,
    },
    /// Check that nothing in the ledger was changed, taken out or put in between
    #[command(after_help = "Examples:\n  forecourt consent verify\n\n\
        Keep the hash that it prints elsewhere: it proves later that nothing was taken off the end. The exit code is 1 when\n\
        the ledger is broken.")]
    Verify,
}

#[derive(Args, Debug)]
struct Said {
    /// The number, with its country code or as the dealer's country writes it, or the e-mail address
    address: String,
    #[command(flatten)]
    on: suppression::On,
    /// For what: answer, service or marketing [default: everything]
    #[arg(long, value_parser = purpose)]
    purpose: Option<Purpose>,
    /// When the person said so, such as 2026-11-21T18:00:00+01:00 [default: now]
    #[arg(long, value_name = "WHEN")]
    at: Option<Instant>,
    /// When what is given ends: a date or an instant [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Instant>,
    /// The words the person agreed to, or the person's own
    #[arg(long)]
    wording: Option<String>,
    /// The form, campaign or place
    #[arg(long)]
    form: Option<String>,
}

fn purpose(text: &str) -> std::result::Result<Purpose, String> {
    let known = Purpose::ALL.iter().find(|purpose| purpose.as_str() == text);
    known.copied().ok_or_else(|| "expected answer, service or marketing".to_owned())
}

pub async fn run(consent: Consent, output: Output) -> Result<()> {
    let at = consent.whose.open().await?;
    let result = match consent.command {
        Command::Give(said) => record(&at, Act::Given, said, output).await,
        Command::Withdraw(said) => record(&at, Act::Withdrawn, said, output).await,
        Command::Resume(said) => record(&at, Act::Resumed, said, output).await,
        Command::List => list(&at, output).await,
        Command::Evidence { address } => evidence(&at, &address, output).await,
        Command::Verify => verify(&at, output).await,
    };
    at.close(result).await
}

fn address(at: &At, text: &str) -> Result<Address> {
    Address::parse(text, &at.dealer.doc.country).map_err(|reason| Failure::usage(format!("{text}: {reason}.")))
}

async fn record(at: &At, act: Act, said: Said, output: Output) -> Result<()> {
    let Said { address: text, on, purpose, at: when, expires, wording, form } = said;
    let address = address(at, &text)?;
    let channels = on.of(&address).map_err(|reason| Failure::usage(format!("{text}: {reason}.")))?;
    let evidence = Evidence { wording, form, ..Evidence::default() };
    let address = address.as_str().to_owned();
    let names: Vec<_> = channels.iter().map(|channel| channel.as_str()).collect();
    let new = NewConsent {
        act,
        channels: channels.clone(),
        address: address.clone(),
        purpose,
        at: when,
        expires_at: expires,
        evidence,
        lead: None,
    };
    let numbers = outreach(at).consent_record(&at.caller, new).await?;
    output.give(&json!({"numbers": numbers, "address": address, "channels": names, "act": act}), || {
        format!("Written down for {address}: {} on {}.", act.as_str(), names.join(", "))
    })
}

async fn list(at: &At, output: Output) -> Result<()> {
    let mut all: Vec<Shown> = Vec::new();
    loop {
        let after = all.last().map_or(0, |last| last.entry.number);
        let page = at.crm.consent_list(&at.caller, after, TOGETHER).await?.items;
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    output.give(&all, || shown(&all))
}

fn shown(all: &[Shown]) -> String {
    let row = |one: &Shown| {
        let said = &one.entry.consent;
        [
            one.entry.number.to_string(),
            said.at.to_string(),
            said.act.as_str().to_owned(),
            said.channel.as_str().to_owned(),
            said.address.clone(),
            said.purpose.map_or("everything", Purpose::as_str).to_owned(),
            one.entry.by.label(),
            if one.is_intact { "yes" } else { "NO" }.to_owned(),
        ]
    };
    let headings = ["NUMBER", "SAID", "ACT", "CHANNEL", "ADDRESS", "FOR", "BY", "INTACT"];
    table(headings, &all.iter().map(row).collect::<Vec<_>>())
}

async fn evidence(at: &At, text: &str, output: Output) -> Result<()> {
    let person = Person::Address(address(at, text)?.as_str().to_owned());
    let found = at.crm.consent_evidence(&at.caller, person).await?;
    output.give(&found, || {
        let EvidenceOf { entries, suppressions, .. } = &found;
        format!("{}\n\n{}", shown(entries), suppression::shown(suppressions))
    })
}

async fn verify(at: &At, output: Output) -> Result<()> {
    let told = |entries: i64| {
        if entries > 0 && entries % TOLD == 0 {
            output::progress(&format!("{entries} entries"));
        }
    };
    let found = at.crm.consent_verify(&at.caller, told).await?;
    if let Some(number) = found.broken_at {
        return Err(Failure::new(format!(
            "The ledger is broken at entry {number}: it is missing, or is not what was written. The {} before it are intact.",
            found.entries
        )));
    }
    output.give(&found, || format!("{} entries, all intact. The last one's hash: {}", found.entries, found.head))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_purpose_is_one_of_three() {
        assert_eq!(purpose("marketing").unwrap(), Purpose::Marketing);
        assert!(purpose("everything").is_err());
    }
}
