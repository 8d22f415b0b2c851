//! What commands print: one JSON value for programs, or text for people. Everything else goes to standard error.

use std::io::Write as _;

use serde::Serialize;

use crate::failure::{Failure, Result};

/// How the answer is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    pub const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Answers, in one line of JSON or as text.
    pub fn give(self, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        let text = if self.json {
            serde_json::to_string(value).map_err(|error| Failure::new(format!("The answer is not JSON: {error}.")))?
        } else {
            text()
        };
        write(&text);
        Ok(())
    }
}

/// A line to standard output. Whoever closed it does not want to know.
fn write(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush());
}

/// How far things are, on standard error.
pub fn progress(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Rows under headings, in columns.
pub fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let widths: Vec<usize> = (0..N)
        .map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0).max(headings[at].len()))
        .collect();
    let line = |cells: &[&str]| -> String {
        let cells: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let rows = rows.iter().map(|row| line(&row.each_ref().map(String::as_str)));
    std::iter::once(line(&headings)).chain(rows).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["Ana".to_owned(), "sales".to_owned()], ["Maximilian".to_owned(), "bdc".to_owned()]];
        let expected = "NAME        ROLE\nAna         sales\nMaximilian  bdc";
        assert_eq!(table(["NAME", "ROLE"], &rows), expected);
    }
}
