//! `q`: a MongoDB query document, as JSON or in brackets.
//!
//! Every error is reported at once, each with the JSON Pointer of the place in the question.

mod brackets;

use forecourt_record::{Error, FieldError, Result, shape::Leaf, spec::KindSpec};
use serde_json::{Map, Number, Value};

use crate::{
    Op,
    literal::{Written, kind, shown},
    path::{Base, Resolved},
    pattern::Pattern,
    rank::Decimal,
    tree::{Element, JsonType, Node},
};

/// Bytes a question may have.
const LARGEST: usize = 16 << 10;
/// How deep a question may nest.
const DEEPEST: usize = 20;
/// Errors one answer carries.
const MOST: usize = 20;

/// Reads a question written as JSON.
///
/// Errors: `Invalid`, each failing place behind `query:q`.
pub fn parse(spec: &KindSpec, text: &str) -> Result<Node> {
    check_size(text.len())?;
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => value,
        Err(error) => return Err(refused("", "malformed", format!("q is not valid JSON: {error}."))),
    };
    read(spec, &value, Written::Json)
}

/// Reads a question written in brackets: the pairs of a query string whose names begin with `q`, such as
/// `q[status.status]=won` or `q[year][$in][]=2020`, decoded. Their values are read by the types of the fields.
///
/// Errors: as [`parse`].
pub fn parse_brackets(spec: &KindSpec, pairs: &[(String, String)]) -> Result<Node> {
    check_size(pairs.iter().map(|(name, value)| name.len() + value.len() + 2).sum())?;
    let value =
        brackets::read(pairs).map_err(|(name, detail)| Error::field(format!("query:{name}"), "malformed", detail))?;
    read(spec, &value, Written::Text)
}

fn check_size(bytes: usize) -> Result<()> {
    if bytes > LARGEST {
        return Err(refused("", "too_long", format!("q may have {} KiB.", LARGEST >> 10)));
    }
    Ok(())
}

fn refused(pointer: &str, code: &'static str, detail: impl Into<String>) -> Error {
    Error::field(format!("query:q{pointer}"), code, detail)
}

fn read(spec: &KindSpec, value: &Value, written: Written) -> Result<Node> {
    if depth(value) > DEEPEST {
        return Err(refused("", "too_deep", format!("q may be nested {DEEPEST} deep.")));
    }
    let mut reader = Reader { written, errors: Vec::new() };
    let node = reader.document(Base::document(spec), value, &At::Top);
    if reader.errors.is_empty() {
        return Ok(node);
    }
    reader.errors.truncate(MOST);
    Err(Error::invalid(reader.errors))
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Where the reader stands.
enum At<'a> {
    Top,
    Member(&'a At<'a>, &'a str),
    Item(&'a At<'a>, usize),
}

impl At<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Top => "query:q".into(),
            Self::Member(parent, name) => {
                format!("{}/{}", parent.pointer(), shown(name).replace('~', "~0").replace('/', "~1"))
            }
            Self::Item(parent, at) => format!("{}/{at}", parent.pointer()),
        }
    }
}

struct Reader {
    written: Written,
    errors: Vec<FieldError>,
}

impl Reader {
    /// Notes an error; what is read on stands for nothing.
    fn refuse(&mut self, at: &At<'_>, code: &'static str, detail: impl Into<String>) -> Node {
        self.errors.push(FieldError::new(at.pointer(), code, detail));
        Node::none()
    }

    fn document(&mut self, base: Base<'_>, value: &Value, at: &At<'_>) -> Node {
        let Value::Object(members) = value else {
            return self.refuse(at, "wrong_type", format!("Expected an object of fields, not {}.", kind(value)));
        };
        let parts = members.iter().map(|(name, value)| {
            let at = At::Member(at, name);
            match name.as_str() {
                "$and" => Node::And(self.documents(base, value, &at)),
                "$or" => Node::Or(self.documents(base, value, &at)),
                "$nor" => Node::Or(self.documents(base, value, &at)).negated(),
                name if name.starts_with('$') => self.unknown(name, &at),
                path => match base.resolve(path) {
                    Ok(resolved) => self.field(&resolved, value, &at),
                    Err(unknown) => self.refuse(&at, "unknown_field", unknown.0),
                },
            }
        });
        joined(parts.collect())
    }

    fn documents(&mut self, base: Base<'_>, value: &Value, at: &At<'_>) -> Vec<Node> {
        match value.as_array() {
            Some(items) if !items.is_empty() => {
                items.iter().enumerate().map(|(n, item)| self.document(base, item, &At::Item(at, n))).collect()
            }
            _ => vec![self.refuse(at, "wrong_type", "Expected a list of at least one question.")],
        }
    }

    fn unknown(&mut self, name: &str, at: &At<'_>) -> Node {
        self.refuse(at, "unknown_operator", format!("The operator \"{}\" is not supported here.", shown(name)))
    }

    /// What is asked of one field: an operator document, or a value to equal.
    fn field(&mut self, field: &Resolved<'_>, value: &Value, at: &At<'_>) -> Node {
        match value {
            Value::Object(members) if members.keys().any(|name| name.starts_with('$')) => {
                self.operators(field, members, at)
            }
            value => self.compare(field, Op::Eq, value, at),
        }
    }

    fn operators(&mut self, field: &Resolved<'_>, members: &Map<String, Value>, at: &At<'_>) -> Node {
        let parts = members.iter().map(|(name, value)| {
            let at = At::Member(at, name);
            match name.as_str() {
                "$eq" => self.compare(field, Op::Eq, value, &at),
                "$ne" => self.compare(field, Op::Eq, value, &at).negated(),
                "$gt" => self.compare(field, Op::Gt, value, &at),
                "$gte" => self.compare(field, Op::Gte, value, &at),
                "$lt" => self.compare(field, Op::Lt, value, &at),
                "$lte" => self.compare(field, Op::Lte, value, &at),
                "$in" => self.any_of(field, value, &at),
                "$nin" => self.any_of(field, value, &at).negated(),
                "$exists" => self.exists(field, value),
                "$type" => self.types(field, value, &at),
                "$regex" => self.regex(field, value, members.get("$options"), &at),
                "$options" if members.contains_key("$regex") => Node::all(),
                "$options" => self.refuse(&at, "wrong_use", "\"$options\" belongs to a \"$regex\", which is missing."),
                "$size" => self.size(field, value, &at),
                "$all" => self.every_of(field, value, &at),
                "$elemMatch" => self.element(field, value, &at),
                "$mod" => self.modulo(field, value, &at),
                "$not" => self.not(field, value, &at),
                name if name.starts_with('$') => self.unknown(name, &at),
                name => {
                    let detail = format!("\"{}\" stands among operators; every name there begins with $.", shown(name));
                    self.refuse(&at, "wrong_use", detail)
                }
            }
        });
        joined(parts.collect())
    }

    fn compare(&mut self, field: &Resolved<'_>, op: Op, value: &Value, at: &At<'_>) -> Node {
        if let Some(operator) = operator_in(value) {
            let detail = format!("\"{}\" cannot stand in a value to compare with.", shown(operator));
            return self.refuse(at, "wrong_use", detail);
        }
        let literal = match field.literal(value.clone(), self.written) {
            Ok(literal) => literal,
            Err(detail) => return self.refuse(at, "wrong_type", detail),
        };
        match (op, &literal) {
            (Op::Gte | Op::Lte, Value::Null) => return Node::Compare(field.path.clone(), Op::Eq, literal),
            (Op::Gt | Op::Lt, Value::Null) => return Node::none(),
            (Op::Gt | Op::Gte | Op::Lt | Op::Lte, Value::Array(_) | Value::Object(_)) => {
                let detail = format!("Expected a single value to be compared in order, not {}.", kind(value));
                return self.refuse(at, "wrong_type", detail);
            }
            _ => {}
        }
        Node::Compare(field.path.clone(), op, literal)
    }

    fn list<'a>(&mut self, value: &'a Value, at: &At<'_>) -> &'a [Value] {
        match (value, self.written) {
            (Value::Array(items), _) => items,
            // One value is a list of it where everything is text: `q[year][$in]=2020`.
            (Value::String(_), Written::Text) => std::slice::from_ref(value),
            _ => {
                self.refuse(at, "wrong_type", format!("Expected a list, not {}.", kind(value)));
                &[]
            }
        }
    }

    fn any_of(&mut self, field: &Resolved<'_>, value: &Value, at: &At<'_>) -> Node {
        let (mut literals, mut ways) = (Vec::new(), Vec::new());
        for (n, item) in self.list(value, at).iter().enumerate() {
            let at = At::Item(at, n);
            if let Some(pattern) = item.get("$regex") {
                let at = At::Member(&at, "$regex");
                ways.push(self.regex(field, pattern, item.get("$options"), &at));
            } else if let Some(operator) = operator_in(item) {
                let detail = format!("\"{}\" cannot stand in a list of values.", shown(operator));
                self.refuse(&at, "wrong_use", detail);
            } else {
                match field.literal(item.clone(), self.written) {
                    Ok(literal) => literals.push(literal),
                    Err(detail) => drop(self.refuse(&at, "wrong_type", detail)),
                }
            }
        }
        let equal = Node::In(field.path.clone(), literals);
        if ways.is_empty() {
            return equal;
        }
        ways.push(equal);
        Node::Or(ways)
    }

    fn every_of(&mut self, field: &Resolved<'_>, value: &Value, at: &At<'_>) -> Node {
        let items = self.list(value, at);
        let is_match = |item: &Value| item.get("$elemMatch").is_some();
        if items.is_empty() {
            return Node::none();
        }
        if items.iter().any(is_match) && !items.iter().all(is_match) {
            return self.refuse(at, "wrong_use", "Either every item of \"$all\" is an \"$elemMatch\", or none is.");
        }
        let parts = items.iter().enumerate().map(|(n, item)| {
            let at = At::Item(at, n);
            match item.get("$elemMatch") {
                Some(inner) => self.element(field, inner, &At::Member(&at, "$elemMatch")),
                None => self.compare(field, Op::Eq, item, &at),
            }
        });
        joined(parts.collect())
    }

    fn exists(&mut self, field: &Resolved<'_>, value: &Value) -> Node {
        let wanted = match value {
            Value::Null => false,
            Value::Bool(flag) => *flag,
            Value::Number(number) => Decimal::of(number) != Decimal::of(&Number::from(0)),
            // Nobody writes false in brackets and means true.
            Value::String(text) => self.written == Written::Json || !["false", "0", ""].contains(&text.as_str()),
            Value::Array(_) | Value::Object(_) => true,
        };
        let exists = Node::Exists(field.path.clone());
        if wanted { exists } else { exists.negated() }
    }

    fn types(&mut self, field: &Resolved<'_>, value: &Value, at: &At<'_>) -> Node {
        let names = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut types = Vec::new();
        for name in names {
            match types_named(name, field.path.leaf) {
                Some(more) => types.extend(more),
                None => {
                    return self.refuse(at, "unknown_type", format!("There is no type {}.", shown(&name.to_string())));
                }
            }
        }
        if names.is_empty() {
            return self.refuse(at, "wrong_type", "Expected at least one type.");
        }
        Node::Type(field.path.clone(), types)
    }

    fn regex(&mut self, field: &Resolved<'_>, value: &Value, options: Option<&Value>, at: &At<'_>) -> Node {
        let (Some(source), Some(options)) = (value.as_str(), options.map_or(Some(""), Value::as_str)) else {
            return self.refuse(at, "wrong_type", "A pattern and its options are text.");
        };
        match Pattern::new(source, options) {
            // To a kind with types, an instant is a date and no text.
            Ok(_) if field.path.leaf == Leaf::Instant => Node::none(),
            Ok(pattern) => Node::Regex(field.path.clone(), pattern),
            Err(detail) => self.refuse(at, "bad_pattern", detail),
        }
    }

    /// A number, wherever numbers may be written as text.
    fn number(&self, value: &Value) -> Option<Decimal> {
        match value {
            Value::Number(number) => Some(Decimal::of(number)),
            Value::String(text) if self.written == Written::Text => {
                serde_json::from_str::<Number>(text).ok().map(|number| Decimal::of(&number))
            }
            _ => None,
        }
    }

    fn size(&mut self, field: &Resolved<'_>, value: &Value, at: &At<'_>) -> Node {
        let size = self.number(value).filter(Decimal::is_whole).and_then(|number| number.truncated());
        match size.and_then(|size| u64::try_from(size).ok()) {
            Some(size) => Node::Size(field.path.clone(), size),
            None => self.refuse(at, "wrong_type", "Expected a whole number of elements, 0 or more."),
        }
    }

    fn modulo(&mut self, field: &Resolved<'_>, value: &Value, at: &At<'_>) -> Node {
        let numbers = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let numbers: Vec<_> = numbers.iter().map(|item| self.number(item)?.truncated()).collect();
        match numbers.as_slice() {
            [Some(divisor), Some(remainder)] if *divisor != 0 => Node::Mod(field.path.clone(), *divisor, *remainder),
            _ => self.refuse(at, "wrong_type", "Expected a divisor other than 0 and a remainder: [4, 0]."),
        }
    }

    fn not(&mut self, field: &Resolved<'_>, value: &Value, at: &At<'_>) -> Node {
        match value {
            Value::Object(members) if members.keys().any(|name| name.starts_with('$')) => {
                self.operators(field, members, at).negated()
            }
            _ => self.refuse(at, "wrong_type", "\"$not\" takes operators: {\"$not\": {\"$gt\": 1}}."),
        }
    }

    fn element(&mut self, field: &Resolved<'_>, value: &Value, at: &At<'_>) -> Node {
        const LOGIC: [&str; 3] = ["$and", "$or", "$nor"];
        let Value::Object(members) = value else {
            return self.refuse(at, "wrong_type", format!("Expected an object of conditions, not {}.", kind(value)));
        };
        let by_operator = members.keys().any(|name| name.starts_with('$') && !LOGIC.contains(&name.as_str()));
        let (element, inner) = if by_operator {
            (Element::Value, self.operators(&field.element(), members, at))
        } else {
            (Element::Object, self.document(field.elements(), value, at))
        };
        Node::ElemMatch(field.path.clone(), element, Box::new(inner))
    }
}

/// All of these; what asks for nothing, as `$options` beside its `$regex`, is left out.
fn joined(mut parts: Vec<Node>) -> Node {
    parts.retain(|part| *part != Node::all());
    if parts.len() == 1 { parts.remove(0) } else { Node::And(parts) }
}

/// An operator among the names of a value, at its top: the value is a question then, and no value.
fn operator_in(value: &Value) -> Option<&str> {
    value.as_object()?.keys().map(String::as_str).find(|name| name.starts_with('$'))
}

/// What MongoDB's name or number of a type means in JSON, for a field of this type: an instant is a date, and text
/// elsewhere.
fn types_named(name: &Value, leaf: Leaf) -> Option<Vec<JsonType>> {
    use JsonType::{Array, Double, Flag, Int, Long, Null, Object, Text};
    let number = name.as_f64();
    let is = |word: &str, code: f64| {
        name.as_str().is_some_and(|name| name == word || name.parse() == Ok(code)) || number == Some(code)
    };
    let text = |own: bool| if own { vec![Text] } else { Vec::new() };
    let table = [
        (is("double", 1.0), vec![Double]),
        (is("string", 2.0), text(!matches!(leaf, Leaf::Instant | Leaf::Id))),
        (is("object", 3.0), vec![Object]),
        (is("array", 4.0), vec![Array]),
        (is("binData", 5.0) || is("undefined", 6.0), Vec::new()),
        (is("objectId", 7.0), text(leaf == Leaf::Id)),
        (is("bool", 8.0), vec![Flag]),
        (is("date", 9.0), text(leaf == Leaf::Instant)),
        (is("null", 10.0), vec![Null]),
        (is("regex", 11.0) || is("dbPointer", 12.0) || is("javascript", 13.0) || is("symbol", 14.0), Vec::new()),
        (is("javascriptWithScope", 15.0) || is("timestamp", 17.0) || is("decimal", 19.0), Vec::new()),
        (is("minKey", -1.0) || is("maxKey", 127.0), Vec::new()),
        (is("int", 16.0), vec![Int]),
        (is("long", 18.0), vec![Long]),
        (name == "number", vec![Int, Long, Double]),
    ];
    table.into_iter().find(|(is, _)| *is).map(|(_, types)| types)
}

#[cfg(test)]
mod tests;
