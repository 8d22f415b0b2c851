//! Identifiers: 24 lowercase hex digits whose order is the order of creation.

use std::{
    borrow::Cow,
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::Instant;

/// The id of a `T`: six bytes of milliseconds, two of the process, four of a counter.
pub struct Id<T: ?Sized>([u8; 12], PhantomData<fn() -> Box<T>>);

impl<T: ?Sized> Id<T> {
    pub const fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(bytes, PhantomData)
    }

    pub const fn bytes(self) -> [u8; 12] {
        self.0
    }

    /// When it was made, to the millisecond.
    pub fn instant(self) -> Instant {
        let millis = self.0[..6].iter().fold(0, |sum, byte| sum << 8 | i64::from(*byte));
        Instant::from_millis(millis)
    }

    /// The same id, said to be of another kind: for tables that hold ids of any kind.
    pub const fn cast<U: ?Sized>(self) -> Id<U> {
        Id::from_bytes(self.0)
    }
}

impl<T: ?Sized> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: ?Sized> Copy for Id<T> {}
impl<T: ?Sized> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T: ?Sized> Eq for Id<T> {}
impl<T: ?Sized> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T: ?Sized> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T: ?Sized> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T: ?Sized> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 24];
        for (at, byte) in self.0.iter().enumerate() {
            text[at * 2] = b"0123456789abcdef"[usize::from(byte >> 4)];
            text[at * 2 + 1] = b"0123456789abcdef"[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl<T: ?Sized> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T: ?Sized> FromStr for Id<T> {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected 24 lowercase hex digits";
        let text: &[u8; 24] = text.as_bytes().try_into().map_err(|_| EXPECTED)?;
        let mut bytes = [0; 12];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digit = |digit: u8| match digit {
                b'0'..=b'9' => Ok(digit - b'0'),
                b'a'..=b'f' => Ok(digit - b'a' + 10),
                _ => Err(EXPECTED),
            };
            *byte = digit(text[at * 2])? << 4 | digit(text[at * 2 + 1])?;
        }
        Ok(Self::from_bytes(bytes))
    }
}

impl<T: ?Sized> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: ?Sized> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'_, str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<T: ?Sized> JsonSchema for Id<T> {
    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "id", "description": "24 lowercase hex digits."})
    }

    fn inline_schema() -> bool {
        true
    }
}

/// Makes ids. Two generators of different processes do not collide; one generator never repeats.
#[derive(Clone, Debug)]
pub struct Ids {
    process: [u8; 2],
    counter: Arc<AtomicU64>,
}

impl Ids {
    /// `seed` is chance from the caller: it chooses the process bytes and where the counter starts.
    pub fn new(seed: u64) -> Self {
        let [a, b, rest @ ..] = seed.to_be_bytes();
        let start = rest.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)) & 0x00ff_ffff;
        Self { process: [a, b], counter: Arc::new(AtomicU64::new(start)) }
    }

    /// A new id whose first six bytes are `now`.
    pub fn next<T: ?Sized>(&self, now: Instant) -> Id<T> {
        let count = self.counter.fetch_add(1, Relaxed) as u32;
        let millis = now.millis().max(0).to_be_bytes();
        let mut bytes = [0; 12];
        bytes[..6].copy_from_slice(&millis[2..]);
        // The counter stands before the process, so that ids of one millisecond keep their order.
        bytes[6..10].copy_from_slice(&count.to_be_bytes());
        bytes[10..].copy_from_slice(&self.process);
        Id::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ids_are_hex_and_in_order_of_creation() {
        let ids = Ids::new(42);
        let first: Id<str> = ids.next(Instant::from_millis(1));
        let second: Id<str> = ids.next(Instant::from_millis(1));
        let later: Id<str> = ids.next(Instant::from_millis(2));
        assert!(first < second && second < later);
        assert_eq!((first.instant().millis(), later.instant().millis()), (1, 2));
        assert!(first.to_string() < second.to_string());
        assert_eq!(first.to_string().parse::<Id<str>>().unwrap(), first);
    }

    #[test]
    fn refuses_everything_but_24_lowercase_hex_digits() {
        for text in ["", "abc", "AAAAAAAAAAAAAAAAAAAAAAAA", "zzzzzzzzzzzzzzzzzzzzzzzz", "é0000000000000000000000"] {
            assert!(text.parse::<Id<str>>().is_err(), "{text}");
        }
    }
}
