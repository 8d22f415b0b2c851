//! The server's own log: to standard error, as text for people or as JSON for programs.

use std::io::IsTerminal as _;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tracing_subscriber::{EnvFilter, fmt};

use crate::failure::{Failure, Result};

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// Whether this is a filter: `info`, or `warn,forecourt_store=debug`.
pub fn check(filter: &str) -> Result<EnvFilter> {
    EnvFilter::try_new(filter)
        .map_err(|error| Failure::usage(format!("\"{filter}\" is not a filter of the log: {error}.")))
}

/// Begins to log. What happened before is lost.
pub fn start(filter: &str, format: LogFormat) -> Result<()> {
    let builder = fmt().with_env_filter(check(filter)?).with_writer(std::io::stderr);
    let begun = match format {
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    begun.map_err(|error| Failure::new(format!("The log could not be started: {error}.")))
}
