//! `/openapi/altum.json`: complete, whole in itself, and what the operations really answer.
//!
//! That no operation answers with a status, a code or a body that is not in here is checked at every answer of every
//! test, see `published` in the test kit.

use std::collections::BTreeMap;

use forecourt_testkit::both;
use serde_json::{Map, Value};

/// Every operation with its statuses: what the contract fixes and what follows from it.
const OPERATIONS: &[(&str, &str, &[u16])] = &[
    ("post /v1/auth/login", "auth_login", &[200, 400, 401, 413, 415, 422, 429, 500, 503]),
    ("post /v1/auth/logout", "auth_logout", &[200, 400, 401, 403, 429, 500, 503]),
    ("get /v1/leads", "lead_list", &[200, 400, 401, 403, 429, 500, 503]),
    ("post /v1/leads", "lead_create", &[200, 201, 400, 401, 403, 413, 415, 422, 429, 500, 503]),
    ("get /v1/leads/{id}", "lead_read", &[200, 400, 401, 403, 404, 429, 500, 503]),
    ("patch /v1/leads/{id}", "lead_change", &[200, 400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 503]),
    ("delete /v1/leads/{id}", "lead_delete", &[204, 400, 401, 403, 404, 429, 500, 503]),
    ("post /v1/whatsapp/messages", "message_send", &[202, 400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503]),
    ("get /v1/whatsapp/threads/{leadId}", "message_thread", &[200, 400, 401, 403, 404, 429, 500, 503]),
    ("post /v1/whatsapp/webhook", "whatsapp_webhook", &[200, 401, 413, 500, 503]),
    ("get /v1/vehicles", "vehicle_list", &[200, 400, 401, 403, 429, 500, 503]),
    ("post /v1/vehicles", "vehicle_add", &[201, 400, 401, 403, 409, 413, 415, 422, 429, 500, 503]),
    ("patch /v1/vehicles/{id}", "vehicle_change", &[200, 400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503]),
    ("get /v1/analytics/summary", "analytics_summary", &[200, 400, 401, 403, 429, 500, 503]),
    ("get /v1/analytics/sources", "analytics_sources", &[200, 400, 401, 403, 429, 500, 503]),
];

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// Every `$ref` below a value.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(target) if name == "$ref" => found.push(target),
                    _ => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// Altum's and our own.
async fn both_documents(app: &forecourt_testkit::TestApp) -> [Value; 2] {
    let document = async |name| app.get(&format!("/openapi/{name}.json")).send().await.expect(200);
    [document("altum").await, document("native").await]
}

both! {
    async fn it_has_the_fifteen_operations_with_their_statuses(app) {
        let answer = app.anonymous(http::Method::GET, "/openapi/altum.json").send().await;
        let document = answer.expect(200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["info"]["version"], "1.4");
        let mut there: BTreeMap<String, (String, Vec<u16>)> = BTreeMap::new();
        for (path, item) in members(&document["paths"]) {
            for (method, operation) in members(item) {
                let mut statuses: Vec<u16> =
                    members(&operation["responses"]).map(|(status, _)| status.parse().unwrap()).collect();
                statuses.sort_unstable();
                let name = operation["operationId"].as_str().unwrap().to_owned();
                there.insert(format!("{method} {path}"), (name, statuses));
            }
        }
        let expected: BTreeMap<String, (String, Vec<u16>)> = OPERATIONS
            .iter()
            .map(|(place, name, statuses)| ((*place).to_owned(), ((*name).to_owned(), statuses.to_vec())))
            .collect();
        assert_eq!(there, expected);
    }

    async fn everything_it_refers_to_is_in_it(app) {
        for document in both_documents(app).await {
            let mut found = Vec::new();
            references(&document, &mut found);
            assert!(found.len() > 50, "{}", found.len());
            for target in found {
                let pointer = target.strip_prefix('#').expect("a reference into the document");
                assert!(document.pointer(pointer).is_some(), "{target} is nowhere");
            }
        }
    }

    async fn every_operation_can_be_used_from_it_alone(app) {
        for document in both_documents(app).await {
            let items = members(&document["paths"]);
            for ((path, _), (method, operation)) in items.flat_map(|item| members(item.1).map(move |one| (item, one))) {
                let place = format!("{method} {path}");
                assert!(!operation["summary"].as_str().unwrap().is_empty(), "{place}");
                assert!(operation["security"].is_array() && operation["x-access"].is_string(), "{place}");
                let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
                for parameter in &parameters {
                    assert!(parameter["schema"].is_object(), "{place} {parameter}");
                    assert!(parameter["name"].is_string() && parameter["in"].is_string(), "{place}");
                }
                let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path").count();
                assert_eq!(in_path, path.matches('{').count(), "{place}");
                for (status, answer) in members(&operation["responses"]) {
                    assert!(answer["description"].is_string(), "{place} {status}");
                    let limited =
                        operation["x-access"] != "public" && operation["x-access"] != "signed" && status != "401";
                    assert_eq!(answer["headers"]["RateLimit-Limit"].is_object(), limited, "{place} {status}");
                    if status == "429" || status == "503" {
                        assert!(answer["headers"]["Retry-After"].is_object(), "{place} {status}");
                    }
                }
            }
        }
    }

    async fn what_a_lead_is_made_of_is_all_there(app) {
        let document = app.get("/openapi/altum.json").send().await.expect(200);
        let new = &document["components"]["schemas"]["NewLead"];
        assert_eq!(new["required"], serde_json::json!(["name", "phone"]));
        assert_eq!(new["additionalProperties"], false);
        let names: Vec<&String> = members(&new["properties"]).map(|(name, _)| name).collect();
        for name in
            ["creditScore", "downPayment", "hasBank", "idType", "tradeIn", "location", "vehicleId", "assignedTo"]
        {
            assert!(names.iter().any(|known| *known == name), "{name}");
        }
        assert_eq!(app.get("/openapi/other.json").send().await.problem(404), "not_found");
    }
}
