//! The only outside calls: ports to the providers that carry messages, one folder per provider, and
//! the built-in stand-in.
//!
//! | module | what it holds |
//! |---|---|
//! | [`chat`] | the port for messages, mails and calls: what goes out, how it ended, how it is found again |
//! | [`received`] | what a chat provider tells us: messages, statuses, notices, problems |
//! | [`whatsapp`] | rules of the channel, whoever carries it: delivery order, the 24-hour window |
//! | [`optout`] | is this whole message a "stop" or a "start again"? |
//! | [`adf`] | ADF, the XML of lead providers, read leniently |
//! | [`hook`] | signed calls to an address that a partner named |
//! | [`dialog360`] | 360dialog (WhatsApp Cloud API): webhooks and their signature |
//! | [`sandbox`] | the stand-in: needs no account, plays people who answer, ignore, stop or cannot be reached |
//! | [`private`] | the wrapper that keeps personal data and secrets out of logs |
//!
//! Invariants: nothing here stores or decides; a provider is stateless and the core keeps the record. A time-out or an
//! answer that cannot be read is [`Outcome::Unknown`], never success or failure; a status nobody has heard of is
//! [`DeliveryStatus::Unknown`]. Nothing personal is printed by `Debug`. Wire formats stay in a provider's folder.

pub mod adf;
pub mod chat;
pub mod dialog360;
mod hex;
pub mod hook;
pub mod optout;
pub mod private;
pub mod received;
pub mod sandbox;
pub mod whatsapp;

#[cfg(test)]
mod contract;

pub use chat::{Chat, Content, Direct, Echo, Found, Outcome, Outgoing};
pub use hook::Hooks;
pub use private::Private;
pub use received::{Bounce, Call, CallState, DeliveryStatus, Mail, Received};
pub use sandbox::{Behaviour, Person, Sandbox};
