//! `forecourt serve`: a store, served until told to stop.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::{
    config::{self, Options, Preset},
    failure::{Failure, Result},
    logs,
    output::Output,
    serving::{self, Door, Stop},
};

const EXAMPLES: &str = "\
Examples:
  forecourt serve --data /var/lib/forecourt --listen 0.0.0.0:8080
  forecourt serve --database postgres://forecourt@db/forecourt --roles api
  forecourt serve --config /etc/forecourt.toml --check

With --json the first line on standard output is {\"url\": \"http://...\"}. The server stops on SIGTERM or Ctrl-C: requests
under way are finished, at most 20 seconds of them. /health/live tells that it runs, /health/ready that it serves.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Serve {
    /// TOML file with the configuration; also FORECOURT_CONFIG
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
    /// Print the configuration in force, secrets masked, and exit
    #[arg(long)]
    check: bool,
}

pub async fn run(serve: Serve, output: Output) -> Result<()> {
    let config = config::load(serve.options, serve.config, Preset::default())?;
    if serve.check {
        let text = toml::to_string(&config)
            .map_err(|error| Failure::new(format!("The configuration is not TOML: {error}.")))?;
        return output.give(&config, || text);
    }
    logs::start(&config.log, config.log_format)?;
    let stop = Stop::on_signal()?;
    let door = Door::open(config.listen).await?;
    let url = door.url();
    output.give(&json!({"url": url}), || {
        format!("Forecourt is at {url}\n  API documentation  {url}/docs\n  health             {url}/health/ready")
    })?;
    serving::run(&config, door, &stop).await
}
