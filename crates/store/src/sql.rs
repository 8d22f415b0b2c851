//! Values as they go into and come out of both databases.

use bytes::{BufMut, BytesMut};
use forecourt_query::Value;
use forecourt_record::{Code, Error, Id, Instant, Result};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// A bound value.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    Null,
    Int(i64),
    Text(String),
}

impl From<i64> for Param {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}
impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<Instant> for Param {
    fn from(instant: Instant) -> Self {
        Self::Int(instant.millis())
    }
}
impl<T: ?Sized> From<Id<T>> for Param {
    fn from(id: Id<T>) -> Self {
        Self::Text(id.to_string())
    }
}
impl<T: Into<Self>> From<Option<T>> for Param {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
impl From<Value> for Param {
    fn from(value: Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Int(number) => Self::Int(number),
            Value::Flag(flag) => Self::Int(flag.into()),
        }
    }
}

impl rusqlite::ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl ToSql for Param {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, kind) {
            (Self::Null, _) => return Ok(IsNull::Yes),
            (Self::Int(number), &Type::INT4) => out.put_i32(i32::try_from(*number)?),
            (Self::Int(number), &Type::INT8) => out.put_i64(*number),
            (Self::Text(text), &Type::JSONB | &Type::JSONPATH) => {
                // The version of the binary form.
                out.put_u8(1);
                out.put_slice(text.as_bytes());
            }
            (Self::Text(text), &Type::TEXT | &Type::VARCHAR) => out.put_slice(text.as_bytes()),
            (value, kind) => return Err(format!("{value:?} does not go into {kind}").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value read back.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Int(i64),
    Text(String),
}

impl<'a> FromSql<'a> for Cell {
    fn from_sql(kind: &Type, mut raw: &'a [u8]) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *kind {
            Type::BOOL => Self::Int(bool::from_sql(kind, raw)?.into()),
            Type::INT2 => Self::Int(i16::from_sql(kind, raw)?.into()),
            Type::INT4 => Self::Int(i32::from_sql(kind, raw)?.into()),
            Type::INT8 => Self::Int(i64::from_sql(kind, raw)?),
            Type::JSONB => {
                // The first byte is the version of the binary form, always 1.
                raw = raw.get(1..).unwrap_or_default();
                Self::Text(std::str::from_utf8(raw)?.to_owned())
            }
            Type::TEXT | Type::VARCHAR => Self::Text(std::str::from_utf8(raw)?.to_owned()),
            ref other => return Err(format!("{other} is not read here").into()),
        })
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The text of a JSON column, where it lies.
pub struct JsonText<'a>(pub &'a str);

impl<'a> FromSql<'a> for JsonText<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        // The first byte is the version of the binary form, always 1.
        Ok(Self(std::str::from_utf8(raw.get(1..).unwrap_or_default())?))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::JSONB
    }
}

/// A row; cells are taken out by position, each once.
#[derive(Clone, Debug)]
pub struct Row(pub Vec<Cell>);

impl Row {
    fn take(&mut self, at: usize) -> Cell {
        self.0.get_mut(at).map_or(Cell::Null, |cell| std::mem::replace(cell, Cell::Null))
    }

    pub fn text(&mut self, at: usize) -> Result<String> {
        match self.take(at) {
            Cell::Text(text) => Ok(text),
            other => Err(Error::internal(format!("column {at} holds {other:?}, not a text"))),
        }
    }

    pub fn int(&mut self, at: usize) -> Result<i64> {
        match self.take(at) {
            Cell::Int(number) => Ok(number),
            other => Err(Error::internal(format!("column {at} holds {other:?}, not a number"))),
        }
    }

    /// What is left of it from a position on.
    #[must_use]
    pub fn after(mut self, at: usize) -> Self {
        self.0.drain(..at.min(self.0.len()));
        self
    }

    pub fn optional_int(&mut self, at: usize) -> Option<i64> {
        match self.take(at) {
            Cell::Int(number) => Some(number),
            Cell::Text(_) | Cell::Null => None,
        }
    }

    pub fn optional_text(&mut self, at: usize) -> Option<String> {
        match self.take(at) {
            Cell::Text(text) => Some(text),
            Cell::Int(_) | Cell::Null => None,
        }
    }

    pub fn id<T: ?Sized>(&mut self, at: usize) -> Result<Id<T>> {
        self.text(at)?.parse().map_err(|error| Error::internal(format!("column {at}: {error}")))
    }

    pub fn instant(&mut self, at: usize) -> Result<Instant> {
        self.int(at).map(Instant::from_millis)
    }

    pub fn json<T: serde::de::DeserializeOwned>(&mut self, at: usize) -> Result<T> {
        let text = self.text(at)?;
        serde_json::from_str(&text).map_err(|error| Error::internal(format!("column {at}: {error}")))
    }
}

/// JSON text of a value of ours, which always has one.
///
/// Errors: `Invalid` when a text in it holds U+0000, which PostgreSQL has no place for.
pub fn json(value: &impl serde::Serialize) -> Result<String> {
    let text = serde_json::to_string(value).map_err(Error::internal)?;
    if holds_nul(&text) { Err(unstorable()) } else { Ok(text) }
}

/// Whether a text in this JSON holds U+0000. JSON writes it as `\u0000`, unless that backslash is itself escaped.
fn holds_nul(json: &str) -> bool {
    json.match_indices("\\u0000").any(|(at, _)| {
        let backslashes = json[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
        backslashes % 2 == 0
    })
}

/// Refuses what only one of the two databases could take.
pub fn check(params: &[Param]) -> Result<()> {
    let holds_nul = |param: &Param| matches!(param, Param::Text(text) if text.contains('\0'));
    if params.iter().any(holds_nul) { Err(unstorable()) } else { Ok(()) }
}

fn unstorable() -> Error {
    Error::new(Code::Invalid, "A text holds the character U+0000, which cannot be stored.")
}

/// Says `?1`-style places the way PostgreSQL does. Our statements hold no other question mark.
pub fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_refused_and_the_text_that_spells_one_is_not() {
        for (text, refused) in [("\0", true), ("a\\\0", true), ("\\u0000", false), ("\\\\u0000", false), ("", false)] {
            assert_eq!(json(&text).is_err(), refused, "{text:?}");
            assert_eq!(check(&[Param::Int(1), text.into()]).is_err(), text.contains('\0'), "{text:?}");
        }
    }
}
