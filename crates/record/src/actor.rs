//! Who does something, and through which door.

use serde::{Deserialize, Serialize};

use crate::{ApiKey, Id, User};

/// Written with every event and kept with every field: who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A rule of the house: routing, a timer, the bot.
    System,
    User(Id<User>),
    Key(Id<ApiKey>),
    /// The person on the other end: an inbound message.
    Client,
}

impl Actor {
    /// One word or id for logs and columns: `system`, `client`, `user:<id>`, `key:<id>`.
    pub fn label(self) -> String {
        match self {
            Self::System => "system".into(),
            Self::Client => "client".into(),
            Self::User(id) => format!("user:{id}"),
            Self::Key(id) => format!("key:{id}"),
        }
    }

    /// The user who acts, when it is one.
    pub fn user(self) -> Option<Id<User>> {
        match self {
            Self::User(id) => Some(id),
            Self::System | Self::Key(_) | Self::Client => None,
        }
    }
}
