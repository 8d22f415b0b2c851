//! For tests only: named places where the process dies at once, as kill -9 would, to prove that nothing is lost or doubled.
//!
//! Off unless `FORECOURT_CRASH_AT` names a place.

use std::{env, process, sync::OnceLock};

use tracing::warn;

/// Some documents of an export have been written.
pub const MID_EXPORT: &str = "mid-export";
/// An export has been written whole; nobody has recorded it.
pub const AFTER_EXPORT_WRITTEN: &str = "after-export-written";
/// Some rows of a file have been taken in.
pub const MID_IMPORT: &str = "mid-import";

/// Ends the process here when the variable names this place.
pub fn crash_point(name: &str) {
    static AT: OnceLock<Option<String>> = OnceLock::new();
    let at = AT.get_or_init(|| env::var("FORECOURT_CRASH_AT").ok());
    if at.as_deref() == Some(name) {
        warn!(point = name, "dying here, as FORECOURT_CRASH_AT asks");
        process::abort();
    }
}
