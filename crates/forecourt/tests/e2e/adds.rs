//! The same lead a thousand times at the same instant, at two servers: one person, one lead, put on its schedule once.
//!
//! On PostgreSQL the two are how a dealership grows. On SQLite the second one is a process more on the same folder: each
//! writes in turn, and what keeps a person from being added twice are the unique keys of the store, not the memory of a
//! process, so the same holds there.

use std::collections::BTreeMap;

use forecourt_query::Filter;
use forecourt_record::{Client, Enrolment, SaleLead};
use serde_json::json;
use tokio::{process::Command, task::JoinSet};

use crate::support::{Connection, Underneath, post, within};

const ADDS: usize = 1_000;
/// The add that goes through waits for nobody, the last of a thousand for all others.
const OPTIONS: &[&str] = &["--rate-limit", "0", "--request-timeout", "5m"];

/// A thousand sockets are open at once, and many a shell allows a process no more than that in all.
async fn allow_sockets() {
    let this = std::process::id().to_string();
    let limit = format!("--nofile={}:", 4 * ADDS);
    let allowed = Command::new("prlimit").args(["--pid", &this, &limit]).status().await;
    assert!(allowed.is_ok_and(|status| status.success()), "this process may not open {} files", 4 * ADDS);
}

both! {
    async fn a_thousand_identical_adds_at_two_servers_are_one(site) {
        allow_sockets().await;
        let greeting = site.dealership().await;
        let key = greeting["keys"]["dialler"].as_str().unwrap();
        let servers = [site.serve(OPTIONS).await, site.serve(OPTIONS).await];
        let add = post(&format!("/lead/add?key={key}"), &json!({
            "first_name": "John", "surname": "Doe", "mobile": "(713) 784-0258", "email": "john.doe@example.com",
            "type": "motor-trade",
        }));

        // Everybody is connected before anybody asks.
        let mut connections = Vec::new();
        for at in 0..ADDS {
            connections.push(Connection::open(servers[at % servers.len()].address).await.unwrap());
        }
        let mut asked = JoinSet::new();
        for mut connection in connections {
            let add = add.clone();
            asked.spawn(async move {
                loop {
                    let answer = connection.send(&add).await.unwrap();
                    // More ask at once than a busy database lets wait: whoever is told to come back, does.
                    if answer.status != 503 {
                        return answer.expect(200).to_string();
                    }
                }
            });
        }
        let mut answers: BTreeMap<String, usize> = BTreeMap::new();
        for answer in within("a thousand adds to be answered", asked.join_all()).await {
            *answers.entry(answer).or_default() += 1;
        }
        let once = json!({"saved": true, "processed": true}).to_string();
        let again = json!({"saved": true, "processed": false, "error": "Existing Contact"}).to_string();
        assert_eq!(answers, BTreeMap::from([(once, 1), (again, ADDS - 1)]));

        for server in servers {
            server.stop().await;
        }
        assert_eq!(site.json(&["verify"]).await, json!({"consistent": true, "findings": []}));
        let underneath = Underneath::open(&site.location, &greeting).await;
        let [enrolment] = &underneath.all::<Enrolment>().await[..] else { panic!("not one enrolment") };
        assert!(enrolment.doc.status.is_live());
        let counts = (underneath.count::<Client>(Filter::all()).await, underneath.count::<SaleLead>(Filter::all()).await);
        assert_eq!(counts, (1, 1), "clients and leads");
        underneath.close().await;
        site.finish(&["request put off", "no jobs could be claimed"]);
    }
}
