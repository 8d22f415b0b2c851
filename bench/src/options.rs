//! What the command line of a run says, and where its parts are found.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::Result;
use crate::work::Backend;

#[derive(Args)]
pub struct Options {
    /// Leads in the store, step by step: 10k, 100k, 1m or plain numbers.
    #[arg(long, value_delimiter = ',', value_parser = count, default_value = "10k,100k,1m")]
    pub sizes: Vec<u64>,
    /// Vehicles in the store that the works over the stock read; 0 leaves them out.
    #[arg(long, value_parser = count, default_value = "200k")]
    pub vehicles: u64,
    /// People on a schedule whose next action is due when a worker starts; 0 leaves outreach out.
    #[arg(long, value_parser = count, default_value = "100k")]
    pub due: u64,
    /// People on a schedule who wait meanwhile.
    #[arg(long, value_parser = count, default_value = "1m")]
    pub waiting: u64,
    /// Stores to measure; postgres needs FORECOURT_TEST_POSTGRES and is left out, with a word, without it.
    #[arg(long, value_delimiter = ',', value_enum, default_value = "sqlite,postgres")]
    pub backends: Vec<Backend>,
    /// Length of one drive at a million leads; at 100k it is half of it, below a third.
    #[arg(long, default_value_t = 3.0)]
    pub seconds: f64,
    /// Drives of each side; the table shows their medians.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
    /// Keep-alive connections that ask at once.
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    /// Also write the report as JSON; a bare file name goes to bench/results/.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// A look at whether all is well: 10k leads, 10k vehicles, 2k people due and 10k waiting, one second, one round.
    #[arg(long)]
    pub quick: bool,
    /// Works to measure, by name; all when not given.
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<String>,
    /// The server under measurement; by default `forecourt` beside this program.
    #[arg(long)]
    pub binary: Option<PathBuf>,
    /// Measure the bare servers alone.
    #[arg(long)]
    pub reference_only: bool,
    /// What the subject's page cache is set to: its memory under load may be this and 150 MB.
    #[arg(long)]
    pub cache_mb: Option<f64>,
    /// Where stores are kept during the run; by default the system's temporary folder.
    #[arg(long)]
    pub scratch: Option<PathBuf>,
    #[arg(long, env = "FORECOURT_TEST_POSTGRES", hide = true)]
    pub postgres: Option<String>,
}

/// The server under measurement, which must be there.
pub fn binary(given: Option<PathBuf>) -> Result<PathBuf> {
    let binary = match given {
        Some(binary) => binary,
        None => std::env::current_exe()?.with_file_name("forecourt"),
    };
    if binary.is_file() {
        return Ok(binary);
    }
    Err(format!("{} is not there: build it with `cargo build --release`, name another by --binary, or measure the bare servers by --reference-only", binary.display()).into())
}

/// `10k`, `1m` or plain digits.
pub fn count(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_ascii_lowercase();
    let (digits, unit) = match lower.strip_suffix('k') {
        Some(digits) => (digits, 1_000),
        None => lower.strip_suffix('m').map_or((lower.as_str(), 1), |digits| (digits, 1_000_000)),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .ok_or_else(|| format!("{text} is not a count"))
}

/// A bare name is kept with the others of its kind.
pub fn history(file: &Path) -> PathBuf {
    let bare = file.parent().is_none_or(|folder| folder.as_os_str().is_empty());
    let file = if bare { Path::new("bench/results").join(file) } else { file.to_owned() };
    if file.extension().is_some() { file } else { file.with_extension("json") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_they_are_said() {
        for (text, expected) in [("10k", 10_000), ("1M", 1_000_000), (" 250 ", 250), ("0", 0)] {
            assert_eq!(count(text), Ok(expected));
        }
        for wrong in ["", "k", "1.5m", "-1", "99999999999999999999"] {
            assert!(count(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn history_has_a_place() {
        for (given, expected) in [
            ("first", "bench/results/first.json"),
            ("first.json", "bench/results/first.json"),
            ("/tmp/x.json", "/tmp/x.json"),
            ("./y.json", "./y.json"),
        ] {
            assert_eq!(history(Path::new(given)), Path::new(expected));
        }
    }
}
