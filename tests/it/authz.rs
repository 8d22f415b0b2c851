//! Authorisation: every operation of every dialect as nobody, as another dealer, and as each role, from one table.
//!
//! An operation that is not in the table fails the test, and so does a line of the table that names no operation.

use std::sync::Arc;

use forecourt_api::{
    access::Access,
    operation::{OperationInfo, Operations},
};
use forecourt_crm::access::NewKey;
use forecourt_record::{Conference, Role, SaleLead};
use forecourt_testkit::{Answer, As, PASSWORD, Setup, TestApp, alzura, both, chat, dialects};
use http::Method;
use serde_json::{Value, json};

use crate::work::settled;

/// How an operation is called with good reason, and what comes of it.
struct Case {
    operation: String,
    /// `{dealer}`, `{lead}`, `{car}`, `{plan}`, `{enrolment}`, `{call}` and `{doc}` stand for ids of the test's dealer and its documents.
    path: String,
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
    let case = |operation: &str, path: &str, body, allowed, stranger| Case {
        operation: operation.to_owned(),
        path: path.to_owned(),
        body,
        allowed,
        stranger,
    };
    let lead = json!({"name": "Somebody New", "phone": "+17135550177"});
    let car = json!({"make": "Ford", "model": "F-150", "year": 2022, "price": 1, "location": "houston"});
    let message = json!({"leadId": "{lead}", "template": {"name": "offer", "language": "en"}});
    let mut table = vec![
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
    ];
    let reference = "/v3/vehicle/reference/make";
    let customer = json!({"lastName": "Somebody New", "phoneNumber": "+17135550178"});
    let opportunity = json!({"sellingId": "{selling}", "sourceType": 6, "customer": customer});
    table.extend([
        case("stock_list", "/v3/vehicle", None, 200, Own(200)),
        case("stock_read", "/v3/vehicle/{selling}", None, 200, NotFound),
        case("stock_makes", reference, None, 200, Own(200)),
        case("stock_models", &format!("{reference}/190/model"), None, 200, Own(200)),
        case("stock_values", "/v3/vehicle/filter/values", None, 200, Own(200)),
        case("opportunity_create", "/v3/opportunity", Some(opportunity), 200, NotFound),
    ]);
    let numbers = json!({"dealerAlzuraId": "{alzura}", "userAlzuraId": alzura(Role::Admin)});
    let (one, booked) = ("/v3/contact/{contact}", "/v3/contact/tecfactura/T-{contact}");
    let (contact, city) = (json!({"lastName": "Somebody New"}), json!({"city": "Anytown"}));
    table.extend([
        // No dealer of its key has that number.
        case("token_issue", "/v3/auth/token", Some(numbers), 200, Own(422)),
        case("token_refresh", "/v3/auth/refresh", None, 200, Own(200)),
        case("contact_create", "/v3/contact", Some(contact), 201, Own(201)),
        case("contact_read", one, None, 200, NotFound),
        case("contact_change", one, Some(city.clone()), 200, NotFound),
        case("contact_delete", one, None, 200, NotFound),
        case("contact_read_booked", booked, None, 200, NotFound),
        case("contact_change_booked", booked, Some(city), 200, NotFound),
        case("contact_delete_booked", booked, None, 200, NotFound),
    ]);
    // Whatever the resource, a document in its simplest form will do.
    for row in forecourt_dialect_walcu::rows() {
        let (names, name) = (&row.names, row.spec.name);
        let (many, one) = (format!("/dealers/{{dealer}}/{name}"), format!("/dealers/{{dealer}}/{name}/{{doc}}"));
        table.extend([
            case(&names.list, &many, None, 200, NotFound),
            case(&names.export, &format!("{many}/all"), None, 200, NotFound),
            case(&names.create, &many, Some(veiled(name)), 200, NotFound),
            case(&names.read, &one, None, 200, NotFound),
            case(&names.replace, &one, Some(veiled(name)), 200, NotFound),
            case(&names.patch, &one, Some(json!([])), 200, NotFound),
            case(&names.delete, &one, None, 200, NotFound),
        ]);
    }
    let dial = json!({
        "first_name": "Somebody", "surname": "New", "mobile": "+17135550179", "email": "new@example.com", "type": "x",
    });
    table.extend([
        case("lead_add", "/lead/add", Some(dial), 200, Own(200)),
        case("lead_cancel", "/lead/cancel", Some(json!({"mobile": "+17135550179", "type": "x"})), 200, Own(200)),
    ]);
    // A key that is for no schedule is no lead token, here and elsewhere.
    let sent = json!({"caller_id": "+17135550179"});
    for (operation, path) in [
        ("lead_create_or_update", "leads/create_or_update"),
        ("lead_create_or_update_put", "leads/create_or_update"),
        ("lead_submit", "leads"),
        ("lead_capture", "leads/capture"),
        ("caller_remove", "leads/+17135550179/caller_remove"),
        ("caller_opt_out", "leads/+17135550179/caller_opt_out"),
        ("caller_move_to_end_of_schedule", "leads/+17135550179/caller_move_to_end_of_schedule"),
        ("schedule_make_call", "schedules/make_call"),
    ] {
        table.push(case(operation, &format!("/api/v1/{path}"), Some(sent.clone()), 401, Own(401)));
    }
    let (native, plan) = ("/forecourt/v1", "/forecourt/v1/schedules/{plan}");
    let waits = json!({"definition": {"actions": [{"do": "wait", "days": 30}]}});
    let enrolment = json!({"lead": "{lead}", "schedule": "{plan}"});
    let withdrawn = json!({"act": "withdrawn", "address": "+17135550179"});
    let rehearsal = json!({"schedule": "{plan}", "leads": {"count": 3}});
    let (enrolled, rules) = (format!("{native}/enrolments/{{enrolment}}"), format!("{native}/contact-rules"));
    table.extend([
        case("schedule_list", &format!("{native}/schedules"), None, 200, Own(200)),
        case("schedule_read", plan, None, 200, NotFound),
        // Under the same name it is the other dealer's own.
        case("schedule_put", plan, Some(waits), 200, Own(201)),
        case("schedule_stop", &format!("{plan}/stop"), None, 200, NotFound),
        case("schedule_start", &format!("{plan}/start"), None, 200, NotFound),
        case("schedule_version", &format!("{plan}/versions/1"), None, 200, NotFound),
        case("schedule_monitor", &format!("{plan}/monitor"), None, 200, NotFound),
        case("schedule_why_not", &format!("{plan}/why-not"), None, 200, NotFound),
        case("enrolment_why_not", &format!("{enrolled}/why-not"), None, 200, NotFound),
        case("lead_why_not", &format!("{native}/leads/{{lead}}/why-not"), None, 200, NotFound),
        case("consent_list", &format!("{native}/consents"), None, 200, Own(200)),
        case("consent_create", &format!("{native}/consents"), Some(withdrawn), 201, Own(201)),
        case("consent_evidence", &format!("{native}/consents/evidence?lead={{lead}}"), None, 200, Own(400)),
        case("consent_verification", &format!("{native}/consents/verification"), None, 200, Own(200)),
        case("rehearsal_create", &format!("{native}/rehearsals"), Some(rehearsal), 200, Own(422)),
        case("enrolment_list", &format!("{native}/enrolments"), None, 200, Own(200)),
        case("enrolment_create", &format!("{native}/enrolments"), Some(enrolment), 201, Own(422)),
        case("enrolment_read", &enrolled, None, 200, NotFound),
        case("enrolment_end", &format!("{enrolled}/end"), None, 200, NotFound),
        case("contact_rules_read", &rules, None, 200, Own(200)),
        case("contact_rules_put", &rules, Some(json!({})), 200, Own(200)),
        case("contact_rules_delete", &rules, None, 204, Own(204)),
    ]);
    // An agent who is not at work is shown nobody and calls nobody; a key is no agent; and the call is over.
    let (agent, call) = (format!("{native}/agents/me"), format!("{native}/calls/{{call}}"));
    table.extend([
        case("agent_list", &format!("{native}/agents"), None, 200, Own(200)),
        case("agent_choose", &agent, Some(json!({"state": "offline"})), 200, Own(409)),
        case("agent_next", &format!("{agent}/next"), None, 409, Own(409)),
        case("agent_skip", &format!("{agent}/skip"), None, 409, Own(409)),
        case("call_create", &format!("{native}/calls"), Some(json!({"lead": "{lead}"})), 409, Own(422)),
        case("call_read", &call, None, 200, NotFound),
        case("call_hang_up", &format!("{call}/hang-up"), None, 409, NotFound),
        case("call_hand_over", &format!("{call}/hand-over"), Some(json!({"to": "u_1"})), 409, NotFound),
        case("call_dispose", &format!("{call}/disposition"), Some(json!({"disposition": "x"})), 422, Own(422)),
    ]);
    // A job is found by whoever began it.
    for operation in ["job_view", "job_cancel", "job_result"] {
        let path = if operation == "job_result" { "{doc}/result" } else { "{doc}" };
        table.push(case(operation, &format!("/dealers/{{dealer}}/jobs/{path}"), None, 404, NotFound));
    }
    // An API key is no session; last, since it ends those of the roles.
    table.push(case("auth_logout", "/v1/auth/logout", None, 200, Own(403)));
    table
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

/// What the dealer has that a call may be about.
struct Things {
    dealer: String,
    lead: String,
    car: String,
    selling: String,
    contact: String,
    plan: String,
    enrolment: String,
    call: String,
    doc: String,
}

impl Things {
    /// Nothing that anybody has.
    fn none() -> Self {
        let id = "0193a5d2c7f0a1b2000000ff".to_owned();
        Self {
            dealer: id.clone(),
            lead: "L-9999".to_owned(),
            car: "V-9999".to_owned(),
            selling: "999999".to_owned(),
            contact: "9999".to_owned(),
            plan: "none".to_owned(),
            enrolment: "E-9999".to_owned(),
            call: id.clone(),
            doc: id,
        }
    }
}

/// What the case is about, fresh for a call that may change it.
async fn things(app: &TestApp, case: &Case, at: usize) -> Things {
    let asks =
        |what: &str| case.path.contains(what) || case.body.as_ref().is_some_and(|body| body.to_string().contains(what));
    let mut things = Things { dealer: app.dealer.to_string(), ..Things::none() };
    let id = |made: &Value, member: &str| made[member].as_str().unwrap().to_owned();
    if asks("{lead}") || asks("{enrolment}") || asks("{call}") {
        let lead = json!({
            "name": "Veiled Person", "phone": format!("+1713{:07}", 3_000_000 + at), "location": "houston",
            "source": "veiled-source",
        });
        things.lead = id(&app.post("/v1/leads").json(&lead).send().await.expect(201), "id");
    }
    if asks("{car}") || asks("{selling}") {
        let car = json!({"make": "Veilmobile", "model": "X", "year": 2020, "price": 1, "location": "houston"});
        things.car = id(&app.post("/v1/vehicles").json(&car).send().await.expect(201), "id");
        things.selling = id(&app.get("/v3/vehicle").send().await.expect(200)["list"][0], "sellingId");
    }
    if asks("{contact}") {
        let contact = json!({"lastName": "Veiled Person", "tecfacturaId": format!("T-{}", at + 1)});
        let token = format!("JWT {}", app.user_token(Role::Admin).await);
        let made = app.post("/v3/contact").header("authorization", &token).json(&contact).send().await.expect(201);
        things.contact = made["data"]["contact"]["ID"].to_string();
        // Whichever way it is named, it is the same.
        let booked = json!({"tecfacturaId": format!("T-{}", things.contact)});
        let path = format!("/v3/contact/{}", things.contact);
        app.put(&path).header("authorization", &token).json(&booked).send().await.expect(200);
    }
    if asks("{plan}") || asks("{enrolment}") {
        things.plan = format!("plan-{at}");
        let plan = json!({"active": true, "definition": {"actions": [{"do": "wait", "days": 30}]}});
        let put = app.put(&format!("/forecourt/v1/schedules/{}", things.plan)).json(&plan).send().await;
        assert!(put.status.is_success(), "{}", put.json());
    }
    if asks("{enrolment}") {
        let new = json!({"lead": things.lead, "schedule": things.plan});
        things.enrolment = id(&app.post("/forecourt/v1/enrolments").json(&new).send().await.expect(201), "id");
    }
    if asks("{call}") {
        let over = json!({"status": "completed", "location": "houston"});
        let path = format!("/dealers/{}/conferences", app.dealer);
        things.call = id(&app.post(&path).json(&over).send().await.expect(200), "_id");
        let lead = app.all::<SaleLead>().await[0].id;
        app.change::<Conference>(things.call.parse().unwrap(), move |call| call.extra.lead_id = Some(lead)).await;
    }
    if asks("{doc}") && !case.path.contains("/jobs/") {
        let resource = case.path.split('/').nth(3).unwrap();
        let veiled = app.post(&format!("/dealers/{}/{resource}", app.dealer)).json(&veiled(resource));
        things.doc = id(&veiled.send().await.expect(200), "_id");
    }
    things
}

/// A document that those see who are bound to a location.
fn veiled(resource: &str) -> Value {
    let row = forecourt_dialect_walcu::rows().iter().find(|row| row.spec.name == resource).unwrap();
    let has_location = row.spec.published().names().iter().any(|name| name == "location");
    if has_location { json!({"custom": "veiled", "location": "houston"}) } else { json!({"custom": "veiled"}) }
}

impl Case {
    /// Whether it takes keys only, in a place of their own.
    fn is_keyed(&self) -> bool {
        self.path.starts_with("/v3/") || self.is_dialled()
    }

    /// Whether its key stands in the address, and its refusals have a shape of their own: the parameter, and the member
    /// that tells why.
    fn is_dialled(&self) -> bool {
        self.parameter().is_some()
    }

    fn parameter(&self) -> Option<(&'static str, &'static str)> {
        let places = [("/lead/", "key", "error"), ("/api/v1/", "lead_token", "message")];
        let place = places.into_iter().find(|(begins, ..)| self.path.starts_with(begins));
        place.map(|(_, parameter, told)| (parameter, told))
    }

    /// That it was refused so.
    fn is_refused(&self, answer: &Answer, status: u16, code: &str, by: &str) {
        if let Some((_, told)) = self.parameter() {
            assert_eq!(answer.status.as_u16(), status, "{} {by}", self.operation);
            assert!(answer.json()[told].is_string(), "{} {by}", self.operation);
        } else {
            assert_eq!(answer.problem(status), code, "{} {by}", self.operation);
        }
    }

    async fn ask(&self, app: &TestApp, operation: &OperationInfo, who: As, things: &Things) -> Answer {
        let token = app.token(who).await;
        let user = match (&token, operation.for_user && matches!(who, As::Key | As::Stranger)) {
            (Some(key), true) => Some(user_of(app, key, who).await),
            _ => None,
        };
        self.ask_with(app, &operation.method, token.map(|token| format!("Bearer {token}")), user, things).await
    }

    /// With whatever is sent as a credential, and perhaps the token of a user.
    async fn ask_with(
        &self,
        app: &TestApp,
        method: &Method,
        credential: Option<String>,
        user: Option<String>,
        things: &Things,
    ) -> Answer {
        let filled = |text: &str| {
            text.replace("{dealer}", &things.dealer)
                .replace("{lead}", &things.lead)
                .replace("{car}", &things.car)
                .replace("{selling}", &things.selling)
                .replace("{contact}", &things.contact)
                .replace("\"{alzura}\"", &app.alzura_id.to_string())
                .replace("{plan}", &things.plan)
                .replace("{enrolment}", &things.enrolment)
                .replace("{call}", &things.call)
                .replace("{doc}", &things.doc)
                .replace("{email}", app.email(Role::Sales))
        };
        let mut ask = app.anonymous(method.clone(), &filled(&self.path));
        if let Some(credential) = credential {
            ask = if let Some((parameter, _)) = self.parameter() {
                ask.key_in_query(parameter, credential.trim_start_matches("Bearer "))
            } else if self.is_keyed() {
                ask.header("x-api-key", credential.trim_start_matches("Bearer "))
            } else {
                ask.header("authorization", &credential)
            };
        }
        if let Some(user) = user {
            ask = ask.header("authorization", &format!("JWT {user}"));
        }
        if let Some(body) = &self.body {
            ask = ask.raw("application/json", filled(&body.to_string()));
        }
        ask.send().await
    }
}

/// The token of an administrator of the dealer whose key this is.
async fn user_of(app: &TestApp, key: &str, who: As) -> String {
    let dealer = if who == As::Stranger { app.alzura_id + 1 } else { app.alzura_id };
    app.narrowed(key, dealer, alzura(Role::Admin)).await
}

#[test]
fn the_table_has_every_operation_once() {
    let mut named: Vec<String> = table().into_iter().map(|case| case.operation).collect();
    let mut there: Vec<String> =
        dialects().iter().flat_map(Operations::describe).map(|one| one.name.to_owned()).collect();
    named.sort_unstable();
    there.sort_unstable();
    assert_eq!(named, there, "every operation has a line in the table of this file, and every line an operation");
}

both! {
    async fn nobody_gets_in(app = Setup::passwords()) {
        let things = Things { dealer: app.dealer.to_string(), ..Things::none() };
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
                let answer = case.ask_with(app, &operation.method, credential.clone(), None, &things).await;
                match operation.access {
                    Access::Public => assert_eq!(answer.status.as_u16(), case.allowed, "{}", case.operation),
                    Access::Session | Access::Right(_) | Access::Signed => {
                        case.is_refused(&answer, 401, "unauthenticated", &format!("{credential:?}"));
                    }
                }
            }
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn another_dealer_sees_and_changes_nothing(app = Setup::passwords()) {
        for (at, (case, operation)) in cases().into_iter().enumerate() {
            // Numbers are each dealer's own: what is asked for is one that the other dealer does not have.
            things(app, &case, 2 * at).await;
            let things = things(app, &case, 2 * at + 1).await;
            let before = app.snapshot_of(app.dealer).await;
            let answer = case.ask(app, &operation, As::Stranger, &things).await;
            match case.stranger {
                Stranger::NotFound => {
                    assert_eq!(answer.problem(404), "not_found", "{}", case.operation);
                    // Not to be told apart from what never was.
                    let mut other = case.ask(app, &operation, As::Stranger, &Things::none()).await.json();
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
                // The catalogue is everybody's.
                let total = if case.path.contains("/reference/") { json!(null) } else { answer.json()["total"].clone() };
                assert!(total == json!(null) || total == json!(0) || total == json!(1), "{} {told}", case.operation);
            }
            assert_eq!(app.snapshot_of(app.dealer).await, before, "{}", case.operation);
        }
    }

    async fn each_role_does_what_its_rights_say(app = Setup::passwords()) {
        for (at, (case, operation)) in cases().into_iter().enumerate() {
            let may = |role: &Role| match operation.access {
                Access::Public | Access::Session => true,
                Access::Right(right) => right.is_of(*role),
                Access::Signed => false,
            };
            if operation.access == Access::Signed {
                continue;
            }
            let ask = async |role: &Role, about: &Things| {
                if !case.is_keyed() {
                    return case.ask(app, &operation, As::Role(*role), about).await;
                }
                let key = app.token(As::Key).await.map(|key| format!("Bearer {key}"));
                case.ask_with(app, &operation.method, key, Some(app.user_token(*role).await), about).await
            };
            if case.is_keyed() {
                // A login is no key.
                let about = Things { dealer: app.dealer.to_string(), ..Things::none() };
                for role in Role::ALL {
                    let answer = case.ask(app, &operation, As::Role(*role), &about).await;
                    case.is_refused(&answer, 401, "unauthenticated", role.as_str());
                }
            }
            if case.is_dialled() {
                // Keys are of nobody in particular.
                continue;
            }
            let (able, unable): (Vec<Role>, Vec<Role>) = Role::ALL.iter().partition(|role| may(role));
            let about = things(app, &case, 10 * at).await;
            // What the case before began goes on by itself.
            settled(app).await;
            let before = if unable.is_empty() { String::new() } else { app.snapshot().await };
            for role in &unable {
                let answer = ask(role, &about).await;
                assert_eq!(answer.problem(403), "forbidden", "{} as {}", case.operation, role.as_str());
            }
            if !unable.is_empty() {
                assert_eq!(app.snapshot().await, before, "{}", case.operation);
            }
            for (turn, role) in able.iter().enumerate() {
                let about = things(app, &case, 10 * at + turn + 1).await;
                let answer = ask(role, &about).await;
                // The same person twice is the very same enquiry.
                let status = answer.status.as_u16();
                let repeated = case.operation == "lead_create" && status == 200;
                // Some collections cannot be exported by those who see a part of them only, nor is the ledger theirs to read.
                let is_whole = operation.path.ends_with("/all") || operation.path.contains("/consents");
                let partly = is_whole && role.is_bound_to_locations() && status == 403;
                let what = format!("{} as {}", case.operation, role.as_str());
                assert!(status == case.allowed || repeated || partly, "{what}: {status} {}", answer.json());
            }
        }
    }

    async fn a_key_needs_the_very_right(app) {
        use forecourt_record::Right;
        let things = Things { dealer: app.dealer.to_string(), ..Things::none() };
        for right in Right::ALL {
            let others: Vec<Right> = Right::ALL.iter().copied().filter(|other| other != right).collect();
            let (_, token) = app.crm().key_create(&app.caller(), NewKey::new("all but one", others)).await.unwrap();
            let before = app.snapshot().await;
            for (case, operation) in cases().into_iter().filter(|(_, one)| one.access == Access::Right(*right)) {
                let user = if operation.for_user {
                    Some(app.narrowed(&token, app.alzura_id, alzura(Role::Admin)).await)
                } else {
                    None
                };
                let credential = Some(format!("Bearer {token}"));
                let answer = case.ask_with(app, &operation.method, credential, user, &things).await;
                case.is_refused(&answer, 403, "forbidden", right.as_str());
                let told = case.parameter().map_or("detail", |(_, told)| told);
                let detail = answer.json()[told].as_str().unwrap().to_owned();
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
