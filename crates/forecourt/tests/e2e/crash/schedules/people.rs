//! People by the thousand, put on schedules by a partner who adds them.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Connection, Site, post};

/// What each message says, in their order.
pub const TEXTS: [&str; 2] = ["The first one", "The second one"];
/// What there is to do for each person, once.
pub const TASK: &str = "Look at what came of it";
/// The second message goes by WhatsApp to each of so many, whose statuses come back as webhooks; to the others by text.
const BY_WHATSAPP: usize = 4;
/// Programs of partners that add at the same time.
const CONNECTIONS: usize = 24;

/// Writes a file of JSON beside the store, and gives its path.
fn file(site: &Site, name: &str, value: &Value) -> String {
    let path = site.folder.path().join(name);
    std::fs::write(&path, value.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A dealership where so many people are on schedules, due one after the other over `spread`, and nobody has been written
/// to. Gives the demo's handle.
///
/// The house itself writes to nobody, and no rule of contact holds anything: all that is sent are the schedules' steps.
pub async fn enrolled(site: &Site, people: usize, spread: Duration) -> Value {
    let greeting = site.dealership().await;
    let rules = file(site, "rules.json", &json!({"gap": {"seconds": 0}}));
    site.json(&["dealer", "set", "--bot", "off"]).await;
    site.json(&["dealer", "rules", "--set", &rules]).await;
    let [first, second] = TEXTS;
    let by_whatsapp = json!({"do": "whatsapp", "template": "created", "text": {"en": second}});
    let by_text = json!({"do": "sms", "text": {"en": second}});
    for (name, last) in [("written", by_whatsapp), ("texted", by_text)] {
        let steps = json!({"actions": [
            {"do": "sms", "text": {"en": first}},
            {"do": "wait", "seconds": 1},
            {"do": "add_task", "description": TASK},
            last,
        ]});
        site.json(&["schedule", "put", name, &file(site, &format!("{name}.json"), &steps)]).await;
        site.json(&["leadtype", "put", name, "--schedule", name]).await;
    }

    let server = site.serve(&["--roles", "api", "--rate-limit", "0"]).await;
    let path = format!("/lead/add?key={}", greeting["keys"]["dialler"].as_str().unwrap());
    let mut partners = JoinSet::new();
    for lane in 0..CONNECTIONS {
        let mut connection = Connection::open(server.address).await.unwrap();
        let path = path.clone();
        partners.spawn(async move {
            for person in (lane..people).step_by(CONNECTIONS) {
                let lead = json!({
                    "first_name": "Person", "surname": person.to_string(), "mobile": format!("+1713{:07}", 2_000_000 + person),
                    "email": format!("person{person}@example.com"),
                    "type": if person % BY_WHATSAPP == 0 { "written" } else { "texted" },
                    "delays": spread.as_secs() * person as u64 / people as u64,
                });
                let added = connection.send(&post(&path, &lead)).await.unwrap().expect(200);
                assert_eq!(added, json!({"saved": true, "processed": true}), "person {person}");
            }
        });
    }
    partners.join_all().await;
    server.stop().await;
    greeting
}
