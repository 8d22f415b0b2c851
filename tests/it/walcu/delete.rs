//! `DELETE /{resource}/{id}`.

use forecourt_testkit::both;
use serde_json::json;

use super::{at, client, created, read};

both! {
    async fn what_is_gone_is_not_found(app) {
        let note = created(app, "notes", json!({"content": "One"})).await;
        let address = at(app, &format!("notes/{note}"));
        assert_eq!(app.delete(&address).send().await.expect(200), json!({"_id": note}));
        app.get(&address).send().await.expect(404);
        assert_eq!(app.delete(&address).send().await.problem(404), "not_found");
    }

    async fn what_belongs_to_a_lead_goes_with_it(app) {
        let person = created(app, "clients", client("Ana", "+17135550101")).await;
        let lead = created(app, "saleleads", json!({"client_id": person})).await;
        let kept = created(app, "notes", json!({"client_id": person})).await;
        let mut gone = Vec::new();
        for resource in ["notes", "tasks", "dates", "offers"] {
            let child = json!({"lead_id": lead, "lead_type": "salelead"});
            gone.push(format!("{resource}/{}", created(app, resource, child).await));
        }
        app.delete(&at(app, &format!("saleleads/{lead}"))).send().await.expect(200);
        for child in gone {
            app.get(&at(app, &child)).send().await.expect(404);
        }
        read(app, "notes", &kept).await;
        read(app, "clients", &person).await;
    }

    async fn a_client_with_leads_stays_unless_told_otherwise(app) {
        let person = created(app, "clients", client("Ana", "+17135550101")).await;
        let lead = created(app, "saleleads", json!({"client_id": person})).await;
        let address = at(app, &format!("clients/{person}"));
        let before = app.snapshot().await;
        app.delete(&address).send().await.expect(409);
        app.delete(&format!("{address}?cascade=false")).send().await.expect(409);
        assert_eq!(app.snapshot().await, before);
        app.delete(&format!("{address}?cascade=true")).send().await.expect(200);
        app.get(&at(app, &format!("saleleads/{lead}"))).send().await.expect(404);
        app.get(&address).send().await.expect(404);
    }

    async fn a_version_that_is_behind_is_refused(app) {
        let note = created(app, "notes", json!({"content": "One"})).await;
        let address = at(app, &format!("notes/{note}"));
        assert_eq!(app.delete(&address).header("if-match", "\"3\"").send().await.problem(412), "precondition_failed");
        app.delete(&address).header("if-match", "\"0\"").send().await.expect(200);
    }
}
