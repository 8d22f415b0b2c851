//! The rules a dealer begins with, in the United States and in Europe.

use std::sync::LazyLock;

use super::{Rules, Scope, Window};
use crate::calendar::Hours;

impl Rules {
    /// For dealers in the United States: the federal hours, and the states' hours, days off and caps where they are stricter.
    /// Holidays are known to the end of 2028.
    pub fn us() -> &'static Self {
        static US: LazyLock<Rules> = LazyLock::new(|| Rules::read(include_str!("us.json")));
        &US
    }

    /// For dealers in Europe: cautious hours for everyone, no Sundays, and none of Germany's nationwide holidays there. Holidays
    /// are known to the end of 2028.
    pub fn eu() -> &'static Self {
        static EU: LazyLock<Rules> = LazyLock::new(|| Rules::read(include_str!("eu.json")));
        &EU
    }

    /// Rules that cannot be read would allow everything; so nothing is allowed.
    fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|reason| {
            let (name, source) = ("unreadable".to_owned(), format!("The rules cannot be read: {reason}"));
            let closed = Window { name, scope: Scope::default(), hours: Hours::default(), source };
            Self { windows: vec![closed], ..Self::default() }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Shape;

    #[test]
    fn the_presets_are_rules_that_can_be_used() {
        for (text, rules) in [(include_str!("us.json"), Rules::us()), (include_str!("eu.json"), Rules::eu())] {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(Shape::of::<Rules>().check(&value), []);
            assert_eq!(rules.check(), []);
            assert_eq!(*rules, serde_json::from_value::<Rules>(value).unwrap());
            let windows = rules.windows.iter().map(|row| &row.source);
            let others = rules.holidays.iter().map(|row| &row.source).chain(rules.limits.iter().map(|row| &row.source));
            let others = others.chain(rules.consent.iter().map(|row| &row.source));
            assert!(windows.chain(others).all(|source| !source.is_empty()), "a row without its source");
        }
    }

    #[test]
    fn rules_that_cannot_be_read_allow_nothing() {
        let rules = Rules::read("{\"windows\": 1}");
        assert!(rules.windows[0].hours.is_empty() && rules.windows[0].scope == Scope::default());
    }
}
