//! ADF 1.0, the XML that lead providers send: read leniently, as they really write it.
//!
//! What can be understood is taken, and what could not be is said in a warning. Only a text without a prospect is an
//! error. Document types and entities of their own are refused.

mod elements;
mod prospect;
#[cfg(test)]
mod tests;

use forecourt_record::{Error, Result};

use self::elements::{Element, parse};
pub use self::prospect::{Customer, Party, Person, Prospect, Vehicle};

/// The longest text that is read: a mail with pictures in it is not what is meant.
pub const LONGEST: usize = 1 << 20;

/// What an ADF text says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    pub prospects: Vec<Prospect>,
    /// What was mended or left out, in sentences that name elements and hold nothing personal.
    pub warnings: Vec<String>,
}

/// Reads a text that holds ADF: as it is, as part of a mail, or with its markup escaped.
///
/// Errors: `Invalid` at `adf` when there is no prospect in it, or it is too long or too deep.
pub fn read(text: &str) -> Result<Reading> {
    let invalid = |detail: &str| Error::field("adf", "bad_format", detail);
    if text.len() > LONGEST {
        return Err(invalid("The ADF is longer than 1 MiB."));
    }
    let mut warnings = Vec::new();
    let cut = elements::cut(text, &mut warnings).ok_or_else(|| invalid("There is no <adf> in it."))?;
    let root = parse(&cut, &mut warnings).map_err(|detail| invalid(&detail))?;
    let mut prospects: Vec<Prospect> = Vec::new();
    for element in root.all("prospect") {
        prospects.push(prospect::read(element, &mut warnings));
    }
    if prospects.is_empty() {
        return Err(invalid("There is no <prospect> in it."));
    }
    // Some put them beside the prospect that they belong to.
    if let [only] = prospects.as_mut_slice() {
        only.adopt(&root, &mut warnings);
    }
    warnings.sort();
    warnings.dedup();
    Ok(Reading { prospects, warnings })
}
