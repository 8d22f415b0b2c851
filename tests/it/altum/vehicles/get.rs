//! `GET /v1/vehicles`.

use std::time::Duration;

use forecourt_record::Role;
use forecourt_testkit::{As, TestApp, both};
use http::Method;
use serde_json::json;

use crate::altum::{each, list};

use super::add;

/// Four cars, a minute apart: V-1 Ford, V-2 Citroën, V-3 Ford (berlin, sold), V-4 Seat.
async fn four(app: &TestApp) {
    for change in [
        json!({"make": "Ford", "model": "F-150", "year": 2022, "price": 38500, "miles": 21000, "color": "Grey"}),
        json!({
            "make": "Citroën", "model": "C3", "year": 2019, "price": 9999.99, "miles": 40000,
            "status": "reserved", "vin": "WVWZZZ1JZ3W386752",
        }),
        json!({
            "make": "Ford", "model": "Focus ST", "year": 2019, "price": 15000, "location": "berlin",
            "status": "sold", "stockNumber": "B-77",
        }),
        json!({
            "make": "SEAT", "model": "Ibiza", "year": 2024, "price": 17250.5, "miles": 10,
            "licensePlate": "1234 KLM", "version": "FR Xcellence",
        }),
    ] {
        add(app, change).await;
        app.clock.advance(Duration::from_mins(1));
    }
}

both! {
    async fn each_filter_narrows(app) {
        four(app).await;
        for (query, expected) in [
            ("", "V-4 V-3 V-2 V-1"),
            ("make=Ford", "V-3 V-1"),
            // Neither case nor accents count.
            ("make=citroen", "V-2"),
            ("make=seat&model=ibiza", "V-4"),
            ("model=focus+st", "V-3"),
            ("model=focus", ""),
            ("year=2019", "V-3 V-2"),
            ("minPrice=15000", "V-4 V-3 V-1"),
            ("minPrice=15000.01", "V-4 V-1"),
            ("maxPrice=9999.99", "V-2"),
            ("maxPrice=9999.98", ""),
            ("minPrice=10000&maxPrice=20000", "V-4 V-3"),
            ("maxMiles=21000", "V-4 V-1"),
            ("maxMiles=20999", "V-4"),
            ("maxMiles=40000", "V-4 V-2 V-1"),
            ("status=available", "V-4 V-1"),
            ("status=reserved", "V-2"),
            ("status=sold", "V-3"),
            ("status=incoming", ""),
            ("location=berlin", "V-3"),
            ("location=paris", ""),
            ("vin=WVWZZZ1JZ3W386752", "V-2"),
            ("vin=wvwzzz1jz3w386752", "V-2"),
            ("vin=WVWZZZ1JZ3W386753", ""),
            ("q=ford", "V-3 V-1"),
            ("q=foc", "V-3"),
            ("q=citroen+c3", "V-2"),
            ("q=B-77", "V-3"),
            ("q=1234", "V-4"),
            ("q=xcell", "V-4"),
            ("q=grey", "V-1"),
            ("q=wvwzzz", "V-2"),
            ("q=+", "V-4 V-3 V-2 V-1"),
            ("make=Ford&status=available&year=2022", "V-1"),
        ] {
            let page = list(app, &format!("/v1/vehicles?{query}")).await;
            let ids = each(&page, "id");
            assert_eq!(ids.join(" "), expected, "{query}");
            assert_eq!(page["total"], ids.len(), "{query}");
        }
    }

    async fn pages_share_the_stock_out(app) {
        for _ in 0..7 {
            add(app, json!({})).await;
        }
        let mut seen = Vec::new();
        for number in 1..=3 {
            let page = list(app, &format!("/v1/vehicles?limit=3&page={number}")).await;
            assert_eq!((&page["total"], &page["page"], &page["limit"]), (&json!(7), &json!(number), &json!(3)));
            seen.extend(each(&page, "id"));
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7);
    }

    async fn parameters_are_checked(app) {
        for (query, pointer) in [
            ("year=abc", "query:year"),
            ("minPrice=cheap", "query:minPrice"),
            ("maxMiles=1.5", "query:maxMiles"),
            ("status=gone", "query:status"),
            ("Make=Ford", "query:Make"),
            ("limit=1000", "query:limit"),
            ("sort=price", "query:sort"),
        ] {
            let answer = app.get(&format!("/v1/vehicles?{query}")).send().await;
            assert_eq!(answer.problem(400), "malformed_query", "{query}");
            assert_eq!(answer.pointers(), [pointer]);
        }
    }

    async fn a_dealer_that_counts_kilometres_reads_them(app) {
        app.crm()
            .dealer_change(&app.caller(), |dealer| dealer.distance_unit = forecourt_record::DistanceUnit::Km)
            .await
            .unwrap();
        assert_eq!(add(app, json!({"miles": 21000})).await["miles"], 21000);
        app.crm()
            .dealer_change(&app.caller(), |dealer| dealer.distance_unit = forecourt_record::DistanceUnit::Mi)
            .await
            .unwrap();
        assert_eq!(list(app, "/v1/vehicles").await["data"][0]["miles"], 13049);
        // 1 mi = 1.609344 km, rounded: whatever is written in miles is read back in miles.
        for miles in [0, 1, 2, 3, 99, 1000, 12345, 99_999, 4_999_999] {
            assert_eq!(add(app, json!({"miles": miles})).await["miles"], miles);
        }
    }

    async fn bdc_and_sales_see_the_stock_of_their_locations(app) {
        four(app).await;
        for role in Role::ALL {
            let total = if matches!(role, Role::Bdc | Role::Sales) { 3 } else { 4 };
            let page = app.ask(As::Role(*role), Method::GET, "/v1/vehicles").await.send().await.expect(200);
            assert_eq!(page["total"], total, "{role:?}");
        }
        let page = app.ask(As::Stranger, Method::GET, "/v1/vehicles").await.send().await.expect(200);
        assert_eq!(page["total"], 0);
    }
}
