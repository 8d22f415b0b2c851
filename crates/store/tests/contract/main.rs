//! What the store promises, proved on both of its databases by the same tests.
//!
//! `scripts/with-postgres cargo test -p forecourt-store` runs all of it. Without a PostgreSQL server only SQLite is
//! tested, and said so; in CI that is a failure.
#![allow(clippy::unwrap_used)]

#[macro_use]
mod support;

mod access;
mod agents;
mod backup;
mod commands;
mod consents;
mod contacted;
mod counters;
mod documents;
mod events;
mod filters;
mod find;
mod full_disk;
mod inbound;
mod jobs;
mod keys;
mod kinds;
mod limits;
mod looked_up;
mod migrate;
mod postgres;
mod raw;
mod requests;
mod scope;
mod search;
mod snapshots;
mod tallies;
mod text;
mod together;
mod verify;
