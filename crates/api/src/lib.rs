//! What all dialects share: how a request is read, checked, limited, answered, documented and observed.

pub mod access;
mod app;
pub mod attempts;
pub mod body;
pub mod caller;
pub mod docs;
pub mod download;
pub mod health;
pub mod idempotency;
mod json;
pub mod layers;
pub mod limit;
pub mod metrics;
pub mod openapi;
pub mod operation;
pub mod page;
pub mod path;
pub mod problem;
pub mod query;
pub mod sent;
pub mod trace;
pub mod version;
pub mod webhook;
pub mod written;

pub use app::{App, Settings, refusing, server};
pub use caller::{Peer, Who};
