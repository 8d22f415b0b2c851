//! `GET /v1/leads`.

use std::time::Duration;

use forecourt_record::Role;
use forecourt_testkit::{As, TestApp, both};
use http::Method;
use serde_json::{Value, json};

use crate::altum::{bea, change, create, each, jose, list, phone, rex, with};

/// Five leads, a minute apart, that differ in everything that can be asked for:
/// Ángela (A, 100), Bruno (B, 45), Carla (A, 82), Diego (Reject, 0), Émile (B, 55, berlin).
async fn five(app: &TestApp) {
    let answers = |score: i64| match score {
        100 => {
            json!({
                "creditScore": "excellent", "downPayment": 7500, "hasBank": true, "idType": "license",
                "tradeIn": true,
            })
        }
        82 => {
            json!({"creditScore": "good", "downPayment": 2000, "hasBank": true, "idType": "license", "tradeIn": true})
        }
        55 => json!({"creditScore": "poor", "hasBank": true, "idType": "license", "tradeIn": true}),
        45 => json!({"hasBank": true, "idType": "license", "tradeIn": true}),
        _ => json!({"creditScore": "none"}),
    };
    for (at, (name, score, source, location, owner, email, notes)) in [
        (
            "Ángela Núñez",
            100,
            Some("website"),
            "houston",
            Some("u_3"),
            Some("angela@example.com"),
            Some("Wants a Škoda"),
        ),
        ("Bruno Straße", 45, Some("walk-in"), "houston", None, Some("bruno@example.org"), None),
        ("carla de la Cruz", 82, Some("website"), "houston", Some("u_4"), None, Some("Prefers mornings")),
        ("Diego O'Neil", 0, None, "houston", None, None, None),
        ("Émile Zöller", 55, Some("referral"), "berlin", None, None, None),
    ]
    .into_iter()
    .enumerate()
    {
        let mut lead = with(json!({"name": name, "phone": phone(at), "location": location}), answers(score));
        for (member, value) in [("source", source), ("assignedTo", owner), ("email", email), ("notes", notes)] {
            if let Some(value) = value {
                lead = with(lead, json!({member: value}));
            }
        }
        create(app, lead).await;
        app.clock.advance(Duration::from_mins(1));
    }
    // Long ago is touched last.
    change(app, "L-1000", json!({"status": "contacted"})).await;
}

/// The first letters of the names found, in order.
async fn found(app: &TestApp, query: &str) -> String {
    let page = list(app, &format!("/v1/leads?{query}")).await;
    let names = each(&page, "name");
    assert_eq!(page["total"], names.len(), "{query}");
    names.iter().filter_map(|name| name.chars().next()).collect::<String>().to_uppercase()
}

async fn check(app: &TestApp, cases: &[(&str, &str)]) {
    for (query, expected) in cases {
        assert_eq!(found(app, query).await, *expected, "{query}");
    }
}

both! {
    async fn an_item_says_what_is_documented(app) {
        create(app, with(jose(), json!({"source": "website"}))).await;
        let page = list(app, "/v1/leads").await;
        assert_eq!((&page["page"], &page["limit"], &page["total"]), (&json!(1), &json!(25), &json!(1)));
        let item = &page["data"][0];
        let expected = json!({
            "id": "L-1000", "name": "Jose Garcia", "score": 82, "filter": "A", "status": "new",
            "phone": "+17135550100", "email": null, "location": "houston", "source": "website",
            "assignedTo": item["assignedTo"],
            "createdAt": "2026-11-21T18:00:00.000Z", "updatedAt": "2026-11-21T18:00:00.000Z",
            "lastActivityAt": "2026-11-21T18:00:00.000Z",
        });
        assert_eq!(*item, expected);
    }

    async fn nothing_is_an_empty_page(app) {
        let page = list(app, "/v1/leads").await;
        assert_eq!(page, json!({"data": [], "page": 1, "limit": 25, "total": 0}));
    }

    async fn each_filter_narrows(app) {
        five(app).await;
        check(
            app,
            &[
                ("", "ÉDCBÁ"),
                ("status=new", "ÉCB"),
                ("status=archived", "D"),
                ("status=contacted", "Á"),
                ("status=nonsense", ""),
                ("filter=A", "CÁ"),
                ("filter=B", "ÉB"),
                ("filter=Reject", "D"),
                ("filter=a", ""),
                ("location=houston", "DCBÁ"),
                ("location=berlin", "É"),
                ("location=paris", ""),
                ("source=website", "CÁ"),
                ("source=walk-in", "B"),
                ("source=", ""),
                ("assignedTo=u_3", "Á"),
                ("assignedTo=u_4", "C"),
                ("assignedTo=u_1", ""),
                ("assignedTo=u_99", ""),
                ("assignedTo=nobody", ""),
                ("minScore=55", "ÉCÁ"),
                ("maxScore=55", "ÉDB"),
                ("minScore=45&maxScore=82", "ÉCB"),
                ("minScore=101", ""),
                ("maxScore=-1", ""),
                ("createdFrom=2026-11-21T18:02:00Z", "ÉDC"),
                ("createdTo=2026-11-21T18:02:00Z", "BÁ"),
                ("createdFrom=2026-11-21T18:01:00Z&createdTo=2026-11-21T18:03:00Z", "CB"),
                ("createdFrom=2026-11-21T12:02:00-06:00", "ÉDC"),
                ("createdFrom=2026-11-22", ""),
                ("createdTo=2026-11-21", ""),
            ],
        )
        .await;
    }

    async fn filters_narrow_together(app) {
        five(app).await;
        check(
            app,
            &[
                ("filter=A&source=website&location=houston", "CÁ"),
                ("filter=A&assignedTo=u_4", "C"),
                ("status=new&minScore=50", "ÉC"),
                ("q=website&filter=A", ""),
                ("q=an&source=website", "Á"),
                ("status=new&location=houston&filter=B&source=walk-in", "B"),
                ("status=new&location=berlin&assignedTo=u_3", ""),
            ],
        )
        .await;
    }

    async fn sorts_each_way(app) {
        five(app).await;
        check(
            app,
            &[
                ("sort=createdAt", "ÁBCDÉ"),
                ("sort=-createdAt", "ÉDCBÁ"),
                ("sort=updatedAt", "BCDÉÁ"),
                ("sort=-updatedAt", "ÁÉDCB"),
                ("sort=score", "DBÉCÁ"),
                ("sort=-score", "ÁCÉBD"),
                // Neither accents nor capitals count.
                ("sort=name", "ÁBCDÉ"),
                ("sort=-name", "ÉDCBÁ"),
                ("sort=name&filter=A", "ÁC"),
            ],
        )
        .await;
    }

    async fn text_is_found_by_the_beginnings_of_its_words(app) {
        five(app).await;
        check(
            app,
            &[
                ("q=angela", "Á"),
                ("q=%C3%81NGELA", "Á"),
                ("q=nun", "Á"),
                ("q=nunez+ang", "Á"),
                // The last word may still be being typed, the others are whole.
                ("q=ang+nunez", ""),
                ("q=gela", ""),
                ("q=strasse", "B"),
                ("q=stra%C3%9Fe", "B"),
                ("q=cruz+carla", "C"),
                ("q=o%27neil", "D"),
                ("q=neil", "D"),
                ("q=zoller", "É"),
                ("q=skoda", "Á"),
                ("q=mornings", "C"),
                ("q=angela%40example.com", "Á"),
                ("q=example", "BÁ"),
                ("q=bruno+carla", ""),
                // In whatever writing, whole or its beginning.
                ("q=%2B17132000001", "B"),
                ("q=(713)+200-0001", "B"),
                ("q=713.200.0001", "B"),
                ("q=7132000001", "B"),
                ("q=+", "ÉDCBÁ"),
                ("q=", "ÉDCBÁ"),
                ("q=%22NOT%22+1%3D1+--", ""),
                // Something is asked for, and nobody has it.
                ("q=%25", ""),
                ("q=*", ""),
            ],
        )
        .await;
    }

    async fn pages_share_the_list_out_without_gap_or_repetition(app) {
        for at in 0..11 {
            // All at the same instant and with the same score: the order must hold all the same.
            let lead = json!({"name": "Same Name", "phone": phone(at), "location": "houston"});
            create(app, lead).await;
        }
        for sort in ["createdAt", "-createdAt", "score", "-name", "-updatedAt"] {
            let mut seen = Vec::new();
            for number in 1..=4 {
                let page = list(app, &format!("/v1/leads?limit=3&page={number}&sort={sort}")).await;
                assert_eq!((&page["page"], &page["limit"], &page["total"]), (&json!(number), &json!(3), &json!(11)));
                seen.extend(each(&page, "id"));
            }
            let whole = each(&list(app, &format!("/v1/leads?sort={sort}")).await, "id");
            assert_eq!(seen, whole, "{sort}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 11);
            let beyond = list(app, &format!("/v1/leads?limit=3&page=5&sort={sort}")).await;
            assert_eq!((&beyond["data"], &beyond["total"]), (&json!([]), &json!(11)));
        }
    }

    async fn parameters_are_checked_all_at_once(app) {
        for (query, pointers) in [
            ("page=0", &["query:page"][..]),
            ("limit=0", &["query:limit"]),
            ("limit=101", &["query:limit"]),
            ("limit=ten&page=-1", &["query:limit", "query:page"]),
            ("page=99999999999999999999", &["query:page"]),
            ("minScore=x&maxScore=7.5", &["query:maxScore", "query:minScore"]),
            ("createdFrom=yesterday", &["query:createdFrom"]),
            ("createdTo=2026-02-30", &["query:createdTo"]),
            ("sort=phone", &["query:sort"]),
            ("sort=", &["query:sort"]),
            ("status=new&status=sold", &["query:status"]),
            ("minscore=70", &["query:minscore"]),
            ("foo=1&bar=2", &["query:bar", "query:foo"]),
        ] {
            let answer = app.get(&format!("/v1/leads?{query}")).send().await;
            assert_eq!(answer.problem(400), "malformed_query", "{query}");
            let mut found = answer.pointers();
            found.sort();
            assert_eq!(found, pointers, "{query}");
        }
        let hint = app.get("/v1/leads?minscore=70").send().await.json();
        assert!(hint["detail"].as_str().unwrap().contains("minScore"), "{hint}");
        let long = "x".repeat(201);
        app.get(&format!("/v1/leads?q={long}")).send().await.expect(400);
    }

    async fn bdc_and_sales_see_their_own_locations_and_the_others_all(app) {
        five(app).await;
        for role in Role::ALL {
            let sees_all = !matches!(role, Role::Bdc | Role::Sales);
            let ask = async |path: &str| app.ask(As::Role(*role), Method::GET, path).await.send().await.expect(200);
            let page = ask("/v1/leads").await;
            assert_eq!(page["total"], if sees_all { 5 } else { 4 }, "{role:?}");
            assert_eq!(page["data"].as_array().unwrap().len(), if sees_all { 5 } else { 4 });
            let berlin = ask("/v1/leads?location=berlin").await;
            assert_eq!(berlin["total"], i32::from(sees_all), "{role:?}");
            let text = ask("/v1/leads?q=zoller").await;
            assert_eq!(text["total"], i32::from(sees_all), "{role:?}");
        }
    }

    async fn a_lead_of_no_location_is_seen_by_those_who_see_all(app) {
        create(app, json!({"name": "Anywhere", "phone": phone(1)})).await;
        for (role, total) in [(Role::Manager, 1), (Role::Admin, 1), (Role::Bdc, 0), (Role::Sales, 0)] {
            let page = app.ask(As::Role(role), Method::GET, "/v1/leads").await.send().await.expect(200);
            assert_eq!(page["total"], total, "{role:?}");
        }
    }

    async fn another_dealers_leads_are_not_here(app) {
        five(app).await;
        for query in ["", "?q=angela", "?status=new", "?minScore=0"] {
            let page = app.ask(As::Stranger, Method::GET, &format!("/v1/leads{query}")).await.send().await.expect(200);
            assert_eq!((&page["total"], &page["data"]), (&json!(0), &json!([])), "{query}");
        }
    }

    async fn totals_follow_every_change(app) {
        let totals = async |query: &str| list(app, &format!("/v1/leads?{query}")).await["total"].clone();
        for lead in [jose(), bea(), rex()] {
            create(app, lead).await;
        }
        change(app, "L-1001", json!({"status": "sold", "source": "referral", "location": "berlin"})).await;
        let expected: [(&str, Value); 6] = [
            ("", json!(3)),
            ("status=sold", json!(1)),
            ("location=berlin", json!(1)),
            ("source=referral", json!(1)),
            ("location=houston&status=new", json!(1)),
            ("filter=B&status=sold", json!(1)),
        ];
        for (query, total) in expected {
            assert_eq!(totals(query).await, total, "{query}");
        }
        app.delete("/v1/leads/L-1001").send().await.expect(204);
        for (query, total) in [("", 2), ("status=sold", 0), ("location=berlin", 0), ("source=referral", 0)] {
            assert_eq!(totals(query).await, total, "{query}");
        }
    }
}
