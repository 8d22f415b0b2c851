//! Hostile input, from data: always a problem with a stable code, never a fault of ours, and the store as it was.

mod bodies;
mod places;
mod queries;

use forecourt_record::{Code, Role};
use forecourt_testkit::{Answer, As, Ask, TestApp, alzura, dialects};
use http::Method;
use serde_json::{Map, Value, json};

use crate::work::settled;

/// An operation, as its document describes it.
struct Target {
    name: String,
    method: Method,
    path: String,
    /// A body that would be taken.
    body: Option<Value>,
    /// The document, for its definitions.
    document: Value,
    /// The schema of the body.
    schema: Value,
    /// The names of its query parameters.
    query: Vec<String>,
    /// Whether a token has to name a user.
    for_user: bool,
}

/// A server with a lead, a car, a contact, a schedule and the lead on it, which is what the documented examples are about.
async fn stage(app: &TestApp) -> String {
    let lead = json!({"name": "Staged Person", "phone": "+17135550100", "location": "houston"});
    app.post("/v1/leads").json(&lead).send().await.expect(201);
    let car = json!({"make": "Ford", "model": "F-150", "year": 2022, "price": 1, "location": "houston"});
    app.post("/v1/vehicles").json(&car).send().await.expect(201);
    let token = format!("JWT {}", app.user_token(Role::Admin).await);
    let contact = json!({"lastName": "Staged", "tecfacturaId": "T-1"});
    app.post("/v3/contact").header("authorization", &token).json(&contact).send().await.expect(201);
    let plan = json!({"definition": {"actions": [{"do": "wait", "days": 300}]}});
    app.put("/forecourt/v1/schedules/1").json(&plan).send().await.expect(201);
    let enrolment = json!({"lead": "L-1000", "schedule": "1"});
    assert_eq!(app.post("/forecourt/v1/enrolments").json(&enrolment).send().await.expect(201)["id"], "E-1");
    app.work().await;
    app.snapshot().await
}

/// The id of a finished job of the key that may do everything.
async fn job(app: &TestApp) -> String {
    let begun = app.get(&format!("/dealers/{}/notes/all", app.dealer)).send().await.expect(200);
    settled(app).await;
    begun[0]["_id"].as_str().unwrap().to_owned()
}

/// Every operation of the dialects that have an implementation for each and answer errors as problems, at the test's
/// dealer. For the others see `walcu::hostile`, `dialler::hostile` and `trackdrive::hostile`.
fn targets(app: &TestApp) -> Vec<Target> {
    let apart =
        dialects().into_iter().filter(|dialect| !["walcu", "dialler", "trackdrive"].contains(&dialect.about.dialect));
    let mut targets: Vec<Target> = apart.flat_map(|dialect| of_document(&dialect.openapi())).collect();
    for target in &mut targets {
        target.path = target.path.replace("{dealer_id}", &app.dealer.to_string());
        if target.name == "token_issue" {
            target.body = Some(json!({"dealerAlzuraId": app.alzura_id, "userAlzuraId": alzura(Role::Admin)}));
        }
    }
    targets
}

fn of_document(document: &Value) -> Vec<Target> {
    let mut targets = Vec::new();
    for (path, item) in members(&document["paths"]) {
        for (method, operation) in members(item) {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let named = |place: &str| {
                let of_place = parameters.iter().filter(|parameter| parameter["in"] == place);
                of_place.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            };
            let media = &operation["requestBody"]["content"]["application/json"];
            targets.push(Target {
                name: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                body: media.get("example").cloned(),
                document: document.clone(),
                schema: resolve(document, &media["schema"]).clone(),
                query: named("query"),
                for_user: operation["security"][0].get("user").is_some(),
            });
        }
    }
    targets
}

impl Target {
    /// The path with the ids of what is on the stage.
    fn address(&self) -> String {
        let id = match self.path.as_str() {
            path if path.starts_with("/v1/vehicles") => "V-1",
            path if path.starts_with("/v3/vehicle/reference") => "190",
            path if path.starts_with("/v3/contact/tecfactura") => "T-1",
            path if path.starts_with("/v3/contact") => "1",
            path if path.starts_with("/forecourt/v1/schedules") => "1",
            path if path.starts_with("/forecourt/v1/enrolments") => "E-1",
            _ => "L-1000",
        };
        self.with_id(id)
    }

    /// The path with this in the place of every parameter.
    fn with_id(&self, id: &str) -> String {
        let segments = self.path.split('/').map(|segment| if segment.starts_with('{') { id } else { segment });
        segments.collect::<Vec<_>>().join("/")
    }

    /// Whether a broken escape in its query string is refused.
    fn path_is_strict(&self) -> bool {
        !self.path.starts_with("/v3/")
    }

    /// Bytes that are more than its body may have.
    fn too_large(&self) -> usize {
        let takes_long_texts = self.path.starts_with("/v3/opportunity") || self.path.starts_with("/v3/contact");
        if takes_long_texts { 20 << 20 } else { 1 << 20 }
    }

    fn has_id(&self) -> bool {
        self.path.contains('{')
    }

    /// The operation asked by the key that may do everything.
    async fn ask(&self, app: &TestApp, address: &str) -> Ask {
        let who = if self.name == "auth_login" { As::Nobody } else { As::Key };
        let ask = app.ask(who, self.method.clone(), address).await;
        if self.name == "whatsapp_webhook" {
            ask.header("x-forecourt-webhook-secret", app.webhook_secret())
        } else if self.for_user {
            ask.header("authorization", &format!("JWT {}", app.user_token(Role::Admin).await))
        } else {
            ask
        }
    }
}

/// What is always true of a refusal.
pub fn refused(answer: &Answer, what: &str) -> String {
    let (status, body) = (answer.status.as_u16(), answer.json());
    assert!((400..500).contains(&status), "{what}: {status} {body}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}");
    let code = body["code"].as_str().unwrap_or_default().to_owned();
    assert!(Code::ALL.iter().any(|known| known.as_str() == code), "{what}: {body}");
    assert_eq!(body["status"], status, "{what}");
    assert!(body["title"].is_string() && body["detail"].is_string(), "{what}: {body}");
    assert_eq!(body["type"], format!("/docs/errors#{code}"), "{what}");
    let said = body.to_string().to_lowercase();
    for inside in ["sqlite", "postgres", "panicked", "src/", ".rs\"", "backtrace"] {
        assert!(!said.contains(inside), "{what} tells what is inside: {said}");
    }
    code
}

/// The same of an answer that need not be a refusal.
pub fn no_fault(answer: &Answer, what: &str) {
    if answer.status.as_u16() >= 400 {
        refused(answer, what);
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|target| document.pointer(target.strip_prefix('#')?)) {
        Some(target) => resolve(document, target),
        None => schema,
    }
}

/// Every byte but plain letters and digits as an escape.
pub fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// Texts that have broken somebody before.
pub fn nasty() -> Vec<String> {
    let mut texts: Vec<String> = [
        "'",
        "\"",
        "' OR '1'='1",
        "1; DROP TABLE saleleads; --",
        "') UNION SELECT password_hash FROM users --",
        "$1",
        "?1",
        "%",
        "%%s%n",
        "_",
        "*",
        "NEAR(a b)",
        "\"a\" AND \"b",
        "name:ana",
        "-ana",
        "^ana",
        "a\\",
        "../../etc/passwd",
        "..\\..\\windows",
        "/",
        "//",
        "\u{0}",
        "a\u{0}b",
        "\u{7f}\u{1b}[31m",
        "\r\nSet-Cookie: x=1",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${jndi:ldap://x}",
        "\u{202e}evil",
        "\u{feff}",
        "\u{fffd}",
        "e\u{301}\u{301}\u{301}",
        "\u{1f600}",
        "ﬁ",
        "0",
        "-1",
        "1e309",
        "NaN",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "0x10",
        "1_000",
        "null",
        "true",
        "undefined",
        "[]",
        "{}",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("x".repeat(5_000));
    texts.push("é".repeat(3_000));
    texts
}
