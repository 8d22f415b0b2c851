//! The configuration: flags before environment (`FORECOURT_*`) before one TOML file before defaults; nothing unknown.

mod layers;
mod options;
mod secret;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use axum::http::HeaderValue;
use clap::Args;
use forecourt_store::Location;
use serde::Serialize;

pub use self::{
    options::{Behaviour, Callbacks, Options, Role},
    secret::{DatabaseUrl, Secret},
};
use crate::{
    failure::{Failure, Result},
    logs::{self, LogFormat},
    units::{Size, Span},
};

/// Where a command that is not a server finds the store; the environment and the file say the rest.
#[derive(Args, Clone, Debug, Default)]
pub struct StoreArgs {
    /// TOML file with the configuration; also FORECOURT_CONFIG
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Folder of the SQLite store [default: forecourt-data]
    #[arg(long, value_name = "DIR", global = true, conflicts_with = "database")]
    pub data: Option<PathBuf>,
    /// URL of the PostgreSQL store, instead of a folder: postgres://user:password@host/name
    #[arg(long, value_name = "URL", global = true)]
    pub database: Option<DatabaseUrl>,
}

/// What is not said anywhere, where commands differ.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    pub data: &'static str,
    pub sandbox: Behaviour,
}

impl Default for Preset {
    fn default() -> Self {
        // Invented people do not answer the messages of a real dealer.
        Self { data: "forecourt-data", sandbox: Behaviour::Silent }
    }
}

/// The configuration in force, as `forecourt serve --check` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Config {
    pub listen: SocketAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseUrl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<PathBuf>,
    pub readers: usize,
    pub cache_mib: usize,
    pub statement_limit: Span,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_limit: Option<Size>,
    pub rate_limit: u32,
    pub body_limit: Size,
    pub request_timeout: Span,
    pub cors: Vec<String>,
    pub roles: Vec<Role>,
    pub log: String,
    pub log_format: LogFormat,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whatsapp_platform_secret: Option<Secret>,
    pub callbacks: Callbacks,
    pub sandbox: Behaviour,
}

/// Puts the layers together. Errors: anything unknown, unreadable or contradictory, named.
pub fn load(flags: Options, file: Option<PathBuf>, preset: Preset) -> Result<Config> {
    let environment = layers::environment(std::env::vars_os())?;
    let file = match file.or(environment.file) {
        Some(path) => layers::file(&path)?,
        None => Options::default(),
    };
    Config::new(flags.over(environment.options).over(file), preset)
}

impl StoreArgs {
    /// The configuration of a command that only works on the store.
    pub fn load(self) -> Result<Config> {
        let flags = Options { data: self.data, database: self.database, ..Options::default() };
        load(flags, self.config, Preset::default())
    }
}

impl Config {
    fn new(options: Options, preset: Preset) -> Result<Self> {
        if options.data.is_some() && options.database.is_some() {
            return Err(Failure::usage("Give a data folder or a database, not both."));
        }
        let data = match &options.database {
            Some(_) => None,
            None => Some(options.data.unwrap_or_else(|| preset.data.into())),
        };
        // A connection waits for its server where a thread works itself, so more threads than cores only share the cache.
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let readers = if options.database.is_some() { 16 } else { cores.clamp(2, 8) };
        let config = Self {
            listen: options.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            data,
            database: options.database,
            state: options.state,
            readers: options.readers.map_or(readers, std::num::NonZeroUsize::get),
            cache_mib: options.cache_mib.unwrap_or(256),
            statement_limit: options.statement_limit.unwrap_or(Span(Duration::from_secs(10))),
            size_limit: options.size_limit,
            rate_limit: options.rate_limit.unwrap_or(1000),
            body_limit: options.body_limit.unwrap_or(Size(1 << 20)),
            request_timeout: options.request_timeout.unwrap_or(Span(Duration::from_secs(30))),
            cors: options.cors.unwrap_or_default(),
            roles: options.roles.unwrap_or_else(|| vec![Role::Api, Role::Worker]),
            log: options.log.unwrap_or_else(|| "info".to_owned()),
            log_format: options.log_format.unwrap_or(LogFormat::Text),
            whatsapp_platform_secret: options.whatsapp_platform_secret,
            callbacks: options.callbacks.unwrap_or(Callbacks::Public),
            sandbox: options.sandbox.unwrap_or(preset.sandbox),
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        logs::check(&self.log)?;
        self.origins()?;
        if self.roles.is_empty() {
            return Err(Failure::usage("A server needs a role: api, worker or both."));
        }
        if self.body_limit.0 == 0 || self.request_timeout.0.is_zero() || self.statement_limit.0.is_zero() {
            return Err(Failure::usage("body_limit, request_timeout and statement_limit cannot be 0."));
        }
        Ok(())
    }

    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// How the store is opened.
    pub fn store(&self) -> forecourt_store::Options {
        let location = match (&self.database, &self.data) {
            (Some(url), _) => Location::Url(url.as_str().to_owned()),
            (None, data) => Location::Folder(data.clone().unwrap_or_default()),
        };
        forecourt_store::Options {
            readers: self.readers,
            cache_mib: self.cache_mib,
            statement_limit: self.statement_limit.0,
            size_limit: self.size_limit.map_or(0, |size| size.0),
            ..forecourt_store::Options::new(location)
        }
    }

    /// Where things are kept that do not belong into the store; none when there is only a database.
    pub fn folder(&self) -> Option<&PathBuf> {
        self.data.as_ref().or(self.state.as_ref())
    }

    /// How the API behaves.
    pub fn api(&self) -> Result<forecourt_api::Settings> {
        Ok(forecourt_api::Settings {
            layers: forecourt_api::layers::Settings {
                body_limit: usize::try_from(self.body_limit.0).unwrap_or(usize::MAX),
                timeout: self.request_timeout.0,
                cors: self.origins()?,
            },
            rate_limit: self.rate_limit,
            platform_secret: self.whatsapp_platform_secret.as_ref().map(|secret| secret.reveal().to_owned()),
        })
    }

    fn origins(&self) -> Result<Vec<HeaderValue>> {
        let is_origin = |text: &str| {
            let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
            text == "*" || host.is_some_and(|host| !host.is_empty() && !host.contains('/'))
        };
        let origin = |text: &String| match HeaderValue::from_str(text) {
            Ok(value) if is_origin(text) => Ok(value),
            _ => Err(Failure::usage(format!(
                "\"{text}\" is not an origin; cors takes *, or such as https://app.example without a path."
            ))),
        };
        self.cors.iter().map(origin).collect()
    }
}

#[cfg(test)]
mod tests;
