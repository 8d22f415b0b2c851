//! How values compare: numbers as the decimals they are written as, texts by their bytes, types in MongoDB's order.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// What a document is sorted by at one path. Objects and nested arrays have a place among the types, none among
/// themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rank {
    /// An array without elements.
    Nothing,
    /// Null or missing.
    Null,
    Number(Number),
    Text(String),
    Object,
    Array,
    Flag(bool),
}

impl Rank {
    /// The rank of a value that is not looked into.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Flag(*flag),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }

    /// The place of the type among the types.
    pub const fn class(&self) -> i64 {
        match self {
            Self::Nothing => 0,
            Self::Null => 1,
            Self::Number(_) => 2,
            Self::Text(_) => 3,
            Self::Object => 4,
            Self::Array => 5,
            Self::Flag(_) => 6,
        }
    }

    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => numbers(left, right),
            (Self::Text(left), Self::Text(right)) => left.as_bytes().cmp(right.as_bytes()),
            (Self::Flag(left), Self::Flag(right)) => left.cmp(right),
            _ => self.class().cmp(&other.class()),
        }
    }
}

/// The order of two values of one type; none between types, and none for arrays and objects.
pub fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Some(numbers(left, right)),
        (Value::String(left), Value::String(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// Whether two values are equal: numbers by value at any depth, objects whatever the order of their members.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => numbers(left, right) == Ordering::Equal,
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let same = |(name, left)| right.get(name).is_some_and(|right| equal(left, right));
            left.len() == right.len() && left.iter().all(same)
        }
        (left, right) => left == right,
    }
}

/// Numbers as the decimals they are written as: what a database that reads the text compares. 64-bit integers keep every
/// digit, and a float stands for its shortest decimal.
pub fn numbers(left: &Number, right: &Number) -> Ordering {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => Decimal::of(left).compare(&Decimal::of(right)),
    }
}

/// A decimal in normal form: `0.DIGITS` times a power of ten, without zeros at either end of the digits.
#[derive(Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    pub fn of(number: &Number) -> Self {
        Self::parse(&number.to_string())
    }

    fn parse(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0');
        let exponent = exponent.parse::<i64>().unwrap_or(0) + whole.len() as i64 - (all.len() - digits.len()) as i64;
        let digits = digits.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Self { negative: false, digits, exponent: 0 };
        }
        Self { negative, digits, exponent }
    }

    fn compare(&self, other: &Self) -> Ordering {
        let sign = |it: &Self| match (it.digits.is_empty(), it.negative) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => -1,
        };
        let size = || self.exponent.cmp(&other.exponent).then_with(|| self.digits.cmp(&other.digits));
        match sign(self).cmp(&sign(other)) {
            Ordering::Equal if sign(self) < 0 => size().reverse(),
            Ordering::Equal if sign(self) > 0 => size(),
            other => other,
        }
    }

    /// A text that orders by its bytes as the numbers do.
    pub fn sortable(&self) -> String {
        /// Well beyond the exponents of a float.
        const MIDDLE: i64 = 5000;
        if self.digits.is_empty() {
            return "1".into();
        }
        if !self.negative {
            return format!("2{:05}{}", MIDDLE + self.exponent, self.digits);
        }
        // The other way round: complements, and an end that stands behind every digit.
        let digits = self.digits.bytes().map(|digit| char::from(b'0' + b'9' - digit));
        format!("0{:05}{}~", MIDDLE - self.exponent, digits.collect::<String>())
    }

    /// The whole part, without the fraction, where 64 bits hold it.
    pub fn truncated(&self) -> Option<i64> {
        let length = usize::try_from(self.exponent).unwrap_or(0);
        if length == 0 || self.digits.is_empty() {
            return Some(0);
        }
        if length > 19 {
            return None;
        }
        let kept = &self.digits[..self.digits.len().min(length)];
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{kept:0<length$}").parse().ok()
    }

    /// Whether there is no fraction.
    pub fn is_whole(&self) -> bool {
        self.digits.len() as i64 <= self.exponent || self.digits.is_empty()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn number(text: &str) -> Number {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn numbers_compare_as_the_decimals_they_are_written_as() {
        let ascending = [
            "-1e300",
            "-9223372036854775808",
            "-9007199254740993",
            "-9007199254740992.0",
            "-2.5",
            "-2",
            "-1e-7",
            "0",
            "1e-300",
            "0.1",
            "0.25",
            "1",
            "1.5",
            "9",
            "10",
            "9007199254740992.0",
            "9007199254740993",
            "9223372036854775807",
            "18446744073709551615",
            "1e20",
            "1e300",
        ];
        for (at, left) in ascending.iter().enumerate() {
            for (other, right) in ascending.iter().enumerate() {
                let (left, right) = (number(left), number(right));
                assert_eq!(numbers(&left, &right), at.cmp(&other), "{left} {right}");
                let texts = (Decimal::of(&left).sortable(), Decimal::of(&right).sortable());
                assert_eq!(texts.0.cmp(&texts.1), at.cmp(&other), "{texts:?}");
            }
        }
        for (left, right) in [("1", "1.0"), ("0", "-0.0"), ("100", "1e2"), ("0.5", "5e-1")] {
            assert_eq!(numbers(&number(left), &number(right)), Ordering::Equal, "{left} {right}");
        }
    }

    #[test]
    fn a_decimal_is_cut_and_written_in_one_way() {
        for (text, cut, whole, written) in [
            ("0", Some(0), true, "0"),
            ("-2.75", Some(-2), false, "-2.75"),
            ("100.0", Some(100), true, "100"),
            ("1e3", Some(1000), true, "1000"),
            ("0.05", Some(0), false, "0.05"),
            ("9223372036854775807", Some(i64::MAX), true, "9223372036854775807"),
            ("9223372036854775808", None, true, "9223372036854775808"),
            ("1e300", None, true, "0.1e301"),
        ] {
            let decimal = Decimal::of(&number(text));
            assert_eq!((decimal.truncated(), decimal.is_whole()), (cut, whole), "{text}");
            assert_eq!(Decimal::parse(written), decimal);
        }
    }
}
