//! `/forecourt/v1/schedules`.

mod get;
mod name;
