//! Whether rules make sense.

use std::collections::HashSet;

use super::{GAP, Rules, UNKNOWN_ZONE, WITHDRAWN};
use crate::{FieldError, calendar::Weekday, shape::code};

impl Rules {
    /// Everything that is wrong with the rules beyond their shape, with pointers into them. An empty answer is rules that
    /// can be used.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut seen = HashSet::from([GAP, UNKNOWN_ZONE, WITHDRAWN]);
        let windows = self.windows.iter().map(|row| ("windows", &row.name));
        let holidays = self.holidays.iter().map(|row| ("holidays", &row.name));
        let limits = self.limits.iter().map(|row| ("limits", &row.name));
        let consent = self.consent.iter().map(|row| ("consent", &row.name));
        let sorts = [windows.collect::<Vec<_>>(), holidays.collect(), limits.collect(), consent.collect()];
        for (at, (sort, name)) in sorts.iter().flat_map(|rows| rows.iter().enumerate()) {
            let pointer = || format!("/{sort}/{at}/name");
            if name.is_empty() || !name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_') {
                let detail = "A name is of small letters, digits and underscores.".to_owned();
                errors.push(FieldError::new(pointer(), code::NOT_ALLOWED, detail));
            }
            if !seen.insert(name.as_str()) {
                let detail = format!("The name \"{name}\" is taken: answers tell rows by it.");
                errors.push(FieldError::new(pointer(), code::NOT_ALLOWED, detail));
            }
        }
        for (at, window) in self.windows.iter().enumerate() {
            for day in Weekday::ALL {
                let word = format!("{day:?}").to_lowercase();
                for (span, _) in window.hours.on(day).iter().enumerate().filter(|(_, span)| span.from >= span.to) {
                    let pointer = format!("/windows/{at}/hours/{word}/{span}/to");
                    let detail = "Must be after \"from\"; a day without any span is closed.".to_owned();
                    errors.push(FieldError::new(pointer, code::TOO_SMALL, detail));
                }
            }
        }
        errors
    }
}
