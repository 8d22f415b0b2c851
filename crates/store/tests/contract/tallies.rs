//! Tallies: exact after whatever writers do, all at once or one of them failing.

use forecourt_query::Filter;
use forecourt_record::{Assignment, Document, LeadId, Origin, SaleLead, Status};
use forecourt_store::TallyRow;
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::support::*;

both!(
    tallies_are_exact_whatever_writers_do,
    a_count_by_tally_is_a_count_by_scan,
    sums_and_ranges_of_days,
    tallies_are_for_readers,
    a_huge_cost_is_no_harm,
);

const STATUSES: [Option<&str>; 4] = [None, Some("new"), Some("contacted"), Some("sold")];
const PLACES: [Option<&str>; 3] = [None, Some("houston"), Some("dallas")];
const DAYS: [&str; 3] = ["2026-11-20", "2026-11-21", "2026-11-22"];

fn some_lead(chance: &mut StdRng, number: i64) -> Document<SaleLead> {
    let mut one = |count: usize| chance.random_range(0..count);
    let lead = Lead {
        number,
        status: STATUSES[one(4)],
        location: PLACES[one(3)],
        source: PLACES[one(3)],
        owner: PLACES[one(3)],
        filter: ["A", "B", "Reject"][one(3)],
        score: one(100) as i64,
        cost: Some(one(500) as f64 / 4.0),
        day: DAYS[one(3)],
        inquiry: None,
    };
    lead.document()
}

/// One writer's life: it stores leads of its own, changes them, takes some away, and fails now and then.
async fn writer(bench: Bench, seed: u8) {
    let mut chance = StdRng::from_seed([seed; 32]);
    let mut mine: Vec<LeadId> = Vec::new();
    for step in 0..40_i64 {
        let lead = some_lead(&mut chance, i64::from(seed) * 1000 + step);
        let at = chance.random_range(0..mine.len().max(1));
        match chance.random_range(0..10) {
            0..4 => {
                let act = bench.write(lead.clone(), |lead, tx| {
                    Box::pin(async move {
                        tx.insert(lead).await?;
                        tx.event(arrival(lead.id)).await
                    })
                });
                act.await.unwrap();
                mine.push(lead.id);
            }
            4..8 if !mine.is_empty() => {
                let act = bench.write((mine[at], lead), |(id, other), tx| {
                    Box::pin(async move {
                        let mut lead = tx.require_for_update(*id).await?;
                        let number = lead.extra.number;
                        (lead.doc, lead.extra) = (other.doc.clone(), other.extra.clone());
                        lead.extra.number = number;
                        tx.update(&mut lead).await?;
                        // Changed twice in one transaction.
                        lead.doc.status = Some(Status { status: Some("lost".into()), ..Status::default() });
                        tx.update(&mut lead).await
                    })
                });
                act.await.unwrap();
            }
            8 if !mine.is_empty() => bench.delete(mine.swap_remove(at)).await.unwrap(),
            _ => {
                let act = bench.write(lead, |lead, tx| {
                    Box::pin(async move {
                        tx.insert(lead).await?;
                        Err::<(), _>(forecourt_record::Error::not_found("lead"))
                    })
                });
                assert_eq!(code(act.await), "not_found");
            }
        }
    }
}

async fn tallies_are_exact_whatever_writers_do(bench: Bench) {
    at_once(1..=6, |seed| writer(bench.clone(), seed)).await;
    assert_eq!(bench.verify().await, []);
    let all = bench.count_by_scan::<SaleLead>(Filter::all()).await;
    assert!(all > 0);
    assert_eq!(bench.count::<SaleLead>(Filter::all()).await, all);
}

async fn a_count_by_tally_is_a_count_by_scan(bench: Bench) {
    let mut chance = StdRng::from_seed([9; 32]);
    let leads: Vec<_> = (0..200).map(|number| some_lead(&mut chance, number)).collect();
    bench.insert_all(&leads).await;
    let many = |column, values: &[&str]| Filter::In(column, values.iter().map(|value| (*value).into()).collect());
    let houston = || Filter::eq("location", "houston");
    for filter in [
        Filter::all(),
        Filter::eq("status", "new"),
        Filter::eq("status", "nobody"),
        houston(),
        Filter::eq("owner", "dallas"),
        Filter::eq("filter", "A"),
        many("status", &["new", "sold", "new"]),
        many("status", &[]),
        Filter::And(vec![houston(), Filter::eq("status", "new")]),
        Filter::And(vec![Filter::eq("source", "dallas"), many("status", &["new", "sold"])]),
        Filter::And(vec![houston(), Filter::eq("source", "dallas"), Filter::eq("owner", "houston")]),
        Filter::And(vec![many("status", &["new", "sold"]), many("status", &["sold", "lost"])]),
        Filter::And(vec![Filter::eq("day", DAYS[1]), Filter::eq("filter", "B")]),
        Filter::And(vec![Filter::eq("source", "dallas"), Filter::eq("filter", "B")]),
        Filter::Exists("status"),
        Filter::Not(Box::new(houston())),
    ] {
        let by_scan = bench.count_by_scan::<SaleLead>(filter.clone()).await;
        assert_eq!(bench.count::<SaleLead>(filter.clone()).await, by_scan, "{filter:?}");
    }
}

async fn sums_and_ranges_of_days(bench: Bench) {
    use forecourt_record::Kind as _;
    let lead =
        |number, day, filter, score, cost| Lead { number, filter, score, cost, day, ..Lead::default() }.document();
    let leads = vec![
        lead(1, "2026-11-20", "A", 80, Some(10.0)),
        lead(2, "2026-11-20", "A", 75, None),
        lead(3, "2026-11-21", "B", 50, Some(0.255)),
        lead(4, "2026-11-22", "A", 90, Some(1.0)),
    ];
    bench.insert_all(&leads).await;
    let between = |from: &'static str, to: &'static str| {
        bench.read((from, to), |(from, to), tx| {
            Box::pin(tx.tallies_between(SaleLead::SPEC, "day,filter", &[], from, to))
        })
    };
    let row =
        |day: &str, filter: &str, n, sums| TallyRow { values: vec![Some(day.into()), Some(filter.into())], n, sums };
    let first = row("2026-11-20", "A", 2, [155, 1000]);
    let second = row("2026-11-21", "B", 1, [50, 26]);
    assert_eq!(between("2026-11-20", "2026-11-21").await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(between("2026-11-21", "2026-11-21").await.unwrap(), [second]);
    assert_eq!(between("2026-11-23", "2026-12-31").await.unwrap(), []);

    let wanted = bench.read((), |(), tx| {
        Box::pin(async move {
            let wanted = [Some(vec!["2026-11-20".to_owned(), "2026-11-22".to_owned()]), Some(vec!["A".to_owned()])];
            tx.tallies(SaleLead::SPEC, "day,filter", &wanted).await
        })
    });
    assert_eq!(wanted.await.unwrap(), [first, row("2026-11-22", "A", 1, [90, 100])]);
    // A column without a value is told from one with an empty value.
    let status = bench.read((), |(), tx| Box::pin(tx.tallies(SaleLead::SPEC, "status", &[None])));
    assert_eq!(status.await.unwrap(), [TallyRow { values: vec![None], n: 4, sums: [295, 1126] }]);
}

async fn tallies_are_for_readers(bench: Bench) {
    use forecourt_record::Kind as _;
    let act = bench.write((), |(), tx| Box::pin(tx.tallies(SaleLead::SPEC, "status", &[None])));
    assert_eq!(code(act.await), "internal");
}

async fn a_huge_cost_is_no_harm(bench: Bench) {
    let leads: Vec<_> = (0..20)
        .map(|number| Lead { number, cost: Some(1e300), score: i64::MAX, ..Lead::default() }.document())
        .collect();
    bench.insert_all(&leads).await;
    for lead in leads {
        let changed = bench.change(lead.id, |lead| {
            lead.doc.origin = Some(Origin { source: Some("web".into()), ..Origin::default() });
            lead.doc.current_assigned = Some(Assignment::default());
        });
        changed.await.unwrap();
        bench.write(lead.id, |id, tx| Box::pin(tx.event(arrival(*id)))).await.unwrap();
    }
    assert_eq!(bench.count::<SaleLead>(Filter::eq("source", "web")).await, 20);
    assert_eq!(bench.verify().await, []);
}
