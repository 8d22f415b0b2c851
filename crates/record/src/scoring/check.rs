//! Whether a scorecard makes sense.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::{CreditScore, IdType, Input, Question, Rule, Scorecard};
use crate::{FieldError, shape::code};

/// No down payment is larger, in any currency.
const MOST: i64 = 1_000_000_000_000;

impl Scorecard {
    /// Everything that is wrong with the card, with pointers into it. An empty answer is a card that can be used.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut refuse = |pointer: String, code, detail: String| {
            errors.push(FieldError::new(pointer, code, detail));
        };
        let sum: i64 = self.inputs.iter().fold(0, |sum, input| sum.saturating_add(input.max));
        if sum != 100 {
            refuse(
                "/inputs".into(),
                code::NOT_ALLOWED,
                format!("The most the inputs can give must add up to 100, not {sum}."),
            );
        }
        let mut seen = HashSet::new();
        for (at, input) in self.inputs.iter().enumerate() {
            if !seen.insert(input.name) {
                let detail = format!("\"{}\" is asked twice.", input.name.as_str());
                refuse(format!("/inputs/{at}/name"), code::NOT_ALLOWED, detail);
            }
            input.check(&mut |member, code, detail| {
                refuse(format!("/inputs/{at}/{member}"), code, detail);
            });
        }
        let mut names = HashSet::new();
        for (at, band) in self.bands.iter().enumerate() {
            if band.name.trim().is_empty() {
                refuse(format!("/bands/{at}/name"), code::TOO_SHORT, "A band needs a name.".into());
            }
            if !names.insert(band.name.as_str()) {
                refuse(
                    format!("/bands/{at}/name"),
                    code::NOT_ALLOWED,
                    format!("There are two bands \"{}\".", band.name),
                );
            }
            if !(0..=100).contains(&band.from) {
                refuse(format!("/bands/{at}/from"), code::NOT_ALLOWED, "Must be from 0 to 100.".into());
            }
            if at > 0 && band.from >= self.bands[at - 1].from {
                refuse(
                    format!("/bands/{at}/from"),
                    code::NOT_ALLOWED,
                    "Bands go from the best down: must be less than the one before.".into(),
                );
            }
        }
        match self.bands.last() {
            None => refuse("/bands".into(), code::TOO_SHORT, "At least one band is needed.".into()),
            Some(last) if last.from != 0 => {
                refuse(
                    format!("/bands/{}/from", self.bands.len() - 1),
                    code::NOT_ALLOWED,
                    "The last band must begin at 0.".into(),
                );
            }
            Some(_) => {}
        }
        errors
    }
}

impl Input {
    fn check(&self, refuse: &mut dyn FnMut(String, &'static str, String)) {
        if !(0..=100).contains(&self.max) {
            refuse("max".into(), code::NOT_ALLOWED, "Must be from 0 to 100.".into());
        }
        let words: Option<Vec<&str>> = match self.name {
            Question::CreditScore => Some(CreditScore::ALL.iter().map(|word| word.as_str()).collect()),
            Question::IdType => Some(IdType::ALL.iter().map(|word| word.as_str()).collect()),
            Question::DownPayment | Question::HasBank | Question::TradeIn => None,
        };
        match (&self.rule, self.name, words) {
            (Rule::Choice { points }, _, Some(words)) => {
                for (word, points) in points {
                    // No word known here holds a character that a pointer escapes; others are quoted as they are.
                    let member = || format!("rule/points/{}", word.replace('~', "~0").replace('/', "~1"));
                    if !words.contains(&word.as_str()) {
                        refuse(member(), code::UNKNOWN_MEMBER, format!("Must be one of {}.", words.join(", ")));
                    }
                    if !(0..=self.max).contains(points) {
                        refuse(
                            member(),
                            code::NOT_ALLOWED,
                            format!("Must be from 0 to the input's most, {}.", self.max),
                        );
                    }
                }
            }
            (Rule::Linear { from, to }, Question::DownPayment, _) => {
                for (member, amount) in [("rule/from", from), ("rule/to", to)] {
                    if !(Decimal::ZERO..=Decimal::from(MOST)).contains(amount) {
                        refuse(member.into(), code::NOT_ALLOWED, format!("Must be from 0 to {MOST}."));
                    }
                }
                if from >= to {
                    refuse("rule/to".into(), code::TOO_SMALL, "Must be more than \"from\".".into());
                }
            }
            (Rule::Flag, Question::HasBank | Question::TradeIn, _) => {}
            (Rule::Choice { .. } | Rule::Linear { .. } | Rule::Flag, name, _) => {
                let fit = match name {
                    Question::CreditScore | Question::IdType => "choice",
                    Question::DownPayment => "linear",
                    Question::HasBank | Question::TradeIn => "flag",
                };
                refuse(
                    "rule/kind".into(),
                    code::NOT_ALLOWED,
                    format!("The rule of \"{}\" must be {fit}.", name.as_str()),
                );
            }
        }
    }
}
