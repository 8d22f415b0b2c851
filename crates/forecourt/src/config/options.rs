//! Every option there is, once: the flags, the environment and the file are all read as these.

use std::{net::SocketAddr, num::NonZeroUsize, path::PathBuf};

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::{DatabaseUrl, Secret};
use crate::{
    logs::LogFormat,
    units::{Size, Span},
};

/// What a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Answers requests.
    Api,
    /// Carries out what is to be done later: messages, reminders, webhooks.
    Worker,
}

/// Whom the built-in stand-in for WhatsApp plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Behaviour {
    /// Some answer, some only read, some ask to be left alone, some cannot be reached
    People,
    /// Everything is delivered and read; nobody writes back
    Silent,
}

impl From<Behaviour> for forecourt_connect::Behaviour {
    fn from(behaviour: Behaviour) -> Self {
        match behaviour {
            Behaviour::People => Self::People,
            Behaviour::Silent => Self::Silent,
        }
    }
}

/// Which addresses partners may be called back at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Callbacks {
    /// Those of the public internet
    Public,
    /// Also of this machine and its networks
    Anywhere,
}

/// The options of a server. What is left out is said by the next layer.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Address to listen on; port 0 picks a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Folder of the SQLite store, made when it is not there [default: forecourt-data]
    #[arg(long, value_name = "DIR", conflicts_with = "database")]
    pub data: Option<PathBuf>,
    /// URL of the PostgreSQL store, instead of a folder: postgres://user:password@host/name
    #[arg(long, value_name = "URL")]
    pub database: Option<DatabaseUrl>,
    /// With --database: folder for the little that does not belong into it
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// Reader threads of SQLite [default: the cores, 2 to 8], or connections to PostgreSQL [default: 16]
    #[arg(long, value_name = "N")]
    pub readers: Option<NonZeroUsize>,
    /// SQLite's page cache, of all connections together, in MiB [default: 256]
    #[arg(long, value_name = "MIB")]
    pub cache_mib: Option<usize>,
    /// The longest a single question to the store may take [default: 10s]
    #[arg(long, value_name = "TIME")]
    pub statement_limit: Option<Span>,
    /// SQLite: the file grows no larger than this
    #[arg(long, value_name = "SIZE", hide = true)]
    pub size_limit: Option<Size>,
    /// Requests a minute for each key or session; 0 is no limit [default: 1000]
    #[arg(long, value_name = "N")]
    pub rate_limit: Option<u32>,
    /// The largest body of a request [default: 1MiB]
    #[arg(long, value_name = "SIZE")]
    pub body_limit: Option<Size>,
    /// How long a request may take [default: 30s]
    #[arg(long, value_name = "TIME")]
    pub request_timeout: Option<Span>,
    /// Origins whose browser applications may call, separated by commas; * is all [default: none]
    #[arg(long, value_name = "ORIGINS", value_delimiter = ',')]
    pub cors: Option<Vec<String>>,
    /// What this server does, separated by commas [default: api,worker]
    #[arg(long, value_name = "ROLES", value_delimiter = ',')]
    pub roles: Option<Vec<Role>>,
    /// What is logged: info, or such as warn,forecourt_store=debug [default: info]
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
    /// How it is logged [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// The secret a WhatsApp platform signs its webhooks with
    #[arg(long, value_name = "SECRET")]
    pub whatsapp_platform_secret: Option<Secret>,
    /// Which addresses partners may be called back at [default: public]
    #[arg(long, value_name = "WHERE")]
    pub callbacks: Option<Callbacks>,
    /// Whom the stand-in for WhatsApp plays [default: silent; people in a filled demo]
    #[arg(long, value_name = "WHOM")]
    pub sandbox: Option<Behaviour>,
}

impl Options {
    /// These options, and those of `below` where these say nothing.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        // Where the store is, is one question with two kinds of answers.
        let (data, database) = match (self.data, self.database) {
            (None, None) => (below.data, below.database),
            placed => placed,
        };
        Self {
            listen: self.listen.or(below.listen),
            data,
            database,
            state: self.state.or(below.state),
            readers: self.readers.or(below.readers),
            cache_mib: self.cache_mib.or(below.cache_mib),
            statement_limit: self.statement_limit.or(below.statement_limit),
            size_limit: self.size_limit.or(below.size_limit),
            rate_limit: self.rate_limit.or(below.rate_limit),
            body_limit: self.body_limit.or(below.body_limit),
            request_timeout: self.request_timeout.or(below.request_timeout),
            cors: self.cors.or(below.cors),
            roles: self.roles.or(below.roles),
            log: self.log.or(below.log),
            log_format: self.log_format.or(below.log_format),
            whatsapp_platform_secret: self.whatsapp_platform_secret.or(below.whatsapp_platform_secret),
            callbacks: self.callbacks.or(below.callbacks),
            sandbox: self.sandbox.or(below.sandbox),
        }
    }
}
