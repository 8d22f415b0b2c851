//! Schedules, lead types and rules of contact by the command line, and the dialler's calls on the real server.

use serde_json::{Value, json};

use crate::support::{Site, post};

fn file(site: &Site, name: &str, value: &Value) -> String {
    let path = site.folder.path().join(name);
    std::fs::write(&path, value.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

both! {
    async fn schedules_and_lead_types_are_put_by_files(site) {
        let greeting = site.dealership().await;
        let names: Vec<Value> = site.json(&["schedule", "list"]).await.as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["appointment-reminder", "bdc-14-days", "calls", "no-show-revival", "partner-leads", "partner-offer"]);
        let definition = json!({"actions": [{"do": "wait", "hours": 1}, {"do": "dial"}]});
        let path = file(site, "one.json", &definition);
        let put = site.json(&["schedule", "put", "one", &path]).await;
        assert_eq!((&put["version"], &put["active"]), (&json!(1), &json!(true)));
        assert_eq!(site.json(&["schedule", "put", "one", &path]).await["version"], 1, "the same again is no new version");
        assert_eq!(site.json(&["schedule", "show", "one"]).await["actions"], definition["actions"]);
        assert_eq!(site.json(&["schedule", "stop", "one"]).await["active"], false);
        assert_eq!(site.json(&["schedule", "start", "one"]).await["active"], true);
        let kind = site.json(&["leadtype", "put", "lorries", "--schedule", "one", "--group", "trade"]).await;
        assert_eq!((&kind["call_group"], &kind["origin"]), (&json!("trade"), &json!("lorries")));
        assert_eq!(site.json(&["leadtype", "list"]).await.as_array().unwrap().len(), 4);

        let own = file(site, "rules.json", &json!({"limits": [{"name": "often", "most": 3, "seconds": 86400}]}));
        assert_eq!(site.json(&["dealer", "rules", "--set", &own]).await["limits"][0]["name"], "often");
        let shipped = site.json(&["dealer", "rules", "--shipped"]).await;
        assert_eq!(shipped["windows"][0]["name"], "federal_hours");

        let names: Vec<Value> = site.json(&["pool", "list"]).await.as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["partners"]);
        let pool = json!({"channels": ["sms"], "schedules": ["one"], "numbers": [{"number": "+17135550120"}]});
        let put = site.json(&["pool", "put", "own", &file(&site, "pool.json", &pool)]).await;
        assert_eq!(put["pool"]["hold_seconds"], 86400);
        let token = site.json(&["key", "create", "--name", "feed", "--right", "lead:write", "--set", "trackdrive.schedule=one"]).await;

        let key = greeting["keys"]["dialler"].as_str().unwrap();
        let server = site.serve(&[]).await;
        let lead = json!({
            "first_name": "John", "surname": "Doe", "mobile": "(713) 784-0258", "email": "john@example.com", "type": "lorries",
        });
        let path = format!("/lead/add?key={key}");
        let first = server.send(&post(&path, &lead)).await.expect(200);
        assert_eq!(first, json!({"saved": true, "processed": true}));
        let again = server.send(&post(&path, &lead)).await.expect(200);
        assert_eq!(again, json!({"saved": true, "processed": false, "error": "Existing Contact"}));
        let path = format!("/api/v1/leads/create_or_update?lead_token={}", token["key"].as_str().unwrap());
        let sent = json!({"caller_id": "+17137840259", "assign_sms_number": true});
        let there = server.send(&post(&path, &sent)).await.expect(200);
        assert_eq!((&there["lead"]["sms_number_plain"], &there["metadata"]["created"]), (&json!("+17135550120"), &json!(true)));
        server.stop().await;
    }
}
