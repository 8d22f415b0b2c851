//! What a hot column, or the table of multiple values, can say of a condition: all of it, a necessary part, or nothing.

use forecourt_record::{
    Instant,
    shape::Leaf,
    spec::{KindSpec, Type},
    text,
};
use serde_json::Value;

use super::Binds;
use crate::{
    Op, column_text,
    path::{self, FieldPath},
    rank::Decimal,
    tree::Node,
};

pub enum Column {
    /// True exactly where the condition holds; null counts as false.
    Exact(String),
    /// True at least where the condition holds: worth asking first, since an index may know it.
    Narrows(String),
    No,
}

/// A text no longer than this is told apart from every text that a column has cut: those are longer.
const WHOLE: usize = 252;

/// Whether a column that is equal to this text holds all of it.
pub const fn is_whole(text: &str) -> bool {
    text.len() <= WHOLE
}

/// Beyond this, floats are not whole numbers one apart.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What a literal is in a column.
enum Held {
    Same(crate::Value),
    /// Other literals are the same there.
    Like(crate::Value),
    /// No document has it.
    Never,
    Unknown,
}

/// The condition of a leaf by what is stored beside the documents. The dealer is at `?1`.
pub fn beside(leaf: &Node, spec: &KindSpec, binds: &mut Binds) -> Column {
    let Some(path) = super::path_of(leaf) else { return Column::No };
    match (path.column, path.multi) {
        (Some(column), _) => in_column(leaf, path, column, binds),
        (None, Some(field)) => in_multi(leaf, field, spec, binds),
        (None, None) => Column::No,
    }
}

/// Texts that are equal to whole ones are looked up by them.
fn in_multi(leaf: &Node, field: &str, spec: &KindSpec, binds: &mut Binds) -> Column {
    let literals = match leaf {
        Node::Compare(_, Op::Eq, literal) => std::slice::from_ref(literal),
        Node::In(_, literals) => literals.as_slice(),
        _ => return Column::No,
    };
    let texts: Option<Vec<&str>> =
        literals.iter().map(|literal| literal.as_str().filter(|text| is_whole(text))).collect();
    match texts {
        None => Column::No,
        Some(texts) if texts.is_empty() => Column::Exact("FALSE".into()),
        Some(texts) => {
            let (kind, field) = (binds.text(spec.name), binds.text(field));
            let values: Vec<_> = texts.into_iter().map(|text| binds.text(text)).collect();
            Column::Exact(format!(
                "id IN (SELECT multi.id FROM multi WHERE multi.dealer_id = ?1 AND multi.kind = {kind} \
                 AND multi.field = {field} AND multi.value IN ({}))",
                values.join(", ")
            ))
        }
    }
}

/// The condition of a leaf by the column of its path.
fn in_column(leaf: &Node, path: &FieldPath, column: path::Column, binds: &mut Binds) -> Column {
    let name = column.name;
    match leaf {
        Node::Exists(_) => Column::Exact(format!("{name} IS NOT NULL")),
        Node::Compare(_, Op::Eq, Value::Null) => Column::Exact(format!("{name} IS NULL")),
        Node::Compare(_, op, literal) => match (held(path, column, literal), op) {
            (Held::Never, Op::Eq) => Column::Exact("FALSE".into()),
            (Held::Same(value), Op::Eq | Op::Gt | Op::Gte | Op::Lt | Op::Lte) => {
                Column::Exact(format!("{name} {} {}", sign(*op), binds.value(value)))
            }
            (Held::Like(value), Op::Eq) => Column::Narrows(format!("{name} = {}", binds.value(value))),
            (Held::Like(value), Op::Gt | Op::Gte) if column.kind != Type::Folded => {
                Column::Narrows(format!("{name} >= {}", binds.value(value)))
            }
            (Held::Like(value), Op::Lt | Op::Lte) if column.kind != Type::Folded => {
                Column::Narrows(format!("{name} <= {}", binds.value(value)))
            }
            _ => Column::No,
        },
        Node::In(_, literals) => any_of(path, column, literals, binds),
        _ => Column::No,
    }
}

fn any_of(path: &FieldPath, column: path::Column, literals: &[Value], binds: &mut Binds) -> Column {
    let (mut values, mut exact, mut null) = (Vec::new(), true, false);
    for literal in literals {
        match held(path, column, literal) {
            _ if literal.is_null() => null = true,
            Held::Same(value) => values.push(value),
            Held::Like(value) => {
                values.push(value);
                exact = false;
            }
            Held::Never => {}
            Held::Unknown => return Column::No,
        }
    }
    let name = column.name;
    let mut ways = Vec::new();
    if !values.is_empty() {
        let places: Vec<_> = values.into_iter().map(|value| binds.value(value)).collect();
        ways.push(format!("{name} IN ({})", places.join(", ")));
    }
    if null {
        ways.push(format!("{name} IS NULL"));
    }
    let sql = match ways.as_slice() {
        [] => "FALSE".to_owned(),
        [only] => only.clone(),
        many => format!("({})", many.join(" OR ")),
    };
    if exact { Column::Exact(sql) } else { Column::Narrows(sql) }
}

pub const fn sign(op: Op) -> &'static str {
    match op {
        Op::Eq | Op::Ne => "=",
        Op::Gt => ">",
        Op::Gte => ">=",
        Op::Lt => "<",
        Op::Lte => "<=",
    }
}

fn held(path: &FieldPath, column: path::Column, literal: &Value) -> Held {
    match (column.kind, literal) {
        (Type::Text, Value::String(text)) if is_whole(text) => Held::Same(text.as_str().into()),
        (Type::Text, Value::String(text)) => Held::Like(column_text(text).into()),
        (Type::Folded, Value::String(text)) => Held::Like(column_text(&text::folded(text)).into()),
        (Type::Instant, Value::String(text)) => match text.parse::<Instant>() {
            Ok(instant) => Held::Same(instant.millis().into()),
            Err(_) => Held::Unknown,
        },
        (Type::Flag, Value::Bool(flag)) => Held::Same(crate::Value::Int((*flag).into())),
        (Type::Int, Value::Number(number)) if path.leaf == Leaf::Integer => {
            let decimal = Decimal::of(number);
            match decimal.truncated() {
                Some(whole) if decimal.is_whole() => Held::Same(whole.into()),
                Some(_) => Held::Never,
                None => Held::Unknown,
            }
        }
        (Type::Int | Type::Hundredths, Value::Number(number)) => {
            let scale = if column.kind == Type::Int { 1 } else { 100 };
            // Rounding keeps the order, as far as floats are near enough to each other.
            let near = number.as_f64().is_some_and(|float| (float * f64::from(scale)).abs() < EXACT);
            match rounded(number, scale).filter(|_| near) {
                Some(value) => Held::Like(value.into()),
                None => Held::Unknown,
            }
        }
        _ => Held::Unknown,
    }
}

/// So many times a number, as a column of whole numbers holds it.
pub fn rounded(number: &serde_json::Number, scale: i32) -> Option<i64> {
    let whole = number.as_i64().filter(|_| scale == 1);
    whole.or_else(|| number.as_f64().map(|float| (float * f64::from(scale)).round() as i64))
}
