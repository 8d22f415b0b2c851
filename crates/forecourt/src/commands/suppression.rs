//! `forecourt suppression`: addresses that nobody contacts, one by one or as lists that others keep.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Seek as _},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use csv::ByteRecord;
use forecourt_crm::suppression::{Address, Suppressed};
use forecourt_record::gate::Channel;
use serde::Serialize;
use serde_json::json;

use super::{At, Whose, rows};
use crate::{
    failure::{Failure, Result},
    output::{self, Output, table},
};

/// Addresses that are suppressed in one transaction, and rows that are listed by one question.
const TOGETHER: usize = 500;
/// After so many lines a file's progress is told.
const TOLD: u64 = 10_000;
/// Headings of a column of addresses.
const HEADINGS: [&str; 12] = [
    "phone",
    "number",
    "mobile",
    "telephone",
    "phone_number",
    "address",
    "email",
    "e-mail",
    "telefon",
    "rufnummer",
    "teléfono",
    "telefono",
];

#[derive(Args, Debug)]
pub struct Suppression {
    #[command(flatten)]
    whose: Whose,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Let nobody contact a number or e-mail address
    #[command(after_help = "Examples:\n  forecourt suppression add +17135550100 --reason \"asked by phone\"\n  \
        forecourt suppression add ana@example.com --channel email --reason \"asked at the counter\"")]
    Add {
        /// The number, with its country code or as the dealer's country writes it, or the e-mail address
        address: String,
        #[command(flatten)]
        on: On,
        /// Why, in a few words; it is shown wherever a contact is refused
        #[arg(long)]
        reason: String,
    },
    /// Let a number or e-mail address be contacted again, whoever has suppressed it
    #[command(after_help = "Examples:\n  forecourt suppression remove +17135550100 --channel call\n\n\
        Where a list is lifted behind which the person's own wish stands, the wish holds until it is lifted too: by the same once more.")]
    Remove {
        /// The number or e-mail address
        address: String,
        #[command(flatten)]
        on: On,
    },
    /// List what is suppressed
    #[command(after_help = "Examples:\n  forecourt suppression list --channel sms --json")]
    List {
        #[command(flatten)]
        on: On,
    },
    /// Suppress every number and e-mail address of a file
    #[command(
        after_help = "Examples:\n  forecourt suppression import dnc.txt --channel call,sms --reason \"national registry 2026-11\"\n  \
        forecourt suppression import blocked.csv --reason \"list of the group\" --country DE\n\n\
        One address a line, or CSV whose column of addresses is the first or has such a heading: phone, number, mobile, email.\n\
        Lines that cannot be read are told one by one, and the others are taken. The same file again changes nothing."
    )]
    Import {
        /// File of addresses
        file: PathBuf,
        #[command(flatten)]
        on: On,
        /// Why, in a few words; it is shown wherever a contact is refused
        #[arg(long)]
        reason: String,
        /// ISO 3166 code: how national numbers are read [default: the dealer's]
        #[arg(long, value_parser = super::dealer::country)]
        country: Option<String>,
    },
}

#[derive(Args, Clone, Debug)]
pub(super) struct On {
    /// Which channels, separated by commas: call, sms, whatsapp, email, chat [default: all that reach the address]
    #[arg(long = "channel", value_name = "CHANNEL", value_delimiter = ',', value_parser = channel)]
    channels: Vec<Channel>,
}

fn channel(text: &str) -> std::result::Result<Channel, String> {
    let known = Channel::ALL.iter().find(|channel| channel.as_str() == text);
    let names = || Channel::ALL.iter().map(|channel| channel.as_str()).collect::<Vec<_>>().join(", ");
    known.copied().ok_or_else(|| format!("expected one of {}", names()))
}

impl On {
    /// The channels that reach an address, of those that were asked for.
    pub fn of(&self, address: &Address) -> std::result::Result<Vec<Channel>, &'static str> {
        let asked = if self.channels.is_empty() { Channel::ALL } else { &self.channels };
        let fit: Vec<Channel> = asked.iter().copied().filter(|channel| address.is_on(*channel)).collect();
        if fit.is_empty() { Err("none of these channels reaches such an address") } else { Ok(fit) }
    }
}

pub async fn run(suppression: Suppression, output: Output) -> Result<()> {
    let at = suppression.whose.open().await?;
    let result = match suppression.command {
        Command::Add { address, on, reason } => add(&at, &address, &on, &reason, output).await,
        Command::Remove { address, on } => remove(&at, &address, &on, output).await,
        Command::List { on } => list(&at, &on, output).await,
        Command::Import { file, on, reason, country } => import(&at, &file, &on, &reason, country, output).await,
    };
    at.close(result).await
}

fn read(at: &At, text: &str, on: &On) -> Result<(Address, Vec<Channel>)> {
    let address = Address::parse(text, &at.dealer.doc.country);
    let found = address.and_then(|address| Ok((on.of(&address)?, address)));
    found.map(|(channels, address)| (address, channels)).map_err(|reason| Failure::usage(format!("{text}: {reason}.")))
}

async fn add(at: &At, text: &str, on: &On, reason: &str, output: Output) -> Result<()> {
    let (address, channels) = read(at, text, on)?;
    let all: Vec<_> = channels.iter().map(|channel| (*channel, address.clone())).collect();
    let added = at.crm.suppression_add(&at.caller, all, reason).await?;
    let channels: Vec<_> = channels.into_iter().map(Channel::as_str).collect();
    output.give(&json!({"address": address.as_str(), "channels": channels, "added": added}), || {
        format!("{} is not contacted by {}.", address.as_str(), channels.join(", "))
    })
}

async fn remove(at: &At, text: &str, on: &On, output: Output) -> Result<()> {
    let (address, channels) = read(at, text, on)?;
    let lifted = at.crm.suppression_remove(&at.caller, channels, address).await?;
    output.give(&lifted, || if lifted.is_empty() { "Nothing was suppressed there.".to_owned() } else { shown(&lifted) })
}

async fn list(at: &At, on: &On, output: Output) -> Result<()> {
    let mut all: Vec<Suppressed> = Vec::new();
    let mut after = (String::new(), String::new());
    loop {
        let page = at.crm.suppression_list(&at.caller, after, TOGETHER as i64).await?;
        let Some(last) = page.last() else { break };
        after = (last.channel.clone(), last.address.clone());
        let is_asked = |one: &Suppressed| {
            on.channels.is_empty() || on.channels.iter().any(|channel| channel.as_str() == one.channel)
        };
        all.extend(page.into_iter().filter(is_asked));
    }
    output.give(&all, || shown(&all))
}

pub(super) fn shown(all: &[Suppressed]) -> String {
    let row = |one: &Suppressed| [one.channel.clone(), one.address.clone(), one.at.to_string(), one.reason.clone()];
    table(["CHANNEL", "ADDRESS", "SINCE", "REASON"], &all.iter().map(row).collect::<Vec<_>>())
}

/// A line that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Bad {
    line: u64,
    reason: &'static str,
}

/// What came of a file.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// Lines that hold an address.
    lines: u64,
    /// Channels of addresses that were not suppressed before.
    added: u64,
    bad: Vec<Bad>,
}

async fn import(at: &At, file: &Path, on: &On, reason: &str, country: Option<String>, output: Output) -> Result<()> {
    let country = country.unwrap_or_else(|| at.dealer.doc.country.clone());
    let mut report = Report::default();
    let mut batch = Vec::new();
    for line in Lines::open(file)? {
        let (number, text) = line?;
        let read = Address::parse(&text, &country).and_then(|address| Ok((on.of(&address)?, address)));
        match read {
            Ok((channels, address)) => {
                report.lines += 1;
                batch.extend(channels.into_iter().map(|channel| (channel, address.clone())));
            }
            Err(reason) => {
                output::progress(&format!("line {number}: {reason}"));
                report.bad.push(Bad { line: number, reason });
            }
        }
        if batch.len() >= TOGETHER {
            report.added += at.crm.suppression_add(&at.caller, std::mem::take(&mut batch), reason).await?;
        }
        if number % TOLD == 0 {
            output::progress(&format!("{number} lines"));
        }
    }
    if !batch.is_empty() {
        report.added += at.crm.suppression_add(&at.caller, batch, reason).await?;
    }
    output.give(&report, || {
        format!(
            "{} addresses were read, {} suppressions added; {} lines could not be read.",
            report.lines,
            report.added,
            report.bad.len()
        )
    })
}

/// The addresses of a file, with the numbers of their lines.
struct Lines {
    records: csv::ByteRecordsIntoIter<BufReader<File>>,
    file: PathBuf,
    /// The column they are in, once the first line has been seen.
    column: Option<usize>,
}

impl Lines {
    fn open(file: &Path) -> Result<Self> {
        let unreadable = |error| Failure::new(format!("{} cannot be read: {error}.", file.display()));
        let mut reader = BufReader::new(File::open(file).map_err(unreadable)?);
        let mut first = Vec::new();
        reader.read_until(b'\n', &mut first).map_err(unreadable)?;
        reader.rewind().map_err(unreadable)?;
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).trim(csv::Trim::All).delimiter(rows::delimiter(&first));
        Ok(Self { records: builder.from_reader(reader).into_byte_records(), file: file.to_owned(), column: None })
    }

    /// The column of addresses, if this is a line of headings.
    fn heading(first: &ByteRecord) -> Option<usize> {
        first.iter().position(|cell| HEADINGS.contains(&rows::text(cell).to_lowercase().as_str()))
    }
}

impl Iterator for Lines {
    type Item = Result<(u64, String)>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = match self.records.next()? {
            Ok(record) => record,
            Err(error) => return Some(Err(Failure::new(format!("{} cannot be read: {error}.", self.file.display())))),
        };
        let Some(column) = self.column else {
            let heading = Self::heading(&record);
            self.column = Some(heading.unwrap_or(0));
            return if heading.is_some() { self.next() } else { Some(Ok(cell(&record, 0))) };
        };
        Some(Ok(cell(&record, column)))
    }
}

fn cell(record: &ByteRecord, column: usize) -> (u64, String) {
    let line = record.position().map_or(0, csv::Position::line);
    (line, rows::text(record.get(column).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_spreadsheets_write_it() {
        for (written, expected) in [
            (&b"+17135550100\n+17135550101\n"[..], vec![(1, "+17135550100"), (2, "+17135550101")]),
            (b"\xef\xbb\xbfphone,name\n+17135550100,Ana\n", vec![(2, "+17135550100")]),
            (b"Name;Telefon\nM\xfcller;030 123456\n", vec![(2, "030 123456")]),
        ] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), written).unwrap();
            let read: Vec<(u64, String)> = Lines::open(file.path()).unwrap().map(|line| line.unwrap()).collect();
            let expected: Vec<(u64, String)> = expected.into_iter().map(|(at, text)| (at, text.to_owned())).collect();
            assert_eq!(read, expected);
        }
    }
}
