//! Many at once: one person stays one client, one enquiry one lead, and no change is lost.

use std::collections::BTreeMap;

use forecourt_record::{Client, Role, SaleLead};
use forecourt_testkit::{Answer, Ask, TestApp, both};
use serde_json::{Value, json};

/// All of these at once, each a task of its own.
async fn at_once(asks: impl IntoIterator<Item = Ask>) -> Vec<Answer> {
    let tasks: Vec<_> = asks.into_iter().map(|ask| tokio::spawn(ask.send())).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("an answer"));
    }
    answers
}

/// How often each status was answered.
fn statuses(answers: &[Answer]) -> BTreeMap<u16, usize> {
    answers.iter().fold(BTreeMap::new(), |mut counts, answer| {
        *counts.entry(answer.status.as_u16()).or_default() += 1;
        counts
    })
}

fn jose() -> Value {
    json!({
        "name": "Jose Garcia", "phone": "+17135550100", "email": "jose@example.com", "creditScore": "good",
        "downPayment": 2000, "hasBank": true, "idType": "license", "tradeIn": true, "location": "houston",
    })
}

fn post(app: &TestApp, body: &Value) -> Ask {
    app.post("/v1/leads").json(body)
}

both! {
    async fn a_thousand_identical_enquiries_are_one_lead_of_one_client(app) {
        let answers = at_once((0..1000).map(|_| post(app, &jose()))).await;
        assert_eq!(statuses(&answers), BTreeMap::from([(200, 999), (201, 1)]));
        let mut ids: Vec<Value> = answers.iter().map(|answer| answer.json()["id"].clone()).collect();
        ids.dedup();
        assert_eq!(ids, ["L-1000"]);
        let counts = app.counts().await;
        assert_eq!((counts["clients"], counts["leads"]), (1, 1));
        let repeated = app.events().await.iter().filter(|event| event.name.as_str() == "lead.repeated").count();
        assert_eq!(repeated, 999);
    }

    async fn a_thousand_requests_of_one_key_are_one_request(app) {
        let answers = at_once((0..1000).map(|_| post(app, &jose()).header("idempotency-key", "k"))).await;
        assert_eq!(statuses(&answers), BTreeMap::from([(201, 1000)]));
        assert!(answers.windows(2).all(|pair| pair[0].bytes == pair[1].bytes));
        let counts = app.counts().await;
        assert_eq!((counts["clients"], counts["leads"]), (1, 1));
        assert!(!app.events().await.iter().any(|event| event.name.as_str() == "lead.repeated"));
    }

    async fn a_hundred_identical_contacts_are_one_client(app) {
        let token = format!("JWT {}", app.user_token(Role::Manager).await);
        let contact = json!({"firstName": "Jose", "lastName": "Garcia", "phoneNumber": "+17135550100"});
        let post = || app.post("/v3/contact").header("authorization", &token).json(&contact);
        let answers = at_once((0..100).map(|_| post())).await;
        assert_eq!(statuses(&answers), BTreeMap::from([(201, 100)]));
        let mut ids: Vec<Value> = answers.iter().map(|answer| answer.json()["data"]["contact"]["ID"].clone()).collect();
        ids.dedup();
        assert_eq!((ids.len(), app.counts().await["clients"]), (1, 1));
    }

    async fn of_a_hundred_contacts_with_one_number_in_the_books_one_is_taken(app) {
        let token = format!("JWT {}", app.user_token(Role::Manager).await);
        let post = |at: usize| {
            let contact = json!({"lastName": format!("Garcia {at}"), "tecfacturaId": "T-1"});
            app.post("/v3/contact").header("authorization", &token).json(&contact)
        };
        let answers = at_once((0..100).map(post)).await;
        assert_eq!(statuses(&answers), BTreeMap::from([(201, 1), (409, 99)]));
        assert_eq!(app.counts().await["clients"], 1);
    }

    async fn two_hundred_people_five_times_each_in_five_writings(app) {
        let mut asks = Vec::new();
        for time in 0..5 {
            for person in 0..200 {
                let (exchange, line) = (200 + person / 100, 1000 + person);
                let phone = match time {
                    0 => format!("+1713{exchange}{line}"),
                    1 => format!("(713) {exchange}-{line}"),
                    2 => format!("713.{exchange}.{line}"),
                    3 => format!("1 713 {exchange} {line}"),
                    _ => format!("+1 (713) {exchange}-{line} ext. 5"),
                };
                let email =
                    if time % 2 == 0 { format!("p{person}@example.com") } else { format!("P{person}@EXAMPLE.com") };
                let body = json!({
                    "name": format!("Person {person}"), "phone": phone, "email": email, "location": "houston",
                    "hasBank": true, "idType": "license", "creditScore": "poor",
                });
                asks.push(post(app, &body));
            }
        }
        let answers = at_once(asks).await;
        assert_eq!(statuses(&answers), BTreeMap::from([(200, 800), (201, 200)]));
        let clients = app.all::<Client>().await;
        assert_eq!((clients.len(), app.counts().await["leads"]), (200, 200));
        for client in clients {
            assert_eq!(client.doc.contacts_phones.len(), 1, "{:?}", client.doc.contacts_phones);
            assert_eq!(client.doc.contacts_emails.len(), 1, "{:?}", client.doc.contacts_emails);
            assert!(client.extra.merge_suggestions.is_empty());
        }
    }

    async fn people_told_by_their_address_alone_are_one_client_too(app) {
        // Ten numbers, one address: a household. Whoever was first is the client.
        let asks = (0..100).map(|at| {
            let phone = format!("+1713{:07}", 2_000_000 + at % 10);
            post(
                app,
                &json!({"name": "A Garcia", "phone": phone, "email": "family@example.com", "location": "houston"}),
            )
        });
        let answers = at_once(asks.collect::<Vec<_>>()).await;
        assert!(answers.iter().all(|answer| answer.status.is_success()), "{:?}", statuses(&answers));
        let clients = app.all::<Client>().await;
        assert_eq!(clients.len(), 1);
        assert_eq!(clients[0].doc.contacts_phones.len(), 10);
    }

    async fn simultaneous_changes_lose_nothing(app) {
        post(app, &jose()).send().await.expect(201);
        let changes = [
            json!({"creditScore": "excellent"}),
            json!({"downPayment": 7500}),
            json!({"hasBank": false}),
            json!({"idType": "passport"}),
            json!({"tradeIn": false}),
            json!({"notes": "noted"}),
            json!({"status": "contacted"}),
            json!({"source": "fair"}),
            json!({"language": "es"}),
            json!({"assignedTo": "u_2"}),
            json!({"name": "José García"}),
            json!({"email": "jg@example.com"}),
        ];
        let asks = changes.iter().map(|change| app.patch("/v1/leads/L-1000").json(change));
        let answers = at_once(asks.collect::<Vec<_>>()).await;
        assert_eq!(statuses(&answers), BTreeMap::from([(200, changes.len())]));
        let lead = app.get("/v1/leads/L-1000").send().await.expect(200);
        for change in &changes {
            for (member, value) in change.as_object().unwrap() {
                assert_eq!(lead[member], *value, "{member}");
            }
        }
        // Excellent, 7,500 down, no bank, passport, no trade-in.
        assert_eq!(lead["score"], 70);
    }

    async fn of_simultaneous_changes_to_one_version_one_wins(app) {
        post(app, &jose()).send().await.expect(201);
        app.work().await;
        let etag = app.get("/v1/leads/L-1000").send().await.header("etag").unwrap().to_owned();
        let asks = (0..50).map(|at| {
            app.patch("/v1/leads/L-1000").header("if-match", &etag).json(&json!({"notes": format!("writer {at}")}))
        });
        let answers = at_once(asks.collect::<Vec<_>>()).await;
        assert_eq!(statuses(&answers), BTreeMap::from([(200, 1), (412, 49)]));
        let won = answers.iter().find(|answer| answer.status == 200).unwrap().json();
        assert_eq!(app.get("/v1/leads/L-1000").send().await.expect(200)["notes"], won["notes"]);
    }

    async fn leads_are_spread_evenly_among_the_agents(app) {
        app.dismiss_agents().await;
        let mut agents = Vec::new();
        for name in ["Ana", "Ben", "Cal", "Dee", "Eve"] {
            agents.push(app.hire(name, Role::Sales, &["houston"]).await.user);
        }
        let asks = (0..100).map(|at| {
            let mut lead = jose();
            (lead["phone"], lead["email"]) =
                (json!(format!("+1713{:07}", 2_000_000 + at)), json!(format!("p{at}@example.com")));
            post(app, &lead)
        });
        let answers = at_once(asks.collect::<Vec<_>>()).await;
        assert_eq!(statuses(&answers), BTreeMap::from([(201, 100)]));
        let leads = app.all::<SaleLead>().await;
        for agent in agents {
            assert_eq!(leads.iter().filter(|lead| lead.doc.owner() == Some(agent)).count(), 20, "{agent}");
        }
    }

    async fn deleting_and_posting_at_once_leaves_no_half_person(app) {
        for _ in 0..10 {
            let created = post(app, &jose()).send().await;
            let id = created.json()["id"].as_str().unwrap().to_owned();
            let path = format!("/v1/leads/{id}");
            let mut asks: Vec<Ask> = (0..5).map(|_| app.delete(&path)).collect();
            asks.extend((0..5).map(|_| post(app, &jose())));
            asks.extend((0..5).map(|_| app.patch(&path).json(&json!({"notes": "x"}))));
            let answers = at_once(asks).await;
            assert!(
                answers.iter().all(|answer| matches!(answer.status.as_u16(), 200 | 201 | 204 | 404 | 409)),
                "{:?}",
                statuses(&answers)
            );
            assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1);
            let counts = app.counts().await;
            assert_eq!(counts["clients"], counts["leads"].min(1));
            assert!(counts["leads"] <= 1, "{counts:?}");
        }
    }

    async fn readers_see_whole_states_while_others_write(app) {
        let asks = (0..200).flat_map(|at| {
            let mut lead = jose();
            (lead["phone"], lead["email"]) =
                (json!(format!("+1713{:07}", 2_000_000 + at)), json!(format!("p{at}@example.com")));
            [post(app, &lead), app.get("/v1/leads?limit=1"), app.get("/v1/analytics/summary")]
        });
        for answer in at_once(asks.collect::<Vec<_>>()).await {
            let body = answer.json();
            assert!(answer.status.is_success(), "{body}");
            if body["series"].is_array() {
                let sum = |counts: &Value| counts.as_object().unwrap().values().filter_map(Value::as_i64).sum::<i64>();
                let total = body["totalLeads"].as_i64().unwrap();
                assert_eq!(
                    (sum(&body["byStatus"]), sum(&body["byFilter"]), sum(&body["byLocation"])),
                    (total, total, total)
                );
            }
        }
        assert_eq!(app.get("/v1/leads").send().await.expect(200)["total"], 200);
    }
}
