//! What SQLite is taught: to ask a document, and to say what it is sorted by.
//!
//! Each function is handed JSON once per statement, and the document's trees row by row; of a tree only the members that
//! are asked for are taken in.

use std::{error::Error, fmt};

use forecourt_query::{Compiled, Node, PASSES, RANK, Root, SortKey, Subject, rank_of};
use rusqlite::{
    Connection,
    functions::{Context, FunctionFlags},
    types::ValueRef,
};
use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Value};

type Failure = Box<dyn Error + Send + Sync>;

/// Teaches a connection our functions.
pub fn teach(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(PASSES, 4, flags, |context| {
        let asked = context.get_or_create_aux(0, |text| {
            let compiled = Compiled::new(serde_json::from_str::<Node>(text.as_str()?)?);
            Ok::<_, Failure>((Names::of(&compiled.names()), compiled))
        })?;
        let (names, compiled) = &*asked;
        let trees = trees(context, names)?;
        Ok(compiled.passes(subject(&trees)))
    })?;
    connection.create_scalar_function(RANK, 4, flags, |context| {
        let asked = context.get_or_create_aux(0, |text| {
            let key: SortKey = serde_json::from_str(text.as_str()?)?;
            Ok::<_, Failure>((Names::of(key.path.top().as_slice()), key))
        })?;
        let (names, key) = &*asked;
        let trees = trees(context, names)?;
        Ok(rank_of(key, subject(&trees)).sortable())
    })
}

/// The members that are asked for, by tree.
struct Names([Vec<String>; 3]);

impl Names {
    fn of(all: &[(Root, String)]) -> Self {
        let of = |wanted: Root| {
            let names = all.iter().filter(|(root, _)| *root == wanted);
            names.map(|(_, name)| name.clone()).collect()
        };
        Self([of(Root::Doc), of(Root::Extra), of(Root::Computed)])
    }
}

fn trees(context: &Context<'_>, names: &Names) -> rusqlite::Result<[Value; 3]> {
    let mut trees = [Value::Null, Value::Null, Value::Null];
    for (at, (tree, names)) in trees.iter_mut().zip(&names.0).enumerate() {
        if let ValueRef::Text(text) = context.get_raw(at + 1) {
            let mut reader = serde_json::Deserializer::from_slice(text);
            *tree = Members(names)
                .deserialize(&mut reader)
                .map_err(|error| rusqlite::Error::UserFunctionError(error.into()))?;
        }
    }
    Ok(trees)
}

fn subject(trees: &[Value; 3]) -> Subject<'_> {
    let [doc, extra, computed] = trees;
    Subject { doc, extra, computed, words: &[] }
}

/// Reads an object's members of these names, and passes over the others.
struct Members<'a>(&'a [String]);

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the tree of a document")
    }

    /// A tree that a kind does not have.
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key_seed(Wanted(self.0))? {
            match name {
                Some(name) => drop(members.insert(name.clone(), map.next_value()?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(members.into())
    }
}

/// Tells which of the names a member has, without keeping those that are not asked for.
struct Wanted<'a>(&'a [String]);

impl<'de, 'a> DeserializeSeed<'de> for Wanted<'a> {
    type Value = Option<&'a String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for Wanted<'a> {
    type Value = Option<&'a String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|wanted| *wanted == name))
    }
}
