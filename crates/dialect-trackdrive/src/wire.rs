//! The answers by their schemas, and what all operations document alike.

use forecourt_api::operation::{Declared, Operation};
use forecourt_record::EnrolmentStatus;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

pub const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Takes everything in the address or the body, JSON or a form, and refuses in the one shape of this API.
pub fn takes<T: JsonSchema + 'static>(operation: Operation) -> Operation {
    operation.query::<T>().body_of(FORM, Declared::data(T::json_schema)).body_of(JSON, Declared::data(T::json_schema))
}

/// Every refusal has one shape.
pub fn refusals(operation: Operation) -> Operation {
    [
        (400, "The body is no JSON."),
        (401, "No lead token, or a wrong one."),
        (403, "The key may not do that."),
        (404, "There is no such lead."),
        (409, "It collides with something else."),
        (413, "The body is larger than this server accepts."),
        (415, "The body is neither JSON nor a form."),
        (422, "What is wrong, field by field. Nothing was applied."),
        (429, "Too many requests of this token."),
        (500, "A fault of the server."),
        (503, "The server cannot do it now."),
    ]
    .into_iter()
    .fold(operation, |operation, (status, text)| operation.answers_with(status, text, JSON, Declared::data(refusal)))
}

/// An answer with a lead, and what an example of it looks like.
pub fn answers_lead(operation: Operation) -> Operation {
    operation.answers_with(200, "The lead as it is now.", JSON, Declared::data(lead_answer)).example(example())
}

/// The same, where there may be none.
pub fn answers_person(operation: Operation) -> Operation {
    let mut shown = example();
    shown["metadata"] = json!({"root": "lead"});
    operation.answers_with(200, "The newest lead it was done to.", JSON, Declared::data(lead_answer)).example(shown)
}

fn refusal(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "success": {"const": false},
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "Stable and machine-readable."},
            "errors": {
                "type": "object",
                "description": "The messages of each field.",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            },
            "message": {"type": "string", "description": "All of it in a sentence."},
        },
        "required": ["success", "status", "errors", "message"],
    })
}

fn lead_answer(_: &mut SchemaGenerator) -> Schema {
    let metadata = json!({
        "type": "object",
        "properties": {
            "root": {"const": "lead"},
            "created": {"type": "boolean"},
            "dedupe": {
                "enum": ["none", "updated", "replaced", "allowed"],
                "description": "What became of a lead of the person that was there: nothing was, it was changed, it ended for this one, or \
                    both stand.",
            },
        },
        "required": ["root"],
    });
    json_schema!({
        "type": "object",
        "properties": {
            "success": {"const": true},
            "status": {"const": 200},
            "errors": {"type": "object", "additionalProperties": false},
            "lead": lead(),
            "metadata": metadata,
        },
        "required": ["success", "status", "errors", "lead", "metadata"],
    })
}

/// The answer about a call.
pub fn call_answer(_: &mut SchemaGenerator) -> Schema {
    let text = json!({"type": ["string", "null"]});
    json_schema!({
        "type": "object",
        "properties": {
            "success": {"const": true},
            "status": {"const": 200},
            "errors": {"type": "object", "additionalProperties": false},
            "call": {
                "type": "object",
                "properties": {
                    "uuid": {"type": "string"},
                    "lead_id": {"type": ["integer", "null"]},
                    "status": text,
                    "direction": text,
                    "caller_id": text,
                    "number_plain": text,
                    "tokens": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
                    "created_at": {"type": "string", "format": "date-time"},
                },
                "additionalProperties": false,
            },
            "metadata": {"type": "object", "properties": {"root": {"const": "call"}}},
        },
        "required": ["success", "status", "errors", "call", "metadata"],
    })
}

pub fn call_example() -> Value {
    json!({
        "success": true, "status": 200, "errors": {},
        "call": {
            "uuid": "0193a5d2c7f0a1b200000002", "lead_id": 17, "status": "queued", "direction": "outbound",
            "caller_id": "+18004506787", "number_plain": "+17135550110", "tokens": {},
            "created_at": "2026-11-21T18:00:00.000Z",
        },
        "metadata": {"root": "call"},
    })
}

/// The schema of a lead.
fn lead() -> Value {
    // Permitted in the document, though nothing of ours is.
    let statuses: Vec<&str> = EnrolmentStatus::ALL.iter().map(|status| status.as_str()).chain(["success"]).collect();
    let text = json!({"type": ["string", "null"]});
    let time = json!({"type": ["string", "null"], "format": "date-time"});
    let number = json!({"type": ["integer", "null"]});
    json!({
        "type": ["object", "null"],
        "properties": {
            "id": {"type": "integer"},
            "uuid": {"type": "string"},
            "caller_id": text,
            "email": text,
            "full_name": text,
            "status": {"enum": statuses},
            "human_status": {"type": "string"},
            "schedule_id": number,
            "offer_id": number,
            "contact_field_type": text,
            "lead_priority": {"type": "integer"},
            "next_action_at": time,
            "expires_at": time,
            "ended_at": time,
            "contact_attempts": {"type": "integer"},
            "max_contact_attempts": number,
            "opt_out": {"type": "boolean"},
            "blocked": {"type": "boolean"},
            "scheduled_callback_id": number,
            "trackdrive_number_plain": text,
            "sms_number_plain": text,
            "time_zone": text,
            "state_province": text,
            "country": text,
            "tokens": {"type": "object", "additionalProperties": {"type": "string"}},
            "created_at": {"type": "string", "format": "date-time"},
            "updated_at": {"type": "string", "format": "date-time"},
        },
        "additionalProperties": false,
    })
}

fn example() -> Value {
    json!({
        "success": true, "status": 200, "errors": {},
        "lead": {
            "id": 17, "uuid": "0193a5d2c7f0a1b200000001", "caller_id": "+18004506787", "email": null, "full_name": null,
            "status": "waiting", "human_status": "Waiting for the person to call", "schedule_id": null, "offer_id": 2,
            "contact_field_type": null, "lead_priority": 0, "next_action_at": null, "expires_at": null, "ended_at": null,
            "contact_attempts": 0, "max_contact_attempts": null, "opt_out": false, "blocked": false,
            "scheduled_callback_id": null, "trackdrive_number_plain": null, "sms_number_plain": null,
            "time_zone": null, "state_province": null, "country": "US", "tokens": {"loan_amount": "501"},
            "created_at": "2026-11-21T18:00:00.000Z", "updated_at": "2026-11-21T18:00:00.000Z",
        },
        "metadata": {"root": "lead", "created": true, "dedupe": "none"},
    })
}
