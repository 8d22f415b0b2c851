//! The dialler's lead API as its partners call it: a lead is added to be called, and cancelled again.

mod error;
mod lead;
mod wire;

use forecourt_api::{
    App,
    operation::{KeyPlace, Operations},
};

pub use lead::TYPES;

/// The operations there are.
pub fn operations() -> Operations<App> {
    Operations::new("dialler", "Dialler leads API", "1.0.0")
        .describes(ABOUT)
        .keyed_by(KeyPlace::Query("key"))
        .errors(error::answered)
        .route(lead::add())
        .route(lead::cancel())
}

const ABOUT: &str = "Leads that a call centre calls. Send a key as the parameter `key` of the address; it needs the right \
     `lead:write`, and its setting `dialler.types` may name the lead types it is for. A lead type leads to a schedule and a \
     group of calls: a person is a live lead of a type once, and is called once for a group, however many say so at the same \
     time. What is saved stays saved, whether or not somebody is called.\n\n\
     What is wrong with a request is answered with 400 and an object of the fields, each with its messages by number.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_described() {
        let operations = operations();
        assert_eq!(operations.describe().len(), 2);
        assert_eq!(operations.flaws(), Vec::<String>::new());
    }
}
