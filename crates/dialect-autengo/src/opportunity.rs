//! `/v3/opportunity`.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    body::Received,
    idempotency::IdempotencyKey,
    operation::{Operation, Right, Route},
    problem::{ApiResult, Problem},
};
use forecourt_crm::{
    intake::{Brought, NewLead},
    stock::Offered,
};
use forecourt_record::{Address, Code, Email, Error, Phone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Bytes of a body whose longest text may have 16,777,215 characters.
pub const LONG_TEXTS: usize = 20 << 20;

/// Where these leads are said to come from.
const SOURCE: &str = "autengo";

/// Somebody's interest in a vehicle.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewOpportunity {
    /// What the vehicle is offered under.
    #[schemars(length(min = 1, max = 64))]
    selling_id: String,
    /// What the person wrote.
    #[schemars(length(max = 16_777_215))]
    request_text: Option<String>,
    /// Always 6, a partner's portal.
    #[schemars(range(min = 6, max = 6))]
    #[expect(dead_code, reason = "checked by its schema; there is one")]
    source_type: i64,
    customer: Customer,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Customer {
    #[schemars(length(min = 1, max = 100))]
    last_name: String,
    #[schemars(length(max = 100))]
    first_name: Option<String>,
    #[schemars(length(max = 200))]
    street_address: Option<String>,
    #[schemars(length(max = 16))]
    zip_code: Option<String>,
    #[schemars(length(max = 100))]
    city: Option<String>,
    /// This or `email`. In any writing; a national number is read with the country of the vehicle's location. One that
    /// cannot be read is kept in the lead's notes when there is an address to write to.
    #[schemars(length(max = 40))]
    phone_number: Option<String>,
    #[schemars(length(max = 320))]
    email: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct OpportunityCreated {
    status: &'static str,
    data: Opportunity,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Opportunity {
    /// The number of the lead.
    opportunity_id: i64,
}

pub fn create() -> Route<App> {
    Operation::post("/v3/opportunity")
        .name("opportunity_create")
        .right(Right::LeadWrite)
        .summary("A lead for a vehicle")
        .describes(
            "Goes to the dealer who offers the vehicle: the person is matched to a known client, the lead scored and given \
             to whoever is next. The very same open enquiry answers the number it has already.",
        )
        .header("Idempotency-Key", "Repeating a request with the same key within 24 hours answers what the first one did.")
        .body::<NewOpportunity>()
        .body_limit(LONG_TEXTS)
        .example(json!({
            "sellingId": "RQ5O9S", "requestText": "I'm interested in this vehicle. Please contact me.", "sourceType": 6,
            "customer": {"lastName": "Doe", "firstName": "John", "streetAddress": "123 Main St", "zipCode": "12345",
                "city": "Anytown", "phoneNumber": "555-1234", "email": "max.mustermann@example.org"}
        }))
        .answers::<OpportunityCreated>(200, "The lead is there.")
        .example(json!({"status": "success", "data": {"opportunityId": 3813}}))
        .problems(&[Code::NotFound, Code::IdempotencyKeyReused])
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   key: IdempotencyKey,
                   received: Received<NewOpportunity>|
                   -> ApiResult<Json<OpportunityCreated>> {
                let missing = || Problem(Error::not_found("vehicle"));
                let callers = who.everywhere();
                let offered = app.crm.stock_find(&callers, &received.value.selling_id).await?;
                let caller = callers.iter().find(|caller| caller.dealer == offered.config.dealer.id);
                let caller = caller.ok_or_else(missing)?;
                let request = key.of("opportunity_create", caller, &received.raw);
                let new = enquiry(received.value, &offered);
                let created = app.crm.lead_receive(caller, new, request).await.map_err(in_body)?;
                Ok(Json(OpportunityCreated {
                    status: "success",
                    data: Opportunity { opportunity_id: created.number },
                }))
            },
        )
}

fn enquiry(asked: NewOpportunity, offered: &Offered) -> NewLead {
    let NewOpportunity { selling_id: _, request_text, source_type: _, customer } = asked;
    let Customer { last_name, first_name, street_address, zip_code, city, phone_number, email } = customer;
    let [first_name, street_address, zip_code, city, phone_number, email] =
        [first_name, street_address, zip_code, city, phone_number, email].map(said);
    let location = offered.car.doc.location.clone();
    let country = offered.config.country(location.as_deref());
    // People mistype their number; whoever can be written to is not turned away for it.
    let can_write = email.as_ref().is_some_and(|email| email.parse::<Email>().is_ok());
    let is_readable = |phone: &String| Phone::parse(phone, Some(country)).is_ok();
    let (phone, unreadable) = match phone_number {
        Some(phone) if can_write && !is_readable(&phone) => (None, Some(phone)),
        phone => (phone, None),
    };
    // Without a last name there is no name, whatever else is given.
    let last_name = said(Some(last_name));
    let name =
        last_name.map_or_else(String::new, |last| first_name.into_iter().chain([last]).collect::<Vec<_>>().join(" "));
    let address =
        Address { address_details: street_address, postal_code: zip_code, locality: city, ..Address::default() };
    NewLead {
        name: Some(name),
        phone,
        email,
        location,
        source: Some(SOURCE.to_owned()),
        inquiry: said(request_text),
        notes: unreadable.map(|phone| format!("Phone number as given: {phone}")),
        vehicle: Some(offered.car.extra.number),
        on_offer: true,
        brought: Brought { address: (address != Address::default()).then_some(address), ..Brought::default() },
        ..NewLead::default()
    }
}

/// A text that says something.
fn said(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The core's fields, where this body has them.
fn in_body(mut error: Error) -> Problem {
    for field in &mut error.fields {
        let place = match field.pointer.as_str() {
            "name" => "/customer/lastName",
            "phone" => "/customer/phoneNumber",
            "email" => "/customer/email",
            _ => "/sellingId",
        };
        place.clone_into(&mut field.pointer);
    }
    Problem(error)
}
