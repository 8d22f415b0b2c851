//! Money: an exact decimal amount in a currency.

use std::{borrow::Cow, cmp::Ordering, fmt, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeStruct};
use serde_json::Number;

use super::decimal;

/// An amount in units of a currency (ISO 4217), exact to the last digit. No float is ever inside.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    amount: Decimal,
    currency: [u8; 3],
}

/// How many digits after the point a currency has, by ISO 4217; two where the table says nothing else.
pub const fn minor_digits(currency: [u8; 3]) -> u32 {
    match &currency {
        b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX" | b"UYI"
        | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
        b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
        b"CLF" | b"UYW" => 4,
        _ => 2,
    }
}

impl Money {
    const CURRENCY: &'static str = "expected a currency of three letters, such as USD";
    const AMOUNT: &'static str = "expected a decimal amount, such as 19999.99";

    /// `currency` is an ISO 4217 code in either case.
    pub fn new(amount: Decimal, currency: &str) -> Result<Self, &'static str> {
        let mut code: [u8; 3] = currency.as_bytes().try_into().map_err(|_| Self::CURRENCY)?;
        code.make_ascii_uppercase();
        if !code.iter().all(u8::is_ascii_uppercase) {
            return Err(Self::CURRENCY);
        }
        Ok(Self { amount, currency: code })
    }

    /// From an amount as it is written: `19999.99`.
    pub fn parse(amount: &str, currency: &str) -> Result<Self, &'static str> {
        Self::new(Decimal::from_str_exact(amount.trim()).map_err(|_| Self::AMOUNT)?, currency)
    }

    /// From a JSON number, by its decimal text: 0.1 is one tenth.
    pub fn from_number(amount: &Number, currency: &str) -> Result<Self, &'static str> {
        Self::new(decimal(amount).ok_or(Self::AMOUNT)?, currency)
    }

    /// From the currency's smallest unit: 1999 of USD is 19.99.
    pub fn from_minor(minor: i64, currency: &str) -> Result<Self, &'static str> {
        let zero = Self::new(Decimal::ZERO, currency)?;
        Ok(Self { amount: Decimal::new(minor, minor_digits(zero.currency)), ..zero })
    }

    pub const fn amount(&self) -> Decimal {
        self.amount
    }

    pub fn currency(&self) -> &str {
        // Only ASCII capitals are ever stored.
        std::str::from_utf8(&self.currency).unwrap_or_default()
    }

    /// In the currency's smallest unit, halves rounded away from zero; None beyond 64 bits.
    pub fn minor(&self) -> Option<i64> {
        let unit = Decimal::from(10_i64.pow(minor_digits(self.currency)));
        let scaled = self.amount.checked_mul(unit)?;
        i64::try_from(scaled.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)).ok()
    }

    /// The sum; None of two currencies, or beyond 28 digits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.same(other)?;
        Some(Self { amount: self.amount.checked_add(other.amount)?, ..self })
    }

    /// The difference; None of two currencies, or beyond 28 digits.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.same(other)?;
        Some(Self { amount: self.amount.checked_sub(other.amount)?, ..self })
    }

    /// So many times the amount; None beyond 28 digits.
    pub fn times(self, factor: Decimal) -> Option<Self> {
        Some(Self { amount: self.amount.checked_mul(factor)?, ..self })
    }

    fn same(self, other: Self) -> Option<()> {
        (self.currency == other.currency).then_some(())
    }
}

/// Amounts of two currencies have no order.
impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.same(*other)?;
        Some(self.amount.cmp(&other.amount))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut amount = self.amount;
        if amount.scale() < minor_digits(self.currency) {
            amount.rescale(minor_digits(self.currency));
        }
        write!(f, "{amount} {}", self.currency())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Money {
    type Err = &'static str;

    /// Reads what `Display` writes: `19999.99 USD`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (amount, currency) = text.trim().rsplit_once(' ').ok_or(Self::CURRENCY)?;
        Self::parse(amount, currency)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Money", 2)?;
        object.serialize_field("amount", &self.amount)?;
        object.serialize_field("currency", self.currency())?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Amount {
            Text(String),
            Number(Number),
        }
        #[derive(Deserialize)]
        struct Parts {
            amount: Amount,
            currency: String,
        }
        let Parts { amount, currency } = Parts::deserialize(deserializer)?;
        match amount {
            Amount::Text(text) => Self::parse(&text, &currency),
            Amount::Number(number) => Self::from_number(&number, &currency),
        }
        .map_err(D::Error::custom)
    }
}

impl JsonSchema for Money {
    fn schema_name() -> Cow<'static, str> {
        "Money".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {
                "amount": {"type": ["string", "number"], "description": "A decimal; written as text so that no digit is lost."},
                "currency": {"type": "string", "minLength": 3, "maxLength": 3, "description": "ISO 4217."},
            },
            "required": ["amount", "currency"],
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn minor_units_follow_the_currency() {
        for (amount, currency, minor, shown) in [
            ("19999.99", "USD", 1_999_999, "19999.99 USD"),
            ("0.1", "eur", 10, "0.10 EUR"),
            ("0.005", "EUR", 1, "0.005 EUR"),
            ("-0.005", "EUR", -1, "-0.005 EUR"),
            ("1500", "JPY", 1500, "1500 JPY"),
            ("1.234", "KWD", 1234, "1.234 KWD"),
            ("2", "KWD", 2000, "2.000 KWD"),
            ("0", "MXN", 0, "0.00 MXN"),
        ] {
            let money = Money::parse(amount, currency).unwrap();
            assert_eq!(money.minor(), Some(minor), "{amount} {currency}");
            assert_eq!(money.to_string(), shown);
            assert_eq!(shown.parse::<Money>().unwrap(), money);
        }
        assert_eq!(Money::from_minor(1999, "USD").unwrap().to_string(), "19.99 USD");
        assert_eq!(Money::from_minor(1999, "JPY").unwrap().to_string(), "1999 JPY");
        assert_eq!(Money::parse("79228162514264337593543950335", "USD").unwrap().minor(), None);
    }

    #[test]
    fn sums_are_exact_and_never_mix_currencies() {
        let usd = |amount| Money::parse(amount, "USD").unwrap();
        let total = (0..10).try_fold(usd("0"), |sum, _| sum.checked_add(usd("0.1")));
        assert_eq!(total, Some(usd("1.0")));
        assert_eq!(usd("1").checked_sub(usd("0.9")), Some(usd("0.1")));
        assert_eq!(usd("19.99").times(Decimal::from(3)), Some(usd("59.97")));
        assert_eq!(usd("1").checked_add(Money::parse("1", "EUR").unwrap()), None);
        assert!(usd("2") > usd("1.99"));
        assert_eq!(usd("2").partial_cmp(&Money::parse("1", "EUR").unwrap()), None);
    }

    #[test]
    fn refuses_what_is_not_money() {
        for (amount, currency, reason) in [
            ("1", "US", Money::CURRENCY),
            ("1", "US1", Money::CURRENCY),
            ("1", "€", Money::CURRENCY),
            ("1,5", "USD", Money::AMOUNT),
            ("NaN", "USD", Money::AMOUNT),
            ("", "USD", Money::AMOUNT),
        ] {
            assert_eq!(Money::parse(amount, currency), Err(reason), "{amount} {currency}");
        }
    }

    #[test]
    fn json_keeps_every_digit() {
        let money: Money = serde_json::from_str(r#"{"amount": 0.1, "currency": "usd"}"#).unwrap();
        assert_eq!(serde_json::to_string(&money).unwrap(), r#"{"amount":"0.1","currency":"USD"}"#);
        let back: Money = serde_json::from_str(r#"{"amount": "0.1", "currency": "USD"}"#).unwrap();
        assert_eq!(back, money);
    }
}
