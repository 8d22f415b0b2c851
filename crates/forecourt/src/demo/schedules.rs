//! The schedules and lead types the demo has: examples of what a dealer may write.

use forecourt_crm::{Caller, Crm, schedule::NewSchedule};
use forecourt_record::{DiallerType, schedule::Definition};

use crate::failure::{Failure, Result};

/// Name, what it is for, definition.
const SCHEDULES: [(&str, &str, &str); 6] = [
    ("bdc-14-days", "Reach whoever has asked, over two weeks", include_str!("schedules/cadence.json")),
    ("appointment-reminder", "Remind of an appointment", include_str!("schedules/reminder.json")),
    ("no-show-revival", "Win back who did not come", include_str!("schedules/revival.json")),
    ("calls", "Call once", include_str!("schedules/calls.json")),
    (WELCOME, "Greet and call whoever a partner sends", include_str!("schedules/welcome.json")),
    (OFFER, "Know who calls: what partners tell beforehand", include_str!("schedules/offer.json")),
];

/// The schedules that partners' lead tokens are for.
pub const WELCOME: &str = "partner-leads";
pub const OFFER: &str = "partner-offer";

/// The pool of numbers that these are called and written to from.
const POOL: (&str, &str) = ("partners", include_str!("schedules/pool.json"));

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
                active: Some(true),
                definition,
            };
            crm.schedule_put(caller, new).await?;
        }
    }
    if !crm.pool_list(caller).await?.iter().any(|pool| pool.doc.name == POOL.0) {
        let pool = serde_json::from_str(POOL.1);
        let pool = pool.map_err(|error| Failure::new(format!("The pool of the demo cannot be read: {error}.")))?;
        crm.pool_put(caller, POOL.0, pool).await?;
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
    use forecourt_record::{Shape, pipeline::Pipeline, pool::Pool, schedule::Known};

    use super::*;

    #[test]
    fn the_shipped_pool_makes_sense() {
        let pool: serde_json::Value = serde_json::from_str(POOL.1).unwrap();
        assert_eq!(Shape::of::<Pool>().check(&pool), []);
        assert_eq!(serde_json::from_value::<Pool>(pool).unwrap().check(&[WELCOME, OFFER]), []);
    }

    #[test]
    fn the_shipped_schedules_make_sense() {
        let pipeline = Pipeline::default();
        let known = Known { pipeline: &pipeline, schedules: &[], locations: &[], agents: &[] };
        for (name, _, text) in SCHEDULES {
            assert_eq!(Shape::of::<Definition>().check(&serde_json::from_str(text).unwrap()), [], "{name}");
            assert_eq!(read(text).unwrap().check(&known), [], "{name}");
        }
    }
}
