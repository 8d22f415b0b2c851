//! TrackDrive's lead API as its partners call it: leads are put on a schedule, or brought to an offer, by a token.

mod call;
mod convert;
mod error;
mod given;
mod lead;
mod parameters;
mod person;
mod token;
mod tokens;
mod wire;

use forecourt_api::{
    App,
    operation::{KeyPlace, Operations},
};

pub use token::{OFFER, SCHEDULE};

/// The operations there are.
pub fn operations() -> Operations<App> {
    Operations::new("trackdrive", "TrackDrive leads API", "1.0.0")
        .describes(ABOUT)
        .base("/api/v1")
        .keyed_by(KeyPlace::Sent(token::NAMES))
        .errors(error::answered)
        .route(lead::create_or_update())
        .route(lead::create_or_update_put())
        .route(lead::create())
        .route(lead::capture())
        .route(person::remove())
        .route(person::opt_out())
        .route(person::move_to_end())
        .route(call::make())
}

const ABOUT: &str = "Leads that a partner puts on a schedule, or brings to an offer. Send everything as JSON, as a form, or in \
     the address, mixed as you like; the body wins. `lead_token` (or `schedule_lead_token`, `offer_lead_token`) is a key with \
     the right `lead:write` and the setting `trackdrive.schedule` or `trackdrive.offer`, which names its schedule.\n\n\
     What is no parameter becomes a token of the lead, and so does everything in `data`. A request is carried out whole or \
     not at all; what is wrong with it is told field by field.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_described() {
        let operations = operations();
        assert_eq!(operations.describe().len(), 8);
        assert_eq!(operations.flaws(), Vec::<String>::new());
    }
}
