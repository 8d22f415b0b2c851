//! Groups counted by the store are those of the documents one by one, on both databases, wherever it counts at all.

use std::collections::BTreeMap;

use forecourt_query::{
    Compiled, FieldPath, Node,
    group::{Calendar, GroupKey, Unit, plain},
    q,
};
use forecourt_record::{
    Document, Kind,
    calendar::Zone,
    shape::Leaf,
    spec::{KindSpec, Type},
};
use forecourt_store::{GroupCount, Tx};
use serde_json::Value;

use super::{Known, ask::Fields, chance::Chance};
use crate::support::*;

/// Zones whose days begin at odd times: one jumps at a minute past midnight, one keeps three quarters of an hour.
const ZONES: [&str; 4] = ["America/Chicago", "America/St_Johns", "Asia/Kathmandu", "Europe/Madrid"];
const UNITS: [Unit; 5] = [Unit::Day, Unit::Week, Unit::Month, Unit::Quarter, Unit::Year];
/// Questions asked of each set of documents.
const QUESTIONS: usize = 120;
/// More groups than there are documents.
const MOST: usize = 1_000;
const SPEC: &KindSpec = forecourt_record::SaleLead::SPEC;
/// A text that no column holds whole.
static LONG: [u8; 300] = [b'x'; 300];

/// A question for groups and its right answer.
pub struct Asked {
    text: String,
    filter: Node,
    keys: Vec<GroupKey>,
    expected: BTreeMap<String, i64>,
}

/// How many of the questions the store answered, and how many there were.
pub async fn agree<K: Kind>(
    bench: &Bench,
    chance: &mut Chance,
    fields: &Fields,
    documents: &[Document<K>],
) -> (usize, usize) {
    let known: Vec<Known> = documents.iter().map(|document| Known::of(bench, document)).collect();
    let questions: Vec<Asked> = (0..QUESTIONS).map(|_| asked(chance, K::SPEC, fields, &known)).collect();
    let looked = bench.read(questions, |questions, tx| {
        Box::pin(async move {
            let (mut counted, mut wrong) = (0, Vec::new());
            for asked in questions {
                if let Some(found) = tx.search_groups(K::SPEC, &asked.filter, &asked.keys, MOST).await? {
                    counted += 1;
                    let found: BTreeMap<String, i64> = found.into_iter().map(named).collect();
                    if found != asked.expected {
                        wrong.push(format!("{}\n{found:?}, not {:?}", asked.text, asked.expected));
                    }
                }
            }
            Ok((counted, wrong))
        })
    });
    let (counted, wrong): (usize, Vec<String>) = looked.await.unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    (counted, QUESTIONS)
}

fn named((keys, count): GroupCount) -> (String, i64) {
    (name(&keys), count)
}

fn name(keys: &[Value]) -> String {
    Value::Array(keys.iter().map(plain).collect()).to_string()
}

fn asked(chance: &mut Chance, spec: &'static KindSpec, fields: &Fields, known: &[Known]) -> Asked {
    // Often everything, which a tally may count.
    let text = if chance.once_in(2) { "{}".to_owned() } else { fields.question(chance, 1).to_string() };
    let filter = q::parse(spec, &text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let keys: Vec<GroupKey> = (0..=chance.below(2)).map(|_| key(chance, spec, fields)).collect();
    let passes = Compiled::new(filter.clone());
    let mut expected: BTreeMap<String, i64> = BTreeMap::new();
    for known in known.iter().filter(|known| passes.passes(known.subject())) {
        let mut combinations: Vec<Vec<Value>> = vec![Vec::new()];
        for key in &keys {
            let values = key.values(known.subject());
            let with = |before: &Vec<Value>| {
                let before = before.clone();
                values.iter().map(move |value| [before.clone(), vec![value.clone()]].concat()).collect::<Vec<_>>()
            };
            combinations = combinations.iter().flat_map(with).collect();
        }
        for keys in combinations {
            *expected.entry(name(&keys)).or_default() += 1;
        }
    }
    let by: Vec<_> = keys.iter().map(|key| format!("{} {:?}", key.path.text(), key.by)).collect();
    Asked { text: format!("{} {text} by {}", spec.name, by.join(", ")), filter, keys, expected }
}

fn key(chance: &mut Chance, spec: &'static KindSpec, fields: &Fields) -> GroupKey {
    // Half of the keys are columns, which is what people group by.
    let path = loop {
        let path = FieldPath::resolve(spec, fields.sort(chance)).unwrap();
        if path.column.is_some() || chance.once_in(2) {
            break path;
        }
    };
    let is_date = path.column.is_some_and(|column| column.kind == Type::Instant) || path.leaf == Leaf::Instant;
    let by = (is_date && !chance.once_in(3))
        .then(|| Calendar { unit: chance.of(&UNITS), zone: Zone::parse(chance.of(&ZONES)).unwrap() });
    GroupKey { name: "key".into(), path, by }
}

/// What is grouped by a tally, a column, a local day and a text of the document, and what is not.
pub async fn what_is_exact_is_counted_by_the_store(bench: Bench) {
    let lead = |number, status| Lead { number, status: Some(status), score: number % 3, ..Lead::default() }.document();
    let leads: Vec<_> = (0..30).map(|at| lead(at, if at % 10 == 0 { "won" } else { "new" })).collect();
    bench.insert_all(&leads).await;
    let by = |path: &str| GroupKey { name: path.into(), path: FieldPath::resolve(SPEC, path).unwrap(), by: None };
    let day = |path| GroupKey {
        by: Some(Calendar { unit: Unit::Day, zone: Zone::parse("Europe/Madrid").unwrap() }),
        ..by(path)
    };
    let groups = async |keys: Vec<GroupKey>| {
        let found = bench.read(keys, |keys, tx: &mut Tx| {
            Box::pin(async move { tx.search_groups(SPEC, &Node::all(), keys, MOST).await })
        });
        found.await.unwrap().map(|found| found.into_iter().map(|(_, count)| count).collect::<Vec<_>>())
    };
    let sorted = |found: Option<Vec<i64>>| {
        found.map(|mut counts| {
            counts.sort_unstable();
            counts
        })
    };
    assert_eq!(sorted(groups(vec![by("status.status")]).await), Some(vec![3, 27]));
    assert_eq!(sorted(groups(vec![by("status.status"), by("score")]).await), Some(vec![1, 1, 1, 9, 9, 9]));
    assert_eq!(sorted(groups(vec![day("created_at")]).await), Some(vec![30]));
    assert_eq!(sorted(groups(vec![by("inquiry")]).await), Some(vec![30]));
    assert_eq!(sorted(groups(Vec::new()).await), Some(vec![30]));
    for undecided in ["cost", "custom.a", "car_list.car.make", "assigned.0.to"] {
        assert_eq!(groups(vec![by(undecided)]).await, None, "{undecided}");
    }
    // A column holds the beginning of a long text only.
    let long = std::str::from_utf8(&LONG).unwrap();
    bench.insert_all(&[lead(31, long)]).await;
    assert_eq!(groups(vec![by("status.status")]).await, None);
}
