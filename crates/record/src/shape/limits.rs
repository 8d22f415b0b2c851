//! The limits of strings, numbers and lengths.

use serde_json::Number;

use super::{code, format::Format, path::Path};
use crate::FieldError;

#[derive(Debug, Default)]
pub(super) struct Text {
    pub min: usize,
    pub max: Option<usize>,
    pub format: Option<Format>,
}

#[derive(Debug, Default)]
pub(super) struct Range {
    pub integer: bool,
    pub min: Option<Number>,
    pub max: Option<Number>,
    pub above: Option<Number>,
    pub below: Option<Number>,
}

impl Text {
    pub fn check(&self, text: &str, path: &Path<'_>, errors: &mut Vec<FieldError>) {
        check_nul(text, path, errors);
        // Counting is spared where the bytes alone decide.
        if text.len() < self.min.saturating_mul(4) || self.max.is_some_and(|max| text.len() > max) {
            check_length(text.chars().count(), self.min, self.max, ["character", "characters"], path, errors);
        }
        if let Some(Err(reason)) = self.format.map(|format| format.check(text)) {
            errors.push(path.error(code::BAD_FORMAT, sentence(reason)));
        }
    }
}

impl Range {
    pub fn is_of_type(&self, number: &Number) -> bool {
        !self.integer || number.is_i64() || number.is_u64()
    }

    pub fn check(&self, number: &Number, path: &Path<'_>, errors: &mut Vec<FieldError>) {
        let mut refuse = |limit: &Option<Number>, wrong: fn(&Number, &Number) -> bool, code, must: &str| {
            if let Some(limit) = limit
                && wrong(number, limit)
            {
                errors.push(path.error(code, format!("Must be {must} {limit}.")));
            }
        };
        refuse(&self.min, less, code::TOO_SMALL, "at least");
        refuse(&self.above, |number, limit| !less(limit, number), code::TOO_SMALL, "more than");
        refuse(&self.max, |number, limit| less(limit, number), code::TOO_LARGE, "at most");
        refuse(&self.below, |number, limit| !less(number, limit), code::TOO_LARGE, "less than");
    }
}

/// Whole numbers are compared as such: 2^63 and its neighbours are one float.
fn less(a: &Number, b: &Number) -> bool {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => a < b,
        _ => a.as_f64() < b.as_f64(),
    }
}

fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

pub(super) fn check_nul(text: &str, path: &Path<'_>, errors: &mut Vec<FieldError>) {
    // PostgreSQL cannot store it, and nothing good ever holds one.
    if text.as_bytes().contains(&0) {
        errors.push(path.error(code::NUL_CHARACTER, "Must not hold the character NUL."));
    }
}

pub(super) fn check_length(
    length: usize,
    min: usize,
    max: Option<usize>,
    unit: [&str; 2],
    path: &Path<'_>,
    errors: &mut Vec<FieldError>,
) {
    let count = |limit: usize| format!("{limit} {}", unit[usize::from(limit != 1)]);
    if length < min {
        errors.push(path.error(code::TOO_SHORT, format!("Must have at least {}.", count(min))));
    } else if let Some(max) = max.filter(|max| length > *max) {
        errors.push(path.error(code::TOO_LONG, format!("Must have at most {}.", count(max))));
    }
}
