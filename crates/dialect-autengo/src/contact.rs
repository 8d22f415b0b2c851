//! `/v3/contact`.

mod wire;

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    body::Data,
    idempotency::IdempotencyKey,
    operation::{Declared, Operation, Right, Route},
    path::Path,
    problem::ApiResult,
};
use forecourt_crm::customer::CardRef;
use forecourt_record::{Code, Collection};
use http::StatusCode;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::opportunity::LONG_TEXTS;
use wire::Contact;

const READ: Right = Right::Read(Collection::Clients);
const WRITE: Right = Right::Write(Collection::Clients);
const DELETE: Right = Right::Delete(Collection::Clients);

/// The paths, each with how it names a contact.
const NUMBERED: &str = "/v3/contact/{id}";
const BOOKED: &str = "/v3/contact/tecfactura/{tecfacturaId}";

/// A contact, and what became of it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactAnswer {
    status: &'static str,
    status_text: &'static str,
    data: ContactData,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ContactData {
    #[schemars(with = "Contact")]
    contact: Map<String, Value>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactDeleted {
    status: &'static str,
    status_text: &'static str,
}

fn answer(status_text: &'static str, contact: Map<String, Value>) -> Json<ContactAnswer> {
    Json(ContactAnswer { status: "success", status_text, data: ContactData { contact } })
}

fn example(status_text: &str) -> Value {
    json!({"status": "success", "statusText": status_text, "data": {"contact": wire::example()}})
}

const CREATED: &str = "Contact created successfully";
const FOUND: &str = "Contact found successfully";
const UPDATED: &str = "Contact updated successfully";
const DELETED: &str = "Contact deleted successfully";

pub fn create() -> Route<App> {
    let operation = Operation::post("/v3/contact")
        .name("contact_create")
        .right(WRITE)
        .for_user()
        .summary("A contact of the dealer")
        .describes(
            "A client who is known by a phone number or e-mail address, and by the name, becomes the contact: what is given \
             is added, and nothing is lost. Else there is a new client. An empty text says as little as null.",
        )
        .header("Idempotency-Key", "Repeating a request with the same key within 24 hours answers what the first one did.");
    writes(operation)
        .answers::<ContactAnswer>(201, "The contact is there.")
        .example(example(CREATED))
        .problems(&[Code::Conflict, Code::IdempotencyKeyReused])
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   key: IdempotencyKey,
                   data: Data|
                   -> ApiResult<(StatusCode, Json<ContactAnswer>)> {
                let request = key.of("contact_create", &who.caller, &data.raw);
                let customer = wire::new(data.value)?;
                let made = app.crm.customer_create(&who.caller, customer, request).await?;
                Ok((StatusCode::CREATED, answer(CREATED, wire::contact(&made))))
            },
        )
}

/// What creating and changing have in common.
fn writes(operation: Operation) -> Operation {
    let body = Declared::data(SchemaGenerator::subschema_for::<Contact>);
    operation.body_of("application/json", body).example(wire::example()).body_limit(LONG_TEXTS)
}

/// How a path names a contact: by the number in its answer, or by the one in the books.
trait Named {
    /// The contact that this segment of a path means; none when it can mean none.
    fn of(segment: String) -> Option<CardRef>;
}

struct Numbered;

impl Named for Numbered {
    fn of(segment: String) -> Option<CardRef> {
        segment.parse().ok().filter(|number: &i64| number.to_string() == segment).map(CardRef::Number)
    }
}

struct Booked;

impl Named for Booked {
    fn of(segment: String) -> Option<CardRef> {
        // No stored text holds it.
        Some(segment).filter(|segment| !segment.contains('\0')).map(CardRef::Tecfactura)
    }
}

fn named<N: Named>(segment: String) -> ApiResult<CardRef> {
    Ok(N::of(segment).ok_or_else(|| forecourt_record::Error::not_found("contact"))?)
}

fn by_number(operation: Operation) -> Operation {
    operation.path("id", "The `ID` of the contact.")
}

fn by_book(operation: Operation) -> Operation {
    operation.path("tecfacturaId", "The `tecfacturaId` of the contact.")
}

pub fn read() -> Route<App> {
    reads::<Numbered>(by_number(Operation::get(NUMBERED).name("contact_read").right(READ)))
}

pub fn read_booked() -> Route<App> {
    reads::<Booked>(by_book(Operation::get(BOOKED).name("contact_read_booked").right(READ)))
}

fn reads<N: Named + 'static>(operation: Operation) -> Route<App> {
    operation
        .for_user()
        .summary("A contact")
        .answers::<ContactAnswer>(200, "The contact.")
        .example(example(FOUND))
        .handler(
            async |State(app): State<App>, who: Who, Path(segment): Path<String>| -> ApiResult<Json<ContactAnswer>> {
                let found = app.crm.customer_read(&who.caller, named::<N>(segment)?).await?;
                Ok(answer(FOUND, wire::contact(&found)))
            },
        )
}

pub fn change() -> Route<App> {
    changes::<Numbered>(by_number(Operation::put(NUMBERED).name("contact_change").right(WRITE)))
}

pub fn change_booked() -> Route<App> {
    changes::<Booked>(by_book(Operation::put(BOOKED).name("contact_change_booked").right(WRITE)))
}

fn changes<N: Named + 'static>(operation: Operation) -> Route<App> {
    let operation = operation
        .for_user()
        .summary("Change a contact")
        .describes("Only the members that are sent change; null and an empty text clear one.");
    writes(operation)
        .answers::<ContactAnswer>(200, "The contact as it is now.")
        .example(example(UPDATED))
        .problems(&[Code::Conflict])
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Path(segment): Path<String>,
                   data: Data|
                   -> ApiResult<Json<ContactAnswer>> {
                let which = named::<N>(segment)?;
                let customer = wire::changes(data.value)?;
                let changed = app.crm.customer_change(&who.caller, which, customer).await.map_err(wire::in_body)?;
                Ok(answer(UPDATED, wire::contact(&changed)))
            },
        )
}

pub fn delete() -> Route<App> {
    deletes::<Numbered>(by_number(Operation::delete(NUMBERED).name("contact_delete").right(DELETE)))
}

pub fn delete_booked() -> Route<App> {
    deletes::<Booked>(by_book(Operation::delete(BOOKED).name("contact_delete_booked").right(DELETE)))
}

fn deletes<N: Named + 'static>(operation: Operation) -> Route<App> {
    operation
        .for_user()
        .summary("Delete a contact")
        .describes("With everything that belongs to it. One who has leads stays until they are gone: that is `still_referenced`.")
        .answers::<ContactDeleted>(200, "It is gone.")
        .example(json!({"status": "success", "statusText": DELETED}))
        .problems(&[Code::StillReferenced])
        .handler(
            async |State(app): State<App>, who: Who, Path(segment): Path<String>| -> ApiResult<Json<ContactDeleted>> {
                app.crm.customer_delete(&who.caller, named::<N>(segment)?).await?;
                Ok(Json(ContactDeleted { status: "success", status_text: DELETED }))
            },
        )
}
