//! The command line: every command, and how each begins and ends.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{
    commands::{
        self, consent, dealer, import, key, location, openapi, pool, schedule, scorecard, seed, serve, stock, store,
        suppression, user,
    },
    demo,
    failure::{Failure, Result},
    output::{self, Output},
};

const EXAMPLES: &str = "\
Examples:
  forecourt demo                                     A demo dealership on http://127.0.0.1:8080, ready to try
  forecourt serve --data /var/lib/forecourt          Serve a store
  forecourt dealer add --name \"Main Street Cars\" --country US --time-zone America/Chicago
  forecourt key create --name website --right lead:write --data /var/lib/forecourt

Configuration: flags go before variables FORECOURT_* (such as FORECOURT_LISTEN) before one TOML file (--config FILE, or
FORECOURT_CONFIG), whose keys are the flags with underscores: rate_limit = 1000. Whatever is unknown is an error.

Exit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong.";

/// Leads, cars and conversations of car dealers in one record, behind the APIs their partners already call.
#[derive(Debug, Parser)]
#[command(name = "forecourt", version, after_help = EXAMPLES, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// Answer with one JSON value on standard output
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a store until told to stop
    Serve(Box<serve::Serve>),
    /// Serve a demo dealership with users, keys and invented data
    Demo(Box<demo::Demo>),
    /// Bring a store up to date
    Migrate(store::Migrate),
    /// Add, list, show and change dealers
    Dealer(dealer::Dealer),
    /// Add and list a dealer's locations
    Location(location::Location),
    /// Add, list and switch off users
    User(user::User),
    /// Create, list and revoke API keys
    Key(key::Key),
    /// Show and replace the scorecard that leads are scored by
    Scorecard(scorecard::Scorecard),
    /// List, show, put, stop, start, watch and rehearse schedules
    Schedule(schedule::Schedule),
    /// List and put the lead types of the dialler
    Leadtype(schedule::LeadType),
    /// Add, remove, list and import addresses that nobody contacts
    Suppression(suppression::Suppression),
    /// Write down what people have agreed to or taken back, and prove it
    Consent(consent::Consent),
    /// Take leads in from a file, and take them back
    Import(Box<import::Import>),
    /// Show and change the pools of numbers that people are called and written to from
    Pool(pool::PoolCommand),
    /// Bring the stock up to date with a file, and write it to one
    Stock(Box<stock::Stock>),
    /// Print the OpenAPI document of a dialect
    Openapi(openapi::Openapi),
    /// Copy a store into a file, also while it is served
    Backup(store::Backup),
    /// Put a backup into an empty place
    Restore(store::Restore),
    /// Prove that a store is consistent
    Verify(store::Verify),
    /// Add invented leads in bulk, for measurements
    #[command(hide = true)]
    Seed(seed::Seed),
}

/// Runs the program.
pub fn run() -> ExitCode {
    let Cli { json, command } = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&Failure::from(error)),
    };
    match runtime.block_on(carry_out(command, Output::new(json))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failed(&failure),
    }
}

async fn carry_out(command: Command, output: Output) -> Result<()> {
    match command {
        Command::Serve(serve) => commands::serve::run(*serve, output).await,
        Command::Demo(demo) => demo::run(*demo, output).await,
        Command::Migrate(migrate) => store::migrate(migrate, output).await,
        Command::Dealer(dealer) => dealer::run(dealer, output).await,
        Command::Location(location) => location::run(location, output).await,
        Command::User(user) => user::run(user, output).await,
        Command::Key(key) => key::run(key, output).await,
        Command::Scorecard(scorecard) => scorecard::run(scorecard, output).await,
        Command::Schedule(schedule) => schedule::run(schedule, output).await,
        Command::Leadtype(types) => schedule::run_types(types, output).await,
        Command::Pool(pool) => pool::run(pool, output).await,
        Command::Consent(consent) => consent::run(consent, output).await,
        Command::Suppression(suppression) => suppression::run(suppression, output).await,
        Command::Import(import) => import::run(*import, output).await,
        Command::Stock(stock) => stock::run(*stock, output).await,
        Command::Openapi(openapi) => openapi::run(&openapi, output),
        Command::Backup(backup) => store::backup(backup, output).await,
        Command::Restore(restore) => store::restore(restore, output).await,
        Command::Verify(verify) => store::verify(verify, output).await,
        Command::Seed(seed) => seed::run(seed, output).await,
    }
}

fn failed(failure: &Failure) -> ExitCode {
    output::progress(&format!("error: {}", failure.sentence));
    for detail in &failure.details {
        output::progress(&format!("  {detail}"));
    }
    ExitCode::from(failure.code)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_option_says_what_it_is_for() {
        fn check(command: &clap::Command, missing: &mut Vec<String>) {
            let path = command.get_name().to_owned();
            if command.get_about().is_none() {
                missing.push(path.clone());
            }
            let undescribed = command.get_arguments().filter(|option| option.get_help().is_none());
            missing.extend(undescribed.map(|option| format!("{path} {}", option.get_id())));
            // The commands that do something show how.
            if !command.has_subcommands() && command.get_after_help().is_none() && !command.is_hide_set() {
                missing.push(format!("{path}: an example"));
            }
            command.get_subcommands().for_each(|one| check(one, missing));
        }
        let mut missing = Vec::new();
        check(&Cli::command(), &mut missing);
        assert_eq!(missing, Vec::<String>::new());
    }
}
