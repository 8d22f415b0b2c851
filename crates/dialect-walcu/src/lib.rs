//! Walcu CRM 0.0.2, as existing clients call it.

use forecourt_api::{App, operation::Operations};

/// The setting of a key that says how it reads a single document: `array`, as published, or `object`.
pub const SINGLE: &str = "walcu.single";

/// Its operations.
pub fn operations() -> Operations<App> {
    Operations::new("walcu", "Walcu CRM API", "0.0.2").base("/dealers/{dealer_id}")
}
