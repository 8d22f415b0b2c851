//! `/forecourt/v1/consents`: written down, kept to, and proven.

use std::time::Duration;

use forecourt_crm::consent::Verified;
use forecourt_record::{Result, Role, Sms, event::EventName};
use forecourt_store::{Command, ConsentRow, Tx};
use forecourt_testkit::{As, TestApp, both};
use http::Method;
use serde_json::{Value, json};

use crate::native::{at, enrol, lead, put};

const ANA: &str = "+17135550100";
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Writes down what somebody has said; the numbers of the entries.
async fn says(app: &TestApp, entry: &Value) -> Value {
    app.post(&at("consents")).json(entry).send().await.expect(201)["numbers"].clone()
}

async fn ledger(app: &TestApp) -> Vec<Value> {
    app.get(&at("consents")).send().await.expect(200)["data"].as_array().unwrap().clone()
}

/// Puts Ana's lead on a schedule of one text message, and lets it be carried out: the rule that forbade it.
async fn texted(app: &TestApp, lead: &str) -> Option<String> {
    let refused = |event: &forecourt_record::event::StoredEvent| {
        (event.name == EventName::EnrolmentHeld).then(|| event.data["rule"].as_str().unwrap().to_owned())
    };
    let before = (app.all::<Sms>().await.len(), app.events().await.len());
    enrol(app, lead, "offer").await;
    app.work().await;
    let events = app.events().await;
    let rule = events[..events.len() - before.1].iter().find_map(refused);
    assert_eq!(app.all::<Sms>().await.len() - before.0, usize::from(rule.is_none()), "{rule:?}");
    rule
}

async fn offer(app: &TestApp) {
    let definition = json!({"actions": [{"do": "sms", "text": {"en": "Ours is cheaper."}}], "duplicates": "allow"});
    put(app, "offer", &definition).await.expect(201);
}

struct Forge(ConsentRow);

impl Command for Forge {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        tx.consents_put(self.0.clone()).await
    }
}

both! {
    async fn what_needs_consent_is_sent_to_whoever_has_given_it(app) {
        let rule = json!({"name": "asked_first", "scope": {"channels": ["sms"], "purposes": ["marketing"]}});
        app.put(&at("contact-rules")).json(&json!({"consent": [rule], "gap": {"seconds": 0}})).send().await.expect(200);
        offer(app).await;
        let lead = lead(app, ANA).await;
        let given = json!({"act": "given", "address": ANA, "channels": ["sms"], "purpose": "marketing",
            "evidence": {"wording": "Yes, text me."}, "lead": lead});
        let with = |change: Value| {
            let mut entry = given.clone();
            entry.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            entry
        };
        let no = || Some("asked_first".to_owned());
        let withdrawn = || Some("consent_withdrawn".to_owned());
        for (entry, rule) in [
            (None, no()),
            (Some(with(json!({"channels": ["call"]}))), no()),
            (Some(with(json!({"purpose": "service"}))), no()),
            (Some(with(json!({"expires_at": app.clock.now() + HOUR}))), None),
            (Some(with(json!({"at": app.clock.now() - HOUR, "act": "withdrawn"}))), None),
            (Some(with(json!({"act": "withdrawn"}))), withdrawn()),
            (Some(with(json!({"act": "resumed"}))), None),
            (Some(with(json!({"act": "withdrawn", "purpose": null}))), withdrawn()),
            (Some(with(json!({"purpose": null}))), None),
        ] {
            if let Some(entry) = &entry {
                says(app, entry).await;
            }
            assert_eq!(texted(app, &lead).await, rule, "{entry:?}");
            app.pass(Duration::from_secs(1)).await;
        }
        // A consent that has ended is none.
        says(app, &with(json!({"expires_at": app.clock.now() + HOUR}))).await;
        app.pass(HOUR).await;
        assert_eq!(texted(app, &lead).await, no());
        let why = app.get(&at(&format!("leads/{lead}/why-not"))).send().await.expect(200);
        let forbids = |channel: &str| {
            why["channels"].as_array().unwrap().iter().find(|one| one["channel"] == channel).unwrap()["obstacle"]["rule"].clone()
        };
        assert_eq!((forbids("sms"), forbids("call")), (json!(null), json!(null)), "a service needs none");
    }

    async fn an_enquiry_counts_for_ninety_days_by_the_shipped_rules(app) {
        offer(app).await;
        let lead = lead(app, ANA).await;
        app.pass(89 * DAY).await;
        assert_eq!(texted(app, &lead).await, None);
        app.pass(DAY).await;
        assert_eq!(texted(app, &lead).await.as_deref(), Some("us_consent"));
        // Another enquiry of the same person does again.
        app.post("/v1/leads").json(&json!({"name": "Ana Ruiz", "phone": ANA, "location": "houston"})).send().await.expect(201);
        app.pass(HOUR).await;
        assert_eq!(texted(app, &lead).await, None);
    }

    async fn what_is_withdrawn_on_every_channel_ends_every_schedule(app) {
        put(app, "waits", &json!({"actions": [{"do": "wait", "days": 9}]})).await.expect(201);
        let lead = lead(app, ANA).await;
        let enrolment = enrol(app, &lead, "waits").await["id"].as_str().unwrap().to_owned();
        app.work().await;
        let status = || async { app.get(&at(&format!("enrolments/{enrolment}"))).send().await.expect(200)["status"].clone() };
        says(app, &json!({"act": "withdrawn", "address": ANA, "channels": ["sms"]})).await;
        says(app, &json!({"act": "withdrawn", "address": ANA, "purpose": "service"})).await;
        assert_eq!(status().await, "waiting");
        assert_eq!(says(app, &json!({"act": "withdrawn", "address": "+1 713 555 0100"})).await, json!([6, 7, 8, 9]));
        assert_eq!(status().await, "opt_out");
        let text = json!({"direction": "outbound", "to": ANA, "body": "Hello"});
        app.post(&format!("/dealers/{}/sms", app.dealer)).json(&text).send().await.problem(409);
    }

    async fn words_in_messages_are_written_down_by_themselves(app) {
        lead(app, ANA).await;
        app.says(ANA, "Stop, please!").await.expect(200);
        app.pass(HOUR).await;
        app.says(ANA, "START").await.expect(200);
        let found = ledger(app).await;
        let told = |entry: &Value| {
            ["act", "channel", "address", "purpose", "recorded_by"].map(|name| entry[name].clone())
        };
        assert_eq!(told(&found[0]), [json!("withdrawn"), json!("whatsapp"), json!(ANA), json!(null), found[0]["recorded_by"].clone()]);
        assert_eq!((&found[0]["evidence"]["wording"], &found[1]["act"]), (&json!("Stop, please!"), &json!("resumed")));
        assert_eq!((&found[1]["previous"], found.len()), (&found[0]["hash"], 2));
    }

    async fn a_wish_for_everything_is_one_beside_a_wish_for_one_purpose(app) {
        lead(app, ANA).await;
        says(app, &json!({"act": "withdrawn", "address": ANA, "channels": ["whatsapp"], "purpose": "answer"})).await;
        app.says(ANA, "STOP").await.expect(200);
        let found = ledger(app).await;
        let told = |at: usize| (found[at]["act"].clone(), found[at]["purpose"].clone());
        assert_eq!((found.len(), told(0), told(1)), (2, (json!("withdrawn"), json!("answer")), (json!("withdrawn"), json!(null))));
    }

    async fn the_evidence_about_a_person_is_whole(app) {
        let lead = lead(app, ANA).await;
        says(app, &json!({"act": "given", "address": "ana@example.com", "evidence": {"form": "at the counter"}})).await;
        let numbers = says(app, &json!({"act": "given", "address": ANA, "channels": ["sms", "call"], "lead": lead, "evidence": {
            "wording": "Yes, text me.", "version": "2026-03", "url": "https://dealer.example/test-drive", "ip": "2001:db8::7",
            "user_agent": "Firefox", "basis": "GDPR, article 6(1)(a)"}})).await;
        assert_eq!(numbers, json!([3, 4]), "in the order of the channels, behind those of e-mail and chat");
        app.suppress(ANA).await;
        let of_lead = app.get(&at(&format!("consents/evidence?lead={lead}"))).send().await.expect(200);
        assert_eq!((&of_lead["addresses"], of_lead["entries"].as_array().unwrap().len()), (&json!([ANA]), 2));
        assert_eq!((&of_lead["entries"][0]["evidence"]["ip"], &of_lead["entries"][0]["client"]), (&json!("2001:db8::7"), &of_lead["client"]));
        assert_eq!(of_lead["suppressions"][0]["reason"], "asked for by a test");
        assert_eq!(of_lead["head"], json!({"number": 4, "hash": of_lead["entries"][1]["hash"]}));
        let of_address = app.get(&at("consents/evidence?address=ana@example.com")).send().await.expect(200);
        assert_eq!(of_address["entries"][0]["number"], 1);
        for wrong in ["", "?address=7", "?lead=L-99999", "?lead=L-1000&address=ana@example.com"] {
            app.get(&at(&format!("consents/evidence{wrong}"))).send().await.problem(400);
        }
        // Users bound to locations see their leads' evidence, and nobody's by address.
        for (path, status) in [(format!("consents/evidence?lead={lead}"), 200), ("consents".into(), 403), ("consents/verification".into(), 403), ("consents/evidence?address=ana@example.com".into(), 403)] {
            let answer = app.ask(As::Role(Role::Bdc), Method::GET, &at(&path)).await.send().await;
            assert_eq!(answer.status.as_u16(), status, "{path}");
        }
    }

    async fn pages_of_the_ledger_join(app) {
        says(app, &json!({"act": "withdrawn", "address": ANA})).await;
        let mut path = at("consents?limit=3");
        let mut numbers = Vec::new();
        loop {
            let page = app.get(&path).send().await.expect(200);
            assert_eq!(page["total"], 4);
            numbers.extend(page["data"].as_array().unwrap().iter().map(|one| one["number"].as_i64().unwrap()));
            let Some(next) = page["next"].as_str() else { break };
            path = at(&format!("consents?limit=3&after={next}"));
        }
        assert_eq!(numbers, [1, 2, 3, 4]);
        app.get(&at("consents?after=3")).send().await.problem(400);
    }

    async fn whatever_is_wrong_is_told_at_once_and_nothing_is_written(app) {
        let later = app.clock.now() + HOUR;
        let answer = app.post(&at("consents")).json(&json!({"act": "given", "address": ANA, "channels": ["sms", "email"], "at": later, "expires_at": later})).send().await;
        assert_eq!((answer.problem(422), answer.pointers()), ("invalid".into(), ["/channels/1", "/at", "/expires_at", "/evidence"].map(String::from).to_vec()));
        for (entry, pointer) in [
            (json!({"act": "withdrawn", "address": "555"}), "/address"),
            (json!({"act": "withdrawn", "address": "7135550100"}), "/address"),
            (json!({"act": "sold", "address": ANA}), "/act"),
            (json!({"act": "withdrawn", "address": ANA, "expires_at": later}), "/expires_at"),
            (json!({"act": "withdrawn", "address": ANA, "lead": "L-99999"}), "/lead"),
            (json!({"act": "withdrawn", "address": ANA, "evidence": {"ip": "here"}}), "/evidence/ip"),
        ] {
            let answer = app.post(&at("consents")).json(&entry).send().await;
            assert_eq!((answer.problem(422), answer.pointers()), ("invalid".into(), vec![pointer.to_owned()]), "{entry}");
        }
        assert_eq!(ledger(app).await, Vec::<Value>::new());
    }

    async fn an_entry_that_is_not_what_was_written_is_told(app) {
        says(app, &json!({"act": "withdrawn", "address": ANA})).await;
        let whole = app.get(&at("consents/verification")).send().await.expect(200);
        let found = ledger(app).await;
        assert_eq!(whole, json!({"entries": 4, "head": found[3]["hash"], "broken_at": null}));
        let scope = app.crm().scope(&app.caller());
        let text = |previous: &str, number: i64| {
            json!({"number": number, "recorded_at": app.clock.now(), "by": "client", "previous": previous, "act": "given",
                "channel": "sms", "address": ANA, "at": app.clock.now(), "evidence": {}}).to_string()
        };
        let row = |number: i64, entry: String, hash: String| {
            ConsentRow { number, channel: "sms".into(), address: ANA.into(), at: app.clock.now(), entry, hash }
        };
        // Behind a gap, it is no next one; and the evidence tells an entry whose hash is another's.
        let entry = text(found[3]["hash"].as_str().unwrap(), 6);
        let hash = forecourt_crm::access::hash(&entry);
        app.crm().store.write(scope, Forge(row(6, entry.clone(), hash))).await.unwrap();
        let broken = |broken_at| Verified { entries: 4, head: found[3]["hash"].as_str().unwrap().to_owned(), broken_at };
        assert_eq!(app.crm().consent_verify(&app.caller(), |_| {}).await.unwrap(), broken(Some(5)));
        app.crm().store.write(scope, Forge(row(5, text("", 5), "0".into()))).await.unwrap();
        assert_eq!(app.crm().consent_verify(&app.caller(), |_| {}).await.unwrap(), broken(Some(5)));
        let intact: Vec<bool> = ledger(app).await.iter().map(|one| one["is_intact"].as_bool().unwrap()).collect();
        assert_eq!(intact, [true, true, true, true, false, true]);
    }
}
