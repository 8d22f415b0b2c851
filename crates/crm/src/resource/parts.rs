//! The `_id` of every sub-object: given where a caller left it out.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use forecourt_record::{Id, spec::KindSpec};
use serde_json::{Value, json};

/// Where in a tree there are objects with an `_id`.
#[derive(Debug, Default, PartialEq)]
struct Parts {
    has_id: bool,
    members: Vec<(String, Parts)>,
}

/// Gives every sub-object of the kind's own members that has none an `_id`.
pub fn give_ids(spec: &KindSpec, doc: &mut Value, fresh: &mut impl FnMut() -> Id<()>) {
    for (name, part) in &of(spec).members {
        if let Some(member) = doc.get_mut(name) {
            part.give(member, fresh);
        }
    }
}

/// Read out of the kind's schema once.
fn of(spec: &KindSpec) -> &'static Parts {
    static ALL: RwLock<BTreeMap<&'static str, &'static Parts>> = RwLock::new(BTreeMap::new());
    if let Some(parts) = ALL.read().unwrap_or_else(PoisonError::into_inner).get(spec.name) {
        return parts;
    }
    let schema = spec.published().schema();
    let mut parts = Parts::read(schema, schema);
    parts.members.retain(|(name, _)| name != "computed");
    ALL.write().unwrap_or_else(PoisonError::into_inner).entry(spec.name).or_insert(Box::leak(Box::new(parts)))
}

impl Parts {
    fn read(root: &Value, node: &Value) -> Self {
        if let Some(name) = node["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/")) {
            return Self::read(root, &root["$defs"][name]);
        }
        if let Some(ways) = node["anyOf"].as_array().or_else(|| node["oneOf"].as_array()) {
            let ways = ways.iter().map(|way| Self::read(root, way));
            return ways.into_iter().find(|way| *way != Self::default()).unwrap_or_default();
        }
        if node["items"].is_object() {
            return Self::read(root, &node["items"]);
        }
        let Some(members) = node["properties"].as_object() else { return Self::default() };
        let parts = members.iter().map(|(name, member)| (name.clone(), Self::read(root, member)));
        Self {
            has_id: members.contains_key("_id"),
            members: parts.filter(|(_, part)| *part != Self::default()).collect(),
        }
    }

    fn give(&self, value: &mut Value, fresh: &mut impl FnMut() -> Id<()>) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.give(item, fresh)),
            Value::Object(members) => {
                if self.has_id && members.get("_id").is_none_or(Value::is_null) {
                    members.insert("_id".to_owned(), json!(fresh()));
                }
                for (name, part) in &self.members {
                    if let Some(member) = members.get_mut(name) {
                        part.give(member, fresh);
                    }
                }
            }
            _ => {}
        }
    }
}
