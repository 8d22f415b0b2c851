//! The facets of a call.

use serde::Deserialize;

use super::{Facet, Paper, value};
use crate::{Contact, Instant, Result};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Part {
    made_at: Option<Instant>,
    duration: Option<f64>,
    participants: Vec<Participant>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Participant {
    user_id: Option<String>,
    entered_at: Option<Instant>,
    left_at: Option<Instant>,
    platform_name: Option<String>,
    platform_version: Option<String>,
}

/// A call's own: the user who was in it first and with what, and what the user had who stayed longest.
///
/// Who is not known to have left stayed to the end of the call; one who is not known to have entered comes after those
/// who are, and stayed no time. Of equals the one named first counts.
pub fn call(call: &Paper) -> Result<Facet> {
    let part: Part = call.read()?;
    #[expect(clippy::cast_possible_truncation, reason = "casting saturates")]
    let end = part.made_at.map(|at| at.millis().saturating_add((part.duration.unwrap_or_default() * 1000.0) as i64));
    let users: Vec<&Participant> = part.participants.iter().filter(|one| one.user_id.is_some()).collect();
    let first = users.iter().min_by_key(|user| (user.entered_at.is_none(), user.entered_at));
    let stayed = |user: &Participant| {
        let (entered, left) = (user.entered_at?.millis(), user.left_at.map(Instant::millis).or(end)?);
        Some(left.saturating_sub(entered).max(0))
    };
    // The last of equal maxima is taken: from behind, that is the one named first.
    let longest = users.iter().rev().max_by_key(|user| stayed(user).unwrap_or_default());
    Ok(vec![
        ("first_user_participant", value(first.and_then(|user| user.user_id.clone()))),
        ("first_user_platform", value(first.and_then(|user| user.platform_name.clone()))),
        ("first_user_version", value(first.and_then(|user| user.platform_version.clone()))),
        ("longest_user_platform", value(longest.and_then(|user| user.platform_name.clone()))),
    ])
}

/// Who has the call's number: the contact of the oldest client that has it in one.
pub fn caller(call: &Paper, clients: &[&Paper]) -> Result<Facet> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Client {
        contacts: Vec<Contact>,
    }
    let Some(number) = call.text("client_number") else { return Ok(vec![("client_name", value(None::<String>))]) };
    let mut clients = clients.to_vec();
    clients.sort_by_key(|client| client.id);
    for client in clients {
        let contacts = client.read::<Client>()?.contacts;
        let named = contacts.iter().find(|contact| contact.phones.iter().any(|phone| phone == number));
        if let Some(contact) = named {
            let name = contact.name.as_ref().and_then(crate::PersonName::shown);
            return Ok(vec![("client_name", value(name))]);
        }
    }
    Ok(vec![("client_name", value(None::<String>))])
}
