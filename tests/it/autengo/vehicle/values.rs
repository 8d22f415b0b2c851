//! `GET /v3/vehicle/filter/values`.

use forecourt_testkit::both;
use serde_json::{Value, json};

use crate::autengo::{encoded, four};

both! {
    async fn values_are_those_in_stock(app) {
        four(app).await;
        let values = async |query: &str| {
            app.get(&format!("/v3/vehicle/filter/values?{}", encoded(query))).send().await.expect(200)
        };
        let makes = values("").await["makeId"].as_array().unwrap().clone();
        assert_eq!(makes.len(), 4);
        assert_eq!(makes[0], 190);
        assert!(makes.is_sorted_by_key(Value::as_i64));
        for (query, expected) in [
            ("fields[]=fuelType", json!({"fuelType": ["diesel", "electric", "gasoline"]})),
            ("fields=driveType", json!({"driveType": ["all", "front"]})),
            ("fields[]=makeId&fields[]=isPluginHybrid&and[makeName]=Audi", json!({"makeId": [190], "isPluginHybrid": [false]})),
            ("fields[]=vehicleTypeId", json!({"vehicleTypeId": [3, 6]})),
            ("fields[]=conditionType&search=titanium", json!({"conditionType": ["demonstration"]})),
            ("fields[]=climatisationType&or[vehicleState]=sold", json!({"climatisationType": []})),
            ("fields[]=modelId&and[makeId]=190", json!({"modelId": [3813]})),
            ("fields[]=transmissionType", json!({"transmissionType": ["automatic", "manual"]})),
        ] {
            assert_eq!(values(query).await, expected, "{query}");
        }
    }

    async fn other_columns_have_none(app) {
        for query in ["fields[]=colorId", "fields[]=makeID", "fields[a]=makeId", "limit=1", "and[x]=1"] {
            let answer = app.get(&format!("/v3/vehicle/filter/values?{}", encoded(query))).send().await;
            assert_eq!(answer.problem(400), "malformed_query", "{query}");
        }
    }
}
