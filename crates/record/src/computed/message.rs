//! The facets of messages: WhatsApp messages in their session, SMS between a pair of numbers.

use serde::Deserialize;

use super::{Facet, Paper, distinct, value};
use crate::{Direction, Id, Instant, Result};

/// For each message of one conversation, whether one the other way came after it. Of the same instant, the one with the
/// greater id is the later.
pub fn answered(messages: &[&Paper]) -> Result<Vec<(Id<()>, Facet)>> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Part {
        direction: Option<Direction>,
        made_at: Option<Instant>,
    }
    let mut read = Vec::new();
    for message in messages {
        let part: Part = message.read()?;
        read.push((part.made_at.unwrap_or(message.created_at), message.id, part.direction));
    }
    read.sort_by_key(|(at, id, _)| (*at, *id));
    let (mut inbound_follows, mut outbound_follows) = (false, false);
    let mut answered = Vec::new();
    for (_, id, direction) in read.into_iter().rev() {
        let is_answered = match direction {
            Some(Direction::Inbound) => outbound_follows,
            Some(Direction::Outbound) => inbound_follows,
            None => false,
        };
        inbound_follows |= direction == Some(Direction::Inbound);
        outbound_follows |= direction == Some(Direction::Outbound);
        answered.push((id, vec![("answered", is_answered.into())]));
    }
    Ok(answered)
}

/// What the conversation of an SMS is known by: the two numbers, in one order whoever wrote.
pub fn pair(sms: &Paper) -> Option<[String; 2]> {
    let mut pair = [sms.text("from")?.to_owned(), sms.text("to")?.to_owned()];
    pair.sort();
    Some(pair)
}

/// The e-mail addresses of the users an SMS names, in their order. `email` knows each user's.
pub fn user_emails(sms: &Paper, email: impl Fn(Id<()>) -> Option<String>) -> Result<Facet> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Part {
        users: Vec<String>,
    }
    let users = sms.read::<Part>()?.users;
    let emails = users.iter().filter_map(|user| email(user.parse().ok()?));
    Ok(vec![("user_emails", value(distinct(emails)))])
}
