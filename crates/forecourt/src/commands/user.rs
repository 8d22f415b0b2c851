//! `forecourt user`: the people who work at a dealer.

use std::io::BufRead as _;

use clap::{Args, Subcommand};
use forecourt_crm::settings::NewUser;
use forecourt_record::{self as record, Context, Document, Role};
use serde_json::{Value, json};

use super::{At, Whose};
use crate::{
    failure::Result,
    output::{Output, table},
};

#[derive(Args, Debug)]
pub struct User {
    #[command(flatten)]
    whose: Whose,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add a user and show the password, this once
    Add(Add),
    /// List the users
    #[command(after_help = "Examples:\n  forecourt user list --data /var/lib/forecourt")]
    List,
    /// Give a user the number that Autengo's partners know it by, or take it away
    #[command(after_help = "Examples:\n  forecourt user number ana@example.com --alzura-id 1234567890\n  \
        forecourt user number ana@example.com")]
    Number {
        /// The user's e-mail address
        email: String,
        /// The number; without it the user has none
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
        alzura_id: Option<i64>,
    },
    /// Switch a user off: every session ends at once
    #[command(after_help = "Examples:\n  forecourt user disable ana@example.com")]
    Disable {
        /// The user's e-mail address
        email: String,
    },
    /// Switch a user on again
    #[command(after_help = "Examples:\n  forecourt user enable ana@example.com")]
    Enable {
        /// The user's e-mail address
        email: String,
    },
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  forecourt user add --email ana@example.com --name \"Ana Ruiz\" --role manager\n  \
    forecourt user add --email jo@example.com --name \"Jo Kern\" --role sales --location berlin --password-stdin < password"
)]
struct Add {
    /// The address they log in with
    #[arg(long)]
    email: String,
    /// Their name, as leads and messages show it
    #[arg(long)]
    name: String,
    /// admin, manager, bdc, sales, service or readonly
    #[arg(long)]
    role: Role,
    /// Codes of the locations they work at, separated by commas; bdc and sales see only these
    #[arg(long = "location", value_name = "CODE", value_delimiter = ',')]
    locations: Vec<String>,
    /// The number that Autengo's partners know them by
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    alzura_id: Option<i64>,
    /// Read the password from the first line of standard input, instead of inventing one
    #[arg(long)]
    password_stdin: bool,
}

/// A password that nobody guesses: 40 random letters and digits would do for all of them; 20 can be typed.
pub fn password(context: &Context) -> String {
    forecourt_crm::access::secret(context, "").chars().take(20).collect()
}

pub async fn run(user: User, output: Output) -> Result<()> {
    let at = user.whose.open().await?;
    let result = match user.command {
        Command::Add(new) => add(&at, new, output).await,
        Command::List => list(&at, output).await,
        Command::Number { email, alzura_id } => number(&at, &email, alzura_id, output).await,
        Command::Disable { email } => activate(&at, &email, false, output).await,
        Command::Enable { email } => activate(&at, &email, true, output).await,
    };
    at.close(result).await
}

async fn add(at: &At, new: Add, output: Output) -> Result<()> {
    let Add { email, name, role, locations, alzura_id, password_stdin } = new;
    let password = if password_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        password(&at.crm.context)
    };
    let user =
        record::User { email, name, role, locations, active: true, shifts: Vec::new(), leave: Vec::new(), alzura_id };
    let made = at.crm.user_add(&at.caller, NewUser { user, password: Some(password.clone()) }).await?;
    let mut shown = shown(&made);
    if !password_stdin {
        shown["password"] = json!(password);
    }
    output.give(&shown, || {
        let email = &made.doc.email;
        if password_stdin {
            format!("{email} can log in.")
        } else {
            format!("{email} logs in with the password {password}\n\nThis is the only time that it is shown.")
        }
    })
}

async fn list(at: &At, output: Output) -> Result<()> {
    let users = at.crm.user_list(&at.caller).await?;
    output.give(&users.iter().map(shown).collect::<Vec<_>>(), || {
        let row = |user: &Document<record::User>| {
            let doc = &user.doc;
            let state = if doc.active { "active" } else { "disabled" };
            let locations = doc.locations.join(",");
            [
                format!("u_{}", user.extra.number),
                doc.email.clone(),
                doc.name.clone(),
                doc.role.as_str().to_owned(),
                locations,
                state.to_owned(),
            ]
        };
        table(["ID", "EMAIL", "NAME", "ROLE", "LOCATIONS", "STATE"], &users.iter().map(row).collect::<Vec<_>>())
    })
}

async fn number(at: &At, email: &str, alzura_id: Option<i64>, output: Output) -> Result<()> {
    let user = at.crm.user_alzura(&at.caller, email, alzura_id).await?;
    output.give(&shown(&user), || match alzura_id {
        Some(number) => format!("{} has the Alzura number {number}.", user.doc.email),
        None => format!("{} has no Alzura number.", user.doc.email),
    })
}

async fn activate(at: &At, email: &str, active: bool, output: Output) -> Result<()> {
    let user = at.crm.user_activate(&at.caller, email, active).await?;
    let state = if active { "can log in again" } else { "is switched off" };
    output.give(&shown(&user), || format!("{} {state}.", user.doc.email))
}

/// A user, without anything about the password.
fn shown(user: &Document<record::User>) -> Value {
    let mut shown = json!({"id": format!("u_{}", user.extra.number)});
    if let (Some(shown), Ok(Value::Object(fields))) = (shown.as_object_mut(), serde_json::to_value(&user.doc)) {
        shown.extend(fields);
    }
    shown
}
