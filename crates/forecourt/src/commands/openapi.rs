//! `forecourt openapi`: the document of a dialect, as a running server would answer it.

use clap::{Args, ValueEnum};

use crate::{
    failure::{Failure, Result},
    output::Output,
};

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  forecourt openapi altum > altum.json\n\nA running server answers the same at /openapi/altum.json."
)]
pub struct Openapi {
    /// Which dialect
    dialect: Dialect,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Dialect {
    /// Altum Drive v1.4
    Altum,
    /// Walcu CRM 0.0.2
    Walcu,
    /// The jobs that exports of Walcu CRM are
    Jobs,
    /// Autengo v3
    Autengo,
    /// The dialler's lead API
    Dialler,
    /// TrackDrive's lead API
    Trackdrive,
    /// Our own API
    Native,
}

pub fn run(openapi: &Openapi, output: Output) -> Result<()> {
    let document = match openapi.dialect {
        Dialect::Altum => forecourt_dialect_altum::operations().openapi(),
        Dialect::Walcu => forecourt_dialect_walcu::operations().openapi(),
        Dialect::Jobs => forecourt_dialect_walcu::jobs().openapi(),
        Dialect::Autengo => forecourt_dialect_autengo::operations().openapi(),
        Dialect::Dialler => forecourt_dialect_dialler::operations().openapi(),
        Dialect::Trackdrive => forecourt_dialect_trackdrive::operations().openapi(),
        Dialect::Native => forecourt_dialect_native::operations().openapi(),
    };
    let pretty = serde_json::to_string_pretty(&document)
        .map_err(|error| Failure::new(format!("The document is not JSON: {error}.")))?;
    output.give(&document, || pretty)
}
