//! `forecourt key`: API keys, whose secret is shown once.

use clap::{Args, Subcommand};
use forecourt_record::{ApiKey, Document, Id, Instant, Right};
use serde_json::{Value, json};

use super::{At, Whose};
use crate::{
    failure::Result,
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
    /// Make an API key worthless, at once
    #[command(after_help = "Examples:\n  forecourt key revoke 0193a5d2c7f0a1b200000001")]
    Revoke {
        /// The key's id, as listed
        id: Id<ApiKey>,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  forecourt key create --name website --right lead:write\n  \
    forecourt key create --name partner --right lead:read,lead:write,vehicle:read --expires 2027-06-30")]
struct Create {
    /// What the key is for
    #[arg(long)]
    name: String,
    /// What it may do, separated by commas: lead:read, lead:write, lead:delete, message:read, message:send,
    /// vehicle:read, vehicle:write, analytics:read, admin [default: all but admin]
    #[arg(long = "right", value_name = "RIGHT", value_delimiter = ',')]
    rights: Vec<Right>,
    /// When it ends: a date, or an instant such as 2027-06-30T18:00:00+02:00 [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<Instant>,
}

/// What a key of the dealer's own programs may do: everything, except to administer.
pub fn usual_rights() -> Vec<Right> {
    Right::ALL.iter().copied().filter(|right| *right != Right::Administer).collect()
}

pub async fn run(key: Key, output: Output) -> Result<()> {
    let at = key.whose.open().await?;
    let result = match key.command {
        Command::Create(create) => add(&at, create, output).await,
        Command::List => list(&at, output).await,
        Command::Revoke { id } => revoke(&at, id, output).await,
    };
    at.close(result).await
}

async fn add(at: &At, create: Create, output: Output) -> Result<()> {
    let rights = if create.rights.is_empty() { usual_rights() } else { create.rights };
    let (key, secret) = at.crm.key_create(&at.caller, &create.name, rights, create.expires).await?;
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
    let ApiKey { name, prefix, rights, expires_at, revoked_at } = &key.doc;
    json!({
        "id": key.id,
        "name": name,
        "prefix": prefix,
        "rights": rights,
        "created_at": key.created_at,
        "expires_at": expires_at,
        "revoked_at": revoked_at,
    })
}
