//! `/api/v1/leads`.

mod capture;
mod create;
mod create_or_update;
mod parameters;
mod person;
