//! One value: what was typed, as documents hold it.

use forecourt_record::{
    Instant,
    shape::Leaf,
    text::{folded, tokens},
    values::Phone,
};
use serde_json::{Number, Value};

use super::{
    ast::{Form, Literal},
    moment::{self, Moment},
    resolve::Resolver,
    scan::{Fault, code},
    writing::Writing,
};
use crate::{FieldPath, Pattern, Root};

/// A field and how its values are written.
pub struct Field {
    pub path: FieldPath,
    pub writing: Writing,
}

/// What a value stands for.
pub enum Meant {
    /// Any of these.
    Equal(Vec<Value>),
    Matches(Pattern),
    Moment(Moment),
}

type Resolved<T> = Result<T, Fault>;

/// An instant as documents hold it.
pub fn instant(instant: Instant) -> Value {
    instant.to_string().into()
}

/// What a value beside a `:` stands for.
pub fn meant(resolver: &Resolver<'_>, field: &Field, literal: &Literal) -> Resolved<Meant> {
    if let Some(moment) = moment(resolver, field, literal)? {
        return Ok(Meant::Moment(moment));
    }
    let text = literal.text.as_str();
    match (field.path.leaf, literal.form) {
        (Leaf::Text | Leaf::Id, _) => written(resolver, field, literal),
        (Leaf::Free, Form::Prefix) => pattern(literal, &format!("^{}", regex::escape(text)), ""),
        (Leaf::Free, Form::Word) if !is_me(literal) => {
            let others = [number(text).map(Value::Number), flag(text).map(Value::Bool)];
            Ok(Meant::Equal([Some(text.into())].into_iter().chain(others).flatten().collect()))
        }
        (_, Form::Prefix) => Err(wrong(literal, "a whole value; only texts have a beginning")),
        _ => Ok(Meant::Equal(vec![exact(resolver, field, literal)?])),
    }
}

/// The date that a value beside a field of dates stands for; none where the field holds anything else.
pub fn moment(resolver: &Resolver<'_>, field: &Field, literal: &Literal) -> Resolved<Option<Moment>> {
    if field.path.leaf != Leaf::Instant {
        return Ok(None);
    }
    let read = moment::read(&literal.text, resolver.context.now, resolver.context.zone);
    match read.filter(|_| literal.form != Form::Prefix) {
        None => Err(wrong(literal, moment::EXPECTED)),
        moment => Ok(moment),
    }
}

/// The one value that is meant, where there can be only one: beside an operator, or of a type that is written in one way.
pub fn exact(resolver: &Resolver<'_>, field: &Field, literal: &Literal) -> Resolved<Value> {
    let text = literal.text.as_str();
    let expected = |value: Option<Value>, what: &str| value.ok_or_else(|| wrong(literal, what));
    match field.path.leaf {
        Leaf::Number | Leaf::Integer => expected(number(text).map(Value::Number), "a number"),
        Leaf::Flag => expected(flag(text).map(Value::Bool), "true or false"),
        Leaf::Free if literal.form == Form::Word && !is_me(literal) => {
            Ok(number(text).map_or(text.into(), Value::Number))
        }
        _ if is_me(literal) => me(resolver, literal).map(Value::from),
        _ => Ok(text.into()),
    }
}

/// A text in the ways in which the field's values are written.
fn written(resolver: &Resolver<'_>, field: &Field, literal: &Literal) -> Resolved<Meant> {
    let text = literal.text.as_str();
    let begins = literal.form == Form::Prefix;
    let beginning = || format!("^{}", regex::escape(text));
    let either = |other: String| if other == text { vec![other.into()] } else { vec![other.into(), text.into()] };
    match field.writing {
        _ if is_me(literal) => Ok(Meant::Equal(vec![me(resolver, literal)?.into()])),
        Writing::Phone if begins => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            if digits.is_empty() {
                return Err(wrong(literal, "the beginning of a phone number"));
            }
            // Without a country code it is the beginning of the number behind one.
            let before = if text.starts_with('+') { r"^\+" } else { r"^(?:\+\d{0,3})?" };
            pattern(literal, &format!("{before}{digits}"), "")
        }
        Writing::Phone => match Phone::parse(text, resolver.context.region) {
            Ok(phone) => {
                // As it was typed, too: what could not be read when it was stored was kept as it came.
                let ways = [phone.as_str(), phone.digits(), text].map(Value::from);
                let mut distinct: Vec<Value> = Vec::new();
                for way in ways {
                    if !distinct.contains(&way) {
                        distinct.push(way);
                    }
                }
                Ok(Meant::Equal(distinct))
            }
            Err(_) if text.contains(|c: char| c.is_ascii_digit()) => Ok(Meant::Equal(vec![text.into()])),
            Err(_) => Err(wrong(literal, "a phone number")),
        },
        Writing::Email | Writing::Capitals | Writing::Free if begins => pattern(literal, &beginning(), "i"),
        Writing::Email => Ok(Meant::Equal(either(text.to_lowercase()))),
        Writing::Capitals => Ok(Meant::Equal(either(text.to_uppercase()))),
        Writing::Words if tokens(text).is_empty() => Err(wrong(literal, "a word with a letter or a digit")),
        Writing::Words => {
            // A column of our own holds names as words with one space between, without case and accents.
            let folds = field.path.root == Root::Extra;
            let (words, gap, options) =
                if folds { (folded(text), " ", "") } else { (text.trim().to_owned(), "[ ,.'-]", "i") };
            let after = if begins { String::new() } else { format!("(?:{gap}|$)") };
            pattern(literal, &format!("(?:^|{gap}){}{after}", regex::escape(&words)), options)
        }
        Writing::Free if literal.form == Form::Word && !is_id(text) => pattern(literal, &(beginning() + "$"), "i"),
        _ if begins => pattern(literal, &beginning(), ""),
        _ => Ok(Meant::Equal(vec![text.into()])),
    }
}

fn is_me(literal: &Literal) -> bool {
    literal.form == Form::Word && literal.text.eq_ignore_ascii_case("me")
}

fn me(resolver: &Resolver<'_>, literal: &Literal) -> Resolved<String> {
    let says = "the id of a user: \"me\" is whoever is logged in, and a key is nobody; in quotes it is a word";
    resolver.context.me.map(str::to_owned).ok_or_else(|| wrong(literal, says))
}

fn number(text: &str) -> Option<Number> {
    serde_json::from_str(text).ok()
}

fn flag(text: &str) -> Option<bool> {
    [("true", true), ("false", false)].iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|(_, flag)| *flag)
}

/// 24 hexadecimal digits stand for a document or a user, wherever they are.
fn is_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn pattern(literal: &Literal, source: &str, options: &str) -> Resolved<Meant> {
    match Pattern::new(source, options) {
        Ok(pattern) => Ok(Meant::Matches(pattern)),
        Err(says) => Err(Fault::new(literal.at, code::NOT_ALLOWED, says)),
    }
}

fn wrong(literal: &Literal, expected: &str) -> Fault {
    Fault::new(literal.at, code::WRONG_TYPE, format!("Expected {expected}."))
}
