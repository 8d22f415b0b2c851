//! `GET /v3/vehicle/reference/make` and `.../make/{makeId}/model`.

use forecourt_record::catalogue;
use forecourt_testkit::both;
use serde_json::{Value, json};

use crate::autengo::{add, four};

fn find<'a>(list: &'a Value, name: &str, value: &str) -> Option<&'a Value> {
    list["list"].as_array().unwrap().iter().find(|one| one[name] == value)
}

both! {
    async fn makes_are_those_of_the_catalogue_and_of_the_stock(app) {
        let path = "/v3/vehicle/reference/make";
        let before = app.get(path).send().await.expect(200);
        assert_eq!(before["total"], catalogue::makes().len());
        assert_eq!(before["list"][0], json!({"makeId": 183, "makeName": "Abarth"}));
        assert_eq!(find(&before, "makeName", "Audi"), Some(&json!({"makeId": 190, "makeName": "Audi"})));
        four(app).await;
        let after = app.get(path).send().await.expect(200);
        assert_eq!(after["total"], catalogue::makes().len() + 1);
        assert!(find(&after, "makeName", "Veilmobile").is_some());
    }

    async fn models_are_those_of_a_make(app) {
        let path = |make: &Value| format!("/v3/vehicle/reference/make/{make}/model");
        let audi = app.get(&path(&json!(190))).send().await.expect(200);
        assert_eq!(find(&audi, "modelName", "A4"), Some(&json!({"modelId": 3813, "modelName": "A4"})));
        assert_eq!(find(&audi, "modelName", "Focus"), None);
        four(app).await;
        add(app, "B", json!({"make": "Audi", "model": "A4 Sondermodell"})).await;
        let more = app.get(&path(&json!(190))).send().await.expect(200);
        assert_eq!(more["total"].as_i64(), audi["total"].as_i64().map(|total| total + 1));
        let makes = app.get("/v3/vehicle/reference/make").send().await.expect(200);
        let own = &find(&makes, "makeName", "Veilmobile").unwrap()["makeId"];
        assert_eq!(app.get(&path(own)).send().await.expect(200)["list"][0]["modelName"], "X");
        for unknown in [json!(1), json!(999_999_999), json!("audi"), json!(-1)] {
            let make = unknown.as_str().map_or_else(|| unknown.to_string(), str::to_owned);
            let answer = app.get(&format!("/v3/vehicle/reference/make/{make}/model")).send().await;
            assert_eq!(answer.problem(404), "not_found", "{make}");
        }
    }
}
