//! `forecourt dealer`: the tenants of a store, and the settings their rules run on.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, builder::BoolishValueParser};
use forecourt_record::{
    self as record, Bot, DistanceUnit, Document, Email, IdleAlert, OptOut, Phone, Shape,
    calendar::Zone,
    pacing::Dialling,
    pipeline::{Phase, Pipeline},
    templates::{self, Templates},
};
use serde_json::{Value, json};

use super::{At, Whose, dialling, files, rules};
use crate::{
    config::StoreArgs,
    failure::{Failure, Result},
    output::{Output, table},
    system,
};

#[derive(Args, Debug)]
pub struct Dealer {
    #[command(flatten)]
    whose: Whose,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add a dealer; a store without one is made
    Add(Add),
    /// List the dealers of a store
    #[command(after_help = "Examples:\n  forecourt dealer list --data /var/lib/forecourt")]
    List,
    /// Show a dealer with all settings
    #[command(after_help = "Examples:\n  forecourt dealer show --json")]
    Show,
    /// Show the secret that signs calls to partners; it is made when it is first asked for
    #[command(after_help = "Examples:\n  forecourt dealer callback-secret")]
    CallbackSecret,
    /// Sign the tokens of partners' users with a new key from now on
    #[command(
        after_help = "Examples:\n  forecourt dealer rotate-token-key\n  forecourt dealer rotate-token-key --at-once"
    )]
    RotateTokenKey {
        /// End every token there is, for when somebody may know the keys; otherwise each stays good until it ends
        #[arg(long)]
        at_once: bool,
    },
    /// Show, replace or give back the rules of when people may be contacted
    Rules(rules::Rules),
    /// Show or replace how agents are given calls
    Dialling(dialling::Dialling),
    /// Change a dealer's settings; the next request sees them
    Set(Box<Set>),
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  forecourt dealer add --name \"Main Street Cars\" --country US --time-zone America/Chicago\n  \
    forecourt dealer add --name Autohaus --country DE --time-zone Europe/Berlin --currency EUR --language de"
)]
struct Add {
    /// The dealer's name, as messages say it
    #[arg(long)]
    name: String,
    /// ISO 3166 code: how phone numbers are read where a location names no country
    #[arg(long, value_parser = country)]
    country: String,
    /// IANA zone that days and periods are counted in
    #[arg(long, value_name = "ZONE")]
    time_zone: Zone,
    /// ISO 4217 code of the prices
    #[arg(long, value_parser = currency, default_value = "USD")]
    currency: String,
    /// Language people are written to in, where nothing better is known
    #[arg(long, default_value = "en")]
    language: Language,
    /// Unit that distances are shown in
    #[arg(long, default_value = "km")]
    distance_unit: Unit,
    /// Number that WhatsApp messages go out from, with its country code
    #[arg(long, value_name = "NUMBER")]
    whatsapp_number: Option<Phone>,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  forecourt dealer set --bot off\n  forecourt dealer set --idle-after-minutes 60 --idle-at-most 2\n  \
    forecourt dealer set --templates texts.json\n\nA file of templates: {\"created\": {\"en\": \"Hello[ {first_name}], this is {dealer}.\"}}; \
    what stands in brackets is left out when its value is not known.\nA pipeline: [{\"status\": \"new\", \"phase\": \"open\"}, ...], with \
    the phases open, won, lost and archived."
)]
struct Set {
    /// The dealer's name, as messages say it
    #[arg(long)]
    name: Option<String>,
    /// IANA zone that days and periods are counted in
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<Zone>,
    /// Language people are written to in, where nothing better is known
    #[arg(long)]
    language: Option<Language>,
    /// Unit that distances are shown in
    #[arg(long)]
    distance_unit: Option<Unit>,
    /// Number that WhatsApp messages go out from, with its country code
    #[arg(long, value_name = "NUMBER")]
    whatsapp_number: Option<Phone>,
    /// Address that mails come from
    #[arg(long, value_name = "ADDRESS")]
    email: Option<Email>,
    /// Number that Autengo's partners know the dealer by
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    alzura_id: Option<i64>,
    /// The very same enquiry within so many minutes is the same lead
    #[arg(long, value_name = "MINUTES")]
    duplicate_window_minutes: Option<u32>,
    /// Whether messages go out by themselves
    #[arg(long, value_name = "on|off", value_parser = BoolishValueParser::new())]
    bot: Option<bool>,
    /// What a written wish not to be contacted covers: the channel it came by, or all; schedules end either way
    #[arg(long, value_name = "channel|all", value_parser = covers)]
    opt_out: Option<OptOut>,
    /// Minutes from a lead's arrival to each further message while nobody answers, separated by commas
    #[arg(long, value_name = "MINUTES", value_delimiter = ',')]
    reengage_after_minutes: Option<Vec<u32>>,
    /// Minutes of business time after which a lead that nobody works raises an alert; 0 is never
    #[arg(long, value_name = "MINUTES")]
    idle_after_minutes: Option<u32>,
    /// Minutes of business time between one alert and the next
    #[arg(long, value_name = "MINUTES")]
    idle_repeat_minutes: Option<u32>,
    /// The most alerts for one stretch of idleness
    #[arg(long, value_name = "N")]
    idle_at_most: Option<u32>,
    /// File of JSON with the dealer's own texts
    #[arg(long, value_name = "FILE")]
    templates: Option<PathBuf>,
    /// File of JSON with the statuses of leads, in their order
    #[arg(long, value_name = "FILE")]
    pipeline: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Language {
    De,
    En,
    Es,
}

impl Language {
    fn code(self) -> String {
        match self {
            Self::De => "de",
            Self::En => "en",
            Self::Es => "es",
        }
        .to_owned()
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Unit {
    Km,
    Mi,
}

impl From<Unit> for DistanceUnit {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Km => Self::Km,
            Unit::Mi => Self::Mi,
        }
    }
}

fn covers(text: &str) -> Result<OptOut, &'static str> {
    serde_json::from_value(json!(text)).map_err(|_| "expected channel or all")
}

/// Two letters, in capitals.
pub fn country(text: &str) -> Result<String, &'static str> {
    letters(text, 2).ok_or("expected an ISO 3166 code of two letters, such as US")
}

fn currency(text: &str) -> Result<String, &'static str> {
    letters(text, 3).ok_or("expected an ISO 4217 code of three letters, such as USD")
}

fn letters(text: &str, count: usize) -> Option<String> {
    (text.len() == count && text.bytes().all(|letter| letter.is_ascii_alphabetic())).then(|| text.to_ascii_uppercase())
}

pub async fn run(dealer: Dealer, output: Output) -> Result<()> {
    match dealer.command {
        Command::Add(new) => add(dealer.whose.store, new, output).await,
        Command::List => list(dealer.whose.store, output).await,
        Command::Show => {
            let at = dealer.whose.open().await?;
            let result = give(&at.dealer, output);
            at.close(result).await
        }
        Command::CallbackSecret => {
            let at = dealer.whose.open().await?;
            let secret = at.crm.callback_secret(at.crm.scope(&at.caller)).await;
            let secret = at.close(secret.map_err(Failure::from)).await?;
            output.give(&json!({"callback_secret": secret}), || secret.clone())
        }
        Command::RotateTokenKey { at_once } => {
            let at = dealer.whose.open().await?;
            let rotated = at.crm.token_key_rotate(&at.caller, at_once).await;
            let kid = at.close(rotated.map_err(Failure::from)).await?;
            output
                .give(&json!({"kid": kid, "at_once": at_once}), || format!("Tokens are signed with the key {kid} now."))
        }
        Command::Rules(change) => {
            let at = dealer.whose.open().await?;
            let result = rules::run(&at, change, output).await;
            at.close(result).await
        }
        Command::Dialling(change) => {
            let at = dealer.whose.open().await?;
            let result = dialling::run(&at, change, output).await;
            at.close(result).await
        }
        Command::Set(change) => {
            let at = dealer.whose.open().await?;
            let result = set(&at, *change, output).await;
            at.close(result).await
        }
    }
}

async fn add(store: StoreArgs, new: Add, output: Output) -> Result<()> {
    let Add { name, country, time_zone, currency, language, distance_unit, whatsapp_number } = new;
    let dealer = record::Dealer {
        name,
        time_zone,
        country,
        currency,
        distance_unit: distance_unit.into(),
        language: language.code(),
        duplicate_window_minutes: 24 * 60,
        pipeline: Pipeline::default(),
        idle_alert: IdleAlert::default(),
        bot: Bot::default(),
        templates: Templates::default(),
        contact_rules: None,
        dialling: Dialling::default(),
        opt_out: OptOut::default(),
        whatsapp_number: whatsapp_number.map(|number| number.as_str().to_owned()),
        email: None,
        alzura_id: None,
    };
    let crm = system::open(&store.load()?, system::Store::MayBeMade).await?;
    let made = crm.dealer_create(dealer).await;
    crm.store.close().await;
    let made = made?;
    output.give(&shown(&made), || format!("The dealer \"{}\" has the id {}.", made.doc.name, made.id))
}

async fn list(store: StoreArgs, output: Output) -> Result<()> {
    let crm = system::open(&store.load()?, system::Store::MustExist).await?;
    let dealers = crm.dealer_list().await;
    crm.store.close().await;
    let dealers = dealers?;
    output.give(&dealers.iter().map(shown).collect::<Vec<_>>(), || {
        let row = |dealer: &Document<record::Dealer>| {
            let doc = &dealer.doc;
            [dealer.id.to_string(), doc.name.clone(), doc.country.clone(), doc.time_zone.as_str().to_owned()]
        };
        table(["ID", "NAME", "COUNTRY", "ZONE"], &dealers.iter().map(row).collect::<Vec<_>>())
    })
}

async fn set(at: &At, set: Set, output: Output) -> Result<()> {
    let templates = set.templates.as_deref().map(own_texts).transpose()?;
    let pipeline = set.pipeline.as_deref().map(own_pipeline).transpose()?;
    if set.name.as_deref().is_some_and(|name| name.trim().is_empty()) {
        return Err(Failure::usage("A dealer needs a name."));
    }
    let changed = at.crm.dealer_change(&at.caller, move |dealer| {
        put(&mut dealer.name, set.name.as_ref());
        put(&mut dealer.time_zone, set.time_zone.as_ref());
        put(&mut dealer.language, set.language.map(Language::code).as_ref());
        put(&mut dealer.distance_unit, set.distance_unit.map(DistanceUnit::from).as_ref());
        put(&mut dealer.duplicate_window_minutes, set.duplicate_window_minutes.as_ref());
        put(&mut dealer.bot.enabled, set.bot.as_ref());
        put(&mut dealer.opt_out, set.opt_out.as_ref());
        put(&mut dealer.bot.reengage_after_minutes, set.reengage_after_minutes.as_ref());
        put(&mut dealer.idle_alert.after_minutes, set.idle_after_minutes.as_ref());
        put(&mut dealer.idle_alert.repeat_minutes, set.idle_repeat_minutes.as_ref());
        put(&mut dealer.idle_alert.at_most, set.idle_at_most.as_ref());
        put(&mut dealer.templates, templates.as_ref());
        put(&mut dealer.pipeline, pipeline.as_ref());
        if set.alzura_id.is_some() {
            dealer.alzura_id = set.alzura_id;
        }
        if set.email.is_some() {
            dealer.email.clone_from(&set.email);
        }
        if let Some(number) = &set.whatsapp_number {
            dealer.whatsapp_number = Some(number.as_str().to_owned());
        }
    });
    give(&changed.await?, output)
}

fn put<T: Clone>(setting: &mut T, given: Option<&T>) {
    if let Some(given) = given {
        setting.clone_from(given);
    }
}

fn own_texts(path: &std::path::Path) -> Result<Templates> {
    let own: Templates = files::read(path, files::value(path)?, &Shape::of::<Templates>())?;
    let texts =
        own.0.iter().flat_map(|(template, texts)| texts.iter().map(move |(language, text)| (template, language, text)));
    let wrong: Vec<String> = texts
        .filter_map(|(template, language, text)| {
            Some(format!("/{}/{}: {}", template.as_str(), language.as_str(), templates::check(text).err()?))
        })
        .collect();
    if wrong.is_empty() { Ok(own) } else { Err(files::refused(path, &[]).details(wrong)) }
}

fn own_pipeline(path: &std::path::Path) -> Result<Pipeline> {
    let pipeline: Pipeline = files::read(path, files::value(path)?, &Shape::of::<Pipeline>())?;
    let wrong = faults(&pipeline);
    if wrong.is_empty() { Ok(pipeline) } else { Err(files::refused(path, &[]).details(wrong)) }
}

/// What keeps the rules from working with a pipeline.
fn faults(pipeline: &Pipeline) -> Vec<String> {
    let stages = &pipeline.0;
    let mut faults = Vec::new();
    if stages.first().is_none_or(|stage| stage.phase != Phase::Open) {
        faults.push("The first status must be of the phase open: leads begin there.".to_owned());
    }
    for (phase, name) in [(Phase::Won, "won"), (Phase::Lost, "lost"), (Phase::Archived, "archived")] {
        if !stages.iter().any(|stage| stage.phase == phase) {
            faults.push(format!("There is no status of the phase {name}."));
        }
    }
    for (at, stage) in stages.iter().enumerate() {
        if stage.status.trim().is_empty() {
            faults.push(format!("/{at}/status: A status needs a name."));
        } else if stages[..at].iter().any(|other| other.status == stage.status) {
            faults.push(format!("/{at}/status: \"{}\" is there twice.", stage.status));
        }
    }
    faults
}

fn shown(dealer: &Document<record::Dealer>) -> Value {
    let mut shown = json!({"id": dealer.id, "created_at": dealer.created_at});
    if let (Some(shown), Ok(Value::Object(settings))) = (shown.as_object_mut(), serde_json::to_value(&dealer.doc)) {
        shown.extend(settings);
    }
    shown
}

fn give(dealer: &Document<record::Dealer>, output: Output) -> Result<()> {
    let shown = shown(dealer);
    output.give(&shown, || serde_json::to_string_pretty(&shown).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use forecourt_record::pipeline::Stage;

    use super::*;

    #[test]
    fn a_pipeline_has_every_phase_and_no_status_twice() {
        assert_eq!(faults(&Pipeline::default()), Vec::<String>::new());
        let stage = |status: &str, phase| Stage { status: status.to_owned(), phase };
        let odd = Pipeline(vec![stage("sold", Phase::Won), stage("new", Phase::Open), stage("new", Phase::Lost)]);
        assert_eq!(
            faults(&odd),
            [
                "The first status must be of the phase open: leads begin there.",
                "There is no status of the phase archived.",
                "/2/status: \"new\" is there twice.",
            ]
        );
        assert_eq!(faults(&Pipeline(Vec::new())).len(), 4);
    }

    #[test]
    fn codes_are_letters_and_become_capitals() {
        assert_eq!(country("us"), Ok("US".to_owned()));
        assert!(country("USA").is_err() && country("1A").is_err() && currency("€").is_err());
    }
}
