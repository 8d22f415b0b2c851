//! What a lead is worth: the scorecard as data, and the score as a pure function of the answers.
//!
//! Source of the standard card: Altum Drive v1.4, "Scoring".

mod check;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt};

use rust_decimal::{Decimal, RoundingStrategy::MidpointAwayFromZero};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::values::{as_number, as_optional_number, number};

/// The questions a person is qualified by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    CreditScore,
    DownPayment,
    HasBank,
    IdType,
    TradeIn,
}

impl Question {
    pub const ALL: &[Self] = &[Self::CreditScore, Self::DownPayment, Self::HasBank, Self::IdType, Self::TradeIn];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreditScore => "credit_score",
            Self::DownPayment => "down_payment",
            Self::HasBank => "has_bank",
            Self::IdType => "id_type",
            Self::TradeIn => "trade_in",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CreditScore {
    Excellent,
    Good,
    Fair,
    Poor,
    None,
}

impl CreditScore {
    pub const ALL: &[Self] = &[Self::Excellent, Self::Good, Self::Fair, Self::Poor, Self::None];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Excellent => "excellent",
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Poor => "poor",
            Self::None => "none",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IdType {
    License,
    Matricula,
    Passport,
    None,
}

impl IdType {
    pub const ALL: &[Self] = &[Self::License, Self::Matricula, Self::Passport, Self::None];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::License => "license",
            Self::Matricula => "matricula",
            Self::Passport => "passport",
            Self::None => "none",
        }
    }
}

/// What a person answered; None is a question still open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answers {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_score: Option<CreditScore>,
    /// In units of the dealer's currency.
    #[serde(skip_serializing_if = "Option::is_none", with = "as_optional_number")]
    pub down_payment: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_bank: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_type: Option<IdType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trade_in: Option<bool>,
}

impl Answers {
    pub fn get(&self, question: Question) -> Option<Answer> {
        match question {
            Question::CreditScore => self.credit_score.map(|answer| Answer::Word(answer.as_str().to_owned())),
            Question::DownPayment => self.down_payment.map(Answer::Amount),
            Question::HasBank => self.has_bank.map(Answer::Flag),
            Question::IdType => self.id_type.map(|answer| Answer::Word(answer.as_str().to_owned())),
            Question::TradeIn => self.trade_in.map(Answer::Flag),
        }
    }
}

/// One answer, whatever the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Word(String),
    Amount(Decimal),
    Flag(bool),
}

impl Answer {
    /// As JSON: a string, a number, a boolean.
    pub fn value(&self) -> Value {
        match self {
            Self::Word(word) => word.clone().into(),
            Self::Amount(amount) => number(*amount).into(),
            Self::Flag(flag) => (*flag).into(),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Amount(amount) => amount.normalize().fmt(f),
            Self::Flag(flag) => f.write_str(if *flag { "yes" } else { "no" }),
        }
    }
}

/// How answers become points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// Each word has its points; others have none.
    Choice { points: BTreeMap<String, i64> },
    /// None up to `from`, rising evenly to all of them at `to`, no more above.
    Linear {
        #[serde(with = "as_number")]
        #[schemars(with = "f64")]
        from: Decimal,
        #[serde(with = "as_number")]
        #[schemars(with = "f64")]
        to: Decimal,
    },
    /// All of them for yes.
    Flag,
}

/// A question of the card, the most it can give, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub name: Question,
    #[schemars(range(min = 0, max = 100))]
    pub max: i64,
    pub rule: Rule,
}

/// Scores from `from` upward, as far as the next band.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    #[schemars(length(min = 1, max = 40))]
    pub name: String,
    #[schemars(range(min = 0, max = 100))]
    pub from: i64,
}

/// A dealer's scorecard. A lead keeps the version it was scored with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scorecard {
    pub version: i64,
    pub inputs: Vec<Input>,
    /// The best first; the last begins at 0.
    pub bands: Vec<Band>,
}

impl Default for Scorecard {
    /// The standard card, version 1: 100 points over five questions, A from 70, B from 40.
    fn default() -> Self {
        let choice = |points: &[(&str, i64)]| Rule::Choice {
            points: points.iter().map(|(word, points)| ((*word).to_owned(), *points)).collect(),
        };
        let input = |name, max, rule| Input { name, max, rule };
        let band = |name: &str, from| Band { name: name.to_owned(), from };
        Self {
            version: 1,
            inputs: vec![
                input(
                    Question::CreditScore,
                    30,
                    choice(&[("excellent", 30), ("good", 30), ("fair", 20), ("poor", 10), ("none", 0)]),
                ),
                input(Question::DownPayment, 25, Rule::Linear { from: Decimal::ZERO, to: Decimal::from(7500) }),
                input(Question::HasBank, 15, Rule::Flag),
                input(
                    Question::IdType,
                    15,
                    choice(&[("license", 15), ("matricula", 15), ("passport", 15), ("none", 0)]),
                ),
                input(Question::TradeIn, 15, Rule::Flag),
            ],
            bands: vec![band("A", 70), band("B", 40), band("Reject", 0)],
        }
    }
}

/// A score, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    /// 0 to 100, half points rounded up.
    pub score: i64,
    /// The name of the band it lies in.
    pub band: String,
    /// One line per input, in the order of the card.
    pub breakdown: Vec<Line>,
    /// Single answers that would lift the lead into a better band.
    pub what_would_change: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub input: Question,
    pub value: Option<Value>,
    /// To two places; the score is rounded once, from the exact sum.
    pub points: Decimal,
    pub max: i64,
    /// Not answered yet.
    pub missing: bool,
}

/// One answer that would change the band.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub input: Question,
    /// The smallest that is enough.
    pub answer: Answer,
    /// Points more than now, to two places.
    pub gain: Decimal,
    pub score: i64,
    pub band: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { input, answer, gain, score: _, band } = self;
        write!(f, "answering {} with {answer} gives +{} -> {band}", input.as_str(), gain.normalize())
    }
}

/// Scores answers by a card. Unanswered questions give nothing and are marked missing.
pub fn score(card: &Scorecard, answers: &Answers) -> Scored {
    let answered: Vec<Option<Answer>> = card.inputs.iter().map(|input| answers.get(input.name)).collect();
    let points: Vec<Decimal> =
        card.inputs.iter().zip(&answered).map(|(input, answer)| input.points(answer.as_ref())).collect();
    let total: Decimal = points.iter().sum();
    let line = |((input, answer), points): ((&Input, &Option<Answer>), &Decimal)| Line {
        input: input.name,
        value: answer.as_ref().map(Answer::value),
        points: to_cents(*points),
        max: input.max,
        missing: answer.is_none(),
    };
    let change = |(input, points): (&Input, &Decimal)| card.change(input, total, *points);
    Scored {
        score: rounded(total),
        band: card.band(rounded(total)).map_or_else(String::new, |(_, band)| band.name.clone()),
        breakdown: card.inputs.iter().zip(&answered).zip(&points).map(line).collect(),
        what_would_change: card.inputs.iter().zip(&points).filter_map(change).collect(),
    }
}

fn rounded(total: Decimal) -> i64 {
    i64::try_from(total.round_dp_with_strategy(0, MidpointAwayFromZero)).unwrap_or(0)
}

fn to_cents(points: Decimal) -> Decimal {
    points.round_dp_with_strategy(2, MidpointAwayFromZero).normalize()
}

impl Input {
    fn points(&self, answer: Option<&Answer>) -> Decimal {
        match (&self.rule, answer) {
            (Rule::Choice { points }, Some(Answer::Word(word))) => points.get(word).copied().unwrap_or(0).into(),
            (Rule::Linear { from, to }, Some(Answer::Amount(amount))) if from < to => {
                // Multiplied first: what comes out even stays exact.
                let share = |above: Decimal| above.checked_mul(self.max.into())?.checked_div(to.checked_sub(*from)?);
                (*amount).clamp(*from, *to).checked_sub(*from).and_then(share).unwrap_or_default()
            }
            (Rule::Flag, Some(Answer::Flag(true))) => self.max.into(),
            _ => Decimal::ZERO,
        }
    }

    /// The smallest answer that gives at least so many points.
    fn answer_for(&self, needed: Decimal) -> Option<Answer> {
        match &self.rule {
            Rule::Choice { points } => {
                let enough = points.iter().filter(|(_, points)| Decimal::from(**points) >= needed);
                enough.min_by_key(|(_, points)| **points).map(|(word, _)| Answer::Word(word.clone()))
            }
            Rule::Linear { from, to } if needed <= Decimal::from(self.max) => {
                let above = needed.checked_mul(to.checked_sub(*from)?)?.checked_div(self.max.into())?;
                Some(Answer::Amount(from.checked_add(above)?.ceil()))
            }
            Rule::Flag if needed <= Decimal::from(self.max) => Some(Answer::Flag(true)),
            Rule::Linear { .. } | Rule::Flag => None,
        }
    }
}

impl Scorecard {
    /// The band a score lies in, with its place from the top.
    fn band(&self, score: i64) -> Option<(usize, &Band)> {
        self.bands.iter().enumerate().find(|(_, band)| score >= band.from)
    }

    /// The answer to `input` alone that lifts the total into the best band it can reach; None when it changes nothing.
    fn change(&self, input: &Input, total: Decimal, points: Decimal) -> Option<Change> {
        let (now, _) = self.band(rounded(total))?;
        self.bands[..now].iter().find_map(|band| {
            // Half a point below the band is rounded into it.
            let needed = Decimal::from(band.from) - Decimal::new(5, 1) - (total - points);
            let answer = input.answer_for(needed)?;
            let gain = input.points(Some(&answer)) - points;
            let score = rounded(total + gain);
            (score >= band.from).then(|| Change {
                input: input.name,
                answer,
                gain: to_cents(gain),
                score,
                band: band.name.clone(),
            })
        })
    }
}
