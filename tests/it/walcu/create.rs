//! `POST /{resource}`.

use forecourt_testkit::both;
use serde_json::{Value, json};

use super::{at, client, create, each, id, list, read};

both! {
    async fn what_the_server_keeps_is_filled_in(app) {
        let answer = app.post(&at(app, "saleleads")).json(&json!({
            "status": {"status": "new"},
            "origin": {"source": "website"},
        })).send().await;
        let made = answer.expect(200);
        let address = at(app, &format!("saleleads/{}", id(&made)));
        assert_eq!(answer.header("location"), Some(address.as_str()));
        assert_eq!(answer.header("etag"), Some("\"0\""));
        assert_eq!((&made["__v"], &made["dealer_id"]), (&json!(0), &json!(app.dealer)));
        assert_eq!(made["created_at"], "2026-11-21T18:00:00.000Z");
        assert_eq!(made["updated_at"], made["created_at"]);
        for part in ["/origin/_id", "/status/_id"] {
            let id = made.pointer(part).and_then(Value::as_str).unwrap_or_default();
            assert_eq!(id.len(), 24, "{part}: {made}");
        }
        assert_eq!(made["status_history"][0]["status"], "new");
        assert_eq!(read(app, "saleleads", &id(&made)).await, made);
    }

    async fn an_id_may_be_proposed_once(app) {
        let proposed = json!({"_id": "0193a5d2c7f0a1b2000000aa", "content": "Hello"});
        let made = create(app, "notes", proposed.clone()).await;
        assert_eq!(id(&made), "0193a5d2c7f0a1b2000000aa");
        let again = app.post(&at(app, "notes")).json(&proposed).send().await;
        assert_eq!(again.problem(409), "conflict");
        let none = app.post(&at(app, "notes")).json(&json!({"_id": "string", "content": "Hello"})).send().await;
        assert_eq!(none.problem(422), "invalid");
        assert_eq!(none.pointers(), ["/_id"]);
    }

    async fn several_are_all_created_or_none(app) {
        let tasks: Vec<Value> = (0..50).map(|at| json!({"description": format!("Task {at}")})).collect();
        let made = app.post(&at(app, "tasks")).json(&json!(tasks)).send().await.expect(200);
        let made = made.as_array().unwrap().clone();
        assert_eq!(each(&made, "/description"), each(&tasks, "/description"));
        assert_eq!(each(&list(app, "tasks", "sort=created_at").await, "/_id"), each(&made, "/_id"));

        let before = app.snapshot().await;
        for (documents, pointers) in [
            (json!([{"description": "Good"}, {"descripton": "Bad"}, {"description": 1}]), vec!["/1/descripton", "/2/description"]),
            (json!([{"descripton": "Bad"}]), vec!["/0/descripton"]),
            (json!([]), vec![""]),
            (json!([{"client_id": "0193a5d2c7f0a1b2000000ff"}]), vec!["/0/client_id"]),
            (json!([{}, 1]), vec!["/1"]),
        ] {
            let answer = app.post(&at(app, "tasks")).json(&documents).send().await;
            assert_eq!(answer.problem(422), "invalid", "{documents}");
            assert_eq!(answer.pointers(), pointers, "{documents}");
        }
        let many = json!(vec![json!({}); 1001]);
        app.post(&at(app, "tasks")).json(&many).send().await.expect(422);
        assert_eq!(app.snapshot().await, before);
    }

    async fn references_must_lead_somewhere(app) {
        let nobody = "0193a5d2c7f0a1b2000000ff";
        for (resource, document, pointer) in [
            ("saleleads", json!({"client_id": nobody}), "/client_id"),
            ("notes", json!({"lead_id": nobody, "lead_type": "salelead"}), "/lead_id"),
            ("saleleads", json!({"car_list": [{"car_id": nobody}]}), "/car_list/0/car_id"),
            ("contacts", json!({"client_id": nobody}), "/client_id"),
        ] {
            let answer = app.post(&at(app, resource)).json(&document).send().await;
            assert_eq!(answer.problem(422), "invalid", "{resource}");
            assert_eq!(answer.pointers(), [pointer], "{resource}");
        }
        // A sale lead is no appraisal lead.
        let made = create(app, "clients", client("Ana", "+17135550101")).await;
        let lead = create(app, "saleleads", json!({"client_id": id(&made)})).await;
        let note = json!({"lead_id": id(&lead), "lead_type": "appraisallead"});
        let answer = app.post(&at(app, "notes")).json(&note).send().await;
        assert_eq!(answer.pointers(), ["/lead_id"]);
    }

    async fn a_repeated_request_answers_what_the_first_one_did(app) {
        let ask = async |key: &str, body: &Value| {
            app.post(&at(app, "notes")).header("idempotency-key", key).json(body).send().await
        };
        let body = json!({"content": "Once"});
        let first = ask("k1", &body).await.expect(200);
        assert_eq!(ask("k1", &body).await.expect(200), first);
        assert_eq!(list(app, "notes", "").await.len(), 1);
        assert_eq!(ask("k1", &json!({"content": "Other"})).await.problem(422), "idempotency_key_reused");
        assert_ne!(id(&ask("k2", &body).await.expect(200)), id(&first));
    }

    async fn values_have_their_types(app) {
        for (resource, document, pointer) in [
            ("cars", json!({"type": "old"}), "/type"),
            ("cars", json!({"year": "2020"}), "/year"),
            ("sms", json!({"direction": "sideways"}), "/direction"),
            ("conferences", json!({"status": "lost"}), "/status"),
            ("tasks", json!({"notification": {"notify_at": "tomorrow"}}), "/notification/notify_at"),
            ("tasks", json!({"notification": {"notify_to": "me"}}), "/notification/notify_to"),
            ("notes", json!({"custom": 7}), "/custom"),
            ("notes", json!({"lead_type": "lead"}), "/lead_type"),
        ] {
            let answer = app.post(&at(app, resource)).json(&document).send().await;
            assert_eq!(answer.problem(422), "invalid", "{resource} {document}");
            assert_eq!(answer.pointers(), [pointer], "{resource} {document}");
        }
        for (written, kept) in [
            ("2026-11-21", "2026-11-21T00:00:00.000Z"),
            ("2026-11-21T10:00:00+02:00", "2026-11-21T08:00:00.000Z"),
            ("2026-11-21T10:00:00.5Z", "2026-11-21T10:00:00.500Z"),
        ] {
            let made = create(app, "dates", json!({"start_date": written})).await;
            assert_eq!(made["start_date"], kept, "{written}");
        }
        for custom in [json!("string"), json!({"any": ["thing", {"deep": null}]})] {
            let made = create(app, "notes", json!({"custom": custom})).await;
            assert_eq!(read(app, "notes", &id(&made)).await["custom"], custom);
        }
    }
}
