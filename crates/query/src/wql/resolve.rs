//! From what was typed to what is asked: full text becomes words of the index, clauses go on to [`super::clause`].

use forecourt_record::{
    spec::KindSpec,
    text::{query, tokens},
    values::Phone,
};

use super::{
    WqlContext,
    ast::{Expr, Form, Words},
    clause,
    scan::{Fault, MOST_FAULTS, code, phone_length},
};
use crate::Node;

/// Everything a search is resolved with, and what was found wrong on the way.
pub struct Resolver<'a> {
    pub spec: &'static KindSpec,
    pub context: &'a WqlContext<'a>,
    pub faults: Vec<Fault>,
}

pub fn resolve(spec: &'static KindSpec, expr: &Expr, context: &WqlContext<'_>) -> Result<Node, Vec<Fault>> {
    let mut resolver = Resolver { spec, context, faults: Vec::new() };
    let node = resolver.expr(expr);
    if resolver.faults.is_empty() { Ok(node) } else { Err(resolver.faults) }
}

impl Resolver<'_> {
    /// The node of an expression; anything at all once there are faults.
    fn expr(&mut self, expr: &Expr) -> Node {
        match expr {
            Expr::Or(ways) => Node::Or(ways.iter().map(|way| self.expr(way)).collect()),
            Expr::And(parts) => self.all(parts),
            Expr::Not(inner) => self.expr(inner).negated(),
            Expr::Clause(_) if self.faults.len() == MOST_FAULTS => Node::none(),
            Expr::Clause(clause) => clause::resolve(self, clause),
            Expr::Words(_) => self.all(std::slice::from_ref(expr)),
        }
    }

    /// A conjunction. Its words are asked of the index together.
    fn all(&mut self, parts: &[Expr]) -> Node {
        let (mut words, mut nodes) = (Vec::new(), Vec::new());
        let mut first = None;
        for part in parts {
            let Expr::Words(text) = part else {
                nodes.push(self.expr(part));
                continue;
            };
            first = first.or(Some(text.at));
            match self.asked(text) {
                Asked::Words(more) => words.extend(more),
                Asked::Phrase(phrase) => nodes.push(Node::Phrase(phrase)),
            }
        }
        if let Some(at) = first {
            if self.spec.text.is_empty() {
                let says = format!("{} have no full text; ask for a field, as in created:today.", self.spec.name);
                self.faults.push(Fault::new(at, code::NOT_SEARCHED, says));
            } else if words.is_empty() && nodes.is_empty() {
                self.faults.push(Fault::new(at, code::SYNTAX, "Expected a word with a letter or a digit."));
            }
        }
        if !words.is_empty() {
            nodes.insert(0, Node::Text(words));
        }
        if nodes.len() == 1 { nodes.remove(0) } else { Node::And(nodes) }
    }

    fn asked(&self, text: &Words) -> Asked {
        let region = self.context.region;
        let is_phone = phone_length(&text.text) == text.text.len();
        if text.form == Form::Quoted {
            let words = tokens(&text.text);
            return if is_phone || words.len() < 2 {
                Asked::Words(query(&text.text, region))
            } else {
                Asked::Phrase(words)
            };
        }
        // Numbers side by side are a phone only where such a phone could be.
        let apart = is_phone && text.text.contains(char::is_whitespace) && !text.text.starts_with('+');
        if apart && region.is_some() && Phone::parse(&text.text, region).is_err() {
            return Asked::Words(tokens(&text.text).into_iter().map(begins).collect());
        }
        let mut words = query(&text.text, region);
        if let Some(last) = words.pop() {
            words.push(begins(last));
        }
        Asked::Words(words)
    }
}

enum Asked {
    Words(Vec<String>),
    Phrase(Vec<String>),
}

/// As the index is asked for words that begin so.
fn begins(word: String) -> String {
    word + "*"
}
