//! The facets of clients' vehicles, of the repair orders that name them by VIN or plate, and of aftersale leads.

use serde::Deserialize;
use serde_json::{Number, Value};

use super::{Facet, MOST, Paper, count, newest, object, value};
use crate::{Id, Instant, Result};

/// What a vehicle is known by: its VIN and its plate.
pub fn marks(paper: &Paper) -> [Option<&str>; 2] {
    let paths = if paper.kind == "repairorders" {
        ["car_info.vin", "car_info.license_plate"]
    } else {
        ["vin", "license_plate"]
    };
    paths.map(|path| paper.text(path).filter(|mark| !mark.is_empty()))
}

/// Whether a repair order is about a vehicle: they have the VIN or the plate in common.
pub fn is_about(order: &Paper, vehicle: &Paper) -> bool {
    marks(order).into_iter().zip(marks(vehicle)).any(|(left, right)| left.is_some() && left == right)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Order {
    date: Option<Instant>,
    mileage: Option<Number>,
    r#type: Option<String>,
    location: Option<String>,
}

/// A vehicle's repair orders, the latest first, and where it was last: where that was not said, its own location.
pub fn orders(vehicle: &Paper, orders: &[&Paper]) -> Result<Facet> {
    let read = newest(orders, |order| {
        let part: Order = order.read()?;
        Ok((part.date.unwrap_or(order.created_at), part))
    })?;
    let seen_at = read.iter().find_map(|(_, part)| part.location.clone());
    let location = seen_at.or_else(|| vehicle.text("location").map(str::to_owned));
    let mut types: Vec<Option<String>> = Vec::new();
    let shown = read.into_iter().take(MOST).map(|(order, part)| {
        let is_latest = !types.contains(&part.r#type);
        if is_latest {
            types.push(part.r#type.clone());
        }
        object([
            ("repair_order_id", value(order.id)),
            ("type", value(part.r#type)),
            ("date", value(part.date)),
            ("mileage", value(part.mileage)),
            ("latest_of_type", is_latest.into()),
            ("location", value(part.location)),
        ])
    });
    let shown: Vec<Value> = shown.collect();
    Ok(vec![("orders", shown.into()), ("number_of_orders", count(orders.len())), ("location", value(location))])
}

/// The kilometres a vehicle makes in a year: the slope of the line nearest to its declared mileages (least squares),
/// rounded. Absent below two declarations at different times.
pub fn mileage(vehicle: &Paper) -> Result<Facet> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Declared {
        date: Option<Instant>,
        mileage: Option<Number>,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Part {
        declared_mileage_history: Vec<Declared>,
    }
    /// Milliseconds of a mean year.
    const YEAR: f64 = 365.25 * 86_400_000.0;
    let history = vehicle.read::<Part>()?.declared_mileage_history;
    let points: Vec<(i64, f64)> =
        history.iter().filter_map(|one| Some((one.date?.millis(), one.mileage.as_ref()?.as_f64()?))).collect();
    let first = points.iter().map(|(at, _)| *at).min().unwrap_or_default();
    // From the first declaration on, so that the squares keep their digits.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a vehicle's life fit into a float's 53 bits")]
    let points: Vec<(f64, f64)> =
        points.into_iter().map(|(at, mileage)| ((at - first) as f64 / YEAR, mileage)).collect();
    #[expect(clippy::cast_precision_loss, reason = "a history of 2^53 entries is not stored")]
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), (at, mileage)| (x + at / n, y + mileage / n));
    let spread: f64 = points.iter().map(|(at, _)| (at - x).powi(2)).sum();
    let common: f64 = points.iter().map(|(at, mileage)| (at - x) * (mileage - y)).sum();
    #[expect(clippy::cast_possible_truncation, reason = "casting saturates")]
    let slope = (spread > 0.0).then(|| (common / spread).round() as i64);
    Ok(vec![("average_yearly_mileage", value(slope))])
}

/// The vehicles a repair order is about, the oldest first.
pub fn order_vehicles(vehicles: &[&Paper]) -> Facet {
    let mut vehicles = vehicles.to_vec();
    vehicles.sort_by_key(|vehicle| vehicle.id);
    let shown = vehicles.into_iter().take(MOST).map(|vehicle| {
        let member = |name| (name, vehicle.doc[name].clone());
        object([
            member("model_year"),
            member("year"),
            member("month"),
            member("make"),
            member("model"),
            ("_id", value(vehicle.id)),
        ])
    });
    vec![("vehicle", shown.collect())]
}

/// The vehicle an aftersale lead names.
pub fn lead_vehicle(vehicle: Option<&Paper>) -> Facet {
    const SHOWN: [&str; 15] = [
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
        "transmission",
        "version",
        "vin",
        "year",
    ];
    let shown = vehicle.map(|vehicle| {
        let members = SHOWN.iter().map(|name| (*name, vehicle.doc[*name].clone()));
        object(members.chain([("vehicle_customs", vehicle.doc["custom"].clone())]))
    });
    vec![("vehicle", shown.into_iter().collect())]
}

/// The vehicle that an aftersale lead names by its id.
pub fn vehicle_named(lead: &Paper) -> Option<Id<()>> {
    lead.text("vehicle_id")?.parse().ok()
}
