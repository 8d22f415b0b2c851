//! Invented people. No two numbers make people of one phone or address, and none is anybody's: the mail domains are
//! reserved, and what was dialled would be chance.

use forecourt_crm::intake::{HashedAnswers, NewLead};
use forecourt_record::{
    scoring::{Answers, CreditScore, IdType},
    text,
};

use super::{
    dealership::{BERLIN, HOUSTON, Place},
    dice::Dice,
};

/// What a person speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    En,
    Es,
    De,
}

impl Tongue {
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
            Self::De => "de",
        }
    }
}

const ENGLISH: (&[&str], &[&str]) = (
    &[
        "James", "Mary", "Robert", "Patricia", "Michael", "Jennifer", "David", "Linda", "Ashley", "Brandon", "Tyler",
        "Megan", "Kevin", "Rachel", "Marcus", "Tiffany", "Derek", "Erica", "Andre", "Crystal", "Justin", "Amanda",
        "Terrence", "Brittany", "Wesley", "Hannah", "Travis", "Danielle",
    ],
    &[
        "Smith", "Johnson", "Williams", "Brown", "Jones", "Miller", "Davis", "Wilson", "Anderson", "Thomas", "Taylor",
        "Moore", "Jackson", "Martin", "Lee", "Thompson", "White", "Harris", "Clark", "Lewis", "Robinson", "Walker",
        "Young", "Allen", "King", "Wright", "Scott", "Nguyen",
    ],
);

const SPANISH: (&[&str], &[&str]) = (
    &[
        "José",
        "María",
        "Luis",
        "Guadalupe",
        "Carlos",
        "Ana",
        "Jorge",
        "Rosa",
        "Miguel",
        "Carmen",
        "Juan",
        "Leticia",
        "Francisco",
        "Verónica",
        "Alejandro",
        "Patricia",
        "Ricardo",
        "Adriana",
        "Héctor",
        "Sofía",
        "Raúl",
        "Lucía",
        "Óscar",
        "Beatriz",
        "Iván",
        "Mónica",
        "Andrés",
        "Yolanda",
    ],
    &[
        "García",
        "Hernández",
        "Martínez",
        "López",
        "González",
        "Rodríguez",
        "Pérez",
        "Sánchez",
        "Ramírez",
        "Torres",
        "Flores",
        "Rivera",
        "Gómez",
        "Díaz",
        "Cruz",
        "Morales",
        "Ortiz",
        "Gutiérrez",
        "Chávez",
        "Ramos",
        "Mendoza",
        "Castillo",
        "Vásquez",
        "Núñez",
        "Aguilar",
        "Salazar",
        "Peña",
        "Ibarra",
    ],
);

const GERMAN: (&[&str], &[&str]) = (
    &[
        "Anna",
        "Lukas",
        "Julia",
        "Jonas",
        "Katharina",
        "Felix",
        "Sabine",
        "Maximilian",
        "Petra",
        "Stefan",
        "Monika",
        "Andreas",
        "Susanne",
        "Jürgen",
        "Claudia",
        "Tobias",
        "Birgit",
        "Sebastian",
        "Heike",
        "Björn",
        "Nadine",
        "Matthias",
        "Aylin",
        "Mehmet",
        "Franziska",
        "Thomas",
        "Jana",
        "Uwe",
    ],
    &[
        "Müller",
        "Schmidt",
        "Schneider",
        "Fischer",
        "Weber",
        "Meyer",
        "Wagner",
        "Becker",
        "Schulz",
        "Hoffmann",
        "Schäfer",
        "Koch",
        "Bauer",
        "Richter",
        "Klein",
        "Wolf",
        "Schröder",
        "Neumann",
        "Schwarz",
        "Zimmermann",
        "Braun",
        "Krüger",
        "Hofmann",
        "Hartmann",
        "Yilmaz",
        "Krause",
        "Lehmann",
        "König",
    ],
);

/// Somebody who may want a car.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    /// As they would write it.
    pub phone: String,
    /// E.164.
    pub number: String,
    pub email: String,
    pub tongue: Tongue,
    pub place: Place,
}

/// Texan area codes.
const AREAS: [u64; 20] =
    [713, 281, 832, 346, 409, 512, 210, 214, 972, 469, 817, 361, 936, 979, 254, 903, 956, 915, 806, 830];
/// Exchanges that belong to nobody a person could be.
const NO_EXCHANGE: [u64; 9] = [211, 311, 411, 511, 555, 611, 711, 811, 911];
const EXCHANGES: u64 = 791;
const AMERICAN: u64 = AREAS.len() as u64 * EXCHANGES * 10_000;
/// Beginnings of German mobile numbers, after which come eight digits, the first of them not 0.
const MOBILE: [u64; 4] = [151, 152, 157, 159];
const GERMAN_NUMBERS: u64 = MOBILE.len() as u64 * 90_000_000;
/// Has no factor in common with either count, so that every `n` has a number of its own. Neighbours lie far apart.
const STEP: u64 = 2_654_435_761;

/// Area, exchange and line of an American number: another one for each `n` below 158 million.
fn american(n: u64) -> (u64, u64, u64) {
    let slot = (n % AMERICAN).wrapping_mul(STEP) % AMERICAN;
    let (area, rest) = (AREAS[(slot % 20) as usize], slot / 20);
    let exchange =
        NO_EXCHANGE.iter().fold(200 + rest / 10_000, |exchange, skip| exchange + u64::from(exchange >= *skip));
    (area, exchange, rest % 10_000)
}

/// The beginning and the rest of a German mobile number: another one for each `n` below 360 million.
fn german(n: u64) -> (u64, u64) {
    let slot = (n % GERMAN_NUMBERS).wrapping_mul(STEP) % GERMAN_NUMBERS;
    (MOBILE[(slot % 4) as usize], 10_000_000 + slot / 4)
}

impl Person {
    /// The person number `n`, of a place.
    pub fn of(n: u64, place: Place, dice: &mut Dice) -> Self {
        let american_place = place.code == HOUSTON.code;
        let tongues: &[(u64, Tongue)] = if american_place {
            &[(50, Tongue::En), (50, Tongue::Es)]
        } else {
            &[(78, Tongue::De), (15, Tongue::En), (7, Tongue::Es)]
        };
        let tongue = dice.weighted(tongues);
        let (first, last) = match tongue {
            Tongue::En => ENGLISH,
            Tongue::Es => SPANISH,
            Tongue::De => GERMAN,
        };
        let name = format!("{} {}", dice.pick(first), dice.pick(last));
        let (phone, number) = if american_place {
            let (area, exchange, line) = american(n);
            (format!("({area}) {exchange}-{line:04}"), format!("+1{area}{exchange}{line:04}"))
        } else {
            let (begin, rest) = german(n);
            (format!("0{begin} {rest}"), format!("+49{begin}{rest}"))
        };
        let domain = dice.pick(&["example.com", "example.net", "example.org"]);
        let email = format!("{}.{n}@{domain}", text::tokens(&name).join("."));
        Self { name, phone, number, email, tongue, place }
    }

    /// The person number `n` of a crowd: most of those in Houston.
    pub fn any(n: u64, dice: &mut Dice) -> Self {
        let place = dice.weighted(&[(62, HOUSTON), (38, BERLIN)]);
        Self::of(n, place, dice)
    }

    /// Where they come from.
    pub fn source(&self, dice: &mut Dice) -> &'static str {
        let market = if self.place.code == HOUSTON.code { "autotrader" } else { "mobile.de" };
        let (pages, talk) =
            ([(34, "website"), (18, "facebook"), (20, market)], [(10, "walk-in"), (10, "phone"), (8, "referral")]);
        dice.weighted(&[pages, talk].concat())
    }

    /// The enquiry they begin with.
    pub fn enquiry(&self, source: &str, answers: Answers) -> NewLead {
        NewLead {
            name: Some(self.name.clone()),
            phone: Some(self.phone.clone()),
            location: Some(self.place.code.to_owned()),
            source: Some(source.to_owned()),
            language: Some(self.tongue.code().to_owned()),
            answers: HashedAnswers(answers),
            quiet: true,
            ..NewLead::default()
        }
    }
}

/// What they answer to the five questions; some leave some open.
pub fn answers(dice: &mut Dice) -> Answers {
    let credit = dice.weighted(&[
        (12, CreditScore::Excellent),
        (34, CreditScore::Good),
        (28, CreditScore::Fair),
        (18, CreditScore::Poor),
        (8, CreditScore::None),
    ]);
    let id =
        dice.weighted(&[(70, IdType::License), (12, IdType::Matricula), (12, IdType::Passport), (6, IdType::None)]);
    let down_payment = if dice.percent(18) { 0 } else { dice.between(1, 17) * 500 };
    let (has_bank, trade_in) = (dice.percent(74), dice.percent(38));
    Answers {
        credit_score: dice.percent(92).then_some(credit),
        down_payment: dice.percent(88).then_some(down_payment.into()),
        has_bank: dice.percent(90).then_some(has_bank),
        id_type: dice.percent(90).then_some(id),
        trade_in: dice.percent(94).then_some(trade_in),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use forecourt_record::{Email, Phone};

    use super::*;

    #[test]
    fn people_have_lines_and_addresses_of_their_own() {
        let mut seen = HashSet::new();
        for n in (0..20_000).chain(100_000_000..100_005_000) {
            for place in [HOUSTON, BERLIN] {
                let person = Person::of(n, place, &mut Dice::new(0, n));
                assert!(seen.insert(person.number.clone()), "{n}: {}", person.number);
                let read = Phone::parse(&person.phone, Some(place.country)).map(|phone| phone.as_str().to_owned());
                assert_eq!(read.as_deref(), Ok(person.number.as_str()));
                assert!(person.email.parse::<Email>().is_ok(), "{}", person.email);
                for other in ["+1907", "+1808", "+1701", "+1406", "+1307"] {
                    assert!(!person.number.starts_with(other), "{}", person.number);
                }
            }
        }
    }

    #[test]
    fn a_number_is_always_the_same_person() {
        let person = |n| Person::any(n, &mut Dice::new(3, n));
        assert_eq!(person(42), person(42));
        assert_ne!(person(42), person(43));
        let texans = (0..1000).filter(|n| person(*n).place.code == HOUSTON.code).count();
        assert!((560..680).contains(&texans), "{texans}");
    }
}
