//! `forecourt pool`: pools of numbers shown and put.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use forecourt_record::{Document, NumberPool, Shape, pool::Pool};
use serde_json::json;

use super::{At, Whose, files};
use crate::{
    failure::Result,
    output::{Output, table},
};

#[derive(Args, Debug)]
pub struct PoolCommand {
    #[command(flatten)]
    whose: Whose,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the pools with their numbers
    #[command(after_help = "Examples:\n  forecourt pool list\n  forecourt pool list --json")]
    List,
    /// Make a pool, or change it; numbers that stay in it stay whose they are
    #[command(after_help = "Examples:\n  forecourt pool put houston pool.json\n\n\
        The file: {\"channels\": [\"sms\"], \"schedules\": [\"welcome\"], \"numbers\": [{\"number\": \"+17135550100\"}],\n\
        \"hold_seconds\": 86400, \"cooldown_seconds\": 3600, \"daily_cap\": 20}. It is checked first, and everything that is wrong with\n\
        it is told.")]
    Put {
        /// Its name
        name: String,
        /// File of JSON
        file: PathBuf,
    },
}

pub async fn run(pool: PoolCommand, output: Output) -> Result<()> {
    let at = pool.whose.open().await?;
    let result = match pool.command {
        Command::List => list(&at, output).await,
        Command::Put { name, file } => put(&at, &name, file, output).await,
    };
    at.close(result).await
}

async fn list(at: &At, output: Output) -> Result<()> {
    let all = at.crm.pool_list(&at.caller).await?;
    let now = at.crm.now();
    output.give(&all.iter().map(|one| &one.doc).collect::<Vec<_>>(), || {
        let row = |one: &Document<NumberPool>| {
            let Pool { channels, schedules, numbers, .. } = &one.doc.pool;
            let channels = channels.iter().map(|channel| channel.as_str()).collect::<Vec<_>>().join(",");
            let held = one.extra.uses.values().filter(|last| last.held_until > now).count();
            [one.doc.name.clone(), channels, schedules.join(","), numbers.len().to_string(), held.to_string()]
        };
        table(["NAME", "CHANNELS", "SCHEDULES", "NUMBERS", "HELD"], &all.iter().map(row).collect::<Vec<_>>())
    })
}

async fn put(at: &At, name: &str, file: PathBuf, output: Output) -> Result<()> {
    let pool: Pool = files::read(&file, files::value(&file)?, &Shape::of::<Pool>())?;
    let stored = at.crm.pool_put(&at.caller, name, pool).await?;
    output.give(&json!(stored.doc), || format!("The pool \"{name}\" has {} numbers.", stored.doc.pool.numbers.len()))
}
