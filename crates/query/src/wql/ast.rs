//! What was typed, before anything is known of the fields it names. Places are bytes into the text.

/// A search as it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Not(Box<Expr>),
    Clause(Clause),
    Words(Words),
}

/// A field and what is asked of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// A path or an alias, as typed.
    pub name: String,
    pub at: usize,
    pub test: Test,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// `field:*`
    Any,
    /// `field:empty`
    Empty,
    /// `field:a,b`
    In(Vec<Literal>),
    /// `field:a..b`, both ends included.
    Between(Literal, Literal),
    /// `field>=a`
    Compare(Relation, Literal),
}

/// An operator, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Equal,
    Unequal,
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// A value beside a field; its type comes from the field.
#[derive(Clone, Debug, PartialEq)]
pub struct Literal {
    pub text: String,
    pub at: usize,
    pub form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Word,
    /// A word that ended in `*`, which is off.
    Prefix,
    Quoted,
}

/// A stretch of full text.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    pub text: String,
    pub at: usize,
    pub form: Form,
}
