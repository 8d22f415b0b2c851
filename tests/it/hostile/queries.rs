//! Query strings: nasty values of every parameter, parameters that are none, numbers beyond reason.

use forecourt_testkit::both;

use super::{encoded, nasty, no_fault, refused, stage, targets};

both! {
    async fn no_value_of_any_parameter_is_a_fault_of_ours(app) {
        let before = stage(app).await;
        let values: Vec<String> = nasty()
            .iter()
            .map(|text| encoded(text))
            .chain(["%00", "%", "%zz", "%ff", "%C3%28", "+", "=", "%26a%3D1"].map(str::to_owned))
            .collect();
        for target in targets(app) {
            for name in &target.query {
                for value in &values {
                    let address = format!("{}?{name}={value}", target.address());
                    let answer = target.ask(app, &address).await.send().await;
                    no_fault(&answer, &address);
                    let nul_or_broken =
                        value.contains("%00") || ["%", "%zz", "%ff", "%C3%28"].contains(&value.as_str());
                    // Autengo's clients are told nothing of broken escapes: npm's qs leaves them as they are.
                    let nul_or_broken = nul_or_broken && (target.path_is_strict() || value.contains("%00"));
                    if nul_or_broken {
                        assert_eq!(refused(&answer, &address), "malformed_query");
                        assert_eq!(answer.pointers(), [format!("query:{name}")], "{address}");
                    }
                }
            }
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn numbers_beyond_reason_are_refused_or_answered(app) {
        let before = stage(app).await;
        for (query, status) in [
            ("page=10000001&limit=1", 200),
            ("page=10000002&limit=1", 400),
            ("page=4294967296", 400),
            ("page=-1", 400),
            ("page=1e3", 400),
            ("page=0x1", 400),
            ("page=%2B1", 200),
            ("limit=2147483648", 400),
            ("minScore=9223372036854775807", 200),
            ("minScore=9223372036854775808", 400),
            ("maxScore=-9223372036854775808", 200),
            ("createdFrom=0000-01-01", 400),
            ("createdFrom=-9999-01-01", 400),
            ("createdFrom=9999-12-31T23:59:60Z", 400),
            ("createdFrom=99999-01-01", 400),
            ("createdTo=2026-11-21T00:00:00%2B99:00", 400),
        ] {
            let answer = app.get(&format!("/v1/leads?{query}")).send().await;
            if query.starts_with("createdFrom") {
                // Whether a calendar goes that far is its own affair.
                no_fault(&answer, query);
                continue;
            }
            assert_eq!(answer.status.as_u16(), status, "{query} {}", answer.json());
        }
        for query in [
            "minPrice=1e308",
            "maxPrice=-1e308",
            "minPrice=1e-320",
            "maxMiles=9223372036854775807",
            "maxMiles=-9223372036854775808",
            "year=9223372036854775807",
            "minPrice=inf",
            "maxPrice=NaN",
        ] {
            let answer = app.get(&format!("/v1/vehicles?{query}")).send().await;
            no_fault(&answer, query);
        }
        for query in [
            "from=0001-01-01&to=0001-01-02",
            "from=9999-12-30&to=9999-12-31",
            "from=-999-01-01&to=-999-01-02",
            "from=2026-11-21&to=2026-11-21T00",
        ] {
            no_fault(&app.get(&format!("/v1/analytics/summary?{query}")).send().await, query);
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn a_parameter_that_is_none_is_refused_with_the_nearest_that_is(app) {
        let before = stage(app).await;
        for target in targets(app).iter().filter(|target| target.name != "whatsapp_webhook") {
            for unknown in ["foo", "__proto__", "q%5B%5D", "dealer", "fields", "%00", "limit%20"] {
                // To npm's qs, this is no name at all.
                let passed_over = unknown == "__proto__" && !target.path_is_strict() && !target.query.is_empty();
                if passed_over || target.query.iter().any(|name| name == unknown) {
                    continue;
                }
                let address = format!("{}?{unknown}=1", target.address());
                let mut ask = target.ask(app, &address).await;
                if let Some(body) = &target.body {
                    ask = ask.json(body);
                }
                let answer = ask.send().await;
                assert_eq!(refused(&answer, &address), "malformed_query", "{address}");
                assert_eq!(answer.status, 400);
            }
            for name in &target.query {
                let address = format!("{}?{name}x=1", target.address());
                let answer = target.ask(app, &address).await.send().await;
                assert_eq!(refused(&answer, &address), "malformed_query");
                let said = answer.json()["errors"].to_string();
                assert!(said.contains("Did you mean"), "{address}: {said}");
            }
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn very_long_query_strings_end_in_an_answer(app) {
        let before = stage(app).await;
        for query in [
            format!("q={}", "a+".repeat(20_000)),
            format!("q={}", "%F0%9F%98%80".repeat(3_000)),
            "status=new&".repeat(3_000),
            (0..3_000).map(|at| format!("p{at}=1")).collect::<Vec<_>>().join("&"),
            "&".repeat(30_000),
        ] {
            let answer = app.get(&format!("/v1/leads?{query}")).send().await;
            no_fault(&answer, &query[..20]);
        }
        // As many words as fit, all of which would have to be found.
        let words = "ab+".repeat(66);
        app.get(&format!("/v1/leads?q={words}")).send().await.expect(200);
        assert_eq!(app.snapshot().await, before);
    }
}
