//! The parameters by name, with what the documentation says of each. What is none of them is a token.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

/// What a parameter holds.
#[derive(Clone, Copy)]
pub enum Holds {
    Text,
    Flag,
    Number,
    Time,
    Data,
}

pub struct Parameter {
    pub name: &'static str,
    holds: Holds,
    about: &'static str,
}

const fn parameter(name: &'static str, holds: Holds, about: &'static str) -> Parameter {
    Parameter { name, holds, about }
}

/// The credential, wherever it is.
const TOKENS: [Parameter; 3] = [
    parameter("lead_token", Holds::Text, "The token of a schedule or of an offer."),
    parameter("schedule_lead_token", Holds::Text, "The token of a schedule."),
    parameter("offer_lead_token", Holds::Text, "The token of an offer."),
];

/// What a lead is told by.
const LEAD: [Parameter; 25] = [
    parameter("caller_id", Holds::Text, "The number that is called and written to, national or international."),
    parameter("email", Holds::Text, "The e-mail address."),
    parameter("contact_field_type", Holds::Text, "Kept with the lead, and given back."),
    parameter("schedule_callback_at", Holds::Time, "When the person is to be called back."),
    parameter("schedule_callback_in_seconds", Holds::Number, "In how many seconds; not beside the other."),
    parameter("update_all_matching_leads", Holds::Flag, "Change every live lead of the person on the schedule."),
    parameter("apply_to", Holds::Text, "`calls`: the tokens are copied to the lead's calls, too."),
    parameter("unblock_contact", Holds::Flag, "The person may be contacted again."),
    parameter("blocked", Holds::Flag, "Nobody contacts the person, or somebody may again."),
    parameter("assign_trackdrive_number", Holds::Flag, "Set a number aside to call from: `trackdrive_number_plain`."),
    parameter("assign_sms_number", Holds::Flag, "Set a number aside to write from: `sms_number_plain`."),
    parameter("expire_existing", Holds::Flag, "Live leads of the person expire first."),
    parameter("delete_existing", Holds::Flag, "Live leads of the person end first, and nothing else happens."),
    parameter("update_only", Holds::Flag, "Make no lead."),
    parameter("lead_priority", Holds::Number, "Lower goes first."),
    parameter("restart_schedule", Holds::Flag, "Begin with the first action again."),
    parameter("auto_format_nested_fields", Holds::Flag, "Look for number, address and name in nested objects, too."),
    parameter("next_action_at", Holds::Time, "When the next action is due."),
    parameter("hours_to_expire", Holds::Number, "The lead ends after so many hours."),
    parameter("expires_in", Holds::Number, "The same in seconds."),
    parameter("max_contact_attempts", Holds::Number, "The lead ends after so many calls and messages."),
    parameter("data", Holds::Data, "Tokens: an object, or its JSON text."),
    // Credentials and routing of TrackDrive's own clients: taken, and never kept as tokens.
    parameter("auth_token", Holds::Text, "Taken, and passed over."),
    parameter("format", Holds::Text, "The same."),
    parameter("root", Holds::Text, "The same."),
];

/// Whether a member is a parameter, so that it is no token.
pub fn is_one(name: &str) -> bool {
    TOKENS.iter().chain(&LEAD).any(|parameter| parameter.name == name)
}

/// Who is to be called at once.
const CALL: [Parameter; 4] = [
    parameter("lead_id", Holds::Number, "A lead by its `id` (or `uuid`): its number and its schedule."),
    parameter("schedule_id", Holds::Number, "A schedule by its number: that of the token."),
    parameter("to", Holds::Text, "The number to call."),
    parameter("auth_token", Holds::Text, "Taken, and passed over."),
];

/// The parameters of an address, of which any more are tokens.
pub struct OfLead;
/// Only the token.
pub struct OfToken;
/// Of a call.
pub struct OfCall;

macro_rules! of {
    ($($kind:ident $parameters:expr;)*) => {$(
        impl JsonSchema for $kind {
            fn schema_name() -> Cow<'static, str> {
                stringify!($kind).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                schema($parameters)
            }
        }
    )*};
}

of! {
    OfLead TOKENS.iter().chain(&LEAD);
    OfToken TOKENS.iter();
    OfCall TOKENS.iter().chain(&CALL);
}

fn schema<'a>(parameters: impl Iterator<Item = &'a Parameter>) -> Schema {
    let properties: Map<String, Value> = parameters
        .map(|Parameter { name, holds, about }| {
            let mut schema = match holds {
                Holds::Text => json!({"type": ["string", "number", "null"]}),
                Holds::Flag => json!({"type": ["string", "boolean", "number", "null"]}),
                Holds::Number => json!({"type": ["number", "string", "null"]}),
                Holds::Time => json!({"type": ["string", "null"]}),
                Holds::Data => json!({"type": ["object", "string", "null"]}),
            };
            let form = match holds {
                Holds::Flag => " 1, true, yes, on; or 0, false, no, off.",
                Holds::Time => " `2026-11-21 09:30:00 +0000`, or RFC 3339; without an offset in the schedule's zone.",
                Holds::Text | Holds::Number | Holds::Data => "",
            };
            schema["description"] = format!("{about}{form}").into();
            ((*name).to_owned(), schema)
        })
        .collect();
    json_schema!({"type": "object", "properties": properties, "additionalProperties": true})
}
