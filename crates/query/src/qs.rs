//! Query strings as the npm package `qs` reads them with its default options: names in brackets make a tree of objects,
//! lists and texts.
//!
//! Clients that write with `qs` rely on what it makes of a name that comes twice, an index that is left out or a bracket
//! that does not close. So nothing here is an error: whatever comes is read as that package (6.17) reads it, and a test
//! compares the two.

mod merge;
mod name;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

/// How many pairs are read; what follows them is passed over.
const MOST_PAIRS: usize = 1000;
/// How many elements a list has; with more it becomes an object whose names are numbers.
const LONGEST_LIST: usize = 20;
/// How many pairs of brackets are read in a name; what is left makes one name together.
const DEEPEST: usize = 5;

/// A tree that is still growing.
#[derive(Clone, Debug)]
enum Tree {
    Text(String),
    List(List),
    Object(Object),
}

/// A list whose places may still be empty.
#[derive(Clone, Debug, Default)]
struct List {
    items: Vec<Option<Tree>>,
    /// The list was made of an object and a text that came for the same name; the place of the last such text.
    clash: Option<u64>,
}

#[derive(Clone, Debug, Default)]
struct Object {
    members: BTreeMap<String, Tree>,
    /// The object was a list that grew too long; its last number.
    overflow: Option<u64>,
    /// As that of a list.
    clash: Option<u64>,
}

/// Reads a query string, without its `?`. The whole is an object.
pub fn parse(query: &str) -> Value {
    let mut whole = Tree::Object(Object::default());
    for (name, value) in in_order(pairs(query)) {
        if let Some(source) = name::segments(&name).map(|segments| name::chain(&segments, value)) {
            whole = merge::merge(whole, source);
        }
    }
    whole.finished()
}

/// The values of each name, together, in the order in which the names came first.
fn pairs(query: &str) -> Vec<(String, Tree)> {
    let query = unescaped_brackets(query);
    let mut pairs: Vec<(String, Tree)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for part in query.split('&').take(MOST_PAIRS) {
        let at = part.find("]=").map(|at| at + 1).or_else(|| part.find('='));
        let (name, value) = at.map_or((part, ""), |at| (&part[..at], &part[at + 1..]));
        let (name, value) = (decode(name), Tree::Text(decode(value)));
        if let Some(at) = places.get(&name) {
            let earlier = std::mem::replace(&mut pairs[*at].1, Tree::Text(String::new()));
            pairs[*at].1 = merge::combine(earlier, value);
        } else {
            places.insert(name.clone(), pairs.len());
            pairs.push((name, value));
        }
    }
    pairs
}

/// Names that are numbers come first and in their order, as the members of an object do in JavaScript.
fn in_order(mut pairs: Vec<(String, Tree)>) -> Vec<(String, Tree)> {
    let rank = |name: &str| index(name).filter(|number| *number < u64::from(u32::MAX)).unwrap_or(u64::MAX);
    pairs.sort_by_key(|(name, _)| rank(name));
    pairs
}

/// Escaped brackets count as brackets; those that are escaped twice do not.
fn unescaped_brackets(query: &str) -> String {
    let mut read = query.to_owned();
    for (escaped, bracket) in [("%5B", "["), ("%5b", "["), ("%5D", "]"), ("%5d", "]")] {
        if read.contains(escaped) {
            read = read.replace(escaped, bracket);
        }
    }
    read
}

/// Takes the escapes out of a text, and the blanks written as `+`. A text with an escape that is none keeps them all.
fn decode(text: &str) -> String {
    let text = text.replace('+', " ");
    if !text.contains('%') {
        return text;
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else { return text };
        decoded.push((high << 4 | low) as u8);
    }
    String::from_utf8(decoded).unwrap_or(text)
}

/// A number as it is written without a sign, a leading zero or a fraction, of those that JavaScript tells apart.
fn index(text: &str) -> Option<u64> {
    const EXACT: u64 = 1 << 53;
    let canonical = text == "0" || (!text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
    text.parse().ok().filter(|number| canonical && *number < EXACT)
}

impl Tree {
    /// The tree as a value; empty places are closed up.
    fn finished(self) -> Value {
        match self {
            Self::Text(text) => text.into(),
            Self::List(list) => list.items.into_iter().flatten().map(Self::finished).collect(),
            Self::Object(object) => object
                .members
                .into_iter()
                .map(|(name, tree)| (name, tree.finished()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_clients_write() {
        for (query, expected) in [
            ("", json!({})),
            ("search=titanium", json!({"search": "titanium"})),
            ("order[field]=created&order[dir]=desc", json!({"order": {"field": "created", "dir": "desc"}})),
            ("order%5Bfield%5D=created", json!({"order": {"field": "created"}})),
            (
                "and[kilometers][0]=%3E%3D%7C25000&and[kilometers][1]=%3C%3D%7C250000",
                json!({"and": {"kilometers": [">=|25000", "<=|250000"]}}),
            ),
            ("or[colorId][]=3&or[colorId][]=4", json!({"or": {"colorId": ["3", "4"]}})),
            ("or[colorId]=3&or[colorId]=4", json!({"or": {"colorId": ["3", "4"]}})),
            ("fields[]=makeId", json!({"fields": ["makeId"]})),
            ("a=b+c%20d%C3%A9", json!({"a": "b c d\u{e9}"})),
        ] {
            assert_eq!(parse(query), expected, "{query}");
        }
    }

    #[test]
    fn reads_what_nobody_should_write() {
        for (query, expected) in [
            // Broken escapes and brackets stay as they are.
            ("a=%zz+b", json!({"a": "%zz b"})),
            ("a=%ff", json!({"a": "%ff"})),
            ("a[b=c", json!({"a": {"[b": "c"}})),
            ("a]b=c", json!({"a]b": "c"})),
            ("%255Ba%255D=b", json!({"%5Ba%5D": "b"})),
            // Nothing of a name, a name without a value, a value without a name.
            ("&&=x&a", json!({"a": ""})),
            // A list with holes is closed up; one that grows too long becomes an object.
            ("a[7]=x&a[2]=y", json!({"a": ["y", "x"]})),
            ("a[20]=x", json!({"a": {"20": "x"}})),
            ("a[01]=x", json!({"a": {"01": "x"}})),
            // One name, many natures.
            ("a=1&a[]=2", json!({"a": ["1", "2"]})),
            ("a[b]=1&a=2", json!({"a": [{"b": "1"}, "2"]})),
            ("a[b]=1&a=", json!({"a": {"b": "1"}})),
            ("a=1&a[b]=2", json!({"a": ["1", {"b": "2"}]})),
            ("a[0]=1&a[b]=2", json!({"a": {"0": "1", "b": "2"}})),
            ("a[][b]=1&a[][c]=2", json!({"a": [{"b": "1", "c": "2"}]})),
            // What every object of JavaScript has is no member.
            ("__proto__[x]=1&a[toString]=2&constructor=3&b=4", json!({"b": "4"})),
            // Deeper than five.
            ("a[b][c][d][e][f][g][h]=x", json!({"a": {"b": {"c": {"d": {"e": {"f": {"[g][h]": "x"}}}}}}})),
            ("[a]=1&[]=2", json!({"a": "1", "0": "2"})),
        ] {
            assert_eq!(parse(query), expected, "{query}");
        }
    }

    #[test]
    fn reads_no_further_than_its_limits() {
        let many = (0..1200).map(|at| format!("n{at}=x")).collect::<Vec<_>>().join("&");
        assert_eq!(parse(&many).as_object().map(serde_json::Map::len), Some(MOST_PAIRS));
        let long = |count: usize| vec!["a[]=x"; count].join("&");
        assert_eq!(parse(&long(20))["a"].as_array().map(Vec::len), Some(20));
        assert_eq!(parse(&long(21))["a"]["20"], "x");
    }
}
