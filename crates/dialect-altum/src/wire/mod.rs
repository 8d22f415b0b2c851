//! The shapes of the published document, and what we added where it is silent.

mod analytics;
mod auth;
mod lead;
mod vehicle;
mod whatsapp;

pub use analytics::*;
pub use auth::*;
pub use lead::*;
pub use vehicle::*;
pub use whatsapp::*;

use schemars::JsonSchema;
use serde::Serialize;

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Listed<T> {
    pub data: Vec<T>,
    /// From 1.
    pub page: u32,
    pub limit: u32,
    /// How many there are in all: exact.
    pub total: i64,
}
