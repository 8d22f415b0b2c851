//! When an address was contacted is remembered for as long as a limit looks back.

use std::time::Duration;

use forecourt_record::Instant;

use crate::support::*;

both!(contacts_are_counted_by_address_and_forgotten_in_time);

/// The channels of the contacts with `+1` that are counted, but for that of a reference.
async fn since(bench: &Bench, since: Instant, reference: &'static str) -> Vec<String> {
    let read =
        bench.read((since, reference), |(since, reference), tx| Box::pin(tx.contacted_since("+1", *since, reference)));
    read.await.unwrap().into_iter().map(|(_, channel)| channel).collect()
}

async fn contacts_are_counted_by_address_and_forgotten_in_time(bench: Bench) {
    let other = bench.other_dealer();
    let hour = Duration::from_hours(1);
    for (at, address, channel, reference) in [
        (NOW, "+1", "sms", "a"),
        (NOW, "+1", "sms", "a"),
        (NOW + hour, "+1", "call", "b"),
        (NOW + hour, "+2", "sms", "c"),
    ] {
        let act = bench.write_at(at, (address, channel, reference), |(address, channel, reference), tx| {
            Box::pin(tx.contacted(address, channel, reference))
        });
        act.await.unwrap();
    }
    assert_eq!(since(&bench, NOW, "").await, ["sms", "call"], "the same said twice is one contact");
    assert_eq!(since(&bench, NOW + hour, "").await, ["call"]);
    assert_eq!(since(&bench, NOW, "b").await, ["sms"]);
    assert_eq!(since(&other, NOW, "").await, [""; 0]);
    let forget = bench.write(NOW + hour, |before, tx| Box::pin(tx.contacted_forget(*before)));
    forget.await.unwrap();
    assert_eq!(since(&bench, NOW, "").await, ["call"]);
}
