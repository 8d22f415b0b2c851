//! Snapshots: one instant, whatever is written meanwhile; results whole or not there; memory that does not grow.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering::Relaxed},
};

use forecourt_query::{Direction, FieldPath, Node, Search, SortKey};
use forecourt_record::{Error, ExportId, Kind, Note, Result, SaleLead};
use forecourt_store::{Encode, Forget, PIECE, Place, Progress, Selection, Written};

use crate::support::*;

both!(
    a_snapshot_is_one_instant,
    documents_come_filtered_and_in_order,
    a_result_is_read_from_anywhere_in_it,
    a_result_may_be_larger_than_a_piece,
    whoever_is_told_to_stop_leaves_nothing,
    attempts_do_not_disturb_each_other,
    of_snapshots_there_are_only_a_few,
);

/// Writes the documents as lines, and remembers how much it was asked to hold at most.
#[derive(Default)]
struct Lines {
    most: Arc<AtomicI64>,
    fails: Arc<AtomicBool>,
}

impl Encode for Lines {
    fn document(&mut self, doc: &str, _: &str, out: &mut Vec<u8>) -> Result<()> {
        if self.fails.load(Relaxed) {
            return Err(Error::internal("it was told to fail"));
        }
        out.extend_from_slice(doc.as_bytes());
        out.push(b'\n');
        self.most.fetch_max(out.capacity() as i64, Relaxed);
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<u8>) -> Result<()> {
        Ok(())
    }
}

fn everything<K: Kind>() -> Selection {
    Selection { spec: K::SPEC, search: Search::first(Node::all(), i64::MAX) }
}

fn place(bench: &Bench) -> Place {
    Place::new(bench.dealer, id(), 1)
}

async fn whole(bench: &Bench, place: Place) -> String {
    let mut bytes = Vec::new();
    while let Some(piece) = bench.store.piece(place, bytes.len() as u64).await.unwrap() {
        bytes.extend(piece);
    }
    String::from_utf8(bytes).unwrap()
}

async fn write(bench: &Bench, wanted: Selection) -> (Written, String) {
    let place = place(bench);
    let snapshot = bench.store.snapshot(bench.scope()).await.unwrap();
    let written = snapshot.write_out(wanted, place, Lines::default(), Arc::default()).await.unwrap();
    (written, whole(bench, place).await)
}

async fn a_snapshot_is_one_instant(bench: Bench) {
    let (kept, gone, changed) = (note("kept"), note("gone"), note("before"));
    bench.insert_all(&[kept.clone(), gone.clone(), changed.clone()]).await;
    bench.other_dealer().insert(&note("of somebody else")).await.unwrap();
    let snapshot = bench.store.snapshot(bench.scope()).await.unwrap();
    bench.insert(&note("later")).await.unwrap();
    bench.delete(gone.id).await.unwrap();
    bench.change(changed.id, |found| found.doc.content = Some("after".into())).await.unwrap();
    let (place, progress) = (place(&bench), Arc::new(Progress::default()));
    let written = snapshot.write_out(everything::<Note>(), place, Lines::default(), progress.clone()).await.unwrap();
    let text = whole(&bench, place).await;
    for (word, there) in [("kept", true), ("gone", true), ("before", true), ("after", false), ("later", false)] {
        assert_eq!(text.contains(word), there, "{word}");
    }
    assert!(!text.contains("somebody else"));
    assert_eq!((written.documents, written.bytes), (3, text.len() as i64));
    assert_eq!((progress.done.load(Relaxed), progress.total.load(Relaxed)), (3, 3));
    // Of nothing there is an empty result.
    let (written, text) = write(&bench.other_dealer(), everything::<Note>()).await;
    assert_eq!((written.documents, written.bytes, text.as_str()), (0, 0, ""));
    assert_eq!(written.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

async fn documents_come_filtered_and_in_order(bench: Bench) {
    let lead = |number: i64, location| Lead {
        number,
        cost: Some(number as f64),
        location: Some(location),
        day: "2026-11-21",
        ..Default::default()
    };
    let leads: Vec<_> = [(1, "a"), (2, "b"), (3, "a")].map(|(number, at)| lead(number, at).document()).into();
    bench.insert_all(&leads).await;
    let path = |text| FieldPath::resolve(SaleLead::SPEC, text).unwrap();
    let sort = vec![SortKey { path: path("cost"), direction: Direction::Descending }];
    let search = Search { sort, ..Search::first(Node::eq(path("location"), "a"), i64::MAX) };
    let wanted = Selection { spec: SaleLead::SPEC, search };
    let (written, text) = write(&bench, wanted).await;
    assert_eq!(written.documents, 2);
    let ids: Vec<usize> = [2, 0].iter().map(|at| text.find(&leads[*at].id.to_string()).unwrap()).collect();
    assert!(ids[0] < ids[1], "{text}");
}

async fn a_result_is_read_from_anywhere_in_it(bench: Bench) {
    bench.insert(&note("0123456789")).await.unwrap();
    let place = place(&bench);
    let snapshot = bench.store.snapshot(bench.scope()).await.unwrap();
    let written = snapshot.write_out(everything::<Note>(), place, Lines::default(), Arc::default()).await.unwrap();
    let text = whole(&bench, place).await;
    for offset in [0, 1, written.bytes - 1] {
        let piece = bench.store.piece(place, offset as u64).await.unwrap().unwrap();
        assert_eq!(piece, text.as_bytes()[offset as usize..], "{offset}");
    }
    assert_eq!(bench.store.piece(place, written.bytes as u64).await.unwrap(), None);
    assert_eq!(bench.store.piece(Place { attempt: 2, ..place }, 0).await.unwrap(), None);
}

async fn a_result_may_be_larger_than_a_piece(bench: Bench) {
    let text = "x".repeat(100_000);
    for _ in 0..5 {
        bench.insert_all(&[(); 5].map(|()| note(&text))).await;
    }
    let (place, encode) = (place(&bench), Lines::default());
    let most = encode.most.clone();
    let snapshot = bench.store.snapshot(bench.scope()).await.unwrap();
    let written = snapshot.write_out(everything::<Note>(), place, encode, Arc::default()).await.unwrap();
    assert!(written.bytes > 4 * PIECE as i64);
    assert!(most.load(Relaxed) <= 2 * PIECE as i64, "it held {} bytes", most.load(Relaxed));
    let result = whole(&bench, place).await;
    assert_eq!((result.len() as i64, result.lines().count()), (written.bytes, 25));
    // Across the end of a piece.
    let offset = PIECE as u64 - 10;
    assert_eq!(bench.store.piece(place, offset).await.unwrap().unwrap(), result.as_bytes()[PIECE - 10..PIECE]);
}

async fn whoever_is_told_to_stop_leaves_nothing(bench: Bench) {
    bench.insert(&note("one")).await.unwrap();
    let place = place(&bench);
    let stopped = Arc::new(Progress::default());
    stopped.stop.store(true, Relaxed);
    let failing = Lines { fails: Arc::new(AtomicBool::new(true)), ..Lines::default() };
    for (encode, progress) in [(Lines::default(), stopped), (failing, Arc::default())] {
        let snapshot = bench.store.snapshot(bench.scope()).await.unwrap();
        assert!(snapshot.write_out(everything::<Note>(), place, encode, progress).await.is_err());
        bench.store.pieces_forget(place.dealer, place.export, Forget::Only(1)).await.unwrap();
        assert_eq!(bench.store.piece(place, 0).await.unwrap(), None);
    }
}

async fn attempts_do_not_disturb_each_other(bench: Bench) {
    bench.insert(&note("one")).await.unwrap();
    let export: ExportId = id();
    let attempt = |attempt| Place::new(bench.dealer, export, attempt);
    for number in 0..4 {
        let snapshot = bench.store.snapshot(bench.scope()).await.unwrap();
        snapshot.write_out(everything::<Note>(), attempt(number), Lines::default(), Arc::default()).await.unwrap();
    }
    let there = async || {
        let mut there = Vec::new();
        for number in 0..4 {
            if bench.store.piece(attempt(number), 0).await.unwrap().is_some() {
                there.push(number);
            }
        }
        there
    };
    for (which, left) in [(Forget::Only(1), vec![0, 2, 3]), (Forget::AllBut(2), vec![2]), (Forget::All, vec![])] {
        bench.store.pieces_forget(bench.dealer, export, which).await.unwrap();
        assert_eq!(there().await, left, "{which:?}");
    }
}

async fn of_snapshots_there_are_only_a_few(bench: Bench) {
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(bench.store.snapshot(bench.scope()).await.unwrap());
    }
    let another = tokio::spawn({
        let bench = bench.clone();
        async move { bench.store.snapshot(bench.scope()).await.map(drop) }
    });
    tokio::task::yield_now().await;
    held.pop();
    another.await.unwrap().unwrap();
}
