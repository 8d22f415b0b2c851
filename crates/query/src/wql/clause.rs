//! One clause: the field it names, what is asked of it, and the tree that asks.

use forecourt_record::{
    shape::{Leaf, nearest},
    spec::KindSpec,
};
use serde_json::Value;

use super::{
    alias,
    ast::{Clause, Literal, Relation, Test},
    moment::Moment,
    resolve::Resolver,
    scan::{Fault, code},
    value::{self, Field, instant},
    writing::Writing,
};
use crate::{Base, Element, FieldPath, Node, Op};

type Resolved<T> = Result<T, Fault>;

/// The node of a clause; a fault goes to the resolver.
pub fn resolve(resolver: &mut Resolver<'_>, clause: &Clause) -> Node {
    // What is asked negatively is the opposite of one question, however many fields the name stands for.
    let (test, opposite) = match &clause.test {
        Test::Empty => (&Test::Any, true),
        Test::Compare(Relation::Equal, value) => (&Test::In(vec![value.clone()]), false),
        Test::Compare(Relation::Unequal, value) => (&Test::In(vec![value.clone()]), true),
        test => (test, false),
    };
    let asking = |field: &Field| Asking { resolver, field, at: clause.at }.test(test);
    let ways = fields(resolver.spec, clause).and_then(|fields| fields.iter().map(asking).collect::<Resolved<Vec<_>>>());
    match ways {
        Ok(ways) => {
            let node = any(ways);
            if opposite { node.negated() } else { node }
        }
        Err(fault) => {
            resolver.faults.push(fault);
            Node::none()
        }
    }
}

/// The fields a name stands for.
fn fields(spec: &'static KindSpec, clause: &Clause) -> Resolved<Vec<Field>> {
    if let Some((alias, paths)) = alias::find(spec, &clause.name) {
        return Ok(paths.into_iter().map(|path| Field { path, writing: alias.writing }).collect());
    }
    match FieldPath::resolve(spec, &clause.name) {
        Ok(path) => Ok(vec![Field { writing: Writing::of(&path), path }]),
        Err(unknown) => {
            let says = if clause.name.contains('.') { unknown.0 } else { unknown_name(spec, &clause.name) };
            Err(Fault::new(clause.at, code::UNKNOWN_PATH, says))
        }
    }
}

/// A name without dots may be meant for a short name as well as for a field.
fn unknown_name(spec: &'static KindSpec, name: &str) -> String {
    let shown: String = name.chars().take(64).collect();
    let known = alias::names(spec).chain(spec.published().names().iter().map(String::as_str));
    match nearest(name, known) {
        Some(near) => format!("Unknown field \"{shown}\". Did you mean \"{near}\"?"),
        None => format!("Unknown field \"{shown}\". A word with a \":\" in it goes in quotes."),
    }
}

fn any(mut ways: Vec<Node>) -> Node {
    if ways.len() == 1 { ways.remove(0) } else { Node::Or(ways) }
}

/// A test of one field.
struct Asking<'a, 'r> {
    resolver: &'a Resolver<'r>,
    field: &'a Field,
    at: usize,
}

impl Asking<'_, '_> {
    fn test(&self, test: &Test) -> Resolved<Node> {
        let path = &self.field.path;
        if !matches!(test, Test::Any) {
            self.must_hold_values()?;
        }
        match test {
            // An empty text is as good as none.
            Test::Any if path.leaf == Leaf::Text => Ok(Node::Compare(path.clone(), Op::Gt, "".into())),
            Test::Any => Ok(Node::Exists(path.clone())),
            Test::In(values) => self.any_of(values),
            Test::Between(first, last) => self.between(first, last),
            Test::Compare(relation, value) => self.compare(*relation, value),
            Test::Empty => Ok(Node::Exists(path.clone()).negated()),
        }
    }

    fn must_hold_values(&self) -> Resolved<()> {
        let FieldPath { leaf: Leaf::Object | Leaf::Array, .. } = &self.field.path else {
            return Ok(());
        };
        let name = self.field.path.text();
        let place = Base::document(self.resolver.spec).resolve(&name).ok().and_then(|resolved| resolved.place());
        let members = place.map(|place| place.item().unwrap_or(place).names()).unwrap_or_default();
        let says = match members.iter().find(|member| **member != "_id") {
            Some(member) => {
                format!("\"{name}\" has members; ask for one of them, such as {name}.{member}, or for {name}:*.")
            }
            None => format!("\"{name}\" has no values of its own; ask for {name}:*."),
        };
        Err(Fault::new(self.at, code::WRONG_TYPE, says))
    }

    fn any_of(&self, values: &[Literal]) -> Resolved<Node> {
        let (mut equal, mut ways) = (Vec::new(), Vec::new());
        for literal in values {
            match value::meant(self.resolver, self.field, literal)? {
                value::Meant::Equal(values) => equal.extend(values),
                value::Meant::Matches(pattern) => ways.push(Node::Regex(self.field.path.clone(), pattern)),
                value::Meant::Moment(moment) => ways.push(self.at_moment(moment)),
            }
        }
        match equal.len() {
            0 => {}
            1 => ways.insert(0, Node::Compare(self.field.path.clone(), Op::Eq, equal.remove(0))),
            _ => ways.insert(0, Node::In(self.field.path.clone(), equal)),
        }
        Ok(any(ways))
    }

    fn at_moment(&self, moment: Moment) -> Node {
        let now = self.resolver.context.now;
        match moment {
            Moment::Span(from, to) => self.within(&(Op::Gte, instant(from)), &(Op::Lt, instant(to))),
            Moment::Distance(point) => {
                self.within(&(Op::Gte, instant(point.min(now))), &(Op::Lte, instant(point.max(now))))
            }
            Moment::Point(point) => Node::Compare(self.field.path.clone(), Op::Eq, instant(point)),
        }
    }

    fn compare(&self, relation: Relation, literal: &Literal) -> Resolved<Node> {
        let op = match relation {
            Relation::Equal => Op::Eq,
            Relation::Unequal => Op::Ne,
            Relation::Above => Op::Gt,
            Relation::AtLeast => Op::Gte,
            Relation::Below => Op::Lt,
            Relation::AtMost => Op::Lte,
        };
        let (op, value) = self.bound(op, literal)?;
        Ok(Node::Compare(self.field.path.clone(), op, value))
    }

    fn between(&self, first: &Literal, last: &Literal) -> Resolved<Node> {
        let (from, to) = (self.bound(Op::Gte, first)?, self.bound(Op::Lte, last)?);
        if is_above(&from.1, &to.1) {
            return Err(Fault::new(
                last.at,
                code::NOT_ALLOWED,
                "Expected a range that ends where it begins, or behind it.",
            ));
        }
        Ok(self.within(&from, &to))
    }

    /// A value beside an operator. Of a day or a longer time, the operator tells which end is meant.
    fn bound(&self, op: Op, literal: &Literal) -> Resolved<(Op, Value)> {
        if self.field.path.leaf == Leaf::Flag {
            return Err(Fault::new(
                literal.at,
                code::WRONG_TYPE,
                "Expected \":true\" or \":false\"; there is no order among them.",
            ));
        }
        if let Some(moment) = value::moment(self.resolver, self.field, literal)? {
            return Ok(match (moment, op) {
                (Moment::Span(_, to), Op::Gt) => (Op::Gte, instant(to)),
                (Moment::Span(_, to), Op::Lte) => (Op::Lt, instant(to)),
                (Moment::Span(from, _), op) => (op, instant(from)),
                (Moment::Point(point) | Moment::Distance(point), op) => (op, instant(point)),
            });
        }
        Ok((op, value::exact(self.resolver, self.field, literal)?))
    }

    /// One value between two bounds: where there are several, not one beyond the first and another below the second.
    fn within(&self, from: &(Op, Value), to: &(Op, Value)) -> Node {
        let both = |path: FieldPath| {
            let from = Node::Compare(path.clone(), from.0, from.1.clone());
            from.and(Node::Compare(path, to.0, to.1.clone()))
        };
        let path = &self.field.path;
        let found = if path.many { single(Base::document(self.resolver.spec), &path.text(), &both) } else { None };
        found.unwrap_or_else(|| both(path.clone()))
    }
}

fn is_above(from: &Value, to: &Value) -> bool {
    match (from, to) {
        (Value::String(from), Value::String(to)) => from > to,
        (from, to) => from.as_f64().zip(to.as_f64()).is_some_and(|(from, to)| from > to),
    }
}

/// Asks something of each value by itself, through every array on the way to it.
fn single(base: Base<'_>, text: &str, ask: &dyn Fn(FieldPath) -> Node) -> Option<Node> {
    let path = base.resolve(text).ok()?.path;
    // What free data holds nobody knows; it is asked as MongoDB would.
    if !path.many || path.leaf == Leaf::Free {
        return Some(ask(path));
    }
    let ends = text.match_indices('.').map(|(at, _)| at).chain([text.len()]);
    let (array, rest) = ends
        .filter_map(|end| Some((base.resolve(&text[..end]).ok()?, text[end..].trim_start_matches('.'))))
        .find(|(outer, _)| outer.path.many)?;
    let (element, inner) = match rest {
        "" => (Element::Value, ask(array.element().path)),
        rest => (Element::Object, single(array.elements(), rest, ask)?),
    };
    Some(Node::ElemMatch(array.path, element, Box::new(inner)))
}
