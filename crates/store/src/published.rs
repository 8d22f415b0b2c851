//! The published tree of a document as it is stored: the kind's own members, and those that every document has.

use std::{borrow::Cow, fmt};

use forecourt_record::{DealerId, Error, Id, Instant, Result, spec::KindSpec};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, MapAccess, Visitor, value::CowStrDeserializer},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value, json};

/// The members that every published tree has. They follow from the document's columns and are none of the kind's own.
const ENVELOPE: [&str; 5] = ["_id", "dealer_id", "created_at", "updated_at", "__v"];

/// The published tree whole: the kind's own members between those that every document has. The instants are `created_at`
/// and `updated_at`.
pub fn whole(
    spec: &KindSpec,
    own: Value,
    id: Id<()>,
    dealer: DealerId,
    version: i64,
    instants: [Instant; 2],
) -> Result<Value> {
    let Value::Object(members) = own else {
        return Err(Error::internal(format!("a {} is not written as an object", spec.singular)));
    };
    let [created_at, updated_at] = instants;
    let mut tree = Map::new();
    tree.insert("_id".into(), json!(id));
    tree.extend(members);
    tree.insert("dealer_id".into(), json!(dealer));
    tree.insert("created_at".into(), json!(created_at));
    tree.insert("updated_at".into(), json!(updated_at));
    tree.insert("__v".into(), json!(version));
    Ok(Value::Object(tree))
}

/// A published tree taken apart again: the kind's own members, `created_at` and `updated_at`.
pub fn apart(tree: &Value) -> Result<(Value, [Instant; 2])> {
    let instant = |name: &str| Instant::deserialize(&tree[name]).map_err(Error::internal);
    let instants = [instant("created_at")?, instant("updated_at")?];
    let Value::Object(members) = tree else { return Err(Error::internal("a published tree is no object")) };
    let own = members.iter().filter(|(name, _)| !ENVELOPE.contains(&name.as_str()));
    Ok((Value::Object(own.map(|(name, value)| (name.clone(), value.clone())).collect()), instants))
}

/// Reads the kind's own members out of a published tree. Kinds may refuse members they do not know, so they never see
/// the envelope.
pub fn own<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let own = T::deserialize(Own(&mut reader))?;
    reader.end().map(|()| own)
}

/// Passes everything on but the members of the envelope, at the top of the tree only.
struct Own<T>(T);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Own<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Own(visitor))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Own<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Own(map))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Own<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        while let Some(Name(name)) = self.0.next_key()? {
            if !ENVELOPE.contains(&&*name) {
                return seed.deserialize(CowStrDeserializer::new(name)).map(Some);
            }
            self.0.next_value::<serde::de::IgnoredAny>()?;
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}

/// The name of a member, borrowed from the text where it can be.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;

        impl<'de> Visitor<'de> for Names {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(Names)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        name: String,
        inner: Inner,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        created_at: u8,
    }

    #[test]
    fn a_kind_sees_its_own_members_only() {
        let text = r#"{"_id": "a", "name": "x", "inner": {"created_at": 1}, "dealer_id": {"a": [1]}, "__v": 0}"#;
        let read: Strict = own(text).unwrap();
        assert_eq!(read, Strict { name: "x".into(), inner: Inner { created_at: 1 } });
        assert!(own::<Strict>(r#"{"name": "x", "inner": {"created_at": 1}, "more": 1}"#).is_err());
        assert!(own::<Strict>(r#"{"name": "x", "inner": {"created_at": 1}} 1"#).is_err());
        assert!(own::<Value>("[1]").is_err());
    }
}
