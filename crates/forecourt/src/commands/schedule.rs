//! `forecourt schedule`: schedules shown, put and stopped; `forecourt leadtype`: the lead types of the dialler.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use forecourt_crm::schedule::NewSchedule;
use forecourt_record::{DiallerType, Shape, schedule::Definition};
use serde_json::json;

use super::{At, Whose, files, rehearse};
use crate::{
    failure::{Failure, Result},
    output::{Output, table},
};

#[derive(Args, Debug)]
pub struct Schedule {
    #[command(flatten)]
    whose: Whose,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the schedules with the version in force
    #[command(after_help = "Examples:\n  forecourt schedule list")]
    List,
    /// Show the definition in force
    #[command(after_help = "Examples:\n  forecourt schedule show welcome --json > welcome.json")]
    Show {
        /// Its name
        name: String,
    },
    /// Make a schedule, or put a new version of it in force; whoever is on it finishes the version that was begun
    #[command(
        after_help = "Examples:\n  forecourt schedule put welcome welcome.json\n  forecourt schedule show welcome --json > welcome.json\n\n\
        The file is checked first, and everything that is wrong with it is told."
    )]
    Put {
        /// Its name
        name: String,
        /// File of JSON, as `schedule show --json` prints it
        file: PathBuf,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
    },
    /// Put nobody on it any more, and let those who are on it wait
    #[command(after_help = "Examples:\n  forecourt schedule stop welcome")]
    Stop {
        /// Its name
        name: String,
    },
    /// Let a stopped schedule go on
    #[command(after_help = "Examples:\n  forecourt schedule start welcome")]
    Start {
        /// Its name
        name: String,
    },
    /// Show how it does: who stands where, what holds them, what is due
    #[command(after_help = "Examples:\n  forecourt schedule monitor welcome")]
    Monitor {
        /// Its name
        name: String,
    },
    /// Run it on leads from beginning to end, with nobody contacted
    Rehearse(rehearse::Rehearse),
}

pub async fn run(schedule: Schedule, output: Output) -> Result<()> {
    let at = schedule.whose.open().await?;
    let result = match schedule.command {
        Command::List => list(&at, output).await,
        Command::Show { name } => show(&at, &name, output).await,
        Command::Put { name, file, description } => put(&at, name, file, description, output).await,
        Command::Stop { name } => activate(&at, &name, false, output).await,
        Command::Start { name } => activate(&at, &name, true, output).await,
        Command::Monitor { name } => rehearse::monitor(&at, &name, output).await,
        Command::Rehearse(asked) => rehearse::rehearse(&at, asked, output).await,
    };
    at.close(result).await
}

async fn list(at: &At, output: Output) -> Result<()> {
    let config = at.crm.config(at.dealer.id).await?;
    let all: Vec<_> = config.schedules.iter().map(|one| &one.schedule.doc).collect();
    output.give(&all, || {
        let row = |one: &&forecourt_record::Schedule| {
            let active = if one.active { "yes" } else { "no" };
            [one.name.clone(), one.version.to_string(), active.to_owned(), one.description.clone().unwrap_or_default()]
        };
        table(["NAME", "VERSION", "ACTIVE", "DESCRIPTION"], &all.iter().map(row).collect::<Vec<_>>())
    })
}

async fn show(at: &At, name: &str, output: Output) -> Result<()> {
    let config = at.crm.config(at.dealer.id).await?;
    let found = config.schedule_named(name).ok_or_else(|| none(name))?;
    let definition = &found.plan.definition;
    let pretty = serde_json::to_string_pretty(definition)
        .map_err(|error| Failure::new(format!("The definition is not JSON: {error}.")))?;
    output.give(definition, || pretty)
}

async fn put(at: &At, name: String, file: PathBuf, description: Option<String>, output: Output) -> Result<()> {
    let definition: Definition = files::read(&file, files::value(&file)?, &Shape::of::<Definition>())?;
    let new = NewSchedule { name, description, active: None, definition };
    let schedule = at.crm.schedule_put(&at.caller, new).await?.doc;
    output.give(&schedule, || format!("The schedule \"{}\" is at version {}.", schedule.name, schedule.version))
}

async fn activate(at: &At, name: &str, active: bool, output: Output) -> Result<()> {
    let schedule = at.crm.schedule_activate(&at.caller, name, active).await?.doc;
    output.give(&schedule, || {
        let now = if active { "goes on" } else { "is stopped" };
        format!("The schedule \"{name}\" {now}.")
    })
}

fn none(name: &str) -> Failure {
    Failure::new(format!("There is no schedule \"{name}\"."))
}

#[derive(Args, Debug)]
pub struct LeadType {
    #[command(flatten)]
    whose: Whose,
    #[command(subcommand)]
    command: TypeCommand,
}

#[derive(Debug, Subcommand)]
enum TypeCommand {
    /// List the lead types
    #[command(after_help = "Examples:\n  forecourt leadtype list")]
    List,
    /// Make a lead type, or change it
    #[command(
        after_help = "Examples:\n  forecourt leadtype put motor-trade --schedule calls --group sales --location houston\n\n\
        A person is called once for all types of a group. A key may be bound to some types:\n  \
        forecourt key create --name partner --right lead:write --set dialler.types=motor-trade,finance"
    )]
    Put {
        /// The word partners send
        name: String,
        /// The schedule its leads are put on
        #[arg(long)]
        schedule: String,
        /// The group of calls; none stands alone, and its calls cannot be cancelled
        #[arg(long, default_value = "")]
        group: String,
        /// The source its leads have; its own name, where none is given
        #[arg(long)]
        origin: Option<String>,
        /// The code of the location its leads are for
        #[arg(long)]
        location: Option<String>,
        /// Keep what is sent of it, and call nobody
        #[arg(long)]
        inactive: bool,
    },
}

pub async fn run_types(types: LeadType, output: Output) -> Result<()> {
    let at = types.whose.open().await?;
    let result = match types.command {
        TypeCommand::List => list_types(&at, output).await,
        TypeCommand::Put { name, schedule, group, origin, location, inactive } => {
            let origin = origin.unwrap_or_else(|| name.clone());
            let kind = DiallerType { name, schedule, call_group: group, origin, location, active: !inactive };
            put_type(&at, kind, output).await
        }
    };
    at.close(result).await
}

async fn list_types(at: &At, output: Output) -> Result<()> {
    let config = at.crm.config(at.dealer.id).await?;
    let all: Vec<_> = config.lead_types.iter().map(|one| &one.doc).collect();
    output.give(&all, || {
        let row = |one: &&DiallerType| {
            let active = if one.active { "yes" } else { "no" };
            [one.name.as_str(), &one.schedule, &one.call_group, &one.origin, active].map(str::to_owned)
        };
        table(["NAME", "SCHEDULE", "GROUP", "SOURCE", "ACTIVE"], &all.iter().map(row).collect::<Vec<_>>())
    })
}

async fn put_type(at: &At, kind: DiallerType, output: Output) -> Result<()> {
    let stored = at.crm.lead_type_put(&at.caller, kind).await?;
    output.give(&json!(stored.doc), || {
        format!("The lead type \"{}\" leads to \"{}\".", stored.doc.name, stored.doc.schedule)
    })
}
