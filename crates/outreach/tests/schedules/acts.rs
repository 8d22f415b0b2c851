//! What schedules do beside contacting people: leads handed over.

use forecourt_connect::Person;
use forecourt_crm::{Caller, Sight, settings::NewUser};
use forecourt_record::{Actor, Document, LeadId, SaleLead, User, event::EventName};
use serde_json::json;

use super::{HOUR, enrol, house, put};
use crate::house::House;

/// Another agent of the location, who has nothing to do yet.
async fn lee(house: &House) -> Document<User> {
    let user =
        json!({"email": "lee@demo.example", "name": "Lee", "role": "sales", "locations": ["houston"], "active": true});
    let user = NewUser { user: serde_json::from_value(user).unwrap(), password: None };
    let boss = Caller { actor: Actor::System, sight: Sight::All, ..house.caller.clone() };
    house.crm().user_add(&boss, user).await.unwrap()
}

async fn owner(house: &House, lead: LeadId) -> Option<String> {
    let owner = house.get::<SaleLead>(lead).await.doc.owner()?;
    Some(house.get::<User>(owner).await.doc.name)
}

#[tokio::test]
async fn a_lead_is_handed_to_whom_the_schedule_names_or_to_the_next_agent() {
    let house = house(Person::Ignores).await;
    lee(&house).await;
    let lead = house.lead().await;
    for (name, to, expected) in [
        ("by_name", json!("Lee"), Some("Lee")),
        ("by_id", json!(house.caller.actor.user().unwrap()), Some("Kim")),
        // Kim has a lead, Lee has none.
        ("by_routing", json!(null), Some("Lee")),
        // And now Kim has none.
        ("by_routing_again", json!(null), Some("Kim")),
    ] {
        let mut action = json!({"do": "assign"});
        if !to.is_null() {
            action["to"] = to;
        }
        put(&house, name, json!({"actions": [action.clone(), action]})).await;
        enrol(&house, lead, name).await;
        house.drain().await;
        assert_eq!(owner(&house, lead).await.as_deref(), expected, "{name}");
    }
    let handed = house.count_events(EventName::LeadAssigned).await;
    assert_eq!(handed, 4, "whoever has it is not handed it again");
    house.is_healthy().await;
}

#[tokio::test]
async fn whoever_has_left_gets_no_leads() {
    let house = house(Person::Ignores).await;
    let lee = lee(&house).await;
    put(&house, "later", json!({"actions": [{"do": "wait", "hours": 1}, {"do": "assign", "to": "Lee"}]})).await;
    let lead = house.lead().await;
    enrol(&house, lead, "later").await;
    house.drain().await;
    let boss = Caller { actor: Actor::System, sight: Sight::All, ..house.caller.clone() };
    house.crm().user_activate(&boss, &lee.doc.email, false).await.unwrap();
    house.pass(HOUR).await;
    assert_eq!(owner(&house, lead).await.as_deref(), Some("Kim"));
    house.is_healthy().await;
}
