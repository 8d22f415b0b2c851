//! Ninety days of invented business: the same people and cars at every start, told as if the last day were today.

use forecourt_connect::{Behaviour, Chat, Sandbox};
use forecourt_crm::{Caller, Crm, Sight, settings::NewUser};
use forecourt_record::{Actor, Bot, Clock, Context, Dealer, IdleAlert, Role, User, UserId};

use super::{
    dealership::{BERLIN, Dealership, HOUSTON},
    play::{Agent, Stage},
    stock,
    story::{self, DAY, DAYS},
};
use crate::{
    failure::{Failure, Result},
    output::progress,
};

/// The seed of all that is invented.
const SEED: u64 = 2026;

/// Who sells, beside those who log in: they only lend their names.
const SELLERS: &[(&str, &str, Role, &str)] = &[
    ("sofia.mendoza", "Sofia Mendoza", Role::Sales, HOUSTON.code),
    ("marcus.reed", "Marcus Reed", Role::Sales, HOUSTON.code),
    ("carla.ibarra", "Carla Ibarra", Role::Bdc, HOUSTON.code),
    ("jonas.weber", "Jonas Weber", Role::Sales, BERLIN.code),
    ("aylin.kaya", "Aylin Kaya", Role::Bdc, BERLIN.code),
];

/// Invents the business of a dealership that has none.
pub async fn fill(crm: &Crm, dealership: &Dealership) -> Result<()> {
    let begun = crm.now();
    progress(&format!("Inventing {DAYS} days of business: {} leads, {} vehicles...", story::LEADS, stock::CARS));
    // What the house would have sent and said by itself is not told: it would be thousands of jobs.
    settings(crm, dealership, |dealer| {
        dealer.bot.enabled = false;
        dealer.idle_alert.after_minutes = 0;
    })
    .await?;
    sellers(crm, dealership).await?;
    let end = begun;
    let start = end - DAY * DAYS as u32;
    let program = crm
        .authenticate(&dealership.altum_key, "altum")
        .await?
        .ok_or_else(|| Failure::new("The key of the demo opens nothing."))?
        .caller;
    let agents = agents(crm, dealership).await?;
    let context = Context::new(Clock::virtual_at(start), SEED);
    let chat = Chat::Sandbox(Sandbox::new(SEED, Behaviour::Silent));
    let mut stage = Stage::new(crm, &context, &chat, program, agents).await?;
    let mut cars = stock::stock(start);
    let mut stories = story::stories(start, end, &mut cars);
    stage.stock(&cars).await?;
    stage
        .play(&mut stories, start, end, |night| {
            let days = night.since(start).as_secs() / DAY.as_secs();
            if days.is_multiple_of(30) {
                progress(&format!("  {days} of {DAYS} days"));
            }
        })
        .await?;
    self::end(crm, dealership).await?;
    progress(&format!("Done in {:.1} s.", crm.now().since(begun).as_secs_f64()));
    Ok(())
}

/// From here on the house does by itself what it does.
pub async fn end(crm: &Crm, dealership: &Dealership) -> Result<()> {
    settings(crm, dealership, |dealer| (dealer.bot, dealer.idle_alert) = (Bot::default(), IdleAlert::default())).await
}

async fn settings(
    crm: &Crm,
    dealership: &Dealership,
    change: impl Fn(&mut Dealer) + Send + Sync + 'static,
) -> Result<()> {
    crm.dealer_change(&dealership.caller, change).await?;
    Ok(())
}

async fn sellers(crm: &Crm, dealership: &Dealership) -> Result<()> {
    for (login, name, role, place) in SELLERS {
        let user = User {
            email: format!("{login}@demo-motors.example"),
            name: (*name).to_owned(),
            role: *role,
            locations: vec![(*place).to_owned()],
            active: true,
            shifts: Vec::new(),
            leave: Vec::new(),
            alzura_id: None,
        };
        crm.user_add(&dealership.caller, NewUser { user, password: None }).await?;
    }
    Ok(())
}

/// Everybody who takes leads.
async fn agents(crm: &Crm, dealership: &Dealership) -> Result<Vec<Agent>> {
    let users = crm.user_list(&dealership.caller).await?;
    let caller = |id: UserId, user: &User| Caller {
        dealer: dealership.dealer,
        actor: Actor::User(id),
        dialect: "altum",
        sight: Sight::of_user(user),
        history: false,
    };
    let agents = users.iter().filter(|user| user.doc.role.takes_leads()).map(|user| Agent {
        caller: caller(user.id, &user.doc),
        number: user.extra.number,
        name: user.doc.name.clone(),
        places: user.doc.locations.clone(),
    });
    Ok(agents.collect())
}
