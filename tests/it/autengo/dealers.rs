//! A partner's key sees the stock of every dealer it was made for, and of no other.

use forecourt_crm::access::NewKey;
use forecourt_record::Right;
use forecourt_testkit::{TestApp, both};
use http::Method;
use serde_json::json;

use super::{add, encoded, shown};

/// A key over both dealers of the test.
async fn partner(app: &TestApp) -> String {
    let new = NewKey { dealers: vec![app.stranger], ..NewKey::new("partner", vec![Right::VehicleRead]) };
    app.crm().key_create(&app.caller(), new).await.unwrap().1
}

/// A car of the other dealer.
async fn elsewhere(app: &TestApp, stock_number: &str, mileage: i64) {
    let token = app.token(forecourt_testkit::As::Stranger).await.unwrap();
    let car = json!({"make": "Ford", "model": "Ka", "stock_number": stock_number, "mileage": mileage});
    let path = format!("/dealers/{}/cars", app.stranger);
    app.anonymous(Method::POST, &path).bearer(&token).json(&car).send().await.expect(200);
}

both! {
    async fn lists_are_put_together(app) {
        for at in 0..6 {
            if at % 2 == 0 {
                add(app, &format!("H{at}"), json!({"make": "Audi", "model": "A4", "mileage": at * 1000})).await;
            } else {
                elsewhere(app, &format!("E{at}"), at * 1000).await;
            }
            app.clock.advance(std::time::Duration::from_secs(1));
        }
        let key = partner(app).await;
        let ask = async |path: &str| app.anonymous(Method::GET, path).header("x-api-key", &key).send().await;
        for (query, expected, total) in [
            ("", "E5 H4 E3 H2 E1 H0", 6),
            ("limit=2&offset=1", "H4 E3", 6),
            ("limit=2&offset=5", "H0", 6),
            ("offset=6", "", 6),
            ("order[field]=kilometers&order[dir]=asc&limit=3", "H0 E1 H2", 6),
            ("and[makeName]=Ford", "E5 E3 E1", 3),
        ] {
            let page = ask(&format!("/v3/vehicle?{}", encoded(query))).await.expect(200);
            assert_eq!((shown(&page).as_str(), &page["total"]), (expected, &json!(total)), "{query}");
        }
        let values = ask("/v3/vehicle/filter/values?fields[]=modelId").await.expect(200);
        assert_eq!(values["modelId"].as_array().unwrap().len(), 2);
        let page = ask("/v3/vehicle?and[makeName]=Ford&limit=1").await.expect(200);
        let name = page["list"][0]["sellingId"].as_str().unwrap().to_owned();
        ask(&format!("/v3/vehicle/{name}")).await.expect(200);
        assert_eq!(app.get(&format!("/v3/vehicle/{name}")).send().await.problem(404), "not_found");
    }

    async fn a_key_that_is_revoked_sees_nothing(app) {
        let (key, token) = app.crm().key_create(&app.caller(), NewKey::new("p", vec![Right::VehicleRead])).await.unwrap();
        let ask = async || app.anonymous(Method::GET, "/v3/vehicle").header("x-api-key", &token).send().await;
        // As a bearer's token it is nothing here.
        let answer = app.anonymous(Method::GET, "/v3/vehicle").header("authorization", &format!("Bearer {token}")).send().await;
        assert_eq!(answer.problem(401), "unauthenticated");
        app.crm().key_revoke(&app.caller(), key.id).await.unwrap();
        assert_eq!(ask().await.problem(401), "unauthenticated");
    }
}
