//! `/lead`.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    body::Data,
    operation::{Declared, Operation, Right, Route},
    problem::ApiResult,
    query::Query,
};
use forecourt_crm::intake::NewLead;
use forecourt_outreach::dialler::{Added, Cancelled, NewDial};
use forecourt_record::{Error, FieldError, Result, error::Kind};
use serde_json::{Value, json};

use crate::wire::{self, Keyed, Members};

const JSON: &str = "application/json";
/// The setting of a key that names the lead types it is for, separated by commas; every type where it is not set.
pub const TYPES: &str = "dialler.types";

pub fn add() -> Route<App> {
    refusals(
        Operation::post("/lead/add")
            .name("lead_add")
            .right(Right::LeadWrite)
            .summary("Add a lead to be called")
            .describes(
                "The lead is saved, whatever its type; `processed` says whether it will be called, `error` why not. The first \
                 call is not made before `delays` seconds have passed.",
            )
            .query::<Keyed>()
            .body_of(JSON, Declared::data(wire::added))
            .example(json!({
                "first_name": "John", "surname": "Doe", "mobile": "+447840258823", "email": "john.doe@example.com",
                "type": "motor-trade", "subtype": "valeter", "delays": 600, "data": "{\"vehicle_make\":\"Ford\"}",
            }))
            .answers_with(200, "What became of it.", JSON, Declared::data(wire::add_answer))
            .example(json!({"saved": true, "processed": true})),
    )
    .handler(
        async |State(app): State<App>, who: Who, _: Query<Keyed>, Data { value, .. }: Data| -> ApiResult<Json<Value>> {
            let (new, is_test, mut wrong) = read(value)?;
            let types = types_of(&who);
            if is_test || !wrong.is_empty() {
                match app.outreach.dial_check(&who.caller, new, types.as_deref()).await {
                    Ok(false) if is_test => {
                        also(&mut wrong, vec![FieldError::new("type", "not_allowed", "Unknown Type")]);
                    }
                    Ok(_) => {}
                    Err(error) if error.code.kind() == Kind::Invalid => also(&mut wrong, in_body(error).fields),
                    Err(error) => return Err(error.into()),
                }
                return if wrong.is_empty() { Ok(Json(json!({ "test": "ok" }))) } else { Err(Error::invalid(wrong).into()) };
            }
            let added = app.outreach.dial_add(&who.caller, new, types.as_deref()).await.map_err(in_body)?;
            Ok(Json(match added {
                Added::Processed => json!({ "saved": true, "processed": true }),
                Added::ExistingContact => unprocessed("Existing Contact"),
                Added::AlreadyScheduled => unprocessed("Another call is already scheduled"),
                Added::UnknownType => unprocessed("Unknown Type"),
            }))
        },
    )
}

pub fn cancel() -> Route<App> {
    refusals(
        Operation::post("/lead/cancel")
            .name("lead_cancel")
            .right(Right::LeadWrite)
            .summary("Cancel the call of a lead")
            .describes("Too late once the person was called or written to, or is at this moment.")
            .query::<Keyed>()
            .body_of(JSON, Declared::data(wire::cancelled))
            .example(json!({"mobile": "+447840258823", "type": "motor-trade"}))
            .answers_with(200, "What became of it.", JSON, Declared::data(wire::cancel_answer))
            .example(json!({"cancelled": true})),
    )
    .handler(
        async |State(app): State<App>, who: Who, _: Query<Keyed>, Data { value, .. }: Data| -> ApiResult<Json<Value>> {
            let mut members = Members::of(value).map_err(Error::invalid)?;
            let (mobile, lead_type) = (members.required("mobile"), members.required("type"));
            let mut wrong = members.end(&["mobile", "type"]);
            if !wrong.is_empty() {
                if !mobile.is_empty()
                    && let Err(error) = app.outreach.dial_number(&who.caller, &lead_type, &mobile).await
                {
                    also(&mut wrong, in_body(error).fields);
                }
                return Err(Error::invalid(wrong).into());
            }
            let types = types_of(&who);
            let warning = match app.outreach.dial_cancel(&who.caller, &lead_type, &mobile, types.as_deref()).await {
                Ok(Cancelled::Done) => return Ok(Json(json!({ "cancelled": true }))),
                Ok(Cancelled::NotFound) => "not found",
                Ok(Cancelled::AlreadyProcessed) => "already processed",
                Ok(Cancelled::NoGroup) => "server error (call group)",
                // The document has a warning where others have a status.
                Err(error) if error.code.kind() == Kind::Unavailable => "server error (save)",
                Err(error) => return Err(in_body(error).into()),
            };
            Ok(Json(json!({ "cancelled": false, "warning": warning })))
        },
    )
}

/// Every refusal has the one shape of this document.
fn refusals(operation: Operation) -> Operation {
    [
        (400, "What is wrong with the request, field by field."),
        (401, "No key, or a wrong one."),
        (403, "The key may not do that."),
        (413, "The body is larger than this server accepts."),
        (415, "The body is no JSON by its content type."),
        (429, "Too many requests of this key."),
        (500, "A fault of the server."),
        (503, "The server cannot do it now."),
    ]
    .into_iter()
    .fold(operation, |operation, (status, text)| {
        operation.answers_with(status, text, JSON, Declared::data(wire::refusal))
    })
}

fn unprocessed(error: &str) -> Value {
    json!({ "saved": true, "processed": false, "error": error })
}

/// The lead types the key is for; none is every type.
fn types_of(who: &Who) -> Option<Vec<String>> {
    let named = who.settings.get(TYPES)?;
    Some(named.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect())
}

const FIELDS: [&str; 10] =
    ["email", "first_name", "surname", "mobile", "type", "subtype", "other_phone", "data", "delays", "test"];

/// What a body asks for, whether it is a test, and what is wrong with it as far as this document knows; the core knows the
/// rest.
fn read(body: Value) -> Result<(NewDial, bool, Vec<FieldError>)> {
    let mut members = Members::of(body).map_err(Error::invalid)?;
    let email = members.required("email");
    let (first, last) = (members.required("first_name"), members.required("surname"));
    let (mobile, lead_type) = (members.required("mobile"), members.required("type"));
    let (subtype, other) = (members.text("subtype"), members.text("other_phone"));
    let mut tokens = members.data("data");
    let delay = members.delay("delays");
    let is_test = members.flag("test");
    let wrong = members.end(&FIELDS);
    for (name, value) in [("subtype", &subtype), ("other_phone", &other)] {
        if let Some(value) = value {
            tokens.0.insert(name.to_owned(), value.clone());
        }
    }
    let notes: Vec<String> = [("Subtype", subtype), ("Other phone", other)]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}: {}", value?)))
        .collect();
    let enquiry = NewLead {
        name: Some(format!("{first} {last}")),
        phone: Some(mobile).filter(|mobile| !mobile.is_empty()),
        email: Some(email).filter(|email| !email.is_empty()),
        notes: Some(notes.join("\n")).filter(|notes| !notes.is_empty()),
        ..NewLead::default()
    };
    Ok((NewDial { enquiry, lead_type, delay, tokens }, is_test, wrong))
}

/// Adds what is wrong with further fields; of a field that is wrong already nothing more is said.
fn also(wrong: &mut Vec<FieldError>, further: Vec<FieldError>) {
    for field in further {
        if wrong.iter().all(|known| known.pointer != field.pointer) {
            wrong.push(field);
        }
    }
}

/// The core's fields, where this document has them.
fn in_body(mut error: Error) -> Error {
    for field in &mut error.fields {
        let FieldError { pointer, detail, .. } = field;
        match pointer.as_str() {
            "phone" => (*pointer, *detail) = ("mobile".to_owned(), "Mobile is not a valid phone number.".to_owned()),
            "email" => "Email is not a valid email address.".clone_into(detail),
            // A name of nothing but blanks is blank in both fields already.
            "name" => "first_name".clone_into(pointer),
            _ => {}
        }
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(body: Value) -> Vec<String> {
        let wrong = read(body).map_or_else(|error| error.fields, |(_, _, wrong)| wrong);
        wrong.into_iter().map(|field| format!("{}: {}", field.pointer, field.detail)).collect()
    }

    fn good() -> Value {
        json!({"first_name": "John", "surname": "Doe", "mobile": "07840258823", "email": "john@example.com", "type": "finance"})
    }

    fn with(name: &str, value: Value) -> Value {
        let mut body = good();
        body[name] = value;
        body
    }

    #[test]
    fn types_are_read_leniently() {
        for (name, value) in [
            ("delays", json!(600)),
            ("delays", json!("600")),
            ("delays", json!(0)),
            ("delays", json!("")),
            ("test", json!("true")),
            ("test", json!(true)),
            ("test", json!("")),
            ("data", json!({"a": 1})),
            ("data", json!("{\"a\":{\"b\":2}}")),
            ("mobile", json!(447_840_258_823_u64)),
            ("subtype", json!(null)),
        ] {
            assert_eq!(faults(with(name, value.clone())), [""; 0], "{name} {value}");
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        assert_eq!(
            faults(json!({"email": " ", "data": "{}", "delays": -1, "test": 7, "Type": "x"})),
            [
                "email: Email cannot be blank.",
                "first_name: First name cannot be blank.",
                "surname: Surname cannot be blank.",
                "mobile: Mobile cannot be blank.",
                "type: Type cannot be blank.",
                "data: Empty or invalid content of `data` field",
                "delays: Delays must be a number of seconds from 0 to 2592000.",
                "test: Test must be \"true\", or left out.",
                "Type: There is no field `Type`. Known: email, first_name, surname, mobile, type, subtype, other_phone, data, \
                 delays, test.",
            ]
        );
        for data in [json!(""), json!("{}"), json!("x"), json!([1]), json!("[1]"), json!(true), json!("\"a\"")] {
            assert_eq!(faults(with("data", data)), ["data: Empty or invalid content of `data` field"]);
        }
        for delay in [json!("soon"), json!(2_592_001), json!("NaN"), json!([])] {
            assert_eq!(faults(with("delays", delay)).len(), 1);
        }
        assert_eq!(faults(json!([])), [": A JSON object is expected."]);
    }

    #[test]
    fn data_becomes_tokens_by_folded_names() {
        let (new, _, _) = read(with("data", json!("{\"Vehicle Make\":\"Ford\",\"n\":5,\"none\":null}"))).unwrap();
        let pairs: Vec<_> = new.tokens.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(pairs, ["n=5", "vehicle_make=Ford"]);
    }
}
