//! The rows of a file: CSV as spreadsheets write it, or a JSON object a line.

use std::{
    fmt::Write as _,
    fs::File,
    io::{BufRead as _, BufReader, IsTerminal as _, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use forecourt_record::Error;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::failure::{Failure, Result};

/// How often progress is shown, in rows.
const SHOWN: i64 = 250;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Separated by commas, semicolons or tabs, with headings
    Csv,
    /// A JSON object a line
    Ndjson,
    /// The CSV of the mobile.de interface: no headings, columns by their place; vehicles only
    MobileDe,
}

/// What the rows of a file are about.
pub trait Table: 'static {
    /// What a column means.
    type Field: Copy + Send + 'static;
    /// What a row stands for.
    type Row: Send;

    /// Columns by their place, where the format says what they mean and the file has no headings.
    fn places(_: Format) -> Option<&'static [(usize, &'static str)]> {
        None
    }

    /// The field that a heading most likely means.
    fn guess(heading: &str) -> Option<Self::Field>;

    /// The field of a name. Errors: `Invalid` with the nearest known one.
    fn parse(name: &str) -> forecourt_record::Result<Self::Field>;

    fn name(field: Self::Field) -> &'static str;

    /// What the cells of a row say.
    fn row(cells: &[(Self::Field, String)]) -> forecourt_record::Result<Self::Row>;

    /// A row that a line of NDJSON holds whole; none where its members are named like columns.
    fn whole(_: &Value) -> Option<forecourt_record::Result<Self::Row>> {
        None
    }
}

/// A file about to be read.
pub struct Rows<T: Table> {
    path: PathBuf,
    format: Format,
    delimiter: u8,
    /// The reader counts a line that ends in CR LF at the beginning of the next one.
    late: i64,
    /// The headings of CSV in their order; of NDJSON, the members that were mapped.
    columns: Vec<(String, Option<T::Field>)>,
    bytes: u64,
}

/// A row as it was read.
pub struct Row<R> {
    /// Where it begins in the file, from 1.
    pub line: i64,
    /// How much of the file has been read.
    pub percent: u64,
    pub read: forecourt_record::Result<R>,
}

/// The rows of a file, one after the other.
type Reading<T> = Box<dyn Iterator<Item = Result<Row<<T as Table>::Row>>> + Send>;

/// Opens a file and looks at its headings.
///
/// Errors: it cannot be read; a mapping names a column or a field that is not there; no column means anything.
pub fn open<T: Table>(path: &Path, format: Option<Format>, map: &[String]) -> Result<Rows<T>> {
    let unreadable = |error: std::io::Error| Failure::new(format!("{} cannot be read: {error}.", path.display()));
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    let by_name = match path.extension().and_then(|extension| extension.to_str()) {
        Some("ndjson" | "jsonl" | "json") => Format::Ndjson,
        _ => Format::Csv,
    };
    let format = format.unwrap_or(by_name);
    let mapped = map.iter().map(|pair| mapping::<T>(pair)).collect::<Result<Vec<_>>>()?;
    let mut rows = Rows { path: path.to_owned(), format, delimiter: b',', late: 0, columns: mapped.clone(), bytes };
    if format == Format::Ndjson {
        return Ok(rows);
    }
    let mut first = Vec::new();
    BufReader::new(File::open(path).map_err(unreadable)?).read_until(b'\n', &mut first).map_err(unreadable)?;
    rows.delimiter = delimiter(&first);
    rows.late = i64::from(first.ends_with(b"\r\n"));
    if let Some(places) = T::places(format) {
        let last = places.iter().map(|(at, _)| at + 1).max().unwrap_or_default();
        let heading = |at| places.iter().find(|(place, _)| *place == at).map_or("", |(_, heading)| *heading);
        rows.columns = (0..last).map(|at| (heading(at).to_owned(), T::guess(heading(at)))).collect();
        return Ok(rows);
    }
    let mut reader = rows.reader()?;
    let headings =
        reader.byte_headers().map_err(|error| Failure::new(format!("{} is not CSV: {error}.", path.display())))?;
    let headings: Vec<String> = headings.iter().map(|heading| text(heading).trim().to_owned()).collect();
    if let Some((unknown, _)) = mapped.iter().find(|(column, _)| !headings.contains(column)) {
        return Err(Failure::usage(format!("There is no column \"{unknown}\"; there are {}.", headings.join(", "))));
    }
    rows.columns = headings
        .into_iter()
        .map(|heading| match mapped.iter().find(|(column, _)| *column == heading) {
            Some((_, field)) => (heading, *field),
            None => (heading.clone(), T::guess(&heading)),
        })
        .collect();
    if rows.columns.iter().all(|(_, field)| field.is_none()) {
        return Err(Failure::new("No column was recognised; say what they mean with --map COLUMN=FIELD."));
    }
    Ok(rows)
}

/// `Tel=phone`, or `Tel=` for a column that is left out.
fn mapping<T: Table>(pair: &str) -> Result<(String, Option<T::Field>)> {
    let (column, field) =
        pair.rsplit_once('=').ok_or_else(|| Failure::usage(format!("\"{pair}\" is not COLUMN=FIELD.")))?;
    let field = match field {
        "" => None,
        name => Some(T::parse(name).map_err(|error| Failure::usage(error.detail))?),
    };
    Ok((column.to_owned(), field))
}

/// The separator that the headings have most of.
pub(super) fn delimiter(line: &[u8]) -> u8 {
    let count = |wanted: u8| line.split(|byte| *byte == wanted).count();
    [b',', b';', b'\t'].into_iter().max_by_key(|wanted| (count(*wanted), *wanted == b',')).unwrap_or(b',')
}

/// Text as it was meant: UTF-8, else what western spreadsheets write.
pub(super) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Shows how far it is, on a terminal.
pub struct Bar {
    shown: bool,
    pub rows: i64,
}

impl Bar {
    pub fn new() -> Self {
        Self { shown: std::io::stderr().is_terminal(), rows: 0 }
    }

    pub fn row(&mut self, percent: u64) {
        self.rows += 1;
        if self.shown && self.rows % SHOWN == 0 {
            let full = usize::try_from(percent.min(100) / 4).unwrap_or_default();
            let _ = write!(std::io::stderr(), "\r[{:<25}] {percent:>3} %  {} rows ", "=".repeat(full), self.rows);
        }
    }

    pub fn end(&self) {
        if self.shown && self.rows >= SHOWN {
            let _ = writeln!(std::io::stderr());
        }
    }
}

/// Where the rows that failed are written.
pub fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".errors.csv");
    name.into()
}

impl<T: Table> Rows<T> {
    /// The same for the same file read in the same way.
    pub fn fingerprint(&self) -> Result<String> {
        let mut digest = Sha256::new();
        for (column, field) in &self.columns {
            digest.update(format!("{column}={}\n", field.map_or("", T::name)));
        }
        let mut file = self.file()?;
        let mut block = vec![0; 64 << 10];
        loop {
            match file.read(&mut block).map_err(|error| self.unreadable(&error))? {
                0 => break,
                some => digest.update(&block[..some]),
            }
        }
        Ok(digest.finalize().iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }

    /// What each column was taken to mean.
    pub fn columns(&self) -> Vec<(String, Option<&'static str>)> {
        self.columns.iter().map(|(column, field)| (column.clone(), field.map(T::name))).collect()
    }

    /// Its rows, one after the other.
    pub fn read(self) -> Result<Reading<T>> {
        match self.format {
            Format::Csv | Format::MobileDe => self.read_csv(),
            Format::Ndjson => self.read_ndjson(),
        }
    }

    fn file(&self) -> Result<File> {
        File::open(&self.path).map_err(|error| self.unreadable(&error))
    }

    fn unreadable(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("{} cannot be read: {error}.", self.path.display()))
    }

    fn percent(&self, byte: u64) -> u64 {
        byte * 100 / self.bytes.max(1)
    }

    fn reader(&self) -> Result<csv::Reader<File>> {
        let mut file = self.file()?;
        let mut mark = [0; 3];
        // A mark of the encoding is no part of the first heading.
        if file.read_exact(&mut mark).is_err() || mark != [0xef, 0xbb, 0xbf] {
            file.rewind().map_err(|error| self.unreadable(&error))?;
        }
        let has_headers = T::places(self.format).is_none();
        Ok(csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .has_headers(has_headers)
            .flexible(true)
            .from_reader(file))
    }

    fn read_csv(self) -> Result<Reading<T>> {
        let rows = self.reader()?.into_byte_records();
        Ok(Box::new(rows.map(move |record| {
            let record = record.map_err(|error| Failure::new(format!("{}: {error}.", self.path.display())))?;
            let (line, byte) = record.position().map_or((0, 0), |position| (position.line(), position.byte()));
            let cells: Vec<(T::Field, String)> = self
                .columns
                .iter()
                .zip(&record)
                .filter_map(|((_, field), cell)| Some(((*field)?, text(cell))))
                .collect();
            Ok(Row { line: line as i64 + self.late, percent: self.percent(byte), read: T::row(&cells) })
        })))
    }

    fn read_ndjson(self) -> Result<Reading<T>> {
        let lines = BufReader::new(self.file()?).split(b'\n').enumerate();
        let mut byte = 0;
        Ok(Box::new(lines.filter_map(move |(at, line)| {
            let line = match line {
                Ok(line) => line,
                Err(error) => return Some(Err(self.unreadable(&error))),
            };
            byte += line.len() as u64 + 1;
            let blank = line.iter().all(u8::is_ascii_whitespace);
            let row = || Row { line: at as i64 + 1, percent: self.percent(byte), read: self.object(&text(&line)) };
            (!blank).then(|| Ok(row()))
        })))
    }

    /// A row that is whole, or members named like columns.
    fn object(&self, line: &str) -> forecourt_record::Result<T::Row> {
        let not_json = |_| Error::field("row", "bad_format", "This line is not a JSON object.");
        let value: Value = serde_json::from_str(line).map_err(not_json)?;
        let Value::Object(members) = &value else {
            return Err(Error::field("row", "bad_format", "Expected an object."));
        };
        if let Some(whole) = T::whole(&value) {
            return whole;
        }
        let cells: Vec<(T::Field, String)> = members
            .iter()
            .filter_map(|(name, value)| {
                let mapped = self.columns.iter().find(|(column, _)| column == name);
                let field = mapped.map_or_else(|| T::guess(name), |(_, field)| *field)?;
                let cell = match value {
                    Value::String(text) => text.clone(),
                    Value::Null => return None,
                    other => other.to_string(),
                };
                Some((field, cell))
            })
            .collect();
        T::row(&cells)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::commands::import::Leads;

    /// The line of a row, the name and the number.
    type Read = (i64, Option<String>, Option<String>);

    fn rows(name: &str, bytes: &[u8], map: &[&str]) -> Result<Vec<Read>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let map: Vec<String> = map.iter().map(ToString::to_string).collect();
        let rows = open::<Leads>(&path, None, &map)?.read()?;
        rows.map(|row| {
            row.map(|row| {
                (
                    row.line,
                    row.read.as_ref().ok().and_then(|lead| lead.name.clone()),
                    row.read.ok().and_then(|lead| lead.phone),
                )
            })
        })
        .collect()
    }

    fn row(line: i64, name: &str, phone: &str) -> Read {
        (line, Some(name.to_owned()), Some(phone.to_owned()))
    }

    #[test]
    fn spreadsheets_are_read_as_they_write() {
        for bytes in [
            "Name,Phone\nAna Ruiz,1\n\"Jos\u{e9}\nLuis\",2\n".as_bytes(),
            "\u{feff}Name;Phone\r\nAna Ruiz;1\r\n\"Jos\u{e9}\r\nLuis\";2\r\n".as_bytes(),
            "Kunde\tTelefon\tShoe size\nAna Ruiz\t1\t43\nJos\u{e9} Luis\t2\n".as_bytes(),
            b"Name,Phone\nAna Ruiz,1\nJos\xe9 Luis,2\n",
        ] {
            let read = rows("a.csv", bytes, &[]).unwrap();
            assert_eq!(read[0], row(2, "Ana Ruiz", "1"));
            assert_eq!((read[1].0, read[1].2.as_deref()), (3, Some("2")));
            assert!(read[1].1.as_ref().unwrap().starts_with("Jos\u{e9}"));
        }
    }

    #[test]
    fn columns_mean_what_is_said() {
        let file = b"Who,Tel,Name\nAna,1,x\n";
        assert_eq!(rows("a.csv", file, &["Who=name", "Name="]).unwrap(), [row(2, "Ana", "1")]);
        for map in ["Whom=name", "Who=nam", "Who"] {
            assert!(rows("a.csv", file, &[map]).is_err(), "{map}");
        }
        assert!(rows("a.csv", b"a,b\n1,2\n", &[]).is_err());
    }

    #[test]
    fn lines_of_json_are_flat_or_whole() {
        let file = br#"{"name": "Ana", "phone": 1}

{"client": {"name": "Jose", "phone": "2"}}
[1]
not json
"#;
        let expected = [row(1, "Ana", "1"), row(3, "Jose", "2"), (4, None, None), (5, None, None)];
        assert_eq!(rows("a.ndjson", file, &[]).unwrap(), expected);
    }
}
