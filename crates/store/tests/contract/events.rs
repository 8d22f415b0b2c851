//! The event log: in order, with who and when, emptied but never taken away.

use std::time::Duration;

use forecourt_record::{Actor, LeadId, event::EventName};
use serde_json::json;

use crate::support::*;

both!(events_are_kept_in_order, a_leads_events_are_emptied);

async fn events_are_kept_in_order(bench: Bench) {
    let leads: [LeadId; 2] = [id(), id()];
    for (at, name) in [EventName::LeadCreated, EventName::LeadScored, EventName::MessageSent].into_iter().enumerate() {
        let now = NOW + Duration::from_secs(at as u64);
        let act = bench.write_at(now, (leads, name), |(leads, name), tx| {
            Box::pin(async move {
                for lead in leads {
                    tx.event(event(*name, Some(*lead), json!({"é": [1, "x"]}))).await?;
                }
                tx.event(event(EventName::DealerChanged, None, json!({}))).await
            })
        });
        act.await.unwrap();
    }
    let (of_lead, newest, all) = bench
        .read(leads[0], |lead, tx| {
            Box::pin(async move { Ok((tx.lead_events(*lead, 10).await?, tx.events(2).await?, tx.events(100).await?)) })
        })
        .await
        .unwrap();
    let names: Vec<_> = of_lead.iter().map(|event| event.name).collect();
    assert_eq!(names, [EventName::MessageSent, EventName::LeadScored, EventName::LeadCreated]);
    assert!(of_lead.is_sorted_by(|newer, older| newer.sequence > older.sequence));
    let last = &of_lead[0];
    assert_eq!((last.at, last.kind.as_str(), last.id), (NOW + Duration::from_secs(2), "saleleads", leads[0].cast()));
    assert_eq!((last.actor, last.dialect.as_str(), &last.data), (Actor::System, "test", &json!({"é": [1, "x"]})));
    assert_eq!((newest.len(), all.len()), (2, 9));
    assert_eq!(newest[0].name, EventName::DealerChanged);
    assert!(all.is_sorted_by(|newer, older| newer.sequence > older.sequence));
}

async fn a_leads_events_are_emptied(bench: Bench) {
    let (erased, kept): (LeadId, LeadId) = (id(), id());
    let act = bench.write((erased, kept), |(erased, kept), tx| {
        Box::pin(async move {
            tx.event(arrival(*erased)).await?;
            tx.event(arrival(*kept)).await?;
            tx.lead_events_empty(*erased).await
        })
    });
    act.await.unwrap();
    for (lead, data) in [(erased, json!({})), (kept, json!({"dialect": "test"}))] {
        let events = bench.read(lead, |lead, tx| Box::pin(tx.lead_events(*lead, 10))).await.unwrap();
        assert_eq!((events.len(), &events[0].data), (1, &data));
    }
}
