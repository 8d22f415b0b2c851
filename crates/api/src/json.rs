//! JSON text as a value, strictly: a member that is given twice would mean one thing here and another to the next reader
//! (RFC 8259, section 4), so it is refused.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads a whole text. The error names the place, never more than a few words of the text.
pub fn read(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str::<Strict>(text).map(|Strict(value)| value)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Build).map(Self)
    }
}

/// The longest name that an error repeats, in characters.
const SHOWN: usize = 60;

struct Build;

impl<'de> Visitor<'de> for Build {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                let shown: String = name.chars().take(SHOWN).collect();
                return Err(A::Error::custom(format!("`{shown}` is given more than once")));
            }
            let Strict(value) = members.next_value()?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_what_serde_json_reads_but_for_repeated_members() {
        for text in [
            r#"{"a":[1,-2,3.5,18446744073709551615,true,false,null,"x\u00e9\ud83d\ude00",{"b":{}}],"c":1e3}"#,
            "7",
            r#""text""#,
            "[]",
        ] {
            assert_eq!(read(text).unwrap(), serde_json::from_str::<Value>(text).unwrap(), "{text}");
        }
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#, "[1", r#""\ud800""#, "1e400"] {
            assert!(read(text).is_err(), "{text}");
        }
        let error = read(&format!(r#"{{"{0}":1,"{0}":2}}"#, "x".repeat(500))).unwrap_err().to_string();
        assert!(error.contains("more than once at line 1 column") && error.len() < 120, "{error}");
    }

    #[test]
    fn a_member_is_only_a_member_whatever_it_is_called() {
        let text = r#"{"$serde_json::private::RawValue":"[1]"}"#;
        assert_eq!(read(text).unwrap().as_object().map(Map::len), Some(1));
    }
}
