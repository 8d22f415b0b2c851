//! Takes a webhook body apart. Lenient by design: what can be read is, and what cannot is reported beside it.

use forecourt_record::{Code, Error, Result};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    convert::{self, Scene},
    wire,
};
use crate::received::{Problem, Received};

/// Everything a body tells, in its order; several entries and changes may come in one. A part that is not of its
/// documented shape becomes a [`Received::Problem`] that says where, and never takes the rest with it. Error
/// [`Code::MalformedJson`] when the body as a whole is not a JSON object of UTF-8.
pub fn parse(body: &[u8]) -> Result<Vec<Received>> {
    let body = read_body(body)?;
    let mut out = Vec::new();
    for change in changes(&body) {
        match change {
            Err(problem) => out.push(Received::Problem(problem)),
            Ok((at, change)) => match (change.field.take().as_deref(), change.value) {
                (Some("messages") | None, Some(value)) => read_value(&at, value, &mut out),
                (Some("messages") | None, None) => {
                    out.push(Received::Problem(Problem::unreadable(format!("{at} has no value"))));
                }
                (Some(field), _) => out.push(Received::Other { field: field.to_owned() }),
            },
        }
    }
    each(body.errors, "errors", &mut out, |fault| Ok(convert::problem(fault)));
    Ok(out)
}

/// The ids of the dealer's numbers that a body is about, each once: what to route by, before anything else is read.
/// Empty when it tells none, or is no JSON.
pub fn phone_number_ids(body: &[u8]) -> Vec<String> {
    let Ok(body) = read_body(body) else {
        return Vec::new();
    };
    let mut ids: Vec<String> = Vec::new();
    for (_, change) in changes(&body).into_iter().flatten() {
        let head = change.value.and_then(|value| serde_json::from_str::<wire::Head>(value.get()).ok());
        let id = head.and_then(|head| head.metadata).and_then(|metadata| metadata.phone_number_id.take());
        if let Some(id) = id.filter(|id| !ids.contains(id)) {
            ids.push(id);
        }
    }
    ids
}

fn read_body(body: &[u8]) -> Result<wire::Body<'_>> {
    serde_json::from_slice(body).map_err(|error| {
        Error::new(Code::MalformedJson, "The body is not a webhook in the Cloud API's envelope.").inside(place(&error))
    })
}

type Located<'a> = std::result::Result<(String, wire::Change<'a>), Problem>;

/// Every change of every entry with its place in the body.
fn changes<'a>(body: &wire::Body<'a>) -> Vec<Located<'a>> {
    let mut out = Vec::new();
    for entry in elements::<wire::Entry<'a>>(body.entry, "entry") {
        match entry {
            Ok((at, entry)) => out.extend(elements(entry.changes, &format!("{at}.changes"))),
            Err(problem) => out.push(Err(problem)),
        }
    }
    out
}

fn read_value(at: &str, value: &RawValue, out: &mut Vec<Received>) {
    let value: wire::Value<'_> = match serde_json::from_str(value.get()) {
        Ok(value) => value,
        Err(error) => {
            return out.push(Received::Problem(unreadable(&format!("{at}.value"), &error)));
        }
    };
    let metadata = value.metadata.unwrap_or_default();
    let mut scene = Scene {
        to_number: convert::e164(metadata.display_phone_number.get()),
        phone_number_id: metadata.phone_number_id.take(),
        contacts: Vec::new(),
    };
    for contact in elements(value.contacts, &format!("{at}.value.contacts")) {
        match contact {
            Ok((_, contact)) => scene.contacts.push(contact),
            Err(problem) => out.push(Received::Problem(problem)),
        }
    }
    each(value.messages, &format!("{at}.value.messages"), out, |message| convert::message(message, &scene));
    each(value.statuses, &format!("{at}.value.statuses"), out, |status| convert::status(status, &scene));
    each(value.errors, &format!("{at}.value.errors"), out, |fault| Ok(convert::problem(fault)));
}

/// Converts every element of a list that may be absent.
fn each<'a, T: Deserialize<'a>>(
    list: Option<&'a RawValue>,
    at: &str,
    out: &mut Vec<Received>,
    convert: impl Fn(T) -> std::result::Result<Received, &'static str>,
) {
    for element in elements(list, at) {
        let received = element.and_then(|(at, element)| {
            convert(element).map_err(|missing| Problem::unreadable(format!("{at} {missing}")))
        });
        out.push(received.unwrap_or_else(Received::Problem));
    }
}

/// Reads a list element by element: each is itself, or the problem with it. Absent and `null` are empty.
fn elements<'a, T: Deserialize<'a>>(
    list: Option<&'a RawValue>,
    at: &str,
) -> Vec<std::result::Result<(String, T), Problem>> {
    let Some(list) = list else { return Vec::new() };
    match serde_json::from_str::<Vec<&RawValue>>(list.get()) {
        Ok(list) => list
            .into_iter()
            .enumerate()
            .map(|(index, element)| {
                let at = format!("{at}[{index}]");
                match serde_json::from_str(element.get()) {
                    Ok(element) => Ok((at, element)),
                    Err(error) => Err(unreadable(&at, &error)),
                }
            })
            .collect(),
        Err(error) => vec![Err(unreadable(at, &error))],
    }
}

fn unreadable(at: &str, error: &serde_json::Error) -> Problem {
    Problem::unreadable(format!("{at} is not of the documented shape ({})", place(error)))
}

/// Where, not what: serde's own sentence may quote the body.
fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
