//! Authorisation: every operation of every dialect as nobody, as another dealer, and as each role, from one table.
//!
//! An operation that is not in the table fails the test, and so does a line of the table that names no operation.

use std::sync::Arc;

use forecourt_api::{
    access::Access,
    operation::{OperationInfo, Operations},
};
use forecourt_crm::access::NewKey;
use forecourt_record::Role;
use forecourt_testkit::{Answer, As, PASSWORD, Setup, TestApp, both, chat, dialects};
use http::Method;
use serde_json::{Value, json};

/// How an operation is called with good reason, and what comes of it.
struct Case {
    operation: &'static str,
    /// `{lead}` and `{car}` stand for ids of the test's dealer.
    path: &'static str,
    body: Option<Value>,
    /// For a caller who may.
    allowed: u16,
    /// For another dealer, who may do the same at home.
    stranger: Stranger,
}

/// What another dealer gets.
#[derive(Clone, Copy)]
enum Stranger {
    /// Told the same as if the thing did not exist.
    NotFound,
    /// An answer about its own data: of the first dealer's, nothing is in it.
    Own(u16),
}

fn table() -> Vec<Case> {
    use Stranger::{NotFound, Own};
    let case = |operation, path, body, allowed, stranger| Case { operation, path, body, allowed, stranger };
    let lead = json!({"name": "Somebody New", "phone": "+17135550177"});
    let car = json!({"make": "Ford", "model": "F-150", "year": 2022, "price": 1, "location": "houston"});
    let message = json!({"leadId": "{lead}", "template": {"name": "offer", "language": "en"}});
    vec![
        case("auth_login", "/v1/auth/login", Some(json!({"email": "{email}", "password": PASSWORD})), 200, Own(200)),
        case("lead_list", "/v1/leads", None, 200, Own(200)),
        case("lead_create", "/v1/leads", Some(lead), 201, Own(201)),
        case("lead_read", "/v1/leads/{lead}", None, 200, NotFound),
        case("lead_change", "/v1/leads/{lead}", Some(json!({"status": "contacted"})), 200, NotFound),
        case("lead_delete", "/v1/leads/{lead}", None, 204, NotFound),
        case("message_send", "/v1/whatsapp/messages", Some(message), 202, NotFound),
        case("message_thread", "/v1/whatsapp/threads/{lead}", None, 200, NotFound),
        // Whose a webhook is follows from its secret alone.
        case("whatsapp_webhook", "/v1/whatsapp/webhook", Some(json!({})), 200, Own(401)),
        case("vehicle_list", "/v1/vehicles", None, 200, Own(200)),
        // The other dealer has no such location.
        case("vehicle_add", "/v1/vehicles", Some(car), 201, Own(422)),
        case("vehicle_change", "/v1/vehicles/{car}", Some(json!({"price": 2})), 200, NotFound),
        case("analytics_summary", "/v1/analytics/summary", None, 200, Own(200)),
        case("analytics_sources", "/v1/analytics/sources", None, 200, Own(200)),
        // An API key is no session; last, since it ends those of the roles.
        case("auth_logout", "/v1/auth/logout", None, 200, Own(403)),
    ]
}

/// The table beside the operations it is about.
fn cases() -> Vec<(Case, Arc<OperationInfo>)> {
    let operations: Vec<_> = dialects().iter().flat_map(Operations::describe).collect();
    table()
        .into_iter()
        .map(|case| {
            let operation = operations.iter().find(|one| one.name == case.operation);
            let operation = operation.unwrap_or_else(|| panic!("there is no operation {}", case.operation));
            (case, operation.clone())
        })
        .collect()
}

/// A lead and a car of the dealer, fresh for every call that may change them.
struct Things {
    lead: String,
    car: String,
}

async fn things(app: &TestApp, at: usize) -> Things {
    let lead = json!({
        "name": "Veiled Person", "phone": format!("+1713{:07}", 3_000_000 + at), "location": "houston",
        "source": "veiled-source",
    });
    let lead = app.post("/v1/leads").json(&lead).send().await.expect(201);
    let car = json!({"make": "Veilmobile", "model": "X", "year": 2020, "price": 1, "location": "houston"});
    let car = app.post("/v1/vehicles").json(&car).send().await.expect(201);
    let id = |made: &Value| made["id"].as_str().unwrap().to_owned();
    Things { lead: id(&lead), car: id(&car) }
}

impl Case {
    async fn ask(&self, app: &TestApp, method: &Method, who: As, things: &Things) -> Answer {
        self.ask_with(app, method, app.token(who).await.map(|token| format!("Bearer {token}")), things).await
    }

    async fn ask_with(&self, app: &TestApp, method: &Method, credential: Option<String>, things: &Things) -> Answer {
        let filled = |text: &str| {
            text.replace("{lead}", &things.lead)
                .replace("{car}", &things.car)
                .replace("{email}", app.email(Role::Sales))
        };
        let mut ask = app.anonymous(method.clone(), &filled(self.path));
        if let Some(credential) = credential {
            ask = ask.header("authorization", &credential);
        }
        if let Some(body) = &self.body {
            ask = ask.raw("application/json", filled(&body.to_string()));
        }
        ask.send().await
    }
}

#[test]
fn the_table_has_every_operation_once() {
    let mut named: Vec<&str> = table().iter().map(|case| case.operation).collect();
    let mut there: Vec<&str> = dialects().iter().flat_map(Operations::describe).map(|one| one.name).collect();
    named.sort_unstable();
    there.sort_unstable();
    assert_eq!(named, there, "every operation has a line in the table of this file, and every line an operation");
}

both! {
    async fn nobody_gets_in(app = Setup::passwords()) {
        let things = things(app, 0).await;
        let secret = app.webhook_secret().to_owned();
        let before = app.snapshot().await;
        for (case, operation) in cases() {
            let credentials = [
                None,
                Some(String::new()),
                Some("Bearer".to_owned()),
                Some("Bearer ".to_owned()),
                Some("Bearer alt_sk_live_0000000000000000000000000000000000000000".to_owned()),
                Some("Basic dXNlcjpwYXNz".to_owned()),
                Some(format!("Bearer {}", "x".repeat(5000))),
                Some("Bearer ' OR 1=1 --".to_owned()),
                Some("Bearer \u{fc}".to_owned()),
                // What a provider sends is no key.
                Some(format!("Bearer {secret}")).filter(|_| operation.access != Access::Signed),
            ];
            for credential in credentials {
                let answer = case.ask_with(app, &operation.method, credential.clone(), &things).await;
                match operation.access {
                    Access::Public => assert_eq!(answer.status.as_u16(), case.allowed, "{}", case.operation),
                    Access::Session | Access::Right(_) | Access::Signed => {
                        assert_eq!(answer.problem(401), "unauthenticated", "{} {credential:?}", case.operation);
                    }
                }
            }
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn another_dealer_sees_and_changes_nothing(app = Setup::passwords()) {
        // Numbers are each dealer's own: what is asked for is one that the other dealer does not have.
        things(app, 0).await;
        let things = things(app, 1).await;
        let before = app.snapshot_of(app.dealer).await;
        for (case, operation) in cases() {
            let answer = case.ask(app, &operation.method, As::Stranger, &things).await;
            match case.stranger {
                Stranger::NotFound => {
                    assert_eq!(answer.problem(404), "not_found", "{}", case.operation);
                    // Not to be told apart from what never was.
                    let nothing = Things { lead: "L-9999".to_owned(), car: "V-9999".to_owned() };
                    let mut other = case.ask(app, &operation.method, As::Stranger, &nothing).await.json();
                    let mut body = answer.json();
                    for body in [&mut body, &mut other] {
                        body.as_object_mut().unwrap().remove("request_id");
                    }
                    assert_eq!(body, other, "{}", case.operation);
                }
                Stranger::Own(status) => assert_eq!(answer.status.as_u16(), status, "{}", case.operation),
            }
            let told = String::from_utf8_lossy(&answer.bytes).to_lowercase();
            assert!(!told.contains("veil"), "{} tells: {told}", case.operation);
            if operation.method == Method::GET && answer.status == 200 {
                let total = answer.json()["total"].clone();
                assert!(total == json!(null) || total == json!(0) || total == json!(1), "{} {told}", case.operation);
            }
        }
        assert_eq!(app.snapshot_of(app.dealer).await, before);
    }

    async fn each_role_does_what_its_rights_say(app = Setup::passwords()) {
        let mut at = 0;
        for (case, operation) in cases() {
            for role in Role::ALL {
                at += 1;
                let things = things(app, at).await;
                let before = app.snapshot().await;
                let may = match operation.access {
                    Access::Public | Access::Session => true,
                    Access::Right(right) => role.rights().contains(&right),
                    Access::Signed => continue,
                };
                let answer = case.ask(app, &operation.method, As::Role(*role), &things).await;
                let what = format!("{} as {}", case.operation, role.as_str());
                if may {
                    // The same person twice is the very same enquiry.
                    let status = answer.status.as_u16();
                    let repeated = case.operation == "lead_create" && status == 200;
                    assert!(status == case.allowed || repeated, "{what}: {status} {}", answer.json());
                } else {
                    assert_eq!(answer.problem(403), "forbidden", "{what}");
                    assert_eq!(app.snapshot().await, before, "{what}");
                }
            }
        }
    }

    async fn a_key_needs_the_very_right(app) {
        use forecourt_record::Right;
        let things = things(app, 0).await;
        for right in Right::ALL {
            let others: Vec<Right> = Right::ALL.iter().copied().filter(|other| other != right).collect();
            let (_, token) = app.crm().key_create(&app.caller(), NewKey::new("all but one", others)).await.unwrap();
            let before = app.snapshot().await;
            for (case, operation) in cases().into_iter().filter(|(_, one)| one.access == Access::Right(*right)) {
                let answer = case.ask_with(app, &operation.method, Some(format!("Bearer {token}")), &things).await;
                assert_eq!(answer.problem(403), "forbidden", "{}", case.operation);
                let detail = answer.json()["detail"].as_str().unwrap().to_owned();
                assert!(detail.contains(right.as_str()), "{detail}");
            }
            assert_eq!(app.snapshot().await, before);
        }
    }

    async fn the_scheme_is_written_in_any_case(app) {
        let token = app.token(As::Key).await.unwrap();
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let ask = app.anonymous(Method::GET, "/v1/leads").header("authorization", &format!("{scheme} {token}"));
            ask.send().await.expect(200);
        }
    }

    async fn the_webhook_takes_the_secret_of_its_dealer_only(app) {
        let answer = app.webhook(chat::text("wamid.1", "+17135550111", "Ana", "Hi", app.clock.now())).send().await;
        answer.expect(200);
        app.work().await;
        assert_eq!(app.counts().await["leads"], 1);
        let page = app.ask(As::Stranger, Method::GET, "/v1/leads").await.send().await.expect(200);
        assert_eq!(page["total"], 0);
    }
}
