//! `/forecourt/v1/schedules/{name}`.

mod get;
mod monitor;
mod put;
mod stop;
mod versions;
