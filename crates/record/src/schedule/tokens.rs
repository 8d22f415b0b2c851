//! Tokens: what is known of a lead by name, put into texts and asked about by conditions.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// As many tokens as an enrolment may have.
pub const MOST_TOKENS: usize = 200;
/// The longest value, in bytes.
pub const LONGEST_TOKEN: usize = 4 << 10;

/// The tokens of an enrolment, by their folded names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Tokens(pub BTreeMap<String, String>);

/// A name as tokens have it: lowercase letters, digits and underscores. None where nothing is left of it.
pub fn token_name(name: &str) -> Option<String> {
    let folded: String =
        name.trim().chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    folded.contains(|c: char| c != '_').then_some(folded)
}

impl Tokens {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Adds those of another, which replace what is known under their names. None, and nothing added, when that would be
    /// more than there may be, unless there were as many before.
    #[must_use]
    pub fn with(&self, more: &Self) -> Option<Self> {
        let mut all = self.clone();
        all.0.extend(more.0.clone());
        (all.0.len() <= MOST_TOKENS.max(self.0.len())).then_some(all)
    }

    /// A text with `[name]` replaced by what is known under that name, and with nothing, or with the default that
    /// follows in braces, where nothing is. Brackets that hold no name stay as they are.
    pub fn fill(&self, text: &str, known: impl Fn(&str) -> Option<String>) -> String {
        let mut filled = String::with_capacity(text.len());
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Token { name, default } => {
                    let value = self.get(name).map(str::to_owned).or_else(|| known(name));
                    filled.push_str(value.as_deref().filter(|value| !value.is_empty()).or(default).unwrap_or_default());
                }
            }
        }
        filled
    }
}

/// The names of the tokens a text asks for.
pub(super) fn named(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|piece| match piece {
        Piece::Token { name, .. } => Some(name),
        Piece::Text(_) => None,
    })
}

enum Piece<'a> {
    Text(&'a str),
    Token { name: &'a str, default: Option<&'a str> },
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, after)) = rest.strip_prefix('[').and_then(|inside| inside.split_once(']'))
            && !name.is_empty()
            && name.bytes().all(is_of_name)
        {
            let braced = after.strip_prefix('{').and_then(|inside| inside.split_once('}'));
            let (default, after) = braced.map_or((None, after), |(default, after)| (Some(default), after));
            rest = after;
            return Some(Piece::Token { name, default });
        }
        let ends = rest.char_indices().skip(1).find(|(_, c)| *c == '[').map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(ends);
        rest = after;
        Some(Piece::Text(piece))
    })
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}

/// A question about one token.
#[derive(Clone, PartialEq, Eq)]
pub struct Matches {
    name: String,
    how: How,
    value: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Is,
    IsNot,
    AtLeast,
    AtMost,
}

impl How {
    const SIGNS: [(&'static str, Self); 4] =
        [("!=", Self::IsNot), (">=", Self::AtLeast), ("<=", Self::AtMost), ("", Self::Is)];

    fn sign(self) -> &'static str {
        Self::SIGNS.iter().find(|(_, how)| *how == self).map_or("", |(sign, _)| sign)
    }
}

impl Matches {
    const EXPECTED: &'static str = "expected name:value, name:!=value, name:>=number or name:<=number";

    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (name, asked) = text.split_once(':').ok_or(Self::EXPECTED)?;
        if name.is_empty() || !name.bytes().all(is_of_name) {
            return Err(Self::EXPECTED);
        }
        let (value, how) = How::SIGNS
            .iter()
            .find_map(|(sign, how)| asked.strip_prefix(sign).map(|value| (value, *how)))
            .ok_or(Self::EXPECTED)?;
        if matches!(how, How::AtLeast | How::AtMost) && number(value).is_none() {
            return Err(Self::EXPECTED);
        }
        Ok(Self { name: name.to_owned(), how, value: value.to_owned() })
    }

    /// Whether the tokens answer it with yes. Text is compared without case; a token that is not there is only ever
    /// different from something.
    pub fn holds(&self, tokens: &Tokens) -> bool {
        let Some(token) = tokens.get(&self.name) else { return self.how == How::IsNot };
        match self.how {
            How::Is => token.eq_ignore_ascii_case(&self.value),
            How::IsNot => !token.eq_ignore_ascii_case(&self.value),
            How::AtLeast => number(token).zip(number(&self.value)).is_some_and(|(token, value)| token >= value),
            How::AtMost => number(token).zip(number(&self.value)).is_some_and(|(token, value)| token <= value),
        }
    }
}

fn number(text: &str) -> Option<rust_decimal::Decimal> {
    text.trim().parse().ok()
}

impl fmt::Display for Matches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}{}", self.name, self.how.sign(), self.value)
    }
}

impl fmt::Debug for Matches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Matches {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Matches {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Cow::<'_, str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for Matches {
    fn schema_name() -> Cow<'static, str> {
        "Matches".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "token-question",
            "description": "A question about a token: `name:value`, `name:!=value`, `name:>=5`, `name:<=5`.",
        })
    }

    fn inline_schema() -> bool {
        true
    }
}
