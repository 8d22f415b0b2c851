//! Leads that somebody else wrote down: tasks of a feed and rows of a file, through the same intake as every other.
//!
//! | module | what it holds |
//! |---|---|
//! | [`payload`] | what a feed sends: JSON with a lead, its client and its vehicle, or ADF |
//! | [`fields`] | the columns of a table, by the names people give them |
//! | [`task`] | lead import tasks: stored, then carried out by a job, each attempt written down |
//! | [`file`] | files: each row once, however often the import is broken off; taken back as a whole |

pub mod fields;
pub mod file;
pub mod payload;
mod secret;
pub mod task;

/// The dialect of what comes in this way.
pub const IMPORT: &str = "import";
