//! Who gets a lead: among the agents of its location on shift, the one with the least open leads, then the one
//! longest without a new one. The candidates and the reason are kept.

use forecourt_record::{Instant, Result, Routing, RoutingCandidate, UserId};
use forecourt_store::Tx;

use crate::Config;

/// Chooses an agent for a lead of `location`. On shift first; else anybody of the location, so that no lead is left
/// lying; else nobody, with the reason.
pub async fn route(tx: &mut Tx, config: &Config, location: Option<&str>) -> Result<Routing> {
    let now = tx.scope().now;
    let agents = agents(config, location);
    let on_shift: Vec<UserId> =
        agents.iter().copied().filter(|user| is_on_shift(config, *user, location, now)).collect();
    let (eligible, pool) = match (on_shift.is_empty(), agents.is_empty()) {
        (false, _) => (on_shift, "on shift"),
        (true, false) => (agents, "of the location, none being on shift"),
        (true, true) => {
            let reason = "nobody takes leads at this location".to_owned();
            return Ok(Routing { at: Some(now), reason, ..Routing::default() });
        }
    };
    let loads = tx.agents_by_load(&eligible).await?;
    let candidates: Vec<RoutingCandidate> = loads
        .iter()
        .map(|load| RoutingCandidate {
            user: load.user,
            open_leads: load.open_leads,
            last_assigned_at: load.last_assigned_at,
        })
        .collect();
    let reason = match loads.first() {
        Some(first) => format!(
            "least open leads ({}), then longest without a new one, of {} {pool}",
            first.open_leads,
            loads.len()
        ),
        None => "no candidate".to_owned(),
    };
    Ok(Routing { at: Some(now), chosen: loads.first().map(|load| load.user), candidates, reason })
}

fn agents(config: &Config, location: Option<&str>) -> Vec<UserId> {
    let serves = |locations: &[String]| location.is_none_or(|code| locations.iter().any(|one| one == code));
    config
        .users
        .iter()
        .filter(|user| user.doc.active && user.doc.role.takes_leads() && serves(&user.doc.locations))
        .map(|user| user.id)
        .collect()
}

fn is_on_shift(config: &Config, user: UserId, location: Option<&str>, now: Instant) -> bool {
    config.user(user).is_some_and(|user| {
        let zone = config.calendar(location).zone;
        forecourt_record::calendar::on_shift(now, &zone, &user.doc.shifts, &user.doc.leave)
    })
}
