//! Addresses that a dealer does not contact: lists that others keep, and wishes that were not written to it.

use forecourt_record::{Email, Error, Instant, Phone, Result, consent::Act, gate::Channel};
use forecourt_store::{Command, Lane, Suppression, Tx};
use serde::Serialize;

use crate::{Caller, Crm, consent};

/// Whom a suppression is about, in the form that contacts are made in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Number(Phone),
    Mail(Email),
}

impl Address {
    /// Reads a number, national ones in `country` (ISO 3166 alpha-2), or an e-mail address.
    pub fn parse(text: &str, country: &str) -> std::result::Result<Self, &'static str> {
        if text.contains('@') {
            Email::parse(text).map(Self::Mail)
        } else {
            Phone::parse(text, Some(country)).map(Self::Number)
        }
    }

    /// Whether a contact on the channel may be one with this address.
    pub fn is_on(&self, channel: Channel) -> bool {
        channel.reaches(self.as_str())
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Number(number) => number.as_str(),
            Self::Mail(mail) => mail.as_str(),
        }
    }
}

/// An address that is not contacted on a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppressed {
    pub channel: String,
    pub address: String,
    pub reason: String,
    pub at: Instant,
}

/// How the reason of a suppression begins that the person may lift again: a wish of the person's own.
pub const OPT_OUT: &str = "opt-out word";

/// Suppresses an address for a reason that is not the person's to lift. Of several such the first stands; a wish of the
/// person's own gives way to it. Says whether the address could be contacted before.
pub async fn suppress(tx: &mut Tx, channel: Channel, address: &str, reason: &str) -> Result<bool> {
    let before = tx.suppressed(channel.as_str(), address).await?;
    if before.as_ref().is_some_and(|before| before.starts_with(OPT_OUT)) {
        tx.unsuppress(channel.as_str(), address).await?;
    }
    tx.suppress(channel.as_str(), address, reason).await?;
    Ok(before.is_none())
}

/// The longest reason, in characters.
const LONGEST: usize = 200;

impl Crm {
    /// Suppresses addresses on channels, in one transaction: some hundreds at a time. Says how many were not suppressed
    /// before; the reason of the others stays, unless it was a wish of the person's own.
    ///
    /// Errors: `Invalid` in `reason`.
    pub async fn suppression_add(&self, caller: &Caller, all: Vec<(Channel, Address)>, reason: &str) -> Result<u64> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().nth(LONGEST).is_some() {
            return Err(Error::field("reason", "bad_format", format!("A reason has 1 to {LONGEST} characters.")));
        }
        if reason.starts_with(OPT_OUT) {
            let detail = format!("A reason that begins with \"{OPT_OUT}\" is a person's own wish.");
            return Err(Error::field("reason", "not_allowed", detail));
        }
        self.write(self.scope(caller), Add { all, reason: reason.to_owned() }).await
    }

    /// Lets an address be contacted again on these channels. Gives what was lifted; behind what others have suppressed a wish
    /// of the person's own may still stand, until it is lifted too.
    pub async fn suppression_remove(
        &self,
        caller: &Caller,
        channels: Vec<Channel>,
        address: Address,
    ) -> Result<Vec<Suppressed>> {
        self.write(self.scope(caller), Remove { channels, address }).await
    }

    /// What is suppressed behind a channel and address, in their order, at most so many.
    pub async fn suppression_list(
        &self,
        caller: &Caller,
        after: (String, String),
        most: i64,
    ) -> Result<Vec<Suppressed>> {
        self.store.read(self.scope(caller), Lane::Quick, List { after, most }).await
    }
}

struct Add {
    all: Vec<(Channel, Address)>,
    reason: String,
}

impl Command for Add {
    type Output = u64;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        let mut added = 0;
        for (channel, address) in &self.all {
            added += u64::from(suppress(tx, *channel, address.as_str(), &self.reason).await?);
        }
        Ok(added)
    }
}

struct Remove {
    channels: Vec<Channel>,
    address: Address,
}

impl Command for Remove {
    type Output = Vec<Suppressed>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Suppressed>> {
        let (mut lifted, mut resumed) = (Vec::new(), Vec::new());
        let address = self.address.as_str();
        for channel in &self.channels {
            let before = tx.suppression(channel.as_str(), address).await?;
            if before.is_some() {
                tx.unsuppress(channel.as_str(), address).await?;
            }
            // Behind a list a wish of the person's own may stand, which is lifted by saying so again.
            let is_listed = before.as_ref().is_some_and(|before| !before.reason.starts_with(OPT_OUT));
            let withdrawn = if is_listed { None } else { consent::withdrawn(tx, *channel, address).await? };
            if withdrawn.is_some() {
                let at = tx.scope().now;
                resumed.push(consent::said(Act::Resumed, *channel, address, at, "", "the suppression was lifted"));
            }
            let withdrawn = withdrawn.map(|at| Suppression { reason: "consent withdrawn".to_owned(), at });
            if let Some(Suppression { reason, at }) = before.or(withdrawn) {
                let (channel, address) = (channel.as_str().to_owned(), address.to_owned());
                lifted.push(Suppressed { channel, address, reason, at });
            }
        }
        consent::record(tx, resumed).await?;
        Ok(lifted)
    }
}

struct List {
    after: (String, String),
    most: i64,
}

impl Command for List {
    type Output = Vec<Suppressed>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Suppressed>> {
        let found = tx.suppressions_after((&self.after.0, &self.after.1), self.most).await?;
        let shown = |(channel, address, found): (_, _, Suppression)| Suppressed {
            channel,
            address,
            reason: found.reason,
            at: found.at,
        };
        Ok(found.into_iter().map(shown).collect())
    }
}
