//! What a VIN says of a car: where and by whom it was made, and of which model year it may be (ISO 3779, ISO 3780).

use crate::Vin;

const MAKERS: &str = include_str!("makers.txt");

/// Where a VIN comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The make, as the catalogue calls it.
    pub make: Option<&'static str>,
    /// Country of the maker, ISO 3166-1.
    pub country: Option<&'static str>,
    /// The model year where the number tells it: by law in North America, elsewhere by habit, and not by all.
    pub model_year: Option<i64>,
    /// Whether the ninth character is the check digit of the others. European makers use it freely.
    pub check_digit: bool,
}

/// Countries by the first two characters, from and to.
const COUNTRIES: &[(&str, &str, &str)] = &[
    ("AA", "AH", "ZA"),
    ("JA", "J0", "JP"),
    ("KL", "KR", "KR"),
    ("LA", "L0", "CN"),
    ("MA", "ME", "IN"),
    ("MF", "MK", "ID"),
    ("ML", "MR", "TH"),
    ("NL", "NR", "TR"),
    ("PL", "PR", "MY"),
    ("RL", "RR", "VN"),
    ("SA", "SM", "GB"),
    ("SN", "ST", "DE"),
    ("SU", "SZ", "PL"),
    ("TA", "TH", "CH"),
    ("TJ", "TP", "CZ"),
    ("TR", "TV", "HU"),
    ("TW", "T1", "PT"),
    ("UU", "UZ", "RO"),
    ("VA", "VE", "AT"),
    ("VF", "VR", "FR"),
    ("VS", "VW", "ES"),
    ("WA", "W0", "DE"),
    ("XL", "XR", "NL"),
    ("XS", "XW", "RU"),
    ("X3", "X0", "RU"),
    ("YA", "YE", "BE"),
    ("YF", "YK", "FI"),
    ("YS", "YW", "SE"),
    ("ZA", "ZU", "IT"),
    ("1A", "10", "US"),
    ("2A", "20", "CA"),
    ("3A", "3W", "MX"),
    ("4A", "40", "US"),
    ("5A", "50", "US"),
    ("6A", "6W", "AU"),
    ("8A", "8E", "AR"),
    ("9A", "9E", "BR"),
    ("93", "99", "BR"),
];

/// Reads a VIN as one of `this_year` at the latest, and one year ahead: models are sold before their year.
pub fn vin_origin(vin: &Vin, this_year: i64) -> Origin {
    let text = vin.as_str();
    Origin {
        make: maker(&text[..3]),
        country: country(&text[..2]),
        model_year: model_year(vin, this_year + 1),
        check_digit: vin.has_check_digit(),
    }
}

fn maker(code: &str) -> Option<&'static str> {
    let lines = MAKERS.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(' '))
        .find(|(codes, _)| codes.split(',').any(|one| one == code))
        .map(|(_, make)| make)
}

/// The characters of a VIN in the order of ISO 3780.
const ORDER: &str = "ABCDEFGHJKLMNPRSTUVWXYZ1234567890";

fn country(code: &str) -> Option<&'static str> {
    let place = |code: &str| ORDER.find(&code[1..]);
    let within = |(from, to, _): &&(&str, &str, &str)| {
        code[..1] == from[..1] && place(code) >= place(from) && place(code) <= place(to)
    };
    COUNTRIES.iter().find(within).map(|(.., country)| *country)
}

/// The tenth character goes round every thirty years; in North America a letter in the seventh says which round.
fn model_year(vin: &Vin, latest: i64) -> Option<i64> {
    const LETTERS: &str = "ABCDEFGHJKLMNPRSTVWXY123456789";
    let place = |at: usize| vin.as_str()[at..].chars().next();
    let first = 1980 + LETTERS.find(place(9)?)? as i64;
    if vin.is_north_american() {
        let later = place(6)?.is_ascii_alphabetic();
        return Some(if later { first + 30 } else { first });
    }
    (0..3).map(|round| first + 30 * round).rfind(|year| *year <= latest)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_tell_where_they_come_from() {
        for (vin, make, country, model_year, check_digit) in [
            ("1HGCM82633A004352", Some("Honda"), Some("US"), Some(2003), true),
            ("WVWZZZ1JZ3W386752", Some("Volkswagen"), Some("DE"), Some(2003), false),
            ("W0L0AHL4878000001", Some("Opel"), Some("DE"), Some(2007), false),
            ("ZFA22300005556777", Some("Fiat"), Some("IT"), None, false),
            ("VF1RJA00067000001", Some("Renault"), Some("FR"), Some(2006), false),
            ("TMBJR7NX0MY000001", Some("Škoda"), Some("CZ"), Some(2021), false),
            ("JT2AE09W0P0000001", Some("Toyota"), Some("JP"), Some(2023), false),
            ("KMHDN45D0P0000001", Some("Hyundai"), Some("KR"), Some(2023), false),
            ("UU1000000P0000001", Some("Dacia"), Some("RO"), Some(2023), false),
        ] {
            let vin: Vin = vin.parse().unwrap();
            let origin = vin_origin(&vin, 2026);
            assert_eq!((origin.make, origin.country), (make, country), "{vin:?}");
            assert_eq!(origin.model_year, model_year, "{vin:?}");
            assert!(!check_digit || origin.check_digit, "{vin:?}");
        }
    }

    #[test]
    fn every_maker_is_in_the_catalogue() {
        for line in MAKERS.lines().filter(|line| !line.starts_with('#')) {
            let (codes, make) = line.split_once(' ').unwrap();
            assert!(codes.split(',').all(|code| code.len() == 3), "{line}");
            assert_eq!(crate::catalogue::make(make).map(|known| known.name), Some(make), "{line}");
        }
    }
}
