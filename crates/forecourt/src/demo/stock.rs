//! Invented cars: makes that sell at each place, plausible years, prices and mileages, and sound VINs.

use forecourt_crm::vehicle::VehicleFields;
use forecourt_record::{Instant, Vin};

use super::{
    dealership::{BERLIN, HOUSTON, Place},
    dice::Dice,
};

/// Cars in the demo.
pub const CARS: u64 = 120;
const PURPOSE: u32 = 1;
/// The year the newest of them are of.
const NEWEST: i64 = 2026;

/// A model: make, model, the beginning of its VINs, versions, fuel, price when new.
type Model = (&'static str, &'static str, &'static str, &'static [&'static str], &'static str, u64);

const AMERICAN: &[Model] = &[
    ("Ford", "F-150", "1FTFW1E5", &["XLT SuperCrew", "Lariat", "King Ranch"], "gasoline", 58_000),
    ("Chevrolet", "Silverado 1500", "3GCUYDED", &["LT Crew Cab", "RST", "High Country"], "gasoline", 56_000),
    ("Ram", "1500", "1C6SRFFT", &["Big Horn", "Laramie"], "gasoline", 55_000),
    ("Toyota", "Camry", "4T1G11AK", &["LE", "SE", "XSE"], "hybrid", 31_000),
    ("Toyota", "Tacoma", "3TMCZ5AN", &["SR5", "TRD Sport"], "gasoline", 42_000),
    ("Honda", "Civic", "2HGFE2F5", &["Sport", "EX"], "gasoline", 27_000),
    ("Honda", "CR-V", "2HKRS4H7", &["EX-L", "Sport Hybrid"], "hybrid", 37_000),
    ("Nissan", "Rogue", "5N1BT3BA", &["SV", "SL"], "gasoline", 33_000),
    ("Jeep", "Wrangler", "1C4HJXDG", &["Sport S", "Sahara", "Rubicon"], "gasoline", 48_000),
    ("Tesla", "Model Y", "5YJYGDEE", &["Long Range", "Performance"], "electric", 47_000),
    ("Chevrolet", "Tahoe", "1GNSKNKD", &["LT", "Z71"], "gasoline", 68_000),
    ("Kia", "Sorento", "5XYRG4LC", &["LX", "EX", "SX"], "hybrid", 38_000),
];

const GERMAN: &[Model] = &[
    ("Volkswagen", "Golf", "WVWZZZCD", &["1.5 TSI Life", "2.0 TDI Style", "GTI"], "gasoline", 34_000),
    ("Volkswagen", "Tiguan", "WVGZZZCT", &["1.5 eTSI Elegance", "2.0 TDI R-Line"], "diesel", 43_000),
    ("Volkswagen", "ID.3", "WVWZZZE1", &["Pro", "Pro S"], "electric", 39_000),
    ("BMW", "320d", "WBA5V710", &["Touring", "M Sport"], "diesel", 52_000),
    ("Audi", "A4 Avant", "WAUZZZF4", &["40 TDI S line", "35 TFSI"], "diesel", 50_000),
    ("Mercedes-Benz", "C 200", "W1KAF4GB", &["T-Modell", "AMG Line"], "gasoline", 54_000),
    ("Opel", "Corsa", "W0V7H9ED", &["1.2 Turbo GS", "Electric"], "gasoline", 24_000),
    ("Škoda", "Octavia Combi", "TMBJR7NX", &["2.0 TDI Style", "1.5 TSI Ambition"], "diesel", 36_000),
    ("Hyundai", "Kona", "TMAH381A", &["Trend", "N Line"], "hybrid", 31_000),
    ("Renault", "Clio", "VF1RJA00", &["TCe 90 Evolution", "E-Tech Techno"], "hybrid", 22_000),
];

/// A car of the demo, and what has become of it so far.
#[derive(Clone, Debug)]
pub struct Stocked {
    pub fields: VehicleFields,
    pub place: Place,
    /// As people say it: `Ford F-150`.
    pub name: String,
    /// In units of the dealer's currency.
    pub price: u64,
    pub added_at: Instant,
    pub sold: bool,
}

/// The stock, the first to be added first. `start` is where the time told of begins.
pub fn stock(start: Instant) -> Vec<Stocked> {
    let mut stock: Vec<Stocked> = (0..CARS).map(|n| car(n, start)).collect();
    stock.sort_by_key(|car| car.added_at);
    stock
}

fn car(n: u64, start: Instant) -> Stocked {
    let mut dice = Dice::new(PURPOSE, n);
    let place = dice.weighted(&[(60, HOUSTON), (40, BERLIN)]);
    let models = if place == HOUSTON { AMERICAN } else { GERMAN };
    let (make, model, wmi, versions, fuel, new) = dice.pick(models);
    let age = dice.weighted(&[(20, 0), (22, 1), (18, 2), (14, 3), (10, 4), (8, 6), (8, 9)]);
    // A car loses a fifth in its first year and an eighth in each one after.
    let worth = (0..age).fold(new as f64, |worth, year| worth * if year == 0 { 0.8 } else { 0.875 });
    let price = (worth * (0.94 + dice.below(12) as f64 / 100.0) / 100.0).round() as u64 * 100 - 5;
    let mileage = if age == 0 { dice.between(5, 400) } else { age as u64 * dice.between(9_000, 21_000) };
    let manual = place == BERLIN && fuel != "electric" && dice.percent(35);
    let text = |text: &str| Some(Some(text.to_owned()));
    let fields = VehicleFields {
        make: Some(make.to_owned()),
        model: Some(model.to_owned()),
        version: text(dice.pick(versions)),
        year: Some(NEWEST - age),
        price: Some(price.into()),
        mileage: Some(i64::try_from(mileage).ok()),
        location: Some(place.code.to_owned()),
        vin: Some(vin(wmi, n)),
        fuel: text(fuel),
        transmission: text(if manual { "manual" } else { "automatic" }),
        color: text(dice.pick(&["white", "black", "silver", "grey", "blue", "red", "green"])),
        stock_number: Some(Some(format!("{}{:04}", if place == HOUSTON { "H" } else { "B" }, 1000 + n))),
        ..VehicleFields::default()
    };
    // Two thirds were there before.
    let added_at =
        if n * 3 < CARS * 2 { start + dice.minutes(1, 600) } else { start + dice.minutes(24 * 60, 80 * 24 * 60) };
    Stocked { fields, place, name: format!("{make} {model}"), price, added_at, sold: false }
}

/// A VIN of that beginning whose check digit is right.
fn vin(begin: &str, n: u64) -> Option<String> {
    const CHECK: &str = "0123456789X";
    let candidates = CHECK.chars().map(|check| format!("{begin}{check}TD{:06}", 100_000 + n * 37));
    candidates.into_iter().find(|vin| vin.parse::<Vin>().is_ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_car_has_a_vin_of_its_own_and_a_price_one_would_pay() {
        let stock = stock(Instant::EPOCH);
        assert_eq!(stock.len(), CARS as usize);
        let vins: HashSet<String> = stock.iter().map(|car| car.fields.vin.clone().flatten().unwrap()).collect();
        assert_eq!(vins.len(), stock.len());
        assert!(stock.iter().all(|car| (5_000..75_000).contains(&car.price)), "{stock:?}");
        assert!(stock.iter().any(|car| car.place == BERLIN) && stock.iter().any(|car| car.place == HOUSTON));
        assert!(stock.is_sorted_by_key(|car| car.added_at));
    }
}
