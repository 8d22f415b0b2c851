//! What the leads came to, by period and location. Every figure comes from tallies: none of them looks at a lead.

use std::{collections::BTreeMap, sync::Arc};

use forecourt_record::{
    Error, Instant, Kind, Result, SaleLead,
    calendar::{Days, Period},
    pipeline::{Phase, Pipeline},
};
use forecourt_store::{Lane, Shaped, TallyRow, Tx};

use crate::{
    Caller, Config, Crm, Sight,
    config::{Asked, Question},
};

/// Which leads are counted: those created in a period, at a location or at all that the caller sees.
#[derive(Clone, Debug)]
pub struct AnalyticsQuery {
    pub period: Period,
    pub location: Option<String>,
}

/// A number of leads, and what their scores and costs add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub leads: i64,
    pub sold: i64,
    score: i64,
    /// In hundredths of the dealer's currency.
    pub cost: i64,
}

/// The figures of a period.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub total: Count,
    pub by_status: BTreeMap<String, i64>,
    pub by_filter: BTreeMap<String, i64>,
    pub by_location: BTreeMap<String, i64>,
    pub appointments_set: i64,
    pub appointments_shown: i64,
    /// To two significant digits.
    pub median_first_human_response_seconds: Option<i64>,
    /// Every day of the period, in order.
    pub series: Vec<(String, Count)>,
}

impl Count {
    fn add(&mut self, row: &TallyRow, sold: bool) {
        self.leads += row.n;
        self.sold += if sold { row.n } else { 0 };
        self.score += row.sums[0];
        self.cost += row.sums[1];
    }

    /// Sold of all, to four places; 0 of none.
    pub fn conversion(&self) -> f64 {
        ratio(self.sold, self.leads, 10_000.0)
    }

    /// The mean score, to two places; 0 of none.
    pub fn average_score(&self) -> f64 {
        ratio(self.score, self.leads, 100.0)
    }
}

fn ratio(part: i64, whole: i64, places: f64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * places).round() / places }
}

impl Crm {
    /// The figures of a period. Errors: `Invalid` (`location`).
    pub async fn analytics_summary(&self, caller: &Caller, query: AnalyticsQuery) -> Result<Summary> {
        self.analytics(caller, Summarise(self.counting(caller, query))).await
    }

    /// The figures of each source, most leads first. Leads without a source are counted under none.
    pub async fn analytics_sources(
        &self,
        caller: &Caller,
        query: AnalyticsQuery,
    ) -> Result<Vec<(Option<String>, Count)>> {
        self.analytics(caller, Sources(self.counting(caller, query))).await
    }

    fn counting(&self, caller: &Caller, query: AnalyticsQuery) -> Counting {
        Counting { query, sight: caller.sight.clone(), now: self.now() }
    }

    async fn analytics<Q: Question>(&self, caller: &Caller, question: Q) -> Result<Q::Answer> {
        let command = Asked { question, configs: self.configs.clone() };
        let shape = |(_, answer)| answer;
        self.store.read(self.scope(caller), Lane::Quick, Shaped { command, shape }).await
    }
}

/// What is counted, as asked for.
struct Counting {
    query: AnalyticsQuery,
    sight: Sight,
    now: Instant,
}

impl Counting {
    fn days(&self, config: &Config) -> Days {
        self.query.period.days(self.now, config.zone())
    }

    /// Whose leads are counted: everybody's, or those of some locations.
    fn places(&self, config: &Config) -> Result<Places> {
        Ok(match (&self.query.location, &self.sight) {
            (Some(code), sight) if config.location(code).is_some() && sight.sees(Some(code)) => {
                Places::Some(vec![code.clone()])
            }
            (Some(code), _) => {
                let detail = format!("There is no location \"{code}\".");
                return Err(Error::field("location", "not_allowed", detail));
            }
            (None, Sight::All) => Places::All,
            (None, Sight::Locations(codes)) => Places::Some(codes.clone()),
        })
    }
}

#[derive(Clone, Debug)]
enum Places {
    All,
    Some(Vec<String>),
}

impl Places {
    /// The tallies of each day by one more column: day and value.
    async fn by_day(&self, tx: &mut Tx, column: &str, days: Days) -> Result<Vec<TallyRow>> {
        let (first, last) = (days.first().to_string(), days.last().to_string());
        let mut rows = Vec::new();
        match self {
            Self::All => {
                rows = tx.tallies_between(SaleLead::SPEC, &format!("day,{column}"), &[], &first, &last).await?;
            }
            Self::Some(codes) => {
                let dimension = format!("location,day,{column}");
                for code in codes {
                    let here = tx.tallies_between(SaleLead::SPEC, &dimension, &[code], &first, &last).await?;
                    rows.extend(here.into_iter().map(without_location));
                }
            }
        }
        Ok(rows)
    }

    /// The tallies of the whole period by some columns: their values.
    async fn summed(&self, tx: &mut Tx, columns: &str, days: Days) -> Result<Vec<TallyRow>> {
        let (first, last) = (days.first().to_string(), days.last().to_string());
        let mut rows = Vec::new();
        match self {
            Self::All => {
                rows = tx.tallies_summed(SaleLead::SPEC, &format!("day,{columns}"), &[], &first, &last).await?;
            }
            Self::Some(codes) => {
                let dimension = format!("location,day,{columns}");
                for code in codes {
                    rows.extend(tx.tallies_summed(SaleLead::SPEC, &dimension, &[code], &first, &last).await?);
                }
            }
        }
        Ok(rows)
    }
}

fn without_location(mut row: TallyRow) -> TallyRow {
    row.values.remove(0);
    row
}

fn is_sold(pipeline: &Pipeline, status: Option<&String>) -> bool {
    status.is_some_and(|status| pipeline.phase(status) == Some(Phase::Won))
}

struct Summarise(Counting);

impl Question for Summarise {
    type Answer = Summary;

    async fn ask(&self, tx: &mut Tx, config: &Arc<Config>) -> Result<Summary> {
        let (places, days) = (self.0.places(config)?, self.0.days(config));
        let pipeline = &config.dealer.doc.pipeline;
        let mut summary = Summary::default();
        let mut series: BTreeMap<String, Count> = days.iter().map(|day| (day.to_string(), Count::default())).collect();
        for row in places.by_day(tx, "status", days).await? {
            let sold = is_sold(pipeline, row.values.get(1).and_then(Option::as_ref));
            summary.total.add(&row, sold);
            if let [Some(day), Some(status)] = row.values.as_slice() {
                series.entry(day.clone()).or_default().add(&row, sold);
                *summary.by_status.entry(status.clone()).or_default() += row.n;
            }
        }
        summary.series = series.into_iter().collect();
        for row in places.summed(tx, "filter", days).await? {
            if let [Some(filter)] = row.values.as_slice() {
                *summary.by_filter.entry(filter.clone()).or_default() += row.n;
            }
        }
        for row in places.summed(tx, "appointment", days).await? {
            let [Some(state)] = row.values.as_slice() else {
                continue;
            };
            summary.appointments_set += row.n;
            summary.appointments_shown += if state == "shown" { row.n } else { 0 };
        }
        let responses = places.summed(tx, "response", days).await?;
        summary.median_first_human_response_seconds = median(&responses);
        let codes: Vec<String> = match &places {
            Places::All => config.locations.iter().map(|location| location.doc.code.clone()).collect(),
            Places::Some(codes) => codes.clone(),
        };
        for code in codes {
            let here = Places::Some(vec![code.clone()]);
            let leads = here.summed(tx, "filter", days).await?.iter().map(|row| row.n).sum();
            summary.by_location.insert(code, leads);
        }
        Ok(summary)
    }
}

/// The middle one of the counted response times; the lower of two middles.
fn median(rows: &[TallyRow]) -> Option<i64> {
    let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
    for row in rows {
        if let Some(seconds) = row.values.first().and_then(Option::as_ref).and_then(|text| text.parse().ok()) {
            *counts.entry(seconds).or_default() += row.n;
        }
    }
    let total: i64 = counts.values().sum();
    let mut seen = 0;
    counts.into_iter().find_map(|(seconds, n)| {
        seen += n;
        (total > 0 && seen * 2 >= total).then_some(seconds)
    })
}

struct Sources(Counting);

impl Question for Sources {
    type Answer = Vec<(Option<String>, Count)>;

    async fn ask(&self, tx: &mut Tx, config: &Arc<Config>) -> Result<Self::Answer> {
        let (places, days) = (self.0.places(config)?, self.0.days(config));
        let pipeline = &config.dealer.doc.pipeline;
        let mut sources: BTreeMap<Option<String>, Count> = BTreeMap::new();
        for row in places.summed(tx, "source,status", days).await? {
            let [source, status] = row.values.as_slice() else {
                continue;
            };
            sources.entry(source.clone()).or_default().add(&row, is_sold(pipeline, status.as_ref()));
        }
        let mut sources: Vec<_> = sources.into_iter().collect();
        sources.sort_by(|left, right| right.1.leads.cmp(&left.1.leads).then_with(|| left.0.cmp(&right.0)));
        Ok(sources)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_counts_each_response_once() {
        let row = |seconds: i64, n| TallyRow { values: vec![Some(seconds.to_string())], n, sums: [0; 2] };
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[row(30, 1), row(5, 1), row(900, 1)]), Some(30));
        assert_eq!(median(&[row(5, 10), row(900, 3)]), Some(5));
        assert_eq!(median(&[row(5, 1), row(900, 1)]), Some(5));
    }

    #[test]
    fn rates_are_rounded_and_nothing_of_nothing_is_nothing() {
        let count = Count { leads: 3, sold: 1, score: 164, cost: 0 };
        assert!((count.conversion() - 0.3333).abs() < 1e-9);
        assert!((count.average_score() - 54.67).abs() < 1e-9);
        assert!(Count::default().conversion().abs() < 1e-9);
    }
}
