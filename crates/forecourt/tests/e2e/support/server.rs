//! A server of the real binary: started, asked, told to stop, killed.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use super::{
    client::{Answer, Broken, Connection, Request, get},
    until, within,
};

/// A running server. It dies with this value.
pub struct Server {
    child: Child,
    /// What it says first: its address, and a demo's credentials.
    pub greeting: Value,
    pub address: SocketAddr,
    log: PathBuf,
    // Open for as long as the server lives: it may have more to say.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts a server and waits for its greeting. It listens then, and may not be ready yet.
    pub async fn greeted(mut command: Command, log: &Path) -> Self {
        let said = std::fs::File::create(log).expect("a log file");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(said)
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let mut output = BufReader::new(child.stdout.take().expect("its output is ours")).lines();
        let line = within("a server's greeting", output.next_line()).await.expect("its output can be read");
        let Some(line) = line else { panic!("the server ended without a word; its log:\n{}", text(log)) };
        let greeting: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("the greeting is not JSON: {line}"));
        let url = greeting["url"].as_str().expect("the greeting tells the address");
        let address = url.strip_prefix("http://").and_then(|rest| rest.parse().ok()).expect("it is an http address");
        Self { child, greeting, address, log: log.to_owned(), _output: output }
    }

    /// A connection of its own for one request; an error when the server does not answer.
    pub async fn try_send(&self, request: &Request) -> Result<Answer, Broken> {
        send(self.address, request).await
    }

    /// The same, of a server that is there.
    ///
    /// # Panics
    /// When it does not answer, with its log.
    pub async fn send(&self, request: &Request) -> Answer {
        self.try_send(request).await.unwrap_or_else(|error| panic!("no answer: {error}; the log:\n{}", self.log()))
    }

    /// Waits until it is ready to serve.
    pub async fn ready(&self) {
        Self::ready_at(self.address).await;
    }

    /// Waits until whoever listens there is ready to serve.
    pub async fn ready_at(address: SocketAddr) {
        until("a server to be ready", async || {
            let answer = send(address, &get("/health/ready")).await.ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
    }

    /// Its memory of what it did.
    pub fn log(&self) -> String {
        text(&self.log)
    }

    /// Kills it as kill -9 does, and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it can be killed");
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        within("a server to end", self.child.wait()).await.expect("it can be waited for")
    }

    /// Asks it to stop, as an operator would.
    pub async fn tell_to_stop(&self) {
        let id = self.child.id().expect("it runs").to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(told.is_ok_and(|status| status.success()), "it could not be told to stop");
    }

    /// Asks it to stop; it has to end well.
    pub async fn stop(mut self) {
        self.tell_to_stop().await;
        let status = self.ended().await;
        assert!(status.success(), "the server ended with {status}; its log:\n{}", self.log());
    }
}

async fn send(address: SocketAddr, request: &Request) -> Result<Answer, Broken> {
    Connection::open(address).await?.send(request).await
}

fn text(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}
