//! `/v1/whatsapp`.

mod messages;
mod statuses;
mod threads;
mod webhook;
