//! Lead tokens: keys that are for a schedule, or for an offer.

use forecourt_api::{Who, sent::Sent};
use forecourt_outreach::partner_lead::Token;
use forecourt_record::{Code, Error, Result};

/// Where a token may be; the first that has one counts.
pub const NAMES: &[&str] = &["lead_token", "schedule_lead_token", "offer_lead_token"];

/// The setting that makes a key the token of a schedule, which it names.
pub const SCHEDULE: &str = "trackdrive.schedule";
/// The same of an offer.
pub const OFFER: &str = "trackdrive.offer";

/// What the token of a request is for. A key that is for neither, that is for the other of the two than its place says,
/// or that stands beside another one, is no token.
pub fn of(who: &Who, sent: &Sent) -> Result<Token> {
    let unknown = || Error::new(Code::Unauthenticated, "Send the token of a schedule or an offer as `lead_token`.");
    let given = |name: &str| sent.0.get(name)?.as_str().map(str::trim).filter(|token| !token.is_empty());
    let mut all: Vec<&str> = NAMES.iter().filter_map(|name| given(name)).collect();
    all.dedup();
    let token = match (who.settings.get(SCHEDULE), who.settings.get(OFFER)) {
        (Some(schedule), None) => Token { schedule: schedule.clone(), by_offer: false },
        (None, Some(schedule)) => Token { schedule: schedule.clone(), by_offer: true },
        _ => return Err(unknown()),
    };
    let place = if token.by_offer { "schedule_lead_token" } else { "offer_lead_token" };
    if all.len() > 1 || given(place).is_some() {
        return Err(unknown());
    }
    Ok(token)
}
