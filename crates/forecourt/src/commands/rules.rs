//! `forecourt dealer rules`: when people may be contacted, shown, replaced, and given back to what is shipped.

use std::path::PathBuf;

use clap::Args;
use forecourt_record::{Shape, gate::Rules as Contact};

use super::{At, files};
use crate::{
    failure::Result,
    output::{Output, table},
};

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  forecourt dealer rules\n  forecourt dealer rules --json > rules.json\n  \
    forecourt dealer rules --set rules.json\n  forecourt dealer rules --shipped\n\n\
    Without rules of its own a dealer has those shipped for the country of the location. The file is checked first, and\n\
    everything that is wrong with it is told.")]
pub struct Rules {
    /// File of JSON with the dealer's own rules, as `dealer rules --json` prints them
    #[arg(long, value_name = "FILE", conflicts_with = "shipped")]
    set: Option<PathBuf>,
    /// Give up the dealer's own rules for the shipped ones
    #[arg(long)]
    shipped: bool,
}

pub async fn run(at: &At, rules: Rules, output: Output) -> Result<()> {
    if let Some(file) = rules.set {
        let own: Contact = files::read(&file, files::value(&file)?, &Shape::of::<Contact>())?;
        let wrong = own.check();
        if !wrong.is_empty() {
            return Err(files::refused(&file, &wrong));
        }
        at.crm.contact_rules_put(&at.caller, Some(own)).await?;
    } else if rules.shipped {
        at.crm.contact_rules_put(&at.caller, None).await?;
    }
    let config = at.crm.config(at.dealer.id).await?;
    let there = config.contact_rules(None);
    output.give(there, || {
        let windows = there.windows.iter().map(|row| ("hours", &row.name, &row.source));
        let days = there.holidays.iter().map(|row| ("days off", &row.name, &row.source));
        let limits = there.limits.iter().map(|row| ("limit", &row.name, &row.source));
        let rows: Vec<_> = windows
            .chain(days)
            .chain(limits)
            .map(|(kind, name, source)| [kind.to_owned(), name.clone(), source.clone()])
            .collect();
        format!("{}\n\nBetween two contacts: {} s.", table(["KIND", "NAME", "SOURCE"], &rows), there.gap.seconds)
    })
}
