//! What a wish covers, from when on, and who may lift it again.

use std::time::Duration;

use forecourt_crm::suppression::Address;
use forecourt_record::{Attempt, OptOut, WhatsappMessage, event::EventName, gate::Channel};
use forecourt_testkit::{TestApp, both};
use http::StatusCode;
use serde_json::{Value, json};

use super::{has_gone, quiet, suppressed, texts, writes};

const ANA: &str = "+17132345678";
const MAIL: &str = "ana@example.com";

/// Ana asks; her lead.
async fn ana(app: &TestApp) -> Value {
    let lead = json!({"name": "Ana Ruiz", "phone": ANA, "email": MAIL, "location": "houston"});
    app.post("/v1/leads").json(&lead).send().await.expect(201)
}

async fn happened(app: &TestApp, name: EventName) -> usize {
    app.events().await.iter().filter(|event| event.name == name).count()
}

/// The channels and addresses of Ana that are suppressed.
async fn everything_suppressed(app: &TestApp) -> Vec<(&'static str, &'static str)> {
    let mut all = Vec::new();
    for address in [ANA, MAIL] {
        for channel in Channel::ALL {
            if suppressed(app, channel.as_str(), address).await.is_some() {
                all.push((channel.as_str(), address));
            }
        }
    }
    all
}

/// What is answered to a text and a template sent to Ana by somebody.
async fn sending(app: &TestApp, lead: &Value) -> (StatusCode, StatusCode) {
    let text = json!({"direction": "outbound", "to": ANA, "body": "Hello"});
    let text = app.post(&format!("/dealers/{}/sms", app.dealer)).json(&text).send().await.status;
    let template = json!({"name": "offer_of_the_week", "language": "en", "parameters": []});
    let template = json!({"leadId": lead["id"], "template": template});
    (text, app.post("/v1/whatsapp/messages").json(&template).send().await.status)
}

both! {
    async fn a_wish_covers_its_channel_or_all_as_the_dealer_has_set(app) {
        const SENT: (StatusCode, StatusCode) = (StatusCode::OK, StatusCode::ACCEPTED);
        quiet(app, 0).await;
        let lead = ana(app).await;
        let everywhere: Vec<_> =
            [ANA, MAIL].iter().flat_map(|address| {
                let reaching = Channel::ALL.iter().filter(|channel| channel.reaches(address));
                reaching.map(move |channel| (channel.as_str(), *address))
            }).collect();
        for (setting, by_text) in
            [(OptOut::Channel, true), (OptOut::Channel, false), (OptOut::All, true), (OptOut::All, false)]
        {
            let about = format!("{setting:?}, by text: {by_text}");
            app.crm().dealer_change(&app.caller(), move |dealer| dealer.opt_out = setting).await.unwrap();
            assert_eq!(sending(app, &lead).await, SENT, "{about}");
            let said = |words: &'static str| async move {
                if by_text { texts(app, ANA, words).await } else { app.says(ANA, words).await.expect(200); }
            };
            said("STOP").await;
            let channel = if by_text { "sms" } else { "whatsapp" };
            let covered = if setting == OptOut::All { everywhere.clone() } else { vec![(channel, ANA)] };
            assert_eq!(everything_suppressed(app).await, covered, "{about}");
            let (text, template) = sending(app, &lead).await;
            assert_eq!((text == SENT.0, template == SENT.1), match (setting, by_text) {
                (OptOut::All, _) => (false, false),
                (OptOut::Channel, true) => (false, true),
                (OptOut::Channel, false) => (true, false),
            }, "{about}");
            said("START").await;
            assert_eq!(everything_suppressed(app).await, [], "{about}");
        }
        assert_eq!((happened(app, EventName::ClientOptedOut).await, happened(app, EventName::ClientOptedIn).await), (4, 4));
    }

    async fn a_wish_is_obeyed_before_what_was_due_before_it(app) {
        quiet(app, 0).await;
        let lead = ana(app).await;
        app.work().await;
        assert_eq!(sending(app, &lead).await.1, StatusCode::ACCEPTED);
        app.clock.set(app.clock.now() + Duration::from_secs(1));
        writes(app, "wamid.stop", ANA, "Stop.").await;
        app.work().await;
        let messages = app.all::<WhatsappMessage>().await;
        let template = messages.iter().find(|one| one.doc.template_id.is_some()).unwrap();
        assert_eq!(template.extra.attempt, Attempt::Failed);
        assert!(!has_gone(app, &template.id.to_string()).await);
        assert_eq!(happened(app, EventName::ClientOptedOut).await, 1);
    }

    async fn the_later_of_two_wishes_counts_however_often_each_is_delivered(app) {
        quiet(app, 0).await;
        ana(app).await;
        let second = || app.clock.set(app.clock.now() + Duration::from_secs(1));
        app.says(ANA, "STOP").await.expect(200);
        // Both are stored before either is carried out.
        second();
        writes(app, "wamid.start", ANA, "START").await;
        second();
        writes(app, "wamid.stop", ANA, "STOP").await;
        app.work().await;
        assert!(suppressed(app, "whatsapp", ANA).await.is_some());
        second();
        app.says(ANA, "START").await.expect(200);
        assert_eq!(suppressed(app, "whatsapp", ANA).await, None);
        second();
        writes(app, "wamid.stop", ANA, "STOP").await;
        app.work().await;
        assert_eq!(suppressed(app, "whatsapp", ANA).await, None, "delivered once more, it is no wish of today");
    }

    async fn what_somebody_else_has_suppressed_is_not_the_persons_to_lift(app) {
        quiet(app, 0).await;
        ana(app).await;
        app.suppress(ANA).await;
        app.says(ANA, "STOP").await.expect(200);
        app.says(ANA, "START").await.expect(200);
        assert_eq!(suppressed(app, "whatsapp", ANA).await.as_deref(), Some("asked for by a test"));
    }

    async fn a_list_stands_over_a_wish_that_came_before_it(app) {
        quiet(app, 0).await;
        ana(app).await;
        app.says(ANA, "STOP").await.expect(200);
        let listed = vec![(Channel::Whatsapp, Address::parse(ANA, "US").unwrap())];
        let added = app.crm().suppression_add(&app.caller(), listed.clone(), "national registry").await.unwrap();
        assert_eq!(added, 0, "she was not contacted before");
        app.says(ANA, "START").await.expect(200);
        assert_eq!(suppressed(app, "whatsapp", ANA).await.as_deref(), Some("national registry"));
        let disguised = app.crm().suppression_add(&app.caller(), listed, "opt-out word \"stop\"").await;
        assert_eq!(disguised.unwrap_err().fields[0].pointer, "reason");
    }

    async fn whoever_is_not_known_is_heard_too_and_so_is_a_chat(app) {
        quiet(app, 0).await;
        texts(app, "+17132220000", "alto").await;
        assert!(suppressed(app, "sms", "+17132220000").await.is_some());
        let message = json!({"direction": "inbound", "from": {"user_id": "visitor-7"}, "to": {"user_id": "site"}, "body": "Bitte keine Nachrichten mehr"});
        app.post(&format!("/dealers/{}/chatmessages", app.dealer)).json(&message).send().await.expect(200);
        assert!(suppressed(app, "chat", "visitor-7").await.is_some());
    }
}
