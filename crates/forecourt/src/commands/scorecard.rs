//! `forecourt scorecard`: what answers are worth, shown and replaced.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use forecourt_record::{
    Shape,
    scoring::{self, Rule},
};

use super::{At, Whose, files};
use crate::{
    failure::Result,
    output::{Output, table},
};

#[derive(Args, Debug)]
pub struct Scorecard {
    #[command(flatten)]
    whose: Whose,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the scorecard in force
    #[command(after_help = "Examples:\n  forecourt scorecard show\n  forecourt scorecard show --json > card.json")]
    Show,
    /// Put a new version of the scorecard in force; leads keep the version they were scored by
    #[command(
        after_help = "Examples:\n  forecourt scorecard show --json > card.json\n  forecourt scorecard set card.json\n\n\
        The file is checked first, and everything that is wrong with it is told. Its version is ignored."
    )]
    Set {
        /// File of JSON, as `scorecard show --json` prints it
        file: PathBuf,
    },
}

pub async fn run(scorecard: Scorecard, output: Output) -> Result<()> {
    let at = scorecard.whose.open().await?;
    let result = match scorecard.command {
        Command::Show => show(&at, output).await,
        Command::Set { file } => set(&at, file, output).await,
    };
    at.close(result).await
}

async fn show(at: &At, output: Output) -> Result<()> {
    let config = at.crm.config(at.dealer.id).await?;
    give(&config.scorecard, output)
}

async fn set(at: &At, file: PathBuf, output: Output) -> Result<()> {
    let mut value = files::value(&file)?;
    if let Some(card) = value.as_object_mut() {
        // The store counts versions; a card written by hand need not have one.
        card.insert("version".to_owned(), 0.into());
    }
    let card: scoring::Scorecard = files::read(&file, value, &Shape::of::<scoring::Scorecard>())?;
    let wrong = card.check();
    if !wrong.is_empty() {
        return Err(files::refused(&file, &wrong));
    }
    give(&at.crm.scorecard_set(&at.caller, card).await?, output)
}

fn give(card: &scoring::Scorecard, output: Output) -> Result<()> {
    output.give(card, || {
        let rule = |rule: &Rule| match rule {
            Rule::Choice { points } => {
                points.iter().map(|(word, points)| format!("{word} {points}")).collect::<Vec<_>>().join(", ")
            }
            Rule::Linear { from, to } => format!("evenly from {from} to {to}"),
            Rule::Flag => "yes or no".to_owned(),
        };
        let row = |input: &scoring::Input| [input.name.as_str().to_owned(), input.max.to_string(), rule(&input.rule)];
        let rows: Vec<_> = card.inputs.iter().map(row).collect();
        let bands: Vec<_> = card.bands.iter().map(|band| format!("{} from {}", band.name, band.from)).collect();
        format!(
            "{}\n\nBands: {}. Version {}.",
            table(["QUESTION", "MOST", "POINTS"], &rows),
            bands.join(", "),
            card.version
        )
    })
}
