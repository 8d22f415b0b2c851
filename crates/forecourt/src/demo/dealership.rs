//! Demo Motors: made where it is missing, in whatever state an earlier start left it.

use forecourt_connect::Sandbox;
use forecourt_crm::{Caller, Crm, access::NewKey, settings::NewUser};
use forecourt_record::{
    Bot, CredentialKind, Dealer, DealerId, DistanceUnit, IdleAlert, Location, OptOut, Right, Role, User,
    calendar::{BusinessCalendar, Holidays, Hours, LocalTime, Weekday, Zone},
    pacing::Dialling,
    pipeline::Pipeline,
    templates::Templates,
};

use super::{
    schedules,
    state::{Login, State},
};
use crate::{
    failure::{Failure, Result},
    system,
};

const NAME: &str = "Demo Motors";

/// What partners know the demo by.
pub const DEALER_ALZURA: i64 = 4_100_000;

/// What partners know the demo's user of a role by.
pub fn alzura(role: Role) -> Option<i64> {
    Role::ALL.iter().position(|one| *one == role).map(|at| DEALER_ALZURA + 1 + at as i64)
}

/// A branch of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub code: &'static str,
    pub name: &'static str,
    pub country: &'static str,
    pub zone: &'static str,
    pub language: &'static str,
    pub address: &'static str,
    /// Where its WhatsApp messages go out from.
    pub number: &'static str,
}

pub const HOUSTON: Place = Place {
    code: "houston",
    name: "Houston",
    country: "US",
    zone: "America/Chicago",
    language: "en",
    address: "8800 Katy Freeway, Houston, TX 77024",
    number: "+17135550100",
};

pub const BERLIN: Place = Place {
    code: "berlin",
    name: "Berlin",
    country: "DE",
    zone: "Europe/Berlin",
    language: "de",
    address: "Kaiserdamm 80, 14057 Berlin",
    number: "+493023125000",
};

/// The demo as a start shows it.
#[derive(Clone, Debug)]
pub struct Dealership {
    pub dealer: DealerId,
    pub caller: Caller,
    pub users: Vec<Login>,
    pub altum_key: String,
    pub walcu_key: String,
    pub autengo_key: String,
    pub dialler_key: String,
    pub trackdrive_schedule_token: String,
    pub trackdrive_offer_token: String,
    pub admin_key: String,
    pub webhook_secret: String,
}

/// Makes whatever is missing. Every step is written down before the next, so that a start that was broken off is gone
/// on with.
///
/// Errors: the store holds a demo whose passwords nobody remembers.
pub async fn ready(crm: &Crm, state: &mut State) -> Result<Dealership> {
    let dealer = dealer(crm, state).await?;
    state.save()?;
    let caller = system::caller(dealer);
    let there = crm.location_list(&caller).await?;
    for place in [HOUSTON, BERLIN] {
        if !there.iter().any(|location| location.doc.code == place.code) {
            crm.location_add(&caller, location(&place)?).await?;
        }
    }
    let there = crm.user_list(&caller).await?;
    for login in &state.users {
        match there.iter().find(|user| user.doc.email == login.email) {
            None => {
                let new = NewUser { user: user(login), password: Some(login.password.clone()) };
                crm.user_add(&caller, new).await?;
            }
            // An earlier version gave no numbers.
            Some(known) if known.doc.alzura_id.is_none() => {
                crm.user_alzura(&caller, &login.email, alzura(login.role)).await?;
            }
            Some(_) => {}
        }
    }
    crm.dealer_change(&caller, |dealer| dealer.alzura_id = dealer.alzura_id.or(Some(DEALER_ALZURA))).await?;
    let altum_key = working_key(crm, &caller, state.altum_key.take(), "Demo", Right::usual()).await?;
    let walcu_key = working_key(crm, &caller, state.walcu_key.take(), "Demo of Walcu", Right::usual()).await?;
    let admin_key = working_key(crm, &caller, state.admin_key.take(), "Demo administrator", administrator()).await?;
    (state.altum_key, state.admin_key) = (Some(altum_key.clone()), Some(admin_key.clone()));
    let autengo_key = working_key(crm, &caller, state.autengo_key.take(), "Demo of Autengo", Right::usual()).await?;
    (state.walcu_key, state.autengo_key) = (Some(walcu_key.clone()), Some(autengo_key.clone()));
    let dialler_key =
        working_key(crm, &caller, state.dialler_key.take(), "Demo of the dialler", Right::usual()).await?;
    state.dialler_key = Some(dialler_key.clone());
    schedules::put(crm, &caller).await?;
    let (schedule, offer) = (&mut state.trackdrive_schedule_token, &mut state.trackdrive_offer_token);
    let trackdrive_schedule_token =
        lead_token(crm, &caller, schedule, forecourt_dialect_trackdrive::SCHEDULE, schedules::WELCOME).await?;
    let trackdrive_offer_token =
        lead_token(crm, &caller, offer, forecourt_dialect_trackdrive::OFFER, schedules::OFFER).await?;
    state.save()?;
    if crm.dealer_of(&state.webhook_secret, CredentialKind::Webhook).await?.is_none() {
        crm.webhook_register(&caller, &state.webhook_secret, CredentialKind::Webhook).await?;
    }
    Ok(Dealership {
        dealer,
        caller,
        users: state.users.clone(),
        altum_key,
        walcu_key,
        autengo_key,
        dialler_key,
        trackdrive_schedule_token,
        trackdrive_offer_token,
        admin_key,
        webhook_secret: state.webhook_secret.clone(),
    })
}

/// The dealer of this store.
async fn dealer(crm: &Crm, state: &mut State) -> Result<DealerId> {
    let dealers = crm.dealer_list().await?;
    if let Some(known) = state.dealer_id.filter(|id| dealers.iter().any(|dealer| dealer.id == *id)) {
        return Ok(known);
    }
    // What was remembered is of another store, or was invented just now.
    let forgotten = state.is_new || state.dealer_id.is_some();
    let there = dealers.iter().find(|dealer| dealer.doc.name == NAME).map(|dealer| dealer.id);
    if let Some(id) = there
        && forgotten
        && !crm.user_list(&system::caller(id)).await?.is_empty()
    {
        return Err(Failure::new(format!(
            "The store holds a demo already, but its passwords are not in {}; name the folder that has them (--state), \
             or another store.",
            state.path().display()
        )));
    }
    if state.dealer_id.is_some() {
        state.renew(&crm.context)?;
    }
    let id = match there {
        Some(id) => id,
        None => crm.dealer_create(motors()?).await?.id,
    };
    state.dealer_id = Some(id);
    Ok(id)
}

fn zone(name: &str) -> Result<Zone> {
    Zone::parse(name).map_err(|reason| Failure::new(format!("{name}: {reason}.")))
}

fn motors() -> Result<Dealer> {
    Ok(Dealer {
        name: NAME.to_owned(),
        time_zone: zone(HOUSTON.zone)?,
        country: HOUSTON.country.to_owned(),
        currency: "USD".to_owned(),
        distance_unit: DistanceUnit::Mi,
        language: "en".to_owned(),
        duplicate_window_minutes: 24 * 60,
        pipeline: Pipeline::default(),
        idle_alert: IdleAlert::default(),
        bot: Bot::default(),
        templates: Templates::default(),
        contact_rules: None,
        dialling: Dialling::default(),
        opt_out: OptOut::default(),
        email: "sales@demo.example".parse().ok(),
        whatsapp_number: Some(HOUSTON.number.to_owned()),
        alzura_id: Some(DEALER_ALZURA),
    })
}

fn location(place: &Place) -> Result<Location> {
    use Weekday::{Fri, Mon, Sat, Thu, Tue, Wed};
    let time = |hour| LocalTime::new(hour, 0).unwrap_or(LocalTime::MIDNIGHT);
    let hours = Hours::weekly(&[Mon, Tue, Wed, Thu, Fri, Sat], time(9), time(19));
    Ok(Location {
        code: place.code.to_owned(),
        name: place.name.to_owned(),
        country: place.country.to_owned(),
        language: Some(place.language.to_owned()),
        address: Some(place.address.to_owned()),
        phone: Some(place.number.to_owned()),
        calendar: BusinessCalendar { zone: zone(place.zone)?, hours, holidays: Holidays::default() },
        whatsapp_number: Some(place.number.to_owned()),
        whatsapp_phone_number_id: Some(Sandbox::phone_number_id(place.number)),
    })
}

/// One user per role. Those who see only their location are one at each, so that each has somebody who takes leads.
fn user(login: &Login) -> User {
    let (name, places): (&str, &[&str]) = match login.role {
        Role::Admin => ("Alex Morgan", &[]),
        Role::Manager => ("Maria Delgado", &[]),
        Role::Bdc => ("James Carter", &[HOUSTON.code]),
        Role::Sales => ("Lena Fischer", &[BERLIN.code]),
        Role::Service => ("Victor Reyes", &[HOUSTON.code]),
        Role::Readonly => ("Nora Lang", &[]),
    };
    User {
        email: login.email.clone(),
        name: name.to_owned(),
        role: login.role,
        locations: places.iter().map(|place| (*place).to_owned()).collect(),
        active: true,
        shifts: Vec::new(),
        leave: Vec::new(),
        alzura_id: alzura(login.role),
    }
}

/// The key an earlier start made, if it still opens something; else a new one.
async fn working_key(
    crm: &Crm,
    caller: &Caller,
    known: Option<String>,
    name: &str,
    rights: Vec<Right>,
) -> Result<String> {
    working(crm, caller, known, NewKey::new(name, rights)).await
}

async fn working(crm: &Crm, caller: &Caller, known: Option<String>, new: NewKey) -> Result<String> {
    if let Some(key) = known
        && crm.authenticate(&key, "cli").await?.is_some_and(|who| who.caller.dealer == caller.dealer)
    {
        return Ok(key);
    }
    Ok(crm.key_create(caller, new).await?.1)
}

/// The same of a lead token: a key whose setting names a schedule.
async fn lead_token(
    crm: &Crm,
    caller: &Caller,
    known: &mut Option<String>,
    setting: &str,
    schedule: &str,
) -> Result<String> {
    let mut new = NewKey::new(&format!("Demo of {setting}"), vec![Right::LeadWrite]);
    new.settings.insert(setting.to_owned(), schedule.to_owned());
    let token = working(crm, caller, known.take(), new).await?;
    *known = Some(token.clone());
    Ok(token)
}

/// The usual rights, and to administer.
fn administrator() -> Vec<Right> {
    [Right::usual(), vec![Right::Administer]].concat()
}
