//! For tests only: named places where the process dies at once, as kill -9 would, to prove that nothing is lost or doubled.
//!
//! Off unless `FORECOURT_CRASH_AT` names one of [`POINTS`] or [`SCHEDULE_POINTS`].

pub use forecourt_crm::crash::crash_point;

/// A job has been claimed and not looked at yet.
pub const AFTER_CLAIM: &str = "after-claim";
/// A message is durably marked as being sent; the provider knows nothing of it.
pub const AFTER_SENDING_COMMITTED: &str = "after-sending-committed";
/// The provider has answered; nothing of it is recorded.
pub const AFTER_PROVIDER_ANSWERED: &str = "after-provider-answered";
/// What the provider answered is recorded.
pub const AFTER_RECORDED: &str = "after-recorded";
/// A step of a schedule has been carried out in a transaction that is still open.
pub const MID_STEP: &str = "mid-step";
/// A webhook's body is stored; nobody has been answered.
pub const AFTER_INBOUND_STORED: &str = "after-inbound-stored";
/// Something out of a webhook's body has been carried out in a transaction that is still open.
pub const MID_INBOUND: &str = "mid-inbound";

/// Every place there is on the way of a message.
pub const POINTS: &[&str] =
    &[AFTER_CLAIM, AFTER_SENDING_COMMITTED, AFTER_PROVIDER_ANSWERED, AFTER_RECORDED, AFTER_INBOUND_STORED, MID_INBOUND];

/// Every place there is on the way of somebody on a schedule.
pub const SCHEDULE_POINTS: &[&str] =
    &[AFTER_CLAIM, MID_STEP, AFTER_SENDING_COMMITTED, AFTER_PROVIDER_ANSWERED, AFTER_RECORDED];
