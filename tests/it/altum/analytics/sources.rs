//! `GET /v1/analytics/sources`.

use std::collections::BTreeMap;

use forecourt_record::{Role, SaleLead};
use forecourt_testkit::{As, TestApp, both};
use http::Method;
use serde_json::{Value, json};

use crate::altum::{change, create, each, jose, list, phone, with};

use super::{recount, rounded, sixty};

async fn check(app: &TestApp, query: &str, from: &str, to: &str, location: Option<&str>) {
    let answer = list(app, &format!("/v1/analytics/sources?{query}")).await;
    let leads = recount(app, from, to, location).await;
    // Leads, sold, sum of the scores, by source.
    let mut counts: BTreeMap<Option<&str>, (usize, usize, i64)> = BTreeMap::new();
    for lead in &leads {
        let count = counts.entry(lead.doc.source()).or_default();
        count.0 += 1;
        count.1 += usize::from(lead.doc.status_name() == "sold");
        count.2 += lead.extra.qualification.score;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|left, right| right.1.0.cmp(&left.1.0).then_with(|| left.0.cmp(&right.0)));
    let expected: Vec<Value> = counts
        .into_iter()
        .map(|(source, (total, sold, score))| {
            let (conv, score) = (rounded(sold as f64, total, 10_000.0), rounded(score as f64, total, 100.0));
            json!({"source": source, "total": total, "conv": conv, "avgScore": score})
        })
        .collect();
    assert_eq!(answer, json!({"data": expected}), "{query}");
}

both! {
    async fn every_source_is_what_a_recount_gives(app) {
        sixty(app).await;
        app.clock.set("2026-11-20T18:00:00Z".parse().unwrap());
        for (query, from, to) in [
            ("", "2026-10-22", "2026-11-20"),
            ("period=today", "2026-11-20", "2026-11-20"),
            ("period=7d", "2026-11-14", "2026-11-20"),
            ("period=mtd", "2026-11-01", "2026-11-20"),
            ("period=ytd", "2026-01-01", "2026-11-20"),
            ("from=2026-10-13&to=2026-10-31", "2026-10-13", "2026-10-31"),
        ] {
            check(app, query, from, to, None).await;
            for location in ["houston", "berlin"] {
                check(app, &format!("{query}&location={location}"), from, to, Some(location)).await;
            }
        }
    }

    async fn costs_are_shown_where_they_are_known(app) {
        for at in 0..3 {
            create(app, with(jose(), json!({"phone": phone(at), "source": "ads"}))).await;
        }
        create(app, with(jose(), json!({"phone": phone(9), "source": "website"}))).await;
        for (lead, cost) in
            app.all::<SaleLead>().await.into_iter().filter(|lead| lead.doc.source() == Some("ads")).zip([10, 20, 31])
        {
            app.change(lead.id, move |lead| lead.doc.cost = Some(cost.into())).await;
        }
        for id in ["L-1000", "L-1001"] {
            change(app, id, json!({"status": "sold"})).await;
        }
        let data = list(app, "/v1/analytics/sources").await["data"].clone();
        assert_eq!(
            data[0],
            json!({"source": "ads", "total": 3, "conv": 0.6667, "avgScore": 82.0, "cost": 61.0, "costPerSale": 30.5})
        );
        assert_eq!(data[1], json!({"source": "website", "total": 1, "conv": 0.0, "avgScore": 82.0}));
    }

    async fn bdc_and_sales_count_their_own_locations(app) {
        create(app, with(jose(), json!({"source": "website"}))).await;
        create(app, with(jose(), json!({"phone": phone(1), "source": "fair", "location": "berlin"}))).await;
        for (who, sources) in [
            (As::Role(Role::Sales), vec!["website"]),
            (As::Role(Role::Manager), vec!["fair", "website"]),
            (As::Stranger, vec![]),
        ] {
            let page = app.ask(who, Method::GET, "/v1/analytics/sources").await.send().await.expect(200);
            assert_eq!(each(&page, "source"), sources, "{who:?}");
        }
    }

    async fn nothing_is_an_empty_list_and_faults_are_named(app) {
        assert_eq!(list(app, "/v1/analytics/sources").await, json!({"data": []}));
        for query in ["period=x", "from=2026-01-01", "foo=1"] {
            assert_eq!(app.get(&format!("/v1/analytics/sources?{query}")).send().await.problem(400), "malformed_query");
        }
    }
}
