//! A partner's program, written with axios and qs, against the stock of the demo (`scripts/with-node`).

use std::path::Path;

use tokio::process::Command;

use crate::support::{get, said};

both! {
    async fn a_partners_program_finds_what_it_asks_for(site) {
        let Ok(node) = std::env::var("FORECOURT_TEST_NODE") else {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "there is no Node to run a partner's program");
            site.finish(&[]);
            return;
        };
        let server = site.demo(&[]).await;
        let given = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        let mut program = Command::new("node");
        program
            .arg(Path::new(&node).join("autengo.cjs"))
            .args([given(&server.greeting["url"]), given(&server.greeting["keys"]["autengo"])])
            .args(["autengo_dealer_alzura_id", "autengo_user_alzura_id"].map(|name| server.greeting["keys"][name].to_string()));
        let outcome = said(program).await;
        assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
        server.stop().await;
        site.finish(&[]);
    }

    async fn an_invented_stock_grows_by_what_is_asked_for(site) {
        let greeting = site.dealership().await;
        let key = greeting["keys"]["autengo"].as_str().expect("a key");
        for (vehicles, total) in [(150, 150), (30, 180)] {
            let told = site.json(&["seed", "--vehicles", &vehicles.to_string()]).await;
            assert_eq!(told["vehicles"], vehicles);
            let server = site.serve(&[]).await;
            let page = server.send(&get("/v3/vehicle?limit=1").header("x-api-key", key)).await.expect(200);
            assert_eq!(page["total"], total);
            server.stop().await;
        }
        assert_eq!(site.json(&["verify"]).await["consistent"], true);
        site.finish(&[]);
    }
}
