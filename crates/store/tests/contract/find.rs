//! Finding: every operator, both directions, pages that neither overlap nor leave out.

use std::time::Duration;

use forecourt_query::{Direction, Filter, Find, Op, Value};
use forecourt_record::{Document, SaleLead};

use crate::support::*;

both!(
    every_operator_finds_what_it_says,
    nulls_stand_first_upwards_and_last_downwards,
    pages_neither_overlap_nor_leave_out,
    a_page_far_down_is_the_one_that_walking_there_finds,
    bounds_are_respected,
    a_column_nobody_declared_is_an_error,
);

/// Leads whose numbers tell them apart.
async fn leads(bench: &Bench) -> Vec<Document<SaleLead>> {
    let leads = [
        Lead { number: 1, status: Some("new"), source: Some("web"), score: 90, cost: Some(12.5), ..Lead::default() },
        Lead { number: 2, status: Some("new"), location: Some("houston"), score: 40, ..Lead::default() },
        Lead { number: 3, status: Some("sold"), source: Some("Web"), score: 40, cost: Some(-1.0), ..Lead::default() },
        Lead { number: 4, status: None, location: Some("dallas"), score: -5, cost: Some(0.0), ..Lead::default() },
        Lead { number: 5, status: Some(""), source: Some("wéb"), inquiry: Some("Ford F-150"), ..Lead::default() },
    ];
    let leads: Vec<_> = leads.iter().map(Lead::document).collect();
    bench.insert_all(&leads).await;
    leads
}

async fn numbers(bench: &Bench, find: Find) -> Vec<i64> {
    bench.find::<SaleLead>(find).await.iter().map(|lead| lead.extra.number).collect()
}

async fn every_operator_finds_what_it_says(bench: Bench) {
    let documents = leads(&bench).await;
    let not = |filter| Filter::Not(Box::new(filter));
    let compare = |column, op, value: Value| Filter::Compare(column, op, value);
    let cases: Vec<(Filter, &[i64])> = vec![
        (Filter::all(), &[1, 2, 3, 4, 5]),
        (Filter::Or(vec![]), &[]),
        (Filter::eq("status", "new"), &[1, 2]),
        (Filter::eq("status", ""), &[5]),
        (Filter::eq("source", "web"), &[1]),
        (Filter::eq("score", 40), &[2, 3]),
        (Filter::eq("score", "40"), &[]),
        (Filter::eq("status", 1), &[]),
        (Filter::eq("cost", 1250), &[1]),
        (Filter::eq("id", documents[2].id.to_string()), &[3]),
        (Filter::eq("created_at", NOW.millis()), &[1, 2, 3, 4, 5]),
        (compare("status", Op::Ne, "new".into()), &[3, 4, 5]),
        (compare("cost", Op::Ne, 0.into()), &[1, 2, 3, 5]),
        (compare("status", Op::Ne, 1.into()), &[1, 2, 3, 4, 5]),
        (compare("score", Op::Gt, 40.into()), &[1]),
        (compare("score", Op::Gte, 40.into()), &[1, 2, 3]),
        (compare("score", Op::Lt, 0.into()), &[4]),
        (compare("score", Op::Lte, 40.into()), &[2, 3, 4, 5]),
        (compare("cost", Op::Lt, 1.into()), &[3, 4]),
        (compare("source", Op::Gt, "web".into()), &[5]),
        (compare("status", Op::Gt, 0.into()), &[]),
        (Filter::In("status", vec!["new".into(), "sold".into(), 4.into()]), &[1, 2, 3]),
        (Filter::In("status", vec![]), &[]),
        (Filter::In("status", vec![4.into()]), &[]),
        (Filter::Exists("status"), &[1, 2, 3, 5]),
        (Filter::Exists("cost"), &[1, 3, 4]),
        (not(Filter::Exists("cost")), &[2, 5]),
        (not(Filter::eq("status", "new")), &[3, 4, 5]),
        (not(compare("cost", Op::Gt, 0.into())), &[2, 3, 4, 5]),
        (not(not(Filter::eq("status", "new"))), &[1, 2]),
        (not(Filter::Text(vec!["ford".into()])), &[1, 2, 3, 4]),
        (Filter::And(vec![Filter::eq("status", "new"), Filter::Exists("source")]), &[1]),
        (Filter::Or(vec![Filter::eq("location", "dallas"), Filter::eq("source", "Web")]), &[3, 4]),
        (
            Filter::And(vec![
                Filter::Or(vec![Filter::Text(vec!["f".into(), "150".into()]), Filter::eq("status", "sold")]),
                not(Filter::eq("score", 40)),
            ]),
            &[5],
        ),
        (Filter::Text(vec![]), &[]),
        (Filter::Text(vec!["-".into()]), &[]),
    ];
    for (filter, expected) in cases {
        let find = Find { filter: filter.clone(), sort: vec![("number", Direction::Ascending)], skip: 0, limit: 10 };
        assert_eq!(numbers(&bench, find).await, expected, "{filter:?}");
        assert_eq!(bench.count_by_scan::<SaleLead>(filter.clone()).await, expected.len() as i64, "{filter:?}");
        assert_eq!(bench.count::<SaleLead>(filter.clone()).await, expected.len() as i64, "{filter:?}");
    }
}

async fn nulls_stand_first_upwards_and_last_downwards(bench: Bench) {
    leads(&bench).await;
    for (column, upwards) in [
        ("cost", [2, 5, 3, 4, 1]),
        ("status", [4, 5, 1, 2, 3]),
        ("score", [4, 5, 2, 3, 1]),
        // By bytes: capitals before small letters before accents.
        ("source", [2, 4, 3, 1, 5]),
    ] {
        for direction in [Direction::Ascending, Direction::Descending] {
            let mut expected = upwards;
            if direction == Direction::Descending {
                expected.reverse();
            }
            let find = Find { filter: Filter::all(), sort: vec![(column, direction)], skip: 0, limit: 10 };
            assert_eq!(numbers(&bench, find).await, expected, "{column} {direction:?}");
        }
    }
    let sort = vec![("score", Direction::Descending), ("number", Direction::Ascending)];
    let find = Find { filter: Filter::all(), sort, skip: 0, limit: 10 };
    assert_eq!(numbers(&bench, find).await, [1, 2, 3, 5, 4]);
}

async fn pages_neither_overlap_nor_leave_out(bench: Bench) {
    let leads: Vec<_> = (0..50)
        .map(|number| {
            let mut lead = Lead { number, score: number % 3, ..Lead::default() }.document();
            lead.created_at = NOW + Duration::from_millis(number as u64 / 7);
            lead
        })
        .collect();
    bench.insert_all(&leads).await;
    for sort in [
        vec![],
        vec![("created_at", Direction::Descending)],
        vec![("score", Direction::Ascending)],
        vec![("score", Direction::Descending), ("cost", Direction::Ascending)],
    ] {
        let page = |skip, limit| Find { filter: Filter::all(), sort: sort.clone(), skip, limit };
        let whole = numbers(&bench, page(0, 100)).await;
        let mut paged = Vec::new();
        for skip in (0..50).step_by(7) {
            paged.extend(numbers(&bench, page(skip, 7)).await);
        }
        assert_eq!(paged, whole, "{sort:?}");
        let mut all = paged;
        all.sort_unstable();
        assert_eq!(all, (0..50).collect::<Vec<_>>(), "{sort:?}");
    }
}

async fn a_page_far_down_is_the_one_that_walking_there_finds(bench: Bench) {
    let status = |number| if number % 3 == 0 { "sold" } else { "new" };
    let leads = (0..600).map(|number| {
        let mut lead = Lead { number, status: Some(status(number)), ..Lead::default() }.document();
        // Instants that many share, and not in the order of the ids.
        lead.created_at = NOW + Duration::from_secs((number % 7 * 10).cast_unsigned());
        lead
    });
    bench.insert_all(&leads.collect::<Vec<_>>()).await;
    for direction in [Direction::Ascending, Direction::Descending] {
        for filter in [Filter::all(), Filter::eq("status", "new"), Filter::Or(vec![])] {
            let page =
                |skip, limit| Find { filter: filter.clone(), sort: vec![("created_at", direction)], skip, limit };
            let all = numbers(&bench, page(0, 1000)).await;
            for skip in [250, 251, 300, 342, 343, 399, 400, 599, 600, 601] {
                let expected: Vec<i64> = all.iter().skip(skip).take(30).copied().collect();
                assert_eq!(numbers(&bench, page(skip as i64, 30)).await, expected, "{direction:?} {filter:?} {skip}");
            }
        }
    }
}

async fn bounds_are_respected(bench: Bench) {
    leads(&bench).await;
    for (skip, limit, expected) in [(0, 2, 2), (4, 2, 1), (5, 2, 0), (0, 0, 0), (0, -1, 0), (-1, 5, 5)] {
        let find = Find { filter: Filter::all(), sort: vec![], skip, limit };
        assert_eq!(bench.find::<SaleLead>(find).await.len(), expected, "{skip} {limit}");
    }
    let newest = bench.find::<SaleLead>(Find::newest(Filter::all(), 1)).await;
    assert_eq!(newest[0].extra.number, 5);
    // As many values as a question may reasonably name.
    let many = (0..5_000).map(Value::Int).collect();
    assert_eq!(bench.count::<SaleLead>(Filter::In("number", many)).await, 5);
}

async fn a_column_nobody_declared_is_an_error(bench: Bench) {
    for filter in [Filter::eq("doc", "x"), Filter::Exists("1=1"), Filter::In("words", vec![])] {
        let result = bench.read(filter, |filter, tx| Box::pin(tx.count::<SaleLead>(filter))).await;
        assert_eq!(code(result), "internal");
    }
    let find = Find { filter: Filter::all(), sort: vec![("doc", Direction::Ascending)], skip: 0, limit: 1 };
    let result = bench.read(find, |find, tx| Box::pin(tx.find::<SaleLead>(find))).await;
    assert_eq!(code(result.map(|found| found.len())), "internal");
}
