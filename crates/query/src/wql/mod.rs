//! WQL, the language of the search box: `status:new,contacted make:ford created:-7d..today "jose garcia"`.
//!
//! Read in three steps: the grammar knows no fields, the resolver knows no grammar, and what comes out is the same tree that
//! every other way of asking builds. `docs/wql.md` is the guide.

mod alias;
mod ast;
mod clause;
mod grammar;
mod moment;
mod print;
mod resolve;
mod scan;
#[cfg(test)]
mod tests;
mod value;
mod writing;

use forecourt_record::{Instant, Result, calendar::Zone, spec::KindSpec};

pub use print::print;

use crate::Node;

/// What a search means depends on who asks, when and where.
#[derive(Clone, Copy, Debug)]
pub struct WqlContext<'a> {
    pub now: Instant,
    /// The zone of days, months and years.
    pub zone: &'a Zone,
    /// The id of the user who asks, if it is one: what `me` stands for.
    pub me: Option<&'a str>,
    /// ISO 3166 alpha-2: how phone numbers without a country code are read.
    pub region: Option<&'a str>,
}

/// Reads a search over the documents of a kind. An empty one finds everything.
///
/// Errors: `Invalid`, each field error with the column (in characters, from 1) and what was expected there: the first error of
/// grammar, or every field and value that is wrong.
pub fn parse(spec: &'static KindSpec, text: &str, context: &WqlContext<'_>) -> Result<Node> {
    let expr = grammar::read(text).map_err(|fault| scan::error(&[fault], text))?;
    resolve::resolve(spec, &expr, context).map_err(|faults| scan::error(&faults, text))
}
