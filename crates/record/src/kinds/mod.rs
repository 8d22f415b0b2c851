//! The kinds of document, one file each, and the pieces they share.

#[macro_use]
pub(crate) mod tree;

mod access;
mod aftersale_lead;
mod appraisal_lead;
mod car;
mod chat;
mod client;
mod client_vehicle;
mod conference;
mod contact;
mod date;
mod dealer;
mod dialler;
mod email;
mod import_task;
mod lead;
mod note;
mod offer;
mod outreach;
mod parts;
mod pool;
mod repair_order;
mod rights;
mod sms;
mod whatsapp;
mod work;

pub use access::*;
pub use aftersale_lead::*;
pub use appraisal_lead::*;
pub use car::*;
pub use chat::*;
pub use client::*;
pub use client_vehicle::*;
pub use conference::*;
pub use contact::*;
pub use date::*;
pub use dealer::*;
pub use dialler::*;
pub use email::*;
pub use import_task::*;
pub use lead::*;
pub use note::*;
pub use offer::*;
pub use outreach::*;
pub use parts::*;
pub use pool::*;
pub use repair_order::*;
pub use rights::{Collection, Right};
pub use sms::*;
pub use tree::{Free, Members};

pub use whatsapp::*;
pub use work::*;

use tree::{At, Custom, Flag, Int, Num, Nums, PartId, Text, Texts};

use crate::{Id, document::Kind, spec::KindSpec};

pub type DealerId = Id<Dealer>;
pub type LocationId = Id<Location>;
pub type UserId = Id<User>;
pub type LeadId = Id<SaleLead>;
pub type ClientId = Id<Client>;
pub type ContactId = Id<ClientContact>;
pub type ClientVehicleId = Id<ClientVehicle>;
pub type RepairOrderId = Id<RepairOrder>;
pub type CarId = Id<Car>;
pub type MessageId = Id<WhatsappMessage>;
pub type NoteId = Id<Note>;
pub type ExportId = Id<Export>;
pub type ImportId = Id<Import>;
pub type SessionId = Id<WhatsappSession>;
pub type ChatProviderId = Id<ChatProvider>;
pub type ChatSessionId = Id<ChatSession>;
pub type ScheduleId = Id<Schedule>;
pub type EnrolmentId = Id<Enrolment>;
pub type CallId = Id<Conference>;
pub type CallbackId = Id<ScheduledCallback>;

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
    ClientContact::SPEC,
    AppraisalLead::SPEC,
    AftersaleLead::SPEC,
    ClientVehicle::SPEC,
    RepairOrder::SPEC,
    CalendarDate::SPEC,
    Offer::SPEC,
    Conference::SPEC,
    Sms::SPEC,
    EmailMessage::SPEC,
    ChatProvider::SPEC,
    ChatSession::SPEC,
    ChatMessage::SPEC,
    LeadImportTask::SPEC,
    Export::SPEC,
    Import::SPEC,
    Schedule::SPEC,
    ScheduleVersion::SPEC,
    DiallerType::SPEC,
    Enrolment::SPEC,
    CallAgent::SPEC,
    ScheduledCallback::SPEC,
    NumberPool::SPEC,
];

/// The kinds that the Walcu dialect publishes, one resource each.
pub const WALCU_KINDS: &[&KindSpec] = &[
    AftersaleLead::SPEC,
    AppraisalLead::SPEC,
    Car::SPEC,
    ChatMessage::SPEC,
    ChatProvider::SPEC,
    ChatSession::SPEC,
    Client::SPEC,
    ClientVehicle::SPEC,
    Conference::SPEC,
    ClientContact::SPEC,
    CalendarDate::SPEC,
    LeadImportTask::SPEC,
    Note::SPEC,
    Offer::SPEC,
    RepairOrder::SPEC,
    SaleLead::SPEC,
    Sms::SPEC,
    Task::SPEC,
    WhatsappMessage::SPEC,
    WhatsappSession::SPEC,
];

#[cfg(test)]
mod tests;
