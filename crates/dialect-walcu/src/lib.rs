//! Walcu CRM 0.0.2: 20 resources with seven operations each, as existing clients call them.
//!
//! There is one implementation. A resource is a row of data ([`row`]); an operation is a function that describes and
//! carries out one of the seven for any row.

mod all;
mod create;
mod delete;
pub mod example;
pub mod exports;
mod list;
mod patch;
mod place;
mod read;
mod replace;
mod row;
mod schema;
mod wire;
mod write;

use forecourt_api::{App, operation::Operations};

pub use place::SINGLE;
pub use row::{BASE, Row, rows};

/// All 140 operations.
pub fn operations() -> Operations<App> {
    let operations = Operations::new("walcu", "Walcu CRM API", "0.0.2").describes(ABOUT).base(BASE);
    rows().iter().fold(operations, |operations, row| {
        operations
            .route(read::read(row))
            .route(delete::delete(row))
            .route(patch::patch(row))
            .route(replace::replace(row))
            .route(all::all(row))
            .route(list::list(row))
            .route(create::create(row))
    })
}

/// What stands beside them: where the `job_url` of an export leads.
pub fn jobs() -> Operations<App> {
    Operations::new("jobs", "Walcu CRM API: jobs", "0.0.2")
        .describes("What becomes of an export that `GET /{resource}/all` began. A job is found by the credential that began it.")
        .base(BASE)
        .route(exports::view())
        .route(exports::cancel())
        .route(exports::result())
}

const ABOUT: &str = "Everything a dealership knows, resource by resource: each can be listed, exported, read, created, replaced, \
     patched and deleted. Authenticate with `Authorization: Bearer <key>`; a key works for one dealer or a group of them, and \
     carries a right for each resource, such as `saleleads:read`. `_id`, `dealer_id`, `created_at`, `updated_at`, `__v` and \
     `computed` are kept by the server. Instants are taken as a date or in RFC 3339 and answered in UTC with milliseconds. \
     Members that are empty are left out.\n\n\
     Errors are RFC 9457 problems with a stable `code`; invalid input names every failing member at once.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_described() {
        let operations = operations();
        assert_eq!(operations.describe().len(), 140);
        assert_eq!(operations.flaws(), Vec::<String>::new());
        assert_eq!((jobs().describe().len(), jobs().flaws()), (3, Vec::new()));
    }
}
