//! `group_by`: what a list is divided by, and what is worked out of each part.

use forecourt_record::{
    FieldError, Instant, Result,
    calendar::Zone,
    shape::Leaf,
    spec::KindSpec,
    values::{decimal, number},
};
use jiff::{ToSpan, civil::Date};
use serde_json::{Map, Value};

use crate::{
    FieldPath, Subject,
    asked::{self, code, shown},
    values_at,
};

/// The parameter, as errors point at it.
const PARAMETER: &str = "query:group_by";
/// How many keys, and how many aggregates, one question may have.
const MOST: usize = 8;
/// The longest name of a key or an aggregate, in characters.
const LONGEST_NAME: usize = 64;
/// What an answer calls its own members.
const TAKEN: [&str; 3] = ["_id", "count", "elements"];

/// How documents are grouped. Without keys they are one group.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// In the order in which they were asked for.
    pub keys: Vec<GroupKey>,
    pub aggregates: Vec<Aggregate>,
}

/// A value that the documents of a group have in common. A document with several values there counts once for each.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupKey {
    /// What the answer calls it.
    pub name: String,
    pub path: FieldPath,
    /// Instants are grouped by the local time they lie in.
    pub by: Option<Calendar>,
}

impl GroupKey {
    /// What a document has here, each value once; null where it has none.
    pub fn values(&self, subject: Subject<'_>) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        for value in values_at(&self.path, subject) {
            let value = match &self.by {
                None => value.clone(),
                Some(calendar) => {
                    let at = serde_json::from_value::<Instant>(value.clone());
                    at.map(|at| calendar.first_day(at).to_string().into()).unwrap_or_default()
                }
            };
            if !values.iter().any(|known| plain(known) == plain(&value)) {
                values.push(value);
            }
        }
        if values.is_empty() { vec![Value::Null] } else { values }
    }
}

/// One form for numbers that are equal.
pub fn plain(value: &Value) -> Value {
    match value {
        Value::Number(given) => {
            decimal(given).map_or_else(|| value.clone(), |given| Value::Number(number(given.normalize())))
        }
        other => other.clone(),
    }
}

/// Stretches of a local calendar.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    pub unit: Unit,
    pub zone: Zone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Day,
    /// From Monday on.
    Week,
    Month,
    Quarter,
    Year,
}

/// Something worked out of the values at a path, over all documents of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// What the answer calls it.
    pub name: String,
    pub function: Function,
    pub path: FieldPath,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Sum,
    Avg,
    Min,
    Max,
    CountDistinct,
}

const UNITS: [(&str, Unit); 5] = [
    ("day", Unit::Day),
    ("week", Unit::Week),
    ("month", Unit::Month),
    ("quarter", Unit::Quarter),
    ("year", Unit::Year),
];

const FUNCTIONS: [(&str, Function); 5] = [
    ("sum", Function::Sum),
    ("avg", Function::Avg),
    ("min", Function::Min),
    ("max", Function::Max),
    ("count_distinct", Function::CountDistinct),
];

impl Calendar {
    /// The first local day of the stretch that an instant lies in: its name in an answer, written as `2026-11-16`.
    pub fn first_day(&self, at: Instant) -> Date {
        let day = self.zone.date(at);
        match self.unit {
            Unit::Day => day,
            Unit::Week => day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days()),
            Unit::Month => day.first_of_month(),
            Unit::Quarter => day.first_of_month().saturating_sub(i64::from((day.month() - 1) % 3).months()),
            Unit::Year => day.first_of_year(),
        }
    }
}

/// Reads `{"status": "status.status", "month": {"$date": "created_at", "unit": "month", "timezone": "Europe/Madrid"},
/// "_aggregate": {"value": {"sum": "cost"}}}`. Without a time zone, days are those of `zone`.
///
/// Errors: `Invalid` with everything that is wrong, unknown names with the nearest one.
pub fn parse(spec: &'static KindSpec, text: &str, zone: &Zone) -> Result<Group> {
    let members = asked::object(PARAMETER, text)?;
    let mut reader = Reader { spec, zone, faults: Vec::new() };
    let mut group = Group { keys: Vec::new(), aggregates: Vec::new() };
    for (name, value) in &members {
        if name == "_aggregate" {
            group.aggregates = reader.aggregates(value);
        } else {
            reader.name(name, &[]);
            group.keys.extend(reader.key(name, value));
        }
    }
    for (what, count) in [("fields", group.keys.len()), ("aggregates", group.aggregates.len())] {
        if count > MOST {
            reader.fault(code::TOO_MANY, format!("A list is grouped by {MOST} {what} at most."));
        }
    }
    if members.is_empty() {
        reader
            .fault(code::BAD_SYNTAX, r#"Expected a field to group by, as in {"status": "status.status"}."#.to_owned());
    }
    if reader.faults.is_empty() { Ok(group) } else { Err(asked::refused(reader.faults)) }
}

struct Reader<'a> {
    spec: &'static KindSpec,
    zone: &'a Zone,
    faults: Vec<FieldError>,
}

impl Reader<'_> {
    fn fault(&mut self, code: &'static str, says: String) {
        self.faults.push(FieldError::new(PARAMETER, code, says));
    }

    fn name(&mut self, name: &str, taken: &[&str]) {
        let plain = !name.is_empty() && !name.starts_with('$') && !name.contains(['.', '\0']);
        if !plain || name.chars().count() > LONGEST_NAME || taken.contains(&name) {
            let says = format!("\"{}\" cannot be the name of a member of the answer.", shown(name));
            self.fault(code::NOT_ALLOWED, says);
        }
    }

    fn path(&mut self, name: &str, path: Option<&Value>) -> Option<FieldPath> {
        let Some(Value::String(path)) = path else {
            self.fault(code::WRONG_TYPE, format!("Expected the path of a field for \"{}\".", shown(name)));
            return None;
        };
        let (mut paths, faults) = asked::resolve(PARAMETER, self.spec, [path.as_str()].into_iter());
        self.faults.extend(faults);
        let path = paths.pop()?;
        if path.leaf == Leaf::Object {
            self.fault(code::WRONG_TYPE, format!("\"{}\" has members; name one of them.", path.text()));
        }
        Some(path)
    }

    fn key(&mut self, name: &str, value: &Value) -> Option<GroupKey> {
        let Value::Object(members) = value else {
            let path = self.path(name, Some(value))?;
            return Some(GroupKey { name: name.to_owned(), path, by: None });
        };
        for member in members.keys().filter(|member| !["$date", "unit", "timezone"].contains(&member.as_str())) {
            let says = format!("Unknown member \"{}\"; expected \"$date\", \"unit\" and \"timezone\".", shown(member));
            self.fault(code::NOT_ALLOWED, says);
        }
        let path = self.path(name, members.get("$date"));
        if path.as_ref().is_some_and(|path| !matches!(path.leaf, Leaf::Instant | Leaf::Free)) {
            self.fault(code::WRONG_TYPE, format!("\"$date\" of \"{}\" is no date.", shown(name)));
        }
        let unit = one_of(&UNITS, members.get("unit"));
        if unit.is_none() {
            self.fault(code::NOT_ALLOWED, format!("\"unit\" of \"{}\" must be one of {}.", shown(name), words(&UNITS)));
        }
        let zone = self.zone(name, members);
        Some(GroupKey { name: name.to_owned(), path: path?, by: Some(Calendar { unit: unit?, zone: zone? }) })
    }

    fn zone(&mut self, name: &str, members: &Map<String, Value>) -> Option<Zone> {
        let zone = match members.get("timezone") {
            None => return Some(self.zone.clone()),
            Some(zone) => zone.as_str().and_then(|zone| Zone::parse(zone).ok()),
        };
        if zone.is_none() {
            let says = format!("\"timezone\" of \"{}\" must be an IANA time zone, such as Europe/Madrid.", shown(name));
            self.fault(code::NOT_ALLOWED, says);
        }
        zone
    }

    fn aggregates(&mut self, value: &Value) -> Vec<Aggregate> {
        let Value::Object(members) = value else {
            self.fault(
                code::WRONG_TYPE,
                r#"Expected an object for "_aggregate", as in {"value": {"sum": "cost"}}."#.to_owned(),
            );
            return Vec::new();
        };
        members.iter().filter_map(|(name, value)| self.aggregate(name, value)).collect()
    }

    fn aggregate(&mut self, name: &str, value: &Value) -> Option<Aggregate> {
        self.name(name, &TAKEN);
        let only = value.as_object().filter(|members| members.len() == 1).and_then(|members| members.iter().next());
        let function = only.and_then(|(word, path)| Some((one_of(&FUNCTIONS, Some(&word.as_str().into()))?, path)));
        let Some((function, path)) = function else {
            let says = format!("Expected one of {} with a path for \"{}\".", words(&FUNCTIONS), shown(name));
            self.fault(code::NOT_ALLOWED, says);
            return None;
        };
        let path = self.path(name, Some(path))?;
        let adds = matches!(function, Function::Sum | Function::Avg);
        if adds && !matches!(path.leaf, Leaf::Number | Leaf::Integer | Leaf::Free | Leaf::Object) {
            self.fault(code::WRONG_TYPE, format!("\"{}\" holds no numbers that could be added.", path.text()));
        }
        Some(Aggregate { name: name.to_owned(), function, path })
    }
}

fn one_of<T: Copy>(known: &[(&str, T)], value: Option<&Value>) -> Option<T> {
    let word = value?.as_str()?;
    known.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

fn words<T>(known: &[(&str, T)]) -> String {
    known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use forecourt_record::{Kind as _, SaleLead};

    use super::*;

    fn read(text: &str) -> Result<Group, String> {
        parse(SaleLead::SPEC, text, &Zone::parse("America/Chicago").unwrap()).map_err(asked::details)
    }

    #[test]
    fn reads_keys_dates_and_aggregates_in_their_order() {
        let group = read(
            r#"{"state": "status.status", "month": {"$date": "created_at", "unit": "month", "timezone": "Europe/Madrid"},
                "day": {"$date": "created_at", "unit": "day"},
                "_aggregate": {"value": {"sum": "cost"}, "last": {"max": "created_at"}, "who": {"count_distinct": "client_id"}}}"#,
        )
        .unwrap();
        let key = |key: &GroupKey| {
            let by = key.by.as_ref().map_or(String::new(), |by| format!(" {:?} {}", by.unit, by.zone));
            format!("{}={}{by}", key.name, key.path.name())
        };
        assert_eq!(
            group.keys.iter().map(key).collect::<Vec<_>>(),
            ["state=status.status", "month=created_at Month Europe/Madrid", "day=created_at Day America/Chicago"]
        );
        let aggregate = |one: &Aggregate| format!("{}={:?} {}", one.name, one.function, one.path.name());
        assert_eq!(
            group.aggregates.iter().map(aggregate).collect::<Vec<_>>(),
            ["value=Sum cost", "last=Max created_at", "who=CountDistinct client_id"]
        );
    }

    #[test]
    fn everything_that_is_wrong_is_reported() {
        for (text, expected) in [
            ("", "This is not JSON: EOF while parsing a value at line 1 column 0."),
            ("[]", "Expected a JSON object."),
            ("{}", r#"Expected a field to group by, as in {"status": "status.status"}."#),
            (
                r#"{"a": "stauts", "b": 1, "$c": "cost", "d": "status"}"#,
                "Unknown field \"stauts\". Did you mean \"status\"? | Expected the path of a field for \"b\". | \
                 \"$c\" cannot be the name of a member of the answer. | \"status\" has members; name one of them.",
            ),
            (
                r#"{"a": {"$date": "cost", "unit": "hour", "timezone": "Mars", "x": 1}}"#,
                "Unknown member \"x\"; expected \"$date\", \"unit\" and \"timezone\". | \"$date\" of \"a\" is no date. | \
                 \"unit\" of \"a\" must be one of day, week, month, quarter, year. | \
                 \"timezone\" of \"a\" must be an IANA time zone, such as Europe/Madrid.",
            ),
            (
                r#"{"a": "cost", "_aggregate": {"count": {"sum": "cost"}, "b": {"sum": "created_at"}, "c": {"median": "cost"}, "d": 1}}"#,
                "\"count\" cannot be the name of a member of the answer. | \"created_at\" holds no numbers that could be added. | \
                 Expected one of sum, avg, min, max, count_distinct with a path for \"c\". | \
                 Expected one of sum, avg, min, max, count_distinct with a path for \"d\".",
            ),
        ] {
            assert_eq!(read(text), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_stretch_is_called_by_its_first_local_day() {
        let at: Instant = "2026-11-22T03:00:00Z".parse().unwrap();
        for (unit, day) in [
            (Unit::Day, "2026-11-21"),
            (Unit::Week, "2026-11-16"),
            (Unit::Month, "2026-11-01"),
            (Unit::Quarter, "2026-10-01"),
            (Unit::Year, "2026-01-01"),
        ] {
            let calendar = Calendar { unit, zone: Zone::parse("America/Chicago").unwrap() };
            assert_eq!(calendar.first_day(at).to_string(), day);
        }
    }
}
