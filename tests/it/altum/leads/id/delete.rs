//! `DELETE /v1/leads/{id}`: gone for good, and the log keeps nothing personal.

use std::time::Duration;

use forecourt_record::{
    CalendarDate, ChatSession, Client, ClientVehicle, Conference, EmailMessage, Kind as _, Note, Offer, Role, SaleLead,
    Sms, Task, WhatsappMessage, WhatsappSession, event::EventName,
};
use forecourt_testkit::{As, both};
use http::Method;
use serde_json::json;

use crate::altum::{bea, create, jose, list, phone, read, with};

const HOUR: Duration = Duration::from_hours(1);

both! {
    async fn everything_of_the_person_goes_with_the_last_lead(app) {
        let name = "Zebulon Quartermaine";
        let lead = with(bea(), json!({"name": name, "email": "zebulon@quartermaine.example", "notes": "Likes teal"}));
        let id = create(app, lead).await;
        app.pass(HOUR).await;
        app.says("+17135550123", "Zebulon here, still teal?").await;
        let send = json!({"leadId": id, "body": "Sure, Zebulon"});
        app.post("/v1/whatsapp/messages").json(&send).send().await.expect(202);
        // Long enough for an idle alert, which is a task.
        app.pass(6 * HOUR).await;
        assert_eq!(app.all::<Task>().await.len(), 1);
        assert_eq!(app.all::<Note>().await.len(), 1);
        assert!(app.all::<WhatsappMessage>().await.len() >= 3);

        let answer = app.delete(&format!("/v1/leads/{id}")).send().await;
        answer.expect(204);
        assert!(answer.bytes.is_empty());
        app.get(&format!("/v1/leads/{id}")).send().await.expect(404);
        app.delete(&format!("/v1/leads/{id}")).send().await.expect(404);
        assert_eq!(list(app, "/v1/leads?q=zebulon").await["total"], 0);
        assert!(app.all::<Client>().await.is_empty());
        assert!(app.all::<WhatsappMessage>().await.is_empty());
        assert!(app.all::<WhatsappSession>().await.is_empty());
        assert!(app.all::<Note>().await.is_empty());
        assert!(app.all::<Task>().await.is_empty());
        assert_eq!(app.client_of("phone", "+17135550123").await, None);
        assert_eq!(app.client_of("email", "zebulon@quartermaine.example").await, None);

        let events = app.events().await;
        assert_eq!(events[0].name, EventName::LeadErased);
        let log = format!("{events:?}").to_lowercase();
        for trace in ["zebulon", "quartermaine", "5550123", "teal"] {
            assert!(!log.contains(trace), "the log still says {trace}");
        }
        // Nobody is written to any more, and the person may come back as somebody new.
        app.pass(24 * HOUR).await;
        assert!(app.all::<WhatsappMessage>().await.is_empty());
        create(app, bea()).await;
    }

    async fn what_was_said_on_any_channel_goes_with_the_person(app) {
        create(app, bea()).await;
        let client = app.all::<Client>().await[0].clone();
        let lead = app.all::<SaleLead>().await[0].id;
        let phone = client.doc.phone().unwrap();
        for number in [phone, "+493055501999"] {
            let mail = format!("{}@example.com", number.trim_start_matches('+'));
            for (spec, doc) in [
                (Conference::SPEC, json!({"client_number": number, "direction": "inbound", "note": "Called"})),
                (Sms::SPEC, json!({"from": number, "to": "+17135550000", "direction": "inbound", "body": "Hello"})),
                (EmailMessage::SPEC, json!({"from": number, "to": [mail], "direction": "inbound"})),
                (ChatSession::SPEC, json!({"client_info": {"phone": number}})),
            ] {
                app.crm().resource_create(&app.caller(), spec, vec![doc], None).await.unwrap();
            }
        }
        for (spec, doc) in [
            (CalendarDate::SPEC, json!({"lead_id": lead, "client_id": client.id, "title": "Test drive"})),
            (Offer::SPEC, json!({"lead_id": lead, "lead_type": "salelead", "status": "draft"})),
            (ClientVehicle::SPEC, json!({"make": "Ford", "owner_history": [{"client_id": client.id}]})),
        ] {
            app.crm().resource_create(&app.caller(), spec, vec![doc], None).await.unwrap();
        }

        app.delete("/v1/leads/L-1000").send().await.expect(204);
        assert!(app.all::<Client>().await.is_empty());
        assert!(app.all::<CalendarDate>().await.is_empty());
        assert!(app.all::<Offer>().await.is_empty());
        // What was said with somebody else stays.
        let left = [
            app.all::<Conference>().await.len(),
            app.all::<Sms>().await.len(),
            app.all::<EmailMessage>().await.len(),
            app.all::<ChatSession>().await.len(),
        ];
        assert_eq!(left, [1; 4]);
        assert_eq!(app.all::<ClientVehicle>().await.len(), 1);
    }

    async fn the_log_keeps_who_deleted_which(app) {
        let id = create(app, jose()).await;
        let stored = app.all::<SaleLead>().await[0].id;
        let manager = app.ask(As::Role(Role::Manager), Method::DELETE, &format!("/v1/leads/{id}")).await;
        manager.send().await.expect(204);
        let events = app.events().await;
        assert_eq!((events[0].name, events[0].id), (EventName::LeadErased, stored.cast()));
        let config = app.crm().config(app.dealer).await.unwrap();
        assert_eq!(events[0].actor.user(), config.user_by_number(2).map(|user| user.id));
        assert_eq!(events[0].data, json!({}));
    }

    async fn a_person_with_another_lead_stays(app) {
        let first = create(app, jose()).await;
        let second = create(app, with(jose(), json!({"location": "berlin", "notes": "second"}))).await;
        app.delete(&format!("/v1/leads/{first}")).send().await.expect(204);
        let clients = app.all::<Client>().await;
        assert_eq!(clients.len(), 1);
        assert_eq!(clients[0].computed.client_number_of_sale_leads, Some(1));
        assert_eq!(read(app, &second).await["notes"], "second");
        assert!(app.client_of("phone", "+17135550100").await.is_some());
    }

    async fn an_agents_load_goes_down_with_it(app) {
        app.dismiss_agents().await;
        let ana = app.hire("Ana", Role::Sales, &["houston"]).await;
        let ben = app.hire("Ben", Role::Sales, &["houston"]).await;
        for at in 0..2 {
            create(app, with(jose(), json!({"phone": phone(at), "assignedTo": ana.id}))).await;
        }
        app.delete("/v1/leads/L-1000").send().await.expect(204);
        app.delete("/v1/leads/L-1001").send().await.expect(204);
        // Ana has none open again; Ben, who never had one, has waited longer.
        app.clock.advance(Duration::from_mins(1));
        let one = create(app, jose()).await;
        assert_eq!(read(app, &one).await["assignedTo"], json!(ben.id));
        let two = create(app, with(jose(), json!({"phone": phone(9)}))).await;
        assert_eq!(read(app, &two).await["assignedTo"], json!(ana.id));
    }

    async fn a_message_on_its_way_is_not_sent_any_more(app) {
        let id = create(app, bea()).await;
        app.delete(&format!("/v1/leads/{id}")).send().await.expect(204);
        app.pass(HOUR).await;
        assert!(app.all::<WhatsappMessage>().await.is_empty());
    }

    async fn a_late_status_of_an_erased_message_brings_nothing_back(app) {
        let id = create(app, bea()).await;
        app.work().await;
        // Sent, and what the provider has to say of it is still to come.
        app.delete(&format!("/v1/leads/{id}")).send().await.expect(204);
        app.pass(HOUR).await;
        let counts = app.counts().await;
        assert_eq!((counts["messages"], counts["clients"], counts["leads"]), (0, 0, 0));
    }
}
