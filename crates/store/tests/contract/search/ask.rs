//! Random questions, as MongoDB query documents, over the fields of a kind.

use serde_json::{Map, Value, json};

use super::{
    chance::Chance,
    make::{anything, instant, number, text},
};

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    Text,
    Number,
    Instant,
    Flag,
    Object,
    /// Free data.
    Any,
}

/// Fields to ask for, and the arrays among them whose elements have fields.
pub struct Fields {
    pub fields: &'static [(&'static str, Of)],
    pub arrays: &'static [(&'static str, &'static [(&'static str, Of)])],
}

const EVERY: &[(&str, Of)] = &[
    ("_id", Of::Text),
    ("created_at", Of::Instant),
    ("__v", Of::Number),
    ("status.status", Of::Text),
    ("status.assigned_at", Of::Instant),
    ("custom", Of::Any),
    ("custom.a", Of::Any),
    ("custom.b", Of::Any),
    ("custom.a.b", Of::Any),
    ("custom.a.0", Of::Any),
    ("custom.a.0.b", Of::Any),
    ("custom.b.1.a", Of::Any),
    ("custom.0", Of::Any),
    ("custom.c.0.0", Of::Any),
    ("custom.01", Of::Any),
    ("custom.a.b.c", Of::Any),
    ("custom.it's \"\\.é", Of::Any),
    ("custom.$x", Of::Any),
    ("custom.missing", Of::Any),
];

pub const LEADS: Fields = Fields {
    fields: &[
        ("status", Of::Object),
        ("location", Of::Text),
        ("inquiry", Of::Text),
        ("foreign_ids", Of::Text),
        ("foreign_ids.0", Of::Text),
        ("assigned.to", Of::Text),
        ("assigned.at", Of::Instant),
        ("assigned.1.at", Of::Instant),
        ("current_assigned.to", Of::Text),
        ("origin.source", Of::Text),
        ("car_list.car.make", Of::Text),
        ("car_list.car.year", Of::Number),
        ("car_list.car.price", Of::Number),
        ("car_list.0.car.year", Of::Number),
        ("car_list.car.extras", Of::Text),
        ("car_list.car.equipment.package_items.code", Of::Text),
        ("car_list.car.custom.a", Of::Any),
        ("car_list.0.car.custom.0", Of::Any),
        ("cost", Of::Number),
        ("finance.rate", Of::Number),
        ("notification.done", Of::Flag),
        ("notification.notify_to", Of::Text),
        ("score", Of::Number),
        ("filter", Of::Text),
        ("computed.notes", Of::Text),
        ("computed.number_of_notes", Of::Number),
        ("computed.client_last_inbound_communication_date", Of::Instant),
    ],
    arrays: &[
        ("assigned", &[("to", Of::Text), ("at", Of::Instant)]),
        (
            "car_list",
            &[("car.make", Of::Text), ("car.year", Of::Number), ("car.custom.a", Of::Any), ("car", Of::Object)],
        ),
        ("car_list.car.equipment", &[("code", Of::Text), ("price", Of::Number), ("optional", Of::Flag)]),
        ("custom.a", &[("a", Of::Any), ("b", Of::Any), ("0", Of::Any), ("0.b", Of::Any)]),
        ("custom.b.0", &[("a", Of::Any), ("c.0", Of::Any)]),
    ],
};

pub const CARS: Fields = Fields {
    fields: &[
        ("make", Of::Text),
        ("model", Of::Text),
        ("year", Of::Number),
        ("mileage", Of::Number),
        ("published", Of::Flag),
        ("purchase_date", Of::Instant),
        ("images", Of::Text),
        ("images.1", Of::Text),
        ("equipment.code", Of::Text),
        ("equipment.price", Of::Number),
        ("weights.gross", Of::Number),
        ("weights", Of::Object),
        ("computed.price", Of::Number),
        ("computed.car_number_of_saleleads", Of::Number),
    ],
    arrays: &[
        ("equipment", &[("code", Of::Text), ("price", Of::Number), ("package_items.code", Of::Text)]),
        ("custom.b", &[("a", Of::Any), ("b.a", Of::Any), ("1", Of::Any)]),
    ],
};

pub const CLIENTS: Fields = Fields {
    fields: &[
        ("contacts_names", Of::Text),
        ("contacts_phones", Of::Text),
        ("contacts.name.first_name", Of::Text),
        ("contacts.name.parsed", Of::Flag),
        ("contacts.phones", Of::Text),
        ("contacts.phones.0", Of::Text),
        ("contacts.0.phones", Of::Text),
        ("contacts.custom.a", Of::Any),
        ("sort_name", Of::Text),
    ],
    arrays: &[
        ("contacts", &[("name.first_name", Of::Text), ("phones", Of::Text), ("custom.b", Of::Any)]),
        ("custom.c", &[("a", Of::Any), ("0", Of::Any)]),
    ],
};

impl Fields {
    /// A field to ask for. Clients have no status.
    fn field(&self, chance: &mut Chance) -> (&'static str, Of) {
        loop {
            let field = if chance.once_in(2) { chance.of(EVERY) } else { chance.of(self.fields) };
            let has_status = self.fields.iter().all(|(name, _)| *name != "contacts_names");
            if has_status || !field.0.starts_with("status") {
                return field;
            }
        }
    }

    /// A field to sort by.
    pub fn sort(&self, chance: &mut Chance) -> &'static str {
        self.field(chance).0
    }

    pub fn question(&self, chance: &mut Chance, deep: usize) -> Value {
        if deep > 0 && chance.once_in(3) {
            let name = chance.of(&["$and", "$or", "$nor"]);
            let parts: Vec<Value> = (0..=chance.below(3)).map(|_| self.question(chance, deep - 1)).collect();
            return json!({(name): parts});
        }
        let mut members = Map::new();
        for _ in 0..=chance.below(2) {
            let (name, asked) = self.condition(chance);
            members.insert(name.to_owned(), asked);
        }
        members.into()
    }

    fn condition(&self, chance: &mut Chance) -> (&'static str, Value) {
        if chance.once_in(6) {
            let (array, fields) = chance.of(self.arrays);
            return (array, with_not(chance, |chance| json!({"$elemMatch": elements(chance, fields)})));
        }
        let (name, of) = self.field(chance);
        if chance.once_in(5) {
            return (name, literal(chance, of));
        }
        (name, with_not(chance, |chance| operators(chance, of)))
    }
}

/// The operators, or the opposite.
fn with_not(chance: &mut Chance, make: impl FnOnce(&mut Chance) -> Value) -> Value {
    let asked = make(chance);
    if chance.once_in(6) { json!({"$not": asked}) } else { asked }
}

fn elements(chance: &mut Chance, fields: &[(&'static str, Of)]) -> Value {
    let mut members = Map::new();
    for _ in 0..chance.below(3) {
        let (name, of) = chance.of(fields);
        let asked = if chance.once_in(3) { literal(chance, of) } else { operators(chance, of) };
        members.insert(name.to_owned(), asked);
    }
    if chance.once_in(4) {
        return json!({"$or": [members, {}]});
    }
    members.into()
}

fn single(chance: &mut Chance, of: Of) -> Value {
    match of {
        Of::Text => text(chance),
        Of::Number => number(chance),
        Of::Instant if chance.once_in(4) => {
            chance.of(&["2026-11-21", "2026-11-21T09:30:00+01:00", "0001-01-01"]).into()
        }
        Of::Instant => instant(chance),
        Of::Flag => chance.once_in(2).into(),
        Of::Object => json!({}),
        Of::Any => anything(chance, 0),
    }
}

fn literal(chance: &mut Chance, of: Of) -> Value {
    match of {
        _ if chance.once_in(8) => Value::Null,
        Of::Any if chance.once_in(3) => {
            let value = anything(chance, 2);
            let is_question = value.as_object().is_some_and(|members| members.contains_key("$x"));
            if is_question { json!([value]) } else { value }
        }
        of => single(chance, of),
    }
}

fn operators(chance: &mut Chance, of: Of) -> Value {
    let mut members = Map::new();
    for _ in 0..=usize::from(chance.once_in(4)) {
        let (name, value) = operator(chance, of);
        if name == "$regex" && chance.once_in(3) {
            members.insert("$options".into(), chance.of(&["i", "m", "s", "x", "im", "u"]).into());
        }
        members.insert(name.into(), value);
    }
    if !members.contains_key("$regex") {
        members.remove("$options");
    }
    members.into()
}

fn operator(chance: &mut Chance, of: Of) -> (&'static str, Value) {
    const PATTERNS: [&str; 22] = [
        "a",
        "^a",
        "a$",
        "^$",
        "",
        "F.*1",
        "[a-c]|é",
        r"\bf",
        r"\d+",
        r"\w",
        r"\W",
        "^two$",
        "two.lines",
        "(?i)FORD",
        "x{200}",
        r"\s",
        r"(a|b)?b",
        r"[^a]",
        "it's \"",
        r"\p{L}1?",
        "k",
        r"\Ba",
    ];
    const TYPES: [&str; 11] =
        ["double", "string", "object", "array", "bool", "date", "null", "int", "long", "number", "objectId"];
    match chance.below(if matches!(of, Of::Object) { 4 } else { 18 }) {
        0 => ("$exists", chance.of(&[json!(true), json!(false), json!(0), json!("no"), Value::Null])),
        1 => (
            "$type",
            if chance.once_in(2) { chance.of(&TYPES).into() } else { json!([chance.of(&TYPES), chance.of(&TYPES)]) },
        ),
        2 => ("$size", chance.below(4).into()),
        3 | 5 => ("$ne", literal(chance, of)),
        4 => ("$eq", literal(chance, of)),
        6 => ("$in", chance.list(4, |chance| literal(chance, of)).into()),
        7 => ("$nin", chance.list(4, |chance| literal(chance, of)).into()),
        8 => ("$all", chance.list(2, |chance| literal(chance, of)).into()),
        9 => ("$regex", chance.of(&PATTERNS).into()),
        10 => ("$mod", json!([chance.of(&[1, 2, 3, -2, 10]), chance.of(&[0, 1, -1])])),
        11 => {
            let inner = loop {
                let (name, value) = operator(chance, of);
                if name != "$not" {
                    break json!({(name): value});
                }
            };
            ("$elemMatch", inner)
        }
        12 | 13 => ("$gt", single(chance, of)),
        14 => ("$gte", single(chance, of)),
        15 => ("$lt", single(chance, of)),
        _ => ("$lte", single(chance, of)),
    }
}
