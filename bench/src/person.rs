//! Invented people and the documents about them: the same number always makes the same person, and no two
//! numbers share a phone or a mail address.

use std::fmt::Write as _;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

const FIRST: [&str; 40] = [
    "Jose", "Maria", "James", "Mary", "Luis", "Ana", "Robert", "Linda", "Carlos", "Elena", "Michael", "Susan", "Jorge",
    "Rosa", "David", "Karen", "Miguel", "Carmen", "Daniel", "Laura", "Pedro", "Lucia", "Thomas", "Nancy", "Diego",
    "Sofia", "Peter", "Helga", "Klaus", "Petra", "Stefan", "Monika", "Ahmed", "Fatima", "Wei", "Li", "Ivan", "Olga",
    "Kenji", "Yuki",
];
const LAST: [&str; 50] = [
    "Garcia",
    "Smith",
    "Hernandez",
    "Johnson",
    "Lopez",
    "Williams",
    "Martinez",
    "Brown",
    "Gonzalez",
    "Jones",
    "Rodriguez",
    "Miller",
    "Perez",
    "Davis",
    "Sanchez",
    "Wilson",
    "Ramirez",
    "Anderson",
    "Torres",
    "Taylor",
    "Flores",
    "Thomas",
    "Rivera",
    "Moore",
    "Gomez",
    "Jackson",
    "Diaz",
    "Martin",
    "Cruz",
    "Lee",
    "Morales",
    "Thompson",
    "Ortiz",
    "White",
    "Gutierrez",
    "Harris",
    "Chavez",
    "Clark",
    "Ramos",
    "Lewis",
    "Mueller",
    "Schmidt",
    "Schneider",
    "Fischer",
    "Weber",
    "Meyer",
    "Wagner",
    "Becker",
    "Hoffmann",
    "Schulz",
];
const AREAS: [u64; 5] = [907, 808, 701, 406, 307];
const EXCHANGES: u64 = 791;
const NUMBERS: u64 = AREAS.len() as u64 * EXCHANGES * 10_000;
/// Statuses and places of the dealership, the commoner first.
pub const STATUSES: [&str; 8] = ["new", "new", "new", "contacted", "contacted", "qualified", "appointment", "lost"];
pub const PLACES: [&str; 2] = ["houston", "berlin"];
const SOURCES: [&str; 5] = ["website", "facebook", "walk-in", "phone", "referral"];

/// What a reference needs of a document outside its text: the columns its indexes are on.
pub struct Columns {
    pub status: &'static str,
    pub place: &'static str,
    pub source: &'static str,
    pub score: i64,
    pub name: String,
    pub email: String,
    pub phone: String,
}

/// Every name a pair of the lists above makes; what references hold when no names were learnt from a subject.
pub fn names() -> Vec<String> {
    FIRST.iter().flat_map(|first| LAST.iter().map(move |last| format!("{first} {last}"))).collect()
}

/// A number of the American plan that libphonenumber takes for valid, another one for each `n` below 39 million.
/// Neighbours lie far apart, as in life: keys that grow would flatter the index.
pub fn phone(n: u64) -> String {
    let slot = n.wrapping_mul(2_654_435_761) % NUMBERS;
    let (area, rest) = (AREAS[(slot % 5) as usize], slot / 5);
    let (line, exchange) = (rest % 10_000, 200 + rest / 10_000);
    // Leaves out x11 and 555, which are nobody's.
    let left_out = [211, 311, 411, 511, 555, 611, 711, 811, 911];
    let exchange =
        left_out.iter().fold(exchange, |exchange, skip| if exchange >= *skip { exchange + 1 } else { exchange });
    format!("+1{area}{exchange}{line:04}")
}

fn pick<'a>(chance: &mut SmallRng, from: &[&'a str]) -> &'a str {
    from[chance.random_range(0..from.len())]
}

/// The body of `POST /v1/leads` for person `n`.
pub fn altum_lead(n: u64) -> String {
    let mut chance = SmallRng::seed_from_u64(n);
    let name = format!("{} {}", pick(&mut chance, &FIRST), pick(&mut chance, &LAST));
    json!({
        "name": name,
        "phone": phone(n),
        "email": format!("bench.{n}@example.com"),
        "creditScore": pick(&mut chance, &["excellent", "good", "fair", "poor", "none"]),
        "downPayment": chance.random_range(0..80) * 100,
        "hasBank": chance.random_bool(0.7),
        "idType": pick(&mut chance, &["license", "matricula", "passport", "none"]),
        "tradeIn": chance.random_bool(0.4),
        "location": "houston",
        "source": pick(&mut chance, &SOURCES),
        "notes": "Saw the offer online, asks for a test drive on Saturday.",
    })
    .to_string()
}

/// The columns and the stored document, about 2 KB, of person `n`, whose name is one of `names`.
pub fn document(n: u64, names: &[String]) -> (Columns, String) {
    let mut chance = SmallRng::seed_from_u64(n ^ 0x00F0_4EC0);
    let columns = Columns {
        status: pick(&mut chance, &STATUSES),
        place: pick(&mut chance, &PLACES),
        source: pick(&mut chance, &SOURCES),
        score: chance.random_range(0..=100),
        name: names.get(chance.random_range(0..names.len().max(1))).cloned().unwrap_or_default(),
        email: format!("reference.{n}@example.com"),
        phone: phone(n),
    };
    let Columns { status, place, source, score, name, email, phone } = &columns;
    let mut text = String::with_capacity(2_200);
    // Written by hand: a million of these are made before a drive, and some thousands a second during one.
    let _ = write!(
        text,
        r#"{{"status":"{status}","location":"{place}","source":"{source}","score":{score},"name":{name},"email":"{email}","phone":"{phone}","client_id":"{n:024x}","contact_id":"{:024x}","current_assigned":{{"to":"{:024x}","at":"2026-11-21T09:30:00.000Z"}},"qualification":{{"creditScore":"good","downPayment":{},"hasBank":true,"idType":"license","tradeIn":false,"filter":"B","scorecard":3}},"inquiry":"Saw the offer online, asks for a test drive on Saturday and whether the car can be financed over sixty months.","car_list":["#,
        n ^ 0xFF,
        n % 97,
        chance.random_range(0..80) * 100,
        name = serde_json::Value::String(name.clone()),
    );
    for index in 0..3 {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"car_id":"{:024x}","make":"Toyota","model":"Corolla","version":"1.8 Hybrid Active","year":{},"price":{},"mileage":{},"fuel":"hybrid","transmission":"automatic","quantity":1}}"#,
            chance.random::<u64>(),
            2012 + chance.random_range(0..14),
            chance.random_range(50..400) * 100,
            chance.random_range(0..150_000),
        );
    }
    text += r#"],"status_history":["#;
    for index in 0..5 {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"status":"{}","at":"2026-11-{:02}T10:15:30.000Z","by":"{:024x}","reason":"changed on the board"}}"#,
            pick(&mut chance, &STATUSES),
            1 + index,
            chance.random::<u64>(),
        );
    }
    text += r#"],"tags":["web","first-visit","finance"],"custom":{"tokens":{"utm_source":"search","utm_campaign":"autumn","landing":"/offers/hybrid"}},"consent":{"sms":true,"mail":true,"call":true,"wording":"v3"}}"#;
    (columns, text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn phones_are_well_formed_and_unlike() {
        let phones: HashSet<String> = (0..200_000).map(phone).collect();
        assert_eq!(phones.len(), 200_000);
        for phone in phones {
            assert!(phone.len() == 12 && phone.starts_with("+1"), "{phone}");
            let exchange = &phone[5..8];
            assert!(exchange.as_bytes()[0] >= b'2' && &exchange[1..] != "11" && exchange != "555", "{phone}");
        }
    }

    #[test]
    fn documents_are_json_of_two_kilobytes() {
        let names = vec!["José \"Pepe\" García".to_owned()];
        for n in [0, 1, 999_999, u64::from(u32::MAX)] {
            let (columns, text) = document(n, &names);
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(value["status"], columns.status);
            assert_eq!(value["name"], names[0]);
            assert!((1_900..=2_200).contains(&text.len()), "{} bytes", text.len());
            assert_eq!(document(n, &names).1, text, "the same number makes the same person");
        }
        assert_eq!(serde_json::from_str::<serde_json::Value>(&altum_lead(7)).unwrap()["email"], "bench.7@example.com");
    }
}
