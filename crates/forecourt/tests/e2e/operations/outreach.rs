//! Schedules, lead types and rules of contact by the command line, and the dialler's calls on the real server.

use serde_json::{Value, json};

use crate::support::{Site, post};

fn file(site: &Site, name: &str, value: &Value) -> String {
    let path = site.folder.path().join(name);
    std::fs::write(&path, value.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

both! {
    async fn whoever_is_on_a_list_is_not_contacted(site) {
        let greeting = site.dealership().await;
        let list = site.folder.path().join("list.csv");
        let text = "name,Phone\nAna,(713) 784-0258\nBob,+49 30 1234567\n\"Eve, of old\",none\nMail,eve@example.com\n";
        std::fs::write(&list, text).unwrap();
        let import = ["suppression", "import", list.to_str().unwrap(), "--channel", "call,sms", "--reason", "registry"];
        let report = site.json(&import).await;
        let bad: Vec<&Value> = report["bad"].as_array().unwrap().iter().map(|bad| &bad["line"]).collect();
        assert_eq!((&report["lines"], &report["added"], bad), (&json!(2), &json!(4), vec![&json!(4), &json!(5)]));
        assert_eq!(site.json(&import).await["added"], 0, "the same again changes nothing");
        let added = site.json(&["suppression", "add", "eve@example.com", "--reason", "asked by phone"]).await;
        assert_eq!(added["channels"], json!(["email", "chat"]));
        let listed = site.json(&["suppression", "list", "--channel", "sms"]).await;
        let listed: Vec<&Value> = listed.as_array().unwrap().iter().map(|one| &one["address"]).collect();
        assert_eq!(listed, ["+17137840258", "+49301234567"]);
        let failure = site.run(&["suppression", "add", "eve@example.com", "--channel", "sms", "--reason", "no"]).await.failure(2);
        assert!(failure.contains("none of these channels"), "{failure}");

        // The gate refuses what the list forbids, until it is taken off.
        let server = site.serve(&[]).await;
        let dealer = greeting["dealer_id"].as_str().unwrap();
        let key = greeting["keys"]["walcu"].as_str().unwrap();
        let message = json!({"direction": "outbound", "to": "+17137840258", "body": "Hello"});
        let send = post(&format!("/dealers/{dealer}/sms"), &message).bearer(key);
        let refused = server.send(&send).await;
        assert!(refused.status >= 400 && refused.body.to_string().contains("registry"), "{}", refused.body);
        let lifted = site.json(&["suppression", "remove", "+17137840258", "--channel", "sms"]).await;
        assert_eq!(lifted[0]["reason"], "registry");
        server.send(&send).await.expect(200);
        server.stop().await;
    }

    async fn what_people_agree_to_is_written_down_and_proven(site) {
        site.dealership().await;
        let give = ["consent", "give", "+17137840258", "--channel", "sms,call", "--purpose", "marketing", "--form", "at the counter"];
        assert_eq!(site.json(&give).await["numbers"], json!([1, 2]));
        assert_eq!(site.json(&["consent", "withdraw", "(713) 784-0258", "--channel", "sms", "--wording", "no more"]).await["numbers"], json!([3]));
        assert_eq!(site.json(&["consent", "resume", "+17137840258", "--channel", "sms"]).await["numbers"], json!([4]));
        let failure = site.run(&["consent", "give", "+17137840258"]).await.failure(1);
        assert!(failure.contains("the form it was given on"), "{failure}");
        site.run(&["consent", "give", "ana@example.com", "--channel", "sms", "--form", "x"]).await.failure(2);
        let listed = site.json(&["consent", "list"]).await;
        let acts: Vec<&Value> = listed.as_array().unwrap().iter().map(|one| &one["act"]).collect();
        assert_eq!(acts, ["given", "given", "withdrawn", "resumed"]);
        let evidence = site.json(&["consent", "evidence", "713-784-0258"]).await;
        assert_eq!((&evidence["entries"], &evidence["suppressions"]), (&listed, &json!([])));
        let verified = site.json(&["consent", "verify"]).await;
        assert_eq!(verified, json!({"entries": 4, "head": listed[3]["hash"], "broken_at": null}));
    }

    async fn schedules_and_lead_types_are_put_by_files(site) {
        let greeting = site.dealership().await;
        let names: Vec<Value> = site.json(&["schedule", "list"]).await.as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["appointment-reminder", "bdc-14-days", "calls", "no-show-revival", "partner-leads", "partner-offer"]);
        // Ten thousand leads over two weeks, twice: the same log, whenever it is asked for.
        let rehearse = ["schedule", "rehearse", "bdc-14-days", "--leads", "10000", "--seed", "7", "--from", "2026-12-01", "--log"];
        let (once, again) = (site.json(&rehearse).await, site.json(&rehearse).await);
        assert!(once == again && once["log"].as_str().unwrap().lines().count() > 50_000, "{}", once["digest"]);
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
        let put = site.json(&["pool", "put", "own", &file(site, "pool.json", &pool)]).await;
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
