//! `forecourt stock`: vehicles of a file, brought up to date, and the stock as a file.

use std::{
    collections::HashSet,
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand, ValueEnum};
use forecourt_crm::feed::{
    FedRow, Feed, LONGEST, Outcome,
    columns::{self, Field, MOBILE_DE, MOBILE_DE_WIDTH},
};
use forecourt_record::{
    Car, Document, Vin,
    catalogue::{Origin, vin_origin},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use super::{
    At, Whose,
    rows::{self, Bar, Format, Rows, Table, beside},
};
use crate::{
    failure::{Failure, Result},
    output::{Output, table},
    system,
};

/// Rows under way at once: enough to share a commit.
const AT_ONCE: usize = 64;
/// Rows of an import that are shown where it is read by a person.
const SHORT: usize = 20;
/// More of a feed than this share going at once is taken for a broken file, in percent.
const MOST_GONE: usize = 50;

#[derive(Args, Debug)]
pub struct Stock {
    #[command(flatten)]
    whose: Whose,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring the stock up to date with a file: known vehicles change, new ones are added
    Import(Import),
    /// Write the stock to a file, or to standard output
    Export(Export),
    /// List the stock: prices, states, and how long each vehicle has been there
    #[command(after_help = "Examples:\n  forecourt stock list\n  forecourt stock list --sold --json")]
    List {
        /// Also vehicles that are sold
        #[arg(long)]
        sold: bool,
    },
    /// Say what a VIN tells of itself: maker, country, model year, check digit
    #[command(after_help = "Examples:\n  forecourt stock vin WVWZZZ1JZ3W386752")]
    Vin {
        /// The VIN, in any writing
        vin: Vin,
    },
    /// List the fields that a column of a file can mean
    #[command(after_help = "Examples:\n  forecourt stock fields")]
    Fields,
}

const EXAMPLES: &str = "\
Examples:
  forecourt stock import stock.csv --dry-run
  forecourt stock import stock.csv --map \"Lot No=stock_number\" --map Notes= --location houston
  forecourt stock import mobile.csv --format mobile-de --feed dms --sold-when-gone --json

A vehicle is known by the number it has in the feed, else by its stock number, else by its VIN. Columns are recognised by
their headings, in English, German and Spanish; --map says what the others mean, and --map COLUMN= leaves one out. An empty
cell says nothing. The same file again changes nothing. Rows that cannot be taken in are written to FILE.errors.csv, and
the others are taken in all the same.";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
struct Import {
    /// File of CSV, with headings, of NDJSON, or as the mobile.de interface takes it
    file: PathBuf,
    /// What a column means, such as Lot=stock_number; may be given several times
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    map: Vec<String>,
    /// How the file is written [default: by its name]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Whose stock the file is: vehicles of one feed are not taken for those of another
    #[arg(long, value_name = "NAME", default_value = "file")]
    feed: String,
    /// Code of the location of vehicles that name none
    #[arg(long, value_name = "CODE")]
    location: Option<String>,
    /// Take vehicles of this feed that are in the file no more to be sold
    #[arg(long)]
    sold_when_gone: bool,
    /// Also where more than half of the feed would go
    #[arg(long, requires = "sold_when_gone")]
    force: bool,
    /// Say what would become of each row, and keep nothing
    #[arg(long)]
    dry_run: bool,
    /// File for the rows that cannot be taken in [default: FILE.errors.csv]
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  forecourt stock export > stock.csv\n  \
    forecourt stock export --format mobile-de --out mobile.csv\n\n\
    What `csv` and `ndjson` write, `stock import` reads again without a change. `mobile-de` has the columns of that interface \
    that a car has members for.")]
struct Export {
    /// How the file is written
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    format: ExportFormat,
    /// Also vehicles that are sold
    #[arg(long)]
    sold: bool,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// Separated by commas, with headings
    Csv,
    /// A JSON object a line, by the same names
    Ndjson,
    /// Separated by semicolons, no headings, columns by their place
    MobileDe,
}

/// A file of vehicles.
struct Vehicles;

impl Table for Vehicles {
    type Field = Field;
    type Row = Value;

    fn places(format: Format) -> Option<&'static [(usize, &'static str)]> {
        (format == Format::MobileDe).then_some(MOBILE_DE)
    }

    fn guess(heading: &str) -> Option<Field> {
        Field::guess(heading)
    }

    fn parse(name: &str) -> forecourt_record::Result<Field> {
        Field::parse(name)
    }

    fn name(field: Field) -> &'static str {
        field.name()
    }

    fn row(cells: &[(Field, String)]) -> forecourt_record::Result<Value> {
        columns::car(cells)
    }
}

pub async fn run(stock: Stock, output: Output) -> Result<()> {
    let Stock { whose, command } = stock;
    match command {
        Command::Fields => {
            let names: Vec<&str> = Field::all().map(Field::name).collect();
            return output.give(&names, || names.join("\n"));
        }
        Command::Vin { vin } => return tell(&vin, output),
        Command::Import(_) | Command::Export(_) | Command::List { .. } => {}
    }
    let at = whose.open().await?;
    let result = match command {
        Command::Import(import) => match rows::open(&import.file, import.format, &import.map) {
            Ok(rows) => take_in(&at, rows, import, output).await,
            Err(failure) => Err(failure),
        },
        Command::Export(export) => write_out(&at, export, output).await,
        Command::List { sold } => list(&at, sold, output).await,
        Command::Fields | Command::Vin { .. } => Ok(()),
    };
    at.close(result).await
}

fn tell(vin: &Vin, output: Output) -> Result<()> {
    let this_year = system::context().now().timestamp().to_string();
    let this_year = this_year.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    let Origin { make, country, model_year, check_digit } = vin_origin(vin, this_year);
    let told = json!({
        "vin": vin.as_str(), "wmi": vin.wmi(), "make": make, "country": country, "model_year": model_year,
        "check_digit": check_digit,
    });
    output.give(&told, || {
        let unknown = || "not known".to_owned();
        format!(
            "Maker       {} ({})\nCountry     {}\nModel year  {}\nCheck digit {}",
            make.unwrap_or("not known"),
            vin.wmi(),
            country.unwrap_or("not known"),
            model_year.map_or_else(unknown, |year| year.to_string()),
            if check_digit { "right" } else { "none, or wrong" }
        )
    })
}

async fn list(at: &At, sold: bool, output: Output) -> Result<()> {
    let now = at.crm.now();
    let (mut after, mut listed) = (0, Vec::new());
    loop {
        let page = at.crm.feed_page(&at.caller, after).await?;
        let Some(last) = page.last() else { break };
        after = last.extra.number;
        listed.extend(page.into_iter().filter(|car| sold || car.doc.status_name() != "sold"));
    }
    let shown = |car: &Document<Car>| {
        let retail = car.doc.prices.as_ref().and_then(|prices| prices.retail.as_ref());
        json!({
            "number": format!("V-{}", car.extra.number),
            "selling_id": car.extra.selling_id,
            "stock_number": car.doc.stock_number,
            "make": car.doc.make,
            "model": car.doc.model,
            "status": car.doc.status_name(),
            "price": car.computed.price,
            "earlier_prices": retail.map_or(0, |line| line.previous_prices.len()),
            "days_in_stock": car.days_in_stock(now),
            "feed": car.extra.feed,
        })
    };
    let listed: Vec<Value> = listed.iter().map(shown).collect();
    output.give(&listed, || {
        let text = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let members = ["number", "selling_id", "stock_number", "make", "model", "status", "price", "days_in_stock"];
        let row = |car: &Value| members.map(|name| text(&car[name]));
        let head = ["NUMBER", "SELLING ID", "STOCK NO", "MAKE", "MODEL", "STATUS", "PRICE", "DAYS"];
        table(head, &listed.iter().map(row).collect::<Vec<_>>())
    })
}

async fn take_in(at: &At, rows: Rows<Vehicles>, import: Import, output: Output) -> Result<()> {
    let Import { file, feed, location, sold_when_gone, force, dry_run, errors, map: _, format: _ } = import;
    if feed.chars().count() > LONGEST {
        return Err(Failure::usage(format!("The name of a feed has at most {LONGEST} characters.")));
    }
    let feed = Feed { name: feed, rehearse: dry_run };
    let columns = rows.columns();
    let placed = |mut row: Value| {
        if let (Some(location), true) = (&location, row["location"].is_null()) {
            row["location"] = json!(location);
        }
        row
    };
    let (feed_of, placed) = (&feed, &placed);
    let mut fed = stream::iter(rows.read()?)
        .map(|row| async move {
            let row = row?;
            let fed = at.crm.feed_row(&at.caller, feed_of, row.line, row.read.map(placed)).await?;
            Ok::<_, Failure>((row.percent, fed))
        })
        .buffered(AT_ONCE);
    let (mut bar, mut reports) = (Bar::new(), Vec::new());
    while let Some((percent, row)) = fed.try_next().await? {
        bar.row(percent);
        reports.push(row);
    }
    bar.end();
    drop(fed);
    let failed: Vec<&FedRow> = reports.iter().filter(|row| row.outcome == Outcome::Failed).collect();
    let errors = errors.unwrap_or_else(|| beside(&file));
    let errors = (!failed.is_empty()).then(|| errors.display().to_string()).filter(|_| !dry_run);
    if let Some(path) = &errors {
        write_errors(&failed, Path::new(path))?;
    }
    let gone = if sold_when_gone { gone(at, &feed, &reports, failed.len(), force).await } else { Ok(Vec::new()) };
    // What has been taken in is told also where nothing is taken to be sold.
    let sold = gone.as_deref().unwrap_or_default();
    for car in sold.iter().filter(|_| !dry_run) {
        at.crm.feed_sold(&at.caller, car.id).await?;
    }
    give(output, dry_run, &columns, &reports, sold, errors.as_deref())?;
    gone.map(drop)
}

/// The vehicles that the feed has no more.
///
/// Errors: rows failed, so that nobody can tell; so many would go that the file is likely to be broken.
async fn gone(at: &At, feed: &Feed, fed: &[FedRow], failed: usize, force: bool) -> Result<Vec<Document<Car>>> {
    let there: HashSet<_> = fed.iter().filter_map(|row| row.id).collect();
    let gone = at.crm.feed_gone(&at.caller, feed, &there).await?;
    if failed > 0 && !gone.is_empty() && !force {
        return Err(Failure::new(format!(
            "{failed} rows failed, so nothing was taken to be sold; mend them, or say --force. What could be taken in was."
        )));
    }
    let known = gone.len() + fed.iter().filter(|row| matches!(row.outcome, Outcome::Changed | Outcome::Same)).count();
    if gone.len() * 100 > known * MOST_GONE && !force {
        return Err(Failure::new(format!(
            "{} of {known} vehicles of the feed \"{}\" are in the file no more, so nothing was taken to be sold; say --force if \
             that is right. What could be taken in was.",
            gone.len(),
            feed.name
        )));
    }
    Ok(gone)
}

fn write_errors(failed: &[&FedRow], path: &Path) -> Result<()> {
    let unwritable = |error: csv::Error| Failure::new(format!("{} cannot be written: {error}.", path.display()));
    let mut writer = csv::Writer::from_path(path).map_err(unwritable)?;
    writer.write_record(["line", "reason"]).map_err(unwritable)?;
    for row in failed {
        writer.write_record([row.line.to_string(), row.details.join("; ")]).map_err(unwritable)?;
    }
    writer.flush().map_err(|error| unwritable(error.into()))
}

fn give(
    output: Output,
    dry_run: bool,
    columns: &[(String, Option<&'static str>)],
    fed: &[FedRow],
    gone: &[Document<Car>],
    errors: Option<&str>,
) -> Result<()> {
    let count = |outcome: Outcome| fed.iter().filter(|row| row.outcome == outcome).count();
    let named = |car: &Document<Car>| json!({"vehicle": format!("V-{}", car.extra.number), "stock_number": car.doc.stock_number});
    let sold: Vec<Value> = gone.iter().map(named).collect();
    let told: Vec<&FedRow> = fed.iter().filter(|row| row.outcome != Outcome::Same).collect();
    let summary = json!({
        "dry_run": dry_run,
        "columns": columns,
        "rows": fed.len(),
        "created": count(Outcome::Created),
        "changed": count(Outcome::Changed),
        "same": count(Outcome::Same),
        "failed": count(Outcome::Failed),
        "sold": sold,
        "report": told,
        "errors": errors,
    });
    output.give(&summary, || {
        let mut lines: Vec<String> = told.iter().take(SHORT).map(|row| line(row)).collect();
        if told.len() > SHORT {
            lines.push(format!("  and {} more; --json shows all", told.len() - SHORT));
        }
        lines.push(format!(
            "{} rows: {} added, {} changed, {} the same, {} failed; {} taken to be sold.{}",
            fed.len(),
            count(Outcome::Created),
            count(Outcome::Changed),
            count(Outcome::Same),
            count(Outcome::Failed),
            sold.len(),
            if dry_run { " Nothing was kept." } else { "" }
        ));
        if let Some(errors) = errors {
            lines.push(format!("Why rows failed is in {errors}."));
        }
        lines.join("\n")
    })
}

fn line(row: &FedRow) -> String {
    let word = match row.outcome {
        Outcome::Created => "added",
        Outcome::Changed => "changed",
        Outcome::Same => "the same",
        Outcome::Failed => "failed",
    };
    // What is added has no number yet where nothing is kept.
    let vehicle = row.vehicle.as_deref().filter(|_| row.outcome != Outcome::Created).unwrap_or_default();
    format!("  line {}: {word} {vehicle} {}", row.line, row.details.join(", "))
}

async fn write_out(at: &At, export: Export, output: Output) -> Result<()> {
    let unwritable = |error: std::io::Error| Failure::new(format!("The stock cannot be written: {error}."));
    // What is broken off leaves no half file under its name.
    let partial = export.out.as_ref().map(|path| path.with_extension("partial"));
    let sink: Box<dyn Write + Send> = match &partial {
        Some(path) => Box::new(std::io::BufWriter::new(std::fs::File::create(path).map_err(unwritable)?)),
        None => Box::new(std::io::BufWriter::new(std::io::stdout())),
    };
    let written = pages(at, &export, sink).await?;
    if let (Some(partial), Some(path)) = (&partial, &export.out) {
        std::fs::rename(partial, path).map_err(unwritable)?;
        output.give(&json!({"vehicles": written, "file": path}), || {
            format!("{written} vehicles are in {}.", path.display())
        })?;
    }
    Ok(())
}

async fn pages(at: &At, export: &Export, mut sink: Box<dyn Write + Send>) -> Result<u64> {
    let unwritable = |error: std::io::Error| Failure::new(format!("The stock cannot be written: {error}."));
    let fields: Vec<Field> = Field::exported().collect();
    if export.format == ExportFormat::Csv {
        let headings = fields.iter().map(|field| field.name().to_owned()).collect();
        sink.write_all(&csv_line(b',', headings)?).map_err(unwritable)?;
    }
    let (mut after, mut written) = (0, 0);
    loop {
        let page = at.crm.feed_page(&at.caller, after).await?;
        let Some(last) = page.last() else { break };
        after = last.extra.number;
        for car in page.into_iter().filter(|car| export.sold || car.doc.status_name() != "sold") {
            let car = serde_json::to_value(&car.doc).map_err(|error| Failure::new(format!("{error}.")))?;
            let line = match export.format {
                ExportFormat::Csv => csv_line(b',', fields.iter().map(|field| columns::cell(*field, &car)).collect())?,
                ExportFormat::MobileDe => csv_line(b';', mobile_record(&car))?,
                ExportFormat::Ndjson => format!("{}\n", object(&fields, &car)).into_bytes(),
            };
            sink.write_all(&line).map_err(unwritable)?;
            written += 1;
        }
    }
    sink.flush().map_err(unwritable)?;
    Ok(written)
}

fn csv_line(delimiter: u8, cells: Vec<String>) -> Result<Vec<u8>> {
    let broken = |error: String| Failure::new(format!("The stock cannot be written: {error}."));
    let mut line = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    line.write_record(cells).map_err(|error| broken(error.to_string()))?;
    line.into_inner().map_err(|error| broken(error.to_string()))
}

/// What is said of a car, by the names of the fields.
fn object(fields: &[Field], car: &Value) -> Value {
    let said = fields.iter().map(|field| (field.name().to_owned(), columns::cell(*field, car)));
    said.filter(|(_, cell)| !cell.is_empty()).map(|(name, cell)| (name, Value::from(cell))).collect()
}

fn mobile_record(car: &Value) -> Vec<String> {
    let mut record = vec![String::new(); MOBILE_DE_WIDTH];
    for (at, heading) in MOBILE_DE {
        if let (Some(field), Some(cell)) = (Field::guess(heading), record.get_mut(*at)) {
            *cell = columns::mobile_cell(field, car);
        }
    }
    record
}
