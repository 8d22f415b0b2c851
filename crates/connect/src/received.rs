//! What a provider tells us, in words that belong to no provider.

use forecourt_record::{Delivery, Instant};

use crate::Private;

/// One thing out of a webhook body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    Message(Message),
    Status(Status),
    Call(Call),
    Mail(Mail),
    Bounce(Bounce),
    Notice(Notice),
    Problem(Problem),
    /// A change of a sort that is not ours to act upon (template reviews, account updates); `field` is its name.
    Other {
        field: String,
    },
}

/// A message from a person. It opens the 24-hour window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Unique per provider: the key for doing nothing twice.
    pub provider_id: String,
    /// The person's number, E.164 with `+`. `None` when the person goes by a username and keeps the number to
    /// themselves; `user_id` is then set.
    pub from: Option<Private>,
    /// The person's id within this business, where the provider gives one.
    pub user_id: Option<Private>,
    /// The dealer's number, E.164 with `+`.
    pub to_number: Option<String>,
    /// The provider's id of the dealer's number: what to route by.
    pub phone_number_id: Option<String>,
    pub profile_name: Option<Private>,
    /// When it was sent, by the provider's clock.
    pub at: Instant,
    /// Readable whatever the type: the text, the caption, the button's title, or a bracket such as `[location 29.7,-95.3]`.
    pub body: Private,
    pub media: Vec<Media>,
    /// The provider's id of the message this one answers or reacts to.
    pub reply_to: Option<String>,
}

/// A file that came with a message; it is fetched from the provider by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    pub id: String,
    /// A MIME type, without its parameters; empty when not told.
    pub content_type: String,
    pub caption: Option<Private>,
}

/// A mail from a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its `Message-ID`: the key for doing nothing twice.
    pub provider_id: String,
    pub from: Private,
    pub to: String,
    pub subject: Private,
    /// The plain text, with whatever it quotes.
    pub body: Private,
    /// When it came in, by the provider's clock.
    pub at: Instant,
    /// The `Message-ID` of the mail it answers.
    pub reply_to: Option<String>,
}

/// One of our mails came back for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// Our own reference.
    pub reference: String,
    /// Why: the mail server's code and sentence.
    pub code: String,
    pub detail: String,
}

/// How far one of our messages has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub provider_id: String,
    /// Our own reference, when the provider hands it back: it settles an attempt whose outcome was unknown.
    pub reference: Option<String>,
    pub phone_number_id: Option<String>,
    pub status: DeliveryStatus,
    /// The person's number, E.164 with `+`, when told.
    pub recipient: Option<Private>,
    pub at: Instant,
    /// Why, when it failed: the provider's code and sentence.
    pub error: Option<(String, String)>,
}

/// How far a call has come, one of ours or of somebody who calls us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub provider_id: String,
    /// Our own reference; none when somebody calls us.
    pub reference: Option<String>,
    pub state: CallState,
    pub at: Instant,
    /// How long it was spoken, at the end, where told.
    pub seconds: Option<u32>,
    /// Who calls, and who is called, E.164 with `+`, where told.
    pub from: Option<Private>,
    pub to: Option<Private>,
}

/// The states of a call, in the order in which they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallState {
    Ringing,
    /// By a person.
    Answered,
    AnsweredByMachine,
    Busy,
    NoAnswer,
    Failed,
    Canceled,
    /// Hung up after it was answered.
    Completed,
    /// A state nobody has heard of, by its name: neither success nor failure.
    Unknown(String),
}

/// A provider's status: one we know, or its name, which is then neither success nor failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    Known(Delivery),
    Unknown(String),
}

/// Said by the channel itself about a person, such as a change of number. Not a message: it opens no window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub provider_id: String,
    /// Such as `user_changed_number`.
    pub kind: String,
    /// The number it is about, E.164 with `+`.
    pub from: Option<Private>,
    pub new_number: Option<Private>,
    pub phone_number_id: Option<String>,
    pub at: Instant,
    pub body: Private,
}

/// An error the provider reports, or a part of the body that could not be read (code [`Problem::UNREADABLE`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: String,
    pub title: String,
    /// The provider's sentence; of a part that could not be read only where it is, never what it says.
    pub detail: String,
}

impl Problem {
    pub const UNREADABLE: &'static str = "unreadable";

    /// A part of a body that is not of its documented shape. `detail` says where, never what.
    pub fn unreadable(detail: String) -> Self {
        Self { code: Self::UNREADABLE.to_owned(), title: "A part of the webhook could not be read".to_owned(), detail }
    }
}
