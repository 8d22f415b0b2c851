//! What a caller sent: its shape, the members that only the server sets, and addresses in the one form they are kept in.

use forecourt_record::{DealerId, Email, FieldError, Id, Instant, Phone, spec::KindSpec};
use forecourt_store::Raw;
use serde_json::{Map, Value, json};

use super::patch::same;

/// The members that only the server sets.
const READ_ONLY: [&str; 6] = ["_id", "dealer_id", "created_at", "updated_at", "computed", "__v"];

/// A document whose shape is right.
#[derive(Debug)]
pub struct Given {
    pub id: Option<Id<()>>,
    /// The kind's own members.
    pub own: Value,
    /// Those of [`READ_ONLY`] that were given.
    kept: Map<String, Value>,
}

/// A document to be created: its own `_id` may be proposed, what else only the server sets is not looked at.
pub fn new(spec: &KindSpec, document: Value, dealer: DealerId) -> Result<Given, Vec<FieldError>> {
    let given = shaped(spec, document)?;
    match given.kept.get("dealer_id") {
        Some(id) if *id != json!(dealer) => {
            Err(vec![FieldError::new("/dealer_id", "read_only", "A document belongs to the dealer in the address.")])
        }
        _ => Ok(given),
    }
}

/// A document that takes the place of another one; whether it may is seen once that one is known.
pub fn changed(spec: &KindSpec, document: Value) -> Result<Given, Vec<FieldError>> {
    shaped(spec, document)
}

fn shaped(spec: &KindSpec, document: Value) -> Result<Given, Vec<FieldError>> {
    let wrong = spec.published().check(&document);
    let Value::Object(members) = document else { return Err(wrong) };
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let (kept, own): (Map<_, _>, Map<_, _>) = members
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .partition(|(name, _)| READ_ONLY.contains(&name.as_str()));
    let id = kept.get("_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    Ok(Given { id, own: Value::Object(own), kept })
}

/// The errors of one of several documents.
pub fn below(errors: Vec<FieldError>, prefix: &str) -> impl Iterator<Item = FieldError> {
    errors.into_iter().map(move |error| FieldError { pointer: format!("{prefix}{}", error.pointer), ..error })
}

impl Given {
    /// The version the document says it is, where it says one.
    pub fn version(&self) -> Option<i64> {
        self.kept.get("__v").and_then(Value::as_i64)
    }

    /// The members that only the server sets and that are not what they were.
    pub fn changed(&self, before: &Raw, dealer: DealerId) -> Vec<FieldError> {
        let unchanged = |name: &str, value: &Value| match name {
            "_id" => *value == json!(before.id),
            "dealer_id" => *value == json!(dealer),
            "created_at" => is_instant(value, before.created_at),
            "updated_at" => is_instant(value, before.updated_at),
            "computed" if before.computed.is_null() => value.as_object().is_none_or(Map::is_empty),
            "computed" => same(value, &before.computed),
            _ => true,
        };
        let changed = self.kept.iter().filter(|(name, value)| !unchanged(name, value));
        let error = |name: &String| {
            FieldError::new(format!("/{name}"), "read_only", format!("\"{name}\" is kept by the server. Leave it out."))
        };
        changed.map(|(name, _)| error(name)).collect()
    }
}

fn is_instant(value: &Value, instant: Instant) -> bool {
    serde_json::from_value::<Instant>(value.clone()).is_ok_and(|given| given == instant)
}

/// Numbers and addresses in the one form they are compared by. One that we cannot read stays as it was written.
pub fn normalize(spec: &KindSpec, doc: &mut Value, country: &str) {
    let is_text_message = ["sms", "whatsappmessages"].contains(&spec.name);
    let Some(members) = doc.as_object_mut() else { return };
    for (name, value) in members {
        match (name.as_str(), &mut *value) {
            ("from" | "to", Value::String(text)) if is_text_message => phone(text, country),
            _ => member(name, value, country),
        }
    }
}

fn member(name: &str, value: &mut Value, country: &str) {
    match (name, value) {
        ("custom", _) => {}
        ("phone" | "client_number" | "dealer_number", Value::String(text)) => phone(text, country),
        ("email", Value::String(text)) => email(text),
        ("phones", Value::Array(items)) => each(items, |text| phone(text, country)),
        ("emails", Value::Array(items)) => each(items, email),
        (_, Value::Array(items)) => items.iter_mut().for_each(|item| member("", item, country)),
        (_, Value::Object(members)) => members.iter_mut().for_each(|(name, value)| member(name, value, country)),
        _ => {}
    }
}

/// Each of them, and none twice.
fn each(items: &mut Vec<Value>, normal: impl Fn(&mut String)) {
    let mut seen = Vec::new();
    for mut item in items.drain(..) {
        if let Value::String(text) = &mut item {
            normal(text);
        }
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    *items = seen;
}

fn phone(text: &mut String, country: &str) {
    if let Ok(phone) = Phone::parse(text, Some(country)) {
        phone.as_str().clone_into(text);
    }
}

fn email(text: &mut String) {
    if let Ok(email) = text.parse::<Email>() {
        email.as_str().clone_into(text);
    }
}

#[cfg(test)]
mod tests {
    use forecourt_record::{Client, Kind as _, WhatsappMessage};

    use super::*;

    fn check(spec: &KindSpec, mut doc: Value, expected: &Value) {
        normalize(spec, &mut doc, "US");
        assert_eq!(doc, *expected);
    }

    #[test]
    fn addresses_are_kept_in_one_form_and_what_is_none_as_it_is() {
        check(
            Client::SPEC,
            json!({
                "contacts": [{"phones": ["(713) 555-0100", "+1 713 555 0100", "string"], "emails": ["Ana@Example.COM"]}],
                "custom": {"phone": "(713) 555-0100"},
            }),
            &json!({
                "contacts": [{"phones": ["+17135550100", "string"], "emails": ["ana@example.com"]}],
                "custom": {"phone": "(713) 555-0100"},
            }),
        );
        check(
            WhatsappMessage::SPEC,
            json!({"from": "713-555-0100", "to": "+17135550111", "body": "713-555-0100"}),
            &json!({"from": "+17135550100", "to": "+17135550111", "body": "713-555-0100"}),
        );
    }
}
