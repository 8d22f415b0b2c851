//! The layers below the flags: the environment, and one TOML file.

use std::{ffi::OsString, fs, path::Path, path::PathBuf};

use clap::{CommandFactory as _, Parser};
use forecourt_record::shape::nearest;

use super::Options;
use crate::failure::{Failure, Result, sentence};

/// How the variables of this program begin.
const PREFIX: &str = "FORECOURT_";
/// Those that name the file, and those that are for tests only.
const FILE: &str = "CONFIG";
const OTHERS: [&str; 2] = ["TEST_", "CRASH_"];

/// What the environment says.
#[derive(Debug, Default)]
pub struct Environment {
    pub options: Options,
    pub file: Option<PathBuf>,
}

/// Options alone, as a command line: a variable is read like the flag of its name.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct Line {
    #[command(flatten)]
    options: Options,
}

/// Reads the variables of this program. An empty one says nothing.
pub fn environment(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Environment> {
    let command = Line::command();
    let known: Vec<String> = command.get_arguments().map(|option| option.get_id().as_str().to_uppercase()).collect();
    let mut read = Environment::default();
    for (name, value) in variables {
        let Some(name) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        if value.is_empty() || OTHERS.iter().any(|other| name.starts_with(other)) {
            continue;
        }
        if name == FILE {
            read.file = Some(value.into());
            continue;
        }
        if !known.iter().any(|known| known == name) {
            let known = known.iter().map(String::as_str).chain([FILE]);
            let hint = nearest(name, known).map(|near| format!("; did you mean {PREFIX}{near}?")).unwrap_or_default();
            return Err(Failure::usage(sentence(&format!("{PREFIX}{name} is not an option{hint}"))));
        }
        let mut argument = OsString::from(format!("--{}=", name.to_lowercase().replace('_', "-")));
        argument.push(value);
        let line = Line::try_parse_from([argument]).map_err(|error| wrong(name, &error))?;
        read.options = line.options.over_both(read.options);
    }
    Ok(read)
}

impl Options {
    /// As `over`, for options of one layer: a folder and a database contradict each other there, and both are kept.
    fn over_both(self, others: Self) -> Self {
        let (data, database) = (others.data.clone(), others.database.clone());
        let mut options = self.over(others);
        options.data = options.data.or(data);
        options.database = options.database.or(database);
        options
    }
}

fn wrong(name: &str, error: &clap::Error) -> Failure {
    let text = error.to_string();
    let said = text.lines().next().unwrap_or_default();
    Failure::usage(format!("{PREFIX}{name}: {}", sentence(said.strip_prefix("error: ").unwrap_or(said))))
}

/// Reads a file. Errors: an unknown key, by name and line.
pub fn file(path: &Path) -> Result<Options> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{} cannot be read: {error}.", path.display())))?;
    parse(&text)
        .map_err(|(line, message)| Failure::usage(format!("{}, line {line}: {}", path.display(), sentence(&message))))
}

/// The options in a text of TOML; else the line and what is wrong there.
pub fn parse(text: &str) -> Result<Options, (usize, String)> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        (before.matches('\n').count() + 1, error.message().replace('\n', ", "))
    })
}
