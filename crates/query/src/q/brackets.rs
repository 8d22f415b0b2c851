//! Pairs of a query string with brackets in their names, as the object they stand for.

use serde_json::{Map, Value};

/// List elements that may be named by their number.
const MOST: usize = 100;

/// Reads `q[a][$in][]=x` and the like; `q[a][0]=x` too names an element of a list, and so does the same name twice.
///
/// Errors: the name of the pair that cannot be read, and why.
pub fn read(pairs: &[(String, String)]) -> Result<Value, (String, String)> {
    let mut whole = Value::Object(Map::new());
    for (name, value) in pairs {
        let refused = |detail: &str| (name.chars().take(64).collect(), detail.to_owned());
        let groups = groups(name).ok_or_else(|| refused("Expected names in brackets: q[field]=value."))?;
        put(&mut whole, &groups, value).map_err(refused)?;
    }
    let mut done = whole;
    lists(&mut done);
    Ok(done)
}

/// The texts in the brackets of a name; none when they do not close, or something stands between them.
fn groups(name: &str) -> Option<Vec<&str>> {
    let mut rest = &name[name.find('[')?..];
    let mut groups = Vec::new();
    while !rest.is_empty() {
        let (group, after) = rest.strip_prefix('[')?.split_once(']')?;
        groups.push(group);
        rest = after;
    }
    Some(groups)
}

/// Puts a text at its place. Lists are objects with numbers for names until all are read.
fn put(into: &mut Value, groups: &[&str], text: &str) -> Result<(), &'static str> {
    let Some((first, rest)) = groups.split_first() else {
        match into {
            Value::Null => *into = text.into(),
            Value::String(earlier) => *into = serde_json::json!({"0": earlier, "1": text}),
            Value::Object(members) if is_list(members) => {
                members.insert(members.len().to_string(), text.into());
            }
            _ => return Err("This name has a value and members at once."),
        }
        return Ok(());
    };
    if into.is_null() {
        *into = Value::Object(Map::new());
    }
    let Value::Object(members) = into else {
        return Err("This name has a value and members at once.");
    };
    let name = if first.is_empty() { members.len().to_string() } else { (*first).to_owned() };
    put(members.entry(name).or_insert(Value::Null), rest, text)
}

fn is_list(members: &Map<String, Value>) -> bool {
    !members.is_empty() && members.keys().all(|name| crate::path::index(name).is_some_and(|at| at < MOST))
}

/// Turns the objects that are lists into lists, in the order of their numbers.
fn lists(value: &mut Value) {
    let Value::Object(members) = value else { return };
    members.values_mut().for_each(lists);
    if is_list(members) {
        let mut items: Vec<(usize, Value)> =
            members.iter().filter_map(|(name, item)| Some((name.parse().ok()?, item.clone()))).collect();
        items.sort_by_key(|(at, _)| *at);
        *value = items.into_iter().map(|(_, item)| item).collect();
    }
}
