//! Values that cannot hold anything wrong: parsed once at the edge, carried as types from there.

pub mod bank;
mod decimal;
mod email;
mod money;
mod numbering;
mod phone;
mod vin;

pub use decimal::{as_number, as_optional_number, decimal, number};
pub use email::Email;
pub use money::{Money, minor_digits};
pub use phone::Phone;
pub use vin::Vin;

/// Makes a text value of the house: read and written as a JSON string, shown in full, printed masked.
macro_rules! text_value {
    ($name:ident, $format:literal, $description:literal) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
                text.parse().map_err(<D::Error as serde::de::Error>::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "format": $format, "description": $description})
            }

            fn inline_schema() -> bool {
                true
            }
        }
    };
}
use text_value;
