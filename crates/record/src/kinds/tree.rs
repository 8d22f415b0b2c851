//! How a published tree is written: every member optional, absent when empty, each with one type.

use serde_json::{Number, Value};

use crate::{Id, Instant};

/// The member types of the published trees.
pub type Text = Option<String>;
pub type Texts = Vec<String>;
/// A JSON number as it was sent: an integer stays one.
pub type Num = Option<Number>;
pub type Int = Option<i64>;
pub type Flag = Option<bool>;
pub type At = Option<Instant>;
/// Free data: any JSON.
pub type Custom = Option<Value>;
/// The `_id` of a sub-object.
pub type PartId = Option<Id<()>>;

/// True for what is left out of a written document.
pub fn is_empty<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Declares structs of a published tree.
macro_rules! tree {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })*) => { $(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(default)]
        pub struct $name { $(
            $(#[$field_meta])*
            #[serde(skip_serializing_if = "crate::kinds::tree::is_empty")]
            pub $field: $type,
        )* }
    )* };
}
