//! What follows from other documents: every member of the published `computed` parts, as pure functions of documents.
//!
//! A *facet* is some members of one document's computed part that stand on the same documents. `crm::computed` looks up
//! those documents in the transaction of a write; [`recompute`] takes all there are, which is how the one is held to the
//! other. What each member means is written down in `docs/computed.md`.

mod call;
mod car;
mod client;
mod family;
mod lead;
mod message;
mod oracle;
mod talk;
#[cfg(test)]
mod tests;
mod vehicle;

use std::{cmp::Reverse, collections::HashSet, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Direction, Error, Id, Instant, Notification, Result};

pub use call::{call, caller};
pub use car::{car, car_leads, cars_named, lead_cars};
pub use family::{Family, LEADS, Papers, TALKS, WORKS, client_of, lead_named};
pub use lead::{assigned, bucket, copied, location_of, response, written_by_person};
pub use message::{answered, pair, user_emails};
pub use oracle::{Key, is_with, recompute};
pub use talk::{Talk, addresses, client_named};
pub use vehicle::{is_about, lead_vehicle, marks, mileage, order_vehicles, orders, vehicle_named};

/// Arrays keep the newest so many.
pub const MOST: usize = 100;

/// A document as these rules read it. Its trees are shared, so a copy costs nothing.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The collection.
    pub kind: &'static str,
    pub id: Id<()>,
    pub created_at: Instant,
    /// The published tree; whether it is whole or only the kind's own members makes no difference here.
    pub doc: Arc<Value>,
    pub extra: Arc<Value>,
    pub computed: Arc<Value>,
}

impl Paper {
    /// The members of the published tree that `T` names.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        T::deserialize(&*self.doc).map_err(|error| self.broken(&error))
    }

    /// The members of our own part that `T` names.
    pub fn own<'a, T: Deserialize<'a> + Default>(&'a self) -> Result<T> {
        if self.extra.is_null() {
            Ok(T::default())
        } else {
            T::deserialize(&*self.extra).map_err(|error| self.broken(&error))
        }
    }

    fn broken(&self, error: &serde_json::Error) -> Error {
        Error::internal(format!("{} of {} cannot be read: {error}", self.id, self.kind))
    }

    /// When its reminder is due, while nobody has done it.
    pub fn reminder(&self) -> Result<Option<Instant>> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Part {
            notification: Option<Notification>,
        }
        let notification = self.read::<Part>()?.notification.unwrap_or_default();
        Ok(notification.notify_at.filter(|_| notification.done != Some(true)))
    }

    /// A text member of the published tree, dotted; none when it is absent.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.at(path).as_str()
    }

    /// A member of the published tree, dotted; null when it is absent.
    pub fn at(&self, path: &str) -> &Value {
        path.split('.').fold(&*self.doc, |value, segment| &value[segment])
    }
}

/// Members of a computed part and their values; a null or an empty list says that the member is absent.
pub type Facet = Vec<(&'static str, Value)>;

/// Puts the members of a facet into a computed part.
pub fn put(computed: &mut Value, facet: Facet) {
    if !computed.is_object() {
        *computed = Value::Object(Map::new());
    }
    let Value::Object(members) = computed else { return };
    for (name, value) in facet {
        if is_absent(&value) {
            members.shift_remove(name);
        } else {
            members.insert(name.to_owned(), value);
        }
    }
}

/// What a document's computed part says of itself alone.
pub fn own(paper: &Paper) -> Result<Vec<Facet>> {
    Ok(match paper.kind {
        "cars" => vec![car(paper)],
        "clientvehicles" => vec![mileage(paper)?],
        "conferences" => vec![call(paper)?],
        "saleleads" | "appraisalleads" | "aftersaleleads" => vec![assigned(paper)?],
        _ => Vec::new(),
    })
}

/// The computed part of a new document, as long as nothing else stands close to it.
pub fn fresh(paper: &Paper) -> Result<Value> {
    let mut computed = Value::Object(Map::new());
    let empty = || TALKS.into_iter().chain(WORKS).map(|kind| (kind, Vec::new())).collect();
    match paper.kind {
        "clients" => {
            computed = Family { client: Some(paper.clone()), leads: Vec::new(), papers: empty() }.client(&computed)?;
        }
        kind if LEADS.contains(&kind) => {
            let family = Family { client: None, leads: Vec::new(), papers: empty() };
            computed = family.lead(paper, &Value::Null, &computed)?;
            if kind == "saleleads" {
                put(&mut computed, lead_cars(paper, |_| None)?);
            }
        }
        "cars" => put(&mut computed, car_leads(0, None)),
        "clientvehicles" => put(&mut computed, orders(paper, &[])?),
        "sms" | "whatsappmessages" => put(&mut computed, vec![("answered", false.into())]),
        _ => {}
    }
    own(paper)?.into_iter().for_each(|facet| put(&mut computed, facet));
    Ok(computed)
}

fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// A value of a facet.
fn value(of: impl Serialize) -> Value {
    serde_json::to_value(of).unwrap_or_default()
}

/// An object without its absent members.
fn object<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Object(
        members
            .into_iter()
            .filter(|(_, value)| !is_absent(value))
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn count(number: usize) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

/// Each once, the first [`MOST`] of them.
fn distinct(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    texts.into_iter().filter(|text| seen.insert(text.clone())).take(MOST).collect()
}

/// Papers with what was read of each, the latest first; of the same instant, the one with the greater id.
fn newest<'a, T>(
    papers: &[&'a Paper],
    read: impl Fn(&'a Paper) -> Result<(Instant, T)>,
) -> Result<Vec<(&'a Paper, T)>> {
    let mut read =
        papers.iter().map(|paper| read(paper).map(|(at, part)| (at, *paper, part))).collect::<Result<Vec<_>>>()?;
    read.sort_by_key(|(at, paper, _)| Reverse((*at, paper.id)));
    Ok(read.into_iter().map(|(_, paper, part)| (paper, part)).collect())
}

fn is(direction: Option<Direction>, wanted: Direction) -> bool {
    direction == Some(wanted)
}
