//! The record: what a dealership knows, as types, and the rules that are pure functions of them.
//!
//! No I/O, no database, no HTTP and no clock of its own: time, ids and chance are handed in.

pub mod actor;
pub mod calendar;
pub mod catalogue;
pub mod clock;
pub mod computed;
pub mod consent;
pub mod document;
pub mod error;
pub mod event;
pub mod gate;
pub mod id;
pub mod instant;
pub mod kinds;
pub mod listing;
pub mod next_step;
pub mod pacing;
pub mod pipeline;
pub mod pool;
mod published;
pub mod schedule;
pub mod scoring;
pub mod selling;
pub mod shape;
pub mod spec;
pub mod templates;
pub mod text;
pub mod values;
pub mod whereabouts;

pub use actor::Actor;
pub use clock::{Clock, Context};
pub use document::{Document, Kind};
pub use error::{Code, Error, FieldError, Result};
pub use id::{Id, Ids};
pub use instant::Instant;
pub use kinds::*;
pub use shape::Shape;
pub use values::{Email, Money, Phone, Vin, bank};
pub use whereabouts::{Place, Whereabouts};
