//! `make bench`: measures Forecourt against bare servers made of the same parts, in one run on one machine.
//!
//! Without a subcommand it starts everything, drives it and prints the tables; `reference ...` is the child
//! process it starts as the other side of the comparison, `export-crash` a proof on its own. See `bench/README.md`.

mod bulk;
mod child;
mod client;
mod clock;
mod crash;
mod crowd;
mod database;
mod export;
mod gate;
mod load;
mod metrics;
mod options;
mod outreach;
mod person;
mod reference;
mod report;
mod run;
mod stats;
mod stock;
mod subject;
mod table;
mod under;
mod walcu;
mod work;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What goes wrong here is told to the person at the terminal and never handled, so any error will do.
type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

#[derive(Parser)]
#[command(
    name = "forecourt-bench",
    about = "Measure Forecourt against bare servers of the same parts",
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: options::Options,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a bare reference until stopped; the first line on standard output is its URL.
    Reference {
        #[command(subcommand)]
        kind: reference::Kind,
    },
    /// Kill a server half way through an export and see that the next one finishes it right, in little memory.
    ExportCrash(crash::Options),
}

/// The program's answer goes to standard output; progress and complaints go to standard error.
#[expect(clippy::print_stdout, reason = "a command line program answers on standard output")]
fn answer(text: &str) {
    println!("{text}");
}

/// An error with all its reasons: databases say what happened in the second sentence.
fn whole(error: &dyn std::error::Error) -> String {
    let reasons = std::iter::successors(error.source(), |reason| reason.source());
    reasons.fold(error.to_string(), |told, reason| format!("{told}: {reason}"))
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Some(Command::Reference { kind }) => reference::serve(kind).await.map(|()| true),
        Some(Command::ExportCrash(options)) => crash::run(options).await,
        None => tokio::select! {
            outcome = run::run(cli.options) => outcome,
            // Leaving by this door drops the children and the temporary folders like any other.
            _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
        },
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("forecourt-bench: {}", whole(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}
