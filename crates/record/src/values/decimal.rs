//! Decimals and JSON numbers: exact both ways, never through the arithmetic of floats.

use rust_decimal::Decimal;
use serde_json::Number;

/// The decimal a JSON number is written as: 0.1 is one tenth, not the float nearest to it.
/// None beyond 28 digits.
pub fn decimal(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    if text.contains(['e', 'E']) { Decimal::from_scientific(&text).ok() } else { Decimal::from_str_exact(&text).ok() }
}

/// The JSON number a decimal is written as; an integer stays one.
pub fn number(decimal: Decimal) -> Number {
    let decimal = decimal.normalize();
    let integer = (decimal.scale() == 0).then(|| i64::try_from(decimal.mantissa()).ok()).flatten();
    // Seventeen significant digits survive the trip through serde_json's float; money has fewer.
    integer
        .map(Number::from)
        .or_else(|| Number::from_f64(decimal.to_string().parse().ok()?))
        .unwrap_or_else(|| 0.into())
}

/// For `#[serde(with = "crate::values::as_number")]`: a decimal that travels as a JSON number.
pub mod as_number {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
    use serde_json::Number;

    pub fn serialize<S: Serializer>(decimal: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        super::number(*decimal).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let number = Number::deserialize(deserializer)?;
        super::decimal(&number).ok_or_else(|| D::Error::custom("expected a number of at most 28 digits"))
    }
}

/// The same for a decimal that may be absent.
pub mod as_optional_number {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
    use serde_json::Number;

    pub fn serialize<S: Serializer>(decimal: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        decimal.map(super::number).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        let read =
            |number| super::decimal(&number).ok_or_else(|| D::Error::custom("expected a number of at most 28 digits"));
        Option::<Number>::deserialize(deserializer)?.map(read).transpose()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn json_numbers_and_decimals_are_the_same_text() {
        for (json, expected, back) in [
            ("0", "0", "0"),
            ("2000", "2000", "2000"),
            ("-12", "-12", "-12"),
            ("0.1", "0.1", "0.1"),
            ("19999.99", "19999.99", "19999.99"),
            ("1234567890.12", "1234567890.12", "1234567890.12"),
            ("2000.00", "2000", "2000"),
            ("1.5e3", "1500", "1500"),
            ("9007199254740993", "9007199254740993", "9007199254740993"),
        ] {
            let read = decimal(&serde_json::from_str(json).unwrap()).unwrap();
            assert_eq!(read.normalize().to_string(), expected, "{json}");
            assert_eq!(number(read).to_string(), back, "{json}");
        }
        assert_eq!(decimal(&serde_json::from_str("1e300").unwrap()), None);
    }
}
