//! `export-crash`: an export of many sale leads, its server killed half way by SIGKILL, finished by the next one, and
//! compared with the rows as the database holds them. SQLite.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::export::{Digest, Export, Exported};
use crate::options::{binary, count};
use crate::subject::{Store, Subject};
use crate::{Result, clock};

#[derive(Args)]
pub struct Options {
    /// Sale leads in the store: 10k, 1m or a plain number.
    #[arg(long, value_parser = count, default_value = "1m")]
    leads: u64,
    /// What the server's page cache is set to, in MiB.
    #[arg(long, default_value_t = 64)]
    cache_mib: u32,
    /// What the server's resident memory may be at most, in MB.
    #[arg(long, default_value_t = 200.0)]
    at_most_mb: f64,
    /// The server; by default `forecourt` beside this program.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Where the store is kept during the run; by default the system's temporary folder.
    #[arg(long)]
    scratch: Option<PathBuf>,
}

/// Prints what happened as JSON. False when the memory was too much or the result is not what the rows are.
pub async fn run(options: Options) -> Result<bool> {
    let binary = binary(options.binary)?;
    let scratch = match &options.scratch {
        Some(folder) => TempDir::with_prefix_in("forecourt-bench-", folder)?,
        None => TempDir::with_prefix("forecourt-bench-")?,
    };
    let folder = scratch.path().join("subject");
    let subject = Subject::prepare(&binary, Store::Folder(folder.clone()), &scratch.path().join("log")).await?;
    eprintln!("seeding {} sale leads", options.leads);
    subject.seed(options.leads).await?;
    let cache = options.cache_mib.to_string();
    let serve = ["--cache-mib", cache.as_str()];

    let server = subject.serve(&serve).await?;
    let idle = server.memory()?.resident_mb;
    let export = Export::begin(server.address, &subject.access, "").await?;
    let reached = half(&export).await?;
    let before = server.memory()?.peak_mb;
    eprintln!("killing it after {reached} of {}", options.leads);
    server.kill().await?;

    let server = subject.serve(&serve).await?;
    let export = export.at(server.address);
    let Exported { rows, bytes, sha256, took, .. } = export.done(None).await?;
    let after = server.memory()?.peak_mb;
    let fetched = export.digest().await?;
    let fetching = server.memory()?.peak_mb;
    server.stop().await?;

    let (there, expected) = tokio::task::spawn_blocking(move || from_rows(&folder.join("forecourt.db"))).await??;
    let is_right = (rows, &sha256, &fetched) == (there, &expected, &expected);
    let is_small = [before, after, fetching].iter().all(|peak| *peak <= options.at_most_mb);
    crate::answer(&serde_json::to_string_pretty(&json!({
        "leads": there, "cache_mib": options.cache_mib,
        "memory_mb": {
            "idle": idle, "peak_until_killed": before, "peak_of_the_export": after, "peak_with_download": fetching,
        },
        "killed_at_row": reached,
        "result": { "rows": rows, "bytes": bytes, "sha256": sha256, "seconds_after_restart": took.as_secs_f64() },
        "sha256_downloaded": fetched,
        "sha256_of_the_rows": expected,
        "right": is_right,
        "small": is_small,
    }))?);
    scratch.close()?;
    Ok(is_right && is_small)
}

/// Waits until half of it is written. Gives how much that is.
async fn half(export: &Export<'_>) -> Result<u64> {
    loop {
        let job: Value = export.view().await?;
        let progress = |name: &str| job["progress"][name].as_u64().unwrap_or_default();
        let (done, total) = (progress("done"), progress("total"));
        if job["status"] == "success" {
            return Err("the export was done before it could be killed: take more leads".into());
        }
        if total > 0 && done * 2 >= total {
            return Ok(done);
        }
        clock::rest(Duration::from_millis(20)).await;
    }
}

/// How many sale leads there are, and the digest of the lines that they should be, put together here.
fn from_rows(database: &Path) -> Result<(u64, String)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    let mut statement = connection.prepare("SELECT doc, computed FROM saleleads ORDER BY id")?;
    let mut rows = statement.query([])?;
    let (mut count, mut digest) = (0, Digest::default());
    while let Some(row) = rows.next()? {
        let (doc, computed) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        count += 1;
        digest.add(line(doc, computed).as_bytes());
    }
    Ok((count, digest.hex()))
}

/// A document with its computed part as the last member.
fn line(doc: &str, computed: &str) -> String {
    match (doc.strip_suffix('}'), computed) {
        (Some(members), computed) if !matches!(computed, "{}" | "null") => {
            format!("{members},\"computed\":{computed}}}\n")
        }
        _ => format!("{doc}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_documents() {
        assert_eq!(line(r#"{"a":1}"#, r#"{"n":2}"#), "{\"a\":1,\"computed\":{\"n\":2}}\n");
        assert_eq!(line(r#"{"a":1}"#, "{}"), "{\"a\":1}\n");
    }
}
