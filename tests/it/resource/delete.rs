//! What goes with a document, and what keeps it.

use forecourt_testkit::both;
use serde_json::json;

use super::*;

both! {
    async fn a_lead_goes_with_what_belongs_to_it(app) {
        for (kind, lead_type) in
            [("saleleads", "salelead"), ("appraisalleads", "appraisallead"), ("aftersaleleads", "aftersalelead")]
        {
            let ana = ana(app, "+17135550101").await;
            let lead = create(app, kind, json!({"client_id": ana.id})).await;
            let mut children = Vec::new();
            for child in ["notes", "tasks", "dates", "offers"] {
                let document = json!({"lead_id": lead.id, "lead_type": lead_type, "client_id": ana.id});
                children.push((child, create(app, child, document).await.id));
            }
            delete(app, kind, lead.id, false).await.unwrap();
            for (child, id) in children {
                assert_eq!(wrong(read(app, child, id).await).0, "not_found", "{child} of {kind}");
            }
            read(app, "clients", ana.id).await.unwrap();
            delete(app, "clients", ana.id, false).await.unwrap();
        }
    }

    async fn a_client_with_leads_stays_unless_they_go_too(app) {
        let ana = ana(app, "+17135550101").await;
        let contact: Id<()> = ana.doc["contacts"][0]["_id"].as_str().unwrap().parse().unwrap();
        let lead = create(app, "appraisalleads", json!({"client_id": ana.id})).await;
        let note = create(app, "notes", json!({"lead_id": lead.id, "lead_type": "appraisallead"})).await;
        let vehicle = create(app, "clientvehicles", json!({"owner_history": [{"client_id": ana.id}]})).await;
        let order = create(app, "repairorders", json!({"client_id": ana.id, "contact_id": contact})).await;
        let said = json!({"direction": "inbound", "from": "+17135550101", "to": "+17135550111", "body": "Hi"});
        let message = create(app, "whatsappmessages", said).await;
        let call = create(app, "conferences", json!({"client_number": "(713) 555-0101"})).await;
        let other = create(app, "conferences", json!({"client_number": "+17135550102"})).await;
        assert_eq!(wrong(delete(app, "clients", ana.id, false).await).0, "still_referenced");
        delete(app, "clients", ana.id, true).await.unwrap();
        for (name, id) in [
            ("clients", ana.id),
            ("contacts", contact),
            ("appraisalleads", lead.id),
            ("notes", note.id),
            ("whatsappmessages", message.id),
            ("conferences", call.id),
        ] {
            assert_eq!(wrong(read(app, name, id).await).0, "not_found", "{name}");
        }
        read(app, "conferences", other.id).await.unwrap();
        // What happened to the vehicle stays.
        read(app, "clientvehicles", vehicle.id).await.unwrap();
        read(app, "repairorders", order.id).await.unwrap();
        assert_eq!(app.client_of("phone", "+17135550101").await, None);
    }

    async fn the_messages_of_a_lead_stay_with_its_client(app) {
        let ana = ana(app, "+17135550101").await;
        let lead = create(app, "saleleads", json!({"client_id": ana.id})).await;
        let said = json!({"direction": "inbound", "from": "+17135550101", "to": "+17135550111", "body": "Hi"});
        let message = create(app, "whatsappmessages", said).await;
        delete(app, "saleleads", lead.id, false).await.unwrap();
        let shown = read(app, "whatsappmessages", message.id).await.unwrap();
        assert_eq!(shown["body"], "Hi");
    }
}
