//! The port for messages and calls: what goes out, how that ended, and how it is found again after a crash.

use std::time::Duration;

use forecourt_record::Instant;

use crate::{Private, Sandbox};

/// A message or call on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Ours, the same at every try of the same message: it travels with the message and finds it again.
    pub reference: String,
    /// The dealer's number, E.164 with `+`, or the address of a mail.
    pub from: String,
    /// The person's number, E.164 with `+`, or address.
    pub to: Private,
    pub content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Free text, at most 4,096 characters; carried only while the customer's 24-hour window is open.
    Text { body: Private },
    /// A template the provider has approved. `body` is our own rendering, for the record and for the stand-in.
    Template { name: String, language: String, parameters: Vec<Private>, body: Private },
    /// A mail in plain text. The subject is one line; `message_id` goes into the header of that name, and an answer
    /// refers to it.
    Mail { subject: Private, body: Private, message_id: String },
    /// A call: how long it rings, at most. How it goes on is told by webhook.
    Call { ring: Duration },
}

/// What is done with a call that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direct {
    HangUp,
    /// Our end goes to somebody else, known by a name of ours.
    HandOver {
        to: String,
    },
}

impl Content {
    /// The text as the person reads it; a call has none.
    pub const fn body(&self) -> Option<&Private> {
        match self {
            Self::Text { body } | Self::Template { body, .. } | Self::Mail { body, .. } => Some(body),
            Self::Call { .. } => None,
        }
    }
}

/// How one call to the provider ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted by the provider; statuses follow by webhook.
    Sent { provider_id: String },
    /// The provider said no, for good. `code` is the provider's own.
    Failed { code: String, detail: String },
    /// Nothing was sent; the provider asks to wait this long.
    RetryAfter(Duration),
    /// A time-out or an answer that cannot be read: it may or may not have gone. Ask [`Chat::find`]; never just resend.
    Unknown { detail: String },
}

/// What the provider knows of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Sent {
        provider_id: String,
    },
    NotSent,
    /// The provider cannot tell. Only a person may decide to send again.
    Undecidable,
}

/// Something the stand-in will call back with: the raw body of a webhook, due `after` the sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Echo {
    pub after: Duration,
    /// Exactly as a provider would post it: a Cloud API envelope, or a webhook of calls or mails.
    pub body: Private<Vec<u8>>,
}

/// Whoever carries a dealer's messages and calls. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Chat {
    Sandbox(Sandbox),
}

impl Chat {
    /// Hands a message over. Call it only after the attempt is durably marked as being sent.
    pub async fn send(&self, message: &Outgoing) -> Outcome {
        match self {
            Self::Sandbox(sandbox) => sandbox.send(message).await,
        }
    }

    /// What became of a message that was handed over, or about to be, when we last stopped.
    pub async fn find(&self, reference: &str) -> Found {
        match self {
            Self::Sandbox(sandbox) => sandbox.find(reference).await,
        }
    }

    /// Does something with a call that is under way; doing it twice does nothing. Says whether it was done.
    #[expect(clippy::unused_async, reason = "every provider but the stand-in is asked over the network")]
    pub async fn direct(&self, provider_id: &str, what: &Direct) -> Outcome {
        match self {
            Self::Sandbox(sandbox) => sandbox.direct(provider_id, what),
        }
    }

    /// What the stand-in will call back with, soonest first, for a message handed over at `now`. A real provider calls
    /// us by itself: none.
    pub fn echoes(&self, message: &Outgoing, provider_id: &str, now: Instant) -> Vec<Echo> {
        match self {
            Self::Sandbox(sandbox) => sandbox.echoes(message, provider_id, now),
        }
    }
}
