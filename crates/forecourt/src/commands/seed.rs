//! `forecourt seed`: invented leads in bulk, through the real intake, for measurements.

mod vehicles;
mod words;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use clap::Args;
use forecourt_crm::{Caller, Crm, Ref, lead::LeadChange};
use forecourt_record::{Clock, Error, Instant, LeadId, error::Kind, scoring::Answers};
use futures::future::try_join_all;
use serde_json::json;

use super::Whose;
use crate::{
    demo::{self, dealership::HOUSTON, dice::Dice, people},
    failure::{Failure, Result},
    output::Output,
    serving::Stop,
    system,
};

/// Enquiries under way at once: two groups of the writer.
const LANES: u64 = 512;
/// They came in over so many days.
const DAYS: Duration = Duration::from_hours(90 * 24);
/// The first ones are new and in Houston, so that a question for those finds a page of them.
const PLAIN: u64 = 32;
/// How often a lead is tried again that met a busy database.
const TRIES: u32 = 6;
/// Leads whose jobs are taken away in one transaction.
const TOGETHER: usize = 32;
const PURPOSE: u32 = 8;

#[derive(Args, Debug)]
pub struct Seed {
    /// How many
    #[arg(long, value_name = "N", default_value_t = 0, required_unless_present = "vehicles")]
    leads: u64,
    /// How many vehicles for the stock, instead of leads
    #[arg(long, value_name = "N", conflicts_with = "leads")]
    vehicles: Option<u64>,
    #[command(flatten)]
    whose: Whose,
}

/// What all lanes share.
struct Crowd {
    caller: Caller,
    next: AtomicU64,
    leads: u64,
    /// People before this number are there already.
    first: u64,
    start: Instant,
    stop: Stop,
}

pub async fn run(seed: Seed, output: Output) -> Result<()> {
    if let Some(vehicles) = seed.vehicles {
        return vehicles::run(seed.whose, vehicles, output).await;
    }
    let stop = Stop::on_signal()?;
    let at = seed.whose.open().await?;
    let result = add(&at.crm, &at.caller, seed.leads, stop).await;
    let (leads, seconds) = at.close(result).await?;
    let rate = leads as f64 / seconds.max(0.001);
    output.give(&json!({"leads": leads, "seconds": seconds}), || {
        format!("{leads} leads were added in {seconds:.1} s, {rate:.0} a second.")
    })
}

/// Adds them, with the bot off. Says how many, and in how many seconds.
async fn add(crm: &Crm, caller: &Caller, leads: u64, stop: Stop) -> Result<(u64, f64)> {
    let begun = crm.now();
    let there = crm.lead_list(caller, demo::newest(1), |page, _| page.total).await?;
    let bot = crm.config(caller.dealer).await?.dealer.doc.bot.enabled;
    // A change of status would write to thousands of people.
    crm.dealer_change(caller, |dealer| dealer.bot.enabled = false).await?;
    let crowd = Arc::new(Crowd {
        caller: caller.clone(),
        next: AtomicU64::new(0),
        leads,
        first: demo::PEOPLE + u64::try_from(there).unwrap_or(0),
        start: begun - DAYS,
        stop,
    });
    let lanes = (0..LANES.min(leads)).map(|_| tokio::spawn(lane(crm.clone(), crowd.clone())));
    let ended = try_join_all(lanes).await;
    crm.dealer_change(caller, move |dealer| dealer.bot.enabled = bot).await?;
    let added: Vec<u64> = ended
        .map_err(|error| Failure::new(format!("A lane ended: {error}.")))?
        .into_iter()
        .collect::<Result<_, Error>>()?;
    Ok((added.iter().sum(), crm.now().since(begun).as_secs_f64()))
}

/// Takes one lead after the other in, each at its own instant. Says how many.
async fn lane(crm: Crm, crowd: Arc<Crowd>) -> Result<u64, Error> {
    let clock = Clock::virtual_at(crowd.start);
    let mut context = crm.context.clone();
    context.clock = clock.clone();
    let crm = Crm::new(crm.store.clone(), context);
    let (mut added, mut moved) = (0, Vec::new());
    while !crowd.stop.is_told() {
        let n = crowd.next.fetch_add(1, Relaxed);
        if n >= crowd.leads {
            break;
        }
        clock.set(crowd.start + DAYS.mul_f64(n as f64 / crowd.leads as f64));
        let mut tries = 0;
        loop {
            match one(&crm, &crowd, n).await {
                Ok(lead) => break moved.extend(lead),
                Err(error) if error.code.kind() == Kind::Unavailable && tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
        added += 1;
        if moved.len() == TOGETHER {
            system::unfollow(&crm, &crowd.caller, std::mem::take(&mut moved)).await?;
        }
    }
    system::unfollow(&crm, &crowd.caller, moved).await?;
    Ok(added)
}

/// One person asks. Every fifth lead has come further than that since: those are named.
async fn one(crm: &Crm, crowd: &Crowd, n: u64) -> Result<Option<LeadId>, Error> {
    let who = crowd.first + n;
    let mut dice = Dice::new(PURPOSE, who);
    let is_plain = n < PLAIN;
    let person =
        if is_plain { people::Person::of(who, HOUSTON, &mut dice) } else { people::Person::any(who, &mut dice) };
    let source = person.source(&mut dice);
    let answers = if is_plain { good() } else { people::answers(&mut dice) };
    let mut enquiry = person.enquiry(source, answers);
    enquiry.email = Some(person.email.clone());
    enquiry.inquiry = dice.percent(30).then(|| "Saw the offer online. Please call me about a test drive.".to_owned());
    let received = crm.lead_receive(&crowd.caller, enquiry, None).await?;
    if is_plain || received.filter == "Reject" || !dice.percent(25) {
        return Ok(None);
    }
    let status = dice.weighted(&[
        (40, "contacted"),
        (20, "qualified"),
        (12, "appointment"),
        (5, "no-show"),
        (8, "sold"),
        (15, "lost"),
    ]);
    let change = LeadChange { status: Some(status.to_owned()), ..LeadChange::default() };
    crm.lead_change(&crowd.caller, Ref::Id(received.lead), change).await.map(Some)
}

/// Answers that make a lead of the best band.
fn good() -> Answers {
    use forecourt_record::scoring::{CreditScore, IdType};
    Answers {
        credit_score: Some(CreditScore::Good),
        down_payment: Some(5_000.into()),
        has_bank: Some(true),
        id_type: Some(IdType::License),
        trade_in: None,
    }
}
