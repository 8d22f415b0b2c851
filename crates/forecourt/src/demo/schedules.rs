//! The schedules and lead types the demo has: examples of what a dealer may write.

use forecourt_crm::{Caller, Crm, schedule::NewSchedule};
use forecourt_record::{DiallerType, schedule::Definition};

use crate::failure::{Failure, Result};

/// Name, what it is for, definition.
const SCHEDULES: [(&str, &str, &str); 4] = [
    ("bdc-14-days", "Reach whoever has asked, over two weeks", include_str!("schedules/cadence.json")),
    ("appointment-reminder", "Remind of an appointment", include_str!("schedules/reminder.json")),
    ("no-show-revival", "Win back who did not come", include_str!("schedules/revival.json")),
    ("calls", "Call once", include_str!("schedules/calls.json")),
];

/// The lead types of the demo, and the group their calls belong to.
pub const LEAD_TYPES: [(&str, &str); 3] = [("motor-trade", "sales"), ("finance", "sales"), ("service", "service")];

/// Puts whatever is missing; what somebody has changed stays.
pub async fn put(crm: &Crm, caller: &Caller) -> Result<()> {
    for (name, description, definition) in SCHEDULES {
        let config = crm.config(caller.dealer).await?;
        if config.schedule_named(name).is_none() {
            let definition = read(definition)?;
            let new = NewSchedule {
                name: name.to_owned(),
                description: Some(description.to_owned()),
                active: true,
                definition,
            };
            crm.schedule_put(caller, new).await?;
        }
    }
    for (name, group) in LEAD_TYPES {
        let config = crm.config(caller.dealer).await?;
        if config.lead_type(name).is_none() {
            let kind = DiallerType {
                name: name.to_owned(),
                schedule: "calls".to_owned(),
                call_group: group.to_owned(),
                origin: name.to_owned(),
                location: Some(super::dealership::HOUSTON.code.to_owned()),
                active: true,
            };
            crm.lead_type_put(caller, kind).await?;
        }
    }
    Ok(())
}

fn read(text: &str) -> Result<Definition> {
    serde_json::from_str(text).map_err(|error| Failure::new(format!("A schedule of the demo cannot be read: {error}.")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use forecourt_record::{Shape, pipeline::Pipeline, schedule::Known};

    use super::*;

    #[test]
    fn the_shipped_schedules_make_sense() {
        let pipeline = Pipeline::default();
        for (name, _, text) in SCHEDULES {
            assert_eq!(Shape::of::<Definition>().check(&serde_json::from_str(text).unwrap()), [], "{name}");
            assert_eq!(read(text).unwrap().check(&Known { pipeline: &pipeline, schedules: &[] }), [], "{name}");
        }
    }
}
