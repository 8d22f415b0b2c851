//! `forecourt migrate`, `backup`, `restore` and `verify`: the store as a whole.

use std::path::PathBuf;

use clap::Args;
use forecourt_crm::Crm;
use forecourt_store::Finding;
use serde_json::json;

use crate::{
    config::StoreArgs,
    failure::{Failure, Result},
    output::{Output, table},
    system,
};

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  forecourt migrate --data /var/lib/forecourt\n\n\
    An older store is brought up to date, and a new one made. SQLite: a snapshot is left beside the file first.\n\
    `forecourt serve` does the same by itself.")]
pub struct Migrate {
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  forecourt backup /backups/forecourt-$(date +%F).db --data /var/lib/forecourt\n\n\
    The copy is consistent, and may be taken while the store is served.")]
pub struct Backup {
    /// File to write; it must not exist yet
    file: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  forecourt restore /backups/forecourt-2026-11-21.db --data /var/lib/forecourt\n\n\
    The place must be empty: a folder without a store, or a database without one.")]
pub struct Restore {
    /// File that `forecourt backup` wrote, of the same kind of store
    file: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  forecourt verify --data /var/lib/forecourt\n\n\
    Columns, counts, words, references, keys and computed members must all follow from the documents. What does not is\n\
    listed, and the exit code is 1.")]
pub struct Verify {
    #[command(flatten)]
    store: StoreArgs,
}

pub async fn migrate(migrate: Migrate, output: Output) -> Result<()> {
    let crm = system::open(&migrate.store.load()?, system::Store::MayBeMade).await?;
    let backend = crm.store.backend();
    crm.store.close().await;
    output.give(&json!({"backend": backend, "ready": true}), || format!("The {backend} store is up to date."))
}

pub async fn backup(backup: Backup, output: Output) -> Result<()> {
    let Backup { file, store } = backup;
    let config = store.load()?;
    if file.exists() {
        return Err(Failure::new(format!("{} exists already.", file.display())));
    }
    let crm = system::open(&config, system::Store::MustExist).await?;
    let report = crm.store.backup(&config.store(), &file).await;
    crm.store.close().await;
    let report = report?;
    output.give(&report, || format!("{} bytes were written to {}.", report.bytes, file.display()))
}

pub async fn restore(restore: Restore, output: Output) -> Result<()> {
    let Restore { file, store } = restore;
    let config = store.load()?;
    if !file.exists() {
        return Err(Failure::new(format!("There is no {}.", file.display())));
    }
    let report = forecourt_store::restore(&config.store(), &file).await?;
    output.give(&report, || format!("{} bytes were restored from {}.", report.bytes, file.display()))
}

/// What the store finds wrong, and what is computed otherwise than the documents say.
async fn found(crm: &Crm) -> forecourt_record::Result<Vec<Finding>> {
    let mut findings = crm.store.verify(crm.now()).await?;
    if !findings.is_empty() {
        // What is computed of broken documents says nothing.
        return Ok(findings);
    }
    for dealer in crm.dealer_list().await? {
        findings.extend(crm.computed_verify(dealer.id).await?);
    }
    Ok(findings)
}

pub async fn verify(verify: Verify, output: Output) -> Result<()> {
    let crm = system::open(&verify.store.load()?, system::Store::MustExist).await?;
    let findings = found(&crm).await;
    crm.store.close().await;
    let findings = findings?;
    output.give(&json!({"consistent": findings.is_empty(), "findings": findings}), || {
        if findings.is_empty() {
            return "The store is consistent.".to_owned();
        }
        let row = |finding: &Finding| {
            [finding.dealer.clone().unwrap_or_default(), finding.kind.clone(), finding.problem.clone()]
        };
        table(["DEALER", "KIND", "PROBLEM"], &findings.iter().map(row).collect::<Vec<_>>())
    })?;
    match findings.len() {
        0 => Ok(()),
        1 => Err(Failure::new("The store is not consistent: 1 finding.")),
        many => Err(Failure::new(format!("The store is not consistent: {many} findings."))),
    }
}
