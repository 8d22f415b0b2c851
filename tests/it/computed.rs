//! Computed parts are exact: whatever is done to whichever kind, in whichever order, they are what follows from all
//! documents.

mod world;

use std::time::Duration;

use forecourt_record::{Code, WALCU_KINDS};
use forecourt_testkit::{TestApp, both};
use serde_json::{Value, json};

use world::World;

/// Acts of one run, and how often they are looked over.
const ACTS: usize = 250;
const LOOK: usize = 20;
/// Acts that are told of when a computed part is not exact.
const SHOWN: usize = 48;

async fn is_exact(app: &TestApp, log: &[String]) {
    let findings = app.crm().computed_verify(app.dealer).await.unwrap();
    assert!(findings.is_empty(), "{findings:#?}\nafter\n{}", log[log.len().saturating_sub(SHOWN)..].join("\n"));
}

async fn acts_at_random(app: &TestApp, seed: u64) {
    let mut world = World::new(app, seed).await;
    let mut log = Vec::new();
    let mut refused = 0;
    for at in 1..=ACTS {
        let (act, result) = world.act(app).await;
        log.push(act);
        match result {
            Ok(()) => {}
            Err(error) => {
                assert_ne!(error.code, Code::Internal, "{error:?}\nof\n{}", log.last().unwrap());
                refused += 1;
            }
        }
        if at % LOOK == 0 {
            is_exact(app, &log).await;
        }
        app.clock.advance(Duration::from_secs(17));
    }
    assert!(refused < ACTS / 2, "{refused} of {ACTS} acts were refused");
    for spec in WALCU_KINDS {
        assert!(world.made.contains(spec.name), "no {} was made", spec.singular);
    }
}

/// Several people who know the same documents, all at work at the same time.
async fn acts_at_once(app: &TestApp, seed: u64) {
    const PEOPLE: u64 = 6;
    let mut world = World::new(app, seed).await;
    for _ in 0..ACTS {
        world.act(app).await.1.ok();
    }
    for round in 0..5 {
        let work = (1..=PEOPLE).map(async |person| {
            let mut world = world.fork(seed + PEOPLE * round + person);
            let mut log = Vec::new();
            for _ in 0..8 {
                let (act, result) = world.act(app).await;
                let failed = result.as_ref().is_err_and(|error| error.code == Code::Internal);
                assert!(!failed, "{result:?}\nof\n{act}");
                log.push(format!("{person}: {act}"));
            }
            log
        });
        let log = futures::future::join_all(work).await.concat();
        is_exact(app, &log).await;
    }
}

/// The computed part of a document as it is answered.
async fn computed(app: &TestApp, kind: &str, id: &str) -> Value {
    let spec = WALCU_KINDS.iter().find(|spec| spec.name == kind).unwrap();
    let found = app.crm().resource_read(&app.caller(), spec, id.parse().unwrap()).await.unwrap();
    serde_json::from_str(&found.computed).unwrap()
}

async fn made(app: &TestApp, kind: &str, document: Value) -> String {
    let spec = WALCU_KINDS.iter().find(|spec| spec.name == kind).unwrap();
    let made = app.crm().resource_create(&app.caller(), spec, vec![document], None).await.unwrap();
    made[0].id.to_string()
}

both! {
    async fn any_acts_in_any_order_leave_every_computed_part_exact(app) {
        acts_at_random(app, 1).await;
        app.work().await;
    }

    async fn any_acts_at_the_same_time_leave_every_computed_part_exact(app) {
        acts_at_once(app, 1007).await;
    }

    async fn a_call_counts_for_the_client_that_has_its_number_and_for_its_leads(app) {
        let call = json!({
            "client_number": "+17135550142", "direction": "inbound", "made_at": "2026-11-20T10:00:00Z", "duration": 75,
            "note": "Asked for the price", "participants": [
                {"user_id": "second", "entered_at": "2026-11-20T10:00:30Z", "platform_name": "web"},
                {"user_id": "first", "entered_at": "2026-11-20T10:00:10Z", "left_at": "2026-11-20T10:00:20Z",
                 "platform_name": "phone", "platform_version": "7"},
            ],
        });
        let call = made(app, "conferences", call).await;
        let of_call = computed(app, "conferences", &call).await;
        assert_eq!(of_call["first_user_participant"], "first");
        assert_eq!((&of_call["first_user_platform"], &of_call["first_user_version"]), (&json!("phone"), &json!("7")));
        assert_eq!(of_call["longest_user_platform"], "web");
        assert_eq!(of_call["client_name"], Value::Null);

        // Who had called before is known from the first moment on.
        let contact = json!({"name": {"raw_name": "Ana Ruiz"}, "phones": ["+17135550142"]});
        let client = made(app, "clients", json!({"contacts": [contact]})).await;
        assert_eq!(computed(app, "conferences", &call).await["client_name"], "Ana Ruiz");
        let lead = made(app, "saleleads", json!({"client_id": client, "location": "houston"})).await;
        for (kind, id) in [("clients", &client), ("saleleads", &lead)] {
            let part = computed(app, kind, id).await;
            assert_eq!(part["client_number_of_calls"], 1, "{kind}");
            assert_eq!(part["client_number_of_inbound_communications"], 1, "{kind}");
            assert_eq!(part["client_last_call_date"], "2026-11-20T10:00:00.000Z", "{kind}");
            assert_eq!(part["client_call_durations"], json!([75]), "{kind}");
            assert_eq!(part["client_number_of_leads"], 1, "{kind}");
        }
    }

    async fn simultaneous_writes_around_one_client_lose_nothing(app) {
        let client = made(app, "clients", json!({"contacts": [{"phones": ["+17135550145"]}]})).await;
        let lead = made(app, "saleleads", json!({"client_id": client, "location": "houston"})).await;
        let call = json!({"client_number": "+17135550145", "direction": "inbound"});
        let acts = [
            ("notes", json!({"lead_id": lead, "content": "One"})),
            ("tasks", json!({"lead_id": lead, "client_id": client})),
            ("conferences", call),
            ("saleleads", json!({"client_id": client, "location": "berlin"})),
            ("dates", json!({"client_id": client})),
        ];
        let tasks: Vec<_> = (0..25).map(|at| {
            let (crm, caller) = (app.crm().clone(), app.caller());
            let (kind, document) = acts[at % acts.len()].clone();
            let spec = WALCU_KINDS.iter().find(|spec| spec.name == kind).unwrap();
            tokio::spawn(async move { crm.resource_create(&caller, spec, vec![document], None).await.map(drop) })
        }).collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let part = computed(app, "clients", &client).await;
        for name in ["number_of_notes", "number_of_tasks", "number_of_appointments", "client_number_of_calls"] {
            assert_eq!(part[name], 5, "{name}");
        }
        assert_eq!(part["client_number_of_leads"], 6);
        assert_eq!(computed(app, "saleleads", &lead).await["client_number_of_leads"], 6);
    }

    async fn what_belongs_to_a_lead_is_counted_there_and_at_its_client(app) {
        let client = made(app, "clients", json!({"contacts": [{"phones": ["+17135550143"]}]})).await;
        let lead = made(app, "appraisalleads", json!({"client_id": client, "location": "houston"})).await;
        let of_lead = json!({"lead_id": lead, "lead_type": "appraisallead"});
        let with = |more: Value| {
            let mut document = of_lead.clone();
            document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            document
        };
        let due = json!({"notify_at": "2026-12-01T09:00:00Z", "notify_to": ["somebody"]});
        made(app, "tasks", with(json!({"description": "Call back", "notification": due}))).await;
        made(app, "notes", with(json!({"content": "Has two cars"}))).await;
        let date = with(json!({"start_date": "2026-12-02T10:00:00Z", "created_by": "me"}));
        let date = made(app, "dates", date).await;
        made(app, "offers", with(json!({"status": "draft"}))).await;
        for (kind, id) in [("clients", &client), ("appraisalleads", &lead)] {
            let part = computed(app, kind, id).await;
            let numbers = ["number_of_tasks", "number_of_uncompleted_tasks", "number_of_notes", "number_of_appointments"];
            for name in numbers.into_iter().chain(["number_of_offers"]) {
                assert_eq!(part[name], 1, "{name} of {kind}");
            }
            assert_eq!(part["number_of_completed_tasks"], 0, "{kind}");
            assert_eq!(part["notes"], json!(["Has two cars"]), "{kind}");
            assert_eq!(part["client_oldest_undone_notification"], "2026-12-01T09:00:00.000Z", "{kind}");
            assert_eq!(part["appointments_created_by"], json!(["me"]), "{kind}");
        }
        let part = computed(app, "appraisalleads", &lead).await;
        assert_eq!(part["tasks"][0]["assigned_to"], json!(["somebody"]));
        assert_eq!(part["appointments"][0]["appointment_id"], json!(date));
        assert_eq!(computed(app, "dates", &date).await["lead_location"], "houston");
    }

    async fn a_lead_shows_the_cars_it_is_about_as_they_are_now(app) {
        let price = |price: i64| json!({"retail": {"current_price": {"price": price, "currency": "USD"}}});
        let car = json!({"make": "Ford", "model": "F-150", "prices": price(30_000), "images": ["a.jpg", "b.jpg"]});
        let car = made(app, "cars", car).await;
        let list = json!([
            {"car": {"make": "Seat", "price": 100.25, "quantity": 3}},
            {"car_id": car},
        ]);
        let lead = made(app, "saleleads", json!({"car_list": list, "location": "houston"})).await;
        let part = computed(app, "saleleads", &lead).await;
        assert_eq!((&part["number_of_cars"], &part["car_number_of_photos"]), (&json!(2), &json!(2)));
        assert_eq!((&part["car_make"], &part["car_id"]), (&json!("Ford"), &json!(car)));
        assert_eq!(part["total_price_of_lead"], json!(30_300.75));
        let of_car = computed(app, "cars", &car).await;
        assert_eq!((&of_car["price"], &of_car["car_main_image"]), (&json!(30_000), &json!("a.jpg")));
        assert_eq!(of_car["car_number_of_saleleads"], 1);

        let cars = WALCU_KINDS.iter().find(|spec| spec.name == "cars").unwrap();
        let patch = forecourt_crm::resource::Patch::Merge(json!({"prices": price(28_000)}));
        let version = app.crm().resource_read(&app.caller(), cars, car.parse().unwrap()).await.unwrap().version;
        app.crm().resource_patch(&app.caller(), cars, car.parse().unwrap(), patch, None).await.unwrap();
        assert_eq!(computed(app, "saleleads", &lead).await["car_current_price"], 28_000);

        // What follows from others is no change of the document itself.
        app.crm().resource_delete(&app.caller(), WALCU_KINDS.iter().find(|spec| spec.name == "saleleads").unwrap(),
            lead.parse().unwrap(), false, None).await.unwrap();
        let read = app.crm().resource_read(&app.caller(), cars, car.parse().unwrap()).await.unwrap();
        assert_eq!(computed(app, "cars", &car).await["car_number_of_saleleads"], 0);
        assert_eq!(read.version, version + 1);
    }

    async fn orders_and_vehicles_find_each_other_by_vin_and_plate(app) {
        let history = json!([
            {"date": "2024-01-01", "mileage": 1_000}, {"date": "2025-01-01", "mileage": 13_000},
            {"date": "2026-01-01", "mileage": 25_000},
        ]);
        let vehicle = json!({"make": "Seat", "license_plate": "1234BCD", "declared_mileage_history": history});
        let vehicle = made(app, "clientvehicles", vehicle).await;
        let order = |kind: &str, date: &str| {
            json!({"car_info": {"license_plate": "1234BCD"}, "type": kind, "date": date, "location": "berlin"})
        };
        let old = made(app, "repairorders", order("service", "2026-01-01")).await;
        let new = made(app, "repairorders", order("service", "2026-02-01")).await;
        let part = computed(app, "clientvehicles", &vehicle).await;
        assert_eq!((&part["number_of_orders"], &part["location"]), (&json!(2), &json!("berlin")));
        // 24,000 km in 731 days, of years of 365.25.
        assert_eq!(part["average_yearly_mileage"], 11_992);
        let shown: Vec<_> = part["orders"].as_array().unwrap().iter().map(|one| {
            (one["repair_order_id"].clone(), one["latest_of_type"].clone())
        }).collect();
        assert_eq!(shown, [(json!(new), json!(true)), (json!(old), json!(false))]);
        assert_eq!(computed(app, "repairorders", &old).await["vehicle"][0]["make"], "Seat");
    }

    async fn an_sms_is_answered_by_a_later_one_the_other_way(app) {
        let user = app.crm().config(app.dealer).await.unwrap().users[0].clone();
        let sms = |from: &str, to: &str, direction: &str| json!({
            "from": from, "to": to, "direction": direction, "body": "Hello", "users": [user.id], "custom": {"imported": true},
        });
        let first = made(app, "sms", sms("+17135550144", "+17135550199", "inbound")).await;
        assert_eq!(computed(app, "sms", &first).await["answered"], false);
        app.clock.advance(Duration::from_secs(1));
        let second = made(app, "sms", sms("+17135550199", "+17135550144", "outbound")).await;
        assert_eq!(computed(app, "sms", &first).await["answered"], true);
        let part = computed(app, "sms", &second).await;
        assert_eq!((&part["answered"], &part["user_emails"]), (&json!(false), &json!([user.doc.email])));
    }
}
