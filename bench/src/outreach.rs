//! The works over outreach: people put on schedules through the doors that partners use, and schedules at work. The second
//! are no drives: `run/outreach.rs` has them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;
use serde_json::{Value, json};

use crate::client::post;
use crate::load::Call;
use crate::person;
use crate::subject::Access;
use crate::work::Backend;
use crate::work::{Work, bare_create};

/// Works that need a crowd on schedules: what is done for each by a worker, and how late it is.
pub const TASK: &str = "due-task";
pub const SMS: &str = "due-sms";
pub const LATENESS: &str = "lateness";
pub const NAMES: [&str; 3] = [TASK, SMS, LATENESS];

/// Puts a new person on a schedule, through each partner's document: person, lead, enrolment and job at once. The bare
/// side is that of `create`.
pub fn enrol(backend: Backend, access: &Access, people: &Arc<AtomicU64>) -> Vec<Work> {
    let asked = |path: String, body: fn(u64) -> Value| {
        let people = Arc::clone(people);
        Some(Call::new(StatusCode::OK, move |_| {
            post(&path, None, body(people.fetch_add(1, Ordering::Relaxed)).to_string())
        }))
    };
    let Access { dialler, trackdrive, .. } = access;
    vec![
        Work {
            name: "enrol-dialler",
            title: "dialler: add a lead, enrol",
            subject: asked(format!("/lead/add?key={dialler}"), dialler_lead),
            probe: |body| if body["processed"] == true { Ok(()) } else { Err(format!("not processed: {body}")) },
            reference: Some(bare_create(backend, people)),
            writes: true,
            ..Work::default()
        },
        Work {
            name: "enrol-trackdrive",
            title: "TrackDrive: create_or_update, enrol",
            subject: asked(format!("/api/v1/leads/create_or_update?lead_token={trackdrive}"), trackdrive_lead),
            probe: |body| {
                let is_new = body["success"] == true && body["metadata"]["created"] == true;
                if is_new { Ok(()) } else { Err(format!("not created: {body}")) }
            },
            reference: Some(bare_create(backend, people)),
            writes: true,
            ..Work::default()
        },
    ]
}

fn dialler_lead(n: u64) -> Value {
    json!({
        "first_name": "Bench", "surname": format!("Person {n}"), "mobile": person::phone(n),
        "email": format!("bench.{n}@example.com"), "type": "motor-trade", "subtype": "valeter",
        "data": {"vehicle_make": "Ford", "vehicle_model": "Focus"},
    })
}

fn trackdrive_lead(n: u64) -> Value {
    json!({
        "caller_id": person::phone(n), "email": format!("bench.{n}@example.com"), "first_name": "Bench",
        "last_name": format!("Person {n}"), "data": {"vehicle_make": "Ford", "vehicle_model": "Focus"},
    })
}

/// What a schedule does for each of a crowd: nothing that reaches anybody, or a text message.
pub fn definition(name: &str) -> Value {
    let action = match name {
        SMS => {
            json!({"do": "sms", "text": {"en": "Hi [first_name]{there}, are you still looking for [vehicle]{a car}?"}})
        }
        _ => json!({"do": "add_task", "description": "Decide what becomes of this lead"}),
    };
    json!({"actions": [action]})
}

/// A schedule that whoever waits is on: as often as it pleases, since there are fewer people than that.
pub fn waiting() -> Value {
    json!({"actions": [{"do": "add_task", "description": "Look at it again"}], "duplicates": "allow"})
}

/// The rules of contact in force, opened: each row is still gone through, and none holds anybody back, whatever time of
/// whatever day it is.
pub fn opened(mut rules: Value) -> Value {
    let day = json!([{"from": "00:00", "to": "24:00"}]);
    let week: Value =
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|name| (name, day.clone())).into_iter().collect();
    for window in rules["windows"].as_array_mut().into_iter().flatten() {
        window["hours"] = week.clone();
    }
    for off in rules["holidays"].as_array_mut().into_iter().flatten() {
        off["dates"] = json!(["2020-01-01"]);
    }
    for limit in rules["limits"].as_array_mut().into_iter().flatten() {
        limit["most"] = json!(999);
    }
    // Some of the leads came in months ago.
    for needed in rules["consent"].as_array_mut().into_iter().flatten() {
        needed["enquiry_days"] = json!(1_000);
    }
    rules["gap"]["seconds"] = json!(0);
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opened_rules_hold_nobody() {
        let rules = json!({
            "windows": [{"name": "night", "hours": {"mon": [{"from": "09:00", "to": "10:00"}]}}],
            "limits": [{"name": "once", "most": 1, "seconds": 3600}],
            "consent": [{"name": "asked", "enquiry_days": 90}],
            "gap": {"seconds": 30},
        });
        let opened = opened(rules);
        assert_eq!(opened["windows"][0]["hours"]["sun"], json!([{"from": "00:00", "to": "24:00"}]));
        assert_eq!((&opened["limits"][0]["most"], &opened["gap"]["seconds"]), (&json!(999), &json!(0)));
        assert_eq!(opened["consent"][0]["enquiry_days"], json!(1_000));
    }
}
