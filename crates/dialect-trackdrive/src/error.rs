//! What a refusal looks like here: the fields with their messages, and one sentence.

use forecourt_api::problem;
use forecourt_record::{Code, Error, error::Kind};
use http::StatusCode;
use serde_json::{Map, Value, json};

/// The status and body of an error, whoever found it.
pub fn answered(error: &Error) -> (StatusCode, Value) {
    let kind = error.code.kind();
    let status = match kind {
        // Parameters may stand in the address as well as in the body.
        Kind::Malformed if !error.fields.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Malformed
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::MethodNotAllowed
        | Kind::Conflict
        | Kind::PreconditionFailed
        | Kind::TooLarge
        | Kind::UnsupportedMedia
        | Kind::Invalid
        | Kind::TooMany
        | Kind::Internal
        | Kind::Unavailable => problem::status(kind),
    };
    let fields = match kind {
        Kind::Unauthenticated => json!({"lead_token": ["is not a valid lead token"]}),
        _ => of_fields(error),
    };
    let message = match fields.as_object() {
        Some(fields) if !fields.is_empty() => sentence(fields),
        // Whoever wrote the detail of a fault of ours wrote it for the log.
        _ if error.code == Code::Internal => "The request could not be carried out.".to_owned(),
        _ => error.detail.clone(),
    };
    // A field may say more closely than the whole what is wrong.
    let code = match error.fields.as_slice() {
        [only] if error.code == Code::Invalid => only.code,
        _ => error.code.as_str(),
    };
    let body = json!({"success": false, "status": status.as_u16(), "code": code, "errors": fields, "message": message});
    (status, body)
}

/// The messages of each field, in the order they were found in.
fn of_fields(error: &Error) -> Value {
    let mut fields = Map::new();
    for fault in &error.fields {
        let name = parameter(fault.pointer.trim_start_matches("query:").trim_start_matches('/'));
        if let Value::Array(messages) = fields.entry(name).or_insert_with(|| json!([])) {
            messages.push(fault.detail.clone().into());
        }
    }
    fields.into()
}

/// What the core's fields are called here.
fn parameter(field: &str) -> &str {
    match field {
        "" => "base",
        "token" => "lead_token",
        "phone" => "caller_id",
        "call_number" => "assign_trackdrive_number",
        "sms_number" => "assign_sms_number",
        other => other,
    }
}

fn sentence(fields: &Map<String, Value>) -> String {
    let told = fields.iter().flat_map(|(name, messages)| {
        let messages = messages.as_array().into_iter().flatten().filter_map(Value::as_str);
        messages.map(move |message| if name == "base" { message.to_owned() } else { format!("{name} {message}") })
    });
    told.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use forecourt_record::FieldError;

    use super::*;

    #[test]
    fn every_failing_field_is_told_at_once() {
        let fields =
            [("caller_id", "is not a valid phone number"), ("token", "is off"), ("caller_id", "is a duplicate")];
        let error = Error::invalid(fields.map(|(name, detail)| FieldError::new(name, "bad_format", detail)).to_vec());
        let errors = json!({"caller_id": ["is not a valid phone number", "is a duplicate"], "lead_token": ["is off"]});
        let message = "caller_id is not a valid phone number; caller_id is a duplicate; lead_token is off";
        let expected =
            json!({"success": false, "status": 422, "code": "invalid", "errors": errors, "message": message});
        assert_eq!(answered(&error), (StatusCode::UNPROCESSABLE_ENTITY, expected));
    }

    #[test]
    fn whatever_goes_wrong_has_this_shape() {
        for code in Code::ALL {
            let (status, body) = answered(&Error::new(*code, "table leads is locked"));
            assert_eq!((&body["success"], &body["status"]), (&json!(false), &json!(status.as_u16())), "{code:?}");
            assert!(body["errors"].is_object() && body["message"].is_string(), "{body}");
        }
        let (_, body) = answered(&Error::new(Code::Internal, "table leads is locked"));
        assert!(!body.to_string().contains("locked"), "{body}");
        let (status, body) = answered(&Error::new(Code::Unauthenticated, "who?"));
        assert_eq!((status.as_u16(), &body["errors"]), (401, &json!({"lead_token": ["is not a valid lead token"]})));
        let (_, body) = answered(&Error::field("caller_id", "duplicate", "is there"));
        assert_eq!(body["code"], "duplicate");
    }
}
