//! `forecourt import`: leads of a file, through the same intake as every other; shown, and taken back.

use std::{
    collections::HashMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use forecourt_crm::{
    import::{
        fields::{Field, enquiry},
        file::{Begun, ImportView, NewImport, RowReport, outcome},
        payload,
    },
    intake::NewLead,
};
use forecourt_record::{Error, ImportId};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    At, Whose,
    rows::{self, Bar, Format, Rows, Table, beside},
};
use crate::{
    failure::{Failure, Result},
    output::{self, Output, table},
};

/// Rows under way at once: enough to share a commit.
const AT_ONCE: usize = 64;
/// Rows of a rehearsal that are shown where it is read by a person.
const SHORT: usize = 20;

const EXAMPLES: &str = "\
Examples:
  forecourt import leads.csv --dry-run
  forecourt import leads.csv --map \"Cust. Name=name\" --map Tel=phone --data /var/lib/forecourt
  forecourt import leads.ndjson --follow
  forecourt import list
  forecourt import undo 691ff1a000000001000000aa

Columns are recognised by their headings, in English, German and Spanish; --map says what the others mean, and
--map COLUMN= leaves one out. A line of NDJSON is an object with such members, or a whole lead as a lead import task takes it.
An import that was broken off goes on where it stopped when the same command is given again: no row is taken in twice.
Rows that cannot be taken in are written to FILE.errors.csv. Nobody is greeted for what is imported, unless --follow says so.";

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub struct Import {
    /// File of CSV, with headings, or NDJSON
    file: Option<PathBuf>,
    /// What a column means, such as Tel=phone; may be given several times
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    map: Vec<String>,
    /// Say what would become of each row, and keep nothing
    #[arg(long)]
    dry_run: bool,
    /// Let the house follow up on the leads, as on any other
    #[arg(long)]
    follow: bool,
    /// Take in again what has been taken in already
    #[arg(long)]
    again: bool,
    /// How the file is written [default: by its name]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// File for the rows that cannot be taken in [default: FILE.errors.csv]
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    #[command(flatten)]
    whose: Whose,
    #[command(subcommand)]
    act: Option<Act>,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// List the imports there were
    #[command(after_help = "Examples:\n  forecourt import list --json")]
    List,
    /// Show an import, and why rows of it failed
    #[command(after_help = "Examples:\n  forecourt import show 691ff1a000000001000000aa")]
    Show {
        /// The import's id
        id: ImportId,
    },
    /// Take an import back: erase the leads it made
    #[command(after_help = "Examples:\n  forecourt import undo 691ff1a000000001000000aa\n\n\
        Clients made for them go too; what was added to known clients stays. A lead that has changed since is kept.")]
    Undo {
        /// The import's id
        id: ImportId,
        /// Erase also what has changed since
        #[arg(long)]
        force: bool,
    },
}

/// A file of leads.
pub struct Leads;

impl Table for Leads {
    type Field = Field;
    type Row = NewLead;

    fn guess(heading: &str) -> Option<Field> {
        Field::guess(heading)
    }

    fn parse(name: &str) -> forecourt_record::Result<Field> {
        Field::parse(name)
    }

    fn name(field: Field) -> &'static str {
        field.name()
    }

    fn row(cells: &[(Field, String)]) -> forecourt_record::Result<NewLead> {
        enquiry(cells)
    }

    /// A lead as a lead import task takes it.
    fn whole(value: &Value) -> Option<forecourt_record::Result<NewLead>> {
        let whole = ["lead", "client", "adf", "contact", "customer", "vehicle", "car"];
        if !whole.iter().any(|name| value.get(*name).is_some_and(|member| member.is_object() || *name == "adf")) {
            return None;
        }
        Some(payload::read(value).and_then(|read| {
            let mut leads = read.leads;
            match (leads.pop(), leads.is_empty()) {
                (Some(only), true) => Ok(only),
                _ => Err(Error::field("row", "too_long", "A line holds one lead.")),
            }
        }))
    }
}

/// What a person is known by: digits of the number, the address in lower case.
fn people(lead: &NewLead) -> Vec<String> {
    let digits = |phone: &String| phone.chars().filter(char::is_ascii_digit).collect::<String>();
    let phone = lead.phone.as_ref().map(digits).filter(|digits| digits.len() > 5);
    phone.into_iter().chain(lead.email.as_ref().map(|email| email.to_lowercase())).collect()
}

pub async fn run(import: Import, output: Output) -> Result<()> {
    let Import { file, map, dry_run, follow, again, format, errors, whose, act } = import;
    let at = whose.open().await?;
    let result = match (act, file) {
        (Some(Act::List), _) => list(&at, output).await,
        (Some(Act::Show { id }), _) => show(&at, id, output).await,
        (Some(Act::Undo { id, force }), _) => undo(&at, id, force, output).await,
        (None, None) => Err(Failure::usage("Say which file to import; `forecourt import --help` shows how.")),
        (None, Some(_)) if format == Some(Format::MobileDe) => {
            Err(Failure::usage("That format is of vehicles; `forecourt stock import` reads it."))
        }
        (None, Some(file)) => match rows::open::<Leads>(&file, format, &map) {
            Err(failure) => Err(failure),
            Ok(rows) if dry_run => rehearse(&at, rows, output).await,
            Ok(rows) => {
                let errors = errors.unwrap_or_else(|| beside(&file));
                take_in(&at, &file, rows, follow, again, &errors, output).await
            }
        },
    };
    at.close(result).await
}

async fn take_in(
    at: &At,
    file: &Path,
    rows: Rows<Leads>,
    follow: bool,
    again: bool,
    errors: &Path,
    output: Output,
) -> Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let new = NewImport { file: name, fingerprint: rows.fingerprint()?, follow, again };
    let Begun { import, done } = at.crm.import_begin(&at.caller, new).await?;
    if !done.is_empty() {
        output::progress(&format!("Going on with import {}: {} rows are done.", import.id, done.len()));
    }
    let config = at.crm.config(at.dealer.id).await?;
    let (import, config) = (&import, &config);
    let mut bar = Bar::new();
    let mut read = 0;
    let mut taken = stream::iter(rows.read()?)
        .map(|row| {
            let is_done = row.as_ref().is_ok_and(|row| done.contains(&row.line));
            async move {
                let row = row?;
                if !is_done {
                    at.crm.import_row(&at.caller, config, import, row.line, row.read).await?;
                }
                Ok::<u64, Failure>(row.percent)
            }
        })
        .buffered(AT_ONCE);
    while let Some(percent) = taken.try_next().await? {
        bar.row(percent);
        read += 1;
    }
    bar.end();
    let view = at.crm.import_end(&at.caller, import.id, read).await?;
    let failed = write_errors(at, import.id, errors).await?;
    let errors = (failed > 0).then(|| errors.display().to_string());
    output.give(&Shown { view: &view, errors: errors.as_deref() }, || {
        let mut text = format!(
            "{} rows: {} taken in, {} repeated, {} failed. This is import {}.",
            view.import.rows, view.import.imported, view.import.repeated, view.import.failed, view.id
        );
        if let Some(errors) = &errors {
            let _ = write!(text, "\nWhy rows failed is in {errors}.");
        }
        text
    })
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    view: &'a ImportView,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'a str>,
}

/// Writes the rows that failed, of this and earlier attempts, and says how many.
async fn write_errors(at: &At, import: ImportId, path: &Path) -> Result<u64> {
    let unwritable = |error: csv::Error| Failure::new(format!("{} cannot be written: {error}.", path.display()));
    let (mut after, mut count) = (0, 0);
    let mut writer = None;
    loop {
        let (_, failed) = at.crm.import_view(&at.caller, import, after).await?;
        let Some(last) = failed.last() else { break };
        after = last.line;
        if writer.is_none() {
            let mut fresh = csv::Writer::from_path(path).map_err(unwritable)?;
            fresh.write_record(["line", "reason"]).map_err(unwritable)?;
            writer = Some(fresh);
        }
        for row in failed {
            if let Some(writer) = &mut writer {
                let reason = row.detail.unwrap_or_default();
                writer.write_record([row.line.to_string(), reason.replace('\n', "; ")]).map_err(unwritable)?;
            }
            count += 1;
        }
    }
    if let Some(mut writer) = writer {
        writer.flush().map_err(|error| unwritable(error.into()))?;
    }
    Ok(count)
}

/// Says what would become of each row.
async fn rehearse(at: &At, rows: Rows<Leads>, output: Output) -> Result<()> {
    let columns = rows.columns();
    let config = at.crm.config(at.dealer.id).await?;
    let mut bar = Bar::new();
    let mut counts: HashMap<String, i64> = HashMap::new();
    let mut seen: HashMap<String, i64> = HashMap::new();
    let mut reports = Vec::new();
    for row in rows.read()? {
        let row = row?;
        let people = row.read.as_ref().map(people).unwrap_or_default();
        let mut report = at.crm.import_rehearse(&at.caller, &config, row.line, row.read).await?;
        // Nothing is kept of the rows before, so who came in with one of them is not known yet.
        if report.outcome == outcome::CREATED
            && let Some(line) = people.iter().find_map(|person| seen.get(person))
        {
            outcome::ADDED.clone_into(&mut report.outcome);
            report.details.push(format!("the same person as line {line}"));
        }
        for person in people {
            seen.entry(person).or_insert(report.line);
        }
        *counts.entry(report.outcome.clone()).or_default() += 1;
        if report.outcome != outcome::CREATED {
            reports.push(report);
        }
        bar.row(row.percent);
    }
    bar.end();
    let count = |outcome: &str| counts.get(outcome).copied().unwrap_or_default();
    let summary = json!({
        "columns": columns,
        "rows": bar.rows,
        "created": count(outcome::CREATED),
        "added": count(outcome::ADDED),
        "repeated": count(outcome::REPEATED),
        "failed": count(outcome::FAILED),
        "differences": reports,
    });
    output.give(&summary, || {
        let read: Vec<String> =
            columns.iter().map(|(column, field)| format!("  {column} -> {}", field.unwrap_or("(left out)"))).collect();
        let mut lines = vec![format!("Columns:\n{}", read.join("\n"))];
        lines.extend(reports.iter().take(SHORT).map(line));
        if reports.len() > SHORT {
            lines.push(format!("  and {} more; --json shows all", reports.len() - SHORT));
        }
        lines.push(format!(
            "{} rows: {} new clients, {} leads of known clients, {} repeated, {} failed. Nothing was kept.",
            bar.rows,
            count(outcome::CREATED),
            count(outcome::ADDED),
            count(outcome::REPEATED),
            count(outcome::FAILED)
        ));
        lines.join("\n")
    })
}

fn line(report: &RowReport) -> String {
    let lead = report.lead.as_deref().map(|lead| format!(" of {lead}")).unwrap_or_default();
    format!("  line {}: {}{lead} {}", report.line, report.outcome, report.details.join("; "))
}

async fn list(at: &At, output: Output) -> Result<()> {
    let imports = at.crm.import_list(&at.caller).await?;
    output.give(&imports, || {
        let row = |view: &ImportView| {
            let import = &view.import;
            let counts = [import.imported, import.repeated, import.failed, view.undone].map(|count| count.to_string());
            let [imported, repeated, failed, undone] = counts;
            [view.id.to_string(), view.at.to_string(), import.file.clone(), imported, repeated, failed, undone]
        };
        let rows: Vec<[String; 7]> = imports.iter().map(row).collect();
        table(["ID", "AT", "FILE", "TAKEN IN", "REPEATED", "FAILED", "UNDONE"], &rows)
    })
}

async fn show(at: &At, id: ImportId, output: Output) -> Result<()> {
    let (view, failed) = at.crm.import_view(&at.caller, id, 0).await?;
    let failed: Vec<_> = failed.into_iter().map(|row| (row.line, row.detail.unwrap_or_default())).collect();
    let rows: Vec<_> = failed.iter().map(|(line, reason)| json!({"line": line, "reason": reason})).collect();
    output.give(&json!({"import": view, "failed": rows}), || {
        let import = &view.import;
        let mut text = format!(
            "{} of {}: {} taken in, {} repeated, {} failed, {} undone.",
            import.file, view.at, import.imported, import.repeated, import.failed, view.undone
        );
        for (line, reason) in &failed {
            let _ = write!(text, "\n  line {line}: {}", reason.replace('\n', "; "));
        }
        text
    })
}

async fn undo(at: &At, id: ImportId, force: bool, output: Output) -> Result<()> {
    let undone = at.crm.import_undo(&at.caller, id, force).await?;
    output.give(&undone, || {
        let kept = match undone.kept {
            0 => String::new(),
            kept => format!(" {kept} have changed since and were kept; --force erases them too."),
        };
        format!("{} leads were erased.{kept}", undone.taken_back)
    })
}
