//! Several servers over one database: each does its part, and what one is told the others know.

use forecourt_testkit::Backend;
use serde_json::{Value, json};

use crate::support::{Site, get, post, until};

async fn postgres(name: &str) -> Option<(Site, Value)> {
    let site = Site::on(Backend::Postgres, name).await?;
    let greeting = site.dealership().await;
    Some((site, greeting))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_takes_a_message_and_another_delivers_it() {
    let Some((site, greeting)) = postgres("roles").await else { return };
    let key = greeting["keys"]["altum"].as_str().expect("a key");
    let api = site.serve(&["--roles", "api"]).await;
    let lead = json!({"name": "Ana Ruiz", "phone": "+17132345678", "location": "houston"});
    let lead = api.send(&post("/v1/leads", &lead).bearer(key)).await.expect(201);
    let template = json!({"name": "offer_of_the_week", "language": "en", "parameters": []});
    let message = post("/v1/whatsapp/messages", &json!({"leadId": lead["id"], "template": template})).bearer(key);
    let message = api.send(&message).await.expect(202);
    let thread = get(&format!("/v1/whatsapp/threads/{}", lead["id"].as_str().expect("an id"))).bearer(key);
    let status = async || {
        let thread = api.send(&thread).await.expect(200);
        let messages = thread["messages"].as_array().expect("a list").clone();
        let found = messages.into_iter().find(|one| one["id"] == message["id"]).expect("it is in the thread");
        found["status"].as_str().expect("a status").to_owned()
    };
    assert_eq!(status().await, "queued", "nobody works here");

    let worker = site.serve(&["--roles", "worker"]).await;
    assert_eq!(worker.send(&thread).await.status, 404, "a worker answers no partner");
    until("the message to be delivered", async || {
        ["delivered", "read"].contains(&status().await.as_str()).then_some(())
    })
    .await;
    worker.stop().await;
    api.stop().await;
    assert_eq!(site.json(&["verify"]).await, json!({"consistent": true, "findings": []}));
    site.finish(&[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_logs_out_at_one_server_is_out_at_every_other() {
    let Some((site, greeting)) = postgres("sessions").await else { return };
    let (here, there) = tokio::join!(site.serve(&["--roles", "api"]), site.serve(&["--roles", "api"]));
    let user = &greeting["users"][0];
    let login = json!({"email": user["email"], "password": user["password"]});
    let session = here.send(&post("/v1/auth/login", &login)).await.expect(200);
    let token = session["token"].as_str().expect("a token");
    for server in [&here, &there] {
        server.send(&get("/v1/leads").bearer(token)).await.expect(200);
    }
    here.send(&post("/v1/auth/logout", &json!({})).bearer(token)).await.expect(200);
    for server in [&there, &here] {
        server.send(&get("/v1/leads").bearer(token)).await.expect(401);
    }
    here.stop().await;
    there.stop().await;
    site.finish(&[]);
}
