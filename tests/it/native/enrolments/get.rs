//! `GET /forecourt/v1/enrolments`.

use forecourt_record::Role;
use forecourt_testkit::{As, both};
use http::Method;
use serde_json::{Value, json};

use crate::native::{at, enrol, lead, put, waits};

fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

both! {
    async fn a_page_leads_to_the_next_and_every_enrolment_is_shown_once(app) {
        put(app, "one", &waits()).await.expect(201);
        let mut made = Vec::new();
        for at in 0..5 {
            made.push(enrol(app, &lead(app, &format!("+1713555010{at}")).await, "one").await["id"].clone());
        }
        made.reverse();
        let (mut seen, mut after) = (Vec::new(), String::new());
        for shown in [2, 2, 1] {
            let page = app.get(&at(&format!("enrolments?limit=2{after}"))).send().await.expect(200);
            assert_eq!((page["total"].clone(), ids(&page).len()), (json!(5), shown));
            seen.extend(ids(&page));
            after = page["next"].as_str().map(|next| format!("&after={next}")).unwrap_or_default();
        }
        assert_eq!((json!(seen), after), (json!(made), String::new()));
    }

    async fn filters_narrow_the_list_and_its_total(app) {
        put(app, "one", &waits()).await.expect(201);
        put(app, "two", &json!({"actions": [{"do": "dial"}]})).await.expect(201);
        let (ana, ben) = (lead(app, "+17135550100").await, lead(app, "+17135550101").await);
        for (lead, schedule) in [(&ana, "one"), (&ana, "two"), (&ben, "two")] {
            enrol(app, lead, schedule).await;
        }
        app.work().await;
        for (query, total) in [
            ("schedule=one".to_owned(), 1),
            ("schedule=two".to_owned(), 2),
            ("status=queue".to_owned(), 2),
            ("status=waiting&schedule=one".to_owned(), 1),
            ("status=completed".to_owned(), 0),
            (format!("lead={ana}"), 2),
            ("caller_id=%2B1%20713%20555%200101".to_owned(), 1),
            (format!("caller_id=%2B17135550101&lead={ana}"), 0),
        ] {
            let list = app.get(&at(&format!("enrolments?{query}"))).send().await.expect(200);
            assert_eq!((&list["total"], ids(&list).len()), (&json!(total), total), "{query}");
        }
        for (query, pointer) in [
            ("schedule=none", "query:schedule"),
            ("status=live", "query:status"),
            ("lead=L-9999", "query:lead"),
            ("lead=x", "query:lead"),
            ("caller_id=12", "query:caller_id"),
            ("after=17", "query:after"),
            ("limit=0", "query:limit"),
        ] {
            let answer = app.get(&at(&format!("enrolments?{query}"))).send().await;
            assert_eq!(answer.problem(400), "malformed_query", "{query}");
            assert_eq!(answer.pointers(), [pointer]);
        }
    }

    async fn users_bound_to_locations_see_those_of_theirs(app) {
        put(app, "one", &waits()).await.expect(201);
        let berlin = json!({"name": "Jonas", "phone": "+493012345678", "location": "berlin"});
        let there = app.post("/v1/leads").json(&berlin).send().await.expect(201)["id"].as_str().unwrap().to_owned();
        let far = enrol(app, &there, "one").await["id"].as_str().unwrap().to_owned();
        let near = enrol(app, &lead(app, "+17135550100").await, "one").await["id"].as_str().unwrap().to_owned();
        for (who, expected) in [
            (As::Role(Role::Manager), vec![near.clone(), far.clone()]),
            (As::Role(Role::Sales), vec![near.clone()]),
        ] {
            let list = app.ask(who, Method::GET, &at("enrolments")).await.send().await.expect(200);
            assert_eq!((ids(&list), &list["total"]), (expected.clone(), &json!(expected.len())), "{who:?}");
        }
        let hidden = app.ask(As::Role(Role::Sales), Method::GET, &at(&format!("enrolments/{far}"))).await.send().await;
        assert_eq!(hidden.problem(404), "not_found");
        let path = at(&format!("enrolments/{far}/end"));
        let hidden = app.ask(As::Role(Role::Sales), Method::POST, &path).await.send().await;
        assert_eq!(hidden.problem(404), "not_found");
    }
}
