//! `forecourt location`: a dealer's branches, with their hours and numbers.

use clap::{Args, Subcommand};
use forecourt_connect::Sandbox;
use forecourt_record::{
    self as record, Document, Phone,
    calendar::{BusinessCalendar, Holidays, Hours, LocalTime, Span, Weekday, Zone},
};
use serde_json::{Value, json};

use super::{At, Whose, dealer::country};
use crate::{
    failure::{Failure, Result},
    output::{Output, table},
};

#[derive(Args, Debug)]
pub struct Location {
    #[command(flatten)]
    whose: Whose,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add a location
    Add(Box<Add>),
    /// List the locations
    #[command(after_help = "Examples:\n  forecourt location list --data /var/lib/forecourt")]
    List,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  forecourt location add --code houston --name Houston --country US --time-zone America/Chicago \\\n    \
    --hours \"mon-fri 09:00-19:00\" --hours \"sat 10:00-17:00\" --holiday 2026-12-25 --whatsapp-number \"+1 713 555 0100\""
)]
struct Add {
    /// The word every API names it by: 1 to 40 lowercase letters, digits and dashes
    #[arg(long)]
    code: String,
    /// Its name, as messages say it
    #[arg(long)]
    name: String,
    /// ISO 3166 code: how phone numbers are read
    #[arg(long, value_parser = country)]
    country: String,
    /// IANA zone of its hours
    #[arg(long, value_name = "ZONE")]
    time_zone: Zone,
    /// Language people are written to in [default: the dealer's]
    #[arg(long, value_parser = ["de", "en", "es"])]
    language: Option<String>,
    /// Where it is
    #[arg(long)]
    address: Option<String>,
    /// Its phone number
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// When it is open, such as "mon-fri 09:00-19:00"; may be given again [default: always]
    #[arg(long, value_name = "DAYS FROM-TO", value_parser = opening)]
    hours: Vec<Opening>,
    /// A day on which it is closed; may be given again
    #[arg(long, value_name = "DATE")]
    holiday: Vec<String>,
    /// Number that its WhatsApp messages go out from [default: the dealer's]
    #[arg(long, value_name = "NUMBER")]
    whatsapp_number: Option<String>,
    /// The provider's id of that number, by which its webhooks are told apart [default: the number's digits]
    #[arg(long, value_name = "ID", requires = "whatsapp_number")]
    whatsapp_phone_number_id: Option<String>,
}

/// Open on these days, from and to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Opening {
    days: Vec<Weekday>,
    span: Span,
}

/// Reads `mon-fri 09:00-19:00`, `sat,sun 10:00-14:00`, `mon 08:00-24:00`.
fn opening(text: &str) -> Result<Opening, String> {
    const EXPECTED: &str = "expected days and times, such as \"mon-fri 09:00-19:00\"";
    let (days, times) = text.trim().split_once(' ').ok_or(EXPECTED)?;
    let (from, to) = times.trim().split_once('-').ok_or(EXPECTED)?;
    let time = |text: &str| text.trim().parse::<LocalTime>().map_err(str::to_owned);
    let span = Span { from: time(from)?, to: time(to)? };
    if span.from >= span.to {
        return Err("it must close after it opens; a night is two spans, to 24:00 and from 00:00".to_owned());
    }
    let mut open = Vec::new();
    for part in days.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (weekday(first)?, weekday(last)?);
        if first > last {
            return Err(format!("\"{part}\" runs backwards; a week begins with mon"));
        }
        open.extend(Weekday::ALL.into_iter().filter(|day| (first..=last).contains(day)));
    }
    Ok(Opening { days: open, span })
}

fn weekday(text: &str) -> Result<Weekday, String> {
    serde_json::from_value(json!(text.trim().to_lowercase()))
        .map_err(|_| format!("\"{text}\" is not one of mon, tue, wed, thu, fri, sat, sun"))
}

pub async fn run(location: Location, output: Output) -> Result<()> {
    let at = location.whose.open().await?;
    let result = match location.command {
        Command::Add(new) => add(&at, *new, output).await,
        Command::List => list(&at, output).await,
    };
    at.close(result).await
}

async fn add(at: &At, new: Add, output: Output) -> Result<()> {
    let mut hours = Hours::default();
    for opening in &new.hours {
        for day in &opening.days {
            hours.on_mut(*day).push(opening.span);
        }
    }
    let holidays: Holidays = serde_json::from_value(json!(new.holiday))
        .map_err(|_| Failure::usage("A holiday is a date, such as 2026-12-25."))?;
    let whatsapp_number = match &new.whatsapp_number {
        Some(number) => {
            let wrong = |reason| Failure::usage(format!("\"{number}\" is not a phone number: {reason}."));
            Some(Phone::parse(number, Some(&new.country)).map_err(wrong)?.as_str().to_owned())
        }
        None => None,
    };
    let digits = whatsapp_number.as_deref().map(Sandbox::phone_number_id);
    let location = record::Location {
        code: new.code,
        name: new.name,
        country: new.country,
        language: new.language,
        address: new.address,
        phone: new.phone,
        calendar: BusinessCalendar { zone: new.time_zone, hours, holidays },
        whatsapp_number,
        whatsapp_phone_number_id: new.whatsapp_phone_number_id.or(digits),
    };
    let made = at.crm.location_add(&at.caller, location).await?;
    output.give(&shown(&made), || format!("The location \"{}\" was added.", made.doc.code))
}

async fn list(at: &At, output: Output) -> Result<()> {
    let locations = at.crm.location_list(&at.caller).await?;
    output.give(&locations.iter().map(shown).collect::<Vec<_>>(), || {
        let row = |location: &Document<record::Location>| {
            let doc = &location.doc;
            let number = doc.whatsapp_number.clone().unwrap_or_default();
            [doc.code.clone(), doc.name.clone(), doc.country.clone(), doc.calendar.zone.as_str().to_owned(), number]
        };
        table(["CODE", "NAME", "COUNTRY", "ZONE", "WHATSAPP"], &locations.iter().map(row).collect::<Vec<_>>())
    })
}

fn shown(location: &Document<record::Location>) -> Value {
    let mut shown = json!({"id": location.id, "number": location.extra.number});
    if let (Some(shown), Ok(Value::Object(fields))) = (shown.as_object_mut(), serde_json::to_value(&location.doc)) {
        shown.extend(fields);
    }
    shown
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn opening_hours_are_read_as_people_write_them() {
        let days = |text: &str| opening(text).map(|opening| opening.days);
        assert_eq!(days("mon-wed 09:00-18:00").unwrap(), [Weekday::Mon, Weekday::Tue, Weekday::Wed]);
        assert_eq!(days("Sat,sun 10:00-24:00").unwrap(), [Weekday::Sat, Weekday::Sun]);
        let span = opening("fri 08:30-12:00").unwrap().span;
        assert_eq!(format!("{:?}-{:?}", span.from, span.to), "08:30-12:00");
        for wrong in ["", "mon", "mon 9-18", "mon 18:00-09:00", "moon 09:00-18:00", "fri-mon 09:00-18:00", "mon 09:00"]
        {
            assert!(opening(wrong).is_err(), "{wrong}");
        }
    }
}
