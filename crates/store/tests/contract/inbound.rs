//! What comes in is kept as it came until it is processed; who must not be contacted is known.

use std::time::Duration;

use crate::support::*;

both!(
    bodies_are_kept_until_processed,
    a_persons_bodies_are_forgotten,
    the_first_reason_of_a_suppression_stands,
    suppressions_are_listed_in_their_order
);

async fn bodies_are_kept_until_processed(bench: Bench) {
    let body = "{\"messages\": [\"ü\\n\"]}\r\n";
    let numbers = [store(&bench, body).await, store(&bench, "").await];
    assert!(numbers[0] < numbers[1]);
    let read = |number| bench.read(number, |number, tx| Box::pin(tx.inbound(*number)));
    let inbound = read(numbers[0]).await.unwrap().unwrap();
    assert_eq!((inbound.number, inbound.received_at, inbound.provider.as_str()), (numbers[0], NOW, "dialog360"));
    assert_eq!((inbound.body.as_str(), inbound.processed), (body, false));
    bench.write(numbers[0], |number, tx| Box::pin(tx.inbound_done(*number))).await.unwrap();
    assert!(read(numbers[0]).await.unwrap().unwrap().processed);
    assert!(!read(numbers[1]).await.unwrap().unwrap().processed);
    // Only what has been processed is ever thrown away.
    let later = NOW + Duration::from_secs(61);
    let forget = bench.write_at(later, (), |(), tx| Box::pin(tx.forget_older_than(Duration::from_mins(1))));
    forget.await.unwrap();
    assert!(read(numbers[0]).await.unwrap().is_none());
    assert!(read(numbers[1]).await.unwrap().is_some());
}

async fn store(bench: &Bench, body: &'static str) -> i64 {
    bench.write(body, |body, tx| Box::pin(tx.inbound_store("dialog360", body))).await.unwrap()
}

async fn a_persons_bodies_are_forgotten(bench: Bench) {
    let mut kept = Vec::new();
    for body in ["{\"from\": \"17135550100\"}", "{\"from\": \"17135550101\"}"] {
        let number = store(&bench, body).await;
        bench.write(number, |number, tx| Box::pin(tx.inbound_done(*number))).await.unwrap();
        kept.push(number);
    }
    for (text, left) in [("%", 2), ("", 2), ("+1 713 555 0100", 1)] {
        bench.write(text, |text, tx| Box::pin(tx.inbound_forget(text))).await.unwrap();
        let mut found = 0;
        for number in &kept {
            found +=
                i32::from(bench.read(*number, |number, tx| Box::pin(tx.inbound(*number))).await.unwrap().is_some());
        }
        assert_eq!(found, left, "{text}");
    }
}

async fn the_first_reason_of_a_suppression_stands(bench: Bench) {
    let reason = || bench.read((), |(), tx| Box::pin(tx.suppressed("whatsapp", "+17135550100")));
    assert_eq!(reason().await.unwrap(), None);
    for why in ["STOP", "asked again"] {
        bench.write(why, |why, tx| Box::pin(tx.suppress("whatsapp", "+17135550100", why))).await.unwrap();
        assert_eq!(reason().await.unwrap().as_deref(), Some("STOP"));
    }
    assert_eq!(bench.read((), |(), tx| Box::pin(tx.suppressed("email", "+17135550100"))).await.unwrap(), None);
    bench.write((), |(), tx| Box::pin(tx.unsuppress("whatsapp", "+17135550100"))).await.unwrap();
    assert_eq!(reason().await.unwrap(), None);
}

async fn suppressions_are_listed_in_their_order(bench: Bench) {
    let other = bench.other_dealer();
    let all = [("call", "+2"), ("sms", "+1"), ("sms", "+3"), ("whatsapp", "+1")];
    for (channel, address) in all.into_iter().rev() {
        let act =
            bench.write((channel, address), |(channel, address), tx| Box::pin(tx.suppress(channel, address, "list")));
        act.await.unwrap();
    }
    let page = async |bench: &Bench, after: (&'static str, &'static str), most: i64| {
        let read = bench.read((after, most), |(after, most), tx| Box::pin(tx.suppressions_after(*after, *most)));
        let found = read.await.unwrap();
        assert!(found.iter().all(|(_, _, suppression)| suppression.reason == "list" && suppression.at == NOW));
        found.into_iter().map(|(channel, address, _)| (channel, address)).collect::<Vec<_>>()
    };
    let expected = |part: &[(&str, &str)]| {
        part.iter().map(|(channel, address)| ((*channel).to_owned(), (*address).to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(page(&bench, ("", ""), 10).await, expected(&all));
    assert_eq!(page(&bench, ("sms", "+1"), 1).await, expected(&all[2..3]));
    assert_eq!(page(&bench, ("whatsapp", "+1"), 10).await, []);
    assert_eq!(page(&other, ("", ""), 10).await, []);
}
