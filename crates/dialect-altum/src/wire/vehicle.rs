//! The inventory.

use forecourt_api::page::Page;
use forecourt_record::Instant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::some;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VehicleStatus {
    Available,
    Incoming,
    Reserved,
    Sold,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewVehicle {
    #[schemars(length(min = 1, max = 100))]
    pub make: String,
    #[schemars(length(min = 1, max = 100))]
    pub model: String,
    #[schemars(range(min = 1885, max = 2100))]
    pub year: i64,
    /// In the dealer's currency.
    #[schemars(range(min = 0, max = 100_000_000))]
    pub price: Number,
    /// A location's code.
    #[schemars(length(min = 1, max = 40))]
    pub location: String,
    #[schemars(length(min = 1, max = 200))]
    pub version: Option<String>,
    /// In the dealer's unit of distance.
    #[schemars(range(min = 0, max = 5_000_000))]
    pub miles: Option<i64>,
    /// Default `available`.
    pub status: Option<VehicleStatus>,
    #[schemars(length(min = 1, max = 40))]
    pub vin: Option<String>,
    #[schemars(length(min = 1, max = 60))]
    pub fuel: Option<String>,
    #[schemars(length(min = 1, max = 60))]
    pub transmission: Option<String>,
    #[schemars(length(min = 1, max = 60))]
    pub color: Option<String>,
    #[schemars(length(min = 1, max = 60))]
    pub stock_number: Option<String>,
    #[schemars(length(min = 1, max = 20))]
    pub license_plate: Option<String>,
    #[schemars(length(max = 20_000))]
    pub description: Option<String>,
    /// URLs.
    #[schemars(length(max = 100))]
    pub images: Option<Vec<String>>,
}

/// Any field of a vehicle; `null` empties one that may be empty, an absent one stays.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct VehicleChange {
    #[schemars(length(min = 1, max = 100), with = "String")]
    pub make: Option<String>,
    #[schemars(length(min = 1, max = 100), with = "String")]
    pub model: Option<String>,
    #[schemars(range(min = 1885, max = 2100), with = "i64")]
    pub year: Option<i64>,
    #[schemars(range(min = 0, max = 100_000_000), with = "f64")]
    pub price: Option<Number>,
    #[schemars(length(min = 1, max = 40), with = "String")]
    pub location: Option<String>,
    #[serde(deserialize_with = "some")]
    #[schemars(length(min = 1, max = 200), with = "Option<String>")]
    pub version: Option<Option<String>>,
    #[serde(deserialize_with = "some")]
    #[schemars(range(min = 0, max = 5_000_000), with = "Option<i64>")]
    pub miles: Option<Option<i64>>,
    #[schemars(with = "VehicleStatus")]
    pub status: Option<VehicleStatus>,
    #[serde(deserialize_with = "some")]
    #[schemars(length(min = 1, max = 40), with = "Option<String>")]
    pub vin: Option<Option<String>>,
    #[serde(deserialize_with = "some")]
    #[schemars(length(min = 1, max = 60), with = "Option<String>")]
    pub fuel: Option<Option<String>>,
    #[serde(deserialize_with = "some")]
    #[schemars(length(min = 1, max = 60), with = "Option<String>")]
    pub transmission: Option<Option<String>>,
    #[serde(deserialize_with = "some")]
    #[schemars(length(min = 1, max = 60), with = "Option<String>")]
    pub color: Option<Option<String>>,
    #[serde(deserialize_with = "some")]
    #[schemars(length(min = 1, max = 60), with = "Option<String>")]
    pub stock_number: Option<Option<String>>,
    #[serde(deserialize_with = "some")]
    #[schemars(length(min = 1, max = 20), with = "Option<String>")]
    pub license_plate: Option<Option<String>>,
    #[serde(deserialize_with = "some")]
    #[schemars(length(max = 20_000), with = "Option<String>")]
    pub description: Option<Option<String>>,
    #[schemars(length(max = 100), with = "Vec<String>")]
    pub images: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VehicleListQuery {
    #[serde(flatten)]
    pub page: Page,
    pub make: Option<String>,
    pub model: Option<String>,
    pub year: Option<i64>,
    pub min_price: Option<f64>,
    pub max_price: Option<f64>,
    /// In the dealer's unit of distance.
    pub max_miles: Option<i64>,
    pub status: Option<VehicleStatus>,
    pub location: Option<String>,
    pub vin: Option<String>,
    /// Words of make, model, version, VIN, plate, stock number or colour; the last may be the beginning of one.
    #[schemars(length(max = 200))]
    pub q: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Vehicle {
    pub id: String,
    pub make: Option<String>,
    pub model: Option<String>,
    pub version: Option<String>,
    pub year: Option<i64>,
    pub price: Option<Number>,
    pub miles: Option<i64>,
    pub location: Option<String>,
    pub status: String,
    pub vin: Option<String>,
    pub fuel: Option<String>,
    pub transmission: Option<String>,
    pub color: Option<String>,
    pub stock_number: Option<String>,
    pub license_plate: Option<String>,
    pub description: Option<String>,
    pub images: Vec<String>,
    /// Earlier prices, oldest first.
    pub price_history: Vec<EarlierPrice>,
    pub created_at: Instant,
    pub updated_at: Instant,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct EarlierPrice {
    pub price: Option<Number>,
    /// Since when it was the price.
    pub since: Option<Instant>,
}
