//! What of a kind is wanted, in the words it was asked for with.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use forecourt_query::{
    Cursor, Direction, Node, SortKey,
    project::{self, Projection},
    q, sort,
    wql::{self, WqlContext},
};
use forecourt_record::{Error, FieldError, Id, Instant, Result, spec::KindSpec};
use serde::{Deserialize, Serialize};

use crate::{Caller, Config};

/// A question as it was asked. All of it must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// A MongoDB query document as JSON.
    pub q: Option<String>,
    /// The same in brackets: the pairs of a query string, decoded.
    pub brackets: Vec<(String, String)>,
    /// WQL.
    pub search: Option<String>,
    pub sort: Option<String>,
    pub project: Option<String>,
}

/// A question that was understood.
#[derive(Clone, Debug)]
pub struct Asked {
    pub filter: Node,
    pub sort: Vec<SortKey>,
    /// None shows everything.
    pub projection: Option<Projection>,
}

impl Question {
    /// Errors: `Invalid` with everything that is wrong with any part of it.
    pub fn read(&self, spec: &'static KindSpec, caller: &Caller, config: &Config, now: Instant) -> Result<Asked> {
        let me = caller.actor.user().map(|user| user.to_string());
        let context =
            WqlContext { now, zone: config.zone(), me: me.as_deref(), region: Some(&config.dealer.doc.country) };
        let mut wrong = Vec::new();
        let brackets = (!self.brackets.is_empty()).then(|| q::parse_brackets(spec, &self.brackets));
        if self.q.is_some() && brackets.is_some() {
            wrong.push(FieldError::new(
                "query:q",
                "repeated",
                "q is given as JSON and in brackets: one of them is enough.",
            ));
        }
        let parts = [
            self.q.as_deref().map(|text| q::parse(spec, text)),
            brackets,
            self.search.as_deref().map(|text| wql::parse(spec, text, &context)),
        ];
        let parts = parts.into_iter().flatten().map(|part| heard(part, &mut wrong)).collect::<Result<Vec<_>>>()?;
        let sort = self.sort.as_deref().map(|text| sort::parse(spec, text));
        let sort = sort.map(|sort| heard(sort, &mut wrong)).transpose()?.flatten().unwrap_or_default();
        let projection = self.project.as_deref().map(|text| project::parse(spec, text));
        let projection = projection.map(|projection| heard(projection, &mut wrong)).transpose()?.flatten();
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        let filter = parts.into_iter().flatten().fold(Node::all(), Node::and);
        Ok(Asked { filter, sort, projection })
    }
}

/// What was read; what is wrong with it goes to the rest. Errors: those that are about more than the question.
fn heard<T>(read: Result<T>, wrong: &mut Vec<FieldError>) -> Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if !error.fields.is_empty() => {
            wrong.extend(error.fields);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Where a page ended, as a text for the caller. It holds for the order in which it was given.
#[derive(Serialize, Deserialize)]
struct Place {
    sort: String,
    cursor: Cursor,
}

/// An order as it is asked for.
fn in_words(sort: &[SortKey]) -> String {
    let sign = |key: &SortKey| if key.direction == Direction::Descending { "-" } else { "" };
    sort.iter().map(|key| format!("{}{}", sign(key), key.path.text())).collect::<Vec<_>>().join(",")
}

/// A cursor as a text.
pub fn written(sort: &[SortKey], cursor: Cursor) -> Result<String> {
    let place = Place { sort: in_words(sort), cursor };
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&place).map_err(Error::internal)?))
}

/// Errors: `Invalid`, pointing at `after`, for a text that is none of ours or belongs to another order.
pub fn read(text: &str, sort: &[SortKey]) -> Result<Cursor> {
    let refuse = |detail: &str| Error::field("query:after", "bad_format", detail);
    let place: Option<Place> = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let place = place.filter(|place| place.cursor.id.parse::<Id<()>>().is_ok());
    let place = place.ok_or_else(|| refuse("Send what the header `mapp-next` of the page before said."))?;
    if place.sort != in_words(sort) || place.cursor.keys.len() != sort.len() {
        return Err(refuse("This goes on behind a page that was sorted in another way."));
    }
    Ok(place.cursor)
}
