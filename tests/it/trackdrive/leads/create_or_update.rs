//! `POST` and `PUT /api/v1/leads/create_or_update`: whoever is there is changed, whoever is not is taken in.

use forecourt_record::{Client, Enrolment, SaleLead};
use forecourt_testkit::both;
use http::Method;
use serde_json::json;

use crate::trackdrive::{HOUR, NUMBER, OTHER, all, ask, put_lead, refused, schedule, send, statuses, token_of, tokens};

both! {
    async fn an_offer_is_for_a_schedule_that_contacts_nobody(app) {
        tokens(app).await;
        let token = token_of(app, "trackdrive.offer", "welcome").await;
        let told = refused(app, &token, &json!({"caller_id": OTHER})).await;
        assert_eq!(told, json!({"lead_token": ["an offer's token is for a schedule that contacts nobody"]}));
    }

    async fn the_published_line_works_as_it_is_printed(app) {
        let token = tokens(app).await.offer;
        // curl -H "Content-Type: application/json" -X POST -d '...' ".../api/v1/leads/create_or_update?lead_token=yourtoken"
        let path = format!("/api/v1/leads/create_or_update?lead_token={token}");
        let body = r#"{"caller_id":"+18004506787","data":{"loan_amount":"501"}}"#;
        let told = app.anonymous(Method::POST, &path).raw("application/json", body).send().await.expect(200);
        let lead = &told["lead"];
        assert_eq!((&told["success"], &told["status"], &told["errors"]), (&json!(true), &json!(200), &json!({})));
        assert_eq!(told["metadata"], json!({"root": "lead", "created": true, "dedupe": "none"}));
        assert_eq!((&lead["caller_id"], &lead["tokens"]), (&json!(NUMBER), &json!({"loan_amount": "501"})));
        assert_eq!((&lead["schedule_id"], &lead["offer_id"]), (&json!(null), &json!(2)));
        assert_eq!((&lead["email"], &lead["full_name"]), (&json!(null), &json!(null)));
        assert!(lead["id"].is_i64());
        app.work().await;
        let again = app.anonymous(Method::PUT, &path).raw("application/json", body).send().await.expect(200);
        assert_eq!(again["metadata"], json!({"root": "lead", "created": false, "dedupe": "updated"}));
        let lead = &again["lead"];
        assert_eq!((&lead["status"], &lead["human_status"]), (&json!("waiting"), &json!("Waiting for the person to call")));
        // An offer contacts nobody, however long it takes.
        app.pass(100 * HOUR).await;
        let [one] = all::<Enrolment>(app).await.try_into().unwrap();
        assert_eq!((one.doc.status.as_str(), one.doc.contact_attempts), ("waiting", 0));
        // What came in is a lead like any other, with its tokens.
        let [lead] = all::<SaleLead>(app).await.try_into().unwrap();
        assert_eq!(lead.doc.custom.unwrap().0, json!({"tokens": {"loan_amount": "501"}}));
        assert_eq!(lead.doc.origin.unwrap().source.as_deref(), Some("offer"));
    }

    async fn a_form_and_an_address_say_the_same_as_json(app) {
        let token = tokens(app).await.schedule;
        let form = format!(
            "lead_token={token}&caller_id=%28713%29+784-0258&first_name=Ana&last_name=Ruiz&data%5Bmake%5D=Ford&email=ana%40example.com"
        );
        let path = "/api/v1/leads/create_or_update";
        let told = app.anonymous(Method::POST, path).raw("application/x-www-form-urlencoded", form).send().await.expect(200);
        let lead = told["lead"].clone();
        assert_eq!((&lead["caller_id"], &lead["full_name"], &lead["email"]), (&json!(OTHER), &json!("Ana Ruiz"), &json!("ana@example.com")));
        assert_eq!(lead["tokens"], json!({"first_name": "Ana", "last_name": "Ruiz", "make": "Ford"}));
        // The zone and the state of a Houston number.
        assert_eq!(
            (&lead["time_zone"], &lead["state_province"], &lead["country"]),
            (&json!("America/Chicago"), &json!("TX"), &json!("US"))
        );
        // All in the address, its plus sign not escaped; the body wins.
        let path = format!("{path}?caller_id=+17137840258&make=Kia&model=Rio");
        let told = app.anonymous(Method::POST, &path).json(&json!({"schedule_lead_token": token, "make": "Fiat"})).send().await.expect(200);
        assert_eq!(told["lead"]["id"], lead["id"]);
        assert_eq!((&told["lead"]["tokens"]["make"], &told["lead"]["tokens"]["model"]), (&json!("Fiat"), &json!("Rio")));
        let told = app.anonymous(Method::POST, &format!("{path}&lead_token={token}")).send().await.expect(200);
        assert_eq!(told["metadata"]["created"], false);
        assert_eq!(all::<SaleLead>(app).await.len(), 1);
    }

    async fn a_schedule_is_begun_and_gone_on_with(app) {
        let token = tokens(app).await.schedule;
        let told = put_lead(app, &token, &json!({"caller_id": OTHER})).await["lead"].clone();
        assert_eq!((&told["status"], &told["schedule_id"], &told["offer_id"]), (&json!("scheduled"), &json!(1), &json!(null)));
        app.pass(2 * HOUR).await;
        let told = put_lead(app, &token, &json!({"caller_id": OTHER, "email": "new@example.com", "full_name": "Ana Ruiz"})).await["lead"].clone();
        assert_eq!((&told["status"], &told["human_status"]), (&json!("queue"), &json!("Waiting to be called")));
        assert_eq!((&told["email"], &told["full_name"]), (&json!("new@example.com"), &json!("Ana Ruiz")));
        let client = all::<Client>(app).await.pop().unwrap();
        assert_eq!(client.doc.email(), Some("new@example.com"));
        app.work().await;
        assert_eq!(statuses(app).await, ["queue"]);
    }

    async fn a_hundred_at_once_are_one_lead_whatever_the_rule(app) {
        // Where each makes a lead of its own, one behind the other, fewer will do.
        for (rule, many) in [("update", 100), ("allow", 100), ("expire_existing", 20), ("reject", 100)] {
            let token = schedule(app, rule, json!({"actions": [{"do": "dial"}], "duplicates": rule})).await;
            let before = (all::<SaleLead>(app).await.len(), all::<Enrolment>(app).await.len());
            let number = json!({"caller_id": OTHER, "data": {"rule": rule}});
            let tasks: Vec<_> = (0..many)
                .map(|_| tokio::spawn(ask(app, "leads/create_or_update", &token).json(&number).send()))
                .collect();
            let (mut created, mut refused) = (0, 0);
            for task in tasks {
                let answer = task.await.unwrap();
                refused += usize::from(answer.status == 422);
                created += usize::from(answer.json()["metadata"]["created"] == json!(true));
            }
            app.work().await;
            let mine = all::<Enrolment>(app).await;
            let mine: Vec<_> = mine.iter().filter(|one| one.doc.tokens.get("rule") == Some(rule)).collect();
            assert_eq!(mine.iter().filter(|one| one.doc.status.is_live()).count(), 1, "{rule}");
            let expected = match rule {
                "expire_existing" => (many, 0),
                "reject" => (1, many - 1),
                _ => (1, 0),
            };
            assert_eq!((created, refused), expected, "{rule}");
            assert_eq!(mine.len(), created, "{rule}");
            // The very same enquiry is one lead for the house.
            assert_eq!(all::<SaleLead>(app).await.len(), before.0.max(1), "{rule}");
        }
        assert_eq!(all::<Client>(app).await.len(), 1);
    }

    async fn somebody_is_there_already_and_the_schedule_says_what_then(app) {
        let actions = json!([{"do": "wait", "hours": 1}, {"do": "dial"}]);
        let end = json!([{"do": "modify_lead", "tokens": {"ended": "yes"}}]);
        for (rule, created, dedupe) in [("update", false, "updated"), ("allow", false, "updated"), ("expire_existing", true, "replaced")] {
            let token = schedule(app, rule, json!({"actions": actions, "at_end": end, "duplicates": rule})).await;
            put_lead(app, &token, &json!({"caller_id": OTHER})).await;
            let told = put_lead(app, &token, &json!({"caller_id": OTHER, "again": 1})).await;
            assert_eq!((&told["metadata"]["created"], &told["metadata"]["dedupe"]), (&json!(created), &json!(dedupe)), "{rule}");
            assert_eq!(told["lead"]["tokens"], json!({"again": "1"}), "{rule}");
        }
        app.work().await;
        let ended: Vec<_> = all::<Enrolment>(app).await.into_iter().filter(|one| !one.doc.status.is_live()).collect();
        assert_eq!(ended.len(), 1);
        // What expires does what the schedule does at its end.
        assert_eq!((ended[0].doc.status.as_str(), ended[0].doc.tokens.get("ended")), ("completed", Some("yes")));
        let token = schedule(app, "reject", json!({"actions": actions, "duplicates": "reject"})).await;
        put_lead(app, &token, &json!({"caller_id": OTHER})).await;
        let before = app.snapshot().await;
        assert_eq!(refused(app, &token, &json!({"caller_id": OTHER})).await, json!({"caller_id": ["is a live lead of this schedule already"]}));
        assert_eq!(app.snapshot().await, before);
        // Whoever says that nobody is to be made does not mean a duplicate.
        put_lead(app, &token, &json!({"caller_id": OTHER, "update_only": "yes", "more": "x"})).await;
    }

    async fn the_newest_of_several_is_changed_or_all_of_them(app) {
        let token = schedule(app, "many", json!({"actions": [{"do": "dial"}], "duplicates": "allow"})).await;
        for at in 0..3 {
            let told = send(app, "leads", &token, &json!({"caller_id": OTHER, "at": at})).await.expect(200);
            assert_eq!(told["metadata"]["created"], true);
        }
        let changed = async |tokens: &str| {
            let all = all::<Enrolment>(app).await;
            all.iter().filter(|one| one.doc.tokens.get(tokens).is_some()).map(|one| one.doc.tokens.get("at").unwrap().to_owned()).collect::<Vec<_>>()
        };
        put_lead(app, &token, &json!({"caller_id": OTHER, "newest": 1})).await;
        assert_eq!(changed("newest").await, ["2"]);
        put_lead(app, &token, &json!({"caller_id": OTHER, "each": 1, "update_all_matching_leads": "on"})).await;
        assert_eq!(changed("each").await, ["2", "1", "0"]);
    }

    async fn mail_is_enough_where_nobody_is_called(app) {
        let Ok([calls, writes]) = <[String; 2]>::try_from(vec![
            tokens(app).await.schedule,
            schedule(app, "mail", json!({"actions": [{"do": "add_task", "description": "Write"}, {"do": "wait", "hours": 9}]})).await,
        ]) else { panic!("two tokens") };
        let mail = json!({"email": "Ana@Example.com", "full_name": "Ana"});
        assert_eq!(refused(app, &calls, &mail).await, json!({"caller_id": ["can't be blank"]}));
        let told = put_lead(app, &writes, &mail).await;
        assert_eq!((&told["lead"]["caller_id"], &told["lead"]["email"]), (&json!(null), &json!("ana@example.com")));
        let again = put_lead(app, &writes, &mail).await;
        assert_eq!((&again["metadata"]["created"], &again["lead"]["id"]), (&json!(false), &told["lead"]["id"]));
    }
}
