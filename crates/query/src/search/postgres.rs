//! Conditions on documents in PostgreSQL's JSON paths and operators.
//!
//! A path without numbers is a JSON path in lax mode, which looks into the objects of an array as MongoDB does. Where a
//! number may name an element, or where what is missing counts, the path is walked step by step in joined sub-selects;
//! a missing value is an SQL null there.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Binds;
use crate::{
    Op,
    path::{FieldPath, Root, index},
    tree::{Element, JsonType, Node},
};

/// Stands for the value in a condition that is yet to be written of one.
const IT: &str = "\u{1}";

/// The condition of a node on the documents of a row.
pub fn condition(node: &Node, binds: &mut Binds) -> String {
    Writer { binds, element: String::new() }.node(node)
}

/// What is asked of each value at a path.
enum Test {
    /// A filter of a JSON path, with its variable: of a value, or of the elements of an array.
    Filter(String, Value),
    /// A condition on [`IT`], the value or an element of an array.
    Each(String),
    /// A condition on [`IT`], the value.
    Value(String),
}

struct Writer<'a> {
    binds: &'a mut Binds,
    /// The element that paths of [`Root::Element`] begin in.
    element: String,
}

impl Writer<'_> {
    fn node(&mut self, node: &Node) -> String {
        match node {
            Node::And(parts) => self.list(parts, " AND ", "TRUE"),
            Node::Or(parts) => self.list(parts, " OR ", "FALSE"),
            Node::Not(inner) => format!("(NOT {})", self.node(inner)),
            // The words of a document are no part of its trees.
            Node::Text(_) | Node::Phrase(_) => "FALSE".into(),
            Node::Compare(path, Op::Ne, literal) => format!("(NOT {})", self.compare(path, Op::Eq, literal)),
            Node::Compare(path, op, literal) => self.compare(path, *op, literal),
            Node::In(path, literals) => self.any_of(path, literals),
            Node::Exists(path) => self.test(path, &Test::Value(format!("{IT} IS NOT NULL"))),
            Node::Type(path, types) => {
                let ways: Vec<_> = types.iter().map(|kind| of_type(*kind)).collect();
                match ways.as_slice() {
                    [] => "FALSE".into(),
                    ways => self.test(path, &Test::Each(format!("({})", ways.join(" OR ")))),
                }
            }
            Node::Regex(path, pattern) => {
                // It was written once already, when it was checked.
                let Ok(written) = pattern.postgres() else { return "FALSE".into() };
                let place = self.binds.cast(written, "TEXT");
                let text = format!("({IT} #>> '{{}}') COLLATE \"C\"");
                self.test(path, &Test::Each(format!("(jsonb_typeof({IT}) = 'string' AND {text} ~ {place})")))
            }
            Node::Size(path, size) => {
                let place = self.binds.value(i64::try_from(*size).unwrap_or(i64::MAX).into());
                self.test(
                    path,
                    &Test::Value(format!(
                        "CASE WHEN jsonb_typeof({IT}) = 'array' \
                         THEN jsonb_array_length({IT}) = CAST({place} AS BIGINT) ELSE FALSE END"
                    )),
                )
            }
            Node::Mod(path, divisor, remainder) => {
                let mut number = |number: i64| format!("CAST({} AS BIGINT)", self.binds.value(number.into()));
                let (divisor, remainder) = (number(*divisor), number(*remainder));
                let cut = format!("trunc({})", number_in(IT));
                let holds =
                    format!("{cut} BETWEEN {} AND {} AND mod({cut}, {divisor}) = {remainder}", i64::MIN, i64::MAX);
                self.test(path, &Test::Each(of_number(&holds)))
            }
            Node::ElemMatch(path, element, inner) => {
                let name = self.binds.name();
                let outer = std::mem::replace(&mut self.element, format!("{name}.v"));
                let inner = self.node(inner);
                self.element = outer;
                let looks_at = match element {
                    Element::Object => format!("jsonb_typeof({name}.v) IN ('object', 'array') AND "),
                    Element::Value => String::new(),
                };
                let rows = items(IT, "FALSE");
                self.test(
                    path,
                    &Test::Value(format!("EXISTS (SELECT 1 FROM {rows} AS {name}(v) WHERE {looks_at}{inner})")),
                )
            }
        }
    }

    fn list(&mut self, parts: &[Node], joint: &str, empty: &str) -> String {
        match parts {
            [] => empty.to_owned(),
            parts => format!("({})", parts.iter().map(|part| self.node(part)).collect::<Vec<_>>().join(joint)),
        }
    }

    fn compare(&mut self, path: &FieldPath, op: Op, literal: &Value) -> String {
        let kind = match literal {
            Value::Null if op == Op::Eq => return self.null(path),
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) | Value::Object(_) if op == Op::Eq => {
                let place = self.binds.cast(literal.to_string(), "JSONB");
                return self.test(path, &Test::Each(format!("{IT} = {place}")));
            }
            // Nothing has an order with these.
            Value::Null | Value::Array(_) | Value::Object(_) => return "FALSE".into(),
        };
        let sign = if op == Op::Eq { "==" } else { super::columns::sign(op) };
        // The type is asked for, since an array inside an array would be taken apart to be compared.
        let filter = format!("@.type() == \"{kind}\" && @ {sign} $x");
        self.test(path, &Test::Filter(filter, literal.clone()))
    }

    fn any_of(&mut self, path: &FieldPath, literals: &[Value]) -> String {
        let is_plain = |literal: &&Value| literal.is_boolean() || literal.is_number() || literal.is_string();
        let (plain, others): (Vec<&Value>, Vec<&Value>) = literals.iter().partition(is_plain);
        let mut ways = Vec::new();
        if !plain.is_empty() {
            let filter = "@.type() != \"array\" && @.type() != \"object\" && @ == $x[*]";
            ways.push(self.test(path, &Test::Filter(filter.into(), json!(plain))));
        }
        ways.extend(others.into_iter().map(|literal| self.compare(path, Op::Eq, literal)));
        if ways.is_empty() { "FALSE".into() } else { format!("({})", ways.join(" OR ")) }
    }

    /// Null or missing.
    fn null(&mut self, path: &FieldPath) -> String {
        if path.segments.is_empty() {
            return format!("{} = 'null'", self.element);
        }
        if !path.many && path.root != Root::Element {
            let start = self.start(path);
            let path = self.json_path(path, " ? (@.type() != \"null\")");
            return format!("(NOT jsonb_path_exists({start}, {path}))");
        }
        let name = self.binds.name();
        let rows = self.steps(path, &name);
        format!(
            "EXISTS (SELECT 1 FROM {rows} WHERE {name}.v IS NULL \
             OR CASE WHEN {name}.w THEN {name}.v = 'null' ELSE {name}.v @> 'null' END)"
        )
    }

    /// Whether a value at the path passes.
    fn test(&mut self, path: &FieldPath, test: &Test) -> String {
        if path.segments.is_empty() {
            let element = self.element.clone();
            return match test {
                Test::Filter(filter, variable) => self.filtered(&element, "strict $", filter, variable),
                Test::Each(condition) | Test::Value(condition) => condition.replace(IT, &element),
            };
        }
        let name = self.binds.name();
        let (rows, whole) = if path.is_indexed() {
            (self.steps(path, &name), format!("{name}.w"))
        } else {
            let start = self.start(path);
            match test {
                Test::Filter(filter, variable) => return self.filtered(&start, &written(path), filter, variable),
                // That there is a value is all that is asked.
                Test::Value(condition) if *condition == format!("{IT} IS NOT NULL") => {
                    return format!("jsonb_path_exists({start}, {})", self.json_path(path, ""));
                }
                Test::Each(_) | Test::Value(_) => {}
            }
            (format!("jsonb_path_query({start}, {}) AS {name}(v)", self.json_path(path, "")), "FALSE".to_owned())
        };
        let value = format!("{name}.v");
        let condition = match test {
            Test::Filter(filter, variable) => {
                let (strict, lax) =
                    (self.filtered(&value, "strict $", filter, variable), self.filtered(&value, "$", filter, variable));
                format!("CASE WHEN {whole} THEN {strict} ELSE {lax} END")
            }
            Test::Value(condition) => condition.replace(IT, &value),
            Test::Each(condition) => {
                let item = self.binds.name();
                let (rows, of_item) = (items(&value, &whole), condition.replace(IT, &format!("{item}.v")));
                let of_value = condition.replace(IT, &value);
                format!("({of_value} OR EXISTS (SELECT 1 FROM {rows} AS {item}(v) WHERE {of_item}))")
            }
        };
        format!("EXISTS (SELECT 1 FROM {rows} WHERE {condition})")
    }

    fn filtered(&mut self, value: &str, path: &str, filter: &str, variable: &Value) -> String {
        let path = self.binds.cast(format!("{path} ? ({filter})"), "JSONPATH");
        let variables = self.binds.cast(json!({"x": variable}).to_string(), "JSONB");
        format!("jsonb_path_exists({value}, {path}, {variables})")
    }

    fn json_path(&mut self, path: &FieldPath, filter: &str) -> String {
        self.binds.cast(format!("{}{filter}", written(path)), "JSONPATH")
    }

    /// The tree that a path begins in.
    fn start(&self, path: &FieldPath) -> String {
        match path.root {
            Root::Doc => "doc".into(),
            Root::Extra => "extra".into(),
            Root::Computed => "computed".into(),
            // An array stands for an object whose names are its numbers, none of which is asked for.
            Root::Element if !path.is_indexed() => {
                format!("CASE WHEN jsonb_typeof({0}) = 'array' THEN '{{}}' ELSE {0} END", self.element)
            }
            Root::Element => self.element.clone(),
        }
    }

    /// The rows of everything at a path: `v` is the value, null where it is missing, and `w` says that an array there is
    /// not taken apart. On the way, `m` says that an array stands for an object whose names are its numbers.
    fn steps(&mut self, path: &FieldPath, name: &str) -> String {
        let mut before = self.binds.name();
        let as_object = if path.root == Root::Element { "TRUE" } else { "FALSE" };
        let mut rows = format!("(SELECT {} AS v, {as_object} AS m, FALSE AS w) AS {before}", self.start(path));
        for (at, segment) in path.segments.iter().enumerate() {
            let last = at + 1 == path.segments.len();
            let here = if last { name.to_owned() } else { self.binds.name() };
            let item = self.binds.name();
            let key = self.binds.cast(segment.as_str(), "TEXT");
            let element = index(segment).and_then(|index| i32::try_from(index).ok());
            let numbered =
                element.map(|at| format!(" WHEN jsonb_typeof({before}.v) = 'array' THEN {before}.v -> {at}"));
            let mut step = format!(
                "SELECT CASE WHEN jsonb_typeof({before}.v) = 'object' THEN {before}.v -> {key}{} END AS v, \
                 FALSE AS m, FALSE AS w WHERE {before}.m OR jsonb_typeof({before}.v) IS DISTINCT FROM 'array' \
                 UNION ALL SELECT {item}.v -> {key}, FALSE, FALSE FROM {} AS {item}(v) \
                 WHERE jsonb_typeof({item}.v) = 'object'",
                numbered.unwrap_or_default(),
                items(&format!("{before}.v"), &format!("{before}.m"))
            );
            if let Some(at) = element {
                let found = format!("CASE WHEN jsonb_typeof({before}.v) = 'array' THEN {before}.v -> {at} END");
                let enters =
                    if last { "IS NOT NULL" } else { "IS NOT NULL AND jsonb_typeof({found}) IN ('object', 'array')" };
                let enters = enters.replace("{found}", &found);
                let _ =
                    write!(step, " UNION ALL SELECT {found}, TRUE, {last} WHERE NOT {before}.m AND {found} {enters}");
            }
            let _ = write!(rows, " CROSS JOIN LATERAL ({step}) AS {here}");
            before = here;
        }
        rows
    }
}

/// The rows of everything at a path, the elements of an array in its place: `v` is the value, null where it is missing,
/// and `e` says that it stands for an array without elements.
pub fn expanded(path: &FieldPath, name: &str, binds: &mut Binds) -> String {
    let at = binds.name();
    let rows = Writer { binds, element: String::new() }.steps(path, &at);
    let (value, whole) = (format!("{at}.v"), format!("{at}.w"));
    let is_list = format!("(NOT {whole} AND jsonb_typeof({value}) = 'array')");
    format!(
        "{rows} CROSS JOIN LATERAL (SELECT {value} AS v, FALSE AS e WHERE {is_list} IS NOT TRUE \
         UNION ALL SELECT x.v, FALSE FROM {} AS x(v) \
         UNION ALL SELECT NULL, TRUE WHERE CASE WHEN {is_list} THEN jsonb_array_length({value}) = 0 ELSE FALSE END) \
         AS {name}",
        items(&value, &whole)
    )
}

/// The class of a value among the types, its number and its text: what documents are sorted by, as one row named `name`
/// to be joined to the table. The least of several values upwards, the greatest downwards.
pub fn ranked(path: &FieldPath, name: &str, direction: &str, binds: &mut Binds) -> String {
    let item = binds.name();
    let rows = expanded(path, &item, binds);
    let number = number_in(&format!("{item}.v"));
    format!(
        " LEFT JOIN LATERAL (SELECT CASE WHEN {item}.e THEN 0 ELSE CASE jsonb_typeof({item}.v) WHEN 'number' THEN 2 \
         WHEN 'string' THEN 3 WHEN 'object' THEN 4 WHEN 'array' THEN 5 WHEN 'boolean' THEN 6 ELSE 1 END END AS c, \
         CASE jsonb_typeof({item}.v) WHEN 'boolean' THEN CASE WHEN {item}.v = 'true' THEN 1 ELSE 0 END \
         WHEN 'number' THEN {number} END AS n, \
         CASE WHEN jsonb_typeof({item}.v) = 'string' THEN {item}.v #>> '{{}}' END COLLATE \"C\" AS t \
         FROM {rows} ORDER BY 1 {direction}, 2 {direction}, 3 {direction} LIMIT 1) AS {name} ON TRUE"
    )
}

/// The elements of `value` where it is an array and may be taken apart, else nothing.
pub fn items(value: &str, whole: &str) -> String {
    format!(
        "jsonb_array_elements(CASE WHEN NOT {whole} AND jsonb_typeof({value}) = 'array' THEN {value} ELSE '[]' END)"
    )
}

/// A path of names, as a JSON path.
pub fn written(path: &FieldPath) -> String {
    // JSON paths quote names as JSON quotes texts.
    path.segments.iter().fold("$".to_owned(), |path, name| path + "." + &Value::from(name.as_str()).to_string())
}

/// A JSON number as a decimal.
fn number_in(value: &str) -> String {
    format!("CAST({value} AS NUMERIC)")
}

fn of_number(condition: &str) -> String {
    format!("CASE WHEN jsonb_typeof({IT}) = 'number' THEN {condition} ELSE FALSE END")
}

fn of_type(kind: JsonType) -> String {
    let whole = format!("{0} = trunc({0})", number_in(IT));
    let between = |least: i64, most: i64| format!("{} BETWEEN {least} AND {most}", number_in(IT));
    let (int, long) = (between(i32::MIN.into(), i32::MAX.into()), between(i64::MIN, i64::MAX));
    match kind {
        JsonType::Null => format!("jsonb_typeof({IT}) = 'null'"),
        JsonType::Flag => format!("jsonb_typeof({IT}) = 'boolean'"),
        JsonType::Text => format!("jsonb_typeof({IT}) = 'string'"),
        JsonType::Object => format!("jsonb_typeof({IT}) = 'object'"),
        JsonType::Array => format!("jsonb_typeof({IT}) = 'array'"),
        JsonType::Int => of_number(&format!("{whole} AND {int}")),
        JsonType::Long => of_number(&format!("{whole} AND {long} AND NOT {int}")),
        JsonType::Double => of_number(&format!("NOT ({whole} AND {long})")),
    }
}
