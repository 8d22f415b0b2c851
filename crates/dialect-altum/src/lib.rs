//! Altum Drive v1.4: leads, scoring, WhatsApp, inventory and analytics, as existing clients call them.
//!
//! A translation at the edge: requests in, the same core calls as every dialect, answers and errors out.

mod analytics;
mod auth;
mod convert;
mod error;
mod leads;
mod vehicles;
mod whatsapp;
mod wire;

use forecourt_api::{App, operation::Operations};

/// All 15 operations.
pub fn operations() -> Operations<App> {
    Operations::new("altum", "Altum Drive API", "1.4")
        .describes(
            "JSON in, JSON out. Authenticate with `Authorization: Bearer <token>`: an API key or the token of a login. \
             Errors are RFC 9457 problems with a stable `code`; invalid input names every failing field at once.",
        )
        .base("/v1")
        .route(auth::login())
        .route(auth::logout())
        .route(leads::list())
        .route(leads::create())
        .route(leads::read())
        .route(leads::change())
        .route(leads::delete())
        .route(whatsapp::send())
        .route(whatsapp::thread())
        .route(whatsapp::webhook())
        .route(vehicles::list())
        .route(vehicles::add())
        .route(vehicles::change())
        .route(analytics::summary())
        .route(analytics::sources())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_described() {
        let operations = operations();
        assert_eq!(operations.describe().len(), 15);
        assert_eq!(operations.flaws(), Vec::<String>::new());
    }
}
