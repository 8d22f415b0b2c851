//! Names: taken apart at their brackets, and put around a value.

use super::{DEEPEST, LONGEST_LIST, List, Object, Tree, index, merge};

/// What every object of JavaScript has; a name with one of these in it is passed over.
const INHERITED: [&str; 12] = [
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// A part of a name.
#[derive(Debug, PartialEq, Eq)]
pub enum Segment<'a> {
    /// What stands before the first bracket: always a member.
    Member(&'a str),
    /// `[]`: one more element.
    Next,
    /// What stands in brackets: an element where it is a number, else a member.
    Place(&'a str),
}

/// The parts of a name; none for one that is passed over.
pub fn segments(name: &str) -> Option<Vec<Segment<'_>>> {
    let allowed = |part: &str| !INHERITED.contains(&part);
    let mut open = name.find('[');
    let before = &name[..open.unwrap_or(name.len())];
    let mut segments = Vec::new();
    if !before.is_empty() {
        allowed(before).then(|| segments.push(Segment::Member(before)))?;
    }
    for _ in 0..DEEPEST {
        let Some(at) = open else { break };
        let Some(close) = closing(name, at) else {
            // What does not close is one part, bracket and all.
            segments.push(Segment::Place(&name[at..]));
            return Some(segments);
        };
        let inside = &name[at + 1..close];
        allowed(inside)
            .then(|| segments.push(if inside.is_empty() { Segment::Next } else { Segment::Place(inside) }))?;
        open = name[close + 1..].find('[').map(|next| close + 1 + next);
    }
    segments.extend(open.map(|at| Segment::Place(&name[at..])));
    (!segments.is_empty()).then_some(segments)
}

/// Where the bracket that opens at `open` is closed, past those that open in between.
fn closing(name: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in name.bytes().enumerate().skip(open) {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The tree in which the value stands at that name and nothing else does.
pub fn chain(segments: &[Segment<'_>], value: Tree) -> Tree {
    segments.iter().rev().fold(value, |inner, segment| match segment {
        Segment::Member(name) => object(name, inner, None),
        Segment::Next => next(inner),
        Segment::Place(place) => match index(place) {
            Some(at) if (at as usize) < LONGEST_LIST => {
                let mut items = vec![None; at as usize];
                items.push(Some(inner));
                Tree::List(List { items, clash: None })
            }
            past => object(place, inner, past),
        },
    })
}

fn object(name: &str, inner: Tree, overflow: Option<u64>) -> Tree {
    Tree::Object(Object { members: [(name.to_owned(), inner)].into(), overflow, clash: None })
}

/// A list of what is inside; of its elements, where that is a list.
fn next(inner: Tree) -> Tree {
    match inner {
        Tree::Object(object) if object.overflow.is_some() => Tree::Object(object),
        inner => merge::combine(Tree::List(List::default()), inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_apart() {
        use Segment::{Member, Next, Place};
        for (name, expected) in [
            ("a", Some(vec![Member("a")])),
            ("a[b][]", Some(vec![Member("a"), Place("b"), Next])),
            ("[a]", Some(vec![Place("a")])),
            ("a[b]c[d]e", Some(vec![Member("a"), Place("b"), Place("d")])),
            ("a[[b]]", Some(vec![Member("a"), Place("[b]")])),
            ("a[b[c]", Some(vec![Member("a"), Place("[b[c]")])),
            ("a[1][2][3][4][5][6][7]", {
                let deep = ["1", "2", "3", "4", "5", "[6][7]"].map(Place);
                Some([Member("a")].into_iter().chain(deep).collect())
            }),
            ("toString", None),
            ("a[__proto__]", None),
            ("", None),
        ] {
            assert_eq!(segments(name), expected, "{name}");
        }
    }
}
