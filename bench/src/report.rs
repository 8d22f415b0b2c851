//! What a run found, as tables for people and as JSON for history.

use std::fmt::Write as _;

use serde::Serialize;

use crate::stats::{Summary, median};
use crate::table::Side::{Left, Right};
use crate::table::{figure, markdown, size};
use crate::work::{Backend, Target};

/// A figure loses at most this share from one size to the next.
const STEP_LOSS: f64 = 0.20;

/// One work at one size: both sides, medians of the rounds.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub backend: Option<Backend>,
    /// Leads in the store; for a work over the stock, vehicles.
    pub size: u64,
    pub work: &'static str,
    pub title: &'static str,
    pub subject: Option<Summary>,
    pub reference_title: Option<&'static str>,
    pub reference: Option<Summary>,
    /// Median of subject over reference, round by round.
    pub ratio: Option<f64>,
    pub target: Option<Target>,
    /// Why the row is worth nothing, when it is not.
    pub failures: Vec<String>,
}

impl Row {
    /// A row without figures.
    pub const fn new(backend: Backend, size: u64) -> Self {
        Self {
            backend: Some(backend),
            size,
            work: "",
            title: "",
            subject: None,
            reference_title: None,
            reference: None,
            ratio: None,
            target: None,
            failures: Vec::new(),
        }
    }

    /// Takes the rounds of both sides in: medians of each, and of their ratios.
    pub fn fill(&mut self, mine: &[Summary], theirs: &[Summary]) {
        self.subject = (!mine.is_empty()).then(|| Summary::median(mine));
        self.reference = (!theirs.is_empty()).then(|| Summary::median(theirs));
        let pairs = mine.iter().zip(theirs).filter(|(_, theirs)| theirs.per_second > 0.0);
        let ratios: Vec<f64> = pairs.map(|(mine, theirs)| mine.per_second / theirs.per_second).collect();
        self.ratio = (!ratios.is_empty()).then(|| median(&ratios));
    }

    /// Says it to whoever waits at the terminal.
    pub fn tell(&self) {
        let told = |side: Option<Summary>| side.map_or("-".to_owned(), |side| figure(side.per_second));
        let (mine, theirs) = (told(self.subject), told(self.reference));
        eprintln!("  {}: {mine} per s, reference {theirs} {}", self.title, self.failures.join("; "));
    }

    /// Whether the target is reached; nothing where none is asked for, or not at this size.
    pub fn met(&self) -> Option<bool> {
        if !self.failures.is_empty() {
            return Some(false);
        }
        let target = self.target.filter(|target| self.size >= target.from_leads)?;
        Some(self.ratio? >= target.ratio)
    }

    fn cells(&self) -> Vec<String> {
        let of =
            |side: Option<Summary>, what: fn(Summary) -> f64| side.map(|side| figure(what(side))).unwrap_or_default();
        let later = self.target.filter(|target| self.size < target.from_leads);
        let met = match (self.failures.is_empty(), later) {
            (false, _) => "**FAILED**".to_owned(),
            (true, Some(target)) if self.ratio.is_some() => {
                format!("at {}", size(target.from_leads))
            }
            _ => verdict(self.met()).to_owned(),
        };
        vec![
            self.backend.map_or("", Backend::name).to_owned(),
            if self.backend.is_some() { size(self.size) } else { String::new() },
            self.title.to_owned(),
            of(self.subject, |side| side.per_second),
            of(self.subject, |side| side.p50_ms),
            of(self.subject, |side| side.p99_ms),
            self.reference_title.unwrap_or_default().to_owned(),
            of(self.reference, |side| side.per_second),
            of(self.reference, |side| side.p50_ms),
            self.ratio.map(figure).unwrap_or_default(),
            self.target.map(|target| format!(">= {}", target.ratio)).unwrap_or_default(),
            met,
        ]
    }
}

/// A single figure with its bound: memory, time to start.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    pub backend: Backend,
    /// As of a row.
    pub size: u64,
    pub what: String,
    pub value: f64,
    pub unit: &'static str,
    /// The most it may be, where a target is set.
    pub at_most: Option<f64>,
}

impl Check {
    fn met(&self) -> Option<bool> {
        self.at_most.map(|bound| self.value <= bound)
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.backend.name().to_owned(),
            size(self.size),
            self.what.clone(),
            format!("{} {}", figure(self.value), self.unit),
            self.at_most.map(|bound| format!("<= {bound} {}", self.unit)).unwrap_or_default(),
            verdict(self.met()).to_owned(),
        ]
    }
}

/// What a work loses of its requests per second as the store grows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    pub backend: Backend,
    pub title: &'static str,
    pub from: u64,
    pub to: u64,
    /// Share lost; negative when it got faster.
    pub loss: f64,
}

/// Everything a run found.
#[derive(Debug, Serialize)]
pub struct Report {
    pub machine: String,
    pub settings: String,
    pub rows: Vec<Row>,
    pub checks: Vec<Check>,
    pub steps: Vec<Step>,
    /// What could not be measured at all, and why.
    pub broken: Vec<String>,
}

impl Report {
    pub fn new(machine: String, settings: String, rows: Vec<Row>, mut checks: Vec<Check>, broken: Vec<String>) -> Self {
        checks.extend(within_rows(&rows));
        let steps = steps(&rows);
        Self { machine, settings, rows, checks, steps, broken }
    }

    /// Whether every row was measured; targets missed are news, not failures.
    pub fn is_whole(&self) -> bool {
        self.broken.is_empty() && self.rows.iter().all(|row| row.failures.is_empty())
    }

    /// The tables.
    pub fn markdown(&self) -> String {
        let mut out = format!("{}\n{}\n\n", self.machine, self.settings);
        let head = [
            ("store", Left),
            ("size", Right),
            ("work", Left),
            ("per s", Right),
            ("p50 ms", Right),
            ("p99 ms", Right),
            ("reference", Left),
            ("per s", Right),
            ("p50 ms", Right),
            ("ratio", Right),
            ("target", Right),
            ("met", Left),
        ];
        out += &markdown(&head, &self.rows.iter().map(Row::cells).collect::<Vec<_>>());
        if !self.checks.is_empty() {
            let head = [
                ("store", Left),
                ("size", Right),
                ("figure", Left),
                ("value", Right),
                ("target", Right),
                ("met", Left),
            ];
            out += "\n";
            out += &markdown(&head, &self.checks.iter().map(Check::cells).collect::<Vec<_>>());
        }
        if !self.steps.is_empty() {
            let head =
                [("store", Left), ("step", Left), ("work", Left), ("loss", Right), ("target", Right), ("met", Left)];
            let cells = self.steps.iter().map(|step| {
                vec![
                    step.backend.name().to_owned(),
                    format!("{} to {}", size(step.from), size(step.to)),
                    step.title.to_owned(),
                    format!("{:.0} %", step.loss * 100.0),
                    format!("<= {:.0} %", STEP_LOSS * 100.0),
                    verdict(Some(step.loss <= STEP_LOSS)).to_owned(),
                ]
            });
            out += "\n";
            out += &markdown(&head, &cells.collect::<Vec<_>>());
        }
        for broken in &self.broken {
            let _ = writeln!(out, "\n**NOT MEASURED** {broken}");
        }
        for row in self.rows.iter().filter(|row| !row.failures.is_empty()) {
            let _ = write!(out, "\n**{}** at {} FAILED: {}\n", row.title, size(row.size), row.failures.join("; "));
        }
        out
    }
}

fn verdict(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "yes",
        Some(false) => "**no**",
        None => "",
    }
}

/// Targets that hold one figure of the subject against another of its own.
fn within_rows(rows: &[Row]) -> Vec<Check> {
    let million = 1_000_000;
    let mut checks = Vec::new();
    for create in rows.iter().filter(|row| row.work == "create") {
        for row in rows
            .iter()
            .filter(|row| row.work.starts_with("enrol-") && row.backend == create.backend && row.size == create.size)
        {
            let (Some(backend), Some(of_create), Some(of_row)) = (row.backend, create.subject, row.subject) else {
                continue;
            };
            checks.push(Check {
                backend,
                size: row.size,
                what: format!("create over {}, requests per second", row.title),
                value: of_create.per_second / of_row.per_second.max(0.001),
                unit: "times",
                at_most: Some(1.0 / ENROL_SHARE),
            });
        }
    }
    for list in rows.iter().filter(|row| row.work == "list") {
        let (Some(backend), Some(of_list)) = (list.backend, list.subject) else {
            continue;
        };
        let check = |what: &str, value: f64, bound: f64| Check {
            backend,
            size: list.size,
            what: what.to_owned(),
            value,
            unit: "times",
            at_most: (list.size >= million).then_some(bound),
        };
        checks.push(check("list: p99 over its p50", of_list.p99_ms / of_list.p50_ms.max(0.001), 3.0));
        let same =
            rows.iter().find(|row| row.work == "summary" && row.backend == list.backend && row.size == list.size);
        if let Some(of_summary) = same.and_then(|row| row.subject) {
            checks.push(check(
                "list over summary, requests per second",
                of_list.per_second / of_summary.per_second.max(0.001),
                1.0,
            ));
        }
    }
    checks
}

/// Putting a person on a schedule through a partner's document is at most so much slower than creating a lead.
const ENROL_SHARE: f64 = 0.8;

/// The loss of each work of the subject from each size to the next larger one measured.
fn steps(rows: &[Row]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let (Some(backend), Some(now)) = (row.backend, row.subject) else {
            continue;
        };
        let earlier = rows[..index].iter().rev().find(|other| other.work == row.work && other.backend == row.backend);
        if let Some((from, before)) = earlier.and_then(|other| Some((other.size, other.subject?)))
            && before.per_second > 0.0
        {
            steps.push(Step {
                backend,
                title: row.title,
                from,
                to: row.size,
                loss: 1.0 - now.per_second / before.per_second,
            });
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(work: &'static str, leads: u64, per_second: f64, ratio: f64, target: Option<Target>) -> Row {
        let summary = Summary { requests: 1_000, per_second, p50_ms: 1.0, p99_ms: 4.0 };
        let reference = Summary { per_second: per_second / ratio, ..summary };
        Row {
            backend: Some(Backend::Sqlite),
            size: leads,
            work,
            title: work,
            subject: Some(summary),
            reference_title: Some("bare"),
            reference: Some(reference),
            ratio: Some(ratio),
            target,
            failures: Vec::new(),
        }
    }

    #[test]
    fn targets_are_asked_for_from_their_size_on() {
        let target = Some(Target { ratio: 0.6, from_leads: 1_000_000 });
        assert_eq!(row("list", 10_000, 5_000.0, 0.1, target).met(), None);
        assert_eq!(row("list", 1_000_000, 5_000.0, 0.59, target).met(), Some(false));
        assert_eq!(row("list", 1_000_000, 5_000.0, 0.6, target).met(), Some(true));
        assert_eq!(row("list", 1_000_000, 5_000.0, 0.6, None).met(), None);
    }

    #[test]
    fn a_failed_row_meets_nothing_and_spoils_the_run() {
        let failed = Row { failures: vec!["500 instead of 200".to_owned()], ..row("read", 10_000, 9.0, 2.0, None) };
        assert_eq!(failed.met(), Some(false));
        let report = Report::new(String::new(), String::new(), vec![failed], Vec::new(), Vec::new());
        assert!(!report.is_whole());
        assert!(report.markdown().contains("**FAILED**") && report.markdown().contains("500 instead of 200"));
    }

    #[test]
    fn steps_compare_neighbouring_sizes_of_one_work() {
        let rows = [
            row("read", 10_000, 1_000.0, 1.0, None),
            row("list", 10_000, 500.0, 1.0, None),
            row("read", 100_000, 900.0, 1.0, None),
            row("read", 1_000_000, 450.0, 1.0, None),
        ];
        let losses: Vec<(u64, u64, i64)> =
            steps(&rows).iter().map(|step| (step.from, step.to, (step.loss * 100.0).round() as i64)).collect();
        assert_eq!(losses, [(10_000, 100_000, 10), (100_000, 1_000_000, 50)]);
    }

    #[test]
    fn the_list_is_held_against_itself_and_the_summary_at_a_million() {
        let rows = [row("list", 1_000_000, 3_000.0, 1.0, None), row("summary", 1_000_000, 6_000.0, 1.0, None)];
        let met: Vec<Option<bool>> = within_rows(&rows).iter().map(Check::met).collect();
        assert_eq!(met, [Some(false), Some(true)], "p99 is 4 times p50; the summary is twice as fast as the list");
        assert!(within_rows(&[row("list", 10_000, 1.0, 1.0, None)]).iter().all(|check| check.met().is_none()));
    }

    #[test]
    fn the_table_reads_as_promised() {
        let target = |from_leads| Some(Target { ratio: 0.5, from_leads });
        let rows =
            vec![row("create", 10_000, 4_500.0, 0.75, target(0)), row("list", 10_000, 900.0, 0.4, target(1_000_000))];
        let report = Report::new("2 cores".to_owned(), "3 rounds".to_owned(), rows, Vec::new(), Vec::new());
        let expected = "\
2 cores
3 rounds

| store  | size | work   | per s | p50 ms | p99 ms | reference | per s | p50 ms | ratio | target | met   |
| ------ | ---: | ------ | ----: | -----: | -----: | --------- | ----: | -----: | ----: | -----: | ----- |
| sqlite |  10k | create | 4,500 |   1.00 |   4.00 | bare      | 6,000 |   1.00 |  0.75 | >= 0.5 | yes   |
| sqlite |  10k | list   |   900 |   1.00 |   4.00 | bare      | 2,250 |   1.00 |  0.40 | >= 0.5 | at 1m |
";
        assert!(report.markdown().starts_with(expected), "{}", report.markdown());
    }
}
