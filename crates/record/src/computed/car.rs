//! The facets of a car in stock, and those of a sale lead that shows the cars it is about.

use serde_json::Value;

use super::{Facet, Paper, count, object, value};
use crate::{
    Id, Instant, Result, WantedCarEntry,
    values::{decimal, number},
};

/// Members that a car shows in a lead as they are.
const SHOWN: [&str; 19] = [
    "ad_urls",
    "dealer_ad_url",
    "body_style",
    "category",
    "doors",
    "fuel",
    "images",
    "license_plate",
    "make",
    "mileage",
    "model",
    "power",
    "seats",
    "stock_number",
    "type",
    "transmission",
    "version",
    "vin",
    "year",
];

/// The members of a lead that its first car gives, and what they are called in the car.
const FIRST: [(&str, &str); 22] = [
    ("car_ad_urls", "ad_urls"),
    ("car_body_style", "body_style"),
    ("car_category", "category"),
    ("car_current_price", "price"),
    ("car_customs", "car_customs"),
    ("car_dealer_ad_url", "dealer_ad_url"),
    ("car_doors", "doors"),
    ("car_fuel", "fuel"),
    ("car_id", "car_id"),
    ("car_images", "images"),
    ("car_license_plate", "license_plate"),
    ("car_make", "make"),
    ("car_mileage", "mileage"),
    ("car_model", "model"),
    ("car_power", "power"),
    ("car_seats", "seats"),
    ("car_stock_number", "stock_number"),
    ("car_transmission", "transmission"),
    ("car_type", "type"),
    ("car_version", "version"),
    ("car_vin", "vin"),
    ("car_year", "year"),
];

/// A car's own: its retail price and its first picture.
pub fn car(car: &Paper) -> Facet {
    vec![("price", retail(&car.doc)), ("car_main_image", car.doc["images"][0].clone())]
}

fn retail(doc: &Value) -> Value {
    doc["prices"]["retail"]["current_price"]["price"].clone()
}

/// The cars of the stock that a sale lead names.
pub fn cars_named(lead: &Paper) -> Vec<Id<()>> {
    let entries = lead.doc["car_list"].as_array().into_iter().flatten();
    entries.filter_map(|entry| entry["car_id"].as_str()?.parse().ok()).collect()
}

/// How many sale leads name the car, and when the last of them came.
pub fn car_leads(leads: i64, newest: Option<Instant>) -> Facet {
    vec![("car_number_of_saleleads", leads.into()), ("car_last_salelead_date", value(newest))]
}

/// The cars a sale lead is about: those of the stock as they are now, others as they were described.
///
/// The `car_*` members are those of the first one that is in stock, else of the first one. `total_price_of_lead` sums the
/// price of each entry times its quantity; where an entry has no price, the car's own stands for it.
pub fn lead_cars<'a>(lead: &Paper, stock: impl Fn(Id<()>) -> Option<&'a Paper>) -> Result<Facet> {
    #[derive(serde::Deserialize, Default)]
    #[serde(default)]
    struct Part {
        car_list: Vec<WantedCarEntry>,
    }
    let entries = lead.read::<Part>()?.car_list;
    let mut shown: Vec<Value> = Vec::new();
    let (mut first_in_stock, mut total) = (None, None);
    for (at, entry) in entries.iter().enumerate() {
        let car = entry.car_id.and_then(|id| stock(id.cast()));
        let described = &lead.doc["car_list"][at]["car"];
        let source = car.map_or(described, |car| &*car.doc);
        let price = car.map_or_else(|| described["price"].clone(), |car| retail(&car.doc));
        let asked = entry.car.as_ref().and_then(|car| car.price.clone());
        if let Some(price) = asked.or_else(|| price.as_number().cloned()).as_ref().and_then(decimal) {
            let quantity = entry.car.as_ref().and_then(|car| decimal(car.quantity.as_ref()?)).unwrap_or_default();
            let sum =
                price.checked_mul(quantity.max(1.into())).and_then(|sum| sum.checked_add(total.unwrap_or_default()));
            total = sum.or(total);
        }
        let mut members: Vec<(&str, Value)> = SHOWN.iter().map(|name| (*name, source[*name].clone())).collect();
        members.extend([
            ("car_id", value(entry.car_id)),
            ("price", price),
            ("car_customs", source["custom"].clone()),
            ("status", car.map_or(Value::Null, |car| car.doc["status"]["status"].clone())),
        ]);
        if car.is_some() {
            first_in_stock.get_or_insert(at);
        }
        shown.push(object(members));
    }
    let first = shown.get(first_in_stock.unwrap_or(0)).cloned().unwrap_or_default();
    let mut facet: Facet = FIRST.iter().map(|(name, from)| (*name, first[*from].clone())).collect();
    let photos = first.is_object().then(|| count(first["images"].as_array().map_or(0, Vec::len)));
    facet.extend([
        ("car_number_of_photos", value(photos)),
        ("number_of_cars", count(shown.len())),
        ("car_list", Value::Array(shown)),
        ("total_price_of_lead", value(total.map(number))),
    ]);
    Ok(facet)
}
