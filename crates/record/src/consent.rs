//! Consent: what people have agreed to and taken back, as entries that nothing is removed from, and what follows from them.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Actor, ClientId, Instant, LeadId,
    gate::{Channel, Purpose},
};

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// The person has agreed to be contacted.
    Given,
    /// The person does not want to be contacted any more.
    Withdrawn,
    /// The withdrawal is taken back: what held before it holds again.
    Resumed,
}

impl Act {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Withdrawn => "withdrawn",
            Self::Resumed => "resumed",
        }
    }
}

/// What it is proven by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Evidence {
    /// The words the person agreed to, as they were shown; or the person's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4_000))]
    pub wording: Option<String>,
    /// Which version of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub version: Option<String>,
    /// The form, campaign or place: `test-drive form`, `at the counter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub form: Option<String>,
    /// The page it was on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2_000))]
    pub url: Option<String>,
    /// The address the person's machine had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// The program it was done with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1_000))]
    pub user_agent: Option<String>,
    /// The law or contract it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub basis: Option<String>,
}

/// What somebody has agreed to, or taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Consent {
    pub act: Act,
    pub channel: Channel,
    /// Whom it is about: an E.164 number, an e-mail address, or what a chat knows somebody by.
    pub address: String,
    /// For what; for everything, where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// When the person said so.
    pub at: Instant,
    /// When what was given ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
    #[serde(default)]
    pub evidence: Evidence,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
}

/// An entry as it is kept. Its text is hashed together with the hash of the one before it, so that none can be changed,
/// taken out or put in between without all that follow telling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Counted from 1 within the dealer.
    pub number: i64,
    pub recorded_at: Instant,
    /// Who has written it down.
    pub by: Actor,
    /// The hash of the entry before; empty in the first.
    pub previous: String,
    #[serde(flatten)]
    pub consent: Consent,
}

/// Where somebody stands, on one channel, at one address, for one purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was said, or what was given has expired.
    #[default]
    Open,
    Given {
        since: Instant,
        until: Option<Instant>,
    },
    Withdrawn {
        since: Instant,
    },
}

impl Standing {
    /// What follows from everything that was said about an address on a channel, in the order it was written down: for a
    /// purpose, or, where none is asked for, by what was said for everything alone. What was said later counts, whenever
    /// it was written down.
    pub fn of<'a>(consents: impl IntoIterator<Item = &'a Consent>, purpose: Option<Purpose>, now: Instant) -> Self {
        let about = |consent: &&Consent| (consent.purpose.is_none() || consent.purpose == purpose) && consent.at <= now;
        let mut consents: Vec<&Consent> = consents.into_iter().filter(about).collect();
        consents.sort_by_key(|consent| consent.at);
        let mut said: Vec<&Consent> = Vec::new();
        for consent in consents {
            match consent.act {
                Act::Resumed => {
                    while said.last().is_some_and(|last| last.act == Act::Withdrawn) {
                        said.pop();
                    }
                }
                Act::Given | Act::Withdrawn => said.push(consent),
            }
        }
        match said.last() {
            Some(Consent { act: Act::Withdrawn, at, .. }) => Self::Withdrawn { since: *at },
            Some(Consent { at, expires_at, .. }) if expires_at.is_none_or(|end| end > now) => {
                Self::Given { since: *at, until: *expires_at }
            }
            _ => Self::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(act: Act, at: i64, purpose: Option<Purpose>, expires: Option<i64>) -> Consent {
        Consent {
            act,
            channel: Channel::Sms,
            address: "+17135550100".into(),
            purpose,
            at: Instant::from_millis(at),
            expires_at: expires.map(Instant::from_millis),
            evidence: Evidence::default(),
            client: None,
            lead: None,
        }
    }

    #[test]
    fn what_was_said_last_counts() {
        use Act::{Given, Resumed, Withdrawn};
        let marketing = Some(Purpose::Marketing);
        let given = |since, until: Option<i64>| Standing::Given {
            since: Instant::from_millis(since),
            until: until.map(Instant::from_millis),
        };
        let withdrawn = |since| Standing::Withdrawn { since: Instant::from_millis(since) };
        for (consents, expected) in [
            (vec![], Standing::Open),
            (vec![said(Given, 1, None, None)], given(1, None)),
            (vec![said(Given, 1, marketing, Some(101))], given(1, Some(101))),
            (vec![said(Given, 1, marketing, Some(100))], Standing::Open),
            (vec![said(Given, 1, Some(Purpose::Service), None)], Standing::Open),
            (vec![said(Given, 1, None, None), said(Withdrawn, 2, None, None)], withdrawn(2)),
            // Written down late, it is no newer for that.
            (vec![said(Withdrawn, 2, None, None), said(Given, 1, None, None)], withdrawn(2)),
            (vec![said(Withdrawn, 2, None, None), said(Given, 3, None, None)], given(3, None)),
            (vec![said(Withdrawn, 2, Some(Purpose::Service), None)], Standing::Open),
            (vec![said(Withdrawn, 2, None, None), said(Resumed, 3, None, None)], Standing::Open),
            (
                vec![said(Given, 1, None, None), said(Withdrawn, 2, None, None), said(Resumed, 3, None, None)],
                given(1, None),
            ),
            (
                vec![
                    said(Given, 1, None, None),
                    said(Withdrawn, 2, None, None),
                    said(Withdrawn, 3, None, None),
                    said(Resumed, 4, None, None),
                ],
                given(1, None),
            ),
            (vec![said(Withdrawn, 3, None, None), said(Resumed, 2, None, None)], withdrawn(3)),
            // What is said to begin later has not begun.
            (vec![said(Given, 101, None, None)], Standing::Open),
        ] {
            let now = Instant::from_millis(100);
            assert_eq!(Standing::of(&consents, marketing, now), expected, "{consents:?}");
        }
    }

    #[test]
    fn what_was_said_for_one_purpose_says_nothing_of_everything() {
        let (now, answer) = (Instant::from_millis(100), Some(Purpose::Answer));
        let stop = said(Act::Withdrawn, 1, None, None);
        let withdrawn = Standing::Withdrawn { since: Instant::from_millis(1) };
        for purpose in Purpose::ALL.iter().copied().map(Some) {
            assert_eq!(Standing::of(&[said(Act::Withdrawn, 1, purpose, None)], None, now), Standing::Open);
            assert_eq!(Standing::of(&[stop.clone(), said(Act::Given, 2, purpose, None)], None, now), withdrawn);
        }
        let given = Standing::Given { since: Instant::from_millis(2), until: None };
        assert_eq!(Standing::of(&[stop, said(Act::Given, 2, answer, None)], answer, now), given);
    }

    #[test]
    fn an_entry_reads_back_as_it_was_written() {
        let consent = said(Act::Given, 1, Some(Purpose::Marketing), Some(5));
        let evidence = Evidence { ip: "2001:db8::1".parse().ok(), ..Evidence::default() };
        let consent = Consent { evidence, ..consent };
        let recorded_at = Instant::from_millis(7);
        let entry = Entry { number: 1, recorded_at, by: Actor::Client, previous: String::new(), consent };
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
    }
}
