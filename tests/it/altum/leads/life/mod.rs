//! What the house does about a lead by itself: messages on arrival and status changes, writing again, alerts.

mod idle;
mod reengagement;
mod templates;
