//! `forecourt seed --vehicles`: an invented stock in bulk, created as the resource `cars`.

use forecourt_crm::{Caller, Crm, vehicle::VehicleQuery};
use forecourt_record::{
    Car, Clock, Instant, Kind as _,
    catalogue::{self, Make},
};
use serde_json::{Value, json};

use super::{DAYS, words};
use crate::{
    commands::Whose,
    demo::{
        dealership::{BERLIN, HOUSTON},
        dice::Dice,
    },
    failure::Result,
    output::Output,
    serving::Stop,
};

/// Vehicles of one transaction: so many have an instant in common.
const TOGETHER: u64 = 100;
const PURPOSE: u32 = 9;
/// The year the newest of them are of.
const NEWEST: u64 = 2026;

pub async fn run(whose: Whose, vehicles: u64, output: Output) -> Result<()> {
    let stop = Stop::on_signal()?;
    let at = whose.open().await?;
    let result = add(&at.crm, &at.caller, vehicles, &stop).await;
    let (added, seconds) = at.close(result).await?;
    let rate = added as f64 / seconds.max(0.001);
    output.give(&json!({"vehicles": added, "seconds": seconds}), || {
        format!("{added} vehicles were added in {seconds:.1} s, {rate:.0} a second.")
    })
}

/// Adds them behind those that are there. Says how many, and in how many seconds.
async fn add(crm: &Crm, caller: &Caller, vehicles: u64, stop: &Stop) -> Result<(u64, f64)> {
    let begun = crm.now();
    let newest = VehicleQuery { limit: 1, ..VehicleQuery::default() };
    let first = u64::try_from(crm.vehicle_list(caller, newest).await?.0.total).unwrap_or(0);
    let clock = Clock::virtual_at(begun - DAYS);
    let mut context = crm.context.clone();
    context.clock = clock.clone();
    let told = Crm::new(crm.store.clone(), context);
    let mut added = 0;
    // One batch after the other, so that what is there is always a beginning.
    while added < vehicles && !stop.is_told() {
        clock.set(begun - DAYS + DAYS.mul_f64(added as f64 / vehicles as f64));
        let batch = TOGETHER.min(vehicles - added);
        let cars = (first + added..first + added + batch).map(|n| car(n, told.now())).collect();
        told.resource_create(caller, Car::SPEC, cars, None).await?;
        added += batch;
    }
    Ok((added, crm.now().since(begun).as_secs_f64()))
}

/// The car of this number, as Walcu writes one.
fn car(n: u64, now: Instant) -> Value {
    let mut dice = Dice::new(PURPOSE, n);
    let make = make(&mut dice);
    // Models at the beginning of the list sell better.
    let models = make.models.len() as u64;
    let model = make.models[dice.below(models).min(dice.below(models)) as usize].name;
    let age = dice.weighted(&[
        (6, 0),
        (9, 1),
        (9, 2),
        (10, 3),
        (10, 4),
        (9, 5),
        (9, 6),
        (9, 7),
        (9, 8),
        (9, 9),
        (5, 11),
        (4, 13),
        (2, 17),
    ]);
    let fuel = dice.weighted(words::FUELS);
    let status = dice.weighted(&[(76, "available"), (8, "reserved"), (5, "incoming"), (11, "sold")]);
    let trim = dice.pick(if make.name == "Ford" { words::FORD_TRIMS } else { words::TRIMS });
    let litres = dice.pick(&["1.0", "1.2", "1.5", "1.6", "2.0", "2.5", "3.0"]);
    let new = dice.between(160, 900) * 100;
    // A car loses a fifth in its first year and an eighth in each one after.
    let worth = (0..age).fold(new as f64, |worth, year| worth * if year == 0 { 0.8 } else { 0.875 });
    let metallic = if dice.percent(40) { " metallic" } else { "" };
    json!({
        "stock_number": format!("S{n:07}"),
        "vin": format!("WZZZZZ1KZ{n:08}"),
        "location": if dice.percent(60) { HOUSTON.code } else { BERLIN.code },
        "status": {"status": status},
        "published": status != "sold",
        "make": make.name,
        "model": model,
        "version": format!("{litres} {trim}"),
        "year": NEWEST - age,
        "month": dice.between(1, 13),
        "type": match age { 0 => dice.pick(&["new", "km0", "demo"]), 1..17 => "used", _ => "classic" },
        "mileage": if age == 0 { dice.between(5, 900) } else { age * dice.between(6_000, 22_000) },
        "prices": {
            "retail": {"current_price": {"price": (worth / 10.0).round() as u64 * 10, "currency": "EUR"}},
            "new": {"current_price": {"price": new, "currency": "EUR"}},
        },
        "fuel": fuel,
        "transmission": if fuel == "Elektro" || dice.percent(55) { "Automatik" } else { "Schaltgetriebe" },
        "color": format!("{}{metallic}", dice.weighted(words::COLORS)),
        "body_style": dice.weighted(words::BODIES),
        "power": dice.between(44, 260),
        "engine_size": dice.between(9, 31) * 100,
        "doors": dice.pick(&[3, 5, 5, 5]),
        "seats": dice.pick(&[4, 5, 5, 5, 7]),
        "co2_emissions": dice.between(90, 190),
        "description": some(&mut dice, words::PHRASES, 5).join(" "),
        "equipment": some(&mut dice, words::EQUIPMENT, 12).iter().map(|one| json!({"description": one})).collect::<Vec<_>>(),
        "extras": some(&mut dice, words::EXTRAS, 2),
        "purchase_date": now,
        "custom": {"listing": listing(&mut dice)},
    })
}

/// What a listing says that a car has no member for.
fn listing(dice: &mut Dice) -> Value {
    json!({
        "climatisationType": dice.weighted(&[
            (4, "none"),
            (26, "airConditioning"),
            (40, "automaticClimateControl"),
            (24, "automaticClimateControl2"),
            (4, "automaticClimateControl3"),
            (2, "automaticClimateControl4"),
        ]),
        "driveType": dice.weighted(&[(66, "front"), (12, "rear"), (21, "all"), (1, "other")]),
        "trimLine": dice.pick(words::TRIMS),
        "pollutionBadge": dice.weighted(&[(4, 2), (6, 3), (90, 4)]),
        "emissionClass": dice.between(4, 11),
        "airbagType": dice.pick(&["driverAirbag", "frontAirbag", "driverSideAirbag", "driverSideOtherAirbag"]),
        "interiorType": dice.pick(&["alcantara", "cloth", "cloth", "fullLeather", "partialLeather"]),
        "interiorColorId": dice.pick(&[1, 1, 2, 3, 4]),
        "isDamaged": dice.percent(2),
        "hadAccidentDamage": dice.percent(6),
        "isDrivable": !dice.percent(1),
        "hasFullServiceHistory": dice.percent(70),
        "previousOwnerCount": dice.below(4),
        "cylinders": dice.pick(&[3, 4, 4, 4, 6]),
        "gears": dice.between(5, 9),
        "tyreType": dice.pick(&["summerTyres", "winterTyres", "allSeasonTyres"]),
        "isNonSmoker": dice.percent(80),
        "consumptionFuelCombined": dice.between(38, 95) as f64 / 10.0,
        "emissionsCombinedCo2Class": dice.pick(&["A", "B", "C", "D", "E", "F", "G"]),
    })
}

/// One of those that sell well, or any of the catalogue.
fn make(dice: &mut Dice) -> &'static Make {
    let name = dice.weighted(words::MAKES);
    catalogue::make(name).unwrap_or_else(|| {
        let makes = catalogue::makes();
        &makes[dice.below(makes.len() as u64) as usize]
    })
}

/// So many neighbours of the list, from a place in it that chance picks.
fn some(dice: &mut Dice, from: &[&'static str], many: usize) -> Vec<&'static str> {
    let first = dice.below(from.len() as u64) as usize;
    from.iter().copied().cycle().skip(first).take(many).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::{HashMap, HashSet};

    use forecourt_record::{Vin, listing};

    use super::*;

    #[test]
    fn every_number_makes_the_same_car_again_and_one_that_is_listed_in_full() {
        let (mut vins, mut values) = (HashSet::new(), HashMap::<&str, HashSet<String>>::new());
        for n in 0..500 {
            let doc = car(n, Instant::EPOCH);
            assert_eq!(doc, car(n, Instant::EPOCH));
            let car: Car = serde_json::from_value(doc).unwrap();
            assert_eq!(listing::wrong(&car), []);
            let vin = car.vin.clone().unwrap();
            assert!(vin.parse::<Vin>().is_ok(), "{vin}");
            assert!(vins.insert(vin));
            let listing = listing::of(&car);
            for name in listing::VALUED {
                values.entry(name).or_default().insert(listing[name].to_string());
            }
        }
        assert!(listing::VALUED.iter().all(|name| values[name].len() > 1), "{values:?}");
    }
}
