//! The demo: its handle, what it remembers, what it is filled with, and how it ends.

use std::{collections::BTreeSet, net::SocketAddr};

use forecourt_query::Filter;
use forecourt_record::SaleLead;
use forecourt_testkit::Backend;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Site, Underneath, get, post, until, within};

/// Names of an object's members, in order.
fn members(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().filter(|text| !text.is_empty()).unwrap_or_else(|| panic!("no text in {name}: {object}"))
}

/// The handle is the one that programs are written against: every member, null for what is not built.
fn check_handle(greeting: &Value) {
    assert_eq!(members(greeting), ["url", "dealer_id", "users", "keys", "whatsapp_webhook", "lead_types"]);
    let dealer = text(greeting, "dealer_id");
    assert!(dealer.len() == 24 && dealer.bytes().all(|digit| digit.is_ascii_hexdigit()), "{dealer}");
    let url: SocketAddr = text(greeting, "url").strip_prefix("http://").unwrap().parse().unwrap();
    assert_ne!(url.port(), 0);

    let users = greeting["users"].as_array().unwrap();
    for user in users {
        assert_eq!(members(user), ["email", "password", "role"]);
    }
    let roles: BTreeSet<&str> = users.iter().map(|user| text(user, "role")).collect();
    assert_eq!(roles, BTreeSet::from(["admin", "manager", "bdc", "sales", "service", "readonly"]));
    assert_eq!(roles.len(), users.len(), "one user per role");

    let keys = &greeting["keys"];
    let names = [
        "altum",
        "walcu",
        "autengo",
        "autengo_dealer_alzura_id",
        "autengo_user_alzura_id",
        "dialler",
        "trackdrive_schedule_token",
        "trackdrive_offer_token",
        "admin",
    ];
    assert_eq!(members(keys), names);
    for name in names {
        match name {
            "autengo_dealer_alzura_id" | "autengo_user_alzura_id" => assert!(keys[name].is_i64(), "{name}"),
            _ => assert!(text(keys, name).starts_with("alt_sk_live_"), "{name}"),
        }
    }
    assert_eq!(members(&greeting["whatsapp_webhook"]), ["header", "value"]);
    text(&greeting["whatsapp_webhook"], "header");
    text(&greeting["whatsapp_webhook"], "value");
    assert_eq!(greeting["lead_types"], json!(["motor-trade", "finance", "service"]));
}

/// The handle without the address, which is a new one at each start.
fn credentials(greeting: &Value) -> Value {
    let mut rest = greeting.clone();
    rest.as_object_mut().unwrap().remove("url");
    rest
}

both! {
    async fn credentials_are_printed_whole_and_again(site) {
        let server = site.demo(&["--empty"]).await;
        check_handle(&server.greeting);
        let first = credentials(&server.greeting);
        let key = text(&first["keys"], "altum").to_owned();
        let lead = json!({"name": "Ana Ruiz", "phone": "(713) 234-5678", "location": "houston", "creditScore": "good",
            "downPayment": 2000, "hasBank": true, "idType": "license", "tradeIn": true});
        let created = server.send(&post("/v1/leads", &lead).bearer(&key)).await.expect(201);
        assert_eq!((&created["score"], &created["filter"]), (&json!(82), &json!("A")));

        for user in first["users"].as_array().unwrap() {
            let login = json!({"email": user["email"], "password": user["password"]});
            let answer = server.send(&post("/v1/auth/login", &login)).await.expect(200);
            assert_eq!(answer["user"]["role"], user["role"]);
            assert!(text(&answer, "token").starts_with("alt_sk_"));
        }
        let webhook = &first["whatsapp_webhook"];
        let header: &'static str = text(webhook, "header").to_owned().leak();
        let message = post("/v1/whatsapp/webhook", &json!({"entry": []}));
        server.send(&message.clone().header(header, text(webhook, "value"))).await.expect(200);
        server.send(&message).await.expect(401);
        for (key, location) in [("altum", "houston"), ("admin", "berlin")] {
            let path = format!("/v1/leads?location={location}");
            server.send(&get(&path).bearer(text(&first["keys"], key))).await.expect(200);
        }
        server.stop().await;

        let again = site.demo(&["--empty"]).await;
        assert_eq!(credentials(&again.greeting), first);
        again.stop().await;

        let served = site.serve(&[]).await;
        assert_eq!(members(&served.greeting), ["url"]);
        let found = served.send(&get(&format!("/v1/leads/{}", text(&created, "id"))).bearer(&key)).await.expect(200);
        assert_eq!((&found["score"], &found["name"]), (&json!(82), &json!("Ana Ruiz")));
        served.stop().await;
        site.finish(&[]);
    }

    async fn a_filled_demo_has_ninety_days_behind_it(site) {
        let server = site.demo(&[]).await;
        check_handle(&server.greeting);
        let key = text(&server.greeting["keys"], "altum").to_owned();
        let ask = async |path: &str| server.send(&get(path).bearer(&key)).await.expect(200);

        let oldest = ask("/v1/leads?sort=createdAt&limit=100").await;
        let newest = ask("/v1/leads?limit=100").await;
        let leads = oldest["total"].as_u64().unwrap();
        assert!(leads >= 500, "{leads} leads");
        let summary = ask("/v1/analytics/summary?period=90d").await;
        let days: Vec<u64> =
            summary["series"].as_array().unwrap().iter().map(|day| day["leads"].as_u64().unwrap()).collect();
        assert!(days.iter().filter(|leads| **leads > 0).count() > 60, "{days:?}");
        let of_ninety_days = summary["totalLeads"].as_u64().unwrap();
        assert!(of_ninety_days * 10 >= leads * 9, "{of_ninety_days} of {leads} leads are of the last 90 days");
        for location in ["houston", "berlin"] {
            let there = ask(&format!("/v1/leads?location={location}&limit=1")).await;
            assert!(there["total"].as_u64().unwrap() > 0, "{location}");
        }
        for filter in ["A", "B", "Reject"] {
            let such = ask(&format!("/v1/leads?filter={filter}&limit=1")).await;
            assert!(such["total"].as_u64().unwrap() > 0, "{filter}");
        }
        let vehicles = ask("/v1/vehicles?limit=100").await;
        assert!(vehicles["total"].as_u64().unwrap() >= 50, "{}", vehicles["total"]);
        for vehicle in vehicles["data"].as_array().unwrap() {
            assert_eq!(text(vehicle, "vin").len(), 17);
            text(vehicle, "make");
        }

        // People were written to, and some wrote back.
        let mut directions = BTreeSet::new();
        for lead in oldest["data"].as_array().unwrap().iter().chain(newest["data"].as_array().unwrap()) {
            let thread = ask(&format!("/v1/whatsapp/threads/{}", text(lead, "id"))).await;
            let messages = thread["messages"].as_array().unwrap();
            directions.extend(messages.iter().map(|message| text(message, "direction").to_owned()));
        }
        assert_eq!(directions, BTreeSet::from(["inbound".to_owned(), "outbound".to_owned()]));
        server.stop().await;

        let verified = site.json(&["verify"]).await;
        assert_eq!(verified, json!({"consistent": true, "findings": []}));
        // A second start invents nothing more.
        let again = site.demo(&[]).await;
        let now = again.send(&get("/v1/leads?limit=1").bearer(&key)).await.expect(200);
        assert_eq!(now["total"].as_u64(), Some(leads));
        again.stop().await;
        site.finish(&[]);
    }

    /// Killed while it invents its data, it keeps what is there and goes on, with the same keys.
    async fn a_demo_that_was_killed_while_it_was_filled_is_whole(site) {
        let mut filling = site.serving(&["demo"]).spawn().expect("the binary starts");
        let state = async || -> Option<Value> {
            let text = std::fs::read_to_string(site.state().join("demo.json")).ok()?;
            serde_json::from_str(&text).ok().filter(|state: &Value| state["filling"] == "begun")
        };
        let state = until("the demo to begin to fill", state).await;
        let underneath = Underneath::open(&site.location, &state).await;
        until("some leads", async || (underneath.count::<SaleLead>(Filter::all()).await > 20).then_some(())).await;
        filling.kill().await.expect("it can be killed");
        let leads = underneath.count::<SaleLead>(Filter::all()).await;
        underneath.close().await;
        assert_eq!(site.json(&["verify"]).await, json!({"consistent": true, "findings": []}));

        let server = site.demo(&[]).await;
        check_handle(&server.greeting);
        assert_eq!(server.greeting["dealer_id"], state["dealer_id"]);
        let key = text(&server.greeting["keys"], "altum");
        assert_eq!(state["altum_key"], key);
        let found = server.send(&get("/v1/leads?limit=1").bearer(key)).await.expect(200);
        assert!(found["total"].as_i64().unwrap() >= leads, "{} of {leads}", found["total"]);
        server.stop().await;
        assert_eq!(site.json(&["verify"]).await, json!({"consistent": true, "findings": []}));
        site.finish(&[]);
    }
}

/// A request whose body is still on its way when the server is told to stop is answered, and then it ends well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_under_way_are_finished() {
    let site = Site::on(Backend::Sqlite, "under_way").await.unwrap();
    let mut server = site.demo(&["--empty"]).await;
    let key = text(&server.greeting["keys"], "altum").to_owned();
    let body = json!({"name": "Ana Ruiz", "phone": "+17132345678", "location": "houston"}).to_string();
    let (first, rest) = body.split_at(10);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /v1/leads HTTP/1.1\r\nhost: forecourt.test\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Asked for the body, the request has reached its handler.
    let mut answer = vec![0; 25];
    within("the server to want the body", stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(first.as_bytes()).await.unwrap();

    server.tell_to_stop().await;
    until("the server to let nobody in any more", async || {
        TcpStream::connect(server.address).await.is_err().then_some(())
    })
    .await;
    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within("the answer", stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    let status = server.ended().await;
    assert!(status.success(), "{status}: {}", server.log());

    let served = site.serve(&[]).await;
    let leads = served.send(&get("/v1/leads").bearer(&key)).await.expect(200);
    assert_eq!(leads["total"], 1);
    served.stop().await;
    site.finish(&[]);
}
