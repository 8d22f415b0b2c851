//! The Cloud API's webhook, as published: members nobody here needs are left out, unknown ones ignored, `null` is absent.
//!
//! Lists are kept as raw JSON, so that one element that cannot be read does not take the others with it.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Visitor};
use serde_json::value::RawValue;

#[derive(Deserialize)]
pub struct Body<'a> {
    #[serde(borrow)]
    pub entry: Option<&'a RawValue>,
    #[serde(borrow)]
    pub errors: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub struct Entry<'a> {
    #[serde(borrow)]
    pub changes: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub struct Change<'a> {
    #[serde(default)]
    pub field: Text,
    #[serde(borrow)]
    pub value: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub struct Value<'a> {
    pub metadata: Option<Metadata>,
    #[serde(borrow)]
    pub contacts: Option<&'a RawValue>,
    #[serde(borrow)]
    pub messages: Option<&'a RawValue>,
    #[serde(borrow)]
    pub statuses: Option<&'a RawValue>,
    #[serde(borrow)]
    pub errors: Option<&'a RawValue>,
}

/// Routing needs nothing else of a value.
#[derive(Deserialize)]
pub struct Head {
    pub metadata: Option<Metadata>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Metadata {
    pub display_phone_number: Text,
    pub phone_number_id: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Contact {
    pub profile: Option<Profile>,
    pub wa_id: Text,
    pub user_id: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Profile {
    pub name: Text,
    pub username: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Message {
    pub id: Text,
    pub from: Text,
    pub from_user_id: Text,
    pub timestamp: Text,
    pub r#type: Text,
    pub context: Option<Context>,
    pub text: Option<TextBody>,
    pub reaction: Option<Reaction>,
    pub audio: Option<File>,
    pub voice: Option<File>,
    pub document: Option<File>,
    pub image: Option<File>,
    pub sticker: Option<File>,
    pub video: Option<File>,
    pub location: Option<Place>,
    pub contacts: Option<Vec<Card>>,
    pub button: Option<Button>,
    pub interactive: Option<Interactive>,
    pub order: Option<Order>,
    pub system: Option<System>,
    pub unsupported: Option<Unsupported>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Context {
    pub id: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TextBody {
    pub body: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Reaction {
    pub message_id: Text,
    /// Absent when the reaction is taken back.
    pub emoji: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct File {
    pub id: Text,
    pub mime_type: Text,
    pub caption: Text,
    pub filename: Text,
    pub voice: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Place {
    pub latitude: Text,
    pub longitude: Text,
    pub name: Text,
    pub address: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Card {
    pub name: Option<CardName>,
    pub phones: Option<Vec<CardPhone>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CardName {
    pub formatted_name: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CardPhone {
    pub phone: Text,
    pub wa_id: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Button {
    pub text: Text,
    pub payload: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Interactive {
    pub r#type: Text,
    pub button_reply: Option<Choice>,
    pub list_reply: Option<Choice>,
    pub nfm_reply: Option<Form>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    pub id: Text,
    pub title: Text,
}

/// A form that was filled in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Form {
    pub name: Text,
    pub response_json: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Order {
    pub text: Text,
    pub product_items: Option<Vec<Item>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the names are theirs")]
pub struct Item {
    pub product_retailer_id: Text,
    pub quantity: Text,
    pub item_price: Text,
    pub currency: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct System {
    pub body: Text,
    pub r#type: Text,
    pub wa_id: Text,
    /// The name of `wa_id` before version 12.
    pub new_wa_id: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Unsupported {
    pub r#type: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the names are theirs")]
pub struct Status {
    pub id: Text,
    pub status: Text,
    pub timestamp: Text,
    pub recipient_id: Text,
    pub biz_opaque_callback_data: Text,
    pub errors: Option<Vec<Fault>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fault {
    pub code: Text,
    pub title: Text,
    pub message: Text,
    pub error_data: Option<FaultData>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct FaultData {
    pub details: Text,
}

/// A text, or a number where partners write one instead (timestamps, ids). Absent, `null` and empty are the same. NUL is
/// left out: no database takes it in a text.
#[derive(Default)]
pub struct Text(Option<String>);

impl Text {
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub fn take(self) -> Option<String> {
        self.0
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Texts).map(|text| Self(text.filter(|text| !text.is_empty())))
    }
}

struct Texts;

impl Visitor<'_> for Texts {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a number")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.replace('\0', "")))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}
