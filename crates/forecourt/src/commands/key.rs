//! `forecourt key`: API keys, whose secret is shown once.

use std::str::FromStr;

use clap::{Args, Subcommand};
use forecourt_crm::access::NewKey;
use forecourt_record::{ApiKey, DealerId, Document, Id, Instant, Right};
use serde_json::{Value, json};

use super::{At, Whose};
use crate::{
    failure::{Failure, Result},
    output::{Output, table},
};

#[derive(Args, Debug)]
pub struct Key {
    #[command(flatten)]
    whose: Whose,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create an API key and show its secret, this once
    Create(Create),
    /// List API keys, newest first
    #[command(after_help = "Examples:\n  forecourt key list --data /var/lib/forecourt")]
    List,
    /// List every right that a key can be given
    #[command(after_help = "Examples:\n  forecourt key rights")]
    Rights,
    /// Make an API key worthless, at once
    #[command(after_help = "Examples:\n  forecourt key revoke 0193a5d2c7f0a1b200000001")]
    Revoke {
        /// The key's id, as listed
        id: Id<ApiKey>,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  forecourt key create --name website --right lead:write\n  \
    forecourt key create --name partner --right lead:read,lead:write,vehicle:read --expires 2027-06-30\n  \
    forecourt key create --name crm --right 'saleleads:*,clients:*,*:read' --also 0193a5d2c7f0a1b200000002 \\\n      \
      --set walcu.single=object\n  \
    forecourt key create --name feed --right lead:write --set trackdrive.schedule=welcome")]
struct Create {
    /// What the key is for
    #[arg(long)]
    name: String,
    /// What it may do, separated by commas: such as lead:read, saleleads:write, or with a star saleleads:* and *:read;
    /// `forecourt key rights` lists them [default: all but admin and history]
    #[arg(long = "right", value_name = "RIGHT", value_delimiter = ',')]
    rights: Vec<Granted>,
    /// When it ends: a date, or an instant such as 2027-06-30T18:00:00+02:00 [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Instant>,
    /// A further dealer of the same group that it is good for; may be given several times
    #[arg(long, value_name = "DEALER")]
    also: Vec<DealerId>,
    /// What a dialect takes it for: walcu.single=object reads one document bare instead of in an array of one,
    /// dialler.types=NAME,NAME is for these lead types, trackdrive.schedule=NAME makes a lead token of the schedule,
    /// trackdrive.offer=NAME one of an offer
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
}

/// The rights that one word grants: itself, or all that a star stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Granted(Vec<Right>);

impl FromStr for Granted {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let fits = |wanted: &str, given: &str| wanted == "*" || wanted == given;
        match text.split_once(':') {
            Some((what, act)) if what == "*" || act == "*" => {
                let covered = |right: &Right| {
                    right.as_str().split_once(':').is_some_and(|(one, two)| fits(what, one) && fits(act, two))
                };
                let rights: Vec<Right> = Right::ALL.iter().copied().filter(covered).collect();
                if rights.is_empty() { Err(format!("no right is covered by \"{text}\"")) } else { Ok(Self(rights)) }
            }
            Some(_) | None => text.parse().map(|right| Self(vec![right])),
        }
    }
}

/// What a key may choose for itself.
const SETTINGS: &[(&str, Choice)] = &[
    (forecourt_dialect_walcu::SINGLE, Choice::Of(&["array", "object"])),
    (forecourt_dialect_dialler::TYPES, Choice::LeadTypes),
    (forecourt_dialect_trackdrive::SCHEDULE, Choice::Schedule),
    (forecourt_dialect_trackdrive::OFFER, Choice::Schedule),
];

/// Among what.
#[derive(Clone, Copy)]
enum Choice {
    Of(&'static [&'static str]),
    /// The names of lead types, separated by commas.
    LeadTypes,
    /// The name of a schedule.
    Schedule,
}

/// What a setting names has to be there: a key for nothing would be refused everywhere.
fn is_there(config: &forecourt_crm::Config, name: &str, value: &str) -> Result<()> {
    let choice = SETTINGS.iter().find(|(known, _)| *known == name).map(|(_, choice)| *choice);
    match choice {
        Some(Choice::Schedule) if config.schedule_named(value).is_none() => Err(Failure::new(format!(
            "There is no schedule \"{value}\"; `forecourt schedule list` shows those there are."
        ))),
        Some(Choice::LeadTypes) => match value.split(',').map(str::trim).find(|one| config.lead_type(one).is_none()) {
            Some(unknown) => Err(Failure::new(format!(
                "There is no lead type \"{unknown}\"; `forecourt leadtype list` shows those there are."
            ))),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn setting(text: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    let names = || SETTINGS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let known = SETTINGS.iter().find(|(known, _)| *known == name);
    let (_, choice) = known.ok_or_else(|| format!("there is no setting \"{name}\"; there is {}", names()))?;
    if let Choice::Of(values) = choice
        && !values.contains(&value)
    {
        return Err(format!("{name} is one of {}", values.join(", ")));
    }
    Ok((name.to_owned(), value.to_owned()))
}

pub async fn run(key: Key, output: Output) -> Result<()> {
    if matches!(key.command, Command::Rights) {
        return output
            .give(&Right::ALL, || Right::ALL.iter().map(|right| right.as_str()).collect::<Vec<_>>().join("\n"));
    }
    let at = key.whose.open().await?;
    let result = match key.command {
        Command::Create(create) => add(&at, create, output).await,
        Command::List | Command::Rights => list(&at, output).await,
        Command::Revoke { id } => revoke(&at, id, output).await,
    };
    at.close(result).await
}

async fn add(at: &At, create: Create, output: Output) -> Result<()> {
    let Create { name, rights, expires, also, settings } = create;
    let mut rights: Vec<Right> = rights.into_iter().flat_map(|granted| granted.0).collect();
    rights.sort();
    rights.dedup();
    let rights = if rights.is_empty() { Right::usual() } else { rights };
    let there = at.crm.dealer_list().await?;
    if let Some(unknown) = also.iter().find(|id| !there.iter().any(|dealer| dealer.id == **id)) {
        return Err(Failure::new(format!(
            "There is no dealer {unknown}; `forecourt dealer list` shows those there are."
        )));
    }
    let config = at.crm.config(at.dealer.id).await?;
    for (name, value) in &settings {
        is_there(&config, name, value)?;
    }
    let new = NewKey { name, rights, expires_at: expires, dealers: also, settings: settings.into_iter().collect() };
    let (key, secret) = at.crm.key_create(&at.caller, new).await?;
    let mut shown = shown(&key);
    shown["key"] = json!(secret);
    output.give(&shown, || {
        format!("{secret}\n\nThis is the only time that the key \"{}\" ({}) is shown.", key.doc.name, key.id)
    })
}

async fn list(at: &At, output: Output) -> Result<()> {
    let keys = at.crm.key_list(&at.caller).await?;
    output.give(&keys.iter().map(shown).collect::<Vec<_>>(), || {
        let row = |key: &Document<ApiKey>| {
            let rights = key.doc.rights.iter().map(|right| right.as_str()).collect::<Vec<_>>().join(",");
            let state = match (key.doc.revoked_at, key.doc.expires_at) {
                (Some(at), _) => format!("revoked {at}"),
                (None, Some(at)) => format!("until {at}"),
                (None, None) => "good".to_owned(),
            };
            [key.id.to_string(), key.doc.name.clone(), format!("{}...", key.doc.prefix), state, rights]
        };
        table(["ID", "NAME", "BEGINS", "STATE", "RIGHTS"], &keys.iter().map(row).collect::<Vec<_>>())
    })
}

async fn revoke(at: &At, id: Id<ApiKey>, output: Output) -> Result<()> {
    at.crm.key_revoke(&at.caller, id).await?;
    output.give(&json!({"id": id, "revoked": true}), || format!("The key {id} is worth nothing any more."))
}

fn shown(key: &Document<ApiKey>) -> Value {
    let ApiKey { name, prefix, rights, expires_at, revoked_at, dealers, settings } = &key.doc;
    json!({
        "id": key.id,
        "name": name,
        "prefix": prefix,
        "rights": rights,
        "created_at": key.created_at,
        "expires_at": expires_at,
        "revoked_at": revoked_at,
        "dealers": dealers,
        "settings": settings,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_star_stands_for_every_right_it_covers() {
        // Some rights are one word: no star stands for those.
        let in_two_words = Right::ALL.iter().filter(|right| right.as_str().contains(':')).count();
        for (text, expected) in [
            ("lead:read", Some(1)),
            ("history", Some(1)),
            ("saleleads:*", Some(3)),
            ("*:delete", Some(21)),
            ("*:*", Some(in_two_words)),
            ("nothing:*", None),
            ("*", None),
            ("saleleads", None),
        ] {
            assert_eq!(text.parse::<Granted>().ok().map(|granted| granted.0.len()), expected, "{text}");
        }
    }

    #[test]
    fn a_setting_has_a_known_name_and_value() {
        assert_eq!(setting("walcu.single=object").unwrap(), ("walcu.single".to_owned(), "object".to_owned()));
        assert_eq!(setting("trackdrive.offer=x y").unwrap().1, "x y");
        for wrong in ["walcu.single", "walcu.single=both", "walcu=object", "=", ""] {
            assert!(setting(wrong).is_err(), "{wrong}");
        }
    }
}
