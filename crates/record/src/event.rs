//! The closed list of events. The audit log, a lead's timeline, metrics and webhooks all come from it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Actor, Id, Instant, LeadId};

macro_rules! events {
    ($($name:ident = $text:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum EventName { $(#[serde(rename = $text)] $name),* }

        impl EventName {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }

        impl std::str::FromStr for EventName {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($text => Ok(Self::$name),)* _ => Err("unknown event") }
            }
        }
    };
}

events! {
    DealerCreated = "dealer.created";
    DealerChanged = "dealer.changed";
    LocationCreated = "location.created";
    LocationChanged = "location.changed";
    UserCreated = "user.created";
    UserChanged = "user.changed";
    UserLoggedIn = "user.logged_in";
    UserLoggedOut = "user.logged_out";
    KeyCreated = "key.created";
    KeyRevoked = "key.revoked";
    TokenKeyRotated = "token_key.rotated";
    ScorecardChanged = "scorecard.changed";
    ScheduleChanged = "schedule.changed";
    LeadTypeChanged = "lead_type.changed";
    NumberPoolChanged = "number_pool.changed";
    ClientCreated = "client.created";
    ClientChanged = "client.changed";
    ClientOptedOut = "client.opted_out";
    ClientOptedIn = "client.opted_in";
    ClientErased = "client.erased";
    LeadCreated = "lead.created";
    LeadRepeated = "lead.repeated";
    LeadAssigned = "lead.assigned";
    LeadStatusChanged = "lead.status_changed";
    LeadScored = "lead.scored";
    LeadChanged = "lead.changed";
    LeadAnswered = "lead.answered";
    LeadIdle = "lead.idle";
    LeadErased = "lead.erased";
    EnrolmentBegun = "enrolment.begun";
    EnrolmentChanged = "enrolment.changed";
    EnrolmentRefused = "enrolment.refused";
    EnrolmentHeld = "enrolment.held";
    EnrolmentEnded = "enrolment.ended";
    NoteWritten = "note.written";
    MessageQueued = "message.queued";
    MessageSent = "message.sent";
    MessageFailed = "message.failed";
    MessageUncertain = "message.uncertain";
    MessageHeld = "message.held";
    MessageReceived = "message.received";
    CallAnswered = "call.answered";
    CallDropped = "call.dropped";
    CallEnded = "call.ended";
    CallReceived = "call.received";
    CallTransferred = "call.transferred";
    CallDisposed = "call.disposed";
    ScheduledCallbackBooked = "scheduled_callback.promised";
    ScheduledCallbackOverdue = "scheduled_callback.overdue";
    ScheduledCallbackEnded = "scheduled_callback.ended";
    AgentChanged = "agent.changed";
    DiallerPaced = "dialler.paced";
    CarCreated = "car.created";
    CarChanged = "car.changed";
    CarPriceChanged = "car.price_changed";
    CarStatusChanged = "car.status_changed";
    DocumentCreated = "document.created";
    DocumentChanged = "document.changed";
    DocumentDeleted = "document.deleted";
    LeadImportFinished = "lead_import.finished";
    CallbackDelivered = "callback.delivered";
    CallbackGivenUp = "callback.given_up";
    WebhookUnreadable = "webhook.unreadable";
}

/// Something that happened, as it is written.
#[derive(Clone, Debug)]
pub struct Event {
    pub name: EventName,
    /// The collection and id of the document it happened to.
    pub kind: &'static str,
    pub id: Id<()>,
    /// The lead on whose timeline it stands.
    pub lead: Option<LeadId>,
    /// What changed, small and flat. Emptied when the person is erased.
    pub data: Value,
}

/// An event as it is read back.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    pub sequence: i64,
    pub at: Instant,
    pub name: EventName,
    pub kind: String,
    pub id: Id<()>,
    pub actor: Actor,
    pub dialect: String,
    pub data: Value,
}

impl EventName {
    /// The event in one English line, with the values its data holds.
    pub fn sentence(self, data: &Value) -> String {
        let text = |name: &str| match &data[name] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let channel = || match text("channel") {
            channel if channel.is_empty() => "WhatsApp message".to_owned(),
            channel => channel,
        };
        match self {
            Self::LeadCreated => format!("Lead received through {}", text("dialect")),
            Self::LeadRepeated => {
                format!("The same enquiry arrived again through {}", text("dialect"))
            }
            Self::LeadAssigned => match text("to_name") {
                name if name.is_empty() => "Assignment removed".to_owned(),
                name => format!("Assigned to {name}: {}", text("reason")),
            },
            Self::LeadStatusChanged => {
                format!("Status changed from {} to {}", text("from"), text("to"))
            }
            Self::LeadScored => format!("Scored {} ({})", text("score"), text("filter")),
            Self::LeadChanged => format!("Changed: {}", text("fields")),
            Self::LeadAnswered => "The person answered; automatic messages stopped".to_owned(),
            Self::EnrolmentBegun => format!("Put on the schedule {}", text("schedule")),
            Self::EnrolmentChanged => format!("Changed on the schedule {}: {}", text("schedule"), text("fields")),
            Self::EnrolmentRefused => format!("Not put on a schedule: {}", text("reason")),
            Self::EnrolmentHeld => format!("The schedule {} waits: {}", text("schedule"), text("reason")),
            Self::EnrolmentEnded => format!("The schedule {} has ended: {}", text("schedule"), text("reason")),
            Self::LeadIdle => format!("Nobody has worked this lead since {}", text("since")),
            Self::NoteWritten => "Note written".to_owned(),
            Self::MessageQueued => format!("{} queued", channel()),
            Self::MessageSent => format!("{} sent", channel()),
            Self::MessageFailed => format!("{} failed: {}", channel(), text("reason")),
            Self::MessageUncertain => "It is not known whether a WhatsApp message was sent".to_owned(),
            Self::MessageHeld => format!("{} held back: {}", channel(), text("reason")),
            Self::MessageReceived => format!("{} received", channel()),
            Self::CallAnswered => format!("Call answered by a {}", text("by")),
            Self::CallDropped => "The person answered, and no agent was free".to_owned(),
            Self::CallEnded => format!("Call ended: {}", text("status")),
            Self::CallReceived => "The person called".to_owned(),
            Self::CallTransferred => "Call handed over to another agent".to_owned(),
            Self::CallDisposed => format!("What came of the call: {}", text("disposition")),
            Self::ScheduledCallbackBooked => format!("A call was promised for {}", text("due_at")),
            Self::ScheduledCallbackOverdue => "A promised call is overdue".to_owned(),
            Self::ScheduledCallbackEnded => format!("A promised call was {}", text("status")),
            Self::DocumentCreated => capitalized(&format!("{} created", text("what"))),
            Self::DocumentChanged => capitalized(&format!("{} changed: {}", text("what"), text("fields"))),
            Self::DocumentDeleted => capitalized(&format!("{} deleted", text("what"))),
            Self::ClientOptedOut => format!("The person asked not to be contacted ({})", text("channel")),
            Self::ClientOptedIn => format!("The person may be contacted again ({})", text("channel")),
            other => capitalized(&other.as_str().replace(['.', '_'], " ")),
        }
    }
}

fn capitalized(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
