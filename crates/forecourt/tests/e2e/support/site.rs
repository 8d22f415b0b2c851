//! A place with a store, the servers that run over it one after the other or together, and the commands given there.

use std::{
    path::PathBuf,
    process::Output,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use forecourt_store::Location;
use forecourt_testkit::{Backend, Place};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use super::{Server, within};

/// Where a store is. Gone with this value, as are its servers' logs.
pub struct Site {
    pub backend: Backend,
    pub location: Location,
    /// For whatever a story wants to put beside the store.
    pub folder: TempDir,
    servers: AtomicU32,
    _place: Option<Place>,
}

/// What a command came to.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub output: String,
    pub errors: String,
}

impl Site {
    /// An empty place; none when PostgreSQL is not to be had.
    pub async fn on(backend: Backend, name: &str) -> Option<Self> {
        let place = match backend {
            Backend::Sqlite => Place::new(Backend::Sqlite).await?,
            Backend::Postgres => Place::own_database(&format!("forecourt_e2e_{name}")).await?,
        };
        let location = place.location.clone();
        Some(Self { _place: Some(place), ..Self::at(backend, location) })
    }

    /// A place that somebody else made and keeps.
    pub fn at(backend: Backend, location: Location) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { backend, location, folder, servers: AtomicU32::new(0), _place: None }
    }

    /// A command of the binary, not yet told where the store is.
    pub fn bare() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_forecourt"));
        command.kill_on_drop(true);
        command
    }

    /// A command on this store: its words, and where the store is.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Self::bare();
        command.args(words);
        match &self.location {
            Location::Folder(folder) => command.arg("--data").arg(folder),
            Location::Url(url) => command.args(["--database", url]),
        };
        command
    }

    /// Runs a command on this store to its end.
    pub async fn run(&self, words: &[&str]) -> Said {
        said(self.command(words)).await
    }

    /// Runs a command on this store that has to succeed, and gives its answer.
    #[track_caller]
    pub fn json(&self, words: &[&str]) -> impl Future<Output = Value> {
        let words: Vec<String> = words.iter().chain(&["--json"]).map(|word| (*word).to_owned()).collect();
        async move {
            let said = self.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).await;
            said.json()
        }
    }

    /// A command that serves this store on a free port.
    pub fn serving(&self, words: &[&str]) -> Command {
        let mut command = self.command(words);
        command.args(["--json", "--listen", "127.0.0.1:0"]);
        if let Location::Url(_) = self.location {
            command.arg("--state").arg(self.state());
        }
        command
    }

    /// The folder of the little that is not in the store.
    pub fn state(&self) -> PathBuf {
        match &self.location {
            Location::Folder(folder) => folder.clone(),
            Location::Url(_) => self.folder.path().join("state"),
        }
    }

    /// Where the stand-in for WhatsApp writes down what it was given.
    pub fn recording(&self) -> PathBuf {
        self.state().join("sandbox.ndjson")
    }

    /// Starts a server with further options and variables, and does not wait for it to be ready.
    pub async fn start(&self, words: &[&str], variables: &[(&str, &str)]) -> Server {
        let mut command = self.serving(words);
        command.envs(variables.iter().copied());
        let number = self.servers.fetch_add(1, Relaxed);
        Server::greeted(command, &self.folder.path().join(format!("server-{number}.log"))).await
    }

    /// `forecourt serve` with further options, ready.
    pub async fn serve(&self, options: &[&str]) -> Server {
        let server = self.start(&[&["serve"], options].concat(), &[]).await;
        server.ready().await;
        server
    }

    /// `forecourt demo` with further options, ready.
    pub async fn demo(&self, options: &[&str]) -> Server {
        let server = self.start(&[&["demo"], options].concat(), &[]).await;
        server.ready().await;
        server
    }

    /// Makes an empty dealership, and gives what the demo says of it.
    pub async fn dealership(&self) -> Value {
        let server = self.demo(&["--empty"]).await;
        let greeting = server.greeting.clone();
        server.stop().await;
        greeting
    }

    /// Ends a story: no server complained of anything but what the story provoked.
    ///
    /// # Panics
    /// With every other warning and error.
    pub fn finish(&self, provoked: &[&str]) {
        let mut complaints = Vec::new();
        for number in 0..self.servers.load(Relaxed) {
            let log = std::fs::read_to_string(self.folder.path().join(format!("server-{number}.log")));
            let log = log.expect("the log is there");
            let unexpected =
                log.lines().filter(|line| complains(line) && !provoked.iter().any(|one| line.contains(one)));
            complaints.extend(unexpected.map(|line| format!("server {number}: {line}")));
        }
        assert!(complaints.is_empty(), "unexpected in the log:\n{}", complaints.join("\n"));
    }
}

/// Whether a line of the log is a warning, an error or the trace of a panic.
fn complains(line: &str) -> bool {
    matches!(line.split_whitespace().nth(1), Some("WARN" | "ERROR")) || line.contains("panicked at")
}

/// Runs a command to its end.
pub async fn said(mut command: Command) -> Said {
    let what = format!("{:?}", command.as_std());
    let output = within(&what, command.output()).await.expect("the binary starts");
    let Output { status, stdout, stderr } = output;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("commands speak UTF-8");
    Said { code: status.code(), output: text(stdout), errors: text(stderr) }
}

impl Said {
    /// The answer in JSON of a command that succeeded.
    #[track_caller]
    pub fn json(self) -> Value {
        assert_eq!(self.code, Some(0), "{}{}", self.output, self.errors);
        serde_json::from_str(&self.output)
            .unwrap_or_else(|_| panic!("the answer is not one JSON value: {}", self.output))
    }

    /// What a command said that had to fail in this way.
    #[track_caller]
    pub fn failure(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.output, self.errors);
        self.errors
    }
}

#[test]
fn complaints_are_told_from_notes() {
    for (line, expected) in [
        ("2026-11-21T06:42:13.120Z  WARN forecourt_store: slow", true),
        ("2026-11-21T06:42:13.120Z ERROR forecourt_api: no", true),
        ("2026-11-21T06:42:13.120Z  INFO forecourt: an ERROR in words", false),
        ("thread 'main' panicked at src/main.rs:1:1:", true),
        ("", false),
    ] {
        assert_eq!(complains(line), expected, "{line}");
    }
}
