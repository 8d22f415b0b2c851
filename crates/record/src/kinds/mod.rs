//! The kinds of document, one file each, and the pieces they share.

#[macro_use]
mod tree;

mod access;
mod car;
mod client;
mod dealer;
mod lead;
mod note;
mod parts;
mod rights;
mod whatsapp;

pub use access::*;
pub use car::*;
pub use client::*;
pub use dealer::*;
pub use lead::*;
pub use note::*;
pub use parts::*;
pub use rights::{Collection, Right};
pub use whatsapp::*;

pub use tree::{Free, Members};

use tree::{At, Custom, Flag, Int, Num, Nums, PartId, Text, Texts};

use crate::{Id, document::Kind, spec::KindSpec};

pub type DealerId = Id<Dealer>;
pub type LocationId = Id<Location>;
pub type UserId = Id<User>;
pub type LeadId = Id<SaleLead>;
pub type ClientId = Id<Client>;
pub type CarId = Id<Car>;
pub type MessageId = Id<WhatsappMessage>;
pub type NoteId = Id<Note>;
pub type SessionId = Id<WhatsappSession>;

tree! {
    /// What is computed of a kind of which nothing is.
    Bare {
        _id: PartId,
    }
}

/// Every kind the store keeps a table of.
pub const KINDS: &[&KindSpec] = &[
    Dealer::SPEC,
    Location::SPEC,
    User::SPEC,
    ApiKey::SPEC,
    ScorecardVersion::SPEC,
    Client::SPEC,
    SaleLead::SPEC,
    Car::SPEC,
    WhatsappSession::SPEC,
    WhatsappMessage::SPEC,
    Note::SPEC,
    Task::SPEC,
];

/// The kinds that the Walcu dialect publishes, one resource each, in the order of its document.
pub const WALCU_KINDS: &[&KindSpec] =
    &[Car::SPEC, Client::SPEC, Note::SPEC, SaleLead::SPEC, Task::SPEC, WhatsappMessage::SPEC, WhatsappSession::SPEC];
