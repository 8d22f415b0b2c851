//! Commands given beside a running server take effect at once, and say in JSON what they did.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Server, Site, get, post, until};

/// So late may a server learn that a key was revoked by another process.
const SOON: Duration = Duration::from_secs(3);

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no text in {name}: {value}"))
}

/// What a server answers to somebody who asks for leads.
async fn status(server: &Server, token: &str) -> u16 {
    server.send(&get("/v1/leads").bearer(token)).await.status
}

fn lead(location: &str) -> Value {
    json!({"name": "Ana Ruiz", "phone": "+17132345678", "location": location})
}

both! {
    async fn keys_are_made_listed_and_revoked(site) {
        site.dealership().await;
        let server = site.serve(&[]).await;
        let made = site.json(&["key", "create", "--name", "website", "--right", "lead:read"]).await;
        let (id, secret) = (text(&made, "id"), text(&made, "key"));
        assert_eq!((&made["name"], &made["rights"]), (&json!("website"), &json!(["lead:read"])));
        assert_eq!(status(&server, secret).await, 200);
        let refused = server.send(&post("/v1/leads", &lead("houston")).bearer(secret)).await;
        assert_eq!(refused.expect(403)["code"], "forbidden");

        let listed = site.json(&["key", "list"]).await;
        assert!(!listed.to_string().contains(secret), "a secret is shown once");
        let one = listed.as_array().expect("a list").iter().find(|key| key["id"] == id).expect("it is listed");
        assert_eq!((&one["name"], &one["revoked_at"]), (&json!("website"), &Value::Null));

        assert_eq!(site.json(&["key", "revoke", id]).await, json!({"id": id, "revoked": true}));
        let dead = until("the key to be dead", async || (status(&server, secret).await == 401).then_some(()));
        tokio::time::timeout(SOON, dead).await.expect("it is dead within a second");
        let listed = site.json(&["key", "list"]).await;
        let one = listed.as_array().expect("a list").iter().find(|key| key["id"] == id).expect("it is still listed");
        text(one, "revoked_at");

        let unlimited = site.json(&["key", "create", "--name", "usual", "--expires", "2020-01-01"]).await;
        assert_eq!(status(&server, text(&unlimited, "key")).await, 401, "it has ended long ago");
        let wrong = site.run(&["key", "create", "--name", "wrong", "--right", "lead:eat"]).await.failure(2);
        assert!(wrong.contains("lead:read"), "{wrong}");
        site.run(&["key", "revoke", "0123456789abcdef01234567"]).await.failure(1);
        server.stop().await;
        site.finish(&[]);
    }

    async fn users_come_and_go(site) {
        site.dealership().await;
        let server = site.serve(&[]).await;
        let words = ["user", "add", "--email", "Ana@Example.com", "--name", "Ana Ruiz", "--role", "bdc"];
        let made = site.json(&[&words[..], &["--location", "houston"]].concat()).await;
        let login = json!({"email": "ana@example.com", "password": text(&made, "password")});
        let log_in = async || server.send(&post("/v1/auth/login", &login)).await;
        let session = log_in().await.expect(200);
        assert_eq!(session["user"], json!({"id": made["id"], "role": "bdc", "name": "Ana Ruiz", "locations": ["houston"]}));
        let token = text(&session, "token");
        assert_eq!(status(&server, token).await, 200);

        site.run(&[&words[..], &["--location", "houston"]].concat()).await.failure(1);
        let wrong = site.run(&["user", "add", "--email", "b@example.com", "--name", "B", "--role", "bdc"]).await.failure(1);
        assert!(wrong.contains("location"), "{wrong}");

        site.json(&["user", "disable", "ana@example.com"]).await;
        assert_eq!(status(&server, token).await, 401, "a session ends with its user");
        assert_eq!(log_in().await.status, 401);
        site.json(&["user", "enable", "ana@example.com"]).await;
        log_in().await.expect(200);
        let listed = site.json(&["user", "list"]).await;
        let emails: Vec<&str> = listed.as_array().expect("a list").iter().map(|user| text(user, "email")).collect();
        assert!(emails.contains(&"ana@example.com"), "{emails:?}");
        assert!(!listed.to_string().contains("argon2"), "{listed}");
        server.stop().await;
        site.finish(&[]);
    }

    async fn dealers_and_locations_are_set_up(site) {
        let greeting = site.dealership().await;
        let key = text(&greeting["keys"], "altum");
        let server = site.serve(&[]).await;
        server.send(&post("/v1/leads", &lead("boston")).bearer(key)).await.expect(422);
        let words = ["location", "add", "--code", "boston", "--name", "Boston", "--country", "US"];
        site.json(&[&words[..], &["--time-zone", "America/New_York"]].concat()).await;
        server.send(&post("/v1/leads", &lead("boston")).bearer(key)).await.expect(201);
        let listed = site.json(&["location", "list"]).await;
        let codes: Vec<&str> = listed.as_array().expect("a list").iter().map(|one| text(one, "code")).collect();
        assert_eq!(codes.len(), 3, "{codes:?}");

        let changed = site.json(&["dealer", "set", "--name", "Demo & Sons"]).await;
        assert_eq!((&changed["name"], &changed["id"]), (&json!("Demo & Sons"), &greeting["dealer_id"]));
        assert_eq!(site.json(&["dealer", "show"]).await["name"], "Demo & Sons");

        let words = ["dealer", "add", "--name", "Autohaus", "--country", "DE", "--time-zone", "Europe/Berlin"];
        let second = site.json(&words).await;
        let dealers = site.json(&["dealer", "list"]).await;
        let ids: Vec<&str> = dealers.as_array().expect("a list").iter().map(|dealer| text(dealer, "id")).collect();
        assert_eq!(ids, [text(&greeting, "dealer_id"), text(&second, "id")]);
        let wrong = site.run(&["key", "create", "--name", "whose"]).await.failure(2);
        assert!(wrong.contains("--dealer"), "{wrong}");
        let made = site.json(&["key", "create", "--name", "theirs", "--dealer", text(&second, "id")]).await;
        let theirs = server.send(&get("/v1/leads").bearer(text(&made, "key"))).await.expect(200);
        assert_eq!(theirs["total"], 0, "another dealer's leads are seen");
        server.stop().await;
        site.finish(&[]);
    }
}

/// A new store is set up by commands alone, and served.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_begins_with_its_first_dealer() {
    let site = Site::on(forecourt_testkit::Backend::Sqlite, "beginning").await.expect("SQLite is always there");
    let said = site.run(&["key", "list"]).await.failure(1);
    assert!(said.contains("no store"), "{said}");
    site.json(&["migrate"]).await;
    let said = site.run(&["key", "list"]).await.failure(1);
    assert!(said.contains("forecourt dealer add"), "{said}");
    site.json(&["dealer", "add", "--name", "Main Street Cars", "--country", "US", "--time-zone", "America/Chicago"])
        .await;
    let words = ["location", "add", "--code", "main", "--name", "Main", "--country", "US"];
    site.json(&[&words[..], &["--time-zone", "America/Chicago"]].concat()).await;
    let made = site.json(&["key", "create", "--name", "website"]).await;
    let server = site.serve(&[]).await;
    // The only location there is need not be named.
    let body = json!({"name": "Ana Ruiz", "phone": "(713) 234-5678"});
    server.send(&post("/v1/leads", &body).bearer(text(&made, "key"))).await.expect(201);
    server.stop().await;
    assert_eq!(site.json(&["verify"]).await["consistent"], true);
    site.finish(&[]);
}
