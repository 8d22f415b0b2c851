//! Filters and orders written as nested parameters: `and[kilometers][]=>=|25000&or[colorId][]=3&order[field]=created`.
//!
//! A column's value may have a comparison before it, `>=|25000`; without one it is `=`. Of one column in `and`, ranges
//! and differences must all hold and one of the equalities; columns must hold together. Of `or`, any one value is
//! enough. Everything wrong is reported at once, pointed at as `query:and[kilometers]`.

use forecourt_record::{
    Car, Error, FieldError, Instant, Kind as _, Result,
    listing::{FILTERED, Filtered, Form, MEMBERS},
    shape::nearest,
    spec::Type,
    text::folded,
};
use serde_json::{Number, Value};

use crate::{Direction, FieldPath, Node, Op, SortKey, literal::shown};

/// Values one column may be compared with.
const MOST: usize = 250;
const OPERATORS: [(&str, Op); 6] =
    [("=", Op::Eq), ("<>", Op::Ne), ("<", Op::Lt), ("<=", Op::Lte), (">", Op::Gt), (">=", Op::Gte)];

/// The filter that `and` and `or` of a tree of parameters stand for.
///
/// Errors: `Invalid`.
pub fn filter(parameters: &Value) -> Result<Node> {
    let mut wrong = Vec::new();
    let all = block(parameters, "and", &mut wrong);
    let any = block(parameters, "or", &mut wrong);
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    let all = all.into_iter().map(Column::all).fold(Node::all(), Node::and);
    let any: Vec<Node> = any.into_iter().flat_map(|column| column.values).map(|(_, node)| node).collect();
    Ok(if any.is_empty() { all } else { all.and(Node::Or(any)) })
}

/// The order that `order` stands for: newest first, where nothing is said.
///
/// Errors: `Invalid`.
pub fn order(parameters: &Value) -> Result<Vec<SortKey>> {
    let Some(order) = parameters.get("order") else {
        return Ok(vec![SortKey { path: path("created_at")?, direction: Direction::Descending }]);
    };
    let mut wrong = Vec::new();
    let named = ["field", "dir"].map(|name| order.get(name).and_then(Value::as_str));
    if let Some(other) =
        order.as_object().and_then(|order| order.keys().find(|name| *name != "field" && *name != "dir"))
    {
        wrong.push(FieldError::new(
            format!("query:order[{}]", shown(other)),
            "unknown_parameter",
            "An order has field and dir.",
        ));
    }
    let field = named[0].and_then(|field| match column_of(field) {
        Ok(column) => Some(column),
        Err(detail) => {
            wrong.push(FieldError::new("query:order[field]", "not_allowed", detail));
            None
        }
    });
    let direction = match named[1] {
        Some("asc") => Some(Direction::Ascending),
        Some("desc") => Some(Direction::Descending),
        Some(_) => {
            wrong.push(FieldError::new("query:order[dir]", "not_allowed", "A direction is asc or desc."));
            None
        }
        None => None,
    };
    for (name, value) in [("field", named[0]), ("dir", named[1])] {
        if value.is_none() {
            let detail = "An order takes both field and dir, one text each.";
            wrong.push(FieldError::new(format!("query:order[{name}]"), "required", detail));
        }
    }
    match (field, direction) {
        (Some(field), Some(direction)) if wrong.is_empty() => {
            Ok(vec![SortKey { path: path(field.column)?, direction }])
        }
        _ => Err(Error::invalid(wrong)),
    }
}

/// The path by which a column is asked for.
pub fn path(column: &str) -> Result<FieldPath> {
    FieldPath::resolve(Car::SPEC, column).map_err(|unknown| Error::internal(unknown.0))
}

/// A column by its published name. Errors: a sentence that names the nearest.
pub fn column_of(name: &str) -> std::result::Result<&'static Filtered, String> {
    FILTERED.iter().find(|column| column.name == name).ok_or_else(|| {
        let near = nearest(name, FILTERED.iter().map(|column| column.name));
        let hint = near.map(|near| format!(" Did you mean \"{near}\"?")).unwrap_or_default();
        format!("There is no column \"{}\".{hint}", shown(name))
    })
}

/// A column with what it is compared with.
struct Column {
    values: Vec<(Op, Node)>,
}

impl Column {
    fn all(self) -> Node {
        let (equal, others): (Vec<_>, Vec<_>) = self.values.into_iter().partition(|(op, _)| *op == Op::Eq);
        let mut equal: Vec<Node> = equal.into_iter().map(|(_, node)| node).collect();
        let equal = match equal.len() {
            0 => Node::all(),
            1 => equal.remove(0),
            _ => Node::Or(equal),
        };
        others.into_iter().map(|(_, node)| node).fold(equal, Node::and)
    }
}

fn block(parameters: &Value, name: &str, wrong: &mut Vec<FieldError>) -> Vec<Column> {
    let columns = match parameters.get(name) {
        None => return Vec::new(),
        Some(Value::Object(columns)) => columns,
        Some(_) => {
            let detail = format!("`{name}` names columns: {name}[makeName]=Ford.");
            wrong.push(FieldError::new(format!("query:{name}"), "wrong_type", detail));
            return Vec::new();
        }
    };
    let mut read = Vec::new();
    for (column, values) in columns {
        let pointer = format!("query:{name}[{}]", shown(column));
        match self::column(column, values) {
            Ok(column) => read.push(column),
            Err((code, detail)) => wrong.push(FieldError::new(pointer, code, detail)),
        }
    }
    read
}

type Refused = (&'static str, String);

fn column(name: &str, values: &Value) -> std::result::Result<Column, Refused> {
    let column = column_of(name).map_err(|detail| ("unknown_column", detail))?;
    let path = path(column.column).map_err(|error| ("internal", error.detail))?;
    let values = texts(values)
        .ok_or_else(|| ("wrong_type", format!("`{name}` is compared with a value or a list of values.")))?;
    if values.len() > MOST {
        return Err(("too_long", format!("A column is compared with {MOST} values at most.")));
    }
    let read = values.into_iter().map(|text| comparison(column, &path, text)).collect::<std::result::Result<_, _>>()?;
    Ok(Column { values: read })
}

/// The texts of a value or a list. A list too long for the parser comes as an object of numbers.
fn texts(values: &Value) -> Option<Vec<&str>> {
    match values {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        Value::Object(items) => {
            let mut numbered: Vec<(usize, &str)> =
                items.iter().map(|(at, item)| Some((at.parse().ok()?, item.as_str()?))).collect::<Option<_>>()?;
            numbered.sort_unstable();
            Some(numbered.into_iter().map(|(_, text)| text).collect())
        }
        _ => None,
    }
}

fn comparison(column: &Filtered, path: &FieldPath, text: &str) -> std::result::Result<(Op, Node), Refused> {
    let (op, text) = match text.split_once('|') {
        None => (Op::Eq, text),
        Some((sign, text)) => {
            let known = OPERATORS.iter().find(|(known, _)| *known == sign);
            let unknown = || {
                ("unknown_operator", format!("\"{}\" is no comparison; there is =, <>, <, <=, > and >=.", shown(sign)))
            };
            (known.ok_or_else(unknown)?.1, text)
        }
    };
    let refused = |expected: String| ("wrong_type", format!("Expected {expected}, not \"{}\".", shown(text)));
    if column.kind == Type::Instant {
        return Ok((op, second(path, op, text).ok_or_else(|| refused("a date, or YYYY-MM-DD HH:MM:SS".to_owned()))?));
    }
    let form = MEMBERS.iter().find(|member| member.name == column.name).map(|member| member.form);
    let number = || text.parse::<i64>().ok().map(Number::from).or_else(|| Number::from_f64(text.parse().ok()?));
    let value = match (column.kind, form) {
        (_, Some(Form::Code(last))) => {
            let value = text.parse::<i64>().ok().filter(|code| (1..=last).contains(code)).map(Value::from);
            value.ok_or_else(|| refused(Form::Code(last).says()))?
        }
        (Type::Int, _) => text.parse::<i64>().map(Value::from).map_err(|_| refused("a whole number".to_owned()))?,
        (Type::Hundredths, _) => number().map(Value::Number).ok_or_else(|| refused("a number".to_owned()))?,
        (Type::Flag, _) => match text {
            "true" | "1" => true.into(),
            "false" | "0" => false.into(),
            _ => return Err(refused("true or false".to_owned())),
        },
        (Type::Folded, _) => folded(text).into(),
        (_, Some(form)) => {
            let value = Value::from(text);
            if !form.holds(&value) {
                return Err(refused(form.says()));
            }
            value
        }
        _ => text.into(),
    };
    let node = match op {
        Op::Ne => Node::Compare(path.clone(), Op::Eq, value).negated(),
        op => Node::Compare(path.clone(), op, value),
    };
    Ok((op, node))
}

/// A comparison with an instant that is shown to the second: it stands for all of that second.
fn second(path: &FieldPath, op: Op, text: &str) -> Option<Node> {
    const SECOND: i64 = 1000;
    let spelt = match text.split_once(' ') {
        Some((date, time)) => format!("{date}T{time}Z"),
        None => text.to_owned(),
    };
    let from = spelt.parse::<Instant>().ok()?.millis();
    let from = from - from.rem_euclid(SECOND);
    let at = |op, millis| Node::Compare(path.clone(), op, Instant::from_millis(millis).to_string().into());
    let (begins, ends) = (|op| at(op, from), |op| at(op, from + SECOND));
    Some(match op {
        Op::Eq => begins(Op::Gte).and(ends(Op::Lt)),
        Op::Ne => Node::Or(vec![begins(Op::Lt), ends(Op::Gte)]),
        Op::Lt => begins(Op::Lt),
        Op::Gte => begins(Op::Gte),
        Op::Lte => ends(Op::Lt),
        Op::Gt => ends(Op::Gte),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{as_q, qs};

    #[track_caller]
    fn check(query: &str, expected: &str) {
        let read = match filter(&qs::parse(query)) {
            Ok(node) => as_q(&node).map_or_else(|| format!("{node:?}"), |q| q.to_string()),
            Err(error) => {
                error.fields.iter().map(|one| format!("{} {}", one.pointer, one.code)).collect::<Vec<_>>().join(", ")
            }
        };
        assert_eq!(read, expected, "{query}");
    }

    #[test]
    fn filters_are_read() {
        for (query, expected) in [
            ("", "{}"),
            ("and[vehicleState]=inventory", r#"{"vehicle_state":{"$eq":"inventory"}}"#),
            ("and[makeName]=Citro%C3%ABn", r#"{"make_name":{"$eq":"citroen"}}"#),
            (
                "and[kilometers][]=>=|25000&and[kilometers][]=<=|250000",
                r#"{"kilometers":{"$gte":25000,"$lte":250000}}"#,
            ),
            ("and[colorId][]=3&and[colorId][]=4", r#"{"$or":[{"color_id":{"$eq":3}},{"color_id":{"$eq":4}}]}"#),
            ("and[colorId][]=<>|3", r#"{"$nor":[{"color_id":{"$eq":3}}]}"#),
            (
                "and[isDamaged]=false&or[colorId][0]=3&or[makeName]=Ford",
                r#"{"damaged":{"$eq":false},"$or":[{"color_id":{"$eq":3}},{"make_name":{"$eq":"ford"}}]}"#,
            ),
        ] {
            check(query, expected);
        }
    }

    #[test]
    fn mistakes_are_named_all_at_once() {
        for (query, expected) in [
            ("and=x", "query:and wrong_type"),
            ("and[colour]=3", "query:and[colour] unknown_column"),
            ("and[colorId]=blue", "query:and[colorId] wrong_type"),
            ("and[kilometers]=!=|5", "query:and[kilometers] unknown_operator"),
            (
                "and[kilometers]=>=|x&or[driveType]=both",
                "query:and[kilometers] wrong_type, query:or[driveType] wrong_type",
            ),
            ("and[kilometers][a][b]=1", "query:and[kilometers] wrong_type"),
            ("and[firstRegistration]=2017", "query:and[firstRegistration] wrong_type"),
            ("and[created]=yesterday", "query:and[created] wrong_type"),
        ] {
            check(query, expected);
        }
    }

    #[test]
    fn orders_take_both() {
        let read = |query: &str| order(&qs::parse(query)).map(|keys| (keys[0].path.name(), keys[0].direction));
        assert_eq!(read("").unwrap(), ("created_at".to_owned(), Direction::Descending));
        assert_eq!(read("order[field]=price&order[dir]=asc").unwrap().1, Direction::Ascending);
        for query in [
            "order[field]=price",
            "order[dir]=asc",
            "order=price",
            "order[field]=x&order[dir]=asc",
            "order[field]=price&order[dir]=up",
        ] {
            assert!(read(query).is_err(), "{query}");
        }
    }

    #[test]
    fn every_column_is_one_of_the_kind() {
        for column in FILTERED {
            let path = path(column.column).unwrap();
            assert_eq!(path.column.map(|known| known.name), Some(column.column), "{}", column.name);
        }
        assert_eq!(FILTERED.len(), 39);
        assert_eq!(MEMBERS.len(), 102);
    }
}
