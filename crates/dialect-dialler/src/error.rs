//! What a refusal looks like here: the fields with their messages, or one sentence under `error`.

use forecourt_api::problem;
use forecourt_record::{Code, Error, error::Kind};
use http::StatusCode;
use serde_json::{Map, Value, json};

/// The status and body of an error, whoever found it.
pub fn answered(error: &Error) -> (StatusCode, Value) {
    let kind = error.code.kind();
    match kind {
        Kind::Unauthenticated => (StatusCode::UNAUTHORIZED, json!({ "error": "Invalid key" })),
        Kind::Invalid => (StatusCode::BAD_REQUEST, of_fields(error)),
        Kind::Malformed if error.code == Code::MalformedJson => {
            (StatusCode::BAD_REQUEST, json!({ "body": { "0": invalid_json(&error.detail) } }))
        }
        Kind::Malformed if !error.fields.is_empty() => (StatusCode::BAD_REQUEST, of_fields(error)),
        Kind::Malformed
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::MethodNotAllowed
        | Kind::Conflict
        | Kind::PreconditionFailed
        | Kind::TooLarge
        | Kind::UnsupportedMedia
        | Kind::TooMany
        | Kind::Internal
        | Kind::Unavailable => (problem::status(kind), json!({ "error": error.detail })),
    }
}

/// The messages of each field, numbered from 0 in the order they were found in.
fn of_fields(error: &Error) -> Value {
    let mut fields = Map::new();
    for fault in &error.fields {
        let name = fault.pointer.trim_start_matches("query:").trim_start_matches('/').to_owned();
        let name = if name.is_empty() { "body".to_owned() } else { name };
        if let Value::Object(messages) = fields.entry(name).or_insert_with(|| json!({})) {
            messages.insert(messages.len().to_string(), fault.detail.clone().into());
        }
    }
    fields.into()
}

/// `The body is not valid JSON: expected ... at line 7 column 1.` as it is told here.
fn invalid_json(detail: &str) -> String {
    let reason = detail.strip_prefix("The body is not valid JSON: ").unwrap_or(detail);
    format!("Invalid JSON: {}", reason.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use forecourt_record::FieldError;

    use super::*;

    #[test]
    fn every_failing_field_is_told_at_once() {
        let fields = [("email", "Email cannot be blank."), ("mobile", "One."), ("mobile", "Two.")];
        let error = Error::invalid(fields.map(|(name, detail)| FieldError::new(name, "required", detail)).to_vec());
        let expected = json!({"email": {"0": "Email cannot be blank."}, "mobile": {"0": "One.", "1": "Two."}});
        assert_eq!(answered(&error), (StatusCode::BAD_REQUEST, expected));
    }

    #[test]
    fn what_is_no_json_says_where() {
        let error = Error::new(Code::MalformedJson, "The body is not valid JSON: expected `,` at line 7 column 1.");
        let expected = json!({"body": {"0": "Invalid JSON: expected `,` at line 7 column 1"}});
        assert_eq!(answered(&error), (StatusCode::BAD_REQUEST, expected));
    }

    #[test]
    fn a_key_is_never_repeated() {
        let error = Error::new(Code::Unauthenticated, "Send a valid key as the parameter `key` of the address.");
        assert_eq!(answered(&error), (StatusCode::UNAUTHORIZED, json!({"error": "Invalid key"})));
    }
}
