//! Walking a shape by the names of a path: what stands where, and of which type.

use super::{Edge, Format, Node, Object, Shape, Typed};

/// What a path of a shape leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leaf {
    Text,
    /// RFC 3339, as [`crate::Instant`] writes it.
    Instant,
    /// 24 hexadecimal digits.
    Id,
    Number,
    Integer,
    Flag,
    Object,
    Array,
    /// Any JSON, or one of several types.
    #[default]
    Free,
}

/// A place in a shape.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    shape: &'a Shape,
    edge: Edge,
}

impl Shape {
    /// Where every path begins.
    pub const fn root(&self) -> Place<'_> {
        Place { shape: self, edge: self.root }
    }
}

impl<'a> Place<'a> {
    fn at(self, edge: Edge) -> Self {
        Self { edge, ..self }
    }

    fn node(self) -> &'a Node {
        &self.shape.nodes[self.edge.node]
    }

    pub fn leaf(self) -> Leaf {
        match self.node() {
            Node::Values(values) if values.iter().all(serde_json::Value::is_string) => Leaf::Text,
            Node::Anything | Node::Values(_) => Leaf::Free,
            Node::Typed(typed) => typed.leaf(),
            Node::Union(ways) | Node::All(ways) => {
                let mut leaves = ways.iter().map(|way| self.at(*way).leaf());
                let first = leaves.next().unwrap_or_default();
                if leaves.all(|leaf| leaf == first) { first } else { Leaf::Free }
            }
        }
    }

    /// What an array here holds.
    pub fn item(self) -> Option<Self> {
        match self.node() {
            Node::Typed(typed) => typed.array.as_ref().map(|array| self.at(array.items)),
            Node::Union(ways) | Node::All(ways) => ways.iter().find_map(|way| self.at(*way).item()),
            Node::Anything | Node::Values(_) => None,
        }
    }

    /// The member of an object here.
    pub fn member(self, name: &str) -> Option<Self> {
        match self.node() {
            Node::Typed(typed) => {
                let object = typed.object.as_ref()?;
                object.member(name).or(object.rest).map(|edge| self.at(edge))
            }
            Node::Union(ways) | Node::All(ways) => ways.iter().find_map(|way| self.at(*way).member(name)),
            Node::Anything | Node::Values(_) => None,
        }
    }

    /// The names of the members an object here may have.
    pub fn names(self) -> Vec<&'a str> {
        match self.node() {
            Node::Typed(typed) => typed.object.as_ref().map(Object::names).unwrap_or_default(),
            Node::Union(ways) | Node::All(ways) => ways.iter().flat_map(|way| self.at(*way).names()).collect(),
            Node::Anything | Node::Values(_) => Vec::new(),
        }
    }
}

impl Object {
    fn names(&self) -> Vec<&str> {
        self.members.iter().map(|(name, _)| name.as_str()).collect()
    }
}

impl Typed {
    fn leaf(&self) -> Leaf {
        let text = self.text.as_ref().map(|text| match text.format {
            Some(Format::Instant) => Leaf::Instant,
            Some(Format::Id) => Leaf::Id,
            _ => Leaf::Text,
        });
        let number = self.number.as_ref().map(|range| if range.integer { Leaf::Integer } else { Leaf::Number });
        let all = [
            text,
            number,
            self.boolean.then_some(Leaf::Flag),
            self.array.as_ref().map(|_| Leaf::Array),
            self.object.as_ref().map(|_| Leaf::Object),
        ];
        let mut all = all.into_iter().flatten();
        match (all.next(), all.next()) {
            (Some(only), None) => only,
            _ => Leaf::Free,
        }
    }
}
