//! A country, or a state of the United States or Canada: where a person may be, and whom a rule is for.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::tables::tables;

const EXPECTED: &str = "expected a country, such as DE, or a state of the US or Canada, such as US-FL";

/// A country by ISO 3166 alpha-2 (`DE`) or a state by ISO 3166-2 (`US-FL`, `CA-ON`), one that exists.
///
/// States are known of the United States and of Canada. Puerto Rico and the other territories of the United States are
/// states of it (`US-PR`), since its law holds there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place([u8; 5]);

impl Place {
    /// Reads a code in any case. `PR`, the country code of a territory, is read as `US-PR`.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        Self::written(text).and_then(|place| tables().known(place)).ok_or(EXPECTED)
    }

    pub fn as_str(&self) -> &str {
        let length = if self.is_country() { 2 } else { 5 };
        str::from_utf8(&self.0[..length]).unwrap_or_default()
    }

    pub const fn is_country(self) -> bool {
        self.0[2] == 0
    }

    /// The country a state is of, or the country itself.
    #[must_use]
    pub const fn country(self) -> Self {
        Self([self.0[0], self.0[1], 0, 0, 0])
    }

    /// Whether whoever is in the other place is in this one: `US` covers `US-FL`, `US-FL` not `US`.
    pub fn covers(self, other: Self) -> bool {
        self == other || self == other.country()
    }

    /// A text that has the form of a code, whether such a place exists or not.
    pub(super) fn written(text: &str) -> Option<Self> {
        match *text.as_bytes() {
            [a, b] => Self::of([a, b, 0, 0, 0]),
            [a, b, b'-', c, d] => Self::of([a, b, b'-', c, d]),
            _ => None,
        }
    }

    /// The state of a country with these two letters, whether it exists or not.
    pub(super) fn state_of(country: Self, letters: &str) -> Option<Self> {
        match *letters.as_bytes() {
            [c, d] => Self::of([country.0[0], country.0[1], b'-', c, d]),
            _ => None,
        }
    }

    fn of(bytes: [u8; 5]) -> Option<Self> {
        let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
        let expected = if bytes[2] == 0 { 2 } else { 4 };
        (letters == expected).then(|| Self(bytes.map(|byte| byte.to_ascii_uppercase())))
    }
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Cow::<'_, str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for Place {
    fn schema_name() -> Cow<'static, str> {
        "Place".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "format": "place",
            "description": "A country by ISO 3166 alpha-2, such as DE, or a state of the US or Canada by ISO 3166-2, such as US-FL."
        })
    }

    fn inline_schema() -> bool {
        true
    }
}
