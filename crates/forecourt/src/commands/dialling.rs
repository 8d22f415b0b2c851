//! `forecourt dealer dialling`: how agents are given calls, shown and replaced.

use std::path::PathBuf;

use clap::Args;
use forecourt_record::{Shape, pacing::Dialling as Settings};

use super::{At, files};
use crate::{
    failure::{Failure, Result},
    output::Output,
};

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  forecourt dealer dialling\n  forecourt dealer dialling --json > dialling.json\n  \
    forecourt dealer dialling --set dialling.json\n\n\
    Modes are preview (an agent looks first), progressive (one line for each free agent) and power (more lines than agents,\n\
    within the cap on dropped calls). What the file leaves out is as it was shipped."
)]
pub struct Dialling {
    /// File of JSON with the settings, as `dealer dialling --json` prints them
    #[arg(long, value_name = "FILE")]
    set: Option<PathBuf>,
}

pub async fn run(at: &At, dialling: Dialling, output: Output) -> Result<()> {
    if let Some(file) = dialling.set {
        let own: Settings = files::read(&file, files::value(&file)?, &Shape::of::<Settings>())?;
        let config = at.crm.config(at.dealer.id).await?;
        let wrong = own.check(|status| config.dealer.doc.pipeline.phase(status).is_some());
        if !wrong.is_empty() {
            return Err(files::refused(&file, &wrong));
        }
        let changed = at.crm.dealer_change(&at.caller, move |dealer| dealer.dialling.clone_from(&own)).await;
        changed.map(drop).map_err(Failure::from)?;
    }
    let config = at.crm.config(at.dealer.id).await?;
    let there = &config.dealer.doc.dialling;
    output.give(there, || {
        let words: Vec<&str> = there.dispositions.iter().map(|one| one.name.as_str()).collect();
        let dispositions = if words.is_empty() { "none".to_owned() } else { words.join(", ") };
        format!(
            "Mode {}; {} a second at most; rings for {} s; {} s after a call.\nDispositions: {dispositions}.",
            there.mode.as_str(),
            there.calls_per_second,
            there.ring_seconds,
            there.wrap_up_seconds,
        )
    })
}
