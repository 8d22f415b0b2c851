//! End to end: the real binary over real stores, asked over real HTTP, killed, starved, backed up and read about.
//!
//! Every server's log is kept; a test ends by proving that it holds no warning or error that the test did not provoke.
#![allow(clippy::unwrap_used)]

#[macro_use]
mod support;

mod adds;
mod autengo;
mod crash;
mod demo;
mod faults;
mod long;
mod operations;
mod readme;
