//! A contact member by member: what the published document says of it, and where it is.

use forecourt_api::body::shape;
use forecourt_crm::customer::{Carded, Customer, Place};
use forecourt_record::{Error, FieldError, Result};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

/// A contact. Every member is optional, and null where there is no value.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "its schema checks and describes; values are carried by name")]
pub struct Contact {
    /// The number of the contact, given by the server.
    #[schemars(rename = "ID")]
    id: Option<i64>,
    title: Option<Title>,
    #[schemars(length(max = 1000))]
    first_name: Option<String>,
    #[schemars(length(max = 1000))]
    last_name: Option<String>,
    #[schemars(length(max = 1000))]
    street_address: Option<String>,
    #[schemars(length(max = 16))]
    zip_code: Option<String>,
    #[schemars(length(max = 1000))]
    city: Option<String>,
    /// A national number is one of the dealer's country. Answered as it was written.
    #[schemars(length(max = 1000))]
    phone_number: Option<String>,
    #[schemars(length(max = 1000))]
    phone_number_mobile: Option<String>,
    #[schemars(extend("format" = "email"))]
    email: Option<String>,
    /// The digits of a number, 15 at most.
    #[schemars(range(min = 0, max = 999_999_999_999_999_i64))]
    fax_number: Option<f64>,
    #[schemars(length(max = 1000))]
    website: Option<String>,
    source: Option<Source>,
    /// From 1 to 5.
    #[schemars(range(min = 1, max = 5))]
    customer_rating: Option<f64>,
    is_privat: Option<bool>,
    is_opt_in: Option<bool>,
    #[schemars(extend("format" = "date"))]
    date_of_birth: Option<String>,
    #[schemars(length(max = 1000))]
    license_plate: Option<String>,
    #[schemars(length(max = 1000))]
    facebook: Option<String>,
    #[schemars(length(max = 1000))]
    linkedin: Option<String>,
    #[schemars(length(max = 1000))]
    xing: Option<String>,
    #[schemars(length(max = 1000))]
    key_account: Option<String>,
    #[schemars(length(max = 1000))]
    phone_number_business: Option<String>,
    #[schemars(length(max = 1000))]
    phone_number_business_mobile: Option<String>,
    #[schemars(length(max = 1000))]
    fax_number_business: Option<String>,
    #[schemars(rename = "contactPersonBusiness")]
    #[schemars(length(max = 1000))]
    person_business: Option<String>,
    #[schemars(length(max = 1000))]
    website_business: Option<String>,
    #[schemars(extend("format" = "email"))]
    email_business: Option<String>,
    /// A VAT identification number with its country.
    #[schemars(extend("format" = "vat-id"))]
    ust_id: Option<String>,
    #[schemars(length(max = 1000))]
    billing_street_address: Option<String>,
    #[schemars(length(max = 16))]
    billing_zip_code: Option<String>,
    #[schemars(length(max = 1000))]
    billing_city: Option<String>,
    #[schemars(length(max = 64))]
    title_or_degree: Option<String>,
    r#type: Option<Type>,
    #[schemars(length(max = 64))]
    position: Option<String>,
    #[schemars(length(max = 64))]
    country: Option<String>,
    #[schemars(length(max = 64))]
    billing_country: Option<String>,
    #[schemars(length(max = 64))]
    tax_id: Option<String>,
    #[schemars(length(max = 64), extend("format" = "iban"))]
    iban: Option<String>,
    #[schemars(length(max = 64), extend("format" = "bic"))]
    bic: Option<String>,
    sales_tax_regulation: Option<SalesTax>,
    #[schemars(length(max = 16_777_215))]
    notes: Option<String>,
    #[schemars(length(max = 64))]
    customer_number: Option<String>,
    #[schemars(length(max = 100))]
    driver_license_number: Option<String>,
    #[schemars(length(max = 1000))]
    driver_license_issued_by: Option<String>,
    #[schemars(extend("format" = "date"))]
    driver_license_date_of_issue: Option<String>,
    /// The number in the dealer's books, of one contact only.
    #[schemars(length(max = 255))]
    tecfactura_id: Option<String>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
enum Title {
    Mr,
    Mrs,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is used")]
enum Source {
    WalkIn,
    Mail,
    Platform,
    Phone,
    OfflineMarketing,
    OnlineMarketing,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is used")]
enum Type {
    Customer,
    Supplier,
    Partner,
    Prospect,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is used")]
enum SalesTax {
    ReverseCharge,
    Taxless,
    WithTax,
}

const ID: &str = "ID";
const IS_PRIVATE: &str = "isPrivat";
const TECFACTURA: &str = "tecfacturaId";

/// The members that are the client's own. All others but those above are the card's alone.
const PLACES: &[(&str, Place)] = &[
    ("title", Place::Salutation),
    ("titleOrDegree", Place::Title),
    ("firstName", Place::FirstName),
    ("lastName", Place::LastName),
    ("streetAddress", Place::Street),
    ("zipCode", Place::PostalCode),
    ("city", Place::City),
    ("country", Place::Country),
    ("phoneNumber", Place::Phone),
    ("phoneNumberMobile", Place::MobilePhone),
    ("email", Place::Email),
    ("phoneNumberBusiness", Place::BusinessPhone),
    ("phoneNumberBusinessMobile", Place::BusinessMobilePhone),
    ("emailBusiness", Place::BusinessEmail),
    ("websiteBusiness", Place::BusinessWebsite),
    ("taxId", Place::TaxId),
];

/// A contact to be made. Errors: `Invalid`.
pub fn new(body: Value) -> Result<Customer> {
    let members = checked(body)?;
    if members.get(ID).is_some_and(|id| !id.is_null()) {
        return Err(Error::field("/ID", "read_only", "The server gives the ID."));
    }
    if members.values().all(Value::is_null) {
        return Err(Error::field("", "required", "A contact needs something that is known of it, such as a lastName."));
    }
    Ok(customer(members))
}

/// What is to change of a contact. Errors: `Invalid`.
pub fn changes(body: Value) -> Result<Customer> {
    let members = checked(body)?;
    if members.get(ID).is_some_and(Value::is_null) {
        return Err(Error::field("/ID", "read_only", "A contact keeps its ID."));
    }
    Ok(customer(members))
}

/// The core's fields, where a contact has them.
pub fn in_body(mut error: Error) -> Error {
    for field in error.fields.iter_mut().filter(|field| field.pointer == "number") {
        "/ID".clone_into(&mut field.pointer);
    }
    error
}

fn checked(mut body: Value) -> Result<Map<String, Value>> {
    if let Value::Object(members) = &mut body {
        for value in members.values_mut() {
            // A form sends what was left empty as an empty text.
            if value.as_str().is_some_and(|text| text.trim().is_empty()) {
                *value = Value::Null;
            }
        }
    }
    let wrong: Vec<FieldError> = shape::<Contact>().check(&body);
    match body {
        Value::Object(members) if wrong.is_empty() => Ok(members),
        _ => Err(Error::invalid(wrong)),
    }
}

fn customer(members: Map<String, Value>) -> Customer {
    let mut customer = Customer::default();
    for (name, value) in members {
        let text = || value.as_str().map(|text| text.trim().to_owned());
        match name.as_str() {
            ID => customer.number = value.as_i64(),
            IS_PRIVATE => customer.is_business = Some(value.as_bool().map(|private| !private)),
            TECFACTURA => customer.tecfactura_id = Some(text()),
            _ => match PLACES.iter().find(|(member, _)| *member == name) {
                Some((_, place)) => customer.texts.push((*place, text())),
                None => customer.members.push((name, Some(value).filter(|value| !value.is_null()))),
            },
        }
    }
    customer
}

/// A contact as it is answered: every member of the published document, in its order.
pub fn contact(carded: &Carded) -> Map<String, Value> {
    let card = carded.card();
    let value = |name: &str| match name {
        ID => json!(card.number),
        IS_PRIVATE => json!(carded.is_business().map(|is_business| !is_business)),
        TECFACTURA => json!(card.tecfactura_id),
        _ => match PLACES.iter().find(|(member, _)| *member == name) {
            Some((_, place)) => json!(carded.text(*place)),
            None => card.members.get(name).cloned().unwrap_or_default(),
        },
    };
    shape::<Contact>().names().iter().map(|name| (name.clone(), value(name))).collect()
}

/// The published example.
pub fn example() -> Value {
    serde_json::from_str(include_str!("example.json")).unwrap_or_default()
}
