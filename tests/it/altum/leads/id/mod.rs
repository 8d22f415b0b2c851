//! `/v1/leads/{id}`.

mod delete;
mod get;
mod patch;
