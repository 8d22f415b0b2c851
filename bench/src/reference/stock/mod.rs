//! The stock as plain SQL finds it in the subject's own tables, with the columns and indexes that are there.
//!
//! A vehicle is answered as the text of its listing that is stored, without taking it apart.

pub mod postgres;
pub mod sqlite;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Failure;

/// Vehicles of a page.
const PAGE: i64 = 25;

/// The example of the published document, member by member.
#[derive(Deserialize)]
struct Example {
    search: String,
    state: String,
    /// As it is compared: without case and accents.
    make: String,
    kilometers_from: i64,
    kilometers_to: i64,
    registered_from: String,
    registered_before: String,
    /// Numbers with commas between them.
    colors: String,
}

#[derive(Deserialize)]
struct Deep {
    state: String,
    offset: i64,
}

#[derive(Deserialize)]
struct Words {
    q: String,
}

/// What values can be asked for, and the columns that hold them.
const VALUES: [(&str, &str); 9] = [
    ("makeId", "make_id"),
    ("modelId", "model_id"),
    ("vehicleTypeId", "vehicle_type"),
    ("climatisationType", "climatisation"),
    ("conditionType", "condition"),
    ("fuelType", "fuel_type"),
    ("transmissionType", "transmission_type"),
    ("isPluginHybrid", "plugin_hybrid"),
    ("driveType", "drive_type"),
];

/// Columns hold a flag as a number.
const FLAG: &str = "isPluginHybrid";

/// The lists of values by name, each a JSON text.
fn values(lists: impl IntoIterator<Item = String>) -> Result<Value, Failure> {
    let mut shown = Map::new();
    for ((name, _), text) in VALUES.iter().zip(lists) {
        let mut list: Vec<Value> = serde_json::from_str(&text).map_err(Failure::store)?;
        if *name == FLAG {
            list = list.iter().map(|flag| (flag.as_i64() == Some(1)).into()).collect();
        }
        shown.insert((*name).to_owned(), list.into());
    }
    Ok(shown.into())
}

/// What the words of a dealer stand behind in the text index.
fn prefix(dealer: &str) -> Result<String, String> {
    dealer.get(14..20).map(str::to_owned).ok_or_else(|| format!("{dealer} is not the id of a dealer"))
}
