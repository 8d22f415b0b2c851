//! Documents of several kinds in one question: each once, in the order of ids, however many ways it is asked for in.

use forecourt_query::Filter;
use forecourt_record::{Id, Kind, Note, SaleLead, computed::Paper};
use forecourt_store::{Wanted, Which};

use crate::support::*;

both!(what_is_asked_for_in_two_ways_is_found_once_in_the_order_of_ids, an_or_of_nothing_finds_nothing);

fn are(filter: Filter) -> Wanted {
    Wanted { spec: SaleLead::SPEC, which: Which::Are(filter) }
}

/// The ids of what is found, read and held.
async fn both_ways(bench: &Bench, wanted: Vec<Wanted>) -> Vec<Vec<Id<()>>> {
    let read = bench.read(wanted.clone(), |wanted, tx| Box::pin(tx.papers(wanted))).await.unwrap();
    let held = bench.write(wanted, |wanted, tx| Box::pin(tx.papers_for_update(wanted))).await.unwrap();
    let ids = |lists: Vec<Vec<Paper>>| -> Vec<Vec<Id<()>>> {
        lists.into_iter().map(|list| list.into_iter().map(|paper| paper.id).collect()).collect()
    };
    let read = ids(read);
    assert_eq!(read, ids(held));
    read
}

async fn what_is_asked_for_in_two_ways_is_found_once_in_the_order_of_ids(bench: Bench) {
    let leads: Vec<_> = [(1, "new", "web"), (2, "sold", "web"), (3, "new", "radio"), (4, "sold", "radio")]
        .into_iter()
        .map(|(number, status, source)| {
            Lead { number, status: Some(status), source: Some(source), ..Lead::default() }.document()
        })
        .collect();
    bench.insert_all(&leads).await;
    bench.insert(&note("beside them")).await.unwrap();
    let mut expected: Vec<Id<()>> = leads[..3].iter().map(|lead| lead.id.cast()).collect();
    expected.sort();
    let either = || Filter::Or(vec![Filter::eq("source", "web"), Filter::eq("status", "new")]);
    let notes = Wanted { spec: Note::SPEC, which: Which::Are(Filter::all()) };
    let found = both_ways(&bench, vec![notes, are(either()), are(Filter::eq("source", "press")), are(either())]).await;
    assert_eq!((found[0].len(), &found[1], found[2].len(), &found[3]), (1, &expected, 0, &expected));

    let changed = bench.write(either(), |filter, tx| Box::pin(tx.raw_find_for_update(SaleLead::SPEC, filter.clone())));
    assert_eq!(changed.await.unwrap().iter().map(|raw| raw.id).collect::<Vec<_>>(), expected);
    let newest = Wanted { spec: SaleLead::SPEC, which: Which::Newest(either(), "created_at", 2) };
    assert_eq!(both_ways(&bench, vec![newest]).await[0].len(), 2);
}

async fn an_or_of_nothing_finds_nothing(bench: Bench) {
    bench.insert(&Lead { number: 1, ..Lead::default() }.document()).await.unwrap();
    assert_eq!(both_ways(&bench, vec![are(Filter::Or(Vec::new()))]).await, [[]]);
}
