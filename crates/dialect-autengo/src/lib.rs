//! Autengo v3 as its clients call it: the stock of one or several dealers, for partners who offer it elsewhere.

mod auth;
mod contact;
mod language;
mod opportunity;
mod reference;
mod values;
mod vehicle;
mod wire;

use forecourt_api::{
    App,
    operation::{KeyPlace, Operations},
};

/// The operations there are.
pub fn operations() -> Operations<App> {
    Operations::new("autengo", "Autengo API", "3.0.0")
        .describes(ABOUT)
        .keyed_by(KeyPlace::Header("X-Api-Key"))
        .with_user_tokens()
        .route(auth::issue())
        .route(auth::refresh())
        .route(vehicle::list())
        .route(vehicle::read())
        .route(reference::makes())
        .route(reference::models())
        .route(values::values())
        .route(opportunity::create())
        .route(contact::create())
        .route(contact::read())
        .route(contact::change())
        .route(contact::delete())
        .route(contact::read_booked())
        .route(contact::change_booked())
        .route(contact::delete_booked())
}

const ABOUT: &str = "The stock of a dealer, or of the dealers of a group, as partners offer it. Send a key as `X-Api-Key`; it needs the \
     right `vehicle:read`, `lead:write` to bring enquiries, and those on `clients` for contacts, and sees the stock of every \
     dealer it was made for. A token narrows it to one user of one dealer, as contacts ask for. Query strings are read as the npm package `qs` writes them. What has a meaning in words is answered as `{key, text}`, the text in German or English as \
     `Accept-Language` asks; filters take the key.\n\n\
     Errors are RFC 9457 problems with a stable `code`.";

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
