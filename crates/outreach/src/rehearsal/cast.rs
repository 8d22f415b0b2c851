//! Whom a rehearsal is for: leads that are made up, or those of the last days as they came in.

use std::{collections::HashMap, sync::Arc, time::Duration};

use forecourt_connect::Behaviour;
use forecourt_crm::{Caller, Config, Sight, schedule::InForce};
use forecourt_query::{Filter, Find, Op};
use forecourt_record::{
    Client, ClientId, Clock, Context, Document, Error, FieldError, Instant, Phone, Result, SaleLead, Whereabouts,
    schedule::{Definition, Plan, Tokens},
    whereabouts::Clues,
};
use forecourt_store::{Command, Lane, Tx};

use super::{Act, Lead, MOST_ACTS, MOST_LEADS, People, Report, Site, Stage};
use crate::{
    Outreach,
    conversation::{calling_number, mailed_at, own_address, own_number, reached_at},
};

/// The name that a definition goes by which belongs to no schedule yet.
const UNNAMED: &str = "rehearsed";
/// As far back as leads are taken from.
const MOST_DAYS: u32 = 90;
/// The time in which leads that are made up come in.
const ARRIVING: Duration = Duration::from_hours(24);
/// Clients that are looked up in one question.
const AT_ONCE: usize = 500;
/// Rehearsals that are run at the same time.
static TURNS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);

/// What is rehearsed.
#[derive(Clone, Debug)]
pub enum Script {
    /// The version in force of the schedule of this name.
    Named(String),
    Definition(Definition),
}

/// Whose leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// So many that are made up, coming in over a day.
    Generated(usize),
    /// Those of so many last days, as they came in.
    Recent(u32),
}

/// A rehearsal as it is asked for.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    pub script: Script,
    pub cast: Cast,
    /// Only this location, by its code.
    pub location: Option<String>,
    /// When it begins; with the dealer's day, where nothing is said, so that it is the same run all day.
    pub from: Option<Instant>,
    pub seed: u64,
    pub behaviour: Behaviour,
    /// Seconds that a call keeps somebody busy: answered, and not answered.
    pub call_seconds: [u32; 2],
}

impl Outreach {
    /// Runs a schedule on leads, with nobody contacted and nothing stored.
    ///
    /// Errors: `Invalid` (`schedule`, `definition/...`, `leads`, `location`).
    pub async fn rehearse(&self, caller: &Caller, asked: Rehearsal) -> Result<(Report, Vec<Act>)> {
        let stage = self.rehearsal_stage(caller, asked).await?;
        let turn = TURNS.acquire().await.map_err(Error::internal)?;
        let run = move || {
            // Held by the work, which goes on when whoever waits for it leaves.
            let _turn = turn;
            stage.report()
        };
        let (report, acts) = tokio::task::spawn_blocking(run).await.map_err(Error::internal)?;
        if acts.len() >= MOST_ACTS {
            let detail = format!(
                "More than {MOST_ACTS} things would happen. Take fewer leads, or look for schedules that lead to each other."
            );
            return Err(Error::field("leads", "not_allowed", detail));
        }
        Ok((report, acts))
    }

    /// Everything that a rehearsal depends on.
    ///
    /// Errors: as running it.
    pub async fn rehearsal_stage(&self, caller: &Caller, asked: Rehearsal) -> Result<Stage> {
        let config = self.crm.config(caller.dealer).await?;
        let zone = &config.calendar(None).zone;
        let today = zone.start_of(zone.date(self.crm.now()));
        let from = asked.from.unwrap_or(today);
        check(&config, caller, &asked)?;
        let mut plans: std::collections::BTreeMap<String, Arc<Plan>> = config
            .schedules
            .iter()
            .filter(|on| on.schedule.doc.active)
            .map(|InForce { schedule, plan }| (schedule.doc.name.clone(), plan.clone()))
            .collect();
        let schedule = match asked.script {
            Script::Named(name) => {
                let on = config.schedule_named(&name).ok_or_else(|| Error::not_found("schedule"))?;
                plans.insert(name.clone(), on.plan.clone());
                name
            }
            Script::Definition(definition) => {
                plans.insert(UNNAMED.to_owned(), Arc::new(Plan::new(definition)));
                UNNAMED.to_owned()
            }
        };
        let leads = match asked.cast {
            Cast::Generated(count) => {
                let sites = sites_of(&config, &caller.sight, asked.location.as_deref());
                generated(&config, &sites, count, asked.seed, from)
            }
            Cast::Recent(days) => {
                let since = today - Duration::from_hours(u64::from(days) * 24);
                let (sight, location) = (caller.sight.clone(), asked.location.clone());
                let command = Recent { config: config.clone(), sight, location, since };
                let mut leads = self.crm.store.read(self.crm.scope(caller), Lane::Scan, command).await?;
                for lead in &mut leads {
                    lead.arrives_at = from + lead.arrives_at.since(since);
                }
                leads
            }
        };
        Ok(Stage {
            leads,
            sites: sites(&config),
            plans,
            schedule,
            pipeline: config.dealer.doc.pipeline.clone(),
            people: People { seed: asked.seed, behaviour: asked.behaviour, call_seconds: asked.call_seconds },
        })
    }
}

fn check(config: &Config, caller: &Caller, asked: &Rehearsal) -> Result<()> {
    let mut wrong = Vec::new();
    match &asked.script {
        Script::Named(name) if config.schedule_named(name).is_none() => {
            wrong.push(FieldError::new("schedule", "not_found", format!("There is no schedule \"{name}\".")));
        }
        Script::Named(_) => {}
        Script::Definition(definition) => wrong.extend(config.definition_check(definition)),
    }
    let known = |code: &str| config.location(code).is_some() && caller.sight.sees(Some(code));
    if let Some(code) = asked.location.as_deref().filter(|code| !known(code)) {
        wrong.push(FieldError::new("location", "not_allowed", format!("There is no location \"{code}\".")));
    }
    let is_too_much = match asked.cast {
        Cast::Generated(count) => count == 0 || count > MOST_LEADS,
        Cast::Recent(days) => days == 0 || days > MOST_DAYS,
    };
    if is_too_much {
        let detail = format!("A rehearsal has 1 to {MOST_LEADS} leads, or those of 1 to {MOST_DAYS} days.");
        wrong.push(FieldError::new("leads", "not_allowed", detail));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

/// What each location brings along, in the order of the settings, and behind them those who belong to none.
fn sites(config: &Config) -> Vec<Site> {
    let codes = config.locations.iter().map(|location| Some(location.doc.code.as_str()));
    let site = |code: Option<&str>| Site {
        code: code.map(str::to_owned),
        rules: config.contact_rules(code).clone(),
        zone: config.calendar(code).zone,
        can_send: own_number(config, code).is_some(),
        can_call: calling_number(config, code).is_some(),
        can_mail: own_address(config, None).is_some(),
    };
    codes.chain([None]).map(site).collect()
}

/// The places among the sites that leads are made up for.
fn sites_of(config: &Config, sight: &Sight, location: Option<&str>) -> Vec<usize> {
    let fits = |code: &str| location.is_none_or(|only| only == code) && sight.sees(Some(code));
    let found = config.locations.iter().enumerate().filter(|(_, one)| fits(&one.doc.code));
    let found: Vec<usize> = found.map(|(at, _)| at).collect();
    if found.is_empty() { vec![config.locations.len()] } else { found }
}

/// The beginnings of numbers in a country, and how many digits follow.
const NUMBERS: [(&str, &[&str], usize); 5] = [
    ("US", &["+1713", "+1212", "+1312", "+1303", "+1213", "+1305", "+1602", "+1206"], 7),
    ("DE", &["+49151", "+49170", "+4930"], 8),
    ("ES", &["+346"], 8),
    ("MX", &["+5255", "+5281"], 8),
    ("BR", &["+55119"], 8),
];

/// Leads that are made up: the same for the same seed.
fn generated(config: &Config, sites: &[usize], count: usize, seed: u64, from: Instant) -> Vec<Lead> {
    let chance = Context::new(Clock::virtual_at(from), seed);
    let below = |bound: usize| {
        let mut bytes = [0; 8];
        chance.fill(&mut bytes);
        (u64::from_be_bytes(bytes) % bound.max(1) as u64) as usize
    };
    let status = config.dealer.doc.pipeline.statuses().next().unwrap_or_default();
    let lead = |at: usize| {
        let site = sites[below(sites.len())];
        let code = config.locations.get(site).map(|location| location.doc.code.as_str());
        let country = config.country(code);
        let known = NUMBERS.iter().find(|(one, ..)| country.eq_ignore_ascii_case(one)).unwrap_or(&NUMBERS[0]);
        let (_, beginnings, digits) = *known;
        let beginning = beginnings[below(beginnings.len())];
        // No two have the same, and none begins with a digit that subscribers' numbers do not begin with.
        let phone = format!("{beginning}{}", 2 * 10_usize.pow(digits as u32 - 1) + at);
        Lead {
            number: at as i64 + 1,
            arrives_at: from + Duration::from_millis(below(ARRIVING.as_millis() as usize) as u64),
            whereabouts: whereabouts(Some(&phone), Some(country), None),
            phone: Some(phone),
            email: Some(format!("lead{}@example.com", at + 1)),
            site,
            origin: None,
            status: status.to_owned(),
            tokens: Tokens::default(),
            priority: 0,
        }
    };
    (0..count).map(lead).collect()
}

fn whereabouts(phone: Option<&str>, country: Option<&str>, state: Option<&str>) -> Whereabouts {
    let phone = phone.and_then(|phone| Phone::parse(phone, None).ok());
    Whereabouts::of(&Clues { phone: phone.as_ref(), zone: None, country, state })
}

/// Leads as they came in, the oldest first; their arrival is that of then.
struct Recent {
    config: Arc<Config>,
    sight: Sight,
    location: Option<String>,
    since: Instant,
}

impl Command for Recent {
    type Output = Vec<Lead>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Lead>> {
        let mut parts = vec![self.sight.filter(), Filter::compare("created_at", Op::Gte, self.since.millis())];
        parts.extend(self.location.as_deref().map(|code| Filter::eq("location", code)));
        let newest = Find::newest(Filter::And(parts), MOST_LEADS as i64);
        let mut leads = tx.find::<SaleLead>(&newest).await?;
        leads.reverse();
        let mut clients: HashMap<ClientId, Document<Client>> = HashMap::new();
        let named: Vec<ClientId> = leads.iter().filter_map(|lead| lead.doc.client_id).collect();
        for some in named.chunks(AT_ONCE) {
            let ids = some.iter().map(|id| id.to_string().into()).collect();
            let found = tx.find::<Client>(&Find::newest(Filter::In("id", ids), AT_ONCE as i64)).await?;
            clients.extend(found.into_iter().map(|client| (client.id, client)));
        }
        Ok(leads.iter().map(|lead| self.lead(lead, &clients)).collect())
    }
}

impl Recent {
    fn lead(&self, lead: &Document<SaleLead>, clients: &HashMap<ClientId, Document<Client>>) -> Lead {
        let code = lead.doc.location.as_deref();
        let site = self.config.locations.iter().position(|location| Some(location.doc.code.as_str()) == code);
        let client = lead.doc.client_id.and_then(|id| clients.get(&id));
        let home = client.and_then(|client| client.doc.address.as_ref());
        let (country, state) =
            (home.and_then(|home| home.country.as_deref()), home.and_then(|home| home.area_level_1.as_deref()));
        let phone = reached_at(lead);
        Lead {
            number: lead.extra.number,
            arrives_at: lead.created_at,
            whereabouts: whereabouts(phone, country, state),
            phone: phone.map(str::to_owned),
            email: mailed_at(lead).map(str::to_owned),
            site: site.unwrap_or(self.config.locations.len()),
            origin: lead.doc.source().map(str::to_owned),
            // As it came in, whatever became of it since.
            status: self.config.dealer.doc.pipeline.statuses().next().unwrap_or_default().to_owned(),
            tokens: Tokens::default(),
            priority: 0,
        }
    }
}
