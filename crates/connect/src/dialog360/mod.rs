//! 360dialog: WhatsApp's Cloud API, reached with a key of theirs. Here: what they post to us, and how it is signed.
//!
//! `wire` holds their types, `webhook` takes a body apart, `convert` turns what it holds into [`crate::received`],
//! `signature` says whether they sent it. The sender will join as `send`. Sources: docs.360dialog.com (receiving messages
//! via webhook, signature validation, usernames and BSUID) and Meta's messages webhook reference.

mod convert;
pub mod signature;
pub mod webhook;
mod wire;

pub use webhook::{parse, phone_number_ids};
