//! Random documents of several kinds: few values, so that questions meet them, and every nasty one.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use forecourt_record::{Car, Client, Document, Instant, Kind, SaleLead};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::chance::Chance;
use crate::support::{NOW, id};

pub const TEXTS: [&str; 16] = [
    "",
    "a",
    "A",
    "ab",
    "b",
    "Ford F-150",
    "ford f150",
    "é",
    "\u{10ffff}",
    "\u{ffff}x",
    "10",
    "2026-11-21",
    "it's \"\\ %_*",
    "$x",
    "two\nlines",
    " ",
];
const NAMES: [&str; 10] = ["a", "b", "c", "0", "1", "01", "é", "it's \"\\", "$x", "a-b"];
const DAYS: [&str; 5] = [
    "2026-11-21T08:30:00.000Z",
    "2026-11-21T08:30:00.001Z",
    "2025-12-31T23:59:59.999Z",
    "2026-01-01T00:00:00.000Z",
    "1999-03-28T01:00:00.000Z",
];

/// Numbers that floats, 64-bit integers and decimals see differently.
pub fn number(chance: &mut Chance) -> Value {
    const NUMBERS: [&str; 24] = [
        "0",
        "1",
        "2",
        "3",
        "-1",
        "10",
        "1.0",
        "1.5",
        "-0.0",
        "0.1",
        "0.30000000000000004",
        "1e3",
        "1000.004",
        "2147483648",
        "9007199254740993",
        "9007199254740992.0",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "9223372036854776000.0",
        "1e300",
        "-1e300",
        "1e-7",
        "-9223372036854775808",
    ];
    serde_json::from_str(chance.of(&NUMBERS)).unwrap()
}

pub fn text(chance: &mut Chance) -> Value {
    match chance.below(30) {
        0 => "x".repeat(256).into(),
        1 => ("x".repeat(299) + chance.of(&["y", "z"])).into(),
        _ => chance.of(&TEXTS).into(),
    }
}

pub fn instant(chance: &mut Chance) -> Value {
    chance.of(&DAYS).into()
}

/// Any JSON.
pub fn anything(chance: &mut Chance, deep: usize) -> Value {
    match chance.below(if deep == 0 { 5 } else { 9 }) {
        0 => Value::Null,
        1 => chance.once_in(2).into(),
        2 => number(chance),
        3 | 4 => text(chance),
        5 | 6 => chance.list(3, |chance| anything(chance, deep - 1)).into(),
        _ => object(chance, deep - 1),
    }
}

fn object(chance: &mut Chance, deep: usize) -> Value {
    let members = chance.list(4, |chance| (chance.of(&NAMES).to_owned(), anything(chance, deep)));
    Value::Object(members.into_iter().collect())
}

type Make = fn(&mut Chance) -> Value;

/// Some of these members, each made by chance.
fn some(chance: &mut Chance, members: &[(&str, Make)]) -> Value {
    let mut made = Map::new();
    for (name, make) in members {
        if !chance.once_in(3) {
            made.insert((*name).to_owned(), make(chance));
        }
    }
    made.into()
}

fn texts(chance: &mut Chance) -> Value {
    chance.list(3, text).into()
}

fn flag(chance: &mut Chance) -> Value {
    chance.once_in(2).into()
}

fn year(chance: &mut Chance) -> Value {
    chance.of(&[2019, 2020, 2021, -1]).into()
}

fn custom(chance: &mut Chance) -> Value {
    object(chance, 3)
}

fn status(chance: &mut Chance) -> Value {
    some(chance, &[("status", text), ("assigned_at", instant), ("user", text)])
}

fn assignment(chance: &mut Chance) -> Value {
    some(chance, &[("to", text), ("at", instant), ("by", text)])
}

fn items(chance: &mut Chance) -> Value {
    chance.list(2, |chance| some(chance, &[("code", text)])).into()
}

fn equipment(chance: &mut Chance) -> Value {
    chance
        .list(2, |chance| {
            some(chance, &[("code", text), ("price", number), ("optional", flag), ("package_items", items)])
        })
        .into()
}

fn wanted_car(chance: &mut Chance) -> Value {
    some(
        chance,
        &[
            ("make", text),
            ("year", year),
            ("price", number),
            ("extras", texts),
            ("equipment", equipment),
            ("custom", custom),
        ],
    )
}

fn wanted(chance: &mut Chance) -> Value {
    chance.list(3, |chance| some(chance, &[("car", wanted_car)])).into()
}

pub fn lead(chance: &mut Chance) -> Document<SaleLead> {
    let doc = some(
        chance,
        &[
            ("status", status),
            ("location", text),
            ("inquiry", text),
            ("foreign_ids", texts),
            ("assigned", |chance| chance.list(3, assignment).into()),
            ("current_assigned", assignment),
            ("origin", |chance| some(chance, &[("source", text)])),
            ("car_list", wanted),
            ("cost", number),
            ("finance", |chance| some(chance, &[("rate", number)])),
            ("notification", |chance| some(chance, &[("done", flag), ("notify_at", instant), ("notify_to", texts)])),
            ("custom", custom),
        ],
    );
    let computed = some(
        chance,
        &[
            ("notes", texts),
            ("number_of_notes", year),
            ("client_last_inbound_communication_date", instant),
            ("client_phones", texts),
        ],
    );
    let qualification = json!({"score": chance.below(3), "filter": chance.of(&["A", "B", ""])});
    let extra = json!({"number": serial(), "qualification": qualification});
    document(chance, &doc, &extra, &computed)
}

pub fn car(chance: &mut Chance) -> Document<Car> {
    let doc = some(
        chance,
        &[
            ("status", status),
            ("make", text),
            ("model", text),
            ("year", year),
            ("mileage", number),
            ("published", flag),
            ("purchase_date", instant),
            ("images", texts),
            ("equipment", equipment),
            ("weights", |chance| some(chance, &[("gross", number)])),
            ("custom", custom),
        ],
    );
    let computed = some(chance, &[("price", number), ("car_number_of_saleleads", year)]);
    document(chance, &doc, &json!({"number": serial()}), &computed)
}

/// A number that no other document has.
fn serial() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Relaxed)
}

fn name(chance: &mut Chance) -> Value {
    some(chance, &[("first_name", text), ("parsed", flag)])
}

fn contact(chance: &mut Chance) -> Value {
    some(chance, &[("name", name), ("phones", texts), ("emails", texts), ("custom", custom)])
}

pub fn client(chance: &mut Chance) -> Document<Client> {
    let doc = some(
        chance,
        &[
            ("contacts_names", texts),
            ("contacts_phones", texts),
            ("contacts", |chance| chance.list(3, contact).into()),
            ("custom", custom),
        ],
    );
    let extra = json!({"sort_name": chance.of(&TEXTS)});
    document(chance, &doc, &extra, &json!({}))
}

fn document<K: Kind>(chance: &mut Chance, doc: &Value, extra: &Value, computed: &Value) -> Document<K> {
    let at = Instant::from_millis(NOW.millis() + chance.below(3) as i64);
    let computed = read(computed);
    Document { computed, ..Document::new(id(), at, read(doc), read(extra)) }
}

fn read<T: DeserializeOwned>(tree: &Value) -> T {
    serde_json::from_value(tree.clone()).unwrap_or_else(|error| panic!("{tree}: {error}"))
}
