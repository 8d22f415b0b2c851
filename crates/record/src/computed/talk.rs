//! Communications: calls, mails, SMS, WhatsApp sessions and chat sessions, each as one act of talking with a client.

use serde::Deserialize;
use serde_json::{Number, Value};

use super::{Paper, is};
use crate::{
    Direction::{self, Inbound, Outbound},
    Error, Id, Instant, Notification, Result,
};

/// What carries a communication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Call,
    Mail,
    Sms,
    Whatsapp,
    Chat,
}

/// A communication as the facets of a client see it.
#[derive(Clone, Debug)]
pub struct Talk {
    pub channel: Channel,
    pub id: Id<()>,
    /// The last time anything was said in it.
    pub at: Instant,
    /// Who began it.
    pub direction: Option<Direction>,
    /// Who spoke last.
    pub last_direction: Option<Direction>,
    /// The user on the dealer's side, the last one where several took part.
    pub user: Option<String>,
    /// When the client last spoke, and when the dealer did.
    pub inbound_at: Option<Instant>,
    pub outbound_at: Option<Instant>,
    /// When a person of the dealer's began it.
    pub begun_by_person: Option<Instant>,
    /// Of a call, in seconds.
    pub duration: Option<Number>,
    pub note: Option<String>,
    /// Of a mail: when it was opened.
    pub read_at: Option<Instant>,
    /// When its reminder is due, while nobody has done it.
    pub undone: Option<Instant>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    direction: Option<Direction>,
    made_at: Option<Instant>,
    users: Vec<String>,
    participant_users: Vec<String>,
    duration: Option<Number>,
    note: Option<String>,
    user_id: Option<String>,
    read_at: Option<Instant>,
    notification: Option<Notification>,
    last_message_date: Option<Instant>,
    last_message_direction: Option<Direction>,
    last_message: Last,
    dealer_info: Party,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Last {
    date: Option<Instant>,
    direction: Option<Direction>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Party {
    user_id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Own {
    last_inbound_at: Option<Instant>,
    last_outbound_at: Option<Instant>,
    automatic: bool,
}

impl Talk {
    /// Reads a call, an SMS or a session. Errors: `Internal` when the document is none of them.
    pub fn of(paper: &Paper) -> Result<Self> {
        let said: Said = paper.read()?;
        let made_at = said.made_at.unwrap_or(paper.created_at);
        let (channel, last_at, last_direction) = match paper.kind {
            "conferences" => (Channel::Call, None, None),
            "emails" => (Channel::Mail, None, None),
            "sms" => (Channel::Sms, None, None),
            "whatsappsessions" => (Channel::Whatsapp, said.last_message_date, said.last_message_direction),
            "chatsessions" => (Channel::Chat, said.last_message.date, said.last_message.direction),
            other => return Err(Error::internal(format!("{other} are no communications"))),
        };
        let own: Own = paper.own()?;
        let (at, last_direction) = (last_at.unwrap_or(made_at), last_direction.or(said.direction));
        let user = match channel {
            Channel::Call => said.participant_users.first().or(said.users.first()).cloned(),
            Channel::Mail => said.user_id,
            Channel::Sms => said.users.first().cloned(),
            Channel::Whatsapp => said.users.last().cloned(),
            Channel::Chat => said.users.last().cloned().or(said.dealer_info.user_id),
        };
        let when = |wanted| Some(at).filter(|_| is(last_direction, wanted));
        Ok(Self {
            channel,
            id: paper.id,
            at,
            direction: said.direction,
            last_direction,
            inbound_at: own.last_inbound_at.max(when(Inbound)),
            outbound_at: own.last_outbound_at.max(when(Outbound)),
            // In a WhatsApp session the messages tell who wrote them; a session may have been begun by the house.
            begun_by_person: Some(made_at).filter(|_| {
                channel != Channel::Whatsapp && is(said.direction, Outbound) && user.is_some() && !own.automatic
            }),
            user,
            duration: said.duration,
            note: said.note.filter(|note| !note.is_empty()),
            read_at: said.read_at,
            undone: said.notification.and_then(|one| one.notify_at.filter(|_| one.done != Some(true))),
        })
    }
}

/// The numbers and addresses of the client's side of a communication: whose contacts have one of them, it is theirs.
pub fn addresses(paper: &Paper) -> Vec<String> {
    let is_inbound = paper.text("direction") == Some("inbound");
    let paths: &[&str] = match paper.kind {
        "conferences" | "whatsappsessions" => &["client_number"],
        "sms" | "emails" if is_inbound => &["from"],
        "sms" => &["to"],
        "emails" => &["to", "cc"],
        "chatsessions" => &["client_info.phone", "client_info.email"],
        _ => &[],
    };
    let texts = paths.iter().flat_map(|path| match paper.at(path) {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    });
    texts.filter_map(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// The client that a communication names by its id.
pub fn client_named(paper: &Paper) -> Option<Id<()>> {
    let path = match paper.kind {
        "chatsessions" => "client_info.client_id",
        "emails" => "client_id",
        _ => return None,
    };
    paper.text(path)?.parse().ok()
}
