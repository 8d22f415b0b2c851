//! Random questions over random documents: both databases answer what the oracle in memory answers.

use std::collections::BTreeMap;

use forecourt_query::{Filter, Op, Value, matches};
use forecourt_record::{Document, Kind, SaleLead, text};
use proptest::{
    prelude::*,
    sample::select,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use tokio::runtime::Handle;

use crate::support::*;

both!(databases_and_oracle_agree);

const CASES: u32 = 300;
const DOCUMENTS: usize = 120;
const STATUSES: [&str; 4] = ["new", "New", "sold", ""];
const PLACES: [&str; 4] = ["houston", "dallas", "é\u{1f}\u{1e}", "\u{10ffff}"];
const WORDS: [&str; 5] = ["Ford F-150", "García", "gar", "Straße 東京", "150 new"];

fn runner() -> TestRunner {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn lead() -> impl Strategy<Value = Lead> {
    let maybe = |values: &'static [&'static str]| prop::option::of(select(values));
    let texts = (maybe(&STATUSES), maybe(&PLACES), maybe(&PLACES), maybe(&WORDS), select(&STATUSES[..]));
    let numbers = (-2..3_i64, prop::option::of(-2..3_i32));
    (texts, numbers).prop_map(|((status, location, source, inquiry, filter), (score, cost))| Lead {
        status,
        location,
        source,
        inquiry,
        filter,
        score,
        cost: cost.map(|cost| f64::from(cost) / 100.0),
        ..Lead::default()
    })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => select([&STATUSES[..], &PLACES[..]].concat()).prop_map(Value::from),
        4 => (-3..4_i64).prop_map(Value::Int),
        1 => any::<bool>().prop_map(Value::Flag),
        1 => Just(Value::Int(NOW.millis())),
        1 => any::<String>().prop_map(|text| Value::Text(text.replace('\0', ""))),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    const COLUMNS: [&str; 9] =
        ["status", "location", "source", "filter", "score", "cost", "created_at", "owner", "number"];
    const OPS: [Op; 6] = [Op::Eq, Op::Ne, Op::Gt, Op::Gte, Op::Lt, Op::Lte];
    let column = || select(&COLUMNS[..]);
    let word = || prop_oneof![select(&WORDS[..]).prop_map(str::to_owned), "[a-zA-Z0-9éß東 '\"*:&|()]{0,4}"];
    let starred = |(word, begins)| if begins { format!("{word}*") } else { word };
    let asked = || (word(), any::<bool>()).prop_map(starred);
    let leaf = prop_oneof![
        4 => (column(), select(&OPS[..]), value()).prop_map(|(column, op, value)| Filter::Compare(column, op, value)),
        2 => (column(), prop::collection::vec(value(), 0..4)).prop_map(|(column, values)| Filter::In(column, values)),
        1 => column().prop_map(Filter::Exists),
        1 => prop::collection::vec(asked(), 0..3).prop_map(Filter::Text),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::Or),
            inner.prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
}

/// What the columns of a lead hold, worked out without the store.
fn columns(lead: &Lead) -> BTreeMap<&'static str, Value> {
    let texts =
        [("status", lead.status), ("location", lead.location), ("source", lead.source), ("filter", Some(lead.filter))];
    let mut columns: BTreeMap<&'static str, Value> =
        texts.into_iter().filter_map(|(column, text)| Some((column, text?.into()))).collect();
    columns.extend([("score", lead.score.into()), ("number", lead.number.into()), ("created_at", NOW.millis().into())]);
    columns.extend(lead.cost.map(|cost| ("cost", Value::Int((cost * 100.0).round() as i64))));
    columns
}

async fn databases_and_oracle_agree(bench: Bench) {
    let mut runner = runner();
    let mut leads = Vec::new();
    for number in 0..DOCUMENTS {
        let made = lead().new_tree(&mut runner).unwrap().current();
        leads.push(Lead { number: number as i64 % 5 + number as i64 * 10, ..made });
    }
    let documents: Vec<Document<SaleLead>> = leads.iter().map(Lead::document).collect();
    bench.insert_all(&documents).await;
    let known: Vec<_> = leads
        .iter()
        .zip(&documents)
        .map(|(lead, document)| {
            let words = text::words(lead.inquiry);
            (document.id, columns(lead), words)
        })
        .collect();

    let check = |filter: Filter| {
        let passes = |columns: &BTreeMap<&'static str, Value>, words: &[String]| {
            matches(&filter, SaleLead::SPEC, &|column: &str| columns.get(column).cloned(), words)
        };
        let expected: Vec<_> =
            known.iter().filter(|(_, columns, words)| passes(columns, words)).map(|(id, ..)| *id).collect();
        let (found, by_tally, by_scan) = Handle::current().block_on(async {
            let found = bench.ids::<SaleLead>(filter.clone()).await;
            let by_scan = bench.count_by_scan::<SaleLead>(filter.clone()).await;
            (found, bench.count::<SaleLead>(filter.clone()).await, by_scan)
        });
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!((by_tally, by_scan), (expected.len() as i64, expected.len() as i64));
        Ok::<_, TestCaseError>(())
    };
    let result = tokio::task::block_in_place(|| runner.run(&filter(), check));
    assert!(result.is_ok(), "{}", result.unwrap_err());
}
