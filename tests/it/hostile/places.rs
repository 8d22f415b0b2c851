//! Addresses and methods: unknown ones, wrong ones, ids that are none.

use forecourt_testkit::{As, both};
use http::Method;
use serde_json::json;

use super::{encoded, job, nasty, no_fault, refused, stage, targets};

both! {
    async fn an_id_that_is_none_is_not_found(app) {
        let before = stage(app).await;
        let mut ids: Vec<String> = nasty().iter().map(|text| encoded(text)).collect();
        ids.extend(
            [
                "%00",
                "L-1000%00",
                "%ff",
                "%C3%28",
                "%ED%A0%80",
                "%",
                "%zz",
                "..%2f..%2fetc",
                "%2e%2e",
                "L-1000%2f..",
                "%2F",
                "L%2D1001",
                "l-1000",
                "L-1000;x=1",
                "L-1000.json",
                "L-1e3",
                "L-+1000",
                "L-01000",
                "V-L-1000",
                "%4C-1001",
                "1000",
                "undefined",
                "*",
                "@",
                "~",
                "!",
                "$",
                "(",
                ")",
                ",",
                "L-9223372036854775807",
                "L-9223372036854775808",
                "L--1",
                "-",
                "L-",
                "L-%D9%A1",
                "\u{b2}",
            ]
            .map(str::to_owned),
        );
        // A schedule is made under whatever name it is put: `native::schedules` has the names that are none.
        for target in targets(app).iter().filter(|target| target.has_id() && target.name != "schedule_put") {
            for id in ids.iter().filter(|id| id.is_ascii()) {
                let what = format!("{} {id}", target.name);
                let mut ask = target.ask(app, &target.with_id(id)).await;
                if let Some(body) = &target.body {
                    ask = ask.json(body);
                }
                let answer = ask.send().await;
                let code = refused(&answer, &what);
                assert!(code == "not_found" || code == "method_not_allowed", "{what}: {code}");
            }
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn what_is_not_there_is_not_found(app) {
        let before = stage(app).await;
        for path in [
            "/",
            "/v1",
            "/v1/",
            "/v1/leads/",
            "/v1//leads",
            "//v1/leads",
            "/V1/leads",
            "/v1/Leads",
            "/v1/lead",
            "/v2/leads",
            "/v1/leads/L-1000/",
            "/v1/leads/L-1000/messages",
            "/v1/leads/../leads",
            "/v1/leads/%2e%2e/leads",
            "/v1/auth",
            "/v1/whatsapp",
            "/v1/whatsapp/threads",
            "/v1/whatsapp/threads/",
            "/v1/analytics",
            "/v1/users",
            "/admin",
            "/.env",
            "/.git/config",
            "/index.php",
            "/health",
            "/openapi",
            "/docs/../Cargo.toml",
            "/docs/%2e%2e/%2e%2e/etc/passwd",
            "/metrics/",
            "/v1/leads%00",
            "/v1/leads;x",
        ] {
            for method in [Method::GET, Method::POST, Method::DELETE] {
                let answer = app.ask(As::Key, method.clone(), path).await.send().await;
                let code = refused(&answer, path);
                assert_eq!(code, "not_found", "{method} {path}");
            }
        }
        let long = format!("/{}", "a/".repeat(5_000));
        assert_eq!(refused(&app.get(&long).send().await, "a long path"), "not_found");
        assert_eq!(app.snapshot().await, before);
    }

    async fn a_method_that_an_address_does_not_take_is_refused(app) {
        let before = stage(app).await;
        let targets = targets(app);
        for target in &targets {
            let taken: Vec<&Method> =
                targets.iter().filter(|other| other.path == target.path).map(|other| &other.method).collect();
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "BREW"] {
                let method: Method = method.parse().unwrap();
                if taken.contains(&&method) || method == Method::CONNECT {
                    continue;
                }
                let answer = app.ask(As::Key, method.clone(), &target.address()).await.json(&json!({})).send().await;
                let what = format!("{method} {}", target.path);
                assert_eq!(refused(&answer, &what), "method_not_allowed", "{what}");
                assert_eq!(answer.status, 405);
                let allowed = answer.header("allow").unwrap_or_default();
                assert!(taken.iter().all(|method| allowed.contains(method.as_str())), "{what}: {allowed}");
            }
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn hostile_headers_change_nothing(app) {
        stage(app).await;
        let job = job(app).await;
        let before = app.snapshot().await;
        for target in targets(app).iter().filter(|target| target.method == Method::GET) {
            let address = if target.name.starts_with("job_") { target.with_id(&job) } else { target.address() };
            for (name, value) in [
                ("x-http-method-override", "DELETE"),
                ("x-forwarded-for", "127.0.0.1"),
                ("x-original-url", "/admin"),
                ("host", "evil.example"),
                ("range", "bytes=0-"),
                ("if-match", "\"x\""),
                ("if-none-match", "*"),
                ("accept", "application/xml"),
                ("accept-encoding", "gzip;q=x, br, \u{ff}"),
                ("content-length", "5"),
                ("transfer-encoding", "chunked"),
                ("cookie", "session=1"),
                ("expect", "100-continue"),
                ("upgrade", "websocket"),
                ("idempotency-key", "\u{1}"),
            ] {
                let Ok(value) = http::HeaderValue::from_bytes(value.as_bytes()) else { continue };
                let answer = target
                    .ask(app, &address)
                    .await
                    .header(name, &String::from_utf8_lossy(value.as_bytes()))
                    .send()
                    .await;
                no_fault(&answer, &format!("{} with {name}", target.name));
                // Of a result, and of nothing else, a part can be had.
                let expected: u16 = match target.name.as_str() {
                    "job_result" if name == "range" => 206,
                    // Nothing is offered, and nobody was called, under what stands for an id here.
                    "stock_read" | "call_read" => 404,
                    // Evidence is about somebody.
                    "consent_evidence" => 400,
                    _ => 200,
                };
                assert_eq!(answer.status, expected, "{} with {name}", target.name);
            }
        }
        assert_eq!(app.snapshot().await, before);
    }
}
