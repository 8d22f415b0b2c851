//! Lists of paths as `sort` and `project` take them: `-a,b.c`, `-a b.c`, or a JSON object.

use forecourt_record::{Error, FieldError, Result, spec::KindSpec};
use serde_json::{Map, Value};

use crate::FieldPath;

/// The longest text of a parameter, in bytes.
pub const LONGEST: usize = 16 << 10;

/// How many errors one parameter is answered with.
const MOST_FAULTS: usize = 20;

/// The codes that parameters of a list fail with.
pub mod code {
    pub const TOO_LONG: &str = "too_long";
    pub const BAD_SYNTAX: &str = "bad_syntax";
    pub const UNKNOWN_PATH: &str = "unknown_path";
    pub const WRONG_TYPE: &str = "wrong_type";
    pub const NOT_ALLOWED: &str = "not_allowed";
    pub const MIXED: &str = "mixed";
    pub const REPEATED: &str = "repeated";
    pub const TOO_MANY: &str = "too_many";
}

/// A path and what is said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked<T> {
    pub path: String,
    pub says: T,
}

/// What can be said of a path: by a sign before it, or by a value beside it in JSON.
pub trait Says: Sized {
    /// The values, in the words of an error.
    const EXPECTED: &str;

    fn signed(minus: bool) -> Self;

    fn from_value(value: &Value) -> Option<Self>;
}

/// Reads the list in either form; every error at once.
pub fn read<T: Says>(parameter: &'static str, text: &str) -> Result<Vec<Asked<T>>> {
    bounded(parameter, text)?;
    if text.trim_start().starts_with('{') {
        return from_json(parameter, &object(parameter, text)?);
    }
    let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
    let signed = |word: &str| {
        let path = word.strip_prefix('-');
        Asked { path: path.unwrap_or(word).to_owned(), says: T::signed(path.is_some()) }
    };
    Ok(words.map(signed).collect())
}

fn from_json<T: Says>(parameter: &'static str, members: &Map<String, Value>) -> Result<Vec<Asked<T>>> {
    let mut faults = Vec::new();
    let mut asked = Vec::new();
    for (path, value) in members {
        match T::from_value(value) {
            Some(says) => asked.push(Asked { path: path.clone(), says }),
            None => faults.push(fault(
                parameter,
                code::NOT_ALLOWED,
                format!("Expected {} for \"{}\".", T::EXPECTED, shown(path)),
            )),
        }
    }
    if faults.is_empty() { Ok(asked) } else { Err(refused(faults)) }
}

/// The fields of paths, and what is wrong with those that are none.
pub fn resolve<'a>(
    parameter: &'static str,
    spec: &KindSpec,
    paths: impl Iterator<Item = &'a str>,
) -> (Vec<FieldPath>, Vec<FieldError>) {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for path in paths {
        // To find the nearest name takes a while, and nobody reads more than this.
        if faults.len() == MOST_FAULTS {
            break;
        }
        match FieldPath::resolve(spec, path) {
            Ok(path) => found.push(path),
            Err(unknown) => faults.push(fault(parameter, code::UNKNOWN_PATH, unknown.0)),
        }
    }
    (found, faults)
}

/// The JSON object a parameter holds.
pub fn object(parameter: &'static str, text: &str) -> Result<Map<String, Value>> {
    bounded(parameter, text)?;
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Error::invalid(vec![fault(parameter, code::WRONG_TYPE, "Expected a JSON object.")])),
        Err(error) => {
            Err(Error::invalid(vec![fault(parameter, code::BAD_SYNTAX, format!("This is not JSON: {error}."))]))
        }
    }
}

fn bounded(parameter: &'static str, text: &str) -> Result<()> {
    if text.len() <= LONGEST {
        return Ok(());
    }
    let says = format!("\"{}\" may be {} KiB long.", parameter.trim_start_matches("query:"), LONGEST >> 10);
    Err(Error::invalid(vec![fault(parameter, code::TOO_LONG, says)]))
}

/// The error of a parameter: a thousand faults of one kind are no better than the first of them.
pub fn refused(mut faults: Vec<FieldError>) -> Error {
    faults.truncate(MOST_FAULTS);
    Error::invalid(faults)
}

pub fn fault(parameter: &'static str, code: &'static str, says: impl Into<String>) -> FieldError {
    FieldError::new(parameter, code, says)
}

/// A name of the caller's, short enough to be said back.
pub fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}

/// The sentences of an error, for tests.
#[cfg(test)]
pub fn details(error: Error) -> String {
    error.fields.into_iter().map(|field| field.detail).collect::<Vec<_>>().join(" | ")
}
