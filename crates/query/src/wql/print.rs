//! The tree as a search, where a search can ask the same.

use serde_json::Value;

use super::{WqlContext, parse, scan::ends_value};
use crate::{FieldPath, Node, Op, Pattern};

/// The search that asks exactly this; none where there is none. What this writes has been read again and compared.
pub fn print(spec: &'static forecourt_record::spec::KindSpec, node: &Node, context: &WqlContext<'_>) -> Option<String> {
    let written = expr(node)?;
    let means = |text: &String| parse(spec, text, context).is_ok_and(|read| read == *node);
    written.into_iter().find(means)
}

/// Ways to write a node; not each of them may mean the same.
type Ways = Vec<String>;

fn expr(node: &Node) -> Option<Ways> {
    Some(match node {
        Node::And(parts) if parts.is_empty() => vec![String::new()],
        Node::And(parts) => listed(parts, " ", |part| matches!(part, Node::And(_) | Node::Or(_)))?,
        Node::Or(ways) if ways.is_empty() => return None,
        Node::Or(ways) => listed(ways, " OR ", |way| matches!(way, Node::Or(_)))?,
        Node::Not(inner) => {
            let group = matches!(**inner, Node::And(_) | Node::Or(_) | Node::Text(_));
            each(expr(inner)?, |inner| if group { format!("-({inner})") } else { format!("-{inner}") })
        }
        Node::Text(words) => vec![words.iter().map(|word| term(word)).collect::<Vec<_>>().join(" ")],
        Node::Phrase(words) => vec![quoted(&words.join(" "))],
        Node::Compare(path, Op::Eq, value) => each(literal(value)?, |value| format!("{}:{value}", name(path))),
        Node::Compare(path, Op::Gt, Value::String(text)) if text.is_empty() => vec![format!("{}:*", name(path))],
        Node::Compare(path, op, value) => {
            each(literal(value)?, |value| format!("{}{}{value}", name(path), op.sign().1))
        }
        Node::In(path, values) => {
            let all: Option<Vec<String>> = values.iter().map(|value| literal(value)?.pop()).collect();
            // A value that is found in several writings is the last of them as it was typed.
            let last = values.last().and_then(literal)?;
            let mut ways = each(last, |value| format!("{}:{value}", name(path)));
            ways.push(format!("{}:{}", name(path), all?.join(",")));
            ways
        }
        Node::Exists(path) => vec![format!("{}:*", name(path))],
        Node::Regex(path, pattern) => each(patterned(pattern), |text| format!("{}:{text}", name(path))),
        Node::Type(..) | Node::Size(..) | Node::ElemMatch(..) | Node::Mod(..) => return None,
    })
}

fn each(ways: Ways, write: impl Fn(String) -> String) -> Ways {
    ways.into_iter().map(write).collect()
}

/// The parts, those in parentheses that would be taken apart otherwise. Of several ways, one for all parts is tried.
fn listed(parts: &[Node], joint: &str, apart: impl Fn(&Node) -> bool) -> Option<Ways> {
    let written: Vec<Ways> = parts.iter().map(expr).collect::<Option<_>>()?;
    let most = written.iter().map(Vec::len).max().unwrap_or(0);
    let way = |at: usize| {
        let part = |(node, ways): (&Node, &Ways)| {
            let text = ways.get(at).or(ways.last()).cloned().unwrap_or_default();
            if apart(node) { format!("({text})") } else { text }
        };
        parts.iter().zip(&written).map(part).collect::<Vec<_>>().join(joint)
    };
    Some((0..most).map(way).collect())
}

/// The name that a search knows a field by.
fn name(path: &FieldPath) -> String {
    let name = path.name();
    if name == "sort_name" { "name".to_owned() } else { name }
}

/// A value, in quotes and where possible without.
fn literal(value: &Value) -> Option<Ways> {
    match value {
        Value::String(text) if !text.is_empty() && !text.contains(ends_value) && !text.contains(['*', '"']) => {
            Some(vec![text.clone(), quoted(text)])
        }
        Value::String(text) => Some(vec![quoted(text)]),
        Value::Number(_) | Value::Bool(_) => Some(vec![value.to_string()]),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A word of the index.
fn term(word: &str) -> String {
    word.strip_suffix('*').map_or_else(|| quoted(word), str::to_owned)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What stands before and behind the text that a pattern of ours looks for, and behind it in a search.
const SHAPES: [(&str, &str, &str); 6] = [
    ("^", "$", ""),
    ("^", "", "*"),
    ("(?:^| )", "(?: |$)", ""),
    ("(?:^| )", "", "*"),
    ("(?:^|[ ,.'-])", "(?:[ ,.'-]|$)", ""),
    ("(?:^|[ ,.'-])", "", "*"),
];

/// The texts a pattern may have been made of.
fn patterned(pattern: &Pattern) -> Ways {
    let made_of = |(before, behind, star): &(&str, &str, &str)| {
        let escaped = pattern.source().strip_prefix(before)?.strip_suffix(behind)?;
        let mut characters = escaped.chars();
        let plain = std::iter::from_fn(|| match characters.next()? {
            '\\' => characters.next(),
            c => Some(c),
        });
        let text: String = plain.collect();
        Some(if star.is_empty() && text.contains(ends_value) { quoted(&text) } else { text + star })
    };
    SHAPES.iter().filter_map(made_of).collect()
}
